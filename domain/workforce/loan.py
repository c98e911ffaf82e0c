"""A loan of a person: one facility offers it, another accepts it, and either may end it.

Here is the lender's side: the loan is **offered** and may be **withdrawn**; it is **agreed** or
**declined** by the other facility (`borrowing`). What one side decides entails what it means for
the other, and for the person's schedule: both sides know of it, or neither. An agreed loan **ends**
with its last day, or before it when either says so, though not while the person is rostered there
later.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import (
    Aggregate,
    Circumstances,
    Command,
    Decision,
    Entail,
    Refused,
    command,
)
from domain.replacing import replace
from domain.workforce.events.loan import (
    LoanAgreed,
    LoanDeclined,
    LoanEnded,
    LoanFact,
    LoanOffered,
    LoanStanding,
    LoanTerms,
    LoanWithdrawn,
)
from domain.workforce.events.schedule import Lending
from domain.workforce.loan_agreement import (
    AgreeLoan,
    GiveBackLoan,
    LoanStatus,
    TakeDeclinedLoan,
    TakeReturnedLoan,
    days_less,
    not_so,
)
from domain.workforce.schedule import LendTime, TakeBackTime

MOST_DAYS = 366
"""The longest loan, in days (c)."""


# --- state -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """The lending side. `facility_id` is the lender."""

    facility_id: UUID | None = None
    status: LoanStatus = LoanStatus.ABSENT
    terms: LoanTerms | None = None

    def evolve(self, fact: LoanFact) -> Loan:
        match fact:
            case LoanOffered():
                return Loan(
                    facility_id=fact.facility_id, status=LoanStatus.OFFERED, terms=fact.terms
                )
            case LoanWithdrawn():
                return replace(self, status=LoanStatus.WITHDRAWN)
            case LoanAgreed():
                return replace(self, status=LoanStatus.AGREED)
            case LoanDeclined():
                return replace(self, status=LoanStatus.DECLINED)
            case LoanEnded():
                return replace(self, status=LoanStatus.ENDED)
            case _:
                assert_never(fact)


def _standing(state: Loan, loan_id: UUID) -> LoanStanding:
    return LoanStanding(
        kind="loan",
        id=loan_id,
        open=state.status is LoanStatus.OFFERED,
        status=state.status,
        facility_id=state.facility_id,
        terms=state.terms,
    )


loan = Aggregate("loan", Loan(), standing=_standing, referred_to_as=("loan_id",), named_across=True)


# --- commands ----------------------------------------------------------------------------------


@command("loan_id", creates=True)
class OfferLoan(Command):
    """Offer to lend one of a facility's people to another facility for some days."""

    loan_id: UUID
    facility_id: UUID
    borrower_id: UUID
    staff_id: UUID
    begins_on: date
    ends_on: date


@command("loan_id")
class WithdrawLoan(Command):
    """Let the offer of a loan stand no more."""

    loan_id: UUID


@command("loan_id")
class EndLoan(Command):
    """Let a loan end before its time, as the lender; `ended_on` is its last day."""

    loan_id: UUID
    ended_on: date


# --- decisions ---------------------------------------------------------------------------------


def _of_both(_state: Loan, command: OfferLoan) -> Iterable[UUID]:
    return [command.borrower_id]


@loan.decides(consulting=_of_both)
def offer(state: Loan, command: OfferLoan, at: Circumstances) -> Decision:
    if state.status is not LoanStatus.ABSENT:
        raise Refused("loan.already_offered", "This loan was offered.")
    at.open("facility", command.facility_id)
    at.open("facility", command.borrower_id, named="borrower_id")
    at.open("staff_member", command.staff_id, within=command.facility_id, named="staff_id")
    if command.borrower_id == command.facility_id:
        rule = "must be another facility"
        raise rules.refusal("loan.borrower_id", "borrower_id", str(command.borrower_id), rule)
    rules.plausible("loan", "begins_on", command.begins_on)
    rules.plausible("loan", "ends_on", command.ends_on)
    rules.in_order("loan", "begins_on", command.begins_on, "ends_on", command.ends_on)
    if (command.ends_on - command.begins_on).days >= MOST_DAYS:
        rule = f"must be at most {MOST_DAYS} days from its beginning"
        raise rules.refusal("loan.period", "ends_on", command.ends_on.isoformat(), rule)
    terms = LoanTerms(
        lender_id=command.facility_id,
        borrower_id=command.borrower_id,
        staff_id=command.staff_id,
        begins_on=command.begins_on,
        ends_on=command.ends_on,
    )
    yield LoanOffered(loan_id=command.loan_id, facility_id=command.facility_id, terms=terms)


@loan.decides
def withdraw(state: Loan, command: WithdrawLoan, _at: Circumstances) -> Decision:
    if state.status is LoanStatus.WITHDRAWN:
        return
    terms = _terms(state, "offered")
    yield LoanWithdrawn(loan_id=command.loan_id, facility_id=terms.lender_id, terms=terms)


@loan.decides
def agree(state: Loan, command: AgreeLoan, _at: Circumstances) -> Decision:
    terms = _terms(state, "offered")
    yield LoanAgreed(loan_id=command.loan_id, facility_id=terms.lender_id, terms=terms)
    lending = Lending(
        loan_id=command.loan_id,
        facility_id=terms.borrower_id,
        begins_on=terms.begins_on,
        ends_on=terms.ends_on,
    )
    yield Entail(LendTime(staff_id=terms.staff_id, lending=lending))


@loan.decides
def take_declined(state: Loan, command: TakeDeclinedLoan, _at: Circumstances) -> Decision:
    terms = _terms(state, "offered")
    yield LoanDeclined(loan_id=command.loan_id, facility_id=terms.lender_id, terms=terms)


@loan.decides
def end(state: Loan, command: EndLoan, _at: Circumstances) -> Decision:
    terms = _terms(state, "agreed")
    yield from _ended(command.loan_id, terms, command.ended_on)
    yield Entail(GiveBackLoan(loan_id=command.loan_id, terms=terms, ended_on=command.ended_on))


@loan.decides
def take_returned(state: Loan, command: TakeReturnedLoan, _at: Circumstances) -> Decision:
    terms = _terms(state, "agreed")
    yield from _ended(command.loan_id, terms, command.ended_on)


def _ended(loan_id: UUID, terms: LoanTerms, ended_on: date) -> Decision:
    yield LoanEnded(
        loan_id=loan_id,
        facility_id=terms.lender_id,
        terms=terms,
        ended_on=ended_on,
        days_less=days_less(terms, ended_on),
    )
    yield Entail(TakeBackTime(staff_id=terms.staff_id, loan_id=loan_id, ends_on=ended_on))


def _terms(state: Loan, expected: str) -> LoanTerms:
    if state.status != expected or state.terms is None:
        raise not_so(state.status, expected)
    return state.terms
