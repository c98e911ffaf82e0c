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
from domain.supply.events.counting import DifferenceCause
from domain.supply.events.stock import IssuedTo
from domain.supply.purchase_order_drafting import ApprovePurchaseOrder
from domain.supply.purchase_order_receiving import (
    ClosePurchaseOrder,
    PlacePurchaseOrder,
    ReceiveOrderedItem,
)
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
from domain.supply.stock_item import IssueStock
from domain.supply.stock_par import SetParLevels
from domain.supply.supplier import RegisterSupplier
from facilities.simulation.people import Seat
from facilities.simulation.places import Site
from facilities.simulation.recalling import recalls
from facilities.simulation.run import DAY, Run, Story
from facilities.simulation.sharing import shares
from facilities.simulation.store_room import (
    SALINE,
    day_of_work,
    expiry,
    item_of,
    kept,
)
from facilities.simulation.under_lock import controlled

_SUPPLIERS = (("Northwind Medical", 6), ("Larkspur Pharma", 9))
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
        yield ("sharing", sender.index), shares(sender, receiver)
    yield ("recall",), recalls(run, store_rooms)
    for site in store_rooms:
        if site.kind in (FacilityKind.HOSPITAL, FacilityKind.URGENT_CARE):
            yield ("controlled", site.index), controlled(site, seats[site.index])


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


def _orders(site: Site) -> Story:
    """Four weeks after four weeks: requested, ordered, received in two parts, used; and counted."""
    run, today = site.run, site.run.first_day
    item, lot, there = item_of(site, SALINE), "SAL-0", 200
    for command in kept(site, SALINE, there, lot, "bag"):
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
            done_on = day_of_work(max(done_on, today + timedelta(days=20 + 2 * week)), site)
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
        today = day_of_work(max(done_on, today + timedelta(days=28)), site)


def _order(site: Site, item: UUID, supplier_id: UUID, number: int, begins: date) -> Steps:
    requisition_id = site.run.id("requisition", site.index, number)
    order_id = foreign_id("requisition/purchase_order", requisition_id)
    its: dict[str, Any] = {"requisition_id": requisition_id}
    order: dict[str, Any] = {"purchase_order_id": order_id}
    day = day_of_work(begins, site)
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
    day = day_of_work(day + DAY, site)
    yield day, ApproveRequisition(**its, approved_on=day)
    number_of = f"PO-{site.index:02}-{number:03}"
    yield day, ReleaseRequisition(**its, order_number=number_of, released_on=day)
    yield day, ApprovePurchaseOrder(**order, approved_on=day)
    yield day, PlacePurchaseOrder(**order, placed_on=day)
    lot: dict[str, Any] = {"stock_item_id": item, "lot": f"SAL-{number}"}
    for part, days in ((70, 5), (_ORDERED - 70, 4)):
        day = day_of_work(day + timedelta(days=days), site)
        expires = expiry(site.run.first_day) + timedelta(days=number)
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
    day = day_of_work(day, site)
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
