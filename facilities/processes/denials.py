"""Denial follow-up: what a payer denies in a remittance becomes a case of the denial desk.

A decision that is posted (`ClaimAdjudicated`) opens a denial for each line and reason that denies
something, and for what is denied of the claim as a whole. They come to what was denied: a reason
that only prices or shares (`domain.revenue.events.adjustment_reasons`) denies nothing, and what a
negative adjustment gives back is taken off. A decision that the payer takes back, or that its next
one takes the place of, has its denials taken back with it.

Denials that people record by hand are theirs alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from domain.kernel import Command, Recorded
from domain.revenue.denial import REMARK, DenyClaim, TakeBackDenials
from domain.revenue.events.claim import AdjustmentGroup
from domain.revenue.events.remittance import (
    ClaimAdjudicated,
    ClaimAdjudicationReversed,
    RemittedAdjustment,
)
from domain.revenue.remitted import denies
from facilities.process import Process

denials = Process("denials", desk="denials: what payers deny in remittances is worked on as cases")


@denials.on(ClaimAdjudicated)
def adjudicated(event: Recorded[ClaimAdjudicated]) -> Iterator[Command]:
    fact = event.fact
    cases: dict[tuple[int | None, str], _Case] = {}
    for line in fact.lines:
        _into(cases, line.line, line.adjustments, line.denied, line.remarks)
    whole = fact.denied - sum((each.denied for each in fact.lines), Decimal(0))
    _into(cases, None, fact.adjustments, whole, ())
    for (number, reason), case in cases.items():
        yield DenyClaim(
            claim_id=fact.claim_id,
            amount=case.amount,
            group=case.group,
            reason_code=reason,
            denied_on=fact.adjudicated_on,
            line=number,
            remarks=tuple(case.remarks),
            adjudication=fact.adjudication,
        )


@denials.on(ClaimAdjudicationReversed)
def taken_back(event: Recorded[ClaimAdjudicationReversed]) -> Iterator[Command]:
    fact = event.fact
    if fact.denied:
        yield TakeBackDenials(
            claim_id=fact.claim_id,
            adjudication=fact.adjudication,
            taken_back_on=fact.reversed_on,
        )


class _Case:
    """What is denied of a line for one reason."""

    def __init__(self, group: AdjustmentGroup) -> None:
        self.group, self.amount = group, Decimal(0)
        self.remarks: list[str] = []


def _into(
    cases: dict[tuple[int | None, str], _Case],
    line: int | None,
    adjustments: Iterable[RemittedAdjustment],
    denied: Decimal,
    remarks: Iterable[str],
) -> None:
    """Share out what was denied of a line over the reasons for it, in the payer's order.

    Lines that are none of the claim's are one case for each reason, as they have no number.
    """
    for each in adjustments:
        part = min(each.amount, denied)
        if part > 0 and denies(each):
            denied -= part
            case = cases.setdefault((line, each.reason_code), _Case(each.group))
            case.amount += part
            told = [code for code in remarks if re.fullmatch(REMARK[0], code)]
            case.remarks += [code for code in told if code not in case.remarks]
