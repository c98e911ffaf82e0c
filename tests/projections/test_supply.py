"""What the store rooms look at: items, lots on hand, movements."""

from decimal import Decimal

from domain.supply.events.stock import AdjustmentReason, IssuedTo
from domain.supply.events.stock_holds import QuarantineReason
from projections.supply import (
    LotOnHand,
    MovementKind,
    stock_in_quarantine,
    stock_items,
    stock_movements,
    stock_on_hand,
    stock_reservations,
)
from tests.projections.claims import A_PATIENT, RIVERSIDE
from tests.projections.grammar import figures, given
from tests.projections.stock import (
    A_RECALL,
    A_SURGERY,
    A_TRANSFER,
    CARDIOLOGY,
    GLOVES,
    ITEM,
    JULY_31,
    JUNE_30,
    MARCH_1,
    MARCH_2,
    MARCH_3,
    adjusted,
    counted,
    delivered,
    dispatched,
    held,
    issued,
    listed,
    of,
    opened,
    quarantine_released,
    quarantined,
    received,
    reservation_released,
    reserved,
    written_off,
)

# --- items ---------------------------------------------------------------------------------------


def test_a_listed_item_has_nothing_on_hand() -> None:
    given(stock_items, listed()).shows(
        GLOVES,
        facility_id=RIVERSIDE,
        **ITEM,
        description="Gloves, nitrile",
        unit="pair",
        lot_tracked=True,
        on_hand=0,
        lots=(),
        listed_on=MARCH_1,
        last_movement_on=None,
    )


def test_an_item_shows_its_lots_what_expires_first_first() -> None:
    given(
        stock_items,
        listed(),
        opened(10, **of("A", 10, 10)),
        received(5, **of("B", 5, 15)),
        received(1, **of("C", 1, 16)),
    ).shows(
        GLOVES,
        on_hand=16,
        lots=(
            LotOnHand(lot="B", on_hand=5, expires_on=JUNE_30),
            LotOnHand(lot="A", on_hand=10, expires_on=JULY_31),
            LotOnHand(lot="C", on_hand=1, expires_on=None),
        ),
        last_movement_on=MARCH_2,
    )


def test_a_lot_that_is_used_up_leaves_the_item() -> None:
    given(stock_items, listed(), opened(10, **of("A", 10, 10)), issued(10, **of("A", 0, 0))).shows(
        GLOVES, on_hand=0, lots=()
    )


def test_a_movement_recorded_late_is_not_the_last_one() -> None:
    given(
        stock_items,
        listed(),
        received(9, **of("A", 9, 9)),
        issued(1, on=MARCH_1, **of("A", 8, 8)),
    ).shows(GLOVES, on_hand=8, last_movement_on=MARCH_2)


# --- on hand -------------------------------------------------------------------------------------

LOT_A = (RIVERSIDE, *ITEM.values(), "A")


def test_what_is_on_hand_is_kept_by_lot() -> None:
    on_hand = given(
        stock_on_hand,
        listed(),
        opened(10, **of("A", 10, 10)),
        received(5, **of("B", 5, 15)),
        issued(3, **of("A", 7, 12)),
        adjusted(-1, **of("A", 6, 11)),
        counted(8, 2, **of("A", 8, 13)),
    )
    on_hand.shows(*LOT_A, on_hand=8)
    on_hand.shows(RIVERSIDE, *ITEM.values(), "B", on_hand=5)
    assert stock_on_hand.groups == ("item_system", "item_code", "lot")


def test_stock_without_a_lot_number_has_an_empty_one() -> None:
    given(stock_on_hand, opened(4, **of("", 4, 4))).shows(RIVERSIDE, *ITEM.values(), "", on_hand=4)


def test_a_lot_that_is_used_up_stays_with_nothing_on_hand() -> None:
    used_up = given(stock_on_hand, opened(4, **of("A", 4, 4)), issued(4, **of("A", 0, 0)))
    assert figures(used_up.row(*LOT_A)) == {}


# --- movements -----------------------------------------------------------------------------------


