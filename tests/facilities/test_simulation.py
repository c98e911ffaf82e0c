"""A simulated health system: the same again, to be continued, and much like the real ones."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from domain.identifiers import IdentifierKind, valid
from domain.kernel import Recorded
from domain.organization.events import FacilityIdentified, FacilityKind, FacilityOpened
from domain.revenue.claim import claim
from domain.revenue.claim_status import ClaimStatus
from domain.revenue.events.claim import AdjustmentGroup, ClaimDrafted, ClaimPaid, ClaimSubmitted
from domain.revenue.posting import AdjustClaim
from domain.revenue.submission import CloseClaim
from domain.supply.events.stock import StockIssued
from domain.supply.events.stock_par import StockRanLow, StockRecovered
from domain.workforce.events.staff import StaffMemberRegistered
from facilities.ledger import Ledger
from facilities.scope import Actor, Role
from facilities.service import Service
from facilities.simulation import SimulationReport, simulate
from facilities.simulation.diary import Diary
from facilities.simulation.dice import Dice, working_day
from facilities.simulation.places import Pause, Site, bearer, npi
from facilities.simulation.run import Run
from projections import workforce
from projections.kernel import ReadModel
from projections.refold import refold
from tests.facilities.scenes import said_by
from tests.grammar import TODAY

SIMULATOR = Actor("simulator", Role.SERVICE)
LAST_DAY = TODAY - timedelta(days=1)


def a_system(
    service: Service, *, until: date = LAST_DAY, days: int = 30, seed: int = 7, **how: Any
) -> SimulationReport:
    return simulate(
        service, facilities=4, days=days, seed=seed, until=until, actor=SIMULATOR, **how
    )


def told(run: Run, days: int) -> list[tuple[Any, UUID]]:
    """All commands of a simulation, without a ledger."""
    diary = Diary(run)
    errands = [*diary.beginning()]
    for number in range(days):
        errands += diary.day(run.first_day + timedelta(days=number))
    return errands


class Interrupted(Exception):
    """Somebody pressed Ctrl-C."""


# --- the same again ------------------------------------------------------------------------------


def test_the_same_run_tells_the_same_commands_under_the_same_ids() -> None:
    run = Run(7, 5, LAST_DAY - timedelta(days=60))
    assert told(run, 60) == told(run, 60)


@pytest.mark.parametrize(
    "other", [Run(8, 5, LAST_DAY), Run(7, 6, LAST_DAY), Run(7, 5, LAST_DAY - timedelta(days=1))]
)
def test_another_run_shares_no_id_with_it(other: Run) -> None:
    mine = {command_id for _, command_id in told(Run(7, 5, LAST_DAY), 3)}
    assert mine.isdisjoint(command_id for _, command_id in told(other, 3))


def test_no_two_commands_have_the_same_id() -> None:
    ids = [command_id for _, command_id in told(Run(7, 5, LAST_DAY), 60)]
    assert len(set(ids)) == len(ids)


def test_a_second_run_records_nothing(service: Service, ledger: Ledger) -> None:
    first = a_system(service)
    head = ledger.head()
    assert (first.refused, first.already_there) == ({}, 0)
    assert first.facts_recorded > 1_000
    second = a_system(service)
    assert (second.facts_recorded, second.already_there) == (0, first.commands)
    assert ledger.head() == head


def test_a_run_that_was_interrupted_goes_on_where_it_stopped(
    service: Service, ledger: Ledger
) -> None:
    def on_the_tenth_day(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("days", 10):
            raise Interrupted

    with pytest.raises(Interrupted):
        a_system(service, progress=on_the_tenth_day, batch=100)
    recorded = ledger.head()
    assert recorded > 0
    rest = a_system(service, batch=333)
    assert 0 < rest.already_there < rest.commands
    assert rest.refused == {}
    assert ledger.head() > recorded
    again = a_system(service)
    assert (again.facts_recorded, again.already_there) == (0, rest.commands)


def test_a_run_to_a_later_day_continues_the_same_system(service: Service) -> None:
    week = timedelta(days=7)
    first = a_system(service, until=LAST_DAY - week, days=23)
    longer = a_system(service, until=LAST_DAY, days=30)
    assert longer.first_day == first.first_day
    assert longer.already_there == first.commands
    assert longer.facts_recorded > 0
    assert longer.refused == {}


def test_two_systems_live_side_by_side(service: Service) -> None:
    assert a_system(service, seed=1).refused == {}
    assert a_system(service, seed=2).refused == {}


def test_what_someone_else_changed_is_reported_and_not_overrun(
    service: Service, ledger: Ledger
) -> None:
    a_system(service, until=LAST_DAY - timedelta(days=7), days=23)
    for each in ledger.read(0, 100_000):
        if isinstance(each.fact, ClaimSubmitted):
            close_by_hand(service, ledger, each.stream_id)
    report = a_system(service)
    assert set(report.refused) == {"claim.closed"}


def close_by_hand(service: Service, ledger: Ledger, claim_id: UUID) -> None:
    balance = claim.fold(each.fact for each in ledger.load([claim_id])[claim_id]).balance
    if balance > 0:
        written_off = AdjustClaim(
            claim_id=claim_id,
            amount=balance,
            group=AdjustmentGroup.OTHER_ADJUSTMENT,
            reason_code="23",
            adjusted_on=LAST_DAY,
        )
        service.execute(written_off, said_by())
    service.execute(CloseClaim(claim_id=claim_id, closed_on=LAST_DAY), said_by())


@pytest.mark.parametrize(
    "wrong",
    [{"days": 0}, {"batch": 0}, {"until": TODAY + timedelta(days=2)}],
)
def test_what_cannot_be_simulated_is_refused(service: Service, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"at least one|in the future"):
        a_system(service, **wrong)


def test_progress_is_told_day_by_day(service: Service) -> None:
    heard: list[tuple[str, int, int]] = []
    a_system(service, days=3, progress=lambda *stage: heard.append(stage))
    assert heard == [
        ("beginning", 0, 1), ("beginning", 1, 1), ("days", 1, 3), ("days", 2, 3), ("days", 3, 3),
    ]  # fmt: skip


# --- what it comes to ----------------------------------------------------------------------------


ENTAILED_IN_STORE_ROOMS = {
    "controlled_register.received",
    "purchase_order.drafted",
    "purchase_order.item_ordered",
    "stock_item.adjusted",
    "stock_item.counted",
    "stock_item.delivered",
    "stock_item.dispatched",
    "stock_item.issued",
    "stock_item.put_under_control",
    "stock_item.quarantined",
    "stock_item.ran_low",
    "stock_item.recalled",
    "stock_item.received",
    "stock_item.recovered",
    "stock_item.reservation_released",
    "stock_item.reserved",
}
"""Facts that follow, also or only, from what is ordered, sent, counted and locked up."""


Recording = list[Recorded[Any]]


@pytest.fixture
def recording(service: Service, ledger: Ledger) -> Recording:
    """Three months of ten facilities, as the ledger has them."""
    report = simulate(service, facilities=10, days=90, seed=11, until=LAST_DAY, actor=SIMULATOR)
    assert report.refused == {}
    events = list(ledger.read(0, 1_000_000))
    named = Counter(each.fact.name for each in events if not each.fact.name.startswith("natural"))
    # What a decision entails is not among the facts that its command is answered with.
    entailed = {*ENTAILED, *ENTAILED_IN_STORE_ROOMS}
    told = {name: count for name, count in named.items() if name not in entailed}
    assert told == {name: count for name, count in report.facts.items() if name not in entailed}
    assert all(count <= named[name] for name, count in report.facts.items())
    assert report.to_json()["facts_recorded"] == sum(report.facts.values())
    return events


ENTAILED = {
    "claim.paid",
    "claim.written_off",
    "credential.file_closed",
    "loan.agreed",
    "prior_authorization.used",
    "roster.staff_withdrawn",
    "roster_calendar.period_taken",
    "schedule.leave_ended",
    "schedule.leave_granted",
    "schedule.lent",
    "schedule.time_booked",
    "schedule.time_confirmed",
    "schedule.time_released",
    "service_register.entered",
}


def test_it_is_like_a_health_system(recording: Recording) -> None:
    """One test for many claims, because a system takes seconds to make."""
    it_has_one_hospital_among_ten_facilities_in_several_zones(recording)
    its_numbers_are_valid(recording)
    it_happened_on_its_days_in_their_order(recording)
    its_money_comes_late_and_not_all_of_it(recording)
    its_shelves_are_never_overdrawn_and_nothing_expired_goes_out(recording)
    it_interleaves_its_streams(recording)
    it_shows_something_to_every_desk_of_the_workforce(recording)


def facts(recording: Recording, kind: type[Any]) -> list[Any]:
    return [each.fact for each in recording if isinstance(each.fact, kind)]


def it_has_one_hospital_among_ten_facilities_in_several_zones(recording: Recording) -> None:
    opened = facts(recording, FacilityOpened)
    kinds = Counter(each.kind for each in opened)
    assert kinds[FacilityKind.HOSPITAL] == 1
    assert kinds[FacilityKind.CLINIC] + kinds[FacilityKind.PRACTICE] == 6
    assert len({each.zone for each in opened}) >= 4
    assert len({each.legal_name for each in opened}) == 10


def its_numbers_are_valid(recording: Recording) -> None:
    for each in facts(recording, FacilityIdentified):
        assert valid(each.kind, each.value)
    licensed = [each.npi for each in facts(recording, StaffMemberRegistered) if each.npi]
    assert all(valid(IdentifierKind.NPI, each) for each in licensed)
    assert len(licensed) > 20


def it_happened_on_its_days_in_their_order(recording: Recording) -> None:
    days = [
        each.effective_at.date()
        for each in recording
        if each.fact.name.startswith(("claim", "stock_item"))
        # A claim is scrubbed when the rules look at it: today, as everything is recorded.
        and each.fact.name != "claim.scrubbed"
        # That something has run low is noticed when it is recorded.
        and not isinstance(each.fact, StockRanLow | StockRecovered)
    ]
    assert max(days) <= LAST_DAY
    assert all(earlier <= later for earlier, later in pairwise(days))


def its_money_comes_late_and_not_all_of_it(recording: Recording) -> None:
    claims: defaultdict[UUID, list[Any]] = defaultdict(list)
    for each in recording:
        if each.fact.name.startswith("claim."):
            claims[each.stream_id].append(each.fact)
    states = [claim.fold(happened) for happened in claims.values()]
    assert len(states) > 1_000
    by_status = Counter(state.status for state in states)
    assert by_status[ClaimStatus.CLOSED] > len(states) / 8
    assert 0 < sum(state.balance < 0 for state in states) < len(states) / 20
    waiting = (ClaimStatus.SUBMITTED, ClaimStatus.ACCEPTED, ClaimStatus.PENDED)
    owed = [state for state in states if state.status in waiting and state.balance > 0]
    assert by_status[ClaimStatus.DENIED] > by_status[ClaimStatus.APPEALED] > 0
    assert by_status[ClaimStatus.REJECTED] > 0
    assert len(owed) > len(states) / 5
    drafted = {each.claim_id: each.service_on for each in facts(recording, ClaimDrafted)}
    lags = [
        (each.received_on - drafted[each.claim_id]).days for each in facts(recording, ClaimPaid)
    ]
    assert 15 < sum(lags) / len(lags) < 60
    assert all(each.amount.as_tuple().exponent == -2 for each in facts(recording, ClaimPaid))
    assert sum((state.balance for state in states), Decimal(0)) > 0


def its_shelves_are_never_overdrawn_and_nothing_expired_goes_out(recording: Recording) -> None:
    issued = facts(recording, StockIssued)
    assert len(issued) > 500
    assert all(each.lot_on_hand_after >= 0 for each in issued)
    assert all(each.expires_on is None or each.expires_on >= each.issued_on for each in issued)
    names = Counter(each.fact.name for each in recording)
    for happened in ("received", "adjusted", "counted"):
        assert names[f"stock_item.{happened}"] > 0


def it_interleaves_its_streams(recording: Recording) -> None:
    at_work = [each for each in recording if each.fact.name.startswith(("claim", "stock_item"))]
    facilities = [each.facility_id for each in at_work[-2_000:]]
    changes = sum(one != other for one, other in pairwise(facilities))
    assert changes > len(facilities) / 4


def it_shows_something_to_every_desk_of_the_workforce(recording: Recording) -> None:
    models = [each for each in vars(workforce).values() if isinstance(each, ReadModel)]
    assert len(models) > 30
    assert {each.name for each in models if not refold(each, recording)} == set()


# --- what it is made of --------------------------------------------------------------------------


def test_dice_fall_the_same_way_on_every_machine() -> None:
    dice = Dice("almoner", 1)
    assert [dice.below(1000) for _ in range(5)] == [425, 439, 526, 965, 808]
    assert [dice.skewed(10_000) for _ in range(3)] == [18_248, 13_607, 15_396]


def test_prices_scatter_around_their_median_with_a_long_tail() -> None:
    dice = Dice("prices")
    prices = sorted(dice.skewed(10_000) for _ in range(10_000))
    assert 9_500 < prices[5_000] < 10_500
    assert prices[0] > 1_500
    assert 25_000 < prices[9_500] < 40_000
    assert isinstance(prices[0], int)


def test_weights_are_kept() -> None:
    dice = Dice("weights")
    fell = Counter(dice.weighted([("often", 9), ("seldom", 1)]) for _ in range(10_000))
    assert 8_800 < fell["often"] < 9_200


def test_what_falls_on_a_weekend_is_done_on_monday() -> None:
    monday = date(2026, 3, 9)
    week = [monday + timedelta(days=number) for number in range(7)]
    assert [working_day(each) for each in week] == [*week[:5], *[monday + timedelta(days=7)] * 2]


def test_many_bearers_have_as_many_numbers() -> None:
    run = Run(7, 40, LAST_DAY)
    bearers = [
        bearer(Site(run, index), seat, tenure)
        for index in range(40)
        for seat in range(45)
        for tenure in range(3)
    ]
    numbers = {npi(run, each) for each in bearers}
    assert len(numbers) == len(bearers)
    assert all(each.startswith("2") for each in numbers)


def test_facilities_pause_now_and_then_and_hospitals_never_close() -> None:
    run = Run(7, 40, date(2010, 1, 1))
    pauses: defaultdict[FacilityKind, set[Pause]] = defaultdict(set)
    for index in range(40):
        site = Site(run, index)
        for number in range(3_000):
            if (pause := site.pause_at(run.first_day + timedelta(days=number))) is not None:
                pauses[site.kind].add(pause)
    assert not any(each.closed for each in pauses[FacilityKind.HOSPITAL])
    assert any(each.closed for each in pauses[FacilityKind.CLINIC])
    assert any(not each.closed for each in pauses[FacilityKind.CLINIC])


@pytest.mark.slow
def test_years_of_it_are_never_refused(service: Service) -> None:
    """Pauses, departures and expiries that seldom come have all come by then."""
    report = simulate(service, facilities=10, days=700, seed=3, until=LAST_DAY, actor=SIMULATOR)
    assert report.refused == {}
    assert {
        "facility.closed", "facility.reopened", "facility.suspended", "claim.reopened",
        "claim.entry_reversed", "staff_member.separated", "staff_member.specialty_changed",
        "stock_item.adjusted",
    } <= report.facts.keys()  # fmt: skip
