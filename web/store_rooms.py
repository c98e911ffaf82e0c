"""What replenishment asks of the read models: what is coming, what will be used, who can spare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from domain.supply.events.requisition import DemandMethod
from facilities.forecasting import Method, Told, forecast, smoothing
from facilities.processes.replenishment import Pace, Proposal, Surplus
from projections.supply.figures import YEAR, used_by_month
from projections.supply.inbound_transfers import InboundStatus, inbound_transfers
from projections.supply.levels import StockLevel, stock_levels
from projections.supply.purchase_orders import OrderStatus, purchase_orders
from projections.supply.requisitions import RequisitionEntry, RequisitionStatus, requisition_list
from projections.supply.use import Use, stock_use
from web.due import Due

LOOKING_BACK = 90
"""The use of the months that reach into the last so many days is looked at (c)."""

MONTHS = 12
"""Of a year."""

TO_COME = (
    OrderStatus.DRAFTED,
    OrderStatus.APPROVED,
    OrderStatus.PLACED,
    OrderStatus.PARTIALLY_RECEIVED,
)
"""Orders of which something is to come."""

COMING = (
    InboundStatus.PROPOSED,
    InboundStatus.REQUESTED,
    InboundStatus.APPROVED,
    InboundStatus.ANNOUNCED,
)
"""Transfers of which something is to come."""


NOT_RESERVED = (InboundStatus.PROPOSED, InboundStatus.REQUESTED)
"""Transfers for which nothing is reserved yet at who is to send it."""


class StoreRooms(Due):
    """Asks like `Due`, and waits like it until the read models have come far enough."""

    def spare(
        self, item_system: str, item_code: str, elsewhere: UUID, position: int
    ) -> list[Surplus]:
        """What other facilities have of an item above their maximum, and is offered to nobody yet,
        nearest expiry first."""
        for model in (stock_levels, inbound_transfers):
            self._wait_for(model, position)
        item = {"item_system": item_system, "item_code": item_code}
        above = {**item, "level": StockLevel.ABOVE_MAXIMUM.value}
        over = {
            each.stock_item_id: each
            for each in self._rows(stock_levels, None, above)
            if each.facility_id != elsewhere
        }
        ends: dict[UUID, date | None] = {}
        for lot in self.lots(item_system, item_code, position) if over else ():
            if lot.stock_item_id in over and lot.available and lot.expires_on is not None:
                known = ends.get(lot.stock_item_id) or date.max
                ends[lot.stock_item_id] = min(known, lot.expires_on)
        offered: Counter[UUID] = Counter()
        for status in NOT_RESERVED if over else ():
            for offer in self._rows(inbound_transfers, None, {**item, "status": status.value}):
                offered[offer.from_facility_id] += offer.quantity
        surplus = [
            Surplus(
                facility_id=each.facility_id, spare=spare, expires_on=ends.get(each.stock_item_id)
            )
            for each in over.values()
            if (spare := each.available - each.maximum - offered[each.facility_id]) > 0
        ]
        return sorted(surplus, key=lambda each: (each.expires_on or date.max, -each.spare))

    def pending(self, facility_id: UUID, stock_item_id: UUID, position: int) -> int:
        """How much of an item is ordered or in transit to a facility, asked for, or proposed."""
        for model in (requisition_list, purchase_orders, inbound_transfers):
            self._wait_for(model, position)
        item, coming = {"stock_item_id": stock_item_id}, 0
        for status in COMING:
            asked = self._rows(inbound_transfers, [facility_id], {**item, "status": status.value})
            coming += sum(each.quantity for each in asked)
        for order_status in TO_COME:
            orders = self._rows(purchase_orders, [facility_id], {"status": order_status.value})
            coming += sum(
                max(0, line.ordered - line.received)
                for order in orders
                for line in order.lines
                if line.stock_item_id == stock_item_id
            )
        coming += sum(
            line.requested if line.approved is None else line.approved
            for row in self._asked_for(facility_id)
            for line in row.lines
            if line.stock_item_id == stock_item_id
        )
        return int(coming)

    def pace(
        self, facility_id: UUID, item_system: str, item_code: str, on: date, position: int
    ) -> Pace:
        """What a forecast tells of the month, where one was better than its baseline. Else what was
        issued in the months that reach into the last `LOOKING_BACK` days, by their days."""
        self._wait_for(stock_use, position)
        item = {"item_system": item_system, "item_code": item_code}
        rows = self._rows(stock_use, [facility_id], item)
        return pace_of(rows, on, smoothing())

    def proposals(
        self, facility_id: UUID, stock_item_id: UUID, position: int
    ) -> Iterator[Proposal]:
        """What is proposed of an item at a facility, and nobody has asked for yet."""
        for model in (requisition_list, inbound_transfers):
            self._wait_for(model, position)
        proposed = {"stock_item_id": stock_item_id, "status": InboundStatus.PROPOSED.value}
        for offer in self._rows(inbound_transfers, [facility_id], proposed):
            yield Proposal(inbound_transfer_id=offer.inbound_transfer_id)
        for row in self._asked_for(facility_id):
            drafted = row.status is RequisitionStatus.DRAFTED
            items = {line.stock_item_id for line in row.lines if line.proposed}
            if drafted and stock_item_id in items:
                yield Proposal(requisition_id=row.requisition_id)

    def _asked_for(self, facility_id: UUID) -> list[RequisitionEntry]:
        """The requisitions of a facility that no order has been made of yet."""
        filters: dict[str, Any] = {"open": "true"}
        rows: list[RequisitionEntry] = self._rows(requisition_list, [facility_id], filters)
        return [each for each in rows if each.status is not RequisitionStatus.RELEASED]


def pace_of(rows: list[Use], on: date, method: Told | None) -> Pace:
    """The pace at which an item is used on a day, by its months and a method of foretelling (None
    without the extra `forecast`), which is used where there were months enough to try it on, and
    it was better than the baseline."""
    months = [{"month": each.month, "issued": each.issued} for each in rows]
    series = used_by_month(months, f"{on:%Y-%m}")
    if series:
        told = forecast(series, 1, method)
        if told.method is Method.EXPONENTIAL_SMOOTHING:
            return Pace(
                daily=Fraction(told.demand[0]) * MONTHS / YEAR,
                method=DemandMethod.EXPONENTIAL_SMOOTHING,
                off_by=_rounded(told.mae),
                baseline_off_by=_rounded(told.baseline_mae),
            )
    begins = (on - timedelta(days=LOOKING_BACK)).replace(day=1)
    lately = [each for each in rows if f"{begins:%Y-%m}" <= each.month <= f"{on:%Y-%m}"]
    used = sum(each.issued for each in lately)
    return Pace(daily=Fraction(max(0, used), (on - begins).days + 1))


def _rounded(off_by: float | None) -> Decimal | None:
    return None if off_by is None else Decimal(str(round(off_by, 2)))
