"""Patients of a simulated facility: what they are told beforehand, how they pay by a plan; and the
months of its books."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from domain.kernel import Command
from domain.revenue.accounting_period import ClosePeriod
from domain.revenue.drafting import ChargeClaim
from domain.revenue.estimate import CompareEstimate, GiveEstimate, RequestEstimate
from domain.revenue.events.claim import PaymentMethod
from domain.revenue.events.estimate import EstimatedService
from domain.revenue.events.patient_account import account_of
from domain.revenue.patient_account import (
    AgreePaymentPlan,
    GrantAssistance,
    IssueStatement,
    PayInstallment,
)
from facilities.simulation.dice import Dice, working_day
from facilities.simulation.places import Site
from facilities.simulation.run import DAY, Story

INSTALLMENTS = 3


def by_plan(
    site: Site, patient_id: UUID, claim_id: UUID, cents: int, day: date, dice: Dice
) -> Iterator[tuple[date, Command, int]]:
    """A statement, a plan, and what is paid of it, each with the cents it lowers the balance by.
    One in three stops paying."""
    facility_id = site.facility_id
    day = working_day(day + dice.between(2, 6) * DAY)
    statement = IssueStatement(
        facility_id=facility_id,
        patient_id=patient_id,
        claims=(claim_id,),
        due_on=day + 30 * DAY,
        issued_on=day,
    )
    yield day, statement, 0
    due = day + 7 * DAY
    plan = AgreePaymentPlan(
        facility_id=facility_id,
        patient_id=patient_id,
        installments=INSTALLMENTS,
        first_due_on=due,
        agreed_on=day,
        amount=Decimal(cents).scaleb(-2),
    )
    yield day, plan, 0
    part = cents // INSTALLMENTS
    for number in range(1, INSTALLMENTS + 1):
        if dice.chance(330):
            return
        amount = part if number < INSTALLMENTS else cents - part * (INSTALLMENTS - 1)
        paid_on = working_day(due)
        payment = PayInstallment(
            account_id=account_of(facility_id, patient_id),
            claim_id=claim_id,
            amount=Decimal(amount).scaleb(-2),
            method=PaymentMethod.CARD,
            paid_on=paid_on,
        )
        yield paid_on, payment, amount
        due += timedelta(days=30)


def estimated(
    site: Site,
    patient_id: UUID,
    claim_id: UUID,
    charges: Sequence[ChargeClaim],
    day: date,
    dice: Dice,
) -> Iterator[Command]:
    """Who pays for themselves asks at the desk what it will cost, and is told; now and then nobody
    thinks of all of it."""
    estimate_id = site.run.id("estimate", claim_id)
    thought_of = charges[:-1] if len(charges) > 1 and dice.chance(150) else charges
    yield RequestEstimate(
        estimate_id=estimate_id,
        facility_id=site.facility_id,
        patient_id=patient_id,
        requested_on=day,
    )
    services = tuple(
        EstimatedService(
            procedure=each.procedure,
            charge=each.unit_amount * each.units,
            units=each.units,
            description=each.description,
        )
        for each in thought_of
    )
    yield GiveEstimate(estimate_id=estimate_id, services=services, given_on=day)


def compared(site: Site, claim_id: UUID, day: date) -> CompareEstimate:
    """The bill is held against what was told before."""
    return CompareEstimate(
        estimate_id=site.run.id("estimate", claim_id),
        claim_id=claim_id,
        billed_on=day,
        compared_on=day,
    )


def assistance(
    site: Site, patient_id: UUID, claim_id: UUID, cents: int, day: date
) -> GrantAssistance:
    """The facility bears what a patient cannot pay."""
    return GrantAssistance(
        facility_id=site.facility_id,
        patient_id=patient_id,
        claim_id=claim_id,
        amount=Decimal(cents).scaleb(-2),
        program="Financial assistance",
        granted_on=day,
    )


def books_of(site: Site) -> Story:
    """Each month is closed on the fifth working day after it."""
    first = site.run.first_day.replace(day=1)
    while True:
        following = (first + 32 * DAY).replace(day=1)
        day = working_day(following + 4 * DAY)
        month = f"{first:%Y-%m}"
        yield (
            day,
            ClosePeriod(facility_id=site.facility_id, month=month, closed_on=day),
        )
        first = following
