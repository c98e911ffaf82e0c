"""The story of controlled substances: what an authority counts with us, by the unit.

A stock item is put **under control** with its schedule (21 CFR 1308). From then on every unit of
it is told here, with the balance after it (21 CFR 1304.21): what is **received**; what is
**issued**, **wasted** or **destroyed** by one before another as a witness; what is **sent** to
another facility and **taken in** from one, in the same way; what is **corrected**. It is
**counted** by two people, and what cannot be explained is a **loss** that is reported to the
authority: in writing within one business day of its discovery, and on DEA Form 106 within 45 days
(21 CFR 1301.76(b)).
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Fact, fact
from domain.supply.events.stock import AdjustmentReason, IssuedTo
from domain.supply.events.stock_holds import QuarantineReason


class Schedule(StrEnum):
    """How strictly a substance is controlled (21 CFR 1308.11-15)."""

    II = "ii"
    III = "iii"
    IV = "iv"
    V = "v"
    I = "i"  # noqa: E741 - what the regulation calls it


class LossKind(StrEnum):
    """Why a controlled substance is not there."""

    THEFT = "theft"
    LOST = "lost"
    UNEXPLAINED = "unexplained"


@fact("controlled_register.opened", effective="opened_on")
class RegisterOpened(Fact):
    """A stock item is under control from now on."""

    register_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    item_system: str
    item_code: str
    schedule: Schedule
    opened_on: date
    balance: int


@fact("controlled_register.received", effective="received_on")
class ControlledReceived(Fact):
    """Some came in: from a supplier, or from another facility. The same append takes it in."""

    register_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    lot: str
    quantity: int
    reference: str | None
    received_on: date
    balance_after: int


@fact("controlled_register.issued", effective="issued_on")
class ControlledIssued(Fact):
    """Some was handed out before a witness. For whom, the stock's own fact in the same append says
    where it is a patient."""

    register_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    lot: str
    quantity: int
    issued_to: IssuedTo
    department_id: UUID | None
    issued_by: UUID
    witnessed_by: UUID
    issued_on: date
    balance_after: int


@fact("controlled_register.destroyed", effective="destroyed_on")
class ControlledDestroyed(Fact):
    """Some that was in quarantine was destroyed before a witness (21 CFR 1317.95)."""

    register_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    lot: str
    quantity: int
    why: QuarantineReason
    destroyed_by: UUID
    witnessed_by: UUID
    destroyed_on: date
    balance_after: int


@fact("controlled_register.corrected", effective="corrected_on")
class ControlledCorrected(Fact):
    """Two people put right what was entered wrongly, or enter what was found or came back."""

    register_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    lot: str
    change: int
    reason: AdjustmentReason
    explanation: str
    corrected_by: UUID
    witnessed_by: UUID
    corrected_on: date
    balance_after: int


@fact("controlled_register.counted", effective="counted_on")
class ControlledCounted(Fact):
    """Two people counted a lot. `difference` is what there is more (or less) than the books say."""

    register_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    lot: str
    counted: int
    expected: int
    difference: int
    counted_by: UUID
    witnessed_by: UUID
    counted_on: date


@fact("controlled_register.wasted", effective="wasted_on")
class ControlledWasted(Fact):
    """Some was wasted before a witness; the same append takes it off the books."""

    register_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    lot: str
    quantity: int
    reason: str
    wasted_by: UUID
    witnessed_by: UUID
    wasted_on: date
    balance_after: int


@fact("controlled_register.loss_discovered", effective="discovered_on")
class LossDiscovered(Fact):
    """Some is not there, and nobody can say where it went; the same append takes it off the
    books.
    """

    register_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    loss: int
    lot: str
    quantity: int
    kind: LossKind
    circumstances: str
    discovered_on: date
    notice_due_on: date
    form_106_due_on: date
    balance_after: int


@fact("controlled_register.sent", effective="sent_on")
class ControlledSent(Fact):
    """Some left for another facility, sent by one before another; the same append takes it out of
    stock. `reference` is what goes with it: a waybill, or the number of DEA Form 222."""

    register_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    transfer_id: UUID
    to_facility_id: UUID
    lot: str
    quantity: int
    sent_by: UUID
    witnessed_by: UUID
    reference: str | None
    sent_on: date
    balance_after: int


@fact("controlled_register.taken_in", effective="taken_in_on")
class ControlledTakenIn(Fact):
    """Some of a transfer was taken in by one before another: it came from another facility, or came
    back. The same append takes it into stock."""

    register_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    transfer_id: UUID
    lot: str
    quantity: int
    taken_in_by: UUID
    witnessed_by: UUID
    taken_in_on: date
    balance_after: int


@fact("controlled_register.transit_loss_discovered", effective="discovered_on")
class TransitLossDiscovered(Fact):
    """Some was sent and did not arrive. It had left the books when it was sent, so that these stay
    as they are; it is reported by who sent it like any other loss (21 CFR 1301.76(b))."""

    register_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    transfer_id: UUID
    loss: int
    lot: str
    quantity: int
    kind: LossKind
    circumstances: str
    discovered_on: date
    notice_due_on: date
    form_106_due_on: date
    balance: int


@fact("controlled_register.loss_notified", effective="notified_on")
class LossNotified(Fact):
    """The authority's field office was told in writing. `late`: after the day it was due."""

    register_id: UUID
    facility_id: UUID
    loss: int
    notified_on: date
    late: bool


@fact("controlled_register.loss_form_submitted", effective="submitted_on")
class Form106Submitted(Fact):
    """The report of theft or loss was submitted. `late`: after the day it was due."""

    register_id: UUID
    facility_id: UUID
    loss: int
    reference: str
    submitted_on: date
    late: bool


RegisterFact = (
    RegisterOpened
    | ControlledReceived
    | ControlledIssued
    | ControlledCounted
    | ControlledWasted
    | ControlledDestroyed
    | ControlledCorrected
    | ControlledSent
    | ControlledTakenIn
    | LossDiscovered
    | TransitLossDiscovered
    | LossNotified
    | Form106Submitted
)
