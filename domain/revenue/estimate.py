"""A good faith estimate: what care is expected to cost, and what of it the patient will pay.

Its life: it is **requested** when care is scheduled or a patient asks, **given** by a certain day,
given anew where something changes, and **compared** with the claim once care is billed; or it is
**withdrawn**. The days are those of 45 CFR 149.610 for patients who pay for themselves; for insured
ones, to whom nothing of the kind applies yet, they are kept too (c).

A patient who pays for themselves and is charged 400 dollars or more beyond the estimate may have
that reviewed within 120 days of the bill (45 CFR 149.620).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Command, Decision, Refused, command
from domain.money import minor_digits
from domain.replacing import replace
from domain.revenue.drafting import MODIFIER, MOST_MODIFIERS
from domain.revenue.entry import ZERO
from domain.revenue.events.claim import SELF_PAY, Code
from domain.revenue.events.contract import ContractStanding, FeeSchedule, contract_of
from domain.revenue.events.estimate import (
    CostSharing,
    EstimateCompared,
    EstimatedService,
    EstimateFact,
    EstimateGiven,
    EstimateRequested,
    EstimateWithdrawn,
)
from domain.revenue.events.patient_account import ClaimStanding

MOST_SERVICES = 100
"""How many services one estimate lists at most (c)."""
SUBSTANTIAL = {"USD": Decimal(400)}
"""Beyond the estimate by so much, a bill may be reviewed (45 CFR 149.620(a)(2)(ii))."""
TO_DISPUTE = timedelta(days=120)
"""Within which time of the bill (45 CFR 149.620(c)(1)(i))."""

# --- state -------------------------------------------------------------------------------------


class EstimateStatus(StrEnum):
    """How far an estimate has come."""

    ABSENT = "absent"
    REQUESTED = "requested"
    GIVEN = "given"
    COMPARED = "compared"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What an estimate has become."""

    facility_id: UUID | None = None
    status: EstimateStatus = EstimateStatus.ABSENT
    patient_id: UUID = SELF_PAY
    payer_id: UUID = SELF_PAY
    currency: str = ""
    service_on: date | None = None
    give_by: date | None = None
    requested_on: date = rules.EARLIEST
    revisions: int = 0
    charges: Decimal = ZERO
    claim_id: UUID | None = None

    def evolve(self, fact: EstimateFact) -> Estimate:
        match fact:
            case EstimateRequested():
                return replace(
                    self,
                    status=EstimateStatus.REQUESTED,
                    facility_id=fact.facility_id,
                    patient_id=fact.patient_id,
                    payer_id=fact.payer_id,
                    currency=fact.currency,
                    service_on=fact.service_on,
                    give_by=fact.give_by,
                    requested_on=fact.requested_on,
                )
            case EstimateGiven():
                return replace(
                    self,
                    status=EstimateStatus.GIVEN,
                    revisions=fact.revision,
                    charges=fact.charges,
                    service_on=fact.service_on,
                )
            case EstimateCompared():
                return replace(self, status=EstimateStatus.COMPARED, claim_id=fact.claim_id)
            case EstimateWithdrawn():
                return replace(self, status=EstimateStatus.WITHDRAWN)
            case _:
                assert_never(fact)


estimate = Aggregate("estimate", Estimate())


# --- commands ----------------------------------------------------------------------------------


@command("estimate_id", creates=True)
class RequestEstimate(Command):
    """Note that a patient is to be told what care will cost: it is scheduled, or they asked."""

    estimate_id: UUID
    facility_id: UUID
    patient_id: UUID
    requested_on: date
    payer_id: UUID | None = None
    service_on: date | None = None


@command("estimate_id")
class GiveEstimate(Command):
    """Tell the patient what is expected, for the first time or anew.

    `sharing` is what the payer says of the patient's policy; who pays for themselves has none.
    """

    estimate_id: UUID
    services: tuple[EstimatedService, ...]
    given_on: date
    sharing: CostSharing | None = None
    service_on: date | None = None


@command("estimate_id")
class CompareEstimate(Command):
    """Hold the estimate against the claim for the care."""

    estimate_id: UUID
    claim_id: UUID
    billed_on: date
    compared_on: date


@command("estimate_id")
class WithdrawEstimate(Command):
    """Take an estimate back: the care is not given."""

    estimate_id: UUID
    why: str
    withdrawn_on: date


# --- decisions ---------------------------------------------------------------------------------


