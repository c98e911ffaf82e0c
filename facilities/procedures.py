"""The standing procedures: what happens at a facility without anybody's doing, for its manager.

Each is a function that is given what to ask (a read model answers) and makes a `Procedure` for the
calendar: from each row that is due, one command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Protocol
from uuid import UUID

from domain.kernel import Command
from domain.workforce.staff_member import EndAssignment
from facilities.calendar import Procedure


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
