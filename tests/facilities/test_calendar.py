"""The calendar: at each facility's midnight what is due is done, once, by one of its processes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from domain.workforce.assignment import AssignStaffMember, EndAssignment
from domain.workforce.events.staff import StaffMemberAssignmentEnded
from facilities import calendar as calendars
from facilities.calendar import Calendar, Due, Errand, Procedure
from facilities.database import Database, Role
from facilities.ledger import Ledger
from facilities.procedures import assignments_end
from facilities.service import Answer, Instruction, Service
from projections.organization import facility_directory
from projections.refold import refold
from projections.workforce import AssignmentEnding, assignments_ending
from tests.domain.places import (
    DR_ADEYEMI,
    FEBRUARY_1,
    HILLTOP,
    NURSE_BLOM,
    RIVERSIDE,
)
from tests.facilities.scenes import a_physician, opening, said_by

MARCH_13, MARCH_14 = date(2026, 3, 13), date(2026, 3, 14)
MIDNIGHT = datetime(2026, 3, 14, 4, 0, tzinfo=UTC)
"""When 14 March begins in New York, where both facilities are."""
MOMENT = timedelta(seconds=1)


@dataclass
class Clock:
    """Shows what it is set to."""

    shows: datetime = MIDNIGHT

    def __call__(self) -> datetime:
        return self.shows


@dataclass
class Asked:
    """A procedure that has nothing to do, and which days it was asked for."""

    days: list[tuple[UUID, date]] = field(default_factory=list)

    def __call__(self, facility_ids: Sequence[UUID], day: date) -> list[Any]:
        self.days += [(each, day) for each in facility_ids]
        return []


@dataclass
class House:
    """Two facilities with a ledger, and as many calendars as a test wants."""

    database: Database
    ledger: Ledger
    service: Service
    clock: Clock
    calendars: list[Calendar] = field(default_factory=list)

    def calendar(
        self,
        *procedures: Procedure,
        facilities: Callable[[], Any] | None = None,
        called: str = "one",
    ) -> Calendar:
        """A calendar with these procedures, else with the end of assignments."""
        made = Calendar(
            self.service,
            lambda: self.database.connect(Role.APP, application_name=f"calendar {called}"),
            self.facilities if facilities is None else facilities,
            procedures or [assignments_end(self.passed)],
        )
        self.calendars.append(made)
        return made

    def facilities(self) -> list[tuple[UUID, str]]:
        return [
            (each.facility_id, each.zone)
            for each in refold(facility_directory, self.ledger.read(0, 1000)).values()
        ]

    def passed(self, facility_ids: Sequence[UUID], day: date) -> list[AssignmentEnding]:
        return [
            each
            for each in refold(assignments_ending, self.ledger.read(0, 1000)).values()
            if each.facility_id in facility_ids and each.ends_on < day
        ]

    def assigns(self, staff_id: UUID, facility_id: UUID, last_day: date) -> None:
        self.service.execute(
            AssignStaffMember(
                staff_id=staff_id,
                facility_id=facility_id,
                share=50,
                valid_from=FEBRUARY_1,
                valid_to=last_day,
            ),
            said_by(),
        )

    def ended(self) -> list[tuple[UUID, UUID, date]]:
        """Whose assignments were ended where and on which day, in order."""
        return [
            (each.fact.staff_id, each.fact.assignment.facility_id, each.fact.ended_on)
            for each in self.ledger.read(0, 1000)
            if isinstance(each.fact, StaffMemberAssignmentEnded)
        ]

    def kills(self, called: str) -> None:
        """The database ends the session of a calendar, as when its process or its line dies."""
        with self.database.connect(role=None) as login:
            killed = login.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND application_name = %s",
                [f"calendar {called}"],
            ).fetchall()
        assert killed == [(True,)]


@pytest.fixture
def house(database: Database, ledger: Ledger) -> Iterator[House]:
    """Riverside and Hilltop, with Dr. Adeyemi and nurse Blom at home in Riverside."""
    clock = Clock()
    house = House(database, ledger, Service(ledger, now=clock), clock)
    house.service.execute(opening(RIVERSIDE), said_by())
    house.service.execute(opening(HILLTOP), said_by())
    house.service.execute(a_physician(DR_ADEYEMI), said_by())
    house.service.execute(a_physician(NURSE_BLOM), said_by())
    yield house
    for each in house.calendars:
        each.stop()


# --- the end of an assignment ------------------------------------------------------------------


def test_an_assignment_ends_at_the_midnight_after_its_planned_last_day(house: House) -> None:
    house.assigns(DR_ADEYEMI, HILLTOP, MARCH_13)
    house.assigns(NURSE_BLOM, HILLTOP, MARCH_14)
    calendar = house.calendar()
    house.clock.shows = MIDNIGHT - MOMENT
    assert calendar.run_due() == 0
    house.clock.shows = MIDNIGHT
    assert calendar.run_due() == 1
    assert house.ended() == [(DR_ADEYEMI, HILLTOP, MARCH_13)]
    told = house.ledger.read(0, 1000)[-1]
    assert (told.actor, told.role) == ("calendar", "service")
    assert told.source == "calendar/assignments_end"


def test_a_midnight_that_was_missed_is_made_up_for(house: House) -> None:
    house.assigns(DR_ADEYEMI, HILLTOP, MARCH_13)
    house.assigns(NURSE_BLOM, RIVERSIDE, date(2026, 3, 17))
    house.clock.shows = MIDNIGHT + timedelta(days=6, hours=10)
    assert house.calendar().run_due() == 2
    assert {day for _, _, day in house.ended()} == {MARCH_13, date(2026, 3, 17)}


def test_an_end_that_somebody_told_meanwhile_is_not_told_again(house: House) -> None:
    house.assigns(DR_ADEYEMI, HILLTOP, MARCH_13)
    told = EndAssignment(staff_id=DR_ADEYEMI, facility_id=HILLTOP, ended_on=MARCH_13)
    due = house.passed([HILLTOP], MARCH_14)
    house.service.execute(told, said_by())
    late = assignments_end(lambda _facility_ids, _day: due)
    assert house.calendar(late).run_due() == 0
    assert len(house.ended()) == 1


# --- midnight, again ---------------------------------------------------------------------------


def test_a_day_is_done_once(house: House) -> None:
    asked = Asked()
    calendar = house.calendar(Procedure("asked", asked))
    for _ in range(3):
        calendar.run_due()
        house.clock.shows += timedelta(hours=7)
    assert asked.days == [(RIVERSIDE, MARCH_14), (HILLTOP, MARCH_14)]
    house.clock.shows = MIDNIGHT + timedelta(days=1)
    calendar.run_due()
    assert asked.days[2:] == [(RIVERSIDE, date(2026, 3, 15)), (HILLTOP, date(2026, 3, 15))]


def test_replaying_a_midnight_changes_nothing(house: House) -> None:
    house.assigns(DR_ADEYEMI, HILLTOP, MARCH_13)
    # A read model that lags still has the row.
    lagging = house.passed([HILLTOP], MARCH_14)
    procedure = assignments_end(lambda _facility_ids, _day: lagging)
    first = house.calendar(procedure)
    assert first.run_due() == 1
    head = house.ledger.head()
    first.stop()
    for _ in range(2):
        # One that knows nothing of the first.
        again = house.calendar(procedure)
        assert again.run_due() == 0
        assert again.leads
        again.stop()
    assert house.ledger.head() == head


def test_a_facility_that_opens_during_the_day_has_that_day_too(house: House) -> None:
    asked, there = Asked(), [(RIVERSIDE, "UTC")]
    calendar = house.calendar(Procedure("asked", asked), facilities=lambda: there)
    calendar.run_due()
    there.append((HILLTOP, "UTC"))
    calendar.run_due()
    assert asked.days == [(RIVERSIDE, MARCH_14), (HILLTOP, MARCH_14)]


# --- when a day begins -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "begins", "day"),
    [
        ("UTC", "2026-03-14T00:00", MARCH_14),
        ("America/New_York", "2026-03-08T05:00", date(2026, 3, 8)),  # put forward at two
        ("America/New_York", "2026-03-09T04:00", date(2026, 3, 9)),
        ("America/New_York", "2026-11-01T04:00", date(2026, 11, 1)),  # put back at two
        ("America/New_York", "2026-11-02T05:00", date(2026, 11, 2)),
        ("Asia/Beirut", "2026-03-28T22:00", date(2026, 3, 29)),  # begins at one o'clock
        ("America/Santiago", "2026-09-06T04:00", date(2026, 9, 6)),  # begins at one o'clock
        ("America/Santiago", "2026-04-05T04:00", date(2026, 4, 5)),  # 23 o'clock came twice
        ("America/Havana", "2026-11-01T04:00", date(2026, 11, 1)),  # midnight comes twice
        ("Asia/Kolkata", "2026-03-13T18:30", MARCH_14),
        ("Asia/Kathmandu", "2026-03-13T18:15", MARCH_14),
        ("America/St_Johns", "2026-03-14T02:30", MARCH_14),
        ("Pacific/Chatham", "2026-03-13T10:15", MARCH_14),
        ("Pacific/Kiritimati", "2026-03-13T10:00", MARCH_14),
        ("Pacific/Pago_Pago", "2026-03-14T11:00", MARCH_14),
        ("Pacific/Apia", "2011-12-30T10:00", date(2011, 12, 31)),  # the 30th never came
    ],
)
def test_a_day_begins_when_the_facilitys_clock_shows_its_date(
    house: House, zone: str, begins: str, day: date
) -> None:
    asked = Asked()
    calendar = house.calendar(Procedure("asked", asked), facilities=lambda: [(RIVERSIDE, zone)])
    instant = datetime.fromisoformat(begins).replace(tzinfo=UTC)
    # Every half hour of two days around it, so that whatever the clocks do, a day begins once.
    for step in range(-48, 49):
        house.clock.shows = instant + step * timedelta(minutes=30)
        calendar.run_due()
        if step == -1:
            house.clock.shows = instant - MOMENT
            calendar.run_due()
            assert (RIVERSIDE, day) not in asked.days
        if step == 0:
            assert asked.days[-1] == (RIVERSIDE, day)
    assert asked.days == sorted(set(asked.days))


def test_each_facility_has_its_own_midnight(house: House) -> None:
    asked = Asked()
    zones = [(RIVERSIDE, "America/New_York"), (HILLTOP, "Asia/Kolkata")]
    calendar = house.calendar(Procedure("asked", asked), facilities=lambda: zones)
    house.clock.shows = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)
    calendar.run_due()
    assert asked.days == [(RIVERSIDE, MARCH_13), (HILLTOP, MARCH_13)]
    house.clock.shows = datetime(2026, 3, 14, 0, 0, tzinfo=ZoneInfo("Asia/Kolkata"))
    calendar.run_due()
    assert asked.days[2:] == [(HILLTOP, MARCH_14)]
    house.clock.shows = MIDNIGHT
    calendar.run_due()
    assert asked.days[3:] == [(RIVERSIDE, MARCH_14)]


def test_a_facility_that_moves_west_has_the_same_day_twice(house: House) -> None:
    asked, zones = Asked(), {RIVERSIDE: "Pacific/Auckland"}
    calendar = house.calendar(Procedure("asked", asked), facilities=zones.items)
    house.clock.shows = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)
    calendar.run_due()
    zones[RIVERSIDE] = "America/New_York"
    calendar.run_due()
    house.clock.shows = MIDNIGHT
    calendar.run_due()
    assert [day for _, day in asked.days] == [MARCH_14, MARCH_13, MARCH_14]


def test_a_zone_this_machine_does_not_know_is_named_and_holds_nobody_up(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    asked = Asked()
    zones = [(RIVERSIDE, "Mars/Olympus_Mons"), (HILLTOP, "UTC")]
    house.calendar(Procedure("asked", asked), facilities=lambda: zones).run_due()
    assert asked.days == [(HILLTOP, MARCH_14)]
    assert f"facility {RIVERSIDE}: there is no zone Mars/Olympus_Mons" in caplog.text


# --- what goes wrong ---------------------------------------------------------------------------


def test_a_refused_command_is_logged_with_its_code_and_stops_no_other(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.assigns(NURSE_BLOM, RIVERSIDE, MARCH_13)

    def due(facility_ids: Sequence[UUID], day: date) -> Iterator[Errand]:
        for staff_id in (DR_ADEYEMI, UUID(int=1), NURSE_BLOM):
            command = EndAssignment(staff_id=staff_id, facility_id=RIVERSIDE, ended_on=MARCH_13)
            yield Errand(RIVERSIDE, (staff_id,), command)

    riverside = [(RIVERSIDE, "America/New_York")]
    calendar = house.calendar(Procedure("all end", due), facilities=lambda: riverside)
    assert calendar.run_due() == 1
    assert house.ended() == [(NURSE_BLOM, RIVERSIDE, MARCH_13)]
    assert [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING] == [
        f"all end on 2026-03-14 at facility {RIVERSIDE}: EndAssignment for {staff_id} was refused: "
        f"{code}"
        for staff_id, code in (
            (DR_ADEYEMI, "staff_member.not_assigned"),
            (UUID(int=1), "NotFound"),
        )
    ]
    # It is not asked for again before the next day.
    assert calendar.run_due() == 0
    assert len(house.ended()) == 1


def test_a_procedure_that_cannot_ask_holds_up_no_other_and_is_gone_on_with(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.assigns(DR_ADEYEMI, HILLTOP, MARCH_13)
    asked, away = Asked(), {HILLTOP}
    there = [(RIVERSIDE, "Asia/Kolkata"), (HILLTOP, "America/New_York")]

    def due(facility_ids: Sequence[UUID], day: date) -> list[Any]:
        if away.intersection(facility_ids):
            raise TimeoutError("the read model lags")
        return asked(facility_ids, day)

    lagging = Procedure("lagging", due)
    calendar = house.calendar(
        lagging, assignments_end(house.passed), facilities=lambda: list(there)
    )
    house.clock.shows = MIDNIGHT + timedelta(hours=16)
    assert calendar.run_due() == 1
    # In Kolkata the next day has begun, and is asked for by itself.
    assert asked.days == [(RIVERSIDE, date(2026, 3, 15))]
    assert "lagging: interrupted" in caplog.text
    away.clear()
    calendar.run_due()
    assert asked.days[1:] == [(HILLTOP, MARCH_14)]


class Faulty(Service):
    """Fails, for a reason that is no rule, whenever it is given a command about nurse Blom."""

    def execute_all(self, instructions: Sequence[Instruction]) -> list[Answer]:
        if any(getattr(command, "staff_id", None) == NURSE_BLOM for command, _ in instructions):
            raise ZeroDivisionError("a fault in a decision")
        return super().execute_all(instructions)


def test_a_command_that_fails_holds_up_no_other_and_is_tried_again(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    for staff_id, facility_id in ((DR_ADEYEMI, HILLTOP), (NURSE_BLOM, RIVERSIDE)):
        house.assigns(staff_id, facility_id, MARCH_13)
        house.assigns(staff_id, RIVERSIDE if facility_id == HILLTOP else HILLTOP, MARCH_13)
    sound, house.service = house.service, Faulty(house.ledger, now=house.clock)
    calendar = house.calendar()
    assert calendar.run_due() == 2
    assert {whose for whose, _, _ in house.ended()} == {DR_ADEYEMI}
    assert caplog.text.count(f"EndAssignment for {NURSE_BLOM} failed") == 2
    calendar.stop()
    house.service = sound
    assert house.calendar().run_due() == 2
    assert {whose for whose, _, _ in house.ended()} == {DR_ADEYEMI, NURSE_BLOM}


# --- one of several ----------------------------------------------------------------------------


def test_of_two_calendars_one_acts(house: House) -> None:
    house.assigns(DR_ADEYEMI, HILLTOP, MARCH_13)
    first, second = house.calendar(called="one"), house.calendar(called="two")
    assert first.run_due() == 1
    house.assigns(NURSE_BLOM, HILLTOP, MARCH_13)
    assert second.run_due() == 0
    assert (first.leads, second.leads) == (True, False)
    first.stop()
    assert second.run_due() == 1
    assert (first.leads, second.leads) == (False, True)


def test_when_the_session_of_the_one_that_acts_is_lost_another_takes_over(house: House) -> None:
    first, second = house.calendar(called="one"), house.calendar(called="two")
    first.run_due()
    second.run_due()
    house.assigns(DR_ADEYEMI, HILLTOP, MARCH_13)
    house.kills("one")
    assert second.run_due() == 1
    assert first.run_due() == 0
    assert (first.leads, second.leads) == (False, True)


def test_one_that_loses_its_session_and_nobody_took_over_goes_on(house: House) -> None:
    asked = Asked()
    calendar = house.calendar(Procedure("asked", asked))
    calendar.run_due()
    house.kills("one")
    house.clock.shows += timedelta(days=1)
    calendar.run_due()
    assert calendar.leads
    assert len(asked.days) == 4


def test_one_that_loses_the_seat_in_the_middle_leaves_the_rest_to_its_successor(
    house: House,
) -> None:
    house.assigns(DR_ADEYEMI, HILLTOP, MARCH_13)
    second = house.calendar(called="two")
    done: list[int] = []

    def due(facility_ids: Sequence[UUID], day: date) -> list[AssignmentEnding]:
        asked = house.passed(facility_ids, day)
        house.kills("one")
        done.append(second.run_due())
        return asked

    first = house.calendar(assignments_end(due), called="one")
    assert first.run_due() == 0
    assert done == [1]
    assert (first.leads, second.leads) == (False, True)


# --- as a service ------------------------------------------------------------------------------


def test_a_calendar_that_starts_looks_at_once_and_gives_its_seat_back(house: House) -> None:
    looked = threading.Event()
    second = house.calendar(called="two")
    with house.calendar(Procedure("asked", noting(looked))) as calendar:
        assert looked.wait(30)
        second.run_due()
        assert (calendar.leads, second.leads) == (True, False)
    second.run_due()
    assert (calendar.leads, second.leads) == (False, True)


def test_a_calendar_that_is_told_to_stop_stops_after_the_batch_it_gives(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendars, "BATCH", 1)
    house.assigns(DR_ADEYEMI, HILLTOP, MARCH_13)
    house.assigns(NURSE_BLOM, HILLTOP, MARCH_13)
    working = threading.Event()

    def slowly(facility_ids: Sequence[UUID], day: date) -> Iterator[AssignmentEnding]:
        for each in house.passed(facility_ids, day):
            yield each
            working.set()
            assert calendar.stopping.wait(30)

    calendar = house.calendar(assignments_end(slowly))
    with calendar:
        assert working.wait(30)
    assert len(house.ended()) == 1
    # What was left is still due.
    assert house.calendar().run_due() == 1


def test_a_calendar_that_cannot_look_says_so_and_lives(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    tried = threading.Event()

    def unknown() -> list[Any]:
        tried.set()
        raise ConnectionError("the database is away")

    with house.calendar(facilities=unknown):
        assert tried.wait(30)
    assert "cannot look at the calendar, trying again in a minute" in caplog.text


def noting(looked: threading.Event) -> Due:
    def due(facility_ids: Sequence[UUID], day: date) -> list[Any]:
        looked.set()
        return []

    return due
