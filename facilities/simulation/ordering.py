"""Store rooms that never were: what they order, share, count, recall and keep under lock.

They keep items of their own beside the shelves of `stock`, and know what is there of each, so that
they never ask for what is not. What a process says of a transfer or a recall is said here, as far
as people's next step needs it; the rest follows by itself where the system is served: a delivery
that came short becomes a case, what has run low is proposed.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from domain.kernel import Command, foreign_id
from domain.organization.events import FacilityKind
from domain.supply.controlled_acts import CountControlled, DispenseControlled, WasteControlled
from domain.supply.controlled_losses import DiscoverLoss, NotifyOfLoss, next_business_day
from domain.supply.controlled_register import OpenRegister
from domain.supply.events.controlled import LossKind, Schedule
from domain.supply.events.counting import DifferenceCause
from domain.supply.events.recall import Disposition, RecallClass, response_to
from domain.supply.events.stock import IssuedTo
from domain.supply.events.transfer import LotInTransit, transfer_of
from domain.supply.inbound_receipt import AnnounceTransfer, LotReceived, ReceiveTransfer
from domain.supply.inbound_request import NoteApproval, RequestTransfer
from domain.supply.purchase_order_drafting import ApprovePurchaseOrder
from domain.supply.purchase_order_receiving import (
    ClosePurchaseOrder,
    PlacePurchaseOrder,
    ReceiveOrderedItem,
)
from domain.supply.recall import IssueRecall
from domain.supply.recall_response import AccountForUnits, AcknowledgeRecall, NotifyOfRecall
from domain.supply.requisition_approval import (
    ApproveRequisition,
    AuthorizeRequisition,
    CloseRequisition,
    PutRequisitionToApproval,
    ReleaseRequisition,
    SubmitRequisition,
)
from domain.supply.requisition_items import DraftRequisition, RequestItem
from domain.supply.stock_count import (
    ApproveStockCount,
    EnterCount,
    InvestigateDifference,
    OpenStockCount,
    PutItemOnCount,
)
from domain.supply.stock_exceptions import OpenUnrecordedReceipt
from domain.supply.stock_holds import ReserveStock
from domain.supply.stock_item import IssueStock, ListStockItem, ReceiveStock
from domain.supply.stock_par import SetParLevels
from domain.supply.supplier import RegisterSupplier
from domain.supply.transfer_sending import ApproveTransfer, AskForTransfer, DispatchTransfer
from facilities.simulation.people import Seat
from facilities.simulation.places import Site
from facilities.simulation.run import DAY, Run, Story

_SUPPLIERS = (("Northwind Medical", 6), ("Larkspur Pharma", 9))
SYSTEM = "HOUSE-CATALOG"
SALINE, NEBULIZER, INFUSION, FENTANYL = "SKU-2001", "SKU-2002", "SKU-2003", "SKU-2004"
_CALLED = {
    SALINE: "Sodium chloride 0.9 %, 1 l", NEBULIZER: "Nebulizer, reusable",
    INFUSION: "Infusion set", FENTANYL: "Fentanyl 0.1 mg, ampoule",
}  # fmt: skip
Steps = Generator[tuple[date, Command], None, date]
"""A story that is told within another, which goes on no earlier than this one has ended."""

_ORDERED, _USED = 120, 15
"""What is ordered in four weeks, and used in one."""


def stories(
    run: Run, sites: Sequence[Site], seats: Sequence[Sequence[Seat]]
) -> Iterator[tuple[tuple[object, ...], Story]]:
    """All of them, by what they are about."""
    store_rooms = [each for each in sites if each.kind is not FacilityKind.OFFICE]
    yield ("suppliers",), _suppliers(run)
    for site in store_rooms:
        yield ("ordering", site.index), _orders(site)
    for sender, receiver in zip(store_rooms[::2], store_rooms[1::2], strict=False):
        yield ("sharing", sender.index), _shares(sender, receiver)
    yield ("recall",), _recalls(run, store_rooms)
    for site in store_rooms:
        if site.kind in (FacilityKind.HOSPITAL, FacilityKind.URGENT_CARE):
            yield ("controlled", site.index), _controlled(site, seats[site.index])


def _suppliers(run: Run) -> Story:
    for name, days in _SUPPLIERS:
        yield (
            run.first_day,
            RegisterSupplier(
                supplier_id=run.id("supplier", name),
                legal_name=name,
                lead_time_days=days,
                registered_on=run.first_day,
            ),
        )


def _kept(site: Site, code: str, quantity: int, lot: str, unit: str = "each") -> Iterator[Command]:
    """An item is listed, and the first of it comes in."""
    today = site.run.first_day
    item = _item(site, code)
    yield ListStockItem(
        stock_item_id=item,
        facility_id=site.facility_id,
        item_system=SYSTEM,
        item_code=code,
        description=_CALLED[code],
        listed_on=today,
        unit=unit,
        lot_tracked=True,
    )
    yield ReceiveStock(
        stock_item_id=item,
        quantity=quantity,
        received_on=today,
        lot=lot,
        expires_on=_expiry(today),
    )


def _item(site: Site, code: str) -> UUID:
    return site.run.id("store room", site.index, code)


def _expiry(since: date) -> date:
    return since + timedelta(days=900)


def _working(today: date, *sites: Site) -> date:
    """The day, or the first one after it on which all of them work."""
    while not all(each.works_on(today) for each in sites):
        today += DAY
    return today


# --- ordering and counting -----------------------------------------------------------------------


def _orders(site: Site) -> Story:
    """Four weeks after four weeks: requested, ordered, received in two parts, used; and counted."""
    run, today = site.run, site.run.first_day
    item, lot, there = _item(site, SALINE), "SAL-0", 200
    for command in _kept(site, SALINE, there, lot, "bag"):
        yield today, command
    supplier_id = run.id("supplier", _SUPPLIERS[site.index % 2][0])
    yield (
        today,
        SetParLevels(
            stock_item_id=item,
            minimum=40,
            reorder_point=80 if site.index % 2 else 190,
            maximum=400,
            lead_time_days=7,
            set_on=today,
            supplier_id=supplier_id,
        ),
    )
    yield (
        today,
        ReserveStock(
            stock_item_id=item,
            reservation_id=run.id("reservation", site.index),
            quantity=5,
            reserved_for="elective surgery",
            reserved_on=today,
        ),
    )
    round_number = 0
    while True:
        round_number += 1
        yield from _count(site, item, lot, there, round_number, today + 2 * DAY)
        if round_number == 1:
            there -= 4
        done_on = yield from _order(site, item, supplier_id, round_number, today + 4 * DAY)
        there += _ORDERED
        for week in range(1, 4):
            # The lot that came first has enough for a year, and goes first.
            done_on = _working(max(done_on, today + timedelta(days=20 + 2 * week)), site)
            if there - _ORDERED * round_number > 2 * _USED:
                there -= _USED
                yield (
                    done_on,
                    IssueStock(
                        stock_item_id=item,
                        quantity=_USED,
                        issued_on=done_on,
                        issued_to=IssuedTo.DEPARTMENT,
                        department_id=site.wards[0].department_id,
                    ),
                )
        today = _working(max(done_on, today + timedelta(days=28)), site)


def _order(site: Site, item: UUID, supplier_id: UUID, number: int, begins: date) -> Steps:
    requisition_id = site.run.id("requisition", site.index, number)
    order_id = foreign_id("requisition/purchase_order", requisition_id)
    its: dict[str, Any] = {"requisition_id": requisition_id}
    order: dict[str, Any] = {"purchase_order_id": order_id}
    day = _working(begins, site)
    year, week, _ = day.isocalendar()
    yield (
        day,
        DraftRequisition(
            **its,
            facility_id=site.facility_id,
            program="central supply",
            period=f"{year}-W{week:02}",
            drafted_on=day,
            supplier_id=supplier_id,
        ),
    )
    yield day, RequestItem(**its, stock_item_id=item, quantity=_ORDERED, requested_on=day)
    yield day, SubmitRequisition(**its, submitted_on=day)
    day += DAY
    yield day, AuthorizeRequisition(**its, authorized_on=day)
    yield day, PutRequisitionToApproval(**its, put_on=day)
    day = _working(day + DAY, site)
    yield day, ApproveRequisition(**its, approved_on=day)
    number_of = f"PO-{site.index:02}-{number:03}"
    yield day, ReleaseRequisition(**its, order_number=number_of, released_on=day)
    yield day, ApprovePurchaseOrder(**order, approved_on=day)
    yield day, PlacePurchaseOrder(**order, placed_on=day)
    lot: dict[str, Any] = {"stock_item_id": item, "lot": f"SAL-{number}"}
    for part, days in ((70, 5), (_ORDERED - 70, 4)):
        day = _working(day + timedelta(days=days), site)
        expires = _expiry(site.run.first_day) + timedelta(days=number)
        yield (
            day,
            ReceiveOrderedItem(**order, **lot, quantity=part, received_on=day, expires_on=expires),
        )
    yield day, ClosePurchaseOrder(**order, closed_on=day)
    yield day, CloseRequisition(**its, closed_on=day)
    return day


def _count(site: Site, item: UUID, lot: str, there: int, number: int, day: date) -> Story:
    """The first count finds four less, and again; the later ones stay open for somebody to enter
    them."""
    if number > 2:
        return
    count: dict[str, Any] = {"stock_count_id": site.run.id("stock count", site.index, number)}
    of: dict[str, Any] = {**count, "stock_item_id": item}
    day = _working(day, site)
    yield (
        day,
        OpenStockCount(
            **count, facility_id=site.facility_id, title="Store room", opened_on=day, tolerance=2
        ),
    )
    yield day, PutItemOnCount(**of, listed_on=day)
    if number == 1:
        for _ in range(2):
            yield day, EnterCount(**of, lot=lot, counted=there - 4, counted_on=day)
        yield (
            day,
            InvestigateDifference(
                **of,
                lot=lot,
                cause=DifferenceCause.UNRECORDED_ISSUE,
                finding="taken at night for the emergency department",
                investigated_on=day,
            ),
        )
        yield day, ApproveStockCount(**count, approved_on=day)
        if site.index == 0:
            yield (
                day,
                OpenUnrecordedReceipt(
                    stock_item_id=item,
                    quantity=12,
                    said_by="the night nurse",
                    why="the delivery note is missing",
                    opened_on=day,
                    lot="SAL-N",
                ),
            )


# --- sharing -------------------------------------------------------------------------------------


def _shares(sender: Site, receiver: Site) -> Story:
    """One facility asks another each month; every third delivery comes short, or damaged."""
    run, lot, expires_on = sender.run, "NEB-1", _expiry(sender.run.first_day)
    for site in (sender, receiver):
        for command in _kept(site, NEBULIZER, 300 if site is sender else 20, lot):
            yield run.first_day, command
    day, number = run.first_day + timedelta(days=5), 0
    while True:
        number += 1
        day = _working(day, sender, receiver)
        inbound_id = run.id("inbound transfer", receiver.index, number)
        inbound: dict[str, Any] = {"inbound_transfer_id": inbound_id}
        outbound: dict[str, Any] = {"transfer_id": transfer_of(inbound_id)}
        yield (
            day,
            ReceiveStock(
                stock_item_id=_item(sender, NEBULIZER), quantity=20, received_on=day, lot=lot
            ),
        )
        yield (
            day,
            RequestTransfer(
                **inbound,
                facility_id=receiver.facility_id,
                from_facility_id=sender.facility_id,
                stock_item_id=_item(receiver, NEBULIZER),
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
        day = _working(day + DAY, sender, receiver)
        yield (
            day,
            ApproveTransfer(**outbound, stock_item_id=_item(sender, NEBULIZER), approved_on=day),
        )
        yield day, NoteApproval(**inbound, quantity=20, approved_on=day)
        yield day, DispatchTransfer(**outbound, dispatched_on=day, waybill=f"W {number}")
        sent = LotInTransit(lot=lot, expires_on=expires_on, quantity=20)
        yield (
            day,
            AnnounceTransfer(**inbound, lots=(sent,), waybill=f"W {number}", announced_on=day),
        )
        day = _working(day + 6 * DAY, sender, receiver)
        came = (LotReceived(lot=lot, fit=17, damaged=1),) if number % 3 == 1 else ()
        yield day, ReceiveTransfer(**inbound, received_on=day, lots=came)
        day += timedelta(days=9)


# --- a recall ------------------------------------------------------------------------------------


def _recalls(run: Run, sites: Sequence[Site]) -> Story:
    """A lot is recalled that every store room has; most have looked, one is still to answer."""
    today, number = run.first_day, run.dice("recall").between(1_000_000, 9_999_999)
    lot = f"INF-{number}"
    for site in sites:
        for command in _kept(site, INFUSION, 60, lot):
            yield today, command
    today += timedelta(days=12)
    recall_id = run.id("recall")
    issued = IssueRecall(
        recall_id=recall_id,
        number=f"Z-{number}",
        recall_class=RecallClass.II,
        item_system=SYSTEM,
        item_code=INFUSION,
        lots=(lot,),
        reason="The drip chamber may leak.",
        issued_on=today,
    )
    yield today, issued
    for site in sites:
        yield (
            today,
            NotifyOfRecall(
                recall_response_id=response_to(recall_id, site.facility_id),
                facility_id=site.facility_id,
                recall_id=recall_id,
                number=issued.number,
                recall_class=issued.recall_class,
                item_system=SYSTEM,
                item_code=INFUSION,
                respond_by=today + timedelta(days=3),
                stock_item_id=_item(site, INFUSION),
                lot=lot,
                notified_on=today,
            ),
        )
    today += DAY
    for site in sites[:-1]:
        response: dict[str, Any] = {"recall_response_id": response_to(recall_id, site.facility_id)}
        missing = site.index % 3
        yield (
            today,
            AcknowledgeRecall(**response, on_the_shelves=60 - missing, acknowledged_on=today),
        )
        if missing == 1:
            yield (
                today,
                AccountForUnits(
                    **response,
                    quantity=1,
                    disposition=Disposition.USED,
                    finding="given the night before, not entered",
                    accounted_on=today,
                ),
            )


# --- under lock ----------------------------------------------------------------------------------


def _controlled(site: Site, seats: Sequence[Seat]) -> Story:
    """An ampoule a week goes out before a witness; a rest is wasted, a count is made, one is
    missing."""
    run, today, lot = site.run, site.run.first_day, "FEN-3"
    for command in _kept(site, FENTANYL, 100, lot, "ampoule"):
        yield today, command
    its: dict[str, Any] = {"register_id": run.id("register", site.index)}
    yield (
        today,
        OpenRegister(
            **its,
            facility_id=site.facility_id,
            stock_item_id=_item(site, FENTANYL),
            schedule=Schedule.II,
            opened_on=today,
        ),
    )
    there, week = 100, 0
    while True:
        week += 1
        today = _working(today + timedelta(days=7), site)
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
