"""A borrowing: the side of a loan that accepts it, and rosters the person in its days.

A loan that another facility offers (`loan`) is **accepted** or **declined**, and may **end** before
its time, whichever side says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import assert_never
from uuid import UUID

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
    BorrowingAccepted,
    BorrowingDeclined,
    BorrowingEnded,
    BorrowingFact,
    LoanStanding,
    LoanTerms,
    OfLoan,
)
from domain.workforce.loan_agreement import (
    AgreeLoan,
    GiveBackLoan,
    LoanStatus,
    TakeDeclinedLoan,
    TakeReturnedLoan,
    days_less,
    not_so,
)

# --- state -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Borrowing:
    """The borrowing side. `facility_id` is the borrower."""

    facility_id: UUID | None = None
    status: LoanStatus = LoanStatus.ABSENT

    def evolve(self, fact: BorrowingFact) -> Borrowing:
        match fact:
            case BorrowingAccepted():
                return Borrowing(facility_id=fact.facility_id, status=LoanStatus.AGREED)
            case BorrowingDeclined():
                return Borrowing(facility_id=fact.facility_id, status=LoanStatus.DECLINED)
            case BorrowingEnded():
                return replace(self, status=LoanStatus.ENDED)
            case _:
                assert_never(fact)


borrowing = Aggregate("borrowing", Borrowing())


# --- commands ----------------------------------------------------------------------------------


@command("borrowing_id", creates=True)
class AcceptLoan(OfLoan, Command):
    """Accept a loan at the facility it is offered to."""

    loan_id: UUID
    facility_id: UUID


@command("borrowing_id", creates=True)
class DeclineLoan(OfLoan, Command):
    """Decline a loan at the facility it is offered to."""

    loan_id: UUID
    facility_id: UUID


@command("borrowing_id")
class ReturnLoan(OfLoan, Command):
    """Let a loan end before its time, as the borrower; `ended_on` is its last day."""

    loan_id: UUID
    ended_on: date


# --- decisions ---------------------------------------------------------------------------------


@borrowing.decides
def accept(_state: Borrowing, command: AcceptLoan, at: Circumstances) -> Decision:
    terms = _offered(command.loan_id, command.facility_id, at)
    at.open("facility", command.facility_id)
    yield BorrowingAccepted(loan_id=command.loan_id, facility_id=command.facility_id, terms=terms)
    yield Entail(AgreeLoan(loan_id=command.loan_id))


@borrowing.decides
def decline(_state: Borrowing, command: DeclineLoan, at: Circumstances) -> Decision:
    terms = _offered(command.loan_id, command.facility_id, at)
    yield BorrowingDeclined(loan_id=command.loan_id, facility_id=command.facility_id, terms=terms)
    yield Entail(TakeDeclinedLoan(loan_id=command.loan_id))


@borrowing.decides
def give_back(state: Borrowing, command: ReturnLoan, at: Circumstances) -> Decision:
    standing = at.known("loan", command.loan_id)
    if state.status is not LoanStatus.AGREED:
        raise not_so(state.status, "agreed")
    assert isinstance(standing, LoanStanding)
    assert standing.terms is not None
    yield _given_back(command.loan_id, standing.terms, command.ended_on)
    yield Entail(TakeReturnedLoan(loan_id=command.loan_id, ended_on=command.ended_on))


@borrowing.decides
def taken_back(_state: Borrowing, command: GiveBackLoan, _at: Circumstances) -> Decision:
    yield _given_back(command.loan_id, command.terms, command.ended_on)


def _given_back(loan_id: UUID, terms: LoanTerms, ended_on: date) -> BorrowingEnded:
    return BorrowingEnded(
        loan_id=loan_id,
        facility_id=terms.borrower_id,
        terms=terms,
        ended_on=ended_on,
        days_less=days_less(terms, ended_on),
    )


# --- rules -------------------------------------------------------------------------------------


def _offered(loan_id: UUID, facility_id: UUID, at: Circumstances) -> LoanTerms:
    """The terms of a loan that is offered to a facility; to others it does not exist."""
    standing = at.standings.get(loan_id)
    terms = standing.terms if isinstance(standing, LoanStanding) else None
    if standing is None or terms is None or terms.borrower_id != facility_id:
        raise Refused(
            "loan.unknown",
            "There is no such loan at this facility.",
            field="loan_id",
            value=loan_id,
        )
    if not standing.open:
        raise not_so(standing.status, "offered")
    return terms
