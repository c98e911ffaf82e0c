"""A small story to fold: wheelchairs are lent and come back, notices go to several facilities.

Its facts are known to these tests only; they are taken out of the register of the ledger's facts.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

import psycopg

from domain.kernel import FACTS, Fact, Recorded, fact
from domain.money import minor_units
from facilities.database import Database, Role
from projections.kernel import Key, Measure, Minor, ReadModel, Summary
from projections.queries import page
from projections.runner import Runner
from tests.projections.oracle import Told

NORTH, SOUTH, EAST = (UUID(int=number) for number in (1, 2, 3))
FACILITIES = (NORTH, SOUTH, EAST)
BEGAN = datetime(2026, 3, 14, 15, 0, tzinfo=UTC)
SOMEONE = UUID(int=99)


def chair(number: int) -> UUID:
    return uuid5(UUID(int=7), f"chair {number}")


# --- facts ---------------------------------------------------------------------------------------


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


@dataclass(frozen=True, slots=True, kw_only=True)
class Strap:
    """A part of a wheelchair, for what goes in a document."""

    place: str
    width: Decimal
    checked_on: date | None


@fact("trial.lent", effective="lent_on")
class Lent(Fact):
    chair_id: UUID
    facility_id: UUID
    size: Size
    currency: str
    deposit: Decimal
    lent_on: date
    straps: tuple[Strap, ...] = ()
    remark: str | None = None


@fact("trial.deposit_raised")
class DepositRaised(Fact):
    chair_id: UUID
    facility_id: UUID
    currency: str
    by: Decimal


@fact("trial.returned")
class Returned(Fact):
    chair_id: UUID
    facility_id: UUID
    currency: str
    deposit: Decimal


@fact("trial.noticed")
class Noticed(Fact):
    notice: str
    facility_ids: tuple[UUID, ...]


@fact("trial.withdrawn")
class Withdrawn(Fact):
    notice: str
    facility_ids: tuple[UUID, ...]


@fact("trial.unrelated")
class Unrelated(Fact):
    """Something no model looks at."""


for _name in [each for each in FACTS if each.startswith("trial.")]:
    del FACTS[_name]


# --- models --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    facility_id: UUID
    chair_id: UUID
    size: Size
    currency: str
    deposit: Minor
    raised: int
    lent_on: date
    heard_at: datetime
    weight: Decimal | None
    firm: bool
    remark: str | None
    straps: tuple[Strap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposits:
    facility_id: UUID
    currency: str
    loans: Measure
    held: Minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    facility_id: UUID
    notice: str
    told: int
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    notice: str
    facilities: int


def loans_model(name: str = "open_loans", *, newest_first: bool = False) -> ReadModel[Loan]:
    """A list with a column of every kind. A chair lent again before it is back begins anew."""
    model = ReadModel(
        name, row=Loan, key="chair_id", order="lent_on", desk="lenders", newest_first=newest_first
    )

    @model.on(Lent)
    def lent(row: Loan | None, event: Recorded[Lent]) -> Loan | None:
        fact = event.fact
        return Loan(
            facility_id=fact.facility_id,
            chair_id=fact.chair_id,
            size=fact.size,
            currency=fact.currency,
            deposit=minor_units(fact.deposit, fact.currency),
            raised=0,
            lent_on=fact.lent_on,
            heard_at=event.recorded_at,
            weight=fact.deposit if fact.size is Size.LARGE else None,
            firm=fact.size is Size.SMALL,
            remark=fact.remark,
            straps=fact.straps,
        )

    @model.on(DepositRaised)
    def raised(row: Loan | None, event: Recorded[DepositRaised]) -> Loan | None:
        if row is None:
            return None
        by = minor_units(event.fact.by, row.currency)
        return replace(row, deposit=row.deposit + by, raised=row.raised + 1) if by else row

    @model.on(Returned)
    def returned(row: Loan | None, event: Recorded[Returned]) -> Loan | None:
        return None

    return model


def deposits_model(name: str = "deposits", *, grain: int = 1) -> Summary[Deposits]:
    """A summary: what is held of patients' money."""
    model = Summary(
        name,
        row=Deposits,
        dimensions=("facility_id", "currency"),
        desk="cashiers",
        grain=grain,
    )

    @model.on(Lent)
    def lent(row: Deposits, event: Recorded[Lent]) -> Deposits:
        held = row.held + minor_units(event.fact.deposit, row.currency)
        return replace(row, loans=row.loans + 1, held=held)

    @model.on(DepositRaised)
    def raised(row: Deposits, event: Recorded[DepositRaised]) -> Deposits:
        return replace(row, held=row.held + minor_units(event.fact.by, row.currency))

    @model.on(Returned)
    def returned(row: Deposits, event: Recorded[Returned]) -> Deposits:
        held = row.held - minor_units(event.fact.deposit, row.currency)
        return replace(row, loans=row.loans - 1, held=held)

    return model


def _everywhere(event: Recorded[Any]) -> list[Key]:
    return [(each, event.fact.notice) for each in event.fact.facility_ids]


