"""The figures of revenue for a month: by payer or facility, as known now and as known then.

"Then" is when a facility's books of the month were closed: its figures are those of the ledger up
to the closing (`closed_months`), whatever has been recorded since. Money of two currencies is never
added. Each figure names what its numerator and its denominator are made of, as addresses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import flask
from flask_smorest import Blueprint

from domain.money import decimal_text
from domain.revenue.events.claim import SELF_PAY
from projections import queries
from projections.revenue.aging import AMOUNTS, AgedOn, aged
from projections.revenue.figures import DEFINITIONS, Components, Definition, Month, Traced
from projections.revenue.months import ClosedMonth, closed_months
from projections.revenue.payer_months import payer_months
from web import documents
from web.aging import BY, FACILITY, PREFIX, Asked, looks_at
from web.api import serve
from web.doors import Doors
from web.moments import A_MONTH
from web.reading import answered
from web.schemas import Text

Key = tuple[UUID | None, UUID | None, str]
"""The facility and the payer where figures are told apart by them, and the currency."""


class OfMonth(Asked):
    """Which month, and what is told apart."""

    month = Text(required=True, validate=A_MONTH, metadata={"example": "2026-03"})
    by = BY


# --- figures -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Look:
    """Whose figures, of which month, told apart by what."""

    at: Doors
    scope: Sequence[UUID] | None
    month: Month
    by: str | None
    payer_id: UUID | None

    @property
    def facility_id(self) -> UUID | None:
        """The one facility that is looked at."""
        return self.scope[0] if self.scope is not None and len(self.scope) == 1 else None

    @property
    def groups(self) -> tuple[str, ...]:
        return () if self.by is None else (f"{self.by}_id",)

    def found(self, as_of: int | None, scope: Sequence[UUID] | None) -> dict[Key, Components]:
        """What the figures of some facilities are made of, as known at a position (None: now)."""
        made: dict[Key, Components] = {}
        month, filters = self.month, {} if self.payer_id is None else {"payer_id": self.payer_id}
        spans: dict[str, dict[str, Any]] = {
            "month": {"month": month.first},
            "quarter": {"month_from": month.two_before, "month_to": month.first},
            "until": {"month_to": month.first},
        }
        with self.at.pool.connection() as connection:
            for span, days in spans.items():
                rows = queries.total(
                    connection,
                    payer_months,
                    scope=scope,
                    by=(*self.groups, "currency"),
                    filters={**filters, **days},
                    as_of=as_of,
                    ledger=self.at.seen,
                )
                _counted(made, span, rows)
            asked = AgedOn(scope=scope, day=month.last, payer_id=self.payer_id, as_of=as_of)
            _counted(made, "aged", aged(connection, asked, self.groups))
        return _in_one_currency(made)


def _counted(made: dict[Key, Components], span: str, rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        ids = [row.get(each) and UUID(str(row[each])) for each in ("facility_id", "payer_id")]
        components = made.setdefault((ids[0], ids[1], row["currency"]), Components())
        told: Counter[str] = getattr(components, span)
        for name, value in row.items():
            if name in _AMOUNTS or name in AMOUNTS:
                told[name] += _units(value)


_AMOUNTS = frozenset(each.name for each in payer_months.measures)


def _units(value: Any) -> int:
    """Minor units of an amount, or a count as it is."""
    return value if isinstance(value, int) else int(str(value).replace(".", ""))


def _in_one_currency(made: dict[Key, Components]) -> dict[Key, Components]:
    """Counts of months in which no money moved have no currency: they are told with that of the
    money of their facility or payer, where it is one."""
    for key in [each for each in made if not each[2]]:
        others = [each for each in made if each[:2] == key[:2] and each[2]]
        if len(others) == 1:
            made[others[0]].add(made.pop(key))
    return made


def figures_view(asked: dict[str, Any], **path: UUID) -> flask.Response:
    """Every figure of a month, as it is known now and as it was known when the month was closed."""
    at, scope, as_of, position = looks_at(asked, path)
    look = _Look(at, scope, Month.of(asked["month"]), asked.get("by"), asked.get("payer_id"))
    now = look.found(as_of, scope)
    closed = _closed(at, scope, look.month, as_of)
    then: dict[Key, Components] = {}
    for each in closed:
        for key, components in look.found(each.position, [each.facility_id]).items():
            then.setdefault(key, Components()).add(components)
    items = [
        _told(look, definition, key, now.get(key), then.get(key), as_of, closed)
        for key in sorted({*now, *then}, key=str)
        for definition in DEFINITIONS
    ]
    return answered(
        {
            "month": str(look.month),
            "closed": [_closing(each, look, as_of) for each in closed],
            "items": items,
        },
        position,
    )


def _closed(
    at: Doors, scope: Sequence[UUID] | None, month: Month, as_of: int | None
) -> list[ClosedMonth]:
    """The closings of a month by the facilities in scope."""
    with at.pool.connection() as connection:
        page = queries.page(
            connection,
            closed_months,
            scope=scope,
            filters={"month": str(month)},
            limit=queries.LARGEST_PAGE,
            as_of=as_of,
        )
    return [closed_months.row_of(each) for each in page.rows]


def _closing(closed: ClosedMonth, look: _Look, as_of: int | None) -> dict[str, Any]:
    """When a facility's books were closed, where its own figures are told, and what is late."""
    month = look.month
    late = urlencode(
        {
            "effective_on_from": month.first.isoformat(),
            "effective_on_to": month.last.isoformat(),
            "position_from": closed.position + 1,
        }
    )
    told = {
        "by": look.by if look.by != "facility" else None,
        "payer_id": look.payer_id,
        "as_of": as_of,
    }
    own = {"month": str(month), **{name: each for name, each in told.items() if each is not None}}
    whose = f"{PREFIX}/facilities/{closed.facility_id}"
    return {
        "facility_id": str(closed.facility_id),
        "closed_on": closed.closed_on.isoformat(),
        "position": closed.position,
        "late": f"{whose}/claim-entries?{late}",
        "late_steps": f"{whose}/claim-steps?{late}",
        "figures": f"{whose}/figures?{urlencode(own)}",
    }


