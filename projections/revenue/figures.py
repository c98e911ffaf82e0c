"""The figures a revenue cycle is run by, each with its accepted formula and what it is made of.

A figure is a numerator, a denominator and, where both are given, their quotient. Its definition has
a version: a formula that changes is another version, so that figures are compared with their like.
Where a formula leaves a choice it is told in the definition, and is our own (c).

What the numerator and the denominator are added up from is named as lists with filters (`Traced`):
whoever asks for the rows of these, and adds up one column, comes to the same amounts.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

OLD = 90
"""From how many days on what is owed is old (HFMA MAP: A/R over 90 days)."""

Span = Literal["month", "quarter", "until"]
"""Which days count: the month's, those of three months to its end, or all to its end."""


@dataclass(frozen=True, slots=True)
class Month:
    """A month, and the days that figures of it look at."""

    first: date

    @classmethod
    def of(cls, text: str) -> Month:
        """The month of a text such as ``2026-03``."""
        return cls(date.fromisoformat(f"{text}-01"))

    @property
    def last(self) -> date:
        days = monthrange(self.first.year, self.first.month)[1]
        return self.first.replace(day=days)

    @property
    def two_before(self) -> date:
        """The first day of the three months that end with it (HFMA MAP: three months' average)."""
        year, month = divmod(self.first.year * 12 + self.first.month - 3, 12)
        return date(year, month + 1, 1)

    @property
    def days_of_quarter(self) -> int:
        return (self.last - self.two_before).days + 1

    def days(self, span: Span) -> tuple[date | None, date]:
        """The first and the last day of a span."""
        first = {"month": self.first, "quarter": self.two_before, "until": None}[span]
        return first, self.last

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


