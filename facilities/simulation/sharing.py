"""One facility asks another for what it has, month by month."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.supply.events.transfer import LotInTransit, transfer_of
from domain.supply.inbound_receipt import AnnounceTransfer, LotReceived, ReceiveTransfer
from domain.supply.inbound_request import NoteApproval, RequestTransfer
from domain.supply.stock_item import ReceiveStock
from domain.supply.transfer_sending import ApproveTransfer, AskForTransfer, DispatchTransfer
from facilities.simulation.places import Site
from facilities.simulation.run import DAY, Story
from facilities.simulation.store_room import (
    NEBULIZER,
    SYSTEM,
    day_of_work,
    expiry,
    item_of,
    kept,
)


def shares(sender: Site, receiver: Site) -> Story:
    """One facility asks another each month; every third delivery comes short, or damaged."""
    run, lot, expires_on = sender.run, "NEB-1", expiry(sender.run.first_day)
    for site in (sender, receiver):
        for command in kept(site, NEBULIZER, 300 if site is sender else 20, lot):
            yield run.first_day, command
    day, number = run.first_day + timedelta(days=5), 0
    while True:
        number += 1
        day = day_of_work(day, sender, receiver)
        inbound_id = run.id("inbound transfer", receiver.index, number)
        inbound: dict[str, Any] = {"inbound_transfer_id": inbound_id}
        outbound: dict[str, Any] = {"transfer_id": transfer_of(inbound_id)}
        yield (
            day,
            ReceiveStock(
                stock_item_id=item_of(sender, NEBULIZER), quantity=20, received_on=day, lot=lot
            ),
        )
        yield (
            day,
            RequestTransfer(
                **inbound,
                facility_id=receiver.facility_id,
                from_facility_id=sender.facility_id,
                stock_item_id=item_of(receiver, NEBULIZER),
                quantity=20,
                requested_on=day,
            ),
        )
        yield (
            day,
            AskForTransfer(
                **inbound,
                **outbound,
                facility_id=sender.facility_id,
                to_facility_id=receiver.facility_id,
                item_system=SYSTEM,
                item_code=NEBULIZER,
                quantity=20,
                requested_on=day,
            ),
        )
        day = day_of_work(day + DAY, sender, receiver)
        yield (
            day,
            ApproveTransfer(**outbound, stock_item_id=item_of(sender, NEBULIZER), approved_on=day),
        )
        yield day, NoteApproval(**inbound, quantity=20, approved_on=day)
        yield day, DispatchTransfer(**outbound, dispatched_on=day, waybill=f"W {number}")
        sent = LotInTransit(lot=lot, expires_on=expires_on, quantity=20)
        yield (
            day,
            AnnounceTransfer(**inbound, lots=(sent,), waybill=f"W {number}", announced_on=day),
        )
        day = day_of_work(day + 6 * DAY, sender, receiver)
        came = (LotReceived(lot=lot, fit=17, damaged=1),) if number % 3 == 1 else ()
        yield day, ReceiveTransfer(**inbound, received_on=day, lots=came)
        day += timedelta(days=9)
