"""The story of a month's books: they are closed, and what is recorded afterwards is late."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain.kernel import Fact, fact, foreign_id


def period_of(facility_id: UUID, month: str) -> UUID:
    """The stream of a facility's month, ``2026-03``."""
    return foreign_id("accounting_period", facility_id, month)


@fact("accounting_period.closed", effective="closed_on")
class AccountingPeriodClosed(Fact):
    """A facility's books of a month are closed: its figures are those of the ledger up to here.

    What happened in the month and is recorded beyond this fact's position is late.
    """

    period_id: UUID
    facility_id: UUID
    month: str
    closed_on: date


PeriodFact = AccountingPeriodClosed
