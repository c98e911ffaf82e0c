"""The mailroom's desk for people: any list of staff, CSV or workbook, becomes staff members.

Fields, each in a column of its own name or mapped (`facilities.exchange.mapping`):

* ``id``: what somebody is called by in the tables of this source, such as an employee number; it
  is them whenever the list is imported again, and in other tables of the source;
* ``full_name``, ``job``, ``registered_on`` (their first day), and ``facility``, their home, named
  by its id or one of its numbers (`facilities.exchange.references`);
* ``department`` (its code there) and ``share`` (a whole percentage, else 100): where they are
  assigned from their first day on; without a department they are assigned to the facility;
* ``specialty``; ``npi``;
* ``changed_on``: since when that is so of somebody who is known already, else since the day it is
  imported.

Of somebody who is known already the list is believed: where it says their name, job, specialty,
department or share otherwise than the ledger does, they are brought up to date, and an NPI that was
not known is recorded. What an empty cell leaves open stays as it is. Somebody's home, their first
day and an NPI do not change; a row that says otherwise is turned away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.kernel import Command
from domain.workforce.assignment import WHOLE_TIME, AssignStaffMember, EndAssignment
from domain.workforce.particulars import ChangeJob, ChangeName, ChangeSpecialty, RecordNpi
from domain.workforce.staff_member import EMPLOYED, RegisterStaffMember, StaffMember
from facilities.exchange.delivery import Stage
from facilities.exchange.lists import MappedList, importer_of
from facilities.exchange.mapping import Fields
from facilities.exchange.parcels import Draft, Letter, Place
from facilities.exchange.references import look_up, staff_id_of, with_departments
from facilities.exchange.tables import Row
from facilities.exchange.tally import Load

FIELDS = Fields(
    of="staff",
    required=("id", "full_name", "job", "facility", "registered_on"),
    optional=("department", "share", "specialty", "npi", "changed_on"),
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the list."""

    row: Row
    id: str
    full_name: str
    job: str
    facility: str
    registered_on: date
    department: str | None
    share: int | None
    specialty: str | None
    npi: str | None
    changed_on: date | None


@dataclass(frozen=True, slots=True)
class Here:
    """The facility a row names, the department if it names one, and what departments in which its
    people work are called."""

    facility_id: UUID
    department_id: UUID | None
    codes: Mapping[UUID | None, str]


