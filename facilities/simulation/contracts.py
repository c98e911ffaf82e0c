"""What simulated payers and facilities agreed on: terms, fees, and what is asked for first."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from domain.revenue.events.contract import (
    AppealLevel,
    ContractTerms,
    Fee,
    FilingLimit,
)
from domain.revenue.events.payer import PayerKind
from domain.revenue.payer_contract import AgreeContractTerms, ListFees, PublishFeeSchedule
from facilities.simulation.charge_master import FURTHER, SCANS, VISITS, ChargeLine
from facilities.simulation.payers import Insurer
from facilities.simulation.run import Run, Story

SCHEDULE = "simulated"


def fee(insurer: Insurer, service: ChargeLine) -> int | None:
    """What a payer allows for one unit, in cents; None where no fee is agreed with it."""
    if insurer.kind is not PayerKind.COMMERCIAL:
        return None
    return max(1, service.cents * insurer.allows // 100)


def asks_first(insurer: Insurer, service: ChargeLine) -> bool:
    """Whether a payer wants to be asked before something is done."""
    return insurer.kind is PayerKind.COMMERCIAL and service in SCANS


def life_of_a_contract(run: Run, insurer: Insurer, payer_id: UUID) -> Story:
    """Commercial payers agree on terms and fees before the first patient; the others have theirs
    by law, or none."""
    if insurer.kind is not PayerKind.COMMERCIAL:
        return
    today = run.first_day
    dice = run.dice("contract", insurer.name)
    yield (
        today,
        AgreeContractTerms(
            payer_id=payer_id,
            valid_from=today,
            terms=ContractTerms(
                filing=FilingLimit(count=dice.one_of((90, 120, 180))),
                appeals=(
                    AppealLevel(name="first level", days=60),
                    AppealLevel(name="external review", days=120),
                ),
                authorization_for=tuple(each.code.value for each in SCANS),
                tolerance=Decimal("1.00"),
            ),
        ),
    )
    services = [each for lines in VISITS.values() for each in lines] + [*FURTHER]
    fees = tuple(
        Fee(procedure=each.code.value, amount=Decimal(cents).scaleb(-2))
        for each in services
        if (cents := fee(insurer, each)) is not None
    )
    yield (
        today,
        ListFees(payer_id=payer_id, schedule=SCHEDULE, currency="USD", fees=fees),
    )
    yield (
        today,
        PublishFeeSchedule(payer_id=payer_id, schedule=SCHEDULE, valid_from=today, fees=len(fees)),
    )
