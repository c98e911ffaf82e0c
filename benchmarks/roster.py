"""How fast rosters are planned, checked and shown.

A month of a department of 120 people is planned in one command, as the domain decides it and as the
service does with the ledger; 10,000 shifts of 40 departments are planned one department at a time;
and a facility's board of a week, 40 departments, is asked for over HTTP.

    python -m benchmarks.roster --rounds 5
    python -m benchmarks.roster --full      (300,000 people and 5 million shifts loaded)

Who is on which shift is told by a seed. Requests are sent one after the other.
"""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

from benchmarks.http import served
from benchmarks.measuring import Benchmark, Target, arguments, interleaved, latencies
from benchmarks.servers import a_database, a_server, superuser, version_of
from domain.kernel import Command, Fact
from domain.organization.department import OpenDepartment
from domain.organization.events import FacilityKind
from domain.organization.facility import OpenFacility
from domain.workforce.events.roster import RosterDrafted, RosterShiftPlanned, Shift
from domain.workforce.roster import DraftRoster
from domain.workforce.roster_planning import PlannedShift, PlanShifts
from domain.workforce.staff_member import RegisterStaffMember
from facilities.envelope import Attribution
from facilities.ledger import Pending
from facilities.scope import Actor, Role
from facilities.service import Context, new_id
from web.bootstrap import Almoner

NAMESPACE = UUID("0192aaaa-0000-7000-8000-000000000000")
MONDAY = date(2026, 1, 5)
DEPARTMENTS, PEOPLE, DAYS = 40, 120, 28
ANYBODY = Actor("bench", Role.SYSTEM_ADMINISTRATOR)
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


def other_shifts(facilities: int, shifts: int) -> Iterator[tuple[UUID, Fact]]:
    """Rosters of other facilities, as facts: for a board to be found among."""
    each_has = shifts // max(1, facilities)
    for place in range(facilities):
        facility_id = an_id("other", place)
        roster_id, department_id = an_id("other roster", place), an_id("other department", place)
        period = {"begins_on": MONDAY, "ends_on": MONDAY + timedelta(days=90)}
        whose = {
            "roster_id": roster_id,
            "facility_id": facility_id,
            "department_id": department_id,
        }
        yield roster_id, RosterDrafted(**whose, department_kind=None, zone="UTC", **period)
        for number in range(1, each_has + 1):
            on = MONDAY + timedelta(days=number % 90)
            starts_at = datetime(on.year, on.month, on.day, 7, tzinfo=UTC)
            shift = Shift(
                shift=number,
                job="Registered Nurse",
                skill=None,
                needed=1,
                minimum=0,
                on=on,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=8),
                night=False,
            )
            people = (an_id("other person", place, number % 600),)
            yield (
                roster_id,
                RosterShiftPlanned(**whose, shift=shift, staff_ids=people, published=False),
            )


def load(almoner: Almoner, told: Iterator[tuple[UUID, Fact]]) -> None:
    """Append facts as they are, a thousand at a time."""
    by = Attribution(
        actor="bench",
        role=Role.SYSTEM_ADMINISTRATOR,
        command_id=new_id(),
        correlation_id=new_id(),
        causation_id=None,
        reason=None,
        source=None,
    )
    versions: dict[UUID, int] = {}
    pending: list[Pending] = []
    for stream_id, fact in told:
        versions[stream_id] = versions.get(stream_id, 0) + 1
        pending.append(Pending(stream_id, versions[stream_id], fact, by))
        if len(pending) == 1000:
            almoner.ledger.append(pending)
            pending = []
    if pending:
        almoner.ledger.append(pending)


def run(rounds: int, people: int, shifts: int) -> None:
    with a_server() as server, a_database(server) as database:
        almoner = Almoner.on(database)
        benchmark = Benchmark(
            "roster",
            rounds=rounds,
            postgresql=version_of(database),
            asked={"people": people, "shifts": shifts},
        )
        commands, (large,) = opening("large", 1, PEOPLE)
        execute(almoner, commands)
        planning = PlanShifts(roster_id=large.roster_id, shifts=month(large))

        def validates() -> dict[str, float]:
            started = time.perf_counter()
            almoner.service.rehearse(planning, Context(actor=ANYBODY, command_id=new_id()))
            return {"ms": (time.perf_counter() - started) * 1000}

        validates()
        benchmark.case(
            "a month of 120 people validated",
            interleaved({"rehearsed": validates}, rounds),
            Target("rehearsed", of="ms", at_most=200),
        )
        turn = iter(range(rounds + 1))

        def plans() -> dict[str, float]:
            opened, wards = opening(f"plan {next(turn)}", DEPARTMENTS, 15)
            execute(almoner, opened)
            plan = [
                PlanShifts(roster_id=each.roster_id, shifts=single_shifts(each, 250))
                for each in wards
            ]
            started = time.perf_counter()
            for each in plan:
                almoner.service.execute(each, Context(actor=ANYBODY, command_id=new_id()))
            return {"s": time.perf_counter() - started}

        benchmark.case(
            "10,000 shifts of 40 departments planned",
            interleaved({"planned": plans}, rounds),
            Target("planned", of="s", at_most=5),
        )
        commands, wards = opening("board", DEPARTMENTS, max(6, people // DEPARTMENTS // 500))
        execute(almoner, commands)
        for each in wards:
            plan_of_a_month = PlanShifts(roster_id=each.roster_id, shifts=month(each))
            almoner.service.execute(plan_of_a_month, Context(actor=ANYBODY, command_id=new_id()))
        load(almoner, other_shifts(max(1, people // 600), shifts))
        with almoner.runner() as runner:
            runner.run_until(almoner.ledger.head(), timeout=7200)
        with superuser(server) as operator:
            operator.execute("VACUUM (ANALYZE)")
        facility_id = wards[0].facility_id
        _, token = almoner.tokens.create("bench", Role.FACILITY_MANAGER, [facility_id])
        with served("ours", server.conninfo("almoner")) as url:
            week = f"on_from={MONDAY}&on_to={MONDAY + timedelta(days=6)}&limit=1000"
            address = f"{url}/api/v1/facilities/{facility_id}/roster-board?{week}"
            asked = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})

            def board() -> dict[str, float]:
                taken = []
                for _ in range(100):
                    started = time.perf_counter()
                    with urllib.request.urlopen(asked) as answer:
                        answer.read()
                    taken.append(time.perf_counter() - started)
                return latencies(taken)

            board()
            benchmark.case(
                "a week's board of 40 departments",
                interleaved({"board": board}, rounds),
                Target("board", of="p95_ms", at_most=30),
            )
        almoner.close()
        benchmark.finish()


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--shifts", type=int, default=None, help="how many shifts are loaded")
    asked = parser.parse_args()
    shifts = asked.shifts or (5_000_000 if asked.full else 50_000)
    run(asked.rounds, 300_000 if asked.full else 3_000, shifts)


if __name__ == "__main__":
    main()
