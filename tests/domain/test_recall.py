"""Recalls, and what a facility does about one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domain.kernel import Entail, Fact, Reserve
from domain.supply.events.recall import (
    Disposition,
    RecallAcknowledged,
    RecallClass,
    RecalledLotFound,
    RecalledUnitsAccounted,
    RecallIssued,
    RecallNotified,
    RecallResponseCompleted,
    RecallTerminated,
    response_to,
)
from domain.supply.events.stock_holds import QuarantineReason
from domain.supply.lots import Lot
from domain.supply.recall import IssueRecall, Recall, TerminateRecall
from domain.supply.recall_response import (
    AccountForUnits,
    AcknowledgeRecall,
    NotifyOfRecall,
    RecallResponse,
)
from domain.supply.stock_holds import QuarantineStock
from domain.supply.stock_recall import RecallLot
from tests.domain.places import (
    FEBRUARY_1,
    HILLTOP,
    MARCH_1,
    NEW_YEAR,
    RIVERSIDE,
    THE_ITEM,
    riverside_is_open,
)
from tests.domain.supplies import GLOVES, gloves_are_kept
from tests.grammar import Given, given

THE_RECALL = UUID("018f0000-0000-7000-8000-000000000091")
THE_RESPONSE = response_to(THE_RECALL, RIVERSIDE)

issuing = IssueRecall(
    recall_id=THE_RECALL,
    number="Z-0123-2026",
    recall_class=RecallClass.I,
    **GLOVES,
    lots=("A", "B", "A"),
    reason="holes",
    issued_on=FEBRUARY_1,
)
issued = RecallIssued(
    recall_id=THE_RECALL,
    number="Z-0123-2026",
    recall_class=RecallClass.I,
    **GLOVES,
    lots=("A", "B"),
    reason="holes",
    instructions="Quarantine, and wait for instructions.",
    issued_on=FEBRUARY_1,
    respond_by=date(2026, 2, 2),
)
terminating = TerminateRecall(recall_id=THE_RECALL, terminated_on=MARCH_1)
terminated = RecallTerminated(recall_id=THE_RECALL, terminated_on=MARCH_1)

IT: dict[str, Any] = {"recall_response_id": THE_RESPONSE}
HERE: dict[str, Any] = {**IT, "facility_id": RIVERSIDE, "recall_id": THE_RECALL}
ABOUT: dict[str, Any] = {
    **HERE,
    **GLOVES,
    "number": "Z-0123-2026",
    "recall_class": RecallClass.I,
    "respond_by": date(2026, 2, 2),
    "notified_on": FEBRUARY_1,
}
notifying = NotifyOfRecall(**ABOUT, stock_item_id=THE_ITEM, lot="A")
notified = RecallNotified(**ABOUT)
found = RecalledLotFound(
    **HERE, stock_item_id=THE_ITEM, lot="A", quantity=10, found_on=FEBRUARY_1, held_after=10
)
setting_apart = QuarantineStock(
    stock_item_id=THE_ITEM,
    why=QuarantineReason.RECALL,
    quarantined_on=FEBRUARY_1,
    lot="A",
    recall_id=THE_RECALL,
    note="Z-0123-2026",
)
under_recall = RecallLot(
    stock_item_id=THE_ITEM,
    lot="A",
    recall_id=THE_RECALL,
    number="Z-0123-2026",
    recalled_on=FEBRUARY_1,
)
acknowledging = AcknowledgeRecall(**IT, on_the_shelves=7, acknowledged_on=FEBRUARY_1)
acknowledged = RecallAcknowledged(
    **HERE, on_the_shelves=7, acknowledged_on=FEBRUARY_1, unaccounted_after=3
)
accounting = AccountForUnits(
    **IT,
    quantity=3,
    disposition=Disposition.USED,
    finding="used in room 4, not entered",
    accounted_on=MARCH_1,
)
accounted = RecalledUnitsAccounted(
    **HERE,
    quantity=3,
    disposition=Disposition.USED,
    finding="used in room 4, not entered",
    accounted_on=MARCH_1,
    unaccounted_after=0,
)
completed = RecallResponseCompleted(**HERE, held=10, completed_on=MARCH_1)


# --- the recall ----------------------------------------------------------------------------------


def test_a_recall_is_issued_once_under_its_number() -> None:
    given(Recall).when(issuing).records(
        Reserve("recall_number", "Z-0123-2026", "recall.number_in_use"), issued
    )
    given(Recall, issued).when(issuing).refused("recall.already_issued")


@pytest.mark.parametrize(
    ("recall_class", "by"),
    [(RecallClass.II, date(2026, 2, 4)), (RecallClass.III, date(2026, 2, 11))],
)
def test_the_more_dangerous_it_is_the_sooner_somebody_looks(
    recall_class: RecallClass, by: date
) -> None:
    given(Recall).when(replace(issuing, recall_class=recall_class)).records_a(
        RecallIssued, respond_by=by
    )


def test_a_recall_names_no_more_lots_than_somebody_reads() -> None:
    many = tuple(f"L{number}" for number in range(201))
    given(Recall).when(replace(issuing, lots=many)).refused("recall.lots")


def test_a_recall_finds_an_item_however_its_code_is_spelled() -> None:
    shorter = replace(issuing, item_system="gtin", item_code=" 812345678901 ")
    given(Recall).when(shorter).records_a(RecallIssued, **GLOVES)
    given(Recall).when(replace(issuing, item_code="00812345678903")).refused(
        "catalog_item.gtin", field="item_code", rule="must end with the check digit 1"
    )


def test_a_recall_is_terminated() -> None:
    given(Recall, issued).when(terminating).records(terminated)
    given(Recall, issued, terminated).when(terminating).records_nothing()
    given(Recall, issued).when(replace(terminating, terminated_on=NEW_YEAR)).refused(
        "recall.date_order"
    )


# --- a facility's response -----------------------------------------------------------------------


def at_riverside(
    *facts: Fact, on_hand: int = 10, quarantined: int = 0, known: bool = False
) -> Given:
    """Gloves of lot A, of whose recall the item knows already, or not yet."""
    recalls = frozenset([THE_RECALL] if known else [])
    lots = {"A": Lot(on_hand=on_hand, quarantined=quarantined, recalls=recalls)}
    return given(RecallResponse, *facts).knowing(riverside_is_open(), gloves_are_kept(lots=lots))


def test_what_is_there_of_a_recalled_lot_is_set_apart() -> None:
    at_riverside().when(notifying).records(
        notified, found, Entail(under_recall), Entail(setting_apart)
    )


def test_what_is_set_apart_for_another_reason_is_recalled_all_the_same() -> None:
    at_riverside(quarantined=10).when(notifying).records(
        notified, found, Entail(under_recall), Entail(setting_apart)
    )
    at_riverside(notified, found, quarantined=10, known=True).when(notifying).records_nothing()


def test_of_several_recalls_of_a_lot_each_counts_what_has_come_and_one_sets_it_apart() -> None:
    known = at_riverside(notified, found, on_hand=14, quarantined=10, known=True)
    more = replace(found, quantity=4, held_after=14)
    known.when(replace(notifying, set_apart=False)).records(more)
    known.when(notifying).records(more, Entail(setting_apart))


def test_a_recall_is_in_force_until_it_is_terminated() -> None:
    its = given(Recall, issued).stands(THE_RECALL)
    assert (its.open, its.number) == (True, "Z-0123-2026")
    assert not given(Recall, issued, terminated).stands(THE_RECALL).open


def test_a_facility_that_has_nothing_left_is_told_all_the_same() -> None:
    at_riverside(on_hand=0).when(notifying).records(notified, Entail(under_recall))
    at_riverside(notified, on_hand=0).when(notifying).records_nothing()
    at_riverside().when(replace(notifying, lot="B")).records(notified)


def test_what_comes_later_is_set_apart_too_and_opens_the_response_again() -> None:
    done = (notified, found, acknowledged, accounted, completed)
    later = at_riverside(*done, on_hand=11, quarantined=7, known=True).when(notifying)
    later.records(replace(found, quantity=4, held_after=14), Entail(setting_apart))
    assert later.then().state.status == "notified"
    assert later.then().state.unaccounted == 4


def test_an_item_of_another_facility_is_not_touched() -> None:
    given(RecallResponse).knowing(gloves_are_kept(facility_id=HILLTOP)).when(notifying).refused(
        "stock_item.unknown"
    )


def test_somebody_looks_at_the_shelves() -> None:
    at_riverside(notified, found).when(acknowledging).records(acknowledged)
    at_riverside(notified, found).when(replace(acknowledging, on_the_shelves=10)).records(
        replace(acknowledged, on_the_shelves=10, unaccounted_after=0),
        replace(completed, completed_on=FEBRUARY_1),
    )
    at_riverside(notified, found).when(replace(acknowledging, on_the_shelves=11)).refused(
        "recall_response.more_than_held"
    )
    at_riverside(notified, found).when(replace(acknowledging, acknowledged_on=NEW_YEAR)).refused(
        "recall_response.date_order"
    )


def test_what_was_not_there_is_accounted_for() -> None:
    at_riverside(notified, found, acknowledged).when(accounting).records(accounted, completed)
    at_riverside(notified, found, acknowledged).when(replace(accounting, quantity=1)).records(
        replace(accounted, quantity=1, unaccounted_after=2)
    )
    at_riverside(notified, found, acknowledged).when(replace(accounting, quantity=4)).refused(
        "recall_response.more_than_held"
    )
    at_riverside(notified, found).when(accounting).refused("recall_response.not_now")
