"""A transfer, at the facility that receives: what it asked another facility for, and what came.

Its life: it is **requested** (or **proposed** by replenishment, and then requested, **dismissed**
or not needed any more), the other facility **approves** or **declines** it, it is **announced**
when it has left there, **received** whole, short or damaged, perhaps some of it late, and
**settled** when nothing of it is in transit. A request that is **withdrawn** comes all the same
where it has left already.

What the other facility did is told by a process; its people act on their own `transfer`.
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
from domain.supply.events.inbound_transfer import (
    InboundAnnounced,
    InboundApproved,
    InboundDeclined,
    InboundDismissed,
    InboundFact,
    InboundProposalWithdrawn,
    InboundProposed,
    InboundReceived,
    InboundReceivedLate,
    InboundRequested,
    InboundSettled,
    InboundWithdrawn,
)
from domain.supply.events.requisition import ExpectedUse
from domain.supply.events.transfer import LotInTransit
from domain.supply.standing import NOT_YET


class InboundStatus(StrEnum):
    """How far a transfer has come, as the facility that receives it sees it."""

    ABSENT = "absent"
    PROPOSED = "proposed"
    DISMISSED = "dismissed"
    NOT_NEEDED = "not_needed"
    REQUESTED = "requested"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    DECLINED = "declined"
    ANNOUNCED = "announced"
    RECEIVED = "received"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundTransfer:
    """What it has become. `lots` is what was announced; `since` the day of its last step."""

    facility_id: UUID | None = None
    from_facility_id: UUID = NOT_YET
    stock_item_id: UUID = NOT_YET
    item_system: str = ""
    item_code: str = ""
    quantity: int = 0
    supplier_id: UUID | None = None
    expected: ExpectedUse | None = None
    status: InboundStatus = InboundStatus.ABSENT
    since: date = rules.EARLIEST
    lots: Mapping[str, LotInTransit] = field(default_factory=lambda: MappingProxyType({}))

    def evolve(self, fact: InboundFact) -> InboundTransfer:
        match fact:
            case InboundProposed():
                proposed = self._wanted(fact, InboundStatus.PROPOSED, fact.proposed_on)
                return replace(proposed, supplier_id=fact.supplier_id, expected=fact.expected)
            case InboundProposalWithdrawn():
                return replace(self, status=InboundStatus.NOT_NEEDED, since=fact.withdrawn_on)
            case InboundDismissed():
                return replace(self, status=InboundStatus.DISMISSED, since=fact.dismissed_on)
            case InboundRequested():
                return self._wanted(fact, InboundStatus.REQUESTED, fact.requested_on)
            case InboundWithdrawn():
                return replace(self, status=InboundStatus.WITHDRAWN, since=fact.withdrawn_on)
            case InboundApproved():
                return replace(
                    self,
                    status=InboundStatus.APPROVED,
                    quantity=fact.quantity,
                    since=fact.approved_on,
                )
            case InboundDeclined():
                return replace(self, status=InboundStatus.DECLINED, since=fact.declined_on)
            case InboundAnnounced():
                lots = {each.lot: each for each in fact.lots}
                return replace(
                    self,
                    status=InboundStatus.ANNOUNCED,
                    since=fact.announced_on,
                    lots=MappingProxyType(lots),
                )
            case InboundReceived():
                return replace(self, status=InboundStatus.RECEIVED, since=fact.received_on)
            case InboundReceivedLate():
                return self
            case InboundSettled():
                return replace(self, status=InboundStatus.SETTLED, since=fact.settled_on)
            case _:
                assert_never(fact)

    def _wanted(
        self, fact: InboundProposed | InboundRequested, status: InboundStatus, on: date
    ) -> InboundTransfer:
        return replace(
            self,
            facility_id=fact.facility_id,
            from_facility_id=fact.from_facility_id,
            stock_item_id=fact.stock_item_id,
            item_system=fact.item_system,
            item_code=fact.item_code,
            quantity=fact.quantity,
            status=status,
            since=on,
        )


inbound_transfer = Aggregate("inbound_transfer", InboundTransfer())
