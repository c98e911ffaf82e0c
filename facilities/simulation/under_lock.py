"""Controlled substances, counted and given out by two."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from domain.supply.controlled_acts import CountControlled, DispenseControlled, WasteControlled
from domain.supply.controlled_losses import DiscoverLoss, NotifyOfLoss, next_business_day
from domain.supply.controlled_register import OpenRegister
from domain.supply.events.controlled import LossKind, Schedule
from domain.supply.events.stock import IssuedTo
from facilities.simulation.people import Seat
from facilities.simulation.places import Site
from facilities.simulation.run import DAY, Story
from facilities.simulation.store_room import (
    FENTANYL,
    day_of_work,
    item_of,
    kept,
)


def controlled(site: Site, seats: Sequence[Seat]) -> Story:
    """An ampoule a week goes out before a witness; a rest is wasted, a count is made, one is
    missing."""
    run, today, lot = site.run, site.run.first_day, "FEN-3"
    for command in kept(site, FENTANYL, 100, lot, "ampoule"):
        yield today, command
    its: dict[str, Any] = {"register_id": run.id("register", site.index)}
    yield (
        today,
        OpenRegister(
            **its,
            facility_id=site.facility_id,
            stock_item_id=item_of(site, FENTANYL),
            schedule=Schedule.II,
            opened_on=today,
        ),
    )
    there, week = 100, 0
    while True:
        week += 1
        today = day_of_work(today + timedelta(days=7), site)
        two = _two_on(seats, today)
        if there < 10:
            return
        if two is None:
            continue
        one, other = two
        there -= 2
        yield (
            today,
            DispenseControlled(
                **its,
                lot=lot,
                quantity=2,
                issued_to=IssuedTo.DEPARTMENT,
                department_id=site.wards[0].department_id,
                issued_by=one,
                witnessed_by=other,
                issued_on=today,
            ),
        )
        if week % 2:
            there -= 1
            yield (
                today,
                WasteControlled(
                    **its,
                    lot=lot,
                    quantity=1,
                    reason="opened, not given",
                    wasted_by=one,
                    witnessed_by=other,
                    wasted_on=today,
                ),
            )
        if week == 3:
            there -= 1
            yield (
                today,
                DiscoverLoss(
                    **its,
                    lot=lot,
                    quantity=1,
                    kind=LossKind.UNEXPLAINED,
                    circumstances="one short at the count of the shift",
                    discovered_on=today,
                ),
            )
        yield (
            today,
            CountControlled(
                **its,
                lot=lot,
                counted=there,
                counted_by=one,
                witnessed_by=other,
                counted_on=today,
            ),
        )
        if week == 3 and site.index == 0:
            today = next_business_day(today)
            yield today, NotifyOfLoss(**its, loss=1, notified_on=today)


def _two_on(seats: Sequence[Seat], day: date) -> tuple[UUID, UUID] | None:
    """Two who hold a seat on a day and the next."""
    there = [
        one
        for seat in seats
        if (one := seat.holder_on(day)) is not None and seat.holder_on(day + DAY) == one
    ]
    return (there[0], there[1]) if len(there) > 1 else None
