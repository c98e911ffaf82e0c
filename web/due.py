"""What the calendar asks of the read models: which facilities there are, and what is due there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg_pool import ConnectionPool

from facilities.ledger import Ledger
from projections import queries
from projections.access import GrantStatus, grant_register, grants_ending
from projections.kernel import ReadModel
from projections.organization import department_list, facility_directory
from projections.privacy import ErasureStage, erasures
from projections.revenue.accounts import PaymentPlan, payment_plans
from projections.supply.items import StockItemEntry, stock_items
from projections.supply.lots import StockLot, stock_lots
from projections.workforce import (
    AssignmentEnding,
    AttendanceKept,
    AwaitedShift,
    ExpiringCredential,
    assignments_ending,
    attendance_kept,
    awaited_shifts,
    borrowed_people,
    expiring_credentials,
    my_shifts,
    position_list,
    requirement_list,
    roster_board,
    roster_list,
    rostering_terms,
    staff_directory,
)
from projections.workforce.positions import PositionEntry
from projections.workforce.roster_board import BoardShift
from projections.workforce.rosters import RosterStage
from projections.workforce.schedules import PersonsShift
from projections.workforce.staff import StaffEntry, StaffStatus
from web.progress import Progress

LOOKS_BACK = timedelta(days=35)
"""So late a file of attendance may come, and the calendar still finds who missed a shift by it (c).
Older shifts are left alone: where no attendance is kept they are awaited for ever."""

A_NIGHT = timedelta(days=2)
"""So many days before a day, by whatever clock, a shift began that reaches into it."""

PATIENCE = 5.0
"""How long, in seconds, a read model is given to come to the ledger's head."""


@dataclass(frozen=True, slots=True)
class ShiftAhead:
    """A shift somebody is on, and the kind of department it is in."""

    its: PersonsShift | BoardShift
    department_kind: str | None

    @property
    def facility_id(self) -> UUID:
        return self.its.facility_id

    @property
    def department_id(self) -> UUID:
        return self.its.department_id

    @property
    def job(self) -> str:
        return self.its.job

    @property
    def starts_at(self) -> datetime:
        return self.its.starts_at

    @property
    def ends_at(self) -> datetime:
        return self.its.ends_at


@dataclass(frozen=True, slots=True)
class ShiftUnder(ShiftAhead):
    """A shift that comes under a requirement, and who is on it, at home in which facility."""

    staff_id: UUID
    home_id: UUID


