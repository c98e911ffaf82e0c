"""A month of a facility's books. It is **closed** once it is over, and stays so.

Closing refuses nothing: late and backdated entries are normal. It draws the line that tells them
from the others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Command, Decision, Refused, command
from domain.replacing import replace
from domain.revenue.events.period import AccountingPeriodClosed, PeriodFact, period_of

# --- state -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountingPeriod:
    """Whether a month is closed, and since when."""

    facility_id: UUID | None = None
    closed_on: date | None = None

    def evolve(self, fact: PeriodFact) -> AccountingPeriod:
        return replace(self, facility_id=fact.facility_id, closed_on=fact.closed_on)


accounting_period = Aggregate("accounting_period", AccountingPeriod())


# --- commands ----------------------------------------------------------------------------------


@command("period_id", creates=True)
class ClosePeriod(Command):
    """Close a facility's books of a month (``2026-03``) that is over."""

    facility_id: UUID
    month: str
    closed_on: date

    @property
    def period_id(self) -> UUID:
        return period_of(self.facility_id, self.month)


# --- decisions ---------------------------------------------------------------------------------


@accounting_period.decides
def close(state: AccountingPeriod, command: ClosePeriod, at: Circumstances) -> Decision:
    at.known("facility", command.facility_id)
    if not re.fullmatch("[12][0-9]{3}-(0[1-9]|1[0-2])", command.month):
        rule = "must be a year and a month, such as 2026-03"
        raise rules.refusal("accounting_period.month", "month", command.month, rule)
    if state.closed_on is not None:
        return
    rules.happened("accounting_period", "closed_on", command.closed_on, at)
    if f"{command.closed_on:%Y-%m}" <= command.month:
        raise Refused(
            "accounting_period.not_over",
            f"{command.month} is not over on {command.closed_on}.",
            month=command.month,
            closed_on=command.closed_on,
        )
    yield AccountingPeriodClosed(
        period_id=command.period_id,
        facility_id=command.facility_id,
        month=command.month,
        closed_on=command.closed_on,
    )
