"""What runs low is asked for: from who has too much of it, and from the supplier."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from domain.kernel import foreign_id
from domain.supply.events.requisition import DemandMethod, ExpectedUse
from domain.supply.inbound_request import ProposeTransfer, WithdrawProposal
from domain.supply.requisition_items import ProposeItem, WithdrawProposedItem
from facilities.process import Process
from facilities.processes.replenishment import Pace, Proposal, Surplus, replenishment
from tests.domain import test_inbound_transfer as inbound
from tests.domain.places import HILLTOP, RIVERSIDE, THE_ITEM
from tests.domain.supplies import ACME
from tests.domain.test_stock_par import low, recovered
from tests.facilities.processes_grammar import sees
from tests.grammar import TODAY
from tests.projections.grammar import recorded

WEEK = "2026-W11"
at_hilltop = Surplus(facility_id=HILLTOP, spare=6, expires_on=date(2026, 4, 30))
no_use = ExpectedUse(
    quantity=0, days=7, method=DemandMethod.LAST_MONTHS, off_by=None, baseline_off_by=None
)
proposal = ProposeItem(
    requisition_id=foreign_id("replenishment/requisition", RIVERSIDE, ACME, WEEK),
    facility_id=RIVERSIDE,
    program="replenishment",
    period=WEEK,
    stock_item_id=THE_ITEM,
    quantity=15,
    proposed_on=TODAY,
    supplier_id=ACME,
    expected=no_use,
)


NO_PACE = Pace(daily=Fraction(0))


@dataclass(frozen=True)
class Shelves:
    """What store rooms would answer."""

    others: tuple[Surplus, ...] = ()
    coming: int = 0
    used: Pace = NO_PACE
    proposed: tuple[Proposal, ...] = ()

    def spare(self, *_asked: object) -> tuple[Surplus, ...]:
        return self.others

    def pending(self, *_asked: object) -> int:
        return self.coming

    def pace(self, *_asked: object) -> Pace:
        return self.used

    def proposals(self, *_asked: object) -> tuple[Proposal, ...]:
        return self.proposed


def replenishing(*others: Surplus, coming: int = 0, used: Fraction = Fraction(0)) -> Process:
    return replenishment(Shelves(others, coming, Pace(daily=used)))


def offer(quantity: int, expected: ExpectedUse = no_use) -> ProposeTransfer:
    (event,) = recorded(low)
    return ProposeTransfer(
        inbound_transfer_id=foreign_id("replenishment", event.stream_id, event.version, HILLTOP),
        facility_id=RIVERSIDE,
        from_facility_id=HILLTOP,
        stock_item_id=THE_ITEM,
        quantity=quantity,
        expires_on=date(2026, 4, 30),
        supplier_id=ACME,
        expected=expected,
        proposed_on=TODAY,
    )


# --- replenishment -------------------------------------------------------------------------------


def test_what_is_missing_to_the_maximum_is_put_on_the_weeks_draft() -> None:
    sees(replenishing(), low).sends(proposal)


def test_what_is_on_its_way_is_not_asked_for_again() -> None:
    sees(replenishing(coming=9), low).sends(replace(proposal, quantity=6))
    sees(replenishing(coming=15), low).sends_nothing()


def test_what_is_used_until_it_comes_is_asked_for_too() -> None:
    """Seven days of lead time; no more can be used until then than the five that are there."""
    some, much = replace(no_use, quantity=4), replace(no_use, quantity=21)
    sees(replenishing(used=Fraction(1, 2)), low).sends(
        replace(proposal, quantity=19, expected=some)
    )
    sees(replenishing(used=Fraction(3)), low).sends(replace(proposal, quantity=20, expected=much))


def test_what_a_forecast_tells_is_proposed_with_how_far_off_it_was() -> None:
    told = Pace(
        daily=Fraction(1, 2),
        method=DemandMethod.EXPONENTIAL_SMOOTHING,
        off_by=Decimal("1.50"),
        baseline_off_by=Decimal("2.25"),
    )
    expected = ExpectedUse(
        quantity=4,
        days=7,
        method=DemandMethod.EXPONENTIAL_SMOOTHING,
        off_by=Decimal("1.50"),
        baseline_off_by=Decimal("2.25"),
    )
    sees(replenishment(Shelves(used=told)), low).sends(
        replace(proposal, quantity=19, expected=expected)
    )


def test_a_transfer_is_proposed_before_anything_is_bought() -> None:
    sees(replenishing(at_hilltop), low).sends(offer(6), replace(proposal, quantity=9))
    plenty = replace(at_hilltop, spare=40)
    sees(replenishing(plenty, at_hilltop), low).sends(offer(15))
    some = replace(no_use, quantity=4)
    sees(replenishing(plenty, used=Fraction(1, 2)), low).sends(offer(19, some))


def test_what_nobody_wants_from_elsewhere_is_bought_for_the_use_that_was_expected() -> None:
    dismissed = replace(inbound.dismissed, facility_id=RIVERSIDE, supplier_id=ACME, expected=no_use)
    sees(replenishing(), dismissed).sends(replace(proposal, quantity=10))


def test_what_cannot_be_sent_is_bought() -> None:
    seen = sees(replenishing(at_hilltop), low)
    bought = replace(proposal, quantity=6)
    seen.instead_of(offer(6), "inbound_transfer.controlled", bought)


def test_what_is_not_needed_any_more_is_taken_back() -> None:
    draft, inbound_transfer = UUID(int=1), UUID(int=2)
    proposed = (Proposal(requisition_id=draft), Proposal(inbound_transfer_id=inbound_transfer))
    sees(replenishment(Shelves(proposed=proposed)), recovered).sends(
        WithdrawProposedItem(requisition_id=draft, stock_item_id=THE_ITEM, withdrawn_on=TODAY),
        WithdrawProposal(inbound_transfer_id=inbound_transfer, withdrawn_on=TODAY),
    )


def test_where_the_weeks_draft_is_gone_another_one_is_begun() -> None:
    (event,) = recorded(low)
    another = foreign_id("replenishment/requisition", event.stream_id, event.version)
    seen = sees(replenishing(), low)
    seen.instead_of(proposal, "requisition.not_now", replace(proposal, requisition_id=another))
    seen.instead_of(proposal, "facility.not_open")
