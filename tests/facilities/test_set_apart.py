"""What is recalled or expired is set apart, wherever it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from domain.supply.events.recall import RecallIssued
from domain.supply.events.stock_holds import QuarantineReason
from domain.supply.stock_holds import QuarantineStock
from facilities.procedures import expiry_sweep
from facilities.process import Process
from facilities.processes.recall import recalls
from tests.domain.places import RIVERSIDE, THE_ITEM
from tests.domain.stock import received
from tests.domain.test_recall import issued, notifying
from tests.facilities.processes_grammar import sees
from tests.grammar import TODAY
from tests.projections.grammar import recorded

# --- recalls -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    facility_id: UUID
    stock_item_id: UUID
    lot: str


def recalling(*lots: Known, in_force: Iterable[RecallIssued] = ()) -> Process:
    return recalls(lambda *_asked: lots, lambda *_asked: in_force)


def test_every_facility_that_knows_a_recalled_lot_is_notified() -> None:
    ours = Known(RIVERSIDE, THE_ITEM, "A")
    other = Known(RIVERSIDE, THE_ITEM, "not recalled")
    sees(recalling(ours, other), issued).sends(replace(notifying, notified_on=TODAY))
    everything = replace(issued, lots=())
    assert len(recalling(ours, other).commands(recorded(everything)[0])) == 2


def test_what_comes_in_while_a_recall_is_in_force_is_set_apart_too() -> None:
    come = received(10, "A")
    sees(recalling(in_force=[issued]), come).sends(replace(notifying, notified_on=TODAY))
    sees(recalling(in_force=[issued]), received(10, "C")).sends_nothing()
    another = replace(issued, recall_id=UUID(int=5), number="Z-2", lots=("C",))
    again = replace(another, lots=())
    told = recalling(in_force=[issued, another, again]).commands(recorded(come)[0])
    assert [(each.number, each.set_apart) for each in told] == [  # type: ignore[attr-defined]
        ("Z-0123-2026", False),
        ("Z-2", True),
    ]
    sees(recalling(), come).sends_nothing()


# --- expiry --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Expired:
    facility_id: UUID
    stock_item_id: UUID
    lot: str
    on_hand: int
    quarantined: int


def test_what_has_expired_is_set_apart_at_midnight() -> None:
    day = date(2026, 3, 1)
    rows = [
        Expired(RIVERSIDE, THE_ITEM, "A", 5, 2),
        Expired(RIVERSIDE, THE_ITEM, "B", 5, 5),
        Expired(RIVERSIDE, THE_ITEM, "C", 0, 0),
    ]
    sweep = expiry_sweep(lambda _facility_ids, _day: rows)
    ((_facility_id, _key, command),) = sweep.due([RIVERSIDE], day)
    assert command == QuarantineStock(
        stock_item_id=THE_ITEM, why=QuarantineReason.EXPIRED, quarantined_on=day, lot="A"
    )