def notices_model(name: str = "notices") -> ReadModel[Notice]:
    """One fact, a row in each facility it names; two folds for one fact."""
    model = ReadModel(
        name,
        row=Notice,
        key=("facility_id", "notice"),
        order="since",
        newest_first=True,
        desk="porters",
    )

    @model.on(Noticed, key=_everywhere, key_aware=True)
    def noticed(row: Notice | None, event: Recorded[Noticed], key: Key) -> Notice | None:
        if row is None:
            return Notice(facility_id=key[0], notice=key[1], told=0, since=event.position)
        return row

    @model.on(Noticed, key=_everywhere)
    def counted(row: Notice | None, event: Recorded[Noticed]) -> Notice | None:
        return None if row is None else replace(row, told=row.told + 1)

    @model.on(Withdrawn, key=_everywhere)
    def withdrawn(row: Notice | None, event: Recorded[Withdrawn]) -> Notice | None:
        return None

    return model


def heard_model(name: str = "heard") -> ReadModel[Heard]:
    """A model of the whole system: its rows belong to no facility."""
    model = ReadModel(name, row=Heard, key="notice", desk="the administrator")

    @model.on(Noticed)
    def noticed(row: Heard | None, event: Recorded[Noticed]) -> Heard | None:
        return Heard(notice=event.fact.notice, facilities=len(event.fact.facility_ids))

    return model


def all_models() -> list[ReadModel[Any]]:
    return [loans_model(), deposits_model(), notices_model(), heard_model()]


# --- the ledger, in memory -----------------------------------------------------------------------


class Story(Told):
    """A ledger of facts in memory: what the runner reads. Positions have gaps, as real ones do."""

    events: list[Recorded[Any]]

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        super().__init__([])
        self._positions = itertools.count(1)
        self.tell(*facts)

    def tell(self, *facts: Fact) -> int:
        """Append facts; the position of the last one."""
        for each in facts:
            position = next(self._positions)
            if position % 5 == 0:
                position = next(self._positions)
            self.events.append(
                Recorded(
                    fact=each,
                    position=position,
                    stream_id=SOMEONE,
                    version=position,
                    facility_id=getattr(each, "facility_id", None),
                    effective_at=BEGAN,
                    recorded_at=BEGAN + timedelta(seconds=position),
                    actor="test",
                    role="service",
                    command_id=SOMEONE,
                    correlation_id=SOMEONE,
                    causation_id=None,
                    reason=None,
                    source=None,
                )
            )
        return self.head()


def lent(number: int, facility: UUID = NORTH, **differing: Any) -> Lent:
    given: dict[str, Any] = {
        "size": Size.SMALL,
        "currency": "USD",
        "deposit": Decimal("12.30"),
        "lent_on": date(2026, 1, 1) + timedelta(days=number % 20),
        **differing,
    }
    return Lent(chair_id=chair(number), facility_id=facility, **given)


def raised(number: int, by: str = "1.00", facility: UUID = NORTH) -> DepositRaised:
    return DepositRaised(
        chair_id=chair(number), facility_id=facility, currency="USD", by=Decimal(by)
    )


def returned(number: int, facility: UUID = NORTH, deposit: str = "12.30") -> Returned:
    return Returned(
        chair_id=chair(number), facility_id=facility, currency="USD", deposit=Decimal(deposit)
    )


# --- the runner, on the test's database ----------------------------------------------------------


def projector(database: Database) -> Callable[[], psycopg.Connection[Any]]:
    return lambda: database.connect(Role.PROJECTOR)


def folded(
    database: Database, story: Story, models: Sequence[ReadModel[Any]], **settings: Any
) -> None:
    """Everything that was told, folded by a runner that then leaves."""
    with Runner(projector(database), story, models, **settings) as runner:
        runner.run_until(story.head(), timeout=30)


def rows_of(connection: psycopg.Connection[Any], table: str) -> list[str]:
    """A table as PostgreSQL prints it, in one order, to someone who may see all of it."""
    with connection.transaction():
        connection.execute("SELECT set_config('almoner.facilities', 'all', true)")
        found = connection.execute(
            f'SELECT t::text FROM models.{table} AS t ORDER BY t::text COLLATE "C"'
        )
        return [each[0] for each in found]


def as_folded(
    connection: psycopg.Connection[Any], model: ReadModel[Any], as_of: int | None = None
) -> dict[Key, Any]:
    """A model's rows by key as a reader finds them, to compare with a refold."""
    found = page(connection, model, scope=None, limit=10_000, as_of=as_of)
    assert found.next_cursor is None
    rows = [model.row_of(each) for each in found.rows]
    by_key = {model.key_of(each): each for each in rows}
    assert len(by_key) == len(rows)
    return by_key


def tables_of(connection: psycopg.Connection[Any], model: ReadModel[Any]) -> list[list[str]]:
    """Both tables of a model."""
    return [rows_of(connection, model.name), rows_of(connection, f"{model.name}_history")]