def _told(
    look: _Look,
    definition: Definition,
    key: Key,
    now: Components | None,
    then: Components | None,
    as_of: int | None,
    closed: Sequence[ClosedMonth],
) -> dict[str, Any]:
    facility_id, payer_id, currency = key
    facility = facility_id or look.facility_id
    payer = payer_id or look.payer_id
    # Facilities close their books one by one: only one facility's "then" is one position.
    closings = [each.position for each in closed if each.facility_id == facility]

    def shown(made_of: Components | None, links: _Links | None) -> dict[str, Any] | None:
        if made_of is None:
            return None
        value = definition.value(made_of, look.month)
        return {
            "numerator": _amount(
                definition.numerator(made_of), currency, money=definition.numerator_is_money
            ),
            "denominator": _amount(
                definition.denominator(made_of), currency, money=definition.denominator_is_money
            ),
            "days": look.month.days_of_quarter if definition.average else None,
            "value": None if value is None else str(value),
            "numerator_of": links.of(definition.numerator_of) if links else [],
            "denominator_of": links.of(definition.denominator_of) if links else [],
        }

    links = _Links(look.month, facility, payer, currency, as_of)
    return {
        "figure": definition.name,
        "definition": definition.version,
        "formula": definition.formula,
        "source": definition.source,
        "facility_id": None if facility is None else str(facility),
        "payer_id": None if payer is None else str(payer),
        "currency": currency,
        "now": shown(now, links),
        "then": shown(then, replace(links, as_of=closings[0]) if closings else None),
    }


