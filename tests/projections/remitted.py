"""What payers may say of a claim, made up."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from domain.revenue.adjudication import charges
from domain.revenue.claim import Claim
from domain.revenue.events.claim import AdjustmentGroup
from domain.revenue.events.remittance import RemittedAdjustment, RemittedClaim, RemittedLine
from domain.revenue.remitted import REVERSAL


def made_up_remitted(random: Random, claim: Claim | None) -> RemittedClaim:
    """All of it is paid, some, or nothing; or what was decided before is taken back."""
    if claim is not None and claim.adjudications.standing and random.random() < 0.3:
        told = random.choice(claim.adjudications.standing)
        rest = RemittedAdjustment(
            group=AdjustmentGroup.OTHER_ADJUSTMENT,
            reason_code="129",
            amount=told.paid - told.charge,
        )
        return RemittedClaim(
            control_number="A",
            status_code=REVERSAL,
            charge=-told.charge,
            paid=-told.paid,
            adjustments=(rest,),
        )
    charge = Decimal(100) if claim is None else charges(claim)
    paid = random.choice((Decimal(0), charge, min(charge, Decimal(3))))
    rest = RemittedAdjustment(
        group=random.choice(list(AdjustmentGroup)),
        reason_code=random.choice(("1", "29", "45")),
        amount=charge - paid,
    )
    line = RemittedLine(charge=charge, paid=paid, adjustments=(rest,))
    by_line = random.random() < 0.5
    return RemittedClaim(
        control_number=random.choice("ABC"),
        status_code=random.choice(("1", "2", "4")),
        charge=charge,
        paid=paid,
        lines=(line,) if by_line else (),
        adjustments=() if by_line else (rest,),
    )
