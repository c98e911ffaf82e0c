"""The story of a loan: a facility lends somebody to another one, and both have agreed to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Fact, Standing, fact, foreign_id


def borrowing_of(loan_id: UUID) -> UUID:
    """The stream of the borrowing facility's side of a loan."""
    return foreign_id("borrowing", loan_id)


class OfLoan:
    """What is told in, or wanted of, the borrowing side of a loan."""

    __slots__ = ()
    loan_id: UUID

    @property
    def borrowing_id(self) -> UUID:
        return borrowing_of(self.loan_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanTerms:
    """Who is lent by which facility to which, from when to when; the days are both included."""

    lender_id: UUID
    borrower_id: UUID
    staff_id: UUID
    begins_on: date
    ends_on: date

    @property
    def days(self) -> int:
        return (self.ends_on - self.begins_on).days + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanStanding(Standing):
    """What the borrowing facility may know of a loan; it is `open` while it can be accepted."""

    terms: LoanTerms | None


# --- the lending facility's side ---------------------------------------------------------------


@fact("loan.offered", effective="terms.begins_on")
class LoanOffered(Fact):
    """A facility offers to lend one of its people to another facility."""

    loan_id: UUID
    facility_id: UUID
    terms: LoanTerms


@fact("loan.withdrawn")
class LoanWithdrawn(Fact):
    """The offer stands no more."""

    loan_id: UUID
    facility_id: UUID
    terms: LoanTerms


@fact("loan.agreed", effective="terms.begins_on")
class LoanAgreed(Fact):
    """The other facility accepted: it may roster the person in these days."""

    loan_id: UUID
    facility_id: UUID
    terms: LoanTerms


@fact("loan.declined")
class LoanDeclined(Fact):
    """The other facility does not want it."""

    loan_id: UUID
    facility_id: UUID
    terms: LoanTerms


@fact("loan.ended", effective="ended_on")
class LoanEnded(Fact):
    """The loan ends before its time; `ended_on` is its last day, or the one before its first.

    `terms` are as they were, `days_less` how many days fewer it lasted.
    """

    loan_id: UUID
    facility_id: UUID
    terms: LoanTerms
    ended_on: date
    days_less: int


LoanFact = LoanOffered | LoanWithdrawn | LoanAgreed | LoanDeclined | LoanEnded


# --- the borrowing facility's side -------------------------------------------------------------


@fact("borrowing.accepted", effective="terms.begins_on")
class BorrowingAccepted(OfLoan, Fact):
    """A facility accepts what another one lends."""

    loan_id: UUID
    facility_id: UUID
    terms: LoanTerms


@fact("borrowing.declined")
class BorrowingDeclined(OfLoan, Fact):
    """A facility does not want what another one offers."""

    loan_id: UUID
    facility_id: UUID
    terms: LoanTerms


@fact("borrowing.ended", effective="ended_on")
class BorrowingEnded(OfLoan, Fact):
    """What was borrowed goes back before its time, whichever side wanted it so."""

    loan_id: UUID
    facility_id: UUID
    terms: LoanTerms
    ended_on: date
    days_less: int


BorrowingFact = BorrowingAccepted | BorrowingDeclined | BorrowingEnded
