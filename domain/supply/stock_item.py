"""A stock item: one item at one facility, with its lots inside.

Its life: it is **listed** (`stock_listing`), its books are **opened** lot by lot with what is
there, and from then on stock is **received**, **issued** to patients and departments, **adjusted**
for a reason, and **counted**. What expires first is issued first, what has expired is not issued at
all, and nothing ever becomes negative. At every step what is on hand is the sum of the lots. What
is held back of it is told in `stock_holds`, what goes to other facilities in `stock_transfers`, how
a year's books are closed in `stock_closing`, and where a lot lies in `stock_bins`.

An item that is not tracked by lot has a single lot without a number (`NO_LOT`) and no expiry.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Refused, command
from domain.supply.events.stock import (
    NO_LOT,
    AdjustmentReason,
    IssuedTo,
    StockAdjusted,
    StockBooksOpened,
    StockCounted,
    StockIssued,
    StockReceived,
)
from domain.supply.events.stock_exceptions import ExceptionEnd
from domain.supply.lots import StockItem, stock_item
from domain.supply.register_receipt import entered_in_its_register
from domain.supply.stock_holds import missing, taken
from domain.supply.stock_par import watched
from domain.supply.stock_recall import recalls_of, under_recall
from domain.supply.stock_rules import (
    by_its_register,
    entered,
    has_its_register,
    insufficient,
    item_of,
    known_lot,
    lot_of,
    not_past_its_register,
    picked,
    restating,
    same_item,
    since_listing,
)

# --- commands ----------------------------------------------------------------------------------
#
# A `gtin` or `udi_di` is what was scanned: what is kept under another one does not move by it.


@command("stock_item_id")
class OpenStockBooks(Command):
    """Record what is there of a lot before it first moves; `basis` is what the figure rests on.

    `card` is what the lot's card is called where it was kept before.
    """

    stock_item_id: UUID
    quantity: int
    opened_on: date
    basis: str
    lot: str = NO_LOT
    expires_on: date | None = None
    card: str | None = None
    gtin: str | None = None
    udi_di: str | None = None


@command("stock_item_id")
class ReceiveStock(Command):
    """Take stock in. `unit_cost` is in the facility's currency."""

    stock_item_id: UUID
    quantity: int
    received_on: date
    lot: str = NO_LOT
    expires_on: date | None = None
    unit_cost: Decimal | None = None
    reference: str | None = None
    gtin: str | None = None
    udi_di: str | None = None


@command("stock_item_id")
class IssueStock(Command):
    """Hand stock out. Without a `lot`, what expires first goes first.

    With a `reservation_id`, what that reservation holds is handed out.
    """

    stock_item_id: UUID
    quantity: int
    issued_on: date
    issued_to: IssuedTo
    patient_id: UUID | None = None
    department_id: UUID | None = None
    encounter_id: UUID | None = None
    lot: str | None = None
    reservation_id: UUID | None = None
    gtin: str | None = None
    udi_di: str | None = None


@command("stock_item_id")
class AdjustStock(Command):
    """Put the books right: `change` is more (positive) or less (negative) than they say."""

    stock_item_id: UUID
    change: int
    reason: AdjustmentReason
    adjusted_on: date
    lot: str = NO_LOT
    gtin: str | None = None
    udi_di: str | None = None


@command("stock_item_id")
class CountStock(Command):
    """Record what was counted of a lot."""

    stock_item_id: UUID
    counted: int
    counted_on: date
    lot: str = NO_LOT
    expires_on: date | None = None
    gtin: str | None = None
    udi_di: str | None = None


# --- decisions ---------------------------------------------------------------------------------


@stock_item.decides
def open_books(state: StockItem, command: OpenStockBooks, at: Circumstances) -> Decision:
    not_past_its_register(state, command)
    same_item(state, command.gtin, command.udi_di)
    lot, before = lot_of(state, command.lot, command.expires_on)
    if lot in state.lots:
        raise Refused(
            "stock_item.books_already_open",
            "The books of this lot are open; count it or adjust it.",
            field="lot",
            value=lot,
        )
    since_listing(state, "opened_on", command.opened_on, at)
    quantity = rules.quantity("stock_item", "quantity", command.quantity, zero_allowed=True)
    yield StockBooksOpened(
        **item_of(state, command.stock_item_id),
        lot=lot,
        expires_on=before.expires_on,
        quantity=quantity,
        opened_on=command.opened_on,
        basis=rules.text("stock_item", "basis", command.basis),
        card=rules.optional("stock_item", "card", command.card),
        lot_on_hand_after=quantity,
        on_hand_after=state.on_hand + quantity,
    )


@stock_item.decides
@watched
def receive(state: StockItem, command: ReceiveStock, at: Circumstances) -> Decision:
    has_its_register(state, command)
    same_item(state, command.gtin, command.udi_di)
    item = item_of(state, command.stock_item_id)
    at.open("facility", item["facility_id"])
    lot, before = lot_of(state, command.lot, command.expires_on)
    since_listing(state, "received_on", command.received_on, at)
    quantity = rules.quantity("stock_item", "quantity", command.quantity)
    unit_cost = command.unit_cost
    if unit_cost is not None:
        unit_cost = rules.rate("stock_item", "unit_cost", unit_cost)
    reference = rules.optional("stock_item", "reference", command.reference, longest=80)

    def received(state: StockItem) -> StockReceived:
        return StockReceived(
            **item,
            lot=lot,
            expires_on=before.expires_on,
            quantity=quantity,
            unit_cost=unit_cost,
            reference=reference,
            received_on=command.received_on,
            lot_on_hand_after=before.on_hand + quantity,
            on_hand_after=state.on_hand + quantity,
        )

    yield from entered(
        state,
        command.stock_item_id,
        lot,
        command.received_on,
        quantity,
        received,
        ExceptionEnd.RECEIVED,
    )
    yield from entered_in_its_register(state, lot, quantity, command.received_on, reference)


