"""Which terms hold for a claim: those in force on the day of its service, or the payer's own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances
from domain.money import minor_digits
from domain.revenue.claim import Claim
from domain.revenue.entry import ZERO
from domain.revenue.events.claim import SELF_PAY
from domain.revenue.events.contract import (
    MEDICARE_TERMS,
    ContractStanding,
    FeeSchedule,
    TermsVersion,
    contract_of,
)
from domain.revenue.events.payer import PayerKind, PayerStanding
from domain.revenue.events.preparation import ClaimPriced, ExpectedLine
from domain.revenue.service_line import ServiceLine

BUILT_IN = TermsVersion(version=0, valid_from=rules.EARLIEST, terms=MEDICARE_TERMS)


def consulted(state: Claim, command: object) -> list[UUID]:  # noqa: ARG001
    """The streams that tell the terms of a claim: its payer, and the contract with it."""
    if state.payer_id == SELF_PAY:
        return []
    return [state.payer_id, contract_of(state.payer_id)]


def terms_of(state: Claim, at: Circumstances) -> TermsVersion | None:
    """The terms that hold for a claim."""
    contract = _contract(state, at)
    agreed = None if contract is None else contract.terms_on(state.service_on)
    if agreed is not None:
        return agreed
    payer = at.standings.get(state.payer_id)
    medicare = isinstance(payer, PayerStanding) and payer.payer_kind is PayerKind.MEDICARE
    return BUILT_IN if medicare else None


def fees_for(state: Claim, at: Circumstances) -> FeeSchedule | None:
    """The fee schedule that holds for a claim."""
    contract = _contract(state, at)
    schedule = None if contract is None else contract.fees_on(state.service_on)
    return schedule if schedule is not None and schedule.currency == state.currency else None


def priced(state: Claim, claim_id: UUID, on: date, at: Circumstances) -> ClaimPriced | None:
    """What the payer is expected to allow for a claim; None where nothing is agreed with it."""
    agreed, schedule = terms_of(state, at), fees_for(state, at)
    if (agreed is None and schedule is None) or state.facility_id is None:
        return None
    lines = tuple(
        ExpectedLine(line=each.number, allowed=_allowed(each, schedule, state.currency))
        for each in state.billed_lines
    )
    known = [each.allowed for each in lines if each.allowed is not None]
    return ClaimPriced(
        claim_id=claim_id,
        facility_id=state.facility_id,
        payer_id=state.payer_id,
        currency=state.currency,
        terms_version=None if agreed is None else agreed.version,
        fee_schedule=None if schedule is None else schedule.name,
        lines=lines,
        expected=sum(known, ZERO) if len(known) == len(lines) else None,
        tolerance=ZERO if agreed is None else agreed.terms.tolerance,
        file_by=None if agreed is None else file_by(state, agreed),
        priced_on=on,
    )


def file_by(state: Claim, agreed: TermsVersion) -> date:
    """The last day on which a claim may be filed."""
    return agreed.terms.filing.last_day(state.service_on, state.form.service_through)


def _contract(state: Claim, at: Circumstances) -> ContractStanding | None:
    standing = at.standings.get(contract_of(state.payer_id))
    return standing if isinstance(standing, ContractStanding) else None


def _allowed(line: ServiceLine, schedule: FeeSchedule | None, currency: str) -> Decimal | None:
    fee = None if schedule is None else schedule.allows(line.procedure.value, line.modifiers)
    if fee is None:
        return None
    return (fee * line.units).quantize(Decimal(1).scaleb(-minor_digits(currency)))
