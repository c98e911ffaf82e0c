"""What holds of every read model, whatever happens: sums balance at every position, the system is
the sum of its facilities, folding never mutates.

What happens is made up by `HealthSystem` and decided by the aggregates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from typing import Any
from uuid import UUID

import hypothesis
import pytest
from hypothesis import strategies

from domain.audit.events import ExportMade
from domain.kernel import FACTS, Fact
from domain.money import minor_units
from domain.natural_key import NaturalKeyReleased, NaturalKeyReserved
from domain.privacy.events import ReadLogSealed
from domain.revenue.events.claim import SELF_PAY, Party
from domain.revenue.events.code_table import CodesListed
from domain.revenue.events.overpayment import (
    ClaimCreditAssigned,
    ClaimOverpaymentResumed,
    ClaimOverpaymentSuspended,
)
from domain.revenue.events.service_register import ServicesEntered
from domain.revenue.events.submission import ClaimStatusReported
from domain.supply.events.controlled import (
    ControlledCorrected,
    ControlledDestroyed,
    ControlledIssued,
    ControlledReceived,
    ControlledSent,
    ControlledTakenIn,
    ControlledWasted,
    TransitLossDiscovered,
)
from domain.supply.events.controlled_code import CodeScheduled
from domain.supply.events.inbound_transfer import InboundProposalWithdrawn, InboundReceivedLate
from domain.supply.events.recall import response_to
from domain.supply.events.requisition import ProposalWithdrawn
from domain.supply.events.stock import StockIssued
from domain.supply.events.stock_holds import (
    StockDispatched,
    StockQuarantined,
    StockRecalled,
    StockReserved,
)
from domain.supply.events.transfer import DiscrepancyResolved, LateArrivalRefused
from domain.supply.recall import TerminateRecall
from domain.workforce.assignment import WHOLE_TIME
from domain.workforce.events.attendance import (
    TimesheetPresenceNoted,
    TimesheetPresenceWithdrawn,
)
from domain.workforce.events.roster_calendar import RosterPeriodTaken
from projections import READ_MODELS
from projections.kernel import Summary
from projections.organization import department_list, facility_directory
from projections.refold import refold
from projections.revenue import claim_ledger, claim_list, payments_by_method, receivables
from projections.revenue.worklists import claims_against_contract
from projections.scorecards import facility_scorecard
from projections.supply import (
    stock_in_quarantine,
    stock_items,
    stock_movements,
    stock_on_hand,
    stock_reservations,
)
from projections.supply.lots import stock_lots
from projections.supply.recalls import recall_board, recall_list
from projections.supply.transfers import outbound_transfers
from projections.supply.transit import stock_in_transit
from projections.workforce import assignments_ending, staff_directory
from tests.projections.grammar import added_up, at_every_position
from tests.projections.health_system import HealthSystem

COMMANDS = 600

SELDOM_FILLED = {
    claims_against_contract: "a contract, its fees and a claim rarely meet at one payer"
}
"""Read models that made-up health systems need not fill, and why."""

BUSY_DESKS = ("", "supply", "workforce", "revenue", "")
"""The contexts whose desks are busy, in turns, until everything has happened; "" is any of them."""

NOT_SHOWN: dict[type[Fact], str] = {
    NaturalKeyReserved: "the ledger's own bookkeeping; what was reserved is shown where it is used",
    NaturalKeyReleased: "as above",
    ReadLogSealed: "what vouches for the log of reads; verifying it reads the ledger",
    RosterPeriodTaken: "roster_list shows the period by the roster that was drafted with it",
    CodesListed: "a page of thousands, which the scrubber looks up; tables are shown as a whole",
    ServicesEntered: "what claims bill, as their lines show it; the scrubber looks it up",
    ExportMade: "no desk has a list of them; an auditor reads them in the timeline",
    TimesheetPresenceNoted: "the attendance it tells of is shown where it was recorded",
    TimesheetPresenceWithdrawn: "as above",
    CodeScheduled: "what the catalog says of its items' codes, which shows their schedule",
    StockRecalled: "what a notice of a recall entails; the recall board shows it",
}
"""Facts that no read model folds, and why."""

SELDOM_SEEN: dict[type[Fact], str] = {
    LateArrivalRefused: "a facility closes between a finding and the process that acts on it",
    InboundReceivedLate: "short, found again in the same system, and carried across by then",
    ControlledWasted: "two of staff and a register at one facility, with something on hand",
    ControlledIssued: "as above",
    ControlledCorrected: "as above",
    ControlledDestroyed: "as above, and something of it in quarantine",
    ControlledReceived: "a register, and a receipt of its item after that",
    ControlledSent: "two registers of one item, and a transfer that two people send",
    ControlledTakenIn: "as above, and two who receive it",
    TransitLossDiscovered: "as above, and some of it that does not come",
    InboundProposalWithdrawn: "replenishment's, which asks read models and is not made up here",
    ProposalWithdrawn: "as above",
    ClaimStatusReported: "an answer to a question of a claim that was sent, with a status in it",
    ClaimCreditAssigned: "a claim with a credit, and somebody who works there still",
    ClaimOverpaymentSuspended: "a program's payer that overpaid, on a day before its last one",
    ClaimOverpaymentResumed: "as above, and a later day for its clock to run again",
}
"""Facts that need more of a coincidence than is made up, and which; others tests tell of them."""

MONEY = (
    "entries",
    "charges",
    "payments",
    "adjustments",
    "transfers_out",
    "transfers_in",
    "balance",
    "patient_balance",
    "credit_balance_claims",
    "credit_balance",
)


def whatever_happens(test: Callable[[HealthSystem], None], word: str = "") -> Callable[[], None]:
    """The test is given health systems in which many things happened."""

    def lived(seed: int) -> None:
        test(HealthSystem(seed, word).lives(COMMANDS))

    lived.__name__, lived.__doc__ = test.__name__, test.__doc__
    settings = hypothesis.settings(
        max_examples=20,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[hypothesis.Phase.generate],
    )
    return settings(hypothesis.given(seed=strategies.integers(0, 2**32))(lived))


def whatever_happens_in_supply(test: Callable[[HealthSystem], None]) -> Callable[[], None]:
    """As `whatever_happens`, where nothing but stock is ordered, moved, counted and recalled."""
    return whatever_happens(test, "supply")


def ours() -> list[type[Fact]]:
    return [each for each in FACTS.values() if each.__module__.startswith("domain.")]


# --- coverage ------------------------------------------------------------------------------------


@pytest.mark.parametrize("fact", ours(), ids=lambda each: each.name)
def test_every_fact_is_shown_somewhere_or_there_is_a_reason_why_not(fact: type[Fact]) -> None:
    shown = any(fact in each.handlers for each in READ_MODELS)
    assert shown != (fact in NOT_SHOWN)


@pytest.mark.slow
def test_the_made_up_health_systems_have_seen_everything_happen() -> None:
    missing = {*ours()} - {*NOT_SHOWN} - {*SELDOM_SEEN}
    for seed in range(600):
        system = HealthSystem(seed, desk_of(missing, seed)).lives(800)
        missing -= {type(event.fact) for event in system.events}
        if not missing:
            break
    assert not missing


def desk_of(missing: set[type[Fact]], seed: int) -> str:
    """Any desk, or one after the other of those at which something has not happened yet."""
    contexts = {each.__module__.split(".")[1] for each in missing}
    waiting = ["", *sorted(contexts.intersection(BUSY_DESKS))]
    return waiting[seed % len(waiting)]


@pytest.mark.slow
def test_the_made_up_health_systems_have_filled_every_model() -> None:
    empty = {*READ_MODELS} - {*SELDOM_FILLED}
    for seed in range(400):
        events = HealthSystem(seed, BUSY_DESKS[seed % len(BUSY_DESKS)]).lives(600).events
        empty -= {model for model in empty if refold(model, events)}
        if not empty:
            break
    assert not empty


def test_names_are_unique_and_every_model_says_who_looks_at_it() -> None:
    assert len({each.name for each in READ_MODELS}) == len(READ_MODELS)
    assert all(each.desk for each in READ_MODELS)


# --- folding -------------------------------------------------------------------------------------


@whatever_happens
def test_folding_never_mutates_and_folding_again_gives_the_same(system: HealthSystem) -> None:
    for model in READ_MODELS:
        versions: dict[int, tuple[Any, str]] = {}
        for _event, rows in at_every_position(model, system.events):
            for row in rows.values():
                if id(row) not in versions:
                    versions[id(row)] = (row, repr(row))
        assert all(repr(row) == before for row, before in versions.values())
        assert rows == refold(model, system.events)


@whatever_happens
def test_every_row_comes_back_from_its_columns_the_same(system: HealthSystem) -> None:
    for model in READ_MODELS:
        for row in refold(model, system.events).values():
            sent = dict(zip(model.column, model.values_of(row), strict=True))
            assert set(sent) == {each.name for each in fields(row)}
            assert all(sent[each.name] is not None or each.nullable for each in model.columns), (
                model.name
            )


# --- revenue -------------------------------------------------------------------------------------


@whatever_happens
def test_receivables_balance_at_every_position(system: HealthSystem) -> None:
    lists = at_every_position(claim_list, system.events)
    sums = at_every_position(receivables, system.events)
    last: dict[UUID, tuple[int, int]] = {}
    for (event, claims), (_event, owed) in zip(lists, sums, strict=True):
        fact = event.fact
        if hasattr(fact, "patient_balance_after"):
            last[fact.claim_id] = (
                minor_units(fact.balance_after, fact.currency),
                minor_units(fact.patient_balance_after, fact.currency),
            )
        for row in (*owed.values(), *claims.values()):
            assert row.charges - row.payments - row.adjustments == row.balance  # type: ignore[attr-defined]
        for claim_id, balances in last.items():
            assert (claims[claim_id,].balance, claims[claim_id,].patient_balance) == balances
        expected: Counter[tuple[UUID, UUID]] = Counter()
        credits: Counter[tuple[UUID, UUID]] = Counter()
        for claim in claims.values():
            key = claim.facility_id, claim.payer_id or SELF_PAY
            expected[key] += claim.balance
            credits[key] += min(0, claim.balance)
        for key, row in owed.items():
            assert (row.balance, row.credit_balance) == (expected[key], credits[key])


@whatever_happens
def test_receivables_are_the_sum_of_the_claims(system: HealthSystem) -> None:
    claims = refold(claim_list, system.events).values()
    owed = refold(receivables, system.events)
    expected: dict[Any, Counter[str]] = {}
    for claim in claims:
        total = expected.setdefault((claim.facility_id, claim.payer_id or SELF_PAY), Counter())
        total.update({name: getattr(claim, name) for name in MONEY if hasattr(claim, name)})
        total.update(
            claims=1,
            open_claims=claim.status != "closed",
            credit_balance_claims=claim.credit,
            credit_balance=min(0, claim.balance),
        )
    assert {
        key: {each.name: getattr(row, each.name) for each in receivables.measures}
        for key, row in owed.items()
    } == expected
    assert all(row.currency == system.states[row.facility_id][1].currency for row in owed.values())


@whatever_happens
def test_every_cent_of_a_claim_is_in_its_ledger(system: HealthSystem) -> None:
    lines = refold(claim_ledger, system.events).values()
    for (claim_id,), claim in refold(claim_list, system.events).items():
        of_claim = [each for each in lines if each.claim_id == claim_id]
        of_patient = [each for each in of_claim if each.party is Party.PATIENT]
        assert sum(each.change for each in of_claim) == claim.balance
        assert sum(each.change for each in of_patient) == claim.patient_balance
        assert len(of_claim) == claim.entries
        by_entry = {each.entry: each for each in of_claim}
        for each in of_claim:
            if each.reversed_by is not None:
                assert by_entry[each.reversed_by].reverses_entry == each.entry
                assert by_entry[each.reversed_by].amount == each.amount
            if each.reverses_entry is not None:
                assert by_entry[each.reverses_entry].reversed_by == each.entry
        for kinds, figure, sign in (
            (("charge",), claim.charges, 1),
            (("payment", "refund"), claim.payments, -1),
            (("adjustment", "write_off"), claim.adjustments, -1),
            (("transfer_out",), claim.transfers_out, -1),
            (("transfer_in",), claim.transfers_in, 1),
        ):
            named = {*kinds, *(f"{kind}_reversed" for kind in kinds)}
            changes = (each.change for each in of_claim if each.kind in named)
            assert sum(changes) == sign * figure


@whatever_happens
def test_payments_by_method_come_to_the_payments_of_receivables(system: HealthSystem) -> None:
    methods = refold(payments_by_method, system.events).values()
    by_method = added_up(payments_by_method, methods, by=("facility_id", "currency"))
    owed = refold(receivables, system.events).values()
    by_payer = added_up(receivables, owed, by=("facility_id", "currency"))
    for key, total in by_payer.items():
        assert total["payments"] == by_method.get(key, Counter())["amount"]


# --- scorecards ----------------------------------------------------------------------------------


@whatever_happens
def test_a_facilitys_scorecard_is_what_its_lists_come_to(system: HealthSystem) -> None:
    cards = refold(facility_scorecard, system.events)
    owed = refold(receivables, system.events).values()
    money = added_up(receivables, owed, by=("facility_id",))
    claims = _counted(each.facility_id for each in refold(claim_list, system.events).values())
    open_claims = _counted(
        each.facility_id
        for each in refold(claim_list, system.events).values()
        if each.status != "closed"
    )
    staff = _counted(
        each.facility_id
        for each in refold(staff_directory, system.events).values()
        if each.home and each.status != "separated"
    )
    departments = _counted(
        each.facility_id
        for each in refold(department_list, system.events).values()
        if each.status == "open"
    )
    items = refold(stock_items, system.events).values()
    for (facility_id,), facility in refold(facility_directory, system.events).items():
        card = cards[facility_id,]
        assert card.currency == facility.currency
        assert card.facilities == (facility.status != "closed")
        assert card.claims == claims[facility_id]
        assert card.open_claims == open_claims[facility_id]
        assert card.closed_claims == claims[facility_id] - open_claims[facility_id]
        assert card.staff == staff[facility_id]
        assert card.departments == departments[facility_id]
        of_money = money.get((facility_id,), Counter())
        assert {name: getattr(card, name) for name in MONEY} == {
            name: of_money[name] for name in MONEY
        }
        here = [each for each in items if each.facility_id == facility_id]
        assert card.stock_items == len(here)
        assert sum(each.on_hand for each in here) == (
            card.stock_units_opened
            + card.stock_units_received
            - card.stock_units_issued
            + card.stock_units_adjusted
            + card.stock_units_counted
            - card.stock_units_dispatched
            + card.stock_units_delivered
            - card.stock_units_written_off
        )


@whatever_happens
def test_the_systems_figures_are_the_sum_of_the_facilities(system: HealthSystem) -> None:
    for model in READ_MODELS:
        if isinstance(model, Summary):
            rows = list(refold(model, system.events).values())
            apart = [
                added_up(model, [each for each in rows if each.facility_id == facility_id])
                for facility_id in system.all("facility")
            ]
            together: dict[Any, Counter[str]] = {}
            for figures in apart:
                for group, total in figures.items():
                    together.setdefault(group, Counter()).update(total)
            assert added_up(model, rows) == together


# --- supply --------------------------------------------------------------------------------------


@whatever_happens
def test_stock_is_the_same_whichever_way_it_is_looked_at(system: HealthSystem) -> None:
    items = refold(stock_items, system.events)
    lots = refold(stock_on_hand, system.events)
    promised = refold(stock_reservations, system.events)
    apart = refold(stock_in_quarantine, system.events)
    movements = refold(stock_movements, system.events).values()
    for stock_item_id, state in system.all("stock_item").items():
        item = items[stock_item_id,]
        where = (item.facility_id, item.item_system, item.item_code)
        of_item = Counter({key[3]: row.on_hand for key, row in lots.items() if key[:3] == where})
        assert item.on_hand == state.on_hand == of_item.total()
        assert of_item == Counter({number: lot.on_hand for number, lot in state.lots.items()})
        assert {
            each.lot: (each.on_hand, each.reserved, each.quarantined, each.expires_on)
            for each in item.lots
        } == {
            number: (lot.on_hand, lot.reserved, lot.quarantined, lot.expires_on)
            for number, lot in state.lots.items()
            if lot.on_hand or lot.reserved or lot.quarantined
        }
        assert item.available == state.available
        for number, lot in state.lots.items():
            # Figures that have all been zero have no row.
            sums = lots.get((*where, number)) or stock_on_hand.zero((*where, number))
            assert (sums.reserved, sums.quarantined) == (lot.reserved, lot.quarantined)
        assert state.reservations == {
            key[1:]: row.quantity for key, row in promised.items() if key[0] == stock_item_id
        }
        assert {
            number: lot.quarantined for number, lot in state.lots.items() if lot.quarantined
        } == {key[1]: row.quantity for key, row in apart.items() if key[0] == stock_item_id}
        story = [each for each in movements if each.stock_item_id == stock_item_id]
        assert sum(each.change for each in story) == item.on_hand


def _on_the_books(system: HealthSystem) -> Iterator[tuple[int, int]]:
    """After each event: what is on hand and in transit, and what was received and is not gone.

    Both in units of whatever it is, over the whole health system.
    """
    lots = at_every_position(stock_on_hand, system.events)
    roads = at_every_position(stock_in_transit, system.events)
    cards = at_every_position(facility_scorecard, system.events)
    for (_event, lot), (_event, road), (_event, card) in zip(lots, roads, cards, strict=True):
        on_the_road = sum(row.dispatched - row.delivered - row.written_off for row in road.values())
        lost = sum(row.written_off for row in road.values())
        come = sum(
            row.stock_units_opened
            + row.stock_units_received
            - row.stock_units_issued
            + row.stock_units_adjusted
            + row.stock_units_counted
            - row.stock_units_written_off
            for row in card.values()
        )
        yield sum(row.on_hand for row in lot.values()) + on_the_road, come - lost


@whatever_happens_in_supply
def test_on_hand_and_in_transit_are_what_came_and_is_not_gone(system: HealthSystem) -> None:
    """At every position, over the whole health system, however the two sides interleave."""
    assert all(books == come for books, come in _on_the_books(system))


@whatever_happens_in_supply
def test_transfers_settle_to_zero(system: HealthSystem) -> None:
    system.settles()
    transfers = system.all("transfer")
    for row in refold(outbound_transfers, system.events).values():
        state = transfers[row.transfer_id]
        assert row.in_transit == state.in_transit >= 0
        assert row.dispatched == row.in_transit + row.arrived + row.written_off + _returned(
            system, row.transfer_id
        )
        if row.status in ("settled", "declined", "cancelled"):
            assert row.in_transit == 0
        arrived = system.all("inbound_transfer")[row.inbound_transfer_id]
        assert (row.status == "settled") == (arrived.status == "settled")
    roads = refold(stock_in_transit, system.events).values()
    on_the_road = sum(row.dispatched - row.delivered - row.written_off for row in roads)
    assert on_the_road == sum(each.in_transit for each in transfers.values())


def _returned(system: HealthSystem, transfer_id: UUID) -> int:
    return sum(
        event.fact.quantity
        for event in system.events
        if isinstance(event.fact, DiscrepancyResolved)
        and event.fact.transfer_id == transfer_id
        and event.fact.outcome == "returned"
    )


def test_a_recall_accounts_for_every_unit() -> None:
    """What is on hand of a recalled lot, anywhere, is set apart and stays so, whatever anybody
    tries: also what came in afterwards, and what was set apart already for another reason."""
    recalled = 0
    for seed in range(40):
        system = HealthSystem(seed, "supply", without=(TerminateRecall,))
        system.lives(400).settles()
        board = refold(recall_board, system.events)
        recalls_of_it = Counter(
            each.item_code for each in refold(recall_list, system.events).values()
        )
        for recall in refold(recall_list, system.events).values():
            for lot in refold(stock_lots, system.events).values():
                if (lot.item_system, lot.item_code) == (recall.item_system, recall.item_code):
                    assert lot.on_hand <= lot.quarantined
                    assert (response_to(recall.recall_id, lot.facility_id),) in board
                    recalled += lot.on_hand
                    its_response = board[response_to(recall.recall_id, lot.facility_id),]
                    by_hand = set_apart_by_hand(system, lot.stock_item_id)
                    # What comes in later of a lot that is recalled twice is told of one of them.
                    if recalls_of_it[recall.item_code] == 1:
                        assert its_response.held + by_hand >= lot.on_hand
        nothing_is_taken_of_what_is_recalled(system)
        for line in board.values():
            assert line.held == line.on_the_shelves + line.accounted + line.unaccounted
            assert (line.status == "completed") <= (line.unaccounted == 0)
    assert recalled


def set_apart_by_hand(system: HealthSystem, stock_item_id: UUID) -> int:
    """What came in of a recalled item, where somebody was faster than the notice of the recall: it
    counts what nobody has set apart."""
    known, by_hand = False, 0
    for event in system.events:
        if event.stream_id == stock_item_id:
            known = known or isinstance(event.fact, StockRecalled)
            ours = getattr(event.fact, "recall_id", None) in system.all("recall")
            if known and isinstance(event.fact, StockQuarantined) and not ours:
                by_hand += event.fact.quantity
    return by_hand


def nothing_is_taken_of_what_is_recalled(system: HealthSystem) -> None:
    """From the moment on at which the item knows of it; no recall is terminated here."""
    recalled = set()
    for event in system.events:
        match event.fact:
            case StockRecalled() as fact:
                recalled.add((fact.stock_item_id, fact.lot))
            case StockIssued() | StockReserved() | StockDispatched() as fact:
                assert (fact.stock_item_id, fact.lot) not in recalled
            case _:
                pass


# --- organization and workforce ------------------------------------------------------------------


@whatever_happens
def test_the_directories_say_what_the_aggregates_have_become(system: HealthSystem) -> None:
    facilities = refold(facility_directory, system.events)
    for facility_id, state in system.all("facility").items():
        row = facilities[facility_id,]
        held = {(each.key, each.valid_from) for each in state.identifiers if not each.ended}
        assert {((each.kind, each.value), each.valid_from) for each in row.identifiers} == held
        assert row.npi in {None, *(key[1] for key, _since in held if key[0] == "npi")}
        assert (row.npi is None) == (not any(key[0] == "npi" for key, _since in held))
        assert len(row.licenses) == sum(not each.ended for each in state.licenses)
        assert (row.status, row.status_since) == (state.status, state.since)
        assert (row.legal_name, row.zone) == (state.legal_name, state.zone)
    departments = refold(department_list, system.events)
    for department_id, state in system.all("department").items():
        row_of = departments[department_id,]
        assert (row_of.status, row_of.head_staff_id) == (state.status, state.head_id)


@whatever_happens
def test_staff_are_listed_at_home_and_wherever_else_they_work(system: HealthSystem) -> None:
    for event, rows in at_every_position(staff_directory, system.events):
        for row in rows.values():
            assert row.home == (row.registered_on is not None)
            assert (row.share is None) == (not row.assignments)
            assert row.share is None or 1 <= row.share <= WHOLE_TIME
            assert row.home or row.assignments
            assert row.status != "separated" or row.home
        assert event.position
    for staff_id, state in system.all("staff_member").items():
        here = rows[state.facility_id, staff_id]
        assert (here.status, here.specialty) == (state.status, state.specialty)
        listed = [row for row in rows.values() if row.staff_id == staff_id]
        assert all(each.specialty == state.specialty for each in listed)
        open_ones = Counter(
            (each.facility_id, each.department_id, each.valid_from, each.valid_to, each.share)
            for each in state.assignments
            if each not in state.ended
        )
        assert open_ones == Counter(
            (row.facility_id, each.department_id, each.valid_from, each.valid_to, each.share)
            for row in listed
            for each in row.assignments
        )


@whatever_happens
def test_the_ends_to_come_are_those_that_were_planned_and_not_told(system: HealthSystem) -> None:
    members = system.all("staff_member")
    planned = {
        (each.facility_id, staff_id, each.department_id, each.share, each.valid_from, each.valid_to)
        for staff_id, state in members.items()
        for each in state.assignments
        if each.valid_to is not None and each not in state.ended
    }
    assert planned == {
        (row.facility_id, row.staff_id, row.department_id, row.share, row.begins_on, row.ends_on)
        for row in refold(assignments_ending, system.events).values()
    }


def _counted(facilities: Iterable[UUID]) -> Counter[UUID]:
    return Counter(facilities)
