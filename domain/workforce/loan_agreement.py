"""What the two sides of a loan have in common, and what either tells the other.

The lender acts on the **loan** (`loan`), the borrower on the **borrowing** (`borrowing`). What one
of them decides entails the commands that are here: both sides know of it, or neither.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from domain import rules
from domain.kernel import Command, Refused, command
from domain.workforce.events.loan import LoanTerms, OfLoan


class LoanStatus(StrEnum):
    """What has become of a loan."""

    ABSENT = "absent"
    OFFERED = "offered"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    AGREED = "agreed"
    ENDED = "ended"


# --- what one side tells the other -------------------------------------------------------------


@command("loan_id")
class AgreeLoan(Command):
    """The other facility accepted. For its side to entail."""

    loan_id: UUID


@command("loan_id")
class TakeDeclinedLoan(Command):
    """The other facility declined. For its side to entail."""

    loan_id: UUID


@command("loan_id")
class TakeReturnedLoan(Command):
    """The other facility ended it. For its side to entail."""

    loan_id: UUID
    ended_on: date


@command("borrowing_id")
class GiveBackLoan(OfLoan, Command):
    """The lending facility ended it. For its side to entail."""

    loan_id: UUID
    terms: LoanTerms
    ended_on: date


# --- rules of both sides -----------------------------------------------------------------------


def not_so(status: str, expected: str) -> Refused:
    return Refused(
        f"loan.not_{expected}", f"The loan is {status} and not {expected}.", status=status
    )


def days_less(terms: LoanTerms, ended_on: date) -> int:
    """How many days fewer a loan lasts; refuses a last day that makes it no shorter.

    The day before its first is the earliest: then it has not been.
    """
    less = (terms.ends_on - ended_on).days
    if not 1 <= less <= terms.days:
        rule = f"must lie before {terms.ends_on}, and not before the day before {terms.begins_on}"
        raise rules.refusal("loan.ended_on", "ended_on", ended_on.isoformat(), rule)
    return less
