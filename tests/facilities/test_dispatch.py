"""Processes react once to each event, whatever interrupts them: told of bells and whoever comes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from domain.kernel import (
    Aggregate,
    Circumstances,
    Command,
    Decision,
    Fact,
    Recorded,
    Refused,
    command,
    fact,
    foreign_id,
)
from facilities.database import Database, Role
from facilities.dispatch import FAR, Dispatcher, DispatchStatus, statuses
from facilities.ledger import Ledger
from facilities.process import Process
from facilities.service import Service, new_id
from tests.facilities.notes import notes
from tests.facilities.processes_grammar import sees
from tests.facilities.scenes import said_by

# --- the trial's own words ---------------------------------------------------------------------


@fact("trial_bell.rung")
class BellRung(Fact):
    """A bell rang; somebody is to come."""

    bell_id: UUID
    times: int


@fact("trial_visit.paid")
class VisitPaid(Fact):
    """Somebody came."""

    visit_id: UUID
    bell_id: UUID
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bell:
    facility_id: UUID | None = None
    times: int = 0

    def evolve(self, fact: BellRung) -> Bell:
        return replace(self, times=fact.times)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    facility_id: UUID | None = None

    def evolve(self, fact: VisitPaid) -> Visit:
        return self


bell, visit = Aggregate("trial_bell", Bell()), Aggregate("trial_visit", Visit())


@command("bell_id", creates=True)
class Ring(Command):
    """Ring a bell."""

    bell_id: UUID


@command("visit_id", creates=True)
class PayVisit(Command):
    """Come. Nobody comes in time when a bell rings for the third time."""

    visit_id: UUID
    bell_id: UUID
    times: int = 0
    late: bool = False


@bell.decides
def ring(state: Bell, command: Ring, at: Circumstances) -> Decision:
    yield BellRung(bell_id=command.bell_id, times=state.times + 1)


@visit.decides
def pay(state: Visit, command: PayVisit, at: Circumstances) -> Decision:
    if command.times == 3 and not command.late:
        raise Refused("trial_visit.busy", "Nobody is there.")
    yield VisitPaid(visit_id=command.visit_id, bell_id=command.bell_id, late=command.late)


def visit_of(event: Recorded[Any]) -> UUID:
    return foreign_id("trial_rounds", event.stream_id, event.version)


def rounds(name: str = "trial_rounds", *, never_late: bool = False) -> Process:
    """Somebody comes whenever a bell rings."""
    process = Process(name, desk="the wards: whoever rings is looked after")

    @process.on(BellRung)
    def come(event: Recorded[BellRung]) -> Iterator[Command]:
        yield PayVisit(visit_id=visit_of(event), bell_id=event.fact.bell_id, times=event.fact.times)

    if not never_late:

        @process.when_refused(PayVisit)
        def come_late(
            event: Recorded[BellRung], refused: PayVisit, refusal: Refused
        ) -> Iterable[Command]:
            return [replace(refused, late=True)] if refusal.code == "trial_visit.busy" else []

    return process


def broken() -> Process:
    """It falls over a bell that rings for the second time."""
    process = Process("trial_broken", desk="nobody")

    @process.on(BellRung)
    def fall(event: Recorded[BellRung]) -> Iterable[Command]:
        if event.fact.times == 2:
            raise ValueError("the name of a patient")
        return ()

    return process


@pytest.fixture
def dispatching(database: Database, service: Service) -> Iterator[Callable[..., Dispatcher]]:
    """Makes a dispatcher of these processes; all of them are closed in the end."""
    made: list[Dispatcher] = []

    def make(*processes: Process, over: Service = service, **how: Any) -> Dispatcher:
        made.append(
            Dispatcher(
                over,
                Ledger(database.pool(Role.PROJECTOR)),
                lambda: database.connect(Role.APP),
                processes,
                **how,
            )
        )
        return made[-1]

    yield make
    for each in made:
        each.close()


def ringing(service: Service, times: int = 1) -> UUID:
    bell_id = new_id()
    for _ in range(times):
        service.execute(Ring(bell_id=bell_id), said_by())
    return bell_id


def visits(ledger: Ledger) -> list[Recorded[Any]]:
    return [each for each in ledger.read(0, 1_000) if isinstance(each.fact, VisitPaid)]


# --- reacting ----------------------------------------------------------------------------------


def test_what_follows_from_a_fact_is_done_once(
    service: Service, ledger: Ledger, dispatching: Callable[..., Dispatcher]
) -> None:
    ringing(service, 2)
    dispatcher = dispatching(rounds())
    assert [dispatcher.run_once(), dispatcher.run_once()] == [2, 0]
    assert len(visits(ledger)) == 2


def test_it_says_which_command_led_to_it_and_what_it_belongs_to(
    service: Service, ledger: Ledger, dispatching: Callable[..., Dispatcher]
) -> None:
    ringing(service)
    (rung,) = ledger.read(0, 10)
    dispatching(rounds()).run_once()
    (paid,) = visits(ledger)
    assert (paid.causation_id, paid.correlation_id) == (rung.command_id, rung.correlation_id)
    assert (paid.actor, paid.role, paid.source) == (
        "trial_rounds",
        "service",
        "process/trial_rounds",
    )


def test_one_that_was_ended_goes_on_where_it_was(
    service: Service, ledger: Ledger, dispatching: Callable[..., Dispatcher]
) -> None:
    ringing(service)
    first = dispatching(rounds())
    first.run_once()
    first.close()
    ringing(service)
    assert dispatching(rounds()).run_once() == 1
    assert len(visits(ledger)) == 2


def test_one_that_is_killed_before_its_append_reacts_to_the_event_again_and_after_it_does_not(
    database: Database, service: Service, ledger: Ledger, dispatching: Callable[..., Dispatcher]
) -> None:
    class Killed(Exception):
        pass

    class Doomed(Ledger):
        """Its program ends right before an append, or right after it."""

        before = True

        def append(self, *arguments: Any) -> list[int]:
            if self.before:
                raise Killed
            super().append(*arguments)
            raise Killed

    ringing(service)
    with Doomed(database.pool(Role.APP)) as doomed:
        for doomed.before in (True, False):
            dispatcher = dispatching(rounds(), over=Service(doomed), retry_stalled=0.0)
            dispatcher.run_once()
            dispatcher.close()
    assert len(visits(ledger)) == 1
    dispatching(rounds()).run_once()
    assert len(visits(ledger)) == 1


def test_of_two_dispatchers_one_acts_until_it_is_gone(
    service: Service, ledger: Ledger, dispatching: Callable[..., Dispatcher]
) -> None:
    first, second = dispatching(rounds()), dispatching(rounds())
    first.run_once()
    ringing(service)
    assert second.run_once() == 0
    assert first.run_once() == 1
    first.close()
    ringing(service)
    assert second.run_once() == 1
    assert len(visits(ledger)) == 2


def test_one_that_does_not_know_it_was_replaced_does_nothing_twice(
    database: Database, service: Service, ledger: Ledger, dispatching: Callable[..., Dispatcher]
) -> None:
    first, second = dispatching(rounds()), dispatching(rounds())
    first.run_once()
    second._seat.take = lambda: True  # type: ignore[method-assign]  # it believes so
    second._seat._connection = database.connect(Role.APP)
    second.run_once()
    ringing(service)
    assert [second.run_once(), first.run_once()] == [1, 0]
    assert len(visits(ledger)) == 1


def test_events_of_others_are_passed_over_and_now_and_then_that_is_stored(
    database: Database, service: Service, ledger: Ledger, dispatching: Callable[..., Dispatcher]
) -> None:
    stream_id = new_id()
    for first in range(1, FAR + 2, 2_000):
        ledger.append(notes(stream_id, first, 2_000))
    process = rounds()
    dispatching(process).run_once()
    with database.connect(Role.APP) as session:
        (status,) = statuses(session, [process])
    assert status.position == ledger.head()


# --- refusals and errors -------------------------------------------------------------------------


def test_a_refusal_is_answered_by_the_process_in_the_same_append(
    service: Service, ledger: Ledger, dispatching: Callable[..., Dispatcher]
) -> None:
    ringing(service, 3)
    dispatching(rounds()).run_once()
    assert [each.fact.late for each in visits(ledger)] == [False, False, True]


def test_a_refusal_nobody_answers_is_told_and_the_process_goes_on(
    service: Service,
    ledger: Ledger,
    dispatching: Callable[..., Dispatcher],
    caplog: pytest.LogCaptureFixture,
) -> None:
    ringing(service, 4)
    with caplog.at_level(logging.WARNING):
        assert dispatching(rounds(never_late=True)).run_once() == 4
    assert len(visits(ledger)) == 3
    (told,) = [each.getMessage() for each in caplog.records]
    assert "PayVisit" in told
    assert told.endswith("was refused: trial_visit.busy")


def test_an_error_stalls_its_process_alone_and_names_the_event_and_no_person(
    database: Database,
    service: Service,
    ledger: Ledger,
    dispatching: Callable[..., Dispatcher],
    caplog: pytest.LogCaptureFixture,
) -> None:
    ringing(service, 3)
    processes = [broken(), rounds()]
    dispatching(*processes).run_once()
    assert len(visits(ledger)) == 3
    with database.connect(Role.APP) as session:
        found = statuses(session, processes)
    assert found == [
        DispatchStatus(
            name="trial_broken",
            position=0,
            stalled_at=2,
            stalled_reason="ValueError in trial_broken at position 2 (trial_bell.rung)",
        ),
        DispatchStatus(name="trial_rounds", position=3, stalled_at=None, stalled_reason=None),
    ]
    assert "ValueError in trial_broken" in caplog.text
    assert "the name of a patient" not in caplog.text


def test_a_process_that_was_mended_goes_on_and_is_stalled_no_more(
    database: Database, service: Service, ledger: Ledger, dispatching: Callable[..., Dispatcher]
) -> None:
    ringing(service, 3)
    stalled = dispatching(broken())
    stalled.run_once()
    stalled.close()
    mended = rounds("trial_broken")
    assert dispatching(mended).run_once() == 3
    with database.connect(Role.APP) as session:
        (status,) = statuses(session, [mended])
    assert (status.stalled_at, status.position) == (None, 3)


def test_a_stalled_process_tries_its_event_again(
    service: Service, dispatching: Callable[..., Dispatcher]
) -> None:
    ringing(service, 2)
    patient, eager = dispatching(broken()), dispatching(broken(), retry_stalled=0.0)
    assert [patient.run_once(), patient.run_once()] == [1, 0]
    patient.close()
    with pytest.raises(TimeoutError, match="trial_broken"):
        eager.run_until(2, timeout=0.1)


# --- declaring ---------------------------------------------------------------------------------


def test_a_process_sends_what_it_was_told_to() -> None:
    rung = BellRung(bell_id=UUID(int=7), times=1)
    process = rounds()
    seen = sees(process, rung)
    coming = PayVisit(visit_id=visit_of(seen.event), bell_id=UUID(int=7), times=1)
    seen.sends(coming)
    seen.instead_of(coming, "trial_visit.busy", replace(coming, late=True))
    seen.instead_of(coming, "trial_visit.other")
    assert process.facts == ("trial_bell.rung",)


def test_a_process_does_not_react_twice_to_a_fact_nor_do_two_bear_one_name(
    service: Service, dispatching: Callable[..., Dispatcher]
) -> None:
    process = rounds()
    with pytest.raises(TypeError, match=r"reacts to trial_bell\.rung twice"):
        process.on(BellRung)(lambda event: ())
    with pytest.raises(TypeError, match="two answers to PayVisit"):
        process.when_refused(PayVisit)(lambda event, refused, refusal: ())
    with pytest.raises(TypeError, match="one name"):
        dispatching(rounds(), rounds())