class Due:
    """Asks in the role of what serves requests.

    Raises what the database raises, and TimeoutError where a read model has not come as far as it
    must: what it does not show yet would be left undone for a day.
    """

    def __init__(self, pool: ConnectionPool[Any], ledger: Ledger, progress: Progress) -> None:
        self._pool, self._ledger, self._progress = pool, ledger, progress

    def facilities(self) -> list[tuple[UUID, str]]:
        """Every facility with its zone, also those that take no new work. One that has just opened
        is seen at the next look, so that only the first tables there are need to be waited for."""
        self._wait_for(facility_directory, 0)
        rows = self._rows(facility_directory, None, {})
        return [(each.facility_id, each.zone) for each in rows]

    def assignments(self, facility_ids: Sequence[UUID], day: date) -> list[AssignmentEnding]:
        """The assignments at facilities whose planned last day lies before a day."""
        self._wait_for(assignments_ending, self._ledger.head())
        before = {"ends_on_to": day - timedelta(days=1)}
        return self._rows(assignments_ending, facility_ids, before)

    def credentials(self, facility_ids: Sequence[UUID], day: date) -> list[ExpiringCredential]:
        """The credentials of facilities' people of which something is to be told by a day."""
        self._wait_for(expiring_credentials, self._ledger.head())
        return self._rows(expiring_credentials, facility_ids, {"next_on_to": day})

    def awaited(self, facility_ids: Sequence[UUID], day: date) -> list[AwaitedShift]:
        """The published shifts at facilities that nobody has come to, and that began in the weeks
        before a day."""
        self._wait_for(awaited_shifts, self._ledger.head())
        lately = {"on_from": day - LOOKS_BACK, "on_to": day - timedelta(days=1)}
        return self._rows(awaited_shifts, facility_ids, {"published": True, **lately})

    def attendance_kept(self, facility_ids: Sequence[UUID], _day: date) -> list[AttendanceKept]:
        """The departments of facilities in which attendance is kept."""
        self._wait_for(attendance_kept, self._ledger.head())
        return self._rows(attendance_kept, facility_ids, {})

    def midnights(self, facility_ids: Collection[UUID], day: date) -> dict[UUID, datetime]:
        """When a day begins at these facilities, by the clocks there."""
        return {
            facility_id: datetime.combine(day, time(), ZoneInfo(zone))
            for facility_id, zone in self.facilities()
            if facility_id in facility_ids
        }

    def positions_held(self, staff_id: UUID, position: int) -> list[PositionEntry]:
        """The positions somebody holds, as of a position of the ledger at least."""
        self._wait_for(position_list, position)
        return self._rows(position_list, None, {"staff_id": staff_id})

    def shifts_ahead(self, staff_id: UUID, since: datetime, position: int) -> list[ShiftAhead]:
        """The published shifts of somebody that end after a moment, as of a position of the ledger
        at least."""
        self._wait_for(my_shifts, position)
        asked = {
            "staff_id": staff_id,
            "published": True,
            "on_from": since.date() - A_NIGHT,
        }
        ahead = [each for each in self._rows(my_shifts, None, asked) if each.ends_at > since]
        kinds = self._kinds_of({each.department_id for each in ahead})
        return [ShiftAhead(each, kinds.get(each.department_id)) for each in ahead]

    def shifts_under(
        self, requirement_id: UUID, since: datetime, position: int
    ) -> Iterator[ShiftUnder]:
        """The published shifts of everybody that end after a moment and come under a requirement,
        as of a position of the ledger at least. Of all that may, the gate says which do."""
        for model in (requirement_list, roster_list, roster_board, department_list):
            self._wait_for(model, position)
        (its,) = self._rows(requirement_list, None, {"requirement_id": requirement_id})
        first = max(since.date(), its.begins_on) - A_NIGHT
        until = {} if its.ends_on is None else {"on_to": its.ends_on}
        published = {"stage": RosterStage.PUBLISHED, "ends_on_from": first}
        rosters = self._rows(roster_list, None, published)
        kinds = self._kinds_of({each.department_id for each in rosters})
        for roster in rosters:
            kind = kinds.get(roster.department_id)
            if its.department_kind in (None, kind):
                asked = {"roster_id": roster.roster_id, "on_from": first, **until}
                shifts = [
                    each
                    for each in self._rows(roster_board, None, asked)
                    if each.ends_at > since and _of_the_job(each.job, its.job)
                ]
                homes = self._homes_of({one for each in shifts for one in each.staff_ids})
                for each in shifts:
                    for staff_id in each.staff_ids:
                        if staff_id in homes:
                            yield ShiftUnder(each, kind, staff_id, homes[staff_id])

    def _kinds_of(self, departments: Collection[UUID]) -> dict[UUID, str]:
        """The kinds of departments."""
        found = self._among(department_list, "department_id", departments)
        return {each.department_id: each.kind for each in found}

    def _homes_of(self, people: Collection[UUID]) -> dict[UUID, UUID]:
        """The home facilities of people who work here."""
        found = self._among(staff_directory, "staff_id", people)
        return {
            each.staff_id: each.facility_id
            for each in found
            if each.home and each.status is not StaffStatus.SEPARATED
        }

    def grants_of(self, account_id: UUID) -> list[UUID]:
        """The grants an account was given that have not ended, as far as the read model tells. One
        that was given just now may be the only one, and is waited for."""
        model, filters = grant_register, {"account_id": account_id, "status": GrantStatus.GIVEN}
        found = self._rows(model, None, filters)
        if not found:
            self._wait_for(model, self._ledger.head())
            found = self._rows(model, None, filters)
        return [each.grant_id for each in found]

    def grants_over(self, now: datetime) -> list[UUID]:
        """The grants whose time is over, and that is not on record yet."""
        self._wait_for(grants_ending, 0)
        until = {"expires_at_to": now.isoformat()}
        return [each.grant_id for each in self._rows(grants_ending, None, until)]

    def erasures_begun(self) -> list[UUID]:
        """The erasures that nothing stands in the way of any more, and that are not done yet."""
        self._wait_for(erasures, 0)
        found = self._rows(erasures, None, {"stage": ErasureStage.BEGUN})
        return [each.erasure_id for each in found]

    def expired(self, facility_ids: Sequence[UUID], day: date) -> list[StockLot]:
        """The lots at facilities whose last day of use lies before a day."""
        self._wait_for(stock_lots, self._ledger.head())
        before = {"expires_on_to": day - timedelta(days=1)}
        return self._rows(stock_lots, facility_ids, before)

    def installments(self, facility_ids: Sequence[UUID], day: date) -> list[PaymentPlan]:
        """The payment plans at facilities of which a part was due before a day."""
        self._wait_for(payment_plans, self._ledger.head())
        before = {"next_due_on_to": day - timedelta(days=1)}
        return self._rows(payment_plans, facility_ids, before)

    def open_books(self, facility_ids: Sequence[UUID], day: date) -> list[StockItemEntry]:
        """The stock items at facilities that were kept in the year before a day, and whose books of
        it are not closed."""
        self._wait_for(stock_items, self._ledger.head())
        return self._rows(stock_items, facility_ids, {"closed_year_to": day.year - 2})

    def lots(self, item_system: str, item_code: str, position: int) -> list[StockLot]:
        """Every lot of an item that any facility has or had, as of a position at least."""
        self._wait_for(stock_lots, position)
        return self._rows(stock_lots, None, {"item_system": item_system, "item_code": item_code})

    def kept(self, item_system: str, item_code: str, position: int) -> list[StockItemEntry]:
        """What every facility keeps of an item, as of a position at least."""
        self._wait_for(stock_items, position)
        return self._rows(stock_items, None, {"item_system": item_system, "item_code": item_code})

    def staff_to_roster(self, facility_id: UUID, department_id: UUID) -> list[UUID]:
        """Who may be asked to work in a department: its people, those of the facility as a whole,
        its float pool, and who is lent to the facility."""
        head = self._ledger.head()
        for model in (staff_directory, rostering_terms, borrowed_people):
            self._wait_for(model, head)
        here = [each for each in self._rows(staff_directory, [facility_id], {}) if _at_work(each)]
        floats = {
            each.staff_id for each in self._rows(rostering_terms, [facility_id], {"floats": True})
        }
        found = [
            each.staff_id
            for each in here
            if each.staff_id in floats
            or any(one.department_id in (None, department_id) for one in each.assignments)
        ]
        lent = [each.staff_id for each in self._rows(borrowed_people, [facility_id], {})]
        return list(dict.fromkeys([*found, *lent]))

    def _wait_for(self, model: ReadModel[Any], position: int) -> None:
        def reached() -> bool:
            try:
                with self._pool.connection() as connection:
                    return queries.checkpoint(connection, model) >= position
            except queries.NotReady:
                return False

        if not reached() and not self._progress.wait(reached, PATIENCE):
            raise TimeoutError(f"{model.name} has not come to position {position} yet")

    def _among(self, model: ReadModel[Any], column: str, values: Collection[UUID]) -> list[Any]:
        """The rows of a list that one of many values stands in."""
        with self._pool.connection() as connection:
            found = queries.among(connection, model, column, values, scope=None)
        return [*map(model.row_of, found)]

    def _rows(
        self, model: ReadModel[Any], scope: Sequence[UUID] | None, filters: dict[str, Any]
    ) -> list[Any]:
        """Every row of a list, in its order."""
        rows: list[Any] = []
        cursor = None
        while True:
            with self._pool.connection() as connection:
                page = queries.page(
                    connection,
                    model,
                    scope=scope,
                    filters=filters,
                    cursor=cursor,
                    limit=queries.LARGEST_PAGE,
                )
            rows += map(model.row_of, page.rows)
            cursor = page.next_cursor
            if cursor is None:
                return rows


def _at_work(each: StaffEntry) -> bool:
    return each.status in (StaffStatus.ACTIVE, StaffStatus.ONBOARDING)


def _of_the_job(job: str, required: str | None) -> bool:
    """Whether a requirement is about a job, however it is written."""
    return required is None or required.strip().casefold() == job.strip().casefold()