def _amount(value: int, currency: str, *, money: bool) -> str | int:
    return decimal_text(value, currency or "USD") if money else value


_IN_A_CURRENCY = frozenset(
    {"aged-claims", "claim-entries", "claim-receivables", "unbilled-claims", "adjudications"}
)
"""The lists that can be filtered by currency."""

_OF_ANY_PAYER = frozenset({"aged-claims", "adjudications"})
"""The lists that call patients who pay for themselves by the nil UUID; the others name no payer."""


@dataclass(frozen=True, slots=True)
class _Links:
    """Makes the addresses of what a figure is made of."""

    month: Month
    facility_id: UUID | None
    payer_id: UUID | None
    currency: str
    as_of: int | None

    def of(self, traced: Iterable[Traced]) -> list[dict[str, Any]]:
        return [self._one(each) for each in traced]

    def _one(self, traced: Traced) -> dict[str, Any]:
        asked = traced.asked(self.month)
        if self.currency and traced.route in _IN_A_CURRENCY:
            asked["currency"] = self.currency
        if self.payer_id == SELF_PAY and traced.route not in _OF_ANY_PAYER:
            asked["payer_id_absent"] = "true"
        elif self.payer_id is not None:
            asked["payer_id"] = str(self.payer_id)
        if self.as_of is not None:
            asked["as_of"] = str(self.as_of)
        whose = "system" if self.facility_id is None else f"facilities/{self.facility_id}"
        return {
            "href": f"{PREFIX}/{whose}/{traced.route}?{urlencode(asked)}",
            "column": traced.column,
            "negated": traced.negated,
        }


# --- routes --------------------------------------------------------------------------------------


def register(desk: Blueprint) -> None:
    """Add the addresses: one for each facility, and that of the system."""
    for whose in (FACILITY, "/system"):
        described = documents.of_view(figures_view, _FIGURES)
        serve(desk, f"{whose}/figures", figures_view, OfMonth(), described)


_POSITION = {"type": "integer", "description": "How far the ledger is told here."}
_ID = {"type": ["string", "null"], "format": "uuid"}
_MONEY = {"type": "string", "description": "Money, in the row's currency."}
_LINKS = {
    "type": "array",
    "description": "The rows it is the sum of: of which column, or their number.",
    "items": {
        "type": "object",
        "properties": {
            "href": {"type": "string"},
            "column": {"type": ["string", "null"]},
            "negated": {"type": "boolean"},
        },
    },
}
_VALUE = {
    "type": ["object", "null"],
    "properties": {
        "numerator": {"type": ["string", "integer"]},
        "denominator": {"type": ["string", "integer"]},
        "days": {"type": ["integer", "null"], "description": "Days the denominator is told for."},
        "value": {"type": ["string", "null"]},
        "numerator_of": _LINKS,
        "denominator_of": _LINKS,
    },
}
_FIGURES = {
    "type": "object",
    "required": ["month", "closed", "items", "position"],
    "properties": {
        "month": {"type": "string"},
        "closed": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "facility_id": {"type": "string", "format": "uuid"},
                    "closed_on": {"type": "string", "format": "date"},
                    "position": {"type": "integer"},
                    "late": {
                        "type": "string",
                        "description": "The entries of money that are late.",
                    },
                    "late_steps": {
                        "type": "string",
                        "description": "What happened to claims beside money, and is late.",
                    },
                    "figures": {
                        "type": "string",
                        "description": "Its own figures: `then` of the system is their sum.",
                    },
                },
            },
        },
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "figure": {"type": "string", "enum": [each.name for each in DEFINITIONS]},
                    "definition": {"type": "integer"},
                    "formula": {"type": "string"},
                    "source": {"type": "string"},
                    "facility_id": _ID,
                    "payer_id": _ID,
                    "currency": {"type": "string"},
                    "now": _VALUE,
                    "then": _VALUE,
                },
            },
        },
        "position": _POSITION,
    },
}
