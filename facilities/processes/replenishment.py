"""Replenishment, for the store rooms: what runs low is asked for before it is gone.

What is missing to the maximum, and is not on its way already, is

1. proposed as a transfer, where another facility has more than its maximum of it: what expires
   first first, because there it would only expire,
2. and put on a draft requisition, one for each facility, supplier and week, as far as that is not
   enough.

Nothing is ordered or moved before somebody accepts the proposal or submits the draft. A proposal
that is dismissed is put on the draft instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.kernel import Command, Recorded, Refused, foreign_id
from domain.supply.events.stock_par import StockRanLow
from domain.supply.events.transfer import InboundDismissed
from domain.supply.inbound_transfer import ProposeTransfer
from domain.supply.requisition import ProposeItem
from facilities.process import Process

PROGRAM = "replenishment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surplus:
    """What a facility has of an item above its maximum, and when the first of it expires."""

    facility_id: UUID
    spare: int
    expires_on: date | None


Spare = Callable[[str, str, UUID, int], Iterable[Surplus]]
"""The surplus of an item at other facilities than one, as of a position; nearest expiry first."""

OnTheWay = Callable[[UUID, int], int]
"""How much of a stock item is ordered or in transit to it, as of a position."""


def replenishment(spare: Spare, on_the_way: OnTheWay) -> Process:
    """The process; `spare` and `on_the_way` ask read models."""
    process = Process("replenishment", desk="store rooms: what runs low is asked for in time")

    @process.on(StockRanLow)
    def ran_low(event: Recorded[StockRanLow]) -> Iterator[Command]:
        fact = event.fact
        short = fact.short - on_the_way(fact.stock_item_id, event.position)
        others = spare(fact.item_system, fact.item_code, fact.facility_id, event.position)
        for each in others:
            if short > 0:
                offered = min(short, each.spare)
                short -= offered
                yield ProposeTransfer(
                    inbound_transfer_id=foreign_id(
                        "replenishment", event.stream_id, event.version, each.facility_id
                    ),
                    facility_id=fact.facility_id,
                    from_facility_id=each.facility_id,
                    stock_item_id=fact.stock_item_id,
                    quantity=offered,
                    expires_on=each.expires_on,
                    supplier_id=fact.par.supplier_id,
                    proposed_on=event.recorded_at.date(),
                )
        if short > 0:
            yield _proposal(event, fact.stock_item_id, short, fact.par.supplier_id)

    @process.on(InboundDismissed)
    def dismissed(event: Recorded[InboundDismissed]) -> Iterator[Command]:
        fact = event.fact
        yield _proposal(event, fact.stock_item_id, fact.quantity, fact.supplier_id)

    @process.when_refused(ProposeItem)
    def on_another_draft(
        event: Recorded[Any], refused: ProposeItem, refusal: Refused
    ) -> Iterator[Command]:
        """The week's draft has been submitted already: another one is begun."""
        if refusal.code == "requisition.not_now":
            another = foreign_id("replenishment/requisition", event.stream_id, event.version)
            yield replace(refused, requisition_id=another)

    return process


def _proposal(
    event: Recorded[Any], stock_item_id: UUID, quantity: int, supplier_id: UUID | None
) -> ProposeItem:
    week = _week(event.recorded_at)
    facility_id = event.fact.facility_id
    return ProposeItem(
        requisition_id=foreign_id("replenishment/requisition", facility_id, supplier_id, week),
        facility_id=facility_id,
        program=PROGRAM,
        period=week,
        stock_item_id=stock_item_id,
        quantity=quantity,
        proposed_on=event.recorded_at.date(),
        supplier_id=supplier_id,
    )


def _week(when: datetime) -> str:
    year, week, _ = when.isocalendar()
    return f"{year}-W{week:02}"
