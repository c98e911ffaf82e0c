"""How fast rosters are planned, checked and shown.

A month of a department of 120 people is validated as the service does it with the ledger, and
nothing is recorded; 10,000 shifts of 40 departments are planned all or none, which is recorded; and
a facility's board of a week, 40 departments, is asked for over HTTP, one request after the other.

    python -m benchmarks.roster --rounds 5
    python -m benchmarks.roster --full      (300,000 people and 5 million shifts in the tables)

Each of 500 facilities has 600 people and 10,080 shifts. Those of one are recorded and folded as
usual; those of the others are copied from them, in the tables of the board and of the staff
directory (`multiplied`): recording them takes half an hour and changes nothing about the reading.
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

import psycopg
from psycopg import sql

from benchmarks.http import served
from benchmarks.measuring import (
    Benchmark,
    Figures,
    Target,
    Turns,
    arguments,
    interleaved,
    latencies,
)
from benchmarks.servers import a_database, a_server, superuser, version_of
from domain.kernel import Command
from domain.organization.department import OpenDepartment
from domain.organization.events import FacilityKind
from domain.organization.facility import OpenFacility
from domain.workforce.roster_planning import PlannedShift, PlanShifts
from domain.workforce.roster_publication import DraftRoster
from domain.workforce.staff_member import RegisterStaffMember
from facilities.embedded import EmbeddedServer
from facilities.scope import Actor, Role
from facilities.service import Context, new_id
from projections.kernel import ReadModel
from projections.tables import Tables, current_indexes, history_indexes, identifiers
from projections.workforce import roster_board, staff_directory
from web.bootstrap import Almoner

NAMESPACE = UUID("0192aaaa-0000-7000-8000-000000000000")
MONDAY = date(2026, 1, 5)
DEPARTMENTS, PEOPLE, DAYS = 40, 120, 28
ANYBODY = Actor("bench", Role.SYSTEM_ADMINISTRATOR)
VALIDATED = (
    "Half is the decision itself, about 15 µs for each place. The rest is asking for 360 streams, "
    "whether they moved. Done already: what a shift asks of people is worked out once, a person's "
    "time is laid out by days and weeks and looked at once, a roster's shifts lie in drawers."
)
PLANNED = "Half is the decisions, half encoding and appending 10,600 events in one transaction."
SHOWN = "Of a page of 840 shifts most is JSON that is written and sent; see benchmarks/http.py."
HOURS = (("07:00", "15:00"), ("15:00", "23:00"), ("23:00", "07:00"))


@dataclass(frozen=True, slots=True)
class Ward:
    """A department, its people, and its roster."""

    facility_id: UUID
    department_id: UUID
    roster_id: UUID
    people: Sequence[UUID]


def an_id(*named: object) -> UUID:
    return uuid5(NAMESPACE, "/".join(map(str, named)))


def month(ward: Ward, days: int = DAYS) -> tuple[PlannedShift, ...]:
    """Five days of each week for everybody, a third of the people on each of three shifts."""
    shifts = []
    for day in range(days):
        for turn, (starts, ends) in enumerate(HOURS):
            there = tuple(
                each
                for place, each in enumerate(ward.people)
                if place % 3 == turn and (day + place // 3) % 7 < 5
            )
            shifts.append(
                PlannedShift(
                    on=MONDAY + timedelta(days=day),
                    starts=starts,
                    ends=ends,
                    job="Registered Nurse",
                    needed=max(1, len(there)),
                    staff_ids=there,
                )
            )
    return tuple(shifts)


def single_shifts(ward: Ward, shifts: int) -> tuple[PlannedShift, ...]:
    """So many shifts of one person each."""
    found: list[PlannedShift] = []
    for each in month(ward):
        for staff_id in each.staff_ids:
            if len(found) == shifts:
                return tuple(found)
            found.append(
                PlannedShift(
                    on=each.on,
                    starts=each.starts,
                    ends=each.ends,
                    job=each.job,
                    staff_ids=(staff_id,),
                )
            )
    return tuple(found)


def opening(name: str, departments: int, people: int) -> tuple[list[Command], list[Ward]]:
    """A facility with departments, people and drafts."""
    facility_id = an_id(name)
    commands: list[Command] = [
        OpenFacility(
            facility_id=facility_id,
            legal_name=f"Facility {name}",
            kind=FacilityKind.HOSPITAL,
            zone="America/New_York",
            opened_on=date(2020, 1, 1),
        )
    ]
    wards = []
    for number in range(departments):
        department_id = an_id(name, "department", number)
        ward = Ward(
            facility_id,
            department_id,
            an_id(name, "roster", number),
            [an_id(name, "staff", number, each) for each in range(people)],
        )
        wards.append(ward)
        commands.append(
            OpenDepartment(
                department_id=department_id,
                facility_id=facility_id,
                code=f"D{number}",
                title=f"Department {number}",
                opened_on=date(2020, 1, 1),
            )
        )
        commands += [
            RegisterStaffMember(
                staff_id=each,
                facility_id=facility_id,
                full_name="Somebody",
                job="Registered Nurse",
                registered_on=date(2020, 1, 1),
            )
            for each in ward.people
        ]
        commands.append(
            DraftRoster(
                roster_id=ward.roster_id,
                facility_id=facility_id,
                department_id=department_id,
                begins_on=MONDAY,
                ends_on=MONDAY + timedelta(days=DAYS + 3),
            )
        )
    return commands, wards


def execute(almoner: Almoner, commands: Sequence[Command]) -> None:
    """All of them, in batches; each must be accepted."""
    for start in range(0, len(commands), 500):
        batch = [
            (each, Context(actor=ANYBODY, command_id=new_id()))
            for each in commands[start : start + 500]
        ]
        for answer in almoner.service.execute_all(batch):
            if isinstance(answer, Exception):
                raise answer


def multiplied(
    operator: psycopg.Connection, model: ReadModel[Any], facility_id: UUID, facilities: int
) -> int:
    """The rows of a facility once more at so many others, in the tables of a list; how many there
    are then. A roster has two months more, too, there and at the facility itself.

    This is PostgreSQL copying rows: the ledger holds the facility's own events alone, and what is
    measured on these tables afterwards is reading. Ids of things are told apart by their first
    digits, so that each facility has its own departments, rosters and people.
    """
    tables, named = Tables(model), [each.name for each in model.columns]
    months = 3 if "on" in named else 1
    told = []
    for each in model.columns:
        column = sql.Identifier(each.name)
        if each.name.endswith("_id"):
            one = "roster_id" if each.name == "roster_id" else "facility_id"
            told.append(sql.SQL(_ID[one]).format(column))
        elif each.name == "staff_ids":
            told.append(sql.SQL(_IDS).format(column))
        elif months == 3 and each.name in ("on", "starts_at", "ends_at"):
            told.append(sql.SQL(_LATER[each.sql_type]).format(column))
        else:
            told.append(column)
    for table, suffix, indexes in (
        (tables.current, "", current_indexes(model)),
        (tables.history, "_history", history_indexes(model)),
    ):
        name = f"{tables.name}{suffix}"
        operator.execute(
            sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(
                table, sql.Identifier(f"{name}_pkey")
            )
        )
        for label, _ in indexes:
            operator.execute(
                sql.SQL("DROP INDEX models.{}").format(sql.Identifier(f"{name}_{label}"))
            )
    operator.execute(
        sql.SQL(
            "INSERT INTO {} ({}, valid_from) SELECT {}, valid_from FROM {},"
            " generate_series(0, %s) AS place, generate_series(0, %s) AS month"
            " WHERE facility_id = %s AND (place, month) <> (0, 0)"
        ).format(tables.current, identifiers(named), sql.SQL(", ").join(told), tables.current),
        [facilities - 1, months - 1, facility_id],
    )
    operator.execute("SET maintenance_work_mem = '512MB'")
    tables.index(operator)
    operator.execute(sql.SQL("VACUUM (ANALYZE) {}").format(tables.current))
    found = operator.execute(sql.SQL("SELECT count(*) FROM {}").format(tables.current)).fetchone()
    assert found is not None
    return int(found[0])


_ID = {
    "facility_id": "(CASE place WHEN 0 THEN {0} ELSE overlay({0}::text placing "
    "lpad(to_hex(place), 8, '0') from 1 for 8)::uuid END)",
    "roster_id": "(CASE place * 4 + month WHEN 0 THEN {0} ELSE overlay({0}::text placing "
    "lpad(to_hex(place * 4 + month), 8, '0') from 1 for 8)::uuid END)",
}
_IDS = (
    "(CASE place WHEN 0 THEN {0} ELSE regexp_replace({0}::text, '\"[0-9a-f]{{8}}', "
    "'\"' || lpad(to_hex(place), 8, '0'), 'g')::jsonb END)"
)
_LATER = {
    "date": "({} + month * 28)",
    "timestamptz": "({} + month * interval '28 days')",
}
"""How a column of another facility, or of a later month, is made of the one there is."""


def plan(almoner: Almoner, commands: Sequence[PlanShifts]) -> None:
    """All of them in one, as a request for several departments does."""
    answers = almoner.service.execute_together(
        [(each, Context(actor=ANYBODY, command_id=new_id())) for each in commands]
    )
    for each in answers:
        if isinstance(each, Exception):
            raise each


def validation(almoner: Almoner, benchmark: Benchmark) -> None:
    """A department's month is looked at, with the ledger, and nothing is recorded."""
    commands, (large,) = opening("large", 1, PEOPLE)
    execute(almoner, commands)
    by_shift = PlanShifts(roster_id=large.roster_id, shifts=month(large))
    by_person = PlanShifts(roster_id=large.roster_id, shifts=single_shifts(large, 2_400))

    def validates(planning: PlanShifts) -> Figures:
        started = time.perf_counter()
        almoner.service.rehearse(planning, Context(actor=ANYBODY, command_id=new_id()))
        return {"ms": (time.perf_counter() - started) * 1000}

    contenders = {
        "84 shifts, 2,400 places": lambda: validates(by_shift),
        "2,400 shifts": lambda: validates(by_person),
    }
    for each in contenders.values():
        each()
    benchmark.case(
        "a month of 120 people validated",
        interleaved(contenders, benchmark.rounds),
        *(Target(each, of="ms", at_most=200, if_missed=VALIDATED) for each in contenders),
    )


