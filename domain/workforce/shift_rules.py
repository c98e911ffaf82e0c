"""The rules a person and a shift must go together by, beside those about the person's time.

Each is a small function with a stable code. What is hard refuses, what is soft warns; all of what
is found is told at once. The credential gate is one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.kernel import Circumstances, Command, Refused
from domain.workforce import time_rules, working_time
from domain.workforce.events.credential import CredentialStanding
from domain.workforce.events.held import credentials_of
from domain.workforce.events.requirement import REQUIREMENTS, Requirement
from domain.workforce.events.roster import Shift
from domain.workforce.events.schedule import ScheduleStanding, Terms, Weeks, schedule_of
from domain.workforce.events.staff import StaffStanding
from domain.workforce.events.working_time import (
    Booking,
    Limits,
    ShiftFinding,
    working_time_of,
)
from domain.workforce.gate import SAID, Work, against, held_by, required, requirements_at
from domain.workforce.overrides import AskAtGate
from domain.workforce.schedule import NO_TERMS
from domain.workforce.time_rules import Looked
from domain.workforce.working_time import NOTHING

GATE_CLOSED = "credential.gate_closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the shifts of a roster are. What was worked out about them so far is kept along: the
    time each takes, what is `asked` of people by all that are of a job at a time, and what was
    found when somebody's time was looked at."""

    roster_id: UUID
    facility_id: UUID
    department_id: UUID
    department_kind: str | None
    zone: str
    limits: Limits
    bookings: dict[int, Booking] = field(default_factory=dict, compare=False)
    asked: dict[tuple[str, datetime, datetime], Asked] = field(default_factory=dict, compare=False)
    looked: dict[UUID, Looked] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a shift asks of whoever is on it."""

    work: Work
    required: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What is known of somebody who is to be on a shift."""

    staff_id: UUID
    standing: StaffStanding
    terms: Terms
    schedule: ScheduleStanding | None
    credentials: CredentialStanding | None
    at: Circumstances


def consulted(facility_id: UUID | None, staff_ids: Iterable[UUID]) -> Iterator[UUID]:
    """The streams to consult about people who are to be on shifts of a facility."""
    yield REQUIREMENTS
    if facility_id is not None:  # the roster is there
        yield working_time_of(facility_id)
    for each in dict.fromkeys(staff_ids):
        yield each
        yield schedule_of(each)
        yield credentials_of(each)


def asked_by(place: Place, shift: Shift, at: Circumstances) -> Asked:
    """What a shift asks of whoever is on it; the requirements were consulted."""
    alike = shift.job, shift.starts_at, shift.ends_at
    known = place.asked.get(alike)
    if known is None:
        work = Work.shift(
            job=shift.job,
            department_kind=place.department_kind,
            facility_id=place.facility_id,
            begins=shift.starts_at,
            ends=shift.ends_at,
            zone=place.zone,
        )
        known = Asked(work=work, required=tuple(required(requirements_at(at), work)))
        place.asked[alike] = known
    return known


def booking(place: Place, shift: Shift) -> Booking:
    """The time a shift takes of whoever is on it."""
    known = place.bookings.get(shift.shift)
    if known is None:
        known = place.bookings[shift.shift] = Booking(
            roster_id=place.roster_id,
            shift=shift.shift,
            facility_id=place.facility_id,
            department_id=place.department_id,
            job=shift.job,
            on=shift.on,
            starts_at=shift.starts_at,
            ends_at=shift.ends_at,
            night=shift.night,
            limits=place.limits,
        )
    return known


def weeks_of(staff_id: UUID, at: Circumstances) -> Weeks:
    """What is booked for somebody, where their schedule was consulted."""
    standing = at.standings.get(schedule_of(staff_id))
    return standing.weeks if isinstance(standing, ScheduleStanding) else NOTHING


def findings(
    place: Place,
    staff_id: UUID,
    shifts: Sequence[Shift],
    at: Circumstances,
    *,
    without: Sequence[Booking] = (),
) -> list[ShiftFinding]:
    """All that is found about somebody who is to be on these shifts of a roster, `without` what is
    booked for them now and would be released.

    Of who never had to do with the facility nothing is told, not even that there is such a person.
    """
    standing = at.standings.get(staff_id)
    schedule = at.standings.get(schedule_of(staff_id))
    kept = schedule if isinstance(schedule, ScheduleStanding) else None
    if not isinstance(standing, StaffStanding) or not _of_here(place, standing, kept):
        code, said = "staff_member.unknown", "There is no such staff member at this facility."
        return [_finding(each, staff_id, code, said) for each in shifts]
    if not standing.open:
        code, said = "staff_member.not_open", "They left the health system."
        return [_finding(each, staff_id, code, said) for each in shifts]
    person = Person(
        staff_id=staff_id,
        standing=standing,
        terms=NO_TERMS if kept is None else kept.terms,
        schedule=kept,
        credentials=held_by(staff_id, at),
        at=at,
    )
    found = [finding for each in shifts for rule in RULES for finding in rule(place, person, each)]
    weeks = NOTHING if kept is None else kept.weeks
    if without:
        weeks = working_time.released(weeks, without)
    wanted = tuple(booking(place, each) for each in shifts)
    about_time = time_rules.findings(staff_id, weeks, wanted, person.terms)
    place.looked[staff_id] = Looked(weeks, wanted, person.terms, tuple(about_time))
    return found + about_time


