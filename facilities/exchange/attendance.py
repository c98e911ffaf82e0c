"""The mailroom's desk for hours: what a time clock or another system wrote down becomes attendance.

Fields, each in a column of its own name or mapped (`facilities.exchange.mapping`):

* ``staff``: who was at work, by their id, their NPI, or what the source calls them
  (`facilities.exchange.references`);
* ``came_at`` and ``left_at``: a day and a time such as ``2026-01-05 07:00``, by the clocks of the
  facility, or with an offset; one of the two may be a day alone, which is its midnight;
* ``facility``: where, by its id or one of its numbers; else at home;
* ``department`` (its code there) and ``job``: what they were at work as, where no shift of theirs
  begins then.

A row that is recorded already changes nothing; one that overlaps with what is recorded is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.workforce.attendance import RecordAttendance
from domain.workforce.events.attendance import timesheet_of
from facilities.exchange.delivery import Stage
from facilities.exchange.lists import MappedList, importer_of
from facilities.exchange.mapping import Fields
from facilities.exchange.parcels import Draft, Letter, Place
from facilities.exchange.references import References, look_up, with_departments
from facilities.exchange.tables import Row
from facilities.exchange.tally import Load

FIELDS = Fields(
    of="attendance",
    required=("staff", "came_at", "left_at"),
    optional=("facility", "department", "job"),
)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII
)
_MOMENT_RULE = "must be a day and a time such as 2026-01-05 07:00"


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the list. Times without an offset are those of the clock on the wall."""

    row: Row
    staff: str
    facility: str | None
    department: str | None
    job: str | None
    came_at: datetime
    left_at: datetime


class AttendanceList(MappedList[Listed]):
    """A file that lists who was at work when."""

    fields = FIELDS
    of = "attendance"

    def _read(self, row: Row) -> Listed:
        said = self._columns.said
        # A workbook's cell that says midnight says a day; where both do, no time was told.
        if all(_DAY.fullmatch(said(row, name)) for name in ("came_at", "left_at")):
            raise self._columns.bad(row, "came_at", _MOMENT_RULE)
        return Listed(
            row=row,
            staff=self._columns.required(row, "staff"),
            facility=said(row, "facility") or None,
            department=said(row, "department") or None,
            job=said(row, "job") or None,
            came_at=self._moment(row, "came_at"),
            left_at=self._moment(row, "left_at"),
        )

    def _moment(self, row: Row, name: str) -> datetime:
        said = self._columns.required(row, name)
        try:
            if not (_MOMENT.fullmatch(said) or _DAY.fullmatch(said)):
                raise ValueError
            return datetime.fromisoformat(said)
        except ValueError:
            raise self._columns.bad(row, name, _MOMENT_RULE) from None

    # --- sending ---------------------------------------------------------------------------------

    def stages(self, load: Load) -> Iterator[Stage]:
        """The one stage there is. Whoever and whatever is named is looked up."""
        source = self._sender.source
        named = {each.facility for each in self._listed if each.facility is not None}
        known = look_up(load, source, staff={each.staff for each in self._listed}, facilities=named)
        placed = [(each, *self._where(each, known)) for each in self._listed]
        at = {facility_id for _, _, facility_id in placed if facility_id is not None}
        houses = look_up(load, source, streams=at)
        houses = with_departments(
            load,
            houses,
            (
                (facility_id, each.department)
                for each, _, facility_id in placed
                if facility_id is not None and each.department is not None
            ),
        )
        drafts = []
        for each, staff_id, facility_id in placed:
            place = self._place(each.row)
            stream_id = UUID(int=0)
            if staff_id is not None and facility_id is not None:
                stream_id = timesheet_of(facility_id, staff_id)
            write = partial(self._letters, each, staff_id, facility_id, houses, place)
            drafts.append(Draft(("attendance", str(each.row.line)), stream_id, place, write))
        yield Stage("attendance", drafts, referred_to=True)

    def _where(self, it: Listed, known: References) -> tuple[UUID | None, UUID | None]:
        """Who was at work, and at which facility; None for what is not found."""
        staff_id = known.staff(it.staff)
        if it.facility is not None:
            return staff_id, known.facility(it.facility)
        return staff_id, None if staff_id is None else known.state(staff_id).facility_id

    def _letters(
        self,
        it: Listed,
        staff_id: UUID | None,
        facility_id: UUID | None,
        houses: References,
        place: Place,
    ) -> list[Letter]:
        if staff_id is None:
            raise self._columns.bad(it.row, "staff", "names nobody who is registered")
        if facility_id is None:
            raise self._columns.bad(it.row, "facility", "names no facility")
        department_id = None
        if it.department is not None:
            department_id = houses.department(facility_id, it.department)
            if department_id is None:
                raise self._columns.bad(it.row, "department", "is no department's code there")
        clock = ZoneInfo(houses.state(facility_id).zone)
        came_at = self._instant(it, "came_at", it.came_at, clock)
        left_at = self._instant(it, "left_at", it.left_at, clock)
        record = RecordAttendance(
            staff_id=staff_id,
            facility_id=facility_id,
            came_at=came_at,
            left_at=left_at,
            department_id=department_id,
            job=it.job,
        )
        name = f"{staff_id}/{facility_id}/{came_at.isoformat()}/{left_at.isoformat()}"
        return [self._sender.letter(record, "attendance", name, place)]

    def _instant(self, it: Listed, name: str, said: datetime, clock: ZoneInfo) -> datetime:
        """The instant of a moment; of a time that comes twice that night, the first."""
        if said.tzinfo is not None:
            return said.astimezone(UTC)
        instant = said.replace(tzinfo=clock).astimezone(UTC)
        if instant.astimezone(clock).replace(tzinfo=None) != said:
            rule = f"is skipped by the clocks in {clock.key} that night"
            raise self._columns.bad(it.row, name, rule)
        return instant


import_attendance = importer_of(AttendanceList)
"""Records the attendance a list tells of."""
