"""The one way in: what it answers, whom it admits, what it does when two come at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import TypeVar

import pytest

from domain.identifiers import IdentifierKind
from domain.kernel import Command, Refused
from domain.organization.department import CloseDepartment
from domain.organization.facility import RenameFacility
from domain.organization.licensure import IdentifyFacility
from domain.revenue.payer import RenamePayer, RetirePayer
from domain.revenue.submission import CloseClaim, SubmitClaim
from facilities.database import Database, Role
from facilities.ledger import Ledger
from facilities.service import (
    Answer,
    Context,
    KeyReused,
    NotFound,
    NotPermitted,
    Outcome,
    Service,
    StaleVersion,
    new_id,
)
from tests.domain.places import (
    AETHER_HEALTH,
    AN_NPI,
    BEACON_MUTUAL,
    CARDIOLOGY,
    DR_ADEYEMI,
    FEBRUARY_1,
    HILLTOP,
    MARCH_1,
    NEW_YEAR,
    NURSE_BLOM,
    RADIOLOGY,
    RIVERSIDE,
    THE_CLAIM,
    THE_ITEM,
)
from tests.facilities.scenes import (
    AUDITOR,
    THE_DAY_BEGINS,
    a_charge,
    a_claim,
    a_department,
    a_payer,
    a_physician,
    again,
    closing,
    keyed,
    manager_of,
    opening,
    said_by,
)

T = TypeVar("T")


@pytest.fixture(autouse=True)
def _the_day_begins(service: Service) -> None:
    for command in THE_DAY_BEGINS:
        service.execute(command, said_by())


def at_once(crowd: int, work: Callable[[int], T]) -> list[T | BaseException]:
    """What comes of so many threads that begin the same work at the same moment."""
    ready = Barrier(crowd)

    def begin(number: int) -> T:
        ready.wait()
        return work(number)

    with ThreadPoolExecutor(crowd) as threads:
        working = [threads.submit(begin, number) for number in range(crowd)]
        return [each.exception() or each.result() for each in working]


def refused(service: Service, command: Command, context: Context | None = None) -> Refused:
    with pytest.raises(Refused) as refusal:
        service.execute(command, context or said_by())
    return refusal.value


# --- an answer -----------------------------------------------------------------------------------


def test_an_outcome_names_the_stream_its_version_its_facts_and_where_they_are(
    service: Service, ledger: Ledger
) -> None:
    outcome = service.execute(a_charge(), said_by())
    assert outcome == Outcome(
        stream_id=THE_CLAIM, version=2, position=ledger.head(), facts=("claim.charged",)
    )


def test_the_envelope_says_who_when_why_and_by_what(service: Service, ledger: Ledger) -> None:
    context = said_by(
        manager_of(RIVERSIDE),
        correlation_id=new_id(),
        causation_id=new_id(),
        reason="told by phone",
        source="desk",
    )
    position = service.execute(a_charge(), context).position
    (recorded,) = ledger.read(position - 1, 1)
    assert recorded.effective_at.date() == FEBRUARY_1
    assert (recorded.actor, recorded.role) == ("manager", "facility_manager")
    assert (recorded.reason, recorded.source) == ("told by phone", "desk")
    assert recorded.facility_id == RIVERSIDE
    assert recorded.command_id == context.command_id
    assert recorded.correlation_id == context.correlation_id
    assert recorded.causation_id == context.causation_id


def test_what_is_so_already_records_nothing_and_answers_with_the_version_there_is(
    service: Service, ledger: Ledger
) -> None:
    service.execute(a_charge(), said_by())
    named = RenameFacility(facility_id=RIVERSIDE, legal_name="Riverside", renamed_on=MARCH_1)
    before = ledger.head()
    outcome = service.execute(named, said_by())
    assert outcome == Outcome(stream_id=RIVERSIDE, version=1, position=1, facts=())
    assert ledger.head() == before


def test_a_refusal_records_nothing(service: Service, ledger: Ledger) -> None:
    before = ledger.head()
    assert refused(service, a_charge("-1")).code == "claim.amount"
    assert ledger.head() == before


def test_what_does_not_exist_is_not_found(service: Service) -> None:
    nowhere = new_id()
    with pytest.raises(NotFound) as answer:
        service.execute(a_charge(claim_id=nowhere), said_by())
    assert (answer.value.kind, answer.value.id) == ("claim", nowhere)


def test_a_stream_of_another_kind_is_not_found_either(service: Service) -> None:
    with pytest.raises(NotFound):
        service.execute(a_charge(claim_id=RIVERSIDE), said_by())
    with pytest.raises(NotFound):
        service.execute(a_claim(RIVERSIDE), said_by())


# --- whom it admits ------------------------------------------------------------------------------


def test_a_manager_works_in_their_own_facility(service: Service) -> None:
    assert service.execute(a_charge(), said_by(manager_of(HILLTOP, RIVERSIDE))).facts


@pytest.mark.parametrize(
    "command",
    [
        a_charge(),
        a_department(),
        a_claim(new_id()),
        RenameFacility(facility_id=RIVERSIDE, legal_name="Ours", renamed_on=MARCH_1),
    ],
)
def test_another_facility_is_not_there_for_a_manager(service: Service, command: Command) -> None:
    with pytest.raises(NotFound):
        service.execute(command, said_by(manager_of(HILLTOP)))


@pytest.mark.parametrize(
    "command",
    [
        a_payer(BEACON_MUTUAL),
        RenamePayer(payer_id=AETHER_HEALTH, legal_name="Ours"),
        RetirePayer(payer_id=AETHER_HEALTH, retired_on=MARCH_1, reason="ours"),
        opening(HILLTOP, "Hilltop"),
    ],
)
def test_what_concerns_the_whole_system_is_not_for_a_manager(
    service: Service, command: Command
) -> None:
    with pytest.raises(NotPermitted):
        service.execute(command, said_by(manager_of(RIVERSIDE)))


@pytest.mark.parametrize("command", [a_charge(), a_payer(BEACON_MUTUAL), a_claim(new_id())])
def test_an_auditor_only_reads(service: Service, ledger: Ledger, command: Command) -> None:
    before = ledger.head()
    with pytest.raises(NotPermitted):
        service.execute(command, said_by(AUDITOR))
    assert ledger.head() == before


def test_an_answer_is_not_repeated_to_who_may_not_know_of_it(service: Service) -> None:
    request = keyed()
    service.execute(a_charge(), request)
    with pytest.raises(NotFound):
        service.execute(a_charge(), again(request, actor=manager_of(HILLTOP)))


# --- what a command refers to --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (a_claim(new_id(), facility_id=HILLTOP), "facility.unknown"),
        (a_claim(new_id(), facility_id=AETHER_HEALTH), "facility.unknown"),
        (a_claim(new_id(), payer_id=BEACON_MUTUAL), "payer.unknown"),
        (a_claim(new_id(), department_id=CARDIOLOGY), "department.unknown"),
        (a_claim(new_id(), rendering_staff_id=DR_ADEYEMI), "staff_member.unknown"),
        (a_department(facility_id=HILLTOP), "facility.unknown"),
    ],
)
def test_what_refers_to_something_unknown_is_refused(
    service: Service, command: Command, code: str
) -> None:
    assert refused(service, command).code == code


def test_what_refers_to_something_closed_is_refused(service: Service) -> None:
    service.execute(
        RetirePayer(payer_id=AETHER_HEALTH, retired_on=MARCH_1, reason="merged"), said_by()
    )
    assert refused(service, a_claim(new_id(), payer_id=AETHER_HEALTH)).code == "payer.not_open"
    service.execute(closing(), said_by())
    assert refused(service, a_claim(new_id())).code == "facility.not_open"
    assert refused(service, a_charge()).code == "facility.not_open"


def test_a_department_of_another_facility_is_unknown_here(service: Service) -> None:
    service.execute(opening(HILLTOP, "Hilltop"), said_by())
    service.execute(a_department(facility_id=HILLTOP), said_by())
    refusal = refused(service, a_claim(new_id(), department_id=CARDIOLOGY))
    assert refusal.code == "department.unknown"


# --- two writers ---------------------------------------------------------------------------------


def test_who_expects_the_current_version_gets_through(service: Service) -> None:
    assert service.execute(a_charge(), said_by(expected_version=1)).version == 2


@pytest.mark.parametrize("expected", [0, 1, 3])
def test_who_expects_another_version_learns_the_current_one(
    service: Service, expected: int
) -> None:
    service.execute(a_charge(), said_by())
    with pytest.raises(StaleVersion) as answer:
        service.execute(a_charge(), said_by(expected_version=expected))
    assert (answer.value.expected, answer.value.current) == (expected, 2)


def test_of_two_who_expect_the_same_version_one_is_told_that_it_is_stale(
    service: Service, ledger: Ledger
) -> None:
    answers = at_once(2, lambda _: service.execute(a_charge(), said_by(expected_version=1)))
    (stale,) = [each for each in answers if isinstance(each, StaleVersion)]
    assert (stale.expected, stale.current) == (1, 2)
    assert len(ledger.stream(THE_CLAIM)) == 2


def test_who_expects_no_version_decides_anew(service: Service, ledger: Ledger) -> None:
    answers = at_once(16, lambda _: service.execute(a_charge(), said_by()))
    assert [each for each in answers if isinstance(each, BaseException)] == []
    charges = [each.fact for each in ledger.stream(THE_CLAIM, after=1)]
    assert [each.line for each in charges] == list(range(1, 17))
    assert [each.balance_after for each in charges] == [10 * line for line in range(1, 17)]


# --- the same command again ----------------------------------------------------------------------


def test_a_command_that_is_sent_again_has_one_effect_and_one_answer(
    service: Service, ledger: Ledger
) -> None:
    request = keyed()
    first = service.execute(a_charge(), request)
    head = ledger.head()
    assert not first.replayed
    assert service.execute(a_charge(), request) == replace(first, replayed=True)
    assert ledger.head() == head


def test_only_a_command_that_can_be_sent_again_leaves_a_digest(
    service: Service, ledger: Ledger
) -> None:
    once, twice = said_by(), keyed()
    service.execute(a_charge("10.00"), once)
    service.execute(a_charge("20.00"), twice)
    answered = ledger.answered([once.command_id, twice.command_id])
    assert {command: len(each.digest) for command, each in answered.items()} == {
        twice.command_id: 16
    }


def test_a_command_that_was_recorded_with_its_whole_digest_is_known_again(
    service: Service, ledger: Ledger, database: Database
) -> None:
    request = keyed()
    first = service.execute(a_charge(), request)
    whole = ledger.answered([request.command_id])[request.command_id].digest + b"the rest of it"
    with database.connect(Role.OWNER) as owner:
        owner.execute("ALTER TABLE ledger.events DISABLE TRIGGER events_are_immutable")
        owner.execute(
            "UPDATE ledger.events SET command_digest = %b WHERE command_id = %s",
            [whole, request.command_id],
        )
        owner.execute("ALTER TABLE ledger.events ENABLE TRIGGER events_are_immutable")
    assert service.execute(a_charge(), request) == replace(first, replayed=True)
    with pytest.raises(KeyReused):
        service.execute(a_charge("20.00"), request)


def test_the_first_answer_is_given_also_when_the_claim_has_moved_on(service: Service) -> None:
    request = keyed(expected_version=1)
    first = service.execute(a_charge(), request)
    service.execute(a_charge("20.00"), said_by())
    service.execute(SubmitClaim(claim_id=THE_CLAIM, submitted_on=MARCH_1), said_by())
    service.execute(closing(), said_by())
    assert service.execute(a_charge(), request) == replace(first, replayed=True)


def test_a_command_that_is_sent_many_times_at_once_has_one_effect(
    service: Service, ledger: Ledger
) -> None:
    request = keyed()
    answers = at_once(8, lambda _: service.execute(a_charge(), request))
    outcomes = [each for each in answers if isinstance(each, Outcome)]
    assert len(outcomes) == 8
    assert sorted(each.replayed for each in outcomes) == [False] + [True] * 7
    assert len({each.position for each in outcomes}) == 1
    assert len(ledger.stream(THE_CLAIM)) == 2


@pytest.mark.parametrize(
    ("command", "expected_version"),
    [
        (a_charge("10.01"), None),
        (a_charge(), 1),
        (a_charge(claim_id=new_id()), None),
        (SubmitClaim(claim_id=THE_CLAIM, submitted_on=MARCH_1), None),
        (a_payer(BEACON_MUTUAL), None),
    ],
)
def test_a_key_that_was_used_for_something_else_is_refused(
    service: Service, ledger: Ledger, command: Command, expected_version: int | None
) -> None:
    request = keyed()
    service.execute(a_charge(), request)
    head = ledger.head()
    with pytest.raises(KeyReused):
        service.execute(command, again(request, expected_version=expected_version))
    assert ledger.head() == head


def test_what_is_born_twice_by_one_request_is_born_once(service: Service, ledger: Ledger) -> None:
    request = keyed(born=True)
    first = service.execute(a_claim(new_id()), request)
    second = service.execute(a_claim(new_id()), request)
    assert second == replace(first, replayed=True)
    with pytest.raises(KeyReused):
        service.execute(a_claim(new_id(), service_on=MARCH_1), request)


def test_what_is_born_many_times_at_once_by_one_request_is_born_once(
    service: Service, ledger: Ledger
) -> None:
    request, before = keyed(born=True), ledger.head()
    answers = at_once(8, lambda _: service.execute(a_claim(new_id()), request))
    outcomes = [each for each in answers if isinstance(each, Outcome)]
    assert len(outcomes) == 8
    assert len({each.stream_id for each in outcomes}) == 1
    assert len(ledger.read(before, 100)) == 1


def test_a_command_with_reservations_is_answered_with_its_own_facts(service: Service) -> None:
    request = keyed()
    first = service.execute(a_physician(npi=AN_NPI), request)
    assert first.facts == ("staff_member.registered",)
    assert service.execute(a_physician(npi=AN_NPI), request) == replace(first, replayed=True)


def test_what_was_refused_may_be_sent_again_when_the_reason_is_gone(service: Service) -> None:
    request = keyed()
    assert refused(service, a_claim(new_id(), payer_id=BEACON_MUTUAL), request).code == (
        "payer.unknown"
    )
    service.execute(a_payer(BEACON_MUTUAL), said_by())
    assert service.execute(a_claim(new_id(), payer_id=BEACON_MUTUAL), request).version == 1


# --- natural keys --------------------------------------------------------------------------------


def test_a_key_in_use_is_refused_under_the_code_of_the_command(
    service: Service, ledger: Ledger
) -> None:
    service.execute(a_physician(npi=AN_NPI), said_by())
    before = ledger.head()
    refusal = refused(service, a_physician(NURSE_BLOM, npi=AN_NPI))
    assert refusal.code == "staff_member.npi_in_use"
    assert refusal.details == {"field": "npi", "value": AN_NPI, "rule": refusal.message}
    assert ledger.head() == before


def test_a_key_is_one_for_all_who_may_bear_it(service: Service) -> None:
    service.execute(a_physician(npi=AN_NPI), said_by())
    identify = IdentifyFacility(
        facility_id=RIVERSIDE, kind=IdentifierKind.NPI, value=AN_NPI, valid_from=NEW_YEAR
    )
    assert refused(service, identify).code == "facility.identifier_in_use"


def test_a_key_that_was_given_back_can_be_used_again(service: Service) -> None:
    service.execute(a_department(CARDIOLOGY, code="10"), said_by())
    assert refused(service, a_department(RADIOLOGY, code="10")).code == "department.code_in_use"
    service.execute(
        CloseDepartment(department_id=CARDIOLOGY, closed_on=FEBRUARY_1, reason="moved"), said_by()
    )
    assert service.execute(a_department(RADIOLOGY, code="10"), said_by()).version == 1
    assert refused(service, a_department(THE_ITEM, code="10")).code == "department.code_in_use"


def test_of_many_who_want_one_key_at_once_one_gets_it(service: Service) -> None:
    answers = at_once(
        8, lambda number: service.execute(a_physician(new_id(), npi=AN_NPI), said_by())
    )
    assert sum(isinstance(each, Outcome) for each in answers) == 1
    refusals = [each.code for each in answers if isinstance(each, Refused)]
    assert refusals == ["staff_member.npi_in_use"] * 7


# --- many commands in one append -----------------------------------------------------------------


def all_of(service: Service, *commands: Command) -> list[Answer]:
    return service.execute_all([(command, said_by()) for command in commands])


def outcome_of(answer: Answer) -> Outcome:
    assert isinstance(answer, Outcome), answer
    return answer


def test_a_command_that_is_refused_leaves_its_neighbours_alone(
    service: Service, ledger: Ledger
) -> None:
    before = ledger.head()
    first, wrong, absent, last = all_of(
        service, a_charge("1.00"), a_charge("-1"), a_charge(claim_id=new_id()), a_charge("3.00")
    )
    assert isinstance(wrong, Refused)
    assert isinstance(absent, NotFound)
    assert (outcome_of(first).version, outcome_of(first).position) == (2, before + 1)
    assert (outcome_of(last).version, outcome_of(last).position) == (3, before + 2)


def test_a_command_sees_what_the_earlier_ones_of_its_batch_did(service: Service) -> None:
    claim = new_id()
    *_, submitted, closed, late = all_of(
        service,
        opening(HILLTOP, "Hilltop"),
        a_claim(claim, facility_id=HILLTOP),
        a_charge(claim_id=claim),
        SubmitClaim(claim_id=claim, submitted_on=MARCH_1),
        closing(HILLTOP),
        a_charge(claim_id=claim),
    )
    assert outcome_of(submitted).version == 3
    assert outcome_of(closed).facts == ("facility.closed",)
    assert isinstance(late, Refused)
    assert late.code == "facility.not_open"


def test_a_key_that_an_earlier_command_of_the_batch_reserved_is_in_use(service: Service) -> None:
    _, second, _, fourth = all_of(
        service,
        a_department(CARDIOLOGY, code="10"),
        a_department(RADIOLOGY, code="10"),
        CloseDepartment(department_id=CARDIOLOGY, closed_on=FEBRUARY_1, reason="moved"),
        a_department(RADIOLOGY, code="10"),
    )
    assert isinstance(second, Refused)
    assert second.code == "department.code_in_use"
    assert outcome_of(fourth).version == 1


def test_what_is_so_already_within_a_batch_is_answered_with_where_it_became_so(
    service: Service,
) -> None:
    close = CloseClaim(claim_id=THE_CLAIM, closed_on=MARCH_1)
    first, second = map(outcome_of, all_of(service, close, close))
    assert second == replace(first, facts=())


def test_a_command_that_is_twice_in_a_batch_has_one_effect(
    service: Service, ledger: Ledger
) -> None:
    request = keyed()
    first, between, second = service.execute_all(
        [(a_charge(), request), (a_charge("5.00"), said_by()), (a_charge(), request)]
    )
    assert second == replace(outcome_of(first), replayed=True)
    assert outcome_of(between).version == 3
    assert len(ledger.stream(THE_CLAIM)) == 3


def test_a_batch_that_is_sent_again_records_nothing_new(service: Service, ledger: Ledger) -> None:
    batch = [(a_charge(str(amount)), keyed()) for amount in range(1, 20)]
    first = service.execute_all(batch)
    head = ledger.head()
    assert service.execute_all(batch) == [
        replace(outcome_of(each), replayed=True) for each in first
    ]
    # A batch of which the beginning was recorded before goes on where it stopped.
    more = [*batch, (a_charge("99"), keyed())]
    assert outcome_of(service.execute_all(more)[-1]).position == head + 1


def test_batches_that_meet_decide_anew(service: Service, ledger: Ledger) -> None:
    answers = at_once(
        6, lambda number: all_of(service, *[a_charge(f"{number + 1}.00") for _ in range(5)])
    )
    assert [each for each in answers if isinstance(each, BaseException)] == []
    lines = [each.fact.line for each in ledger.stream(THE_CLAIM, after=1)]
    assert lines == list(range(1, 31))


def test_an_empty_batch_is_answered_emptily(service: Service) -> None:
    assert service.execute_all([]) == []