@estimate.decides
def request(state: Estimate, command: RequestEstimate, at: Circumstances) -> Decision:
    if state.status is not EstimateStatus.ABSENT:
        raise Refused("estimate.already_requested", "This estimate exists.")
    facility = at.open("facility", command.facility_id)
    payer_id = command.payer_id or SELF_PAY
    if payer_id != SELF_PAY:
        at.open("payer", payer_id)
    rules.happened("estimate", "requested_on", command.requested_on, at)
    rules.plausible("estimate", "service_on", command.service_on)
    rules.in_order(
        "estimate", "requested_on", command.requested_on, "service_on", command.service_on
    )
    yield EstimateRequested(
        estimate_id=command.estimate_id,
        facility_id=command.facility_id,
        patient_id=command.patient_id,
        payer_id=payer_id,
        currency=facility.currency or "",
        service_on=command.service_on,
        give_by=give_by(command.requested_on, command.service_on),
        requested_on=command.requested_on,
    )


def _contract(state: Estimate, command: GiveEstimate) -> list[UUID]:  # noqa: ARG001
    return [] if state.payer_id == SELF_PAY else [contract_of(state.payer_id)]


@estimate.decides(consulting=_contract)
def give(state: Estimate, command: GiveEstimate, at: Circumstances) -> Decision:
    facility_id = _asked_for(state)
    rules.happened("estimate", "given_on", command.given_on, at)
    rules.in_order("estimate", "requested_on", state.requested_on, "given_on", command.given_on)
    rules.plausible("estimate", "service_on", command.service_on)
    rules.at_most("estimate", "services", command.services, MOST_SERVICES)
    if not command.services:
        raise rules.refusal("estimate.services", "services", 0, "must be one service at least")
    services = tuple(_service(each, state.currency) for each in command.services)
    sharing = _sharing(state, command.sharing)
    service_on = command.service_on or state.service_on
    schedule = _fees(state, service_on or command.given_on, at)
    charges = sum((each.charge for each in services), ZERO)
    allowed = None if schedule is None else _allowed(services, schedule, state.currency)
    yield EstimateGiven(
        estimate_id=command.estimate_id,
        facility_id=facility_id,
        patient_id=state.patient_id,
        payer_id=state.payer_id,
        currency=state.currency,
        revision=state.revisions + 1,
        services=services,
        charges=charges,
        fee_schedule=None if schedule is None else schedule.name,
        allowed=allowed,
        sharing=sharing,
        responsibility=_responsibility(state, charges, allowed, sharing),
        service_on=service_on,
        late=state.revisions == 0
        and state.give_by is not None
        and command.given_on > state.give_by,
        given_on=command.given_on,
    )


def _the_claim(state: Estimate, command: CompareEstimate) -> tuple[UUID, ...]:  # noqa: ARG001
    return (command.claim_id,)


@estimate.decides(consulting=_the_claim)
def compare(state: Estimate, command: CompareEstimate, at: Circumstances) -> Decision:
    facility_id = _asked_for(state)
    if not state.revisions:
        raise Refused("estimate.not_given", "The estimate was not given yet.")
    found = at.known("claim", command.claim_id, within=facility_id)
    assert isinstance(found, ClaimStanding)
    if found.patient_id != state.patient_id:
        rule = "must be a claim of the patient"
        raise rules.refusal("estimate.other_patient", "claim_id", command.claim_id, rule)
    rules.happened("estimate", "billed_on", command.billed_on, at)
    rules.happened("estimate", "compared_on", command.compared_on, at)
    excess = found.charged - state.charges
    substantial = SUBSTANTIAL.get(state.currency)
    disputable = state.payer_id == SELF_PAY and substantial is not None and excess >= substantial
    yield EstimateCompared(
        estimate_id=command.estimate_id,
        facility_id=facility_id,
        payer_id=state.payer_id,
        currency=state.currency,
        claim_id=command.claim_id,
        estimated=state.charges,
        billed=found.charged,
        excess=excess,
        dispute_by=command.billed_on + TO_DISPUTE if disputable else None,
        billed_on=command.billed_on,
        compared_on=command.compared_on,
    )


