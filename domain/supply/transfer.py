"""A transfer, at the facility that sends: another facility's request, and what is done about it.

Its life: it is **requested** (by a process, from the other facility's `inbound_transfer`),
**approved**, which reserves the stock, or **declined**; **dispatched**, which takes it out of
stock; and has **arrived** when the other facility says what it received. Whole, it is **settled**
at once. Otherwise a discrepancy case is open until somebody has said of every unit what became of
it: written off, back in stock, or arrived late. Before it is dispatched it may be **cancelled**.

From dispatch until it has arrived, the receiving side alone says what comes out of transit; from
then on this side does. So no unit can leave transit twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate
from domain.supply.events.transfer import (
    DiscrepancyOpened,
    DiscrepancyOutcome,
    DiscrepancyResolved,
    LateArrivalRefused,
    TransferApproved,
    TransferArrived,
    TransferCancelled,
    TransferDeclined,
    TransferDispatched,
    TransferFact,
    TransferRequested,
    TransferSettled,
)
from domain.supply.standing import NOT_YET


class TransferStatus(StrEnum):
    """How far a transfer has come, as the facility that sends it sees it."""

    ABSENT = "absent"
    REQUESTED = "requested"
    APPROVED = "approved"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    IN_TRANSIT = "in_transit"
    DISPUTED = "disputed"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTheRoad:
    """A lot of which something is in transit. Of what is `promised`, the other facility is to take
    it into its stock as a late arrival."""

    quantity: int
    promised: int = 0
    expires_on: date | None = None

    @property
    def unresolved(self) -> int:
        return self.quantity - self.promised


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What it has become. `lots` is what is in transit; `since` the day of its last step."""

    facility_id: UUID | None = None
    inbound_transfer_id: UUID = NOT_YET
    to_facility_id: UUID = NOT_YET
    stock_item_id: UUID = NOT_YET
    item_system: str = ""
    item_code: str = ""
    quantity: int = 0
    by_register: bool = False
    status: TransferStatus = TransferStatus.ABSENT
    since: date = rules.EARLIEST
    lots: Mapping[str, OnTheRoad] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def in_transit(self) -> int:
        return sum(lot.quantity for lot in self.lots.values())

    @property
    def unresolved(self) -> int:
        """What is in transit, and of which nobody has said what became of it."""
        return sum(lot.unresolved for lot in self.lots.values())

    def evolve(self, fact: TransferFact) -> Transfer:
        match fact:
            case TransferRequested():
                return replace(
                    self,
                    facility_id=fact.facility_id,
                    inbound_transfer_id=fact.inbound_transfer_id,
                    to_facility_id=fact.to_facility_id,
                    item_system=fact.item_system,
                    item_code=fact.item_code,
                    quantity=fact.quantity,
                    by_register=fact.by_register,
                    status=TransferStatus.REQUESTED,
                    since=fact.requested_on,
                )
            case TransferApproved():
                return replace(
                    self,
                    stock_item_id=fact.stock_item_id,
                    quantity=fact.quantity,
                    status=TransferStatus.APPROVED,
                    since=fact.approved_on,
                )
            case TransferDeclined():
                return replace(self, status=TransferStatus.DECLINED, since=fact.declined_on)
            case TransferCancelled():
                return replace(self, status=TransferStatus.CANCELLED, since=fact.cancelled_on)
            case TransferDispatched():
                lots = {
                    each.lot: OnTheRoad(quantity=each.quantity, expires_on=each.expires_on)
                    for each in fact.lots
                }
                sent = replace(self, status=TransferStatus.IN_TRANSIT, since=fact.dispatched_on)
                return sent._with(lots)
            case TransferArrived():
                lots = {**self.lots}
                for each in fact.lots:
                    lots[each.lot] = _less(lots[each.lot], each.fit)
                return self._with(lots)
            case DiscrepancyOpened():
                return replace(self, status=TransferStatus.DISPUTED, since=fact.opened_on)
            case DiscrepancyResolved():
                lot = self.lots[fact.lot]
                if fact.outcome is DiscrepancyOutcome.ARRIVED_LATE:
                    lot = replace(lot, promised=lot.promised + fact.quantity)
                else:
                    lot = replace(lot, quantity=lot.quantity - fact.quantity)
                return self._with({**self.lots, fact.lot: lot})
            case LateArrivalRefused():
                lot = self.lots[fact.lot]
                lot = replace(lot, promised=lot.promised - fact.quantity)
                return self._with({**self.lots, fact.lot: lot})
            case TransferSettled():
                return replace(self, status=TransferStatus.SETTLED, since=fact.settled_on)
            case _:
                assert_never(fact)

    def _with(self, lots: dict[str, OnTheRoad]) -> Transfer:
        left = {each: of for each, of in lots.items() if of.quantity}
        return replace(self, lots=MappingProxyType(left))


def _less(lot: OnTheRoad, fit: int) -> OnTheRoad:
    """A lot when so much of it has come into the other facility's stock, promised first."""
    return replace(lot, quantity=lot.quantity - fit, promised=max(0, lot.promised - fit))


transfer = Aggregate("transfer", Transfer())
