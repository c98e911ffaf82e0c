"""What payers say in the domain's tests: claims they paid, priced, denied and took back."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from domain.kernel import Standing
from domain.revenue.adjudication import AdjudicateClaim
from domain.revenue.events.claim import AdjustmentGroup, Code
from domain.revenue.events.remittance import RemittedAdjustment, RemittedClaim, RemittedLine
from domain.revenue.remitted import REVERSAL
from tests.domain.places import FEBRUARY_1, MARCH_1, RIVERSIDE, THE_CLAIM
from tests.grammar import a_closed, an_open

THE_REMITTANCE = UUID("018f0000-0000-7000-8000-000000000071")
LATER_REMITTANCE = UUID("018f0000-0000-7000-8000-000000000072")

CO, OA, PI, PR = AdjustmentGroup


def usd(amount: str) -> Decimal:
    return Decimal(amount)


def because(group: AdjustmentGroup, reason_code: str, amount: str) -> RemittedAdjustment:
    return RemittedAdjustment(group=group, reason_code=reason_code, amount=usd(amount))


def a_line(charge: str, paid: str, *adjustments: RemittedAdjustment) -> RemittedLine:
    return RemittedLine(
        charge=usd(charge),
        paid=usd(paid),
        procedure=Code(system="HCPCS", value="99213"),
        adjustments=adjustments,
    )


def a_claim(
    charge: str, paid: str, *told: RemittedLine | RemittedAdjustment, status_code: str = "1"
) -> RemittedClaim:
    return RemittedClaim(
        control_number="RIV-0001",
        payer_control_number="ICN-1",
        status_code=status_code,
        charge=usd(charge),
        paid=usd(paid),
        lines=tuple(each for each in told if isinstance(each, RemittedLine)),
        adjustments=tuple(each for each in told if isinstance(each, RemittedAdjustment)),
    )


def opposite(remitted: RemittedClaim) -> RemittedClaim:
    """The reversal of what a payer said."""

    def turned(given: tuple[RemittedAdjustment, ...]) -> tuple[RemittedAdjustment, ...]:
        return tuple(replace(each, amount=-each.amount) for each in given)

    return replace(
        remitted,
        status_code=REVERSAL,
        charge=-remitted.charge,
        paid=-remitted.paid,
        adjustments=turned(remitted.adjustments),
        lines=tuple(
            replace(
                each, charge=-each.charge, paid=-each.paid, adjustments=turned(each.adjustments)
            )
            for each in remitted.lines
        ),
    )


PRICED = a_claim("100", "60", a_line("100", "60", because(CO, "45", "15"), because(PR, "2", "25")))
"""Priced by contract, and shared with the patient."""
REFUSED = a_claim("100", "0", a_line("100", "0", because(CO, "29", "100")), status_code="1")
"""Filed too late, says the payer, and calls that processed as primary."""

adjudicating = AdjudicateClaim(
    claim_id=THE_CLAIM,
    remittance_id=THE_REMITTANCE,
    place=1,
    remitted=PRICED,
    adjudicated_on=FEBRUARY_1,
    reference="TRACE-1",
)
again = replace(adjudicating, remittance_id=LATER_REMITTANCE, adjudicated_on=MARCH_1)
"""The same claim in the next remittance."""


def remittances_are_known() -> tuple[Standing, Standing]:
    return (
        an_open("remittance", THE_REMITTANCE, facility_id=RIVERSIDE),
        an_open("remittance", LATER_REMITTANCE, facility_id=RIVERSIDE),
    )


def the_remittance_is_held() -> Standing:
    return a_closed("remittance", THE_REMITTANCE, facility_id=RIVERSIDE)