def bulk_plan(almoner: Almoner, benchmark: Benchmark) -> None:
    """10,000 shifts of 40 departments are planned in one command each, all of them or none."""
    turn = iter(range(benchmark.rounds))

    def plans() -> Figures:
        opened, wards = opening(f"plan {next(turn)}", DEPARTMENTS, 15)
        execute(almoner, opened)
        planned = [
            PlanShifts(roster_id=each.roster_id, shifts=single_shifts(each, 250)) for each in wards
        ]
        started = time.perf_counter()
        plan(almoner, planned)
        return {"s": time.perf_counter() - started}

    benchmark.case(
        "10,000 shifts of 40 departments planned",
        interleaved({"planned": plans}, benchmark.rounds),
        Target("planned", of="s", at_most=5, if_missed=PLANNED),
    )


def board(server: EmbeddedServer, almoner: Almoner, benchmark: Benchmark, facilities: int) -> None:
    """A week of a facility is asked for among the shifts of all the others."""
    commands, wards = opening("board", DEPARTMENTS, 15)
    execute(almoner, commands)
    plan(almoner, [PlanShifts(roster_id=each.roster_id, shifts=month(each)) for each in wards])
    facility_id = wards[0].facility_id
    with almoner.runner() as runner:
        runner.run_until(almoner.ledger.head(), timeout=600)
    began = time.perf_counter()
    with superuser(server) as operator:
        loaded = {
            each.name: float(multiplied(operator, each, facility_id, facilities))
            for each in (roster_board, staff_directory)
        }
    taken = time.perf_counter() - began
    loads = Turns({"loaded": [{**loaded, "seconds": taken}]})
    benchmark.case("what the board is found among", loads, Target("loaded", of="roster_board"))
    _, token = almoner.tokens.create("bench", Role.FACILITY_MANAGER, [facility_id])
    with served("ours", server.conninfo("almoner")) as url:
        week = f"on_from={MONDAY}&on_to={MONDAY + timedelta(days=6)}&limit=1000"
        address = f"{url}/api/v1/facilities/{facility_id}/roster-board?{week}"
        asked = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})

        def look() -> Figures:
            taken, told = [], b""
            for _ in range(100):
                started = time.perf_counter()
                with urllib.request.urlopen(asked) as answer:
                    told = answer.read()
                taken.append(time.perf_counter() - started)
            shifts = len(json.loads(told)["items"])
            assert shifts == DEPARTMENTS * 7 * len(HOURS), f"the week has {shifts} shifts"
            return {**latencies(taken), "shifts": shifts}

        look()
        benchmark.case(
            "a week's board of 40 departments",
            interleaved({"board": look}, benchmark.rounds),
            Target("board", of="p95_ms", at_most=30, if_missed=SHOWN),
        )


def run(rounds: int, facilities: int) -> None:
    with a_server() as server, a_database(server) as database, Almoner.on(database) as almoner:
        benchmark = Benchmark(
            "roster",
            rounds=rounds,
            postgresql=version_of(database),
            asked={"facilities": facilities},
        )
        validation(almoner, benchmark)
        bulk_plan(almoner, benchmark)
        board(server, almoner, benchmark, facilities)
        benchmark.finish()


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--facilities", type=int, help="among how many a board is found")
    asked = parser.parse_args()
    run(asked.rounds, asked.facilities or (500 if asked.full else 20))


if __name__ == "__main__":
    main()
