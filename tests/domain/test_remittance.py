"""A remittance: received once, held where it does not balance, its claims resolved one by one."""

from __future__ import annotations

from dataclasses import replace

from domain.kernel import UPCASTERS, Entail
from domain.revenue.adjudication import AdjudicateClaim
from domain.revenue.events.adjustment_reasons import is_contractual
from domain.revenue.events.claim import ClaimEntryReversed, PaymentMethod
from domain.revenue.events.remittance import (
    ClaimAdjudicated,
    ProviderAdjustment,
    RemittancePosted,
    RemittanceQuarantined,
    RemittanceReceived,
    RemittanceReleased,
    RemittedClaimQuarantined,
    RemittedClaimResolved,
    Resolution,
)
from domain.revenue.quarantine import (
    DismissRemittedClaim,
    PostRemittedClaim,
    QuarantineRemittedClaim,
)
from domain.revenue.remittance import (
    CompleteRemittance,
    ReceiveRemittance,
    ReleaseRemittance,
    Remittance,
    remittance,
)
from tests.domain.places import (
    AETHER_HEALTH,
    FEBRUARY_1,
    RIVERSIDE,
    THE_CLAIM,
    TOMORROW_EVERYWHERE,
    riverside_is_open,
)
from tests.domain.remittances import (
    CO,
    LATER_REMITTANCE,
    OA,
    PRICED,
    THE_REMITTANCE,
    a_claim,
    usd,
)
from tests.grammar import Given, an_open, given

receiving = ReceiveRemittance(
    remittance_id=THE_REMITTANCE,
    facility_id=RIVERSIDE,
    payer_id=AETHER_HEALTH,
    payer_name="Aether Health",
    trace_number="TRACE-1",
    payment=usd("150"),
    billed=usd("400"),
    paid=usd("160"),
    claims=3,
    provider_adjustments=(ProviderAdjustment(reason_code="WO", amount=usd("10"), reference="X"),),
    content="digest",
    paid_on=FEBRUARY_1,
)
received = RemittanceReceived(
    remittance_id=THE_REMITTANCE,
    facility_id=RIVERSIDE,
    payer_id=AETHER_HEALTH,
    payer_name="Aether Health",
    trace_number="TRACE-1",
    currency="USD",
    payment=usd("150.00"),
    method=PaymentMethod.ELECTRONIC,
    claims=3,
    billed=usd("400.00"),
    paid=usd("160.00"),
    provider_adjustments=(
        ProviderAdjustment(reason_code="WO", amount=usd("10.00"), reference="X"),
    ),
    content="digest",
    paid_on=FEBRUARY_1,
)
held = RemittanceQuarantined(
    remittance_id=THE_REMITTANCE,
    facility_id=RIVERSIDE,
    payer_id=AETHER_HEALTH,
    payer_name="Aether Health",
    trace_number="TRACE-1",
    currency="USD",
    billed=usd("400.00"),
    paid=usd("160.00"),
    rule="remittance.payment_not_balanced",
    found="151.00",
    expected="150.00",
)
quarantining = QuarantineRemittedClaim(
    remittance_id=THE_REMITTANCE,
    place=2,
    remitted=PRICED,
    rule="claim.unknown",
    found="RIV-0001",
    expected="a claim of ours",
)
posting = PostRemittedClaim(
    remittance_id=THE_REMITTANCE, place=2, claim_id=THE_CLAIM, why="It is this one"
)
completing = CompleteRemittance(remittance_id=THE_REMITTANCE)


def at_riverside(*facts: RemittanceReceived | RemittanceQuarantined) -> Given:
    return given(Remittance, *facts).knowing(riverside_is_open(), an_open("payer", AETHER_HEALTH))


def one_in_quarantine() -> Given:
    return at_riverside(received).when(quarantining).then()


def test_a_remittance_is_received_once() -> None:
    at_riverside().when(receiving).records(received)
    at_riverside(received).when(receiving).records_nothing()
    at_riverside(received).when(replace(receiving, content="other")).refused(
        "remittance.already_received"
    )


def test_it_may_be_of_a_payer_that_is_not_known() -> None:
    given(Remittance).knowing(riverside_is_open()).when(replace(receiving, payer_id=None)).records(
        replace(received, payer_id=None)
    )
    given(Remittance).knowing(riverside_is_open()).when(receiving).refused("payer.unknown")


def test_what_does_not_come_to_its_payment_is_held_until_someone_releases_it() -> None:
    wrong = at_riverside().when(replace(receiving, payment=usd("151")))
    wrong.records(replace(received, payment=usd("151.00")), held)
    at = wrong.then()
    at.when(quarantining).refused("remittance.quarantined")
    at.when(completing).refused("remittance.quarantined")
    releasing = ReleaseRemittance(remittance_id=THE_REMITTANCE, why="The bank paid 151.00")
    released = RemittanceReleased(
        remittance_id=THE_REMITTANCE, facility_id=RIVERSIDE, why="The bank paid 151.00"
    )
    at.when(releasing).records(released)
    at.when(releasing).then().when(releasing).records_nothing()
    at.when(releasing).then().when(quarantining).records_a(RemittedClaimQuarantined, place=2)