class StaffList(MappedList[Listed]):
    """A file that lists people."""

    fields = FIELDS
    of = "staff member"
    known_by = "id"
    private = ("full_name",)

    def _read(self, row: Row) -> Listed:
        said, required = self._columns.said, self._columns.required
        return Listed(
            row=row,
            id=required(row, "id"),
            full_name=required(row, "full_name"),
            job=required(row, "job"),
            facility=required(row, "facility"),
            registered_on=self._columns.day(row, "registered_on"),
            department=said(row, "department") or None,
            share=self._share(row),
            specialty=said(row, "specialty") or None,
            npi=said(row, "npi") or None,
            changed_on=self._columns.day(row, "changed_on") if said(row, "changed_on") else None,
        )

    def _share(self, row: Row) -> int | None:
        said = self._columns.said(row, "share").removesuffix("%").strip()
        if not said:
            return None
        if not (said.isascii() and said.isdigit() and len(said) <= 3):
            raise self._columns.bad(row, "share", "must be a whole percentage, such as 80")
        return int(said)

    # --- sending ---------------------------------------------------------------------------------

    def stages(self, load: Load) -> Iterator[Stage]:
        """The one stage there is: facilities, departments and who is known already are looked up,
        nobody is asked for."""
        source = self._sender.source
        ids = {each.id: staff_id_of(source, each.id) for each in self._listed}
        known = look_up(
            load, source, facilities={each.facility for each in self._listed}, streams=ids.values()
        )
        homes = {each.id: known.facility(each.facility) for each in self._listed}
        known = with_departments(
            load,
            known,
            (
                (home, each.department)
                for each in self._listed
                if each.department is not None and (home := homes[each.id]) is not None
            ),
        )

        codes = _codes_of(load, source, map(known.state, ids.values()))

        def write(it: Listed) -> list[Letter]:
            home = homes[it.id]
            if home is None:
                raise self._columns.bad(it.row, "facility", "names no facility")
            department_id = None
            if it.department is not None:
                department_id = known.department(home, it.department)
                if department_id is None:
                    raise self._columns.bad(it.row, "department", "is no department's code there")
            person: StaffMember | None = known.state(ids[it.id])
            if person is None:
                return self._registered(it, home, department_id)
            self._same_person(it, home, person)
            zone = ZoneInfo(known.state(home).zone)
            since = it.changed_on or self._now.astimezone(zone).date()
            particulars = self._particulars(it, person, since)
            here = Here(home, department_id, codes)
            return [*particulars, *self._moved(it, person, here, since)]

        yield Stage(
            "staff",
            [
                Draft(
                    ("staff member", each.id.lower()),
                    ids[each.id],
                    self._place(each.row),
                    partial(write, each),
                )
                for each in self._listed
            ],
        )

    def _registered(self, it: Listed, home: UUID, department_id: UUID | None) -> list[Letter]:
        """Whoever is not known yet is registered, and assigned."""
        staff_id, place = staff_id_of(self._sender.source, it.id), self._place(it.row)
        register = RegisterStaffMember(
            staff_id=staff_id,
            facility_id=home,
            full_name=it.full_name,
            job=it.job,
            registered_on=it.registered_on,
            specialty=it.specialty,
            npi=it.npi,
        )
        assign = AssignStaffMember(
            staff_id=staff_id,
            facility_id=home,
            valid_from=it.registered_on,
            department_id=department_id,
            share=WHOLE_TIME if it.share is None else it.share,
        )
        return [
            self._sender.letter(register, "staff member", it.id, place),
            self._sender.letter(assign, "assignment", it.id, place),
        ]

    # --- who is known already --------------------------------------------------------------------

    def _same_person(self, it: Listed, home: UUID, person: StaffMember) -> None:
        """Turns a row away that tells of somebody what does not change."""
        if person.facility_id != home:
            raise self._columns.bad(it.row, "facility", "is not their home, which stays the same")
        if person.registered_on != it.registered_on:
            rule = f"is not their first day, which was {person.registered_on}"
            raise self._columns.bad(it.row, "registered_on", rule)

    def _particulars(self, it: Listed, person: StaffMember, since: date) -> Iterator[Letter]:
        """What a row says otherwise about somebody."""
        staff_id, place = staff_id_of(self._sender.source, it.id), self._place(it.row)
        dated: dict[str, Callable[..., Command]] = {
            "full_name": ChangeName,
            "job": ChangeJob,
            "specialty": ChangeSpecialty,
        }
        for field, change in dated.items():
            says, was = getattr(it, field), getattr(person, field)
            if says not in (None, was):
                told = change(staff_id=staff_id, changed_on=since, **{field: says})
                changed = place.changed(field, was, says)
                yield self._sender.change(told, field, it.id, place, changed)
        if it.npi not in (None, person.npi):
            record = RecordNpi(staff_id=staff_id, npi=it.npi or "")
            changed = place.changed("npi", person.npi, it.npi)
            yield self._sender.change(record, "npi", it.id, place, changed)

    def _moved(self, it: Listed, person: StaffMember, here: Here, since: date) -> Iterator[Letter]:
        """Where somebody works otherwise at home, or with which other share of their time: the
        assignment they have ends the day before, and another begins.

        What the row leaves open of the two stays as it is. Nobody who left is moved.
        """
        if (it.department is None and it.share is None) or person.status not in EMPLOYED:
            return
        there = [
            each
            for each in person.assignments
            if each.facility_id == here.facility_id
            and (each.valid_to is None or since <= each.valid_to)
        ]
        if any(
            (it.department is None or each.department_id == here.department_id)
            and it.share in (None, each.share)
            for each in there
        ):
            return
        now = [each for each in there if each.covers(since)]
        if len(now) > 1:
            column = "share" if it.department is None else "department"
            rule = "does not say which of their assignments it is instead of: end that one first"
            raise self._columns.bad(it.row, column, rule)
        staff_id, place = staff_id_of(self._sender.source, it.id), self._place(it.row)
        was = now[0] if now else None
        department_id, share = here.department_id, it.share
        changes = []
        if it.department is not None:
            was_in = None if was is None else here.codes.get(was.department_id)
            if was_in != it.department:
                changes.append(place.changed("department", was_in, it.department))
        elif was is not None:
            department_id = was.department_id
        if share is None:
            share = WHOLE_TIME if was is None else was.share
        elif was is None or was.share != share:
            changes.append(place.changed("share", None if was is None else was.share, share))
        if was is not None:
            end = EndAssignment(
                staff_id=staff_id,
                facility_id=here.facility_id,
                ended_on=since - timedelta(days=1),
                department_id=was.department_id,
            )
            yield self._sender.change(end, "assignment ending", it.id, place)
        assign = AssignStaffMember(
            staff_id=staff_id,
            facility_id=here.facility_id,
            valid_from=since,
            valid_to=None if was is None else was.valid_to,
            department_id=department_id,
            share=share,
        )
        yield self._sender.change(assign, "assignment", it.id, place, *changes)

    def _place(self, row: Row) -> Place:
        columns = {**self._columns.of}
        columns["valid_from"] = columns.get("registered_on", "registered_on")
        return Place(row.file, row.line, columns, self._private)


def _codes_of(
    load: Load, source: str, people: Iterable[StaffMember | None]
) -> dict[UUID | None, str]:
    """What the departments are called that people are assigned to."""
    theirs = {
        one.department_id
        for each in people
        if each is not None
        for one in each.assignments
        if one.department_id is not None
    }
    found = look_up(load, source, streams=theirs)
    return {each: state.code for each in theirs if (state := found.state(each)) is not None}


import_staff = importer_of(StaffList)
"""Registers the people a list names, and assigns them to where they work."""
