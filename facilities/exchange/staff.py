"""The mailroom's desk for people: any list of staff, CSV or workbook, becomes staff members.

Fields, each in a column of its own name or mapped (`facilities.exchange.mapping`):

* ``id``: what somebody is called by in the tables of this source, such as an employee number; it
  is them whenever the list is imported again, and in other tables of the source;
* ``full_name``, ``job``, ``registered_on`` (their first day), and ``facility``, their home, named
  by its id or one of its numbers (`facilities.exchange.references`);
* ``department`` (its code there) and ``share`` (a whole percentage, else 100): where they are
  assigned from their first day on; without a department they are assigned to the facility;
* ``specialty``; ``npi``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from uuid import UUID

from domain.workforce.assignment import WHOLE_TIME, AssignStaffMember
from domain.workforce.staff_member import RegisterStaffMember
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
    optional=("department", "share", "specialty", "npi"),
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
    share: int
    specialty: str | None
    npi: str | None


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
        )

    def _share(self, row: Row) -> int:
        said = self._columns.said(row, "share").removesuffix("%").strip()
        if not said:
            return WHOLE_TIME
        if not (said.isascii() and said.isdigit() and len(said) <= 3):
            raise self._columns.bad(row, "share", "must be a whole percentage, such as 80")
        return int(said)

    # --- sending ---------------------------------------------------------------------------------

    def stages(self, load: Load) -> Iterator[Stage]:
        """The one stage there is: facilities and departments are looked up, nobody is asked for."""
        known = look_up(
            load, self._sender.source, facilities={each.facility for each in self._listed}
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

        def write(it: Listed) -> list[Letter]:
            home = homes[it.id]
            if home is None:
                raise self._columns.bad(it.row, "facility", "names no facility")
            department_id = None
            if it.department is not None:
                department_id = known.department(home, it.department)
                if department_id is None:
                    raise self._columns.bad(it.row, "department", "is no department's code there")
            return self._letters(it, home, department_id)

        yield Stage(
            "staff",
            [
                Draft(
                    ("staff member", each.id.lower()),
                    staff_id_of(self._sender.source, each.id),
                    self._place(each.row),
                    partial(write, each),
                )
                for each in self._listed
            ],
        )

    def _letters(self, it: Listed, home: UUID, department_id: UUID | None) -> list[Letter]:
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
            share=it.share,
        )
        return [
            self._sender.letter(register, "staff member", it.id, place),
            self._sender.letter(assign, "assignment", it.id, place),
        ]

    def _place(self, row: Row) -> Place:
        columns = {**self._columns.of}
        columns["valid_from"] = columns.get("registered_on", "registered_on")
        return Place(row.file, row.line, columns, self._private)


import_staff = importer_of(StaffList)
"""Registers the people a list names, and assigns them to where they work."""
