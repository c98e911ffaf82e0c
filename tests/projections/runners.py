"""Runners at work on a test's database, and what goes wrong with them."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import psycopg

from domain.kernel import Recorded
from facilities.database import Database
from projections.kernel import ReadModel
from projections.leases import LEASES, PRESENT
from projections.runner import Runner
from projections.tables import current_indexes, history_indexes
from tests.projections.story import (
    EAST,
    FACILITIES,
    NORTH,
    SOUTH,
    DepositRaised,
    Lent,
    Loan,
    Noticed,
    Size,
    Story,
    Withdrawn,
    lent,
    loans_model,
    projector,
    raised,
    returned,
)


def some_story() -> Story:
    """Two hundred facts with something for every model."""
    story = Story(
        lent(number, FACILITIES[number % 3], size=Size.SMALL if number % 5 else Size.LARGE)
        for number in range(60)
    )
    for number in range(60):
        story.tell(raised(number, f"{number % 7}.00", FACILITIES[number % 3]))
        if number % 4 == 0:
            story.tell(returned(number, FACILITIES[number % 3]))
        if number % 10 == 0:
            story.tell(Noticed(notice=f"notice {number // 20}", facility_ids=(NORTH, EAST)))
    story.tell(Withdrawn(notice="notice 1", facility_ids=(EAST,)), lent(0), lent(4, SOUTH))
    return story


def forget(database: Database) -> None:
    """A runner that is to fold nothing drops what is there."""
    with Runner(projector(database), Story(), []) as runner:
        runner.run_once()


# --- models that are not like those before -------------------------------------------------------


def breaking_model(broken: list[bool]) -> ReadModel[Loan]:
    """Loans, with a fold that fails at chairs that are raised by 6.66 while it is broken."""
    model = loans_model("breaking")

    @model.on(DepositRaised)
    def breaks(row: Loan | None, event: Recorded[DepositRaised]) -> Loan | None:
        if broken[0] and event.fact.by == Decimal("6.66"):
            raise LookupError(f"deposit of {event.fact.chair_id}, whom nobody may read of")
        return row

    return model


def stricter_model() -> ReadModel[Loan]:
    """Loans, declared anew: remarks are no longer shown."""
    model = loans_model()

    @model.on(Lent)
    def silent(row: Loan | None, event: Recorded[Lent]) -> Loan | None:
        return None if row is None else replace(row, remark=None)

    return model


def indexes_of(reading: psycopg.Connection[Any]) -> set[str]:
    rows = reading.execute(
        """
        SELECT indexname FROM pg_indexes
        WHERE schemaname = 'models' AND tablename <> ALL ('{checkpoints,courses}')
        """
    )
    return {each[0] for each in rows}


def indexes_named(model: ReadModel[Any]) -> Iterable[str]:
    for table, indexes in (
        (model.name, current_indexes(model)),
        (f"{model.name}_history", history_indexes(model)),
    ):
        yield f"{table}_pkey"
        for label, _names in indexes:
            yield f"{table}_{label}"


# --- sessions and services -----------------------------------------------------------------------


def leader_of(database: Database) -> int:
    """The server process of a session that folds."""
    with database.connect(role=None) as login:
        row = login.execute(
            """
            SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
            AND classid = %s AND objid <> %s
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            [LEASES, PRESENT],
        ).fetchone()
    assert row is not None
    return int(row[0])


def end_session(database: Database, process: int) -> None:
    with database.connect(role=None) as login:
        login.execute("SELECT pg_terminate_backend(%s, 5000)", [process])


@contextmanager
def serving(*runners: Runner) -> Iterator[None]:
    """Runners at work in threads of their own."""
    stop = threading.Event()
    threads = [threading.Thread(target=each.run_forever, args=[stop]) for each in runners]
    for each in threads:
        each.start()
    try:
        yield
    finally:
        stop.set()
        for each in threads:
            each.join(timeout=30)
        assert not any(each.is_alive() for each in threads)


def reached(runner: Runner, position: int, timeout: float = 30.0) -> bool:
    """Whether all models get to a position in time; asks now and then."""
    never = threading.Event()
    for _ in range(int(timeout / 0.05)):
        if all(each.position >= position for each in runner.status()):
            return True
        never.wait(0.05)
    return False