@stock_item.decides(consulting=recalls_of)
@watched
def issue(state: StockItem, command: IssueStock, at: Circumstances) -> Decision:
    by_its_register(state, command)
    same_item(state, command.gtin, command.udi_di)
    item = item_of(state, command.stock_item_id)
    at.open("facility", item["facility_id"])
    if command.department_id is not None:
        at.open("department", command.department_id, within=item["facility_id"])
    if command.issued_to is IssuedTo.PATIENT and command.patient_id is None:
        raise _without("patient")
    if command.issued_to is IssuedTo.DEPARTMENT and command.department_id is None:
        raise _without("department")
    since_listing(state, "issued_on", command.issued_on, at)
    asked = rules.quantity("stock_item", "quantity", command.quantity)
    on, reservation_id = command.issued_on, command.reservation_id
    recalled = under_recall(state, at, command.lot)
    chosen = picked(
        state, command.lot, asked, on, reservation_id, unrecorded_too=True, recalled=recalled
    )
    for number, quantity in chosen:
        for used in taken(state, command.stock_item_id, reservation_id, number, quantity, on):
            state = state.evolve(used)
            yield used
        for known in restating(state, command.stock_item_id, number, on, -quantity):
            state = state.evolve(known)
            yield known
        lot = state.lots[number]
        issued = StockIssued(
            **item,
            lot=number,
            expires_on=lot.expires_on,
            quantity=quantity,
            issued_to=command.issued_to,
            patient_id=command.patient_id,
            department_id=command.department_id,
            encounter_id=command.encounter_id,
            issued_on=on,
            lot_on_hand_after=lot.on_hand - quantity,
            on_hand_after=state.on_hand - quantity,
        )
        state = state.evolve(issued)
        yield issued


@stock_item.decides
@watched
def adjust(state: StockItem, command: AdjustStock, at: Circumstances) -> Decision:
    by_its_register(state, command)
    same_item(state, command.gtin, command.udi_di)
    item = item_of(state, command.stock_item_id)
    lot, before = known_lot(state, command.lot)
    on, change = command.adjusted_on, command.change
    since_listing(state, "adjusted_on", on, at)
    rules.quantity("stock_item", "change", abs(change))
    there, counted_since = before.card.lowest(on), before.card.counted_after(on)
    if counted_since is None:
        # What is in quarantine leaves the books by being written off.
        there = min(there, before.on_hand - before.quarantined)
    if change < 0 and there + change < 0:
        raise insufficient(there, -change)
    if counted_since is None:
        on_hand = before.on_hand + change
        for held in missing(state, command.stock_item_id, lot, on_hand, on):
            state = state.evolve(held)
            yield held

    def adjusted(state: StockItem) -> StockAdjusted:
        return StockAdjusted(
            **item,
            lot=lot,
            expires_on=before.expires_on,
            change=change,
            reason=command.reason,
            adjusted_on=on,
            lot_on_hand_after=state.lots.get(lot, before).on_hand + change,
            on_hand_after=state.on_hand + change,
        )

    settles = ExceptionEnd.ADJUSTED if change > 0 else None
    yield from entered(state, command.stock_item_id, lot, on, change, adjusted, settles)


@stock_item.decides
@watched
def count(state: StockItem, command: CountStock, at: Circumstances) -> Decision:
    by_its_register(state, command)
    same_item(state, command.gtin, command.udi_di)
    item = item_of(state, command.stock_item_id)
    lot, before = lot_of(state, command.lot, command.expires_on)
    on = command.counted_on
    since_listing(state, "counted_on", on, at)
    through = before.card.closed_through
    if through is not None and on <= through:
        rule = f"must be after {through}: until then the books are closed"
        raise rules.refusal("stock_item.year_closed", "counted_on", on.isoformat(), rule)
    counted = rules.quantity("stock_item", "counted", command.counted, zero_allowed=True)
    difference = counted - before.card.on_hand(on)
    for each in before.card.foreseen(on, difference):
        if each.on_hand_after < 0:
            rule = f"leaves {each.on_hand_after} on {each.on}: more went out by then"
            raise rules.refusal("stock_item.count_contradicted", "counted", counted, rule)
    if before.card.counted_after(on) is None:
        on_hand = before.on_hand + difference
        for held in missing(state, command.stock_item_id, lot, on_hand, on):
            state = state.evolve(held)
            yield held

    def found(state: StockItem) -> StockCounted:
        return StockCounted(
            **item,
            lot=lot,
            expires_on=before.expires_on,
            counted=counted,
            difference=difference,
            counted_on=on,
            lot_on_hand_after=state.lots.get(lot, before).on_hand + difference,
            on_hand_after=state.on_hand + difference,
        )

    yield from entered(
        state, command.stock_item_id, lot, on, difference, found, ExceptionEnd.COUNTED
    )


def _without(whom: str) -> Refused:
    return Refused(
        f"stock_item.{whom}_required",
        f"Stock that is issued to a {whom} names the {whom}.",
        field=f"{whom}_id",
    )