def test_a_trace_number_that_says_two_things_is_for_a_person_to_look_at() -> None:
    twice = replace(receiving, known_as=LATER_REMITTANCE)
    at_riverside().when(twice).records_a(
        RemittanceQuarantined,
        rule="remittance.trace_reused",
        found="TRACE-1",
        expected=f"what {LATER_REMITTANCE} says",
    )


def test_amounts_days_and_texts_are_checked() -> None:
    for asked, code in (
        (replace(receiving, payment=usd("1.001")), "remittance.amount"),
        (replace(receiving, paid_on=TOMORROW_EVERYWHERE), "remittance.date"),
        (replace(receiving, trace_number=" "), "remittance.text"),
        (replace(receiving, claims=-1), "remittance.quantity"),
    ):
        at_riverside().when(asked).refused(code)
    too_many = replace(receiving, provider_adjustments=receiving.provider_adjustments * 601)
    at_riverside().when(too_many).refused("remittance.provider_adjustments")


def test_a_claim_in_quarantine_keeps_all_that_was_said_of_it() -> None:
    at_riverside(received).when(quarantining).records(
        RemittedClaimQuarantined(
            remittance_id=THE_REMITTANCE,
            facility_id=RIVERSIDE,
            payer_id=AETHER_HEALTH,
            payer_name="Aether Health",
            trace_number="TRACE-1",
            currency="USD",
            place=2,
            remitted=PRICED,
            rule="claim.unknown",
            found="RIV-0001",
            expected="a claim of ours",
        )
    )
    one_in_quarantine().when(quarantining).records_nothing()
    at_riverside(received).when(replace(quarantining, place=4)).refused("remittance.place_unknown")


def test_it_is_posted_by_hand_to_the_claim_it_is_about_or_dismissed() -> None:
    one_in_quarantine().when(posting).records(
        RemittedClaimResolved(
            remittance_id=THE_REMITTANCE,
            facility_id=RIVERSIDE,
            place=2,
            resolution=Resolution.POSTED,
            claim_id=THE_CLAIM,
            paid=usd("60"),
            why="It is this one",
        ),
        Entail(
            AdjudicateClaim(
                claim_id=THE_CLAIM,
                remittance_id=THE_REMITTANCE,
                place=2,
                remitted=PRICED,
                adjudicated_on=FEBRUARY_1,
                reference="TRACE-1",
                settled=True,
            )
        ),
    )
    dismissing = DismissRemittedClaim(remittance_id=THE_REMITTANCE, place=2, why="Not ours")
    dismissed = one_in_quarantine().when(dismissing)
    dismissed.records_a(RemittedClaimResolved, resolution=Resolution.DISMISSED, claim_id=None)
    for again in (posting, dismissing, replace(dismissing, place=1)):
        dismissed.then().when(again).refused("remittance.not_in_quarantine")
    dismissed.then().when(quarantining).records_nothing()


def test_it_is_posted_when_every_claim_has_found_its_place() -> None:
    done = RemittancePosted(
        remittance_id=THE_REMITTANCE, facility_id=RIVERSIDE, posted_claims=2, quarantined_claims=1
    )
    one_in_quarantine().when(completing).records(done)
    one_in_quarantine().when(completing).then().when(completing).records_nothing()
    all_three = replace(done, posted_claims=3, quarantined_claims=0)
    one_in_quarantine().when(posting).then().when(completing).records(all_three)
    after = one_in_quarantine().when(completing).then().when(posting).then().state
    assert (after.status, after.posted_claims) == ("posted", 3)


def test_others_may_know_how_far_it_is() -> None:
    assert remittance.standing is not None
    for facts, open_, status in (
        ((received,), True, "received"),
        ((received, held), False, "quarantined"),
    ):
        state = at_riverside(*facts).state
        standing = remittance.standing(state, THE_REMITTANCE)
        assert (standing.open, standing.status, standing.facility_id) == (open_, status, RIVERSIDE)


def test_a_claim_is_not_kept_with_amounts_that_cannot_be_booked() -> None:
    odd = replace(quarantining, remitted=a_claim("1.001", "1"))
    at_riverside(received).when(odd).refused("remittance.amount", field="charge")


def test_what_the_contract_takes_off_is_told_from_what_is_denied_under_the_same_group() -> None:
    assert is_contractual(CO, "45")
    assert not is_contractual(CO, "29")
    assert not is_contractual(OA, "23")
    assert not is_contractual(None, None)


def test_older_facts_tell_neither_why_less_was_asked_for_nor_when_a_claim_was_sent() -> None:
    reversed_before = UPCASTERS[ClaimEntryReversed.name, 1]({"amount": "1"})
    assert reversed_before == {"amount": "1", "group": None, "reason_code": None}
    assert UPCASTERS[ClaimAdjudicated.name, 1]({}) == {"submitted_on": None}
