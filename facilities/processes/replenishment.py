"""Replenishment, for the store rooms: what runs low is asked for before it is gone.

What is missing is what it takes to stand at the maximum when it comes: what is missing today, and
what will be used until then (the lead time, at the pace that a forecast tells where one was better
than the baseline, else at that of the last months), less what is on its way, asked for or proposed
already. It is

1. proposed as a transfer, where another facility has more than its maximum of it: what expires
   first first, because there it would only expire,
2. and put on a draft requisition, one for each facility, supplier and week, as far as that is not
   enough.

Nothing is ordered or moved before somebody accepts the proposal or submits the draft. A transfer
that somebody dismisses is put on the draft instead. What somebody declines there is not proposed
again until something changes: the item recovers and runs low once more, falls below its minimum, or
gets other levels. When an item has recovered, what was proposed and nobody has asked for yet is
taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any, Protocol
from uuid import UUID

from domain.kernel import Command, Recorded, Refused, foreign_id
from domain.supply.events.inbound_transfer import InboundDismissed
from domain.supply.events.requisition import DemandMethod, ExpectedUse
from domain.supply.events.stock_par import StockRanLow, StockRecovered
from domain.supply.inbound_request import ProposeTransfer, WithdrawProposal
from domain.supply.requisition_items import ProposeItem, WithdrawProposedItem
from facilities.process import Process

PROGRAM = "replenishment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surplus:
    """What a facility has of an item above its maximum, and when the first of it expires."""

    facility_id: UUID
    spare: int
    expires_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What replenishment proposed and nobody has asked for yet: one of the two."""

    inbound_transfer_id: UUID | None = None
    requisition_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How much of an item is used in a day, and how that is known; of a forecast, how far it was
    off in a month (`ExpectedUse`)."""

    daily: Fraction
    method: DemandMethod = DemandMethod.LAST_MONTHS
    off_by: Decimal | None = None
    baseline_off_by: Decimal | None = None


class StoreRooms(Protocol):
    """What replenishment asks, each as of a position at least."""

    def spare(
        self, item_system: str, item_code: str, elsewhere: UUID, position: int
    ) -> Iterable[Surplus]:
        """The surplus of an item at other facilities than one; nearest expiry first."""

    def pending(self, facility_id: UUID, stock_item_id: UUID, position: int) -> int:
        """How much of an item is on its way to a facility, asked for, or proposed."""

    def pace(
        self, facility_id: UUID, item_system: str, item_code: str, on: date, position: int
    ) -> Pace:
        """How much of an item is used at a facility on a day."""

    def proposals(
        self, facility_id: UUID, stock_item_id: UUID, position: int
    ) -> Iterable[Proposal]:
        """What is proposed of an item at a facility, and nobody has asked for yet."""


def replenishment(store_rooms: StoreRooms) -> Process:
    """The process; `store_rooms` asks read models."""
    process = Process("replenishment", desk="store rooms: what runs low is asked for in time")

    @process.on(StockRanLow)
    def ran_low(event: Recorded[StockRanLow]) -> Iterator[Command]:
        fact = event.fact
        missing, expected = _missing(store_rooms, event)
        others: Iterable[Surplus] = ()
        if missing > 0:
            others = store_rooms.spare(
                fact.item_system, fact.item_code, fact.facility_id, event.position
            )
        for each in others:
            if missing > 0:
                offered = min(missing, each.spare)
                missing -= offered
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
                    expected=expected,
                    proposed_on=event.recorded_at.date(),
                )
        if missing > 0:
            yield _to_buy(event, fact.stock_item_id, missing, fact.par.supplier_id, expected)

    @process.on(InboundDismissed)
    def dismissed(event: Recorded[InboundDismissed]) -> Iterator[Command]:
        fact = event.fact
        yield _to_buy(event, fact.stock_item_id, fact.quantity, fact.supplier_id, fact.expected)

    @process.on(StockRecovered)
    def recovered(event: Recorded[StockRecovered]) -> Iterator[Command]:
        fact, on = event.fact, event.recorded_at.date()
        for each in store_rooms.proposals(fact.facility_id, fact.stock_item_id, event.position):
            if each.inbound_transfer_id is not None:
                yield WithdrawProposal(
                    inbound_transfer_id=each.inbound_transfer_id, withdrawn_on=on
                )
            if each.requisition_id is not None:
                yield WithdrawProposedItem(
                    requisition_id=each.requisition_id,
                    stock_item_id=fact.stock_item_id,
                    withdrawn_on=on,
                )

    @process.when_refused(ProposeTransfer)
    def not_from_there(
        event: Recorded[StockRanLow],
        refused: ProposeTransfer,
        refusal: Refused,  # noqa: ARG001
    ) -> Iterator[Command]:
        """What cannot be sent (the facility has closed, or it is a controlled substance) is
        bought."""
        yield _to_buy(
            event, refused.stock_item_id, refused.quantity, refused.supplier_id, refused.expected
        )

    @process.when_refused(ProposeItem)
    def on_another_draft(
        event: Recorded[Any], refused: ProposeItem, refusal: Refused
    ) -> Iterator[Command]:
        """The week's draft has been submitted already: another one is begun."""
        if refusal.code == "requisition.not_now":
            another = foreign_id("replenishment/requisition", event.stream_id, event.version)
            yield replace(refused, requisition_id=another)

    return process


def _missing(store_rooms: StoreRooms, event: Recorded[StockRanLow]) -> tuple[int, ExpectedUse]:
    """How much is to be asked for, so that what comes brings it to its maximum, and no further; and
    what is expected to be used until then."""
    fact, on = event.fact, event.recorded_at.date()
    pace = store_rooms.pace(fact.facility_id, fact.item_system, fact.item_code, on, event.position)
    expected = ExpectedUse(
        quantity=ceil(pace.daily * fact.par.lead_time_days),
        days=fact.par.lead_time_days,
        method=pace.method,
        off_by=pace.off_by,
        baseline_off_by=pace.baseline_off_by,
    )
    # No more can be used until it comes than is there.
    used_until = min(expected.quantity, max(0, fact.available))
    pending = store_rooms.pending(fact.facility_id, fact.stock_item_id, event.position)
    return fact.short + used_until - pending, expected


def _to_buy(
    event: Recorded[Any],
    stock_item_id: UUID,
    quantity: int,
    supplier_id: UUID | None,
    expected: ExpectedUse | None,
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
        expected=expected,
    )


def _week(when: datetime) -> str:
    year, week, _ = when.isocalendar()
    return f"{year}-W{week:02}"
