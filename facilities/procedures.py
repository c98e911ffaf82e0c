"""The standing procedures: what happens at a facility without anybody's doing, for its manager.

Each is a function that is given what to ask (a read model answers, for many facilities at once) and
makes a `Procedure` for the calendar: from each row that is due, one command.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol, TypeVar
from uuid import UUID

from domain.access.grant import ExpireGrant
from domain.revenue.patient_account import MissInstallment
from domain.supply.events.stock_holds import QuarantineReason
from domain.supply.stock_closing import CloseStockYear
from domain.supply.stock_holds import QuarantineStock
from domain.workforce.assignment import EndAssignment
from domain.workforce.attendance import GRACE, MissShift
from domain.workforce.events.held import REMINDERS
from domain.workforce.expiry import AnnounceExpiry, LapseCredential
from facilities.calendar import CALENDAR, Errand, Procedure
from facilities.service import Context, Service

Row = TypeVar("Row", covariant=True)


class Asked(Protocol[Row]):
    """What is due at these facilities on a day that has begun there, by the rows of a list."""

    def __call__(self, facility_ids: Sequence[UUID], day: date, /) -> Iterable[Row]: ...


class PlannedEnd(Protocol):
    """The planned last day of an assignment."""

    @property
    def facility_id(self) -> UUID: ...
    @property
    def staff_id(self) -> UUID: ...
    @property
    def department_id(self) -> UUID | None: ...
    @property
    def ends_on(self) -> date: ...


def grants_expire(
    service: Service, over: Callable[[datetime], Iterable[UUID]]
) -> Callable[[], None]:
    """That a grant's time is over is put on record. Nobody acted under it since.

    `over` gives the grants whose end lies before a moment, and is not on record.
    """

    def expire() -> None:
        for each in over(service.now()):
            service.execute(ExpireGrant(grant_id=each), Context(actor=CALENDAR, source="calendar"))

    return expire


def assignments_end(passed: Asked[PlannedEnd]) -> Procedure:
    """An assignment ends on the last day that was planned for it, once that day has passed.

    `passed` gives the assignments whose planned last day lies before a day.
    """

    def due(facility_ids: Sequence[UUID], day: date) -> Iterator[Errand]:
        for each in passed(facility_ids, day):
            yield Errand(
                each.facility_id,
                (each.staff_id, each.department_id, each.ends_on),
                EndAssignment(
                    staff_id=each.staff_id,
                    facility_id=each.facility_id,
                    department_id=each.department_id,
                    ended_on=each.ends_on,
                ),
            )

    return Procedure("assignments_end", due)


class EndingCredential(Protocol):
    """A credential that has an end."""

    @property
    def facility_id(self) -> UUID: ...
    @property
    def staff_id(self) -> UUID: ...
    @property
    def credential_id(self) -> UUID: ...
    @property
    def ends_on(self) -> date: ...


def credentials_run_out(due_by: Asked[EndingCredential]) -> Procedure:
    """The end of a credential is announced 90, 60 and 30 days before, and it lapses the day after.

    `due_by` gives the credentials of facilities' people of which something is to be told on a day,
    or was before it. Of several reminders that are due at once (the calendar slept, or a credential
    was recorded late) the last one is enough.
    """

    def due(facility_ids: Sequence[UUID], day: date) -> Iterator[Errand]:
        for each in due_by(facility_ids, day):
            left = (each.ends_on - day).days
            if left < 0:
                yield Errand(
                    each.facility_id,
                    (each.credential_id, each.ends_on, "lapsed"),
                    LapseCredential(
                        staff_id=each.staff_id,
                        credential_id=each.credential_id,
                        valid_to=each.ends_on,
                    ),
                )
                continue
            days = min(reminder for reminder in REMINDERS if reminder >= left)
            yield Errand(
                each.facility_id,
                (each.credential_id, each.ends_on, days),
                AnnounceExpiry(
                    staff_id=each.staff_id,
                    credential_id=each.credential_id,
                    valid_to=each.ends_on,
                    days=days,
                    announced_on=day,
                ),
            )

    return Procedure("credentials_run_out", due)


class ExpiredLot(Protocol):
    """A lot whose last day of use has passed."""

    @property
    def facility_id(self) -> UUID: ...
    @property
    def stock_item_id(self) -> UUID: ...
    @property
    def lot(self) -> str: ...
    @property
    def on_hand(self) -> int: ...
    @property
    def quarantined(self) -> int: ...


def expiry_sweep(expired: Asked[ExpiredLot]) -> Procedure:
    """What has expired is set apart, so that nobody uses, sends or promises it.

    `expired` gives the lots whose last day of use lies before a day.
    """

    def due(facility_ids: Sequence[UUID], day: date) -> Iterator[Errand]:
        for each in expired(facility_ids, day):
            if each.on_hand > each.quarantined:
                yield Errand(
                    each.facility_id,
                    (each.stock_item_id, each.lot),
                    QuarantineStock(
                        stock_item_id=each.stock_item_id,
                        why=QuarantineReason.EXPIRED,
                        quarantined_on=day,
                        lot=each.lot,
                    ),
                )

    return Procedure("expiry_sweep", due)


class AwaitedShift(Protocol):
    """A shift that somebody was told of, and has not come to."""

    @property
    def facility_id(self) -> UUID: ...
    @property
    def department_id(self) -> UUID: ...
    @property
    def staff_id(self) -> UUID: ...
    @property
    def roster_id(self) -> UUID: ...
    @property
    def shift(self) -> int: ...
    @property
    def on(self) -> date: ...
    @property
    def ends_at(self) -> datetime: ...


class AttendanceKept(Protocol):
    """A department in which attendance is kept, and is known from one day to another."""

    @property
    def facility_id(self) -> UUID: ...
    @property
    def department_id(self) -> UUID: ...
    @property
    def first_on(self) -> date: ...
    @property
    def latest_on(self) -> date: ...


Midnights = Callable[[Collection[UUID], date], Mapping[UUID, datetime]]
"""When a day begins at these facilities, by the clocks there."""


def shifts_missed(
    awaited: Asked[AwaitedShift], kept: Asked[AttendanceKept], midnights: Midnights
) -> Procedure:
    """A shift is missed when it was over for some hours at midnight, nobody had come to it, and the
    department's attendance is known for its day: some was told for that day or for a later one, and
    some for that day or an earlier one. Where none is kept nothing is missed, and before a file of
    a period has come in nothing of that period is. Who came after all is entered as ever, and the
    shift is not missed any more.

    `awaited` gives the shifts nobody has come to that began before a day, and `kept` where
    attendance is kept.
    """

    def due(facility_ids: Sequence[UUID], day: date) -> Iterator[Errand]:
        known = {each.department_id: each for each in kept(facility_ids, day)}
        there = list(dict.fromkeys(each.facility_id for each in known.values()))
        rows = [
            each
            for each in (awaited(there, day) if there else ())
            if (its := known.get(each.department_id)) and its.first_on <= each.on <= its.latest_on
        ]
        began = midnights({each.facility_id for each in rows}, day) if rows else {}
        for each in rows:
            if each.ends_at + GRACE <= began[each.facility_id]:
                yield Errand(
                    each.facility_id,
                    (each.staff_id, each.roster_id, each.shift),
                    MissShift(
                        staff_id=each.staff_id,
                        facility_id=each.facility_id,
                        roster_id=each.roster_id,
                        shift=each.shift,
                    ),
                )

    return Procedure("shifts_missed", due)


class PlanInArrears(Protocol):
    """A payment plan of which a part was due."""

    @property
    def facility_id(self) -> UUID: ...
    @property
    def account_id(self) -> UUID: ...
    @property
    def plan(self) -> int: ...
    def overdue(self, day: date, /) -> Iterable[int]: ...


def installments_missed(in_arrears: Asked[PlanInArrears]) -> Procedure:
    """An installment that was not paid by its day is missed, once that day has passed.

    `in_arrears` gives the payment plans of which a part was due before a day.
    """

    def due(facility_ids: Sequence[UUID], day: date) -> Iterator[Errand]:
        for each in in_arrears(facility_ids, day):
            for number in each.overdue(day):
                yield Errand(
                    each.facility_id,
                    (each.account_id, each.plan, number),
                    MissInstallment(account_id=each.account_id, installment=number, missed_on=day),
                )

    return Procedure("installments_missed", due)


class OpenBooks(Protocol):
    """A stock item whose books of the year before are open."""

    @property
    def facility_id(self) -> UUID: ...
    @property
    def stock_item_id(self) -> UUID: ...


CLOSES_ON = (1, 31)
"""Month and day from which on the books of the year before are closed (c)."""


def stock_years_close(open_books: Asked[OpenBooks]) -> Procedure:
    """The books of a stock item are closed for the calendar year before, at the end of January:
    what was to be entered for December is entered by then. What is refused is tried every day.

    `open_books` gives the items whose books of the year before a day are open, and could be closed.
    """

    def due(facility_ids: Sequence[UUID], day: date) -> Iterator[Errand]:
        if (day.month, day.day) < CLOSES_ON:
            return
        year = day.year - 1
        for each in open_books(facility_ids, day):
            its_id = each.stock_item_id
            yield Errand(
                each.facility_id,
                (its_id, year),
                CloseStockYear(stock_item_id=its_id, year=year, closed_on=day),
            )

    return Procedure("stock_years_close", due)
