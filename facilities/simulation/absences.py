"""Leaves of absence: somebody is away for some days or weeks, now and then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from typing import NamedTuple

from domain.workforce.employment import BeginLeave, ReturnFromLeave
from domain.workforce.events.employment import LeaveReason
from facilities.simulation.people import Seat, Tenure
from facilities.simulation.run import DAY, Story

REASONS = (
    (LeaveReason.MEDICAL, 5), (LeaveReason.FAMILY, 3), (LeaveReason.PARENTAL, 2),
    (LeaveReason.EDUCATION, 1), (LeaveReason.MILITARY, 1),
)  # fmt: skip


class Away(NamedTuple):
    """A leave, whose days are both included, and why it is taken."""

    first: date
    last: date
    reason: LeaveReason


def leaves_of(seat: Seat, tenure: Tenure) -> Iterator[Away]:
    """The leaves of somebody, in their order: about one a year."""
    dice = seat.site.run.dice("leaves", tenure.staff_id)
    day = max(tenure.since, seat.site.run.first_day)
    while True:
        day += timedelta(days=dice.between(8, 700))
        last = day + timedelta(days=dice.between(3, 30))
        if last + DAY >= tenure.until:
            return
        yield Away(day, last, dice.weighted(REASONS))
        day = last


def away_on(seat: Seat, tenure: Tenure, day: date) -> bool:
    """Whether somebody is on leave on a day."""
    for each in leaves_of(seat, tenure):
        if each.first > day:
            return False
        if day <= each.last:
            return True
    return False


def leaves_of_a_seat(seat: Seat) -> Story:
    """Whoever holds a seat goes on leave, and comes back when they said."""
    for number in count():
        tenure = seat.tenure(number)
        for each in leaves_of(seat, tenure):
            yield (
                each.first,
                BeginLeave(
                    staff_id=tenure.staff_id,
                    kind=each.reason,
                    began_on=each.first,
                    expected_to=each.last,
                ),
            )
            back_on = each.last + DAY
            yield back_on, ReturnFromLeave(staff_id=tenure.staff_id, returned_on=back_on)
