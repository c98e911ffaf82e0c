"""The standing procedures: what happens at a facility without anybody's doing, for its manager.

Each is a function that is given what to ask (a read model answers) and makes a `Procedure` for the
calendar: from each row that is due, one command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from domain.access.grant import ExpireGrant
from domain.kernel import Command
from domain.supply.events.stock_holds import QuarantineReason
from domain.supply.stock_holds import QuarantineStock
from domain.workforce.events.held import REMINDERS
from domain.workforce.expiry import AnnounceExpiry, LapseCredential
from domain.workforce.staff_member import EndAssignment
from facilities.calendar import CALENDAR, Procedure
from facilities.service import Context, Service


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


def assignments_end(passed: Callable[[UUID, date], Iterable[PlannedEnd]]) -> Procedure:
    """An assignment ends on the last day that was planned for it, once that day has passed.

    `passed` gives the assignments at a facility whose planned last day lies before a day.
    """

    def due(facility_id: UUID, day: date) -> Iterator[tuple[tuple[object, ...], Command]]:
        for each in passed(facility_id, day):
            key = each.staff_id, each.department_id, each.ends_on
            yield (
                key,
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
    def staff_id(self) -> UUID: ...
    @property
    def credential_id(self) -> UUID: ...
    @property
    def ends_on(self) -> date: ...


def credentials_run_out(due_by: Callable[[UUID, date], Iterable[EndingCredential]]) -> Procedure:
    """The end of a credential is announced 90, 60 and 30 days before, and it lapses the day after.

    `due_by` gives the credentials of a facility's people of which something is to be told on a day,
    or was before it. Of several reminders that are due at once (the calendar slept, or a credential
    was recorded late) the last one is enough.
    """

    def due(facility_id: UUID, day: date) -> Iterator[tuple[tuple[object, ...], Command]]:
        for each in due_by(facility_id, day):
            left = (each.ends_on - day).days
            if left < 0:
                yield (
                    (each.credential_id, each.ends_on, "lapsed"),
                    LapseCredential(
                        staff_id=each.staff_id,
                        credential_id=each.credential_id,
                        valid_to=each.ends_on,
                    ),
                )
                continue
            days = min(reminder for reminder in REMINDERS if reminder >= left)
            yield (
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
    def stock_item_id(self) -> UUID: ...
    @property
    def lot(self) -> str: ...
    @property
    def on_hand(self) -> int: ...
    @property
    def quarantined(self) -> int: ...


def expiry_sweep(expired: Callable[[UUID, date], Iterable[ExpiredLot]]) -> Procedure:
    """What has expired is set apart, so that nobody uses, sends or promises it.

    `expired` gives the lots at a facility whose last day of use lies before a day.
    """

    def due(facility_id: UUID, day: date) -> Iterator[tuple[tuple[object, ...], Command]]:
        for each in expired(facility_id, day):
            if each.on_hand > each.quarantined:
                yield (
                    (each.stock_item_id, each.lot),
                    QuarantineStock(
                        stock_item_id=each.stock_item_id,
                        why=QuarantineReason.EXPIRED,
                        quarantined_on=day,
                        lot=each.lot,
                    ),
                )

    return Procedure("expiry_sweep", due)
