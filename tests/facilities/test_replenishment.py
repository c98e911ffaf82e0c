"""What runs low is asked for: from who has too much of it, and from the supplier."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from domain.kernel import foreign_id
from domain.supply.inbound_transfer import ProposeTransfer
from domain.supply.requisition import ProposeItem
from facilities.process import Process
from facilities.processes.replenishment import Surplus, replenishment
from tests.domain import test_inbound_transfer as inbound
from tests.domain.places import HILLTOP, RIVERSIDE, THE_ITEM
from tests.domain.supplies import ACME
from tests.domain.test_stock_par import low
from tests.facilities.processes_grammar import sees
from tests.grammar import TODAY
from tests.projections.grammar import recorded

WEEK = "2026-W11"
at_hilltop = Surplus(facility_id=HILLTOP, spare=6, expires_on=date(2026, 4, 30))
proposal = ProposeItem(
    requisition_id=foreign_id("replenishment/requisition", RIVERSIDE, ACME, WEEK),
    facility_id=RIVERSIDE,
    program="replenishment",
    period=WEEK,
    stock_item_id=THE_ITEM,
    quantity=15,
    proposed_on=TODAY,
    supplier_id=ACME,
)


def replenishing(*others: Surplus, on_the_way: int = 0) -> Process:
    return replenishment(lambda *_asked: others, lambda *_asked: on_the_way)


def offer(quantity: int) -> ProposeTransfer:
    (event,) = recorded(low)
    return ProposeTransfer(
        inbound_transfer_id=foreign_id("replenishment", event.stream_id, event.version, HILLTOP),
        facility_id=RIVERSIDE,
        from_facility_id=HILLTOP,
        stock_item_id=THE_ITEM,
        quantity=quantity,
        expires_on=date(2026, 4, 30),
        supplier_id=ACME,
        proposed_on=TODAY,
    )


# --- replenishment -------------------------------------------------------------------------------


def test_what_is_missing_to_the_maximum_is_put_on_the_weeks_draft() -> None:
    sees(replenishing(), low).sends(proposal)


def test_what_is_on_its_way_is_not_asked_for_again() -> None:
    sees(replenishing(on_the_way=9), low).sends(replace(proposal, quantity=6))
    sees(replenishing(on_the_way=15), low).sends_nothing()


def test_a_transfer_is_proposed_before_anything_is_bought() -> None:
    sees(replenishing(at_hilltop), low).sends(offer(6), replace(proposal, quantity=9))
    plenty = replace(at_hilltop, spare=40)
    sees(replenishing(plenty, at_hilltop), low).sends(offer(15))


def test_what_nobody_wants_from_elsewhere_is_bought() -> None:
    dismissed = replace(inbound.dismissed, facility_id=RIVERSIDE, supplier_id=ACME)
    sees(replenishing(), dismissed).sends(replace(proposal, quantity=10))


def test_where_the_weeks_draft_is_gone_another_one_is_begun() -> None:
    (event,) = recorded(low)
    another = foreign_id("replenishment/requisition", event.stream_id, event.version)
    seen = sees(replenishing(), low)
    seen.instead_of(proposal, "requisition.not_now", replace(proposal, requisition_id=another))
    seen.instead_of(proposal, "facility.not_open")
