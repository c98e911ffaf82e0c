"""The story of a payer's contract: terms are agreed, version after version, and fees are scheduled.

What is in force on the day of a service applies to it, whatever was agreed later.
`ContractStanding` is what other streams may know of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.kernel import Fact, Standing, fact, foreign_id


class ClockStart(StrEnum):
    """From which day a payer counts the time a claim may be filed in."""

    SERVICE = "service"
    SERVICE_THROUGH = "service_through"


class LimitUnit(StrEnum):
    """What a time limit is counted in."""

    DAYS = "days"
    CALENDAR_YEARS = "calendar_years"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingLimit:
    """Until when a claim may be filed: so many days or calendar years from a day on."""

    count: int
    unit: LimitUnit = LimitUnit.DAYS
    starts: ClockStart = ClockStart.SERVICE_THROUGH

    def last_day(self, service_on: date, service_through: date | None) -> date:
        """The last day on which a claim may be filed.

        A year after the 29 February ends on the 28th (CMS Pub. 100-04, chapter 1, section 70.1).
        """
        through = service_through or service_on
        start = through if self.starts is ClockStart.SERVICE_THROUGH else service_on
        if self.unit is LimitUnit.DAYS:
            return start + timedelta(days=self.count)
        day = 28 if (start.month, start.day) == (2, 29) else start.day
        return start.replace(year=start.year + self.count, day=day)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealLevel:
    """One level of appeal: what it is called, and within how many days of the decision before."""

    name: str
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractTerms:
    """What was agreed with a payer beside its fees.

    `appeals` are in their order. `authorization_for` are procedures that need a prior
    authorization: a code, or its beginning followed by ``*``. A line is underpaid where the payer
    allowed less than scheduled by more than `tolerance`. `rules_off` are rules of the scrubber that
    this payer does not ask for. `source` is where it is written down.
    """

    filing: FilingLimit
    appeals: tuple[AppealLevel, ...] = ()
    authorization_for: tuple[str, ...] = ()
    tolerance: Decimal = Decimal("0.00")
    rules_off: tuple[str, ...] = ()
    source: str | None = None

    def needs_authorization(self, procedure: str) -> bool:
        """Whether a procedure is one that has to be asked for before."""
        return any(
            procedure.startswith(each[:-1]) if each.endswith("*") else procedure == each
            for each in self.authorization_for
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """What a payer allows for one unit of a procedure, with a modifier where that has its own."""

    procedure: str
    amount: Decimal
    modifier: str | None = None


MEDICARE_TERMS = ContractTerms(
    filing=FilingLimit(count=1, unit=LimitUnit.CALENDAR_YEARS, starts=ClockStart.SERVICE_THROUGH),
    appeals=(
        AppealLevel(name="redetermination", days=120),
        AppealLevel(name="reconsideration", days=180),
        AppealLevel(name="hearing", days=60),
        AppealLevel(name="Medicare Appeals Council", days=60),
        AppealLevel(name="judicial review", days=60),
    ),
    source="42 CFR 424.44; 42 CFR 405.942, 405.962, 405.1014, 405.1102, 405.1130",
)
"""Medicare's own terms, which hold where nothing else is agreed with it."""


def contract_of(payer_id: UUID) -> UUID:
    """The stream of the contract with a payer: there is one, with many versions."""
    return foreign_id("payer_contract", payer_id)


class OfPayer:
    """What is wanted of the contract with a payer."""

    __slots__ = ()
    payer_id: UUID

    @property
    def contract_id(self) -> UUID:
        return contract_of(self.payer_id)


# --- facts -------------------------------------------------------------------------------------


@fact("payer_contract.terms_agreed", effective="valid_from")
class ContractTermsAgreed(Fact):
    """Another version of the terms is agreed, in force from a day on.

    A later version from the same day on takes the place of the one before.
    """

    contract_id: UUID
    payer_id: UUID
    version: int
    terms: ContractTerms
    valid_from: date


@fact("payer_contract.fees_listed")
class FeesListed(Fact):
    """Fees are put on a schedule that is not published yet; a long schedule comes in parts.

    `listed` is how many the schedule has then.
    """

    contract_id: UUID
    payer_id: UUID
    schedule: str
    currency: str
    fees: tuple[Fee, ...]
    listed: int


@fact("payer_contract.fee_schedule_published", effective="valid_from")
class FeeSchedulePublished(Fact):
    """A schedule is complete and in force from a day on; nothing is added to it any more."""

    contract_id: UUID
    payer_id: UUID
    schedule: str
    fees: int
    valid_from: date


ContractFact = ContractTermsAgreed | FeesListed | FeeSchedulePublished


# --- what others may know ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsVersion:
    """A version of the terms, and since when it is in force."""

    version: int
    valid_from: date
    terms: ContractTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeSchedule:
    """Fees of a schedule by procedure and modifier; in force since `valid_from` once published."""

    name: str
    currency: str
    valid_from: date | None = None
    fees: Mapping[tuple[str, str | None], Decimal] = field(default_factory=dict)

    def allows(self, procedure: str, modifiers: tuple[str, ...]) -> Decimal | None:
        """What is allowed for one unit: by the first modifier that has a fee of its own."""
        for each in (*modifiers, None):
            if (procedure, each) in self.fees:
                return self.fees[procedure, each]
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractStanding(Standing):
    """What is agreed with a payer, and since when."""

    versions: tuple[TermsVersion, ...] = ()
    schedules: tuple[FeeSchedule, ...] = ()

    def terms_on(self, day: date) -> TermsVersion | None:
        """The version of the terms that was in force on a day."""
        return max(
            (each for each in self.versions if each.valid_from <= day),
            key=lambda each: (each.valid_from, each.version),
            default=None,
        )

    def fees_on(self, day: date) -> FeeSchedule | None:
        """The schedule that was in force on a day."""
        begun = [
            (each.valid_from, number, each)
            for number, each in enumerate(self.schedules)
            if each.valid_from is not None and each.valid_from <= day
        ]
        return max(begun)[2] if begun else None