@estimate.decides
def withdraw(state: Estimate, command: WithdrawEstimate, at: Circumstances) -> Decision:
    if state.status is EstimateStatus.WITHDRAWN:
        return
    facility_id = _asked_for(state)
    rules.happened("estimate", "withdrawn_on", command.withdrawn_on, at)
    yield EstimateWithdrawn(
        estimate_id=command.estimate_id,
        facility_id=facility_id,
        payer_id=state.payer_id,
        why=rules.text("estimate", "why", command.why),
        withdrawn_on=command.withdrawn_on,
    )


# --- rules -------------------------------------------------------------------------------------


def give_by(requested_on: date, service_on: date | None) -> date | None:
    """By when an estimate is given: three business days after it was asked for, or after care was
    scheduled ten business days ahead; one, where that was three ahead; of what is sooner nothing is
    said (45 CFR 149.610(b)(1)(vi))."""
    if service_on is None or service_on >= rules.business_days_after(requested_on, 10):
        return rules.business_days_after(requested_on, 3)
    if service_on >= rules.business_days_after(requested_on, 3):
        return rules.business_days_after(requested_on, 1)
    return None


def _asked_for(state: Estimate) -> UUID:
    if state.facility_id is None or state.status is EstimateStatus.WITHDRAWN:
        raise Refused("estimate.withdrawn", "The estimate was withdrawn; request another one.")
    return state.facility_id


def _service(service: EstimatedService, currency: str) -> EstimatedService:
    rules.at_most("estimate", "modifiers", service.modifiers, MOST_MODIFIERS)
    return replace(
        service,
        procedure=Code(
            system=rules.text("estimate", "system", service.procedure.system, longest=40),
            value=rules.text("estimate", "value", service.procedure.value, longest=40),
        ),
        charge=rules.amount("estimate", "charge", service.charge, currency, zero_allowed=True),
        units=rules.quantity("estimate", "units", service.units),
        modifiers=tuple(
            rules.shaped("estimate", "modifiers", each, *MODIFIER) for each in service.modifiers
        ),
        description=rules.optional("estimate", "description", service.description, longest=500),
    )


def _sharing(state: Estimate, sharing: CostSharing | None) -> CostSharing | None:
    """What the policy says, with amounts that can be booked."""
    if sharing is None:
        return None
    if state.payer_id == SELF_PAY:
        rule = "must be left out where the patient pays for themselves"
        raise rules.refusal("estimate.sharing", "sharing", None, rule)
    if not (sharing.coinsurance.is_finite() and 0 <= sharing.coinsurance <= 100):
        rule = "must be 0 to 100 percent"
        raise rules.refusal("estimate.coinsurance", "coinsurance", str(sharing.coinsurance), rule)

    def booked(named: str, amount: Decimal) -> Decimal:
        return rules.amount("estimate", named, amount, state.currency, zero_allowed=True)

    left = sharing.out_of_pocket_left
    return replace(
        sharing,
        copay=booked("copay", sharing.copay),
        deductible_left=booked("deductible_left", sharing.deductible_left),
        out_of_pocket_left=None if left is None else booked("out_of_pocket_left", left),
    )


def _fees(state: Estimate, day: date, at: Circumstances) -> FeeSchedule | None:
    """The payer's schedule that is in force on a day, in the facility's currency."""
    contract = at.standings.get(contract_of(state.payer_id))
    schedule = contract.fees_on(day) if isinstance(contract, ContractStanding) else None
    return schedule if schedule is not None and schedule.currency == state.currency else None


def _allowed(
    services: Iterable[EstimatedService], schedule: FeeSchedule, currency: str
) -> Decimal | None:
    """What a schedule allows for all services; None where it lacks one."""
    total = ZERO
    for each in services:
        fee = schedule.allows(each.procedure.value, each.modifiers)
        if fee is None:
            return None
        total += _rounded(fee * each.units, currency)
    return total


def _responsibility(
    state: Estimate, charges: Decimal, allowed: Decimal | None, sharing: CostSharing | None
) -> Decimal | None:
    """The patient's part: the copayment, what is left of the deductible, and the coinsurance of the
    rest; never more than is allowed, nor than is left until their limit."""
    if state.payer_id == SELF_PAY:
        return charges
    if sharing is None:
        return None
    base = charges if allowed is None else allowed
    deductible = min(sharing.deductible_left, base)
    coinsurance = _rounded((base - deductible) * sharing.coinsurance / 100, state.currency)
    part = min(sharing.copay + deductible + coinsurance, base)
    left = sharing.out_of_pocket_left
    return part if left is None else min(part, left)


def _rounded(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-minor_digits(currency)), ROUND_HALF_EVEN)
