"""Payers of a simulated facility that pay twice, and what is done about it."""

from __future__ import annotations

from datetime import date

from domain.revenue.events.claim import Party, PaymentMethod
from domain.revenue.events.overpayment import ReturnProcess, SuspensionGround
from domain.revenue.events.payer import PayerKind
from domain.revenue.overpayment import (
    PROGRAMS,
    AssignCredit,
    IdentifyOverpayment,
    ReturnOverpayment,
    SuspendOverpaymentDeadline,
)
from facilities.simulation.claim_book import ClaimBook, money
from facilities.simulation.dice import working_day
from facilities.simulation.people import Seat
from facilities.simulation.places import Site
from facilities.simulation.run import DAY, Story


def paid_again(
    site: Site, seat: Seat, book: ClaimBook, payer: PayerKind, cents: int, day: date
) -> Story:
    """Now and then a payer pays a part once more. Somebody finds out and gives most of it back; one
    in ten leaves it lying, and of what has a last day one in six looks for more of the kind."""
    dice = site.run.dice("credit", book.claim_id)
    if not dice.chance(25):
        return
    day = working_day(day + dice.between(3, 20) * DAY)
    yield day, book.paid(cents, Party.PAYER, PaymentMethod.CHECK, day)
    day = working_day(day + dice.between(5, 30) * DAY)
    found = IdentifyOverpayment(
        claim_id=book.claim_id,
        paid_by=Party.PAYER,
        amount=money(cents),
        why="paid once more",
        identified_on=day,
    )
    yield day, found
    if (staff_id := seat.holder_on(day)) is not None:
        yield day, AssignCredit(claim_id=book.claim_id, staff_id=staff_id, assigned_on=day)
    throw = dice.below(1000)
    if throw < 100:
        return
    if throw < 270 and payer in PROGRAMS:
        day = working_day(day + dice.between(2, 20) * DAY)
        held = SuspendOverpaymentDeadline(
            claim_id=book.claim_id,
            overpayment=1,
            ground=SuspensionGround.RELATED_OVERPAYMENTS,
            suspended_on=day,
        )
        yield day, held
    day = working_day(day + dice.between(10, 50) * DAY)
    book.lowered(-cents)
    returned = ReturnOverpayment(
        claim_id=book.claim_id,
        overpayment=1,
        process=ReturnProcess.SELF_REPORTED_REFUND,
        returned_on=day,
        method=PaymentMethod.CHECK,
    )
    yield day, returned