def _of_here(place: Place, standing: StaffStanding, schedule: ScheduleStanding | None) -> bool:
    """Whether somebody is at home at a facility, or was ever assigned or lent to it."""
    lendings = () if schedule is None else schedule.lendings
    assigned = {each.facility_id for each in standing.assignments}
    lent = {each.facility_id for each in lendings}
    return place.facility_id in {standing.facility_id} | assigned | lent


def gate_news(
    place: Place, found: Iterable[ShiftFinding], shifts: Iterable[Shift], at: Circumstances
) -> tuple[AskAtGate, ...]:
    """Of everybody whom the gate keeps out of a shift, the first of them: it is put on record as
    what is asked at the gate itself."""
    by_number = {each.shift: each for each in shifts}
    kept_out: dict[UUID, Shift] = {}
    for each in found:
        if each.code == GATE_CLOSED and each.staff_id is not None:
            kept_out.setdefault(each.staff_id, by_number[each.shift])
    return tuple(_asking(place, each, shift, at) for each, shift in kept_out.items())


def _asking(place: Place, staff_id: UUID, shift: Shift, at: Circumstances) -> AskAtGate:
    home = at.standings[staff_id].facility_id
    assert home is not None
    return AskAtGate(
        staff_id=staff_id,
        facility_id=home,
        job=shift.job,
        begins_at=shift.starts_at,
        ends_at=shift.ends_at,
        department_kind=place.department_kind,
        department_id=place.department_id,
        work_facility_id=place.facility_id,
    )


def refuse_hard(
    found: Iterable[ShiftFinding], news: Iterable[Command] = ()
) -> tuple[ShiftFinding, ...]:
    """The warnings among what was found; refuses, under the code of the first of them, what is
    hard. All of it is in the details, and the refusal is `news` to somebody."""
    told = tuple(found)
    hard = [each for each in told if each.hard]
    if hard:
        refusal = Refused(hard[0].code, hard[0].said, findings=[shown(each) for each in told])
        raise refusal.noting(*news)
    return told


def shown(finding: ShiftFinding) -> dict[str, object]:
    """A finding as a refusal tells it."""
    return {
        "code": finding.code,
        "hard": finding.hard,
        "said": finding.said,
        "shift": finding.shift,
        "staff_id": finding.staff_id,
    }


# --- the rules ---------------------------------------------------------------------------------


def job(_place: Place, person: Person, shift: Shift) -> Iterator[ShiftFinding]:
    """They do the job the shift is for (hard)."""
    jobs = (person.standing.job, *person.terms.other_jobs)
    if shift.job not in jobs:
        said = f"The shift is for: {shift.job}. They are: {', '.join(jobs)}."
        yield _finding(shift, person.staff_id, "shift.job", said)


def skill(_place: Place, person: Person, shift: Shift) -> Iterator[ShiftFinding]:
    """The skill the shift asks for is attested to them, or is their specialty (hard)."""
    if shift.skill is None or shift.skill == person.standing.specialty:
        return
    if shift.skill not in person.terms.skills:
        said = f"The shift asks for a skill that is not attested to them: {shift.skill}."
        yield _finding(shift, person.staff_id, "shift.skill", said)


def here(place: Place, person: Person, shift: Shift) -> Iterator[ShiftFinding]:
    """They work at the facility, or are lent to it that day (hard); and in the department, unless
    they float or are lent (soft)."""
    for lent in () if person.schedule is None else person.schedule.lendings:
        if lent.facility_id == place.facility_id and lent.begins_on <= shift.on <= lent.ends_on:
            return
    works_here = person.standing.facility_id == place.facility_id
    belongs = person.terms.floats
    for each in person.standing.assignments:
        if each.facility_id == place.facility_id and each.covers(shift.on):
            works_here = True
            belongs = belongs or each.department_id in (None, place.department_id)
    if not works_here:
        said = "They neither work at the facility nor are lent to it on that day."
        yield _finding(shift, person.staff_id, "shift.elsewhere", said)
    elif not belongs:
        said = "They are not assigned to the department, and not in the float pool."
        yield _finding(shift, person.staff_id, "shift.other_department", said, hard=False)


def leave(_place: Place, person: Person, shift: Shift) -> Iterator[ShiftFinding]:
    """They are not on leave on the day the shift begins (hard)."""
    for each in () if person.schedule is None else person.schedule.leaves:
        if each.covers(shift.on):
            said = f"They are on leave from {each.begins_on}."
            yield _finding(shift, person.staff_id, "shift.leave", said)


def credentials(place: Place, person: Person, shift: Shift) -> Iterator[ShiftFinding]:
    """The credential gate lets them through (hard); what was overridden is told (soft)."""
    asked = asked_by(place, shift, person.at)
    for each in against(asked.required, person.credentials, asked.work):
        what = "person" if each.kind is None else f"{each.kind.replace('_', ' ')} {each.title}"
        said = f"{each.code}: the {what.strip()} {SAID[each.code]} ({each.on})"
        if each.override_id is None:
            yield _finding(shift, person.staff_id, GATE_CLOSED, f"{said}.")
        else:
            said += f", which was overridden ({each.override_id})."
            yield _finding(shift, person.staff_id, "credential.overridden", said, hard=False)


RULES: tuple[Callable[[Place, Person, Shift], Iterator[ShiftFinding]], ...] = (
    job,
    skill,
    here,
    leave,
    credentials,
)


def _finding(
    shift: Shift, staff_id: UUID, code: str, said: str, *, hard: bool = True
) -> ShiftFinding:
    return ShiftFinding(code=code, hard=hard, said=said, shift=shift.shift, staff_id=staff_id)
