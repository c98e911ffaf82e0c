"""The mailroom's desk for shifts: any list of them, CSV or workbook, goes into rosters.

Fields, each in a column of its own name or mapped (`facilities.exchange.mapping`):

* ``facility`` and ``department``: where (`facilities.exchange.references`); the department's roster
  that has the day is the one the shift goes into;
* ``on``, ``starts`` and ``ends``: the day it begins, and times such as 07:00 by the clock there;
* ``job``; ``skill``; ``needed`` and ``minimum``: how many are wanted, and must be there;
* ``staff``: who is on it, several with a semicolon between them, as for credentials;
* ``id``: what the source calls the shift. Without one, rows that say the same are counted.

Each row is planned by a command of its own, after those above it, so that each conflict is told at
its row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from domain.workforce.events.roster_calendar import roster_calendar_of
from domain.workforce.roster_calendar import RosterCalendar
from domain.workforce.roster_planning import PlannedShift, PlanShifts
from facilities.exchange.delivery import Stage
from facilities.exchange.lists import MappedList, importer_of
from facilities.exchange.mapping import Columns, Fields
from facilities.exchange.parcels import Draft, Letter, Place, Sender
from facilities.exchange.reading import Reading
from facilities.exchange.references import References, look_up, with_departments
from facilities.exchange.tables import Row, Table, Unreadable
from facilities.exchange.tally import Load

OF_A_SHIFT = ("on", "starts", "ends", "job")
MORE_OF_IT = ("skill", "needed", "minimum")

FIELDS = Fields(
    of="shifts",
    required=("facility", "department", *OF_A_SHIFT),
    optional=(*MORE_OF_IT, "staff", "id"),
)

DEMAND = Fields(of="demand", required=OF_A_SHIFT, optional=MORE_OF_IT)
"""What a table says that asks for shifts with nobody on them."""

_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(:00)?")


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the list: a shift, where it is, and who is on it, as the source calls them."""

    row: Row
    id: str
    facility: str
    department: str
    staff: tuple[str, ...]
    shift: PlannedShift


def demand_of(file: Path, mapping: Mapping[str, str]) -> tuple[PlannedShift, ...]:
    """The shifts a list asks for. Raises BadMapping, and Unreadable with all that is wrong."""
    columns = Columns(DEMAND.by_name(Table(file, ()).header(), mapping))
    reading, table = Reading(), Table(file, columns.needed)
    found = tuple(reading.rows(table, "shift", None, partial(shift_of, columns)))
    if reading.refusals.rejected:
        raise Unreadable(*reading.refusals.rejected)
    if not found:
        raise table.unreadable(None, "the file has no rows")
    return found


def shift_of(columns: Columns, row: Row, people: int = 0) -> PlannedShift:
    """The shift a row says; without a number as many are needed as there are on it."""
    needed = _number(columns, row, "needed")
    return PlannedShift(
        on=columns.day(row, "on"),
        starts=_time(columns, row, "starts"),
        ends=_time(columns, row, "ends"),
        job=columns.required(row, "job"),
        skill=columns.said(row, "skill") or None,
        needed=max(1, people) if needed is None else needed,
        minimum=_number(columns, row, "minimum") or 0,
    )


def _time(columns: Columns, row: Row, name: str) -> str:
    said = columns.required(row, name)
    time = _TIME.fullmatch(said)
    if time is None:
        raise columns.bad(row, name, "must be a time of the day, such as 07:30")
    return f"{int(time[1]):02}:{time[2]}"


def _number(columns: Columns, row: Row, name: str) -> int | None:
    said = columns.said(row, name)
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and len(said) <= 4):
        raise columns.bad(row, name, "must be a whole number")
    return int(said)


class ShiftsList(MappedList[Listed]):
    """A file that lists shifts."""

    fields = FIELDS
    of = "shift"
    known_by = "id"

    def __init__(self, file: Path, columns: Columns, sender: Sender, now: datetime) -> None:
        super().__init__(file, columns, sender, now)
        self._same: Counter[str] = Counter()

    def _read(self, row: Row) -> Listed:
        required = self._columns.required
        named = self._columns.said(row, "staff").split(";")
        staff = tuple(each.strip() for each in named if each.strip())
        facility, department = required(row, "facility"), required(row, "department")
        shift = shift_of(self._columns, row, len(staff))
        said = self._columns.said(row, "id")
        if not said:
            where = (facility, department, shift.on, shift.starts, shift.ends, shift.job)
            what = "/".join(map(str, (*where, shift.skill or "", *staff)))
            self._same[what] += 1
            said = f"{what}/{self._same[what]}"
        return Listed(row, said, facility, department, staff, shift)

    # --- sending ---------------------------------------------------------------------------------

    def stages(self, load: Load) -> Iterator[Stage]:
        """The one stage there is: places, people and rosters are looked up, nobody is asked for."""
        known = look_up(
            load,
            self._sender.source,
            facilities={each.facility for each in self._listed},
            staff={one for each in self._listed for one in each.staff},
        )
        there = [(known.facility(each.facility), each.department) for each in self._listed]
        known = with_departments(
            load, known, {(where, code) for where, code in there if where is not None}
        )
        departments = {known.department(where, code) for where, code in there if where is not None}
        calendars = look_up(
            load,
            self._sender.source,
            streams={roster_calendar_of(each) for each in departments if each is not None},
        )
        drafts = []
        for each in self._listed:
            place = self._place(each.row)
            write = partial(self._letters, each, place, known, calendars)
            drafts.append(Draft(("shift", each.id.lower()), UUID(int=0), place, write))
        yield Stage("shifts", drafts, referred_to=True)

    def _letters(
        self, it: Listed, place: Place, known: References, calendars: References
    ) -> list[Letter]:
        bad = self._columns.bad
        facility_id = known.facility(it.facility)
        if facility_id is None:
            raise bad(it.row, "facility", "names no facility")
        department_id = known.department(facility_id, it.department)
        if department_id is None:
            raise bad(it.row, "department", "is no department's code there")
        calendar: RosterCalendar | None = calendars.state(roster_calendar_of(department_id))
        roster_id = None if calendar is None else calendar.roster_on(it.shift.on)
        if roster_id is None:
            raise bad(it.row, "on", "is in no roster of the department: draft one first")
        staff_ids = tuple(self._somebody(it, each, known) for each in it.staff)
        shift = replace(it.shift, staff_ids=staff_ids)
        planning = PlanShifts(roster_id=roster_id, shifts=(shift,))
        return [self._sender.letter(planning, "shift", it.id, place)]

    def _somebody(self, it: Listed, said: str, known: References) -> UUID:
        found = known.staff(said)
        if found is None:
            raise self._columns.bad(it.row, "staff", f"{said} is nobody who is registered")
        return found


import_shifts = importer_of(ShiftsList)
"""Plans the shifts a list names in the rosters of their departments."""
