"""A payer denies; the denial is appealed in time, level by level, or resolved in another way.

Levels and days are those of the terms in force on the day of the service (Medicare: 120, 180, 60,
60, 60 days, 42 CFR 405). Where nothing is agreed with a payer there is no deadline to miss.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Refused, command
from domain.replacing import replace
from domain.revenue import terms
from domain.revenue.claim import Claim, claim
from domain.revenue.claim_rules import at_work
from domain.revenue.claim_status import ClaimStatus
from domain.revenue.denial_reasons import category_of, rules_against
from domain.revenue.denials import Denial
from domain.revenue.entry import ZERO
from domain.revenue.events.claim import AdjustmentGroup
from domain.revenue.events.contract import AppealLevel
from domain.revenue.events.denial import (
    AppealOutcome,
    ClaimAppealDecided,
    ClaimAppealed,
    ClaimDenialResolved,
    ClaimDenied,
    DenialCategory,
    DenialResolution,
)
from domain.revenue.posting import REASON_CODE
from domain.revenue.preparation import looked_at
from domain.revenue.scrubber import Reviewed, findings

MOST_REMARKS = 50
"""How many remark codes one denial has at most (c)."""
REMARK = "[A-Z]{1,2}[0-9]{1,4}", "a remittance advice remark code (X12 code list 411)"

# --- commands -------------------------------------------------------------------------------------


@command("claim_id")
class DenyClaim(Command):
    """Record that the payer will not pay a part of the claim: of one line, where that is known.

    `adjudication` is the number of the payer's decision, where it came in a remittance.
    """

    claim_id: UUID
    amount: Decimal
    group: AdjustmentGroup
    reason_code: str
    denied_on: date
    line: int | None = None
    remarks: tuple[str, ...] = ()
    adjudication: int | None = None


@command("claim_id")
class AppealClaim(Command):
    """Appeal a denial at the next level."""

    claim_id: UUID
    denial: int
    grounds: str
    appealed_on: date


@command("claim_id")
class DecideAppeal(Command):
    """Record what was decided on an appeal; `overturned` of the denial where it is a part."""

    claim_id: UUID
    denial: int
    outcome: AppealOutcome
    decided_on: date
    overturned: Decimal | None = None


@command("claim_id")
class ResolveDenial(Command):
    """Have done with a denial, and say what became of it."""

    claim_id: UUID
    denial: int
    resolution: DenialResolution
    resolved_on: date


@command("claim_id")
class TakeBackDenials(Command):
    """Have done with all denials of a decision that the payer took back."""

    claim_id: UUID
    adjudication: int
    taken_back_on: date


# --- decisions ------------------------------------------------------------------------------------


@claim.decides(consulting=looked_at)
def deny(state: Claim, command: DenyClaim, at: Circumstances) -> Decision:
    reason = rules.shaped("claim", "reason_code", command.reason_code, *REASON_CODE)
    if _known(state, command, reason):
        return
    facility_id = at_work(state)
    if state.submitted_on is None:
        raise Refused("claim.not_submitted", "Nothing was sent that could be denied.")
    rules.happened("claim", "denied_on", command.denied_on, at)
    if command.line is not None and not 1 <= command.line <= len(state.lines):
        rule = f"must be one of the claim's {len(state.lines)} lines"
        raise rules.refusal("claim.line_unknown", "line", command.line, rule)
    rules.at_most("claim", "remarks", command.remarks, MOST_REMARKS)
    amount = rules.amount("claim", "amount", command.amount, state.currency)
    category = category_of(reason)
    levels = _levels(state, at)
    yield ClaimDenied(
        claim_id=command.claim_id,
        facility_id=facility_id,
        payer_id=state.payer_id,
        currency=state.currency,
        denial=len(state.denials.all) + 1,
        adjudication=command.adjudication,
        line=command.line,
        amount=amount,
        group=command.group,
        reason_code=reason,
        remarks=tuple(rules.shaped("claim", "remarks", each, *REMARK) for each in command.remarks),
        category=category,
        prevented_by=_prevented(Reviewed(command.claim_id, state, at), category, command.line),
        appeal_by=_appeal_by(levels, 0, command.denied_on),
        denied_on=command.denied_on,
    )


@claim.decides(consulting=looked_at)
def appeal(state: Claim, command: AppealClaim, at: Circumstances) -> Decision:
    facility_id = at_work(state)
    denial = _open(state, command.denial)
    if denial.pending:
        raise Refused("claim.appeal_pending", "An appeal against it is not decided yet.")
    levels = _levels(state, at)
    if levels is not None and denial.level >= len(levels):
        raise Refused(
            "claim.appeals_exhausted",
            f"There are {len(levels)} levels of appeal, and all were tried.",
            levels=len(levels),
        )
    rules.happened("claim", "appealed_on", command.appealed_on, at)
    rules.in_order("claim", "denied_on", denial.since, "appealed_on", command.appealed_on)
    if denial.appeal_by is not None and command.appealed_on > denial.appeal_by:
        rule = f"must not be after {denial.appeal_by}, the last day for it"
        raise rules.refusal(
            "claim.appeal_window_closed", "appealed_on", command.appealed_on.isoformat(), rule
        )
    yield ClaimAppealed(
        claim_id=command.claim_id,
        facility_id=facility_id,
        payer_id=state.payer_id,
        denial=command.denial,
        level=denial.level + 1,
        level_name=None if levels is None else levels[denial.level].name,
        grounds=rules.text("claim", "grounds", command.grounds, longest=500),
        appealed_on=command.appealed_on,
    )


@claim.decides(consulting=looked_at)
def decide_appeal(state: Claim, command: DecideAppeal, at: Circumstances) -> Decision:
    facility_id = at_work(state)
    denial = _open(state, command.denial)
    if not denial.pending:
        raise Refused("claim.no_appeal", "No appeal against it waits for a decision.")
    rules.happened("claim", "decided_on", command.decided_on, at)
    rules.in_order("claim", "appealed_on", denial.since, "decided_on", command.decided_on)
    overturned = _overturned(state, denial, command)
    whole = command.outcome is AppealOutcome.OVERTURNED
    levels = _levels(state, at)
    yield ClaimAppealDecided(
        claim_id=command.claim_id,
        facility_id=facility_id,
        payer_id=state.payer_id,
        currency=state.currency,
        denial=command.denial,
        level=denial.level,
        outcome=command.outcome,
        overturned=overturned,
        appeal_by=None if whole else _appeal_by(levels, denial.level, command.decided_on),
        decided_on=command.decided_on,
    )
    if whole:
        decided = replace(denial, pending=False)
        yield _resolved(
            state, command.claim_id, decided, DenialResolution.OVERTURNED, command.decided_on
        )


@claim.decides
def resolve(state: Claim, command: ResolveDenial, at: Circumstances) -> Decision:
    at_work(state)
    denial = _open(state, command.denial)
    rules.happened("claim", "resolved_on", command.resolved_on, at)
    rules.in_order("claim", "denied_on", denial.since, "resolved_on", command.resolved_on)
    yield _resolved(state, command.claim_id, denial, command.resolution, command.resolved_on)


@claim.decides
def take_back(state: Claim, command: TakeBackDenials, at: Circumstances) -> Decision:
    if state.status is ClaimStatus.ABSENT:
        return
    rules.happened("claim", "taken_back_on", command.taken_back_on, at)
    for each in state.denials.open:
        if each.adjudication == command.adjudication:
            yield _resolved(
                state,
                command.claim_id,
                each,
                DenialResolution.TAKEN_BACK,
                max(each.since, command.taken_back_on),
            )


# --- rules ----------------------------------------------------------------------------------------


def _open(state: Claim, number: int) -> Denial:
    denial = state.denials.all.get(number)
    if denial is None or not denial.open:
        rule = "must be the number of a denial that is not resolved"
        raise rules.refusal("claim.denial_unknown", "denial", number, rule)
    return denial


def _known(state: Claim, command: DenyClaim, reason: str) -> bool:
    """Whether it is recorded already. A decision denies a line for a reason once, whatever became
    of that; what people record by hand may come up again once it is resolved."""
    decided = command.adjudication is not None
    same = (command.adjudication, command.line, reason)
    among = state.denials.all.values() if decided else state.denials.open
    return any((each.adjudication, each.line, each.reason_code) == same for each in among)


def _levels(state: Claim, at: Circumstances) -> tuple[AppealLevel, ...] | None:
    """The levels of appeal; None where nothing is agreed about them."""
    agreed = terms.terms_of(state, at)
    return None if agreed is None else agreed.terms.appeals


def _appeal_by(levels: tuple[AppealLevel, ...] | None, level: int, since: date) -> date | None:
    """The last day for an appeal after so many."""
    if levels is None or level >= len(levels):
        return None
    return since + timedelta(days=levels[level].days)


def _prevented(reviewed: Reviewed, category: DenialCategory, line: int | None) -> tuple[str, ...]:
    """The rules that find what the payer found, on the line or on the claim as a whole."""
    wanted = rules_against(category)
    found = {
        each.rule
        for each in findings(reviewed)
        if each.rule in wanted and (line is None or each.line in (None, line))
    }
    return tuple(sorted(found))


def _overturned(state: Claim, denial: Denial, command: DecideAppeal) -> Decimal:
    if command.outcome is AppealOutcome.UPHELD:
        return ZERO
    if command.outcome is AppealOutcome.OVERTURNED:
        return denial.amount
    part = rules.amount("claim", "overturned", command.overturned or ZERO, state.currency)
    if part >= denial.amount:
        rule = f"must be less than the {denial.amount} that were denied"
        raise rules.refusal("claim.overturned", "overturned", str(part), rule)
    return part


def _resolved(
    state: Claim, claim_id: UUID, denial: Denial, resolution: DenialResolution, on: date
) -> ClaimDenialResolved:
    return ClaimDenialResolved(
        claim_id=claim_id,
        facility_id=at_work(state),
        payer_id=state.payer_id,
        currency=state.currency,
        denial=denial.number,
        amount=denial.amount,
        resolution=resolution,
        appeal_pending=denial.pending,
        resolved_on=on,
    )
