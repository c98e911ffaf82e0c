"""What is looked at of loans: whom a facility lends and borrows, and that both sides agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Recorded
from domain.workforce.events.loan import (
    BorrowingAccepted,
    BorrowingDeclined,
    BorrowingEnded,
    LoanAgreed,
    LoanDeclined,
    LoanEnded,
    LoanOffered,
    LoanWithdrawn,
)
from domain.workforce.events.schedule import ScheduleLent, ScheduleTakenBack
from projections.kernel import Key, Measure, ReadModel, Summary
from projections.rows import replace

OfLoan = LoanOffered | LoanWithdrawn | LoanAgreed | LoanDeclined | LoanEnded


class LoanSide(StrEnum):
    """What a facility is in a loan."""

    LENDER = "lender"
    BORROWER = "borrower"


class LoanStage(StrEnum):
    """What has become of a loan."""

    OFFERED = "offered"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    AGREED = "agreed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanEntry:
    """A loan as one of its two facilities sees it; `other_facility_id` is the other."""

    facility_id: UUID
    loan_id: UUID
    side: LoanSide
    other_facility_id: UUID
    staff_id: UUID
    begins_on: date
    ends_on: date
    stage: LoanStage


loan_list = ReadModel(
    "loan_list",
    row=LoanEntry,
    key=("facility_id", "loan_id"),
    order="begins_on",
    newest_first=True,
    desk="facility managers: who is lent where, who is borrowed, and what is to be decided",
)


def _both_sides(event: Recorded[OfLoan]) -> list[Key]:
    terms = event.fact.terms
    return [(each, event.fact.loan_id) for each in (terms.lender_id, terms.borrower_id)]


@loan_list.on(LoanOffered, key=_both_sides, key_aware=True)
def offered(
    row: LoanEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[LoanOffered],
    key: Key,
) -> LoanEntry | None:
    terms = event.fact.terms
    lends = key[0] == terms.lender_id
    return LoanEntry(
        facility_id=key[0],
        loan_id=event.fact.loan_id,
        side=LoanSide.LENDER if lends else LoanSide.BORROWER,
        other_facility_id=terms.borrower_id if lends else terms.lender_id,
        staff_id=terms.staff_id,
        begins_on=terms.begins_on,
        ends_on=terms.ends_on,
        stage=LoanStage.OFFERED,
    )


@loan_list.on(LoanWithdrawn, LoanAgreed, LoanDeclined, LoanEnded, key=_both_sides)
def decided(
    row: LoanEntry | None,
    event: Recorded[LoanWithdrawn | LoanAgreed | LoanDeclined | LoanEnded],
) -> LoanEntry | None:
    if row is None:
        return None
    match event.fact:
        case LoanWithdrawn():
            return replace(row, stage=LoanStage.WITHDRAWN)
        case LoanAgreed():
            return replace(row, stage=LoanStage.AGREED)
        case LoanDeclined():
            return replace(row, stage=LoanStage.DECLINED)
        case LoanEnded():
            return replace(row, stage=LoanStage.ENDED, ends_on=event.fact.ended_on)


# --- balance -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanFigures:
    """What a facility lent and borrowed: loans that were agreed, and their days. In the whole
    system as much is lent as is borrowed."""

    facility_id: UUID
    lent: Measure
    lent_days: Measure
    borrowed: Measure
    borrowed_days: Measure
    declined: Measure


loan_balance = Summary(
    "loan_balance",
    row=LoanFigures,
    dimensions=("facility_id",),
    desk="system administrators: which facilities live on others' people",
)


@loan_balance.on(LoanAgreed)
def lent(row: LoanFigures, event: Recorded[LoanAgreed]) -> LoanFigures:
    return replace(row, lent=row.lent + 1, lent_days=row.lent_days + event.fact.terms.days)


@loan_balance.on(LoanEnded)
def lent_for_less(row: LoanFigures, event: Recorded[LoanEnded]) -> LoanFigures:
    return replace(row, lent_days=row.lent_days - event.fact.days_less)


@loan_balance.on(BorrowingAccepted)
def borrowed(row: LoanFigures, event: Recorded[BorrowingAccepted]) -> LoanFigures:
    days = row.borrowed_days + event.fact.terms.days
    return replace(row, borrowed=row.borrowed + 1, borrowed_days=days)


@loan_balance.on(BorrowingEnded)
def borrowed_for_less(row: LoanFigures, event: Recorded[BorrowingEnded]) -> LoanFigures:
    return replace(row, borrowed_days=row.borrowed_days - event.fact.days_less)


@loan_balance.on(BorrowingDeclined)
def not_wanted(
    row: LoanFigures,
    event: Recorded[BorrowingDeclined],  # noqa: ARG001 - counted
) -> LoanFigures:
    return replace(row, declined=row.declined + 1)


# --- who is where ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLent:
    """Someone another facility may roster, from when to when, at the facility they are lent to."""

    facility_id: UUID
    loan_id: UUID
    staff_id: UUID
    home_id: UUID
    begins_on: date
    ends_on: date


borrowed_people = ReadModel(
    "borrowed_people",
    row=PersonLent,
    key="loan_id",
    order="ends_on",
    indexes=(("staff_id",),),
    desk="staffing office: who from elsewhere may be rostered here, and until when",
)


def _loan(event: Recorded[ScheduleLent]) -> Key:
    return (event.fact.lending.loan_id,)


@borrowed_people.on(ScheduleLent, key=_loan)
def person_lent(
    row: PersonLent | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[ScheduleLent],
) -> PersonLent | None:
    fact = event.fact
    return PersonLent(
        facility_id=fact.lending.facility_id,
        loan_id=fact.lending.loan_id,
        staff_id=fact.staff_id,
        home_id=fact.facility_id,
        begins_on=fact.lending.begins_on,
        ends_on=fact.lending.ends_on,
    )


@borrowed_people.on(ScheduleTakenBack)
def person_taken_back(
    row: PersonLent | None, event: Recorded[ScheduleTakenBack]
) -> PersonLent | None:
    if row is None or event.fact.ends_on < row.begins_on:
        return None
    return replace(row, ends_on=event.fact.ends_on)