@dataclass(slots=True)
class Components:
    """What figures are worked out from, added up over some facilities and payers.

    Money is in minor units. `month`, `quarter` and `until` are sums of `payer_months`, `aged` what
    `projections.revenue.aging` tells for the month's last day.
    """

    month: Counter[str] = field(default_factory=Counter)
    quarter: Counter[str] = field(default_factory=Counter)
    until: Counter[str] = field(default_factory=Counter)
    aged: Counter[str] = field(default_factory=Counter)

    def add(self, other: Components) -> None:
        for name in ("month", "quarter", "until", "aged"):
            own: Counter[str] = getattr(self, name)
            for each, amount in getattr(other, name).items():
                own[each] += amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """Rows of a list, and the column whose sum they come to; without one they are counted.

    `days` is the column whose days are the span's; `more` are further filters, and may depend on
    the month. `negated` where what the column tells is taken off.
    """

    route: str
    column: str | None = None
    negated: bool = False
    days: str | None = None
    span: Span = "month"
    filters: Mapping[str, str] = field(default_factory=dict)
    more: Callable[[Month], Mapping[str, str]] = lambda _month: {}

    def asked(self, month: Month) -> dict[str, str]:
        """The filters for a month."""
        asked = dict(self.filters)
        if self.days is not None:
            first, last = month.days(self.span)
            if first is not None:
                asked[f"{self.days}_from"] = first.isoformat()
            asked[f"{self.days}_to"] = last.isoformat()
        return {**asked, **self.more(month)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A figure's definition. `average` is set where the denominator is a day's average: the figure
    is then a number of days, and the denominator is told for `days` of them."""

    name: str
    version: int
    formula: str
    source: str
    numerator: Callable[[Components], int]
    denominator: Callable[[Components], int]
    numerator_is_money: bool
    denominator_is_money: bool
    average: bool = False
    numerator_of: tuple[Traced, ...] = ()
    denominator_of: tuple[Traced, ...] = ()

    def value(self, made_of: Components, month: Month) -> Decimal | None:
        """The quotient, to four decimal places (days: one); None where the denominator is zero."""
        over, under = self.numerator(made_of), self.denominator(made_of)
        if not under:
            return None
        days = month.days_of_quarter if self.average else 1
        counts_days = self.average or self.name == "days_to_pay"
        places = Decimal("0.1") if counts_days else Decimal("0.0001")
        return (Decimal(over) * days / under).quantize(places, ROUND_HALF_EVEN)


def _entries(figure: str, span: Span, *, negated: bool) -> Traced:
    return Traced(
        route="claim-entries",
        column="change",
        negated=negated,
        days="effective_on",
        span=span,
        filters={"figure": figure},
    )


def _decisions(column: str | None = None, **filters: str) -> Traced:
    return Traced(
        route="adjudications",
        column=column,
        days="adjudicated_on",
        filters={"adjudication": "1", **filters},
    )


def _scrubbed(**filters: str) -> Traced:
    return Traced(route="scrubbed-claims", days="first_scrubbed_on", filters=filters)


def _aged(older_than: int) -> Traced:
    def asked(month: Month) -> dict[str, str]:
        return {"on": month.last.isoformat(), "older_than": str(older_than)}

    return Traced(route="aged-claims", column="owed", more=asked)


def _unbilled_then(month: Month) -> dict[str, str]:
    return {
        "service_through_to": month.last.isoformat(),
        "unbilled_until_from": (month.last + timedelta(days=1)).isoformat(),
    }


def _unbilled_still(month: Month) -> dict[str, str]:
    return {"service_through_to": month.last.isoformat()}


_NET_REVENUE = (
    _entries("charges", "quarter", negated=False),
    _entries("contractual_adjustments", "quarter", negated=False),
)

DEFINITIONS = (
    Definition(
        name="net_days_in_ar",
        version=1,
        formula="balance of all claims at the month's end / average daily (charges - contractual "
        "adjustments) of the three months that end with it",
        source="HFMA MAP: net days in accounts receivable; the balance includes credits (c)",
        numerator=lambda of: of.until["balance"],
        denominator=lambda of: of.quarter["charges"] - of.quarter["contractual"],
        numerator_is_money=True,
        denominator_is_money=True,
        average=True,
        numerator_of=(
            Traced(route="claim-entries", column="change", days="effective_on", span="until"),
        ),
        denominator_of=_NET_REVENUE,
    ),
    Definition(
        name="ar_over_90_days",
        version=1,
        formula="owed at the month's end on claims billed more than 90 days before / owed then on "
        "all billed claims",
        source="HFMA MAP: aged A/R as a percentage of billed A/R; age from the first billing, "
        "balances above zero (c)",
        numerator=lambda of: of.aged["to_120"] + of.aged["over_120"],
        denominator=lambda of: of.aged["owed"],
        numerator_is_money=True,
        denominator_is_money=True,
        numerator_of=(_aged(OLD),),
        denominator_of=(_aged(-1),),
    ),
    Definition(
        name="clean_claim_rate",
        version=1,
        formula="claims that passed all rules untouched / claims held against the rules for the "
        "first time in the month",
        source="HFMA MAP: clean claim rate",
        numerator=lambda of: of.month["clean_claims"],
        denominator=lambda of: of.month["scrubbed_claims"],
        numerator_is_money=False,
        denominator_is_money=False,
        numerator_of=(_scrubbed(clean_at_first="true"),),
        denominator_of=(_scrubbed(),),
    ),
    Definition(
        name="initial_denial_rate",
        version=1,
        formula="claims denied something on their first adjudication / claims adjudicated for the "
        "first time in the month",
        source="HFMA MAP: initial denial rate; denied by group and reason (X12 RFI 1423)",
        numerator=lambda of: of.month["denied_claims"],
        denominator=lambda of: of.month["decided_claims"],
        numerator_is_money=False,
        denominator_is_money=False,
        numerator_of=(_decisions(outcome="denied"), _decisions(outcome="partially_paid")),
        denominator_of=(_decisions(),),
    ),
    Definition(
        name="initial_denial_rate_by_dollars",
        version=1,
        formula="denied on first adjudications / charged on the claims adjudicated for the first "
        "time in the month",
        source="HFMA MAP: initial denial rate, by dollars",
        numerator=lambda of: of.month["denied"],
        denominator=lambda of: of.month["decided"],
        numerator_is_money=True,
        denominator_is_money=True,
        numerator_of=(_decisions("denied"),),
        denominator_of=(_decisions("charge"),),
    ),
    Definition(
        name="net_collection_rate",
        version=1,
        formula="payments less refunds / (charges - contractual adjustments) of the month",
        source="HFMA: net collection rate; group CO for a reason that prices is contractual (c)",
        numerator=lambda of: of.month["payments"],
        denominator=lambda of: of.month["charges"] - of.month["contractual"],
        numerator_is_money=True,
        denominator_is_money=True,
        numerator_of=(_entries("payments", "month", negated=True),),
        denominator_of=(
            _entries("charges", "month", negated=False),
            _entries("contractual_adjustments", "month", negated=False),
        ),
    ),
    Definition(
        name="dnfb_days",
        version=1,
        formula="charges of claims whose care was over at the month's end and that were not billed "
        "by then / average daily charges of the three months that end with it",
        source="HFMA MAP: days in discharged not final billed",
        numerator=lambda of: of.aged["unbilled"],
        denominator=lambda of: of.quarter["charges"],
        numerator_is_money=True,
        denominator_is_money=True,
        average=True,
        numerator_of=(
            Traced(route="claim-receivables", column="charges", more=_unbilled_then),
            Traced(route="unbilled-claims", column="charges", more=_unbilled_still),
        ),
        denominator_of=(_entries("charges", "quarter", negated=False),),
    ),
    Definition(
        name="days_to_pay",
        version=1,
        formula="days from sending to the first decision / first decisions of the month that paid "
        "something",
        source="our own (c)",
        numerator=lambda of: of.month["days_to_pay"],
        denominator=lambda of: of.month["paid_claims"],
        numerator_is_money=False,
        denominator_is_money=False,
        numerator_of=(_decisions("days", pays="true"),),
        denominator_of=(_decisions(pays="true", days_from="-100000"),),
    ),
)
"""Every figure there is, in the order they are told in."""