def test_every_movement_is_a_row_with_what_was_on_hand_after_it() -> None:
    movements = given(
        stock_movements,
        listed(),
        opened(10, **of("A", 10, 10)),
        received(5, **of("B", 5, 15)),
        issued(3, **of("A", 7, 12)),
        adjusted(-1, **of("A", 6, 11)),
        counted(8, 2, **of("A", 8, 13)),
    )
    movements.has_no_row(GLOVES, 1)
    movements.shows(
        GLOVES,
        2,
        kind=MovementKind.OPENED,
        lot="A",
        expires_on=JULY_31,
        change=10,
        basis="count of 1 March",
        card="Card 7",
        occurred_on=MARCH_1,
        on_hand_after=10,
        position=3,
    )
    movements.shows(
        GLOVES,
        3,
        kind=MovementKind.RECEIVED,
        change=5,
        unit_cost=Decimal("0.125"),
        reference="DN 5",
        occurred_on=MARCH_2,
        lot_on_hand_after=5,
        on_hand_after=15,
    )
    movements.shows(
        GLOVES,
        4,
        kind=MovementKind.ISSUED,
        change=-3,
        issued_to=IssuedTo.PATIENT,
        patient_id=A_PATIENT,
        department_id=CARDIOLOGY,
        occurred_on=MARCH_3,
    )
    movements.shows(
        GLOVES, 5, kind=MovementKind.ADJUSTED, change=-1, reason=AdjustmentReason.DAMAGED
    )
    movements.shows(
        GLOVES, 6, kind=MovementKind.COUNTED, change=2, lot_on_hand_after=8, on_hand_after=13
    )


def test_what_leaves_for_another_facility_and_what_is_written_off_is_a_movement() -> None:
    movements = given(
        stock_movements,
        listed(),
        opened(10, **of("A", 10, 10)),
        dispatched(3, **held(of("A", 7, 7), 7)),
        delivered(1, **held(of("A", 8, 8), 8)),
        quarantined(2, 2, **held(of("A", 8, 8), 6)),
        written_off(2, 0, **held(of("A", 6, 6), 6)),
    )
    movements.shows(GLOVES, 3, kind=MovementKind.DISPATCHED, change=-3, transfer_id=A_TRANSFER)
    movements.shows(GLOVES, 4, kind=MovementKind.DELIVERED, change=1, transfer_id=A_TRANSFER)
    movements.has_no_row(GLOVES, 5)
    movements.shows(
        GLOVES,
        6,
        kind=MovementKind.WRITTEN_OFF,
        change=-2,
        written_off=QuarantineReason.RECALL,
        recall_id=A_RECALL,
        on_hand_after=6,
    )


# --- held back -----------------------------------------------------------------------------------

promised = (listed(), opened(10, **of("A", 10, 10)), reserved(4, 4, **held(of("A", 10, 10), 6)))
recalled = (*promised[:2], quarantined(4, 4, **held(of("A", 10, 10), 6)))


def test_an_item_shows_what_may_be_used_of_it() -> None:
    both = (*promised, quarantined(5, 5, **held(of("A", 10, 10), 1)))
    figures = {"on_hand": 10, "reserved": 4, "quarantined": 5}
    lot = LotOnHand(lot="A", expires_on=JULY_31, **figures)
    given(stock_items, *both).shows(GLOVES, lots=(lot,), available=1, **figures)
    given(stock_on_hand, *both).shows(*LOT_A, available=1, **figures)


def test_a_reservation_is_listed_while_it_holds_something() -> None:
    key = (GLOVES, A_SURGERY, "A")
    given(stock_reservations, *promised).shows(
        *key, facility_id=RIVERSIDE, quantity=4, reserved_for="a surgery", reserved_on=MARCH_2
    )
    less = (*promised, reservation_released(1, 3, **held(of("A", 10, 10), 7)))
    given(stock_reservations, *less).shows(*key, quantity=3)
    none = (*less, reservation_released(3, 0, **held(of("A", 10, 10), 10)))
    given(stock_reservations, *none).has_no_row(*key)


def test_a_lot_is_listed_while_some_of_it_is_in_quarantine() -> None:
    given(stock_in_quarantine, *recalled).shows(
        GLOVES, "A", quantity=4, why=QuarantineReason.RECALL, recall_id=A_RECALL, since=MARCH_2
    )
    less = (*recalled, quarantine_released(1, 3, **held(of("A", 10, 10), 7)))
    given(stock_in_quarantine, *less).shows(GLOVES, "A", quantity=3)
    none = (*less, written_off(3, 0, **held(of("A", 7, 7), 7)))
    given(stock_in_quarantine, *none).has_no_row(GLOVES, "A")
