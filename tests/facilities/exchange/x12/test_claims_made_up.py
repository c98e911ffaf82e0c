"""Whatever a claim says: two readers that are not ours accept it, and its sums agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import hypothesis
import pytest
from hypothesis import strategies

from domain.revenue.events.claim import AdjustmentGroup, ClaimFrequency, ClaimType, Code, Party
from domain.revenue.events.form import Coverage
from domain.revenue.events.payer import PayerKind
from domain.revenue.events.remittance import (
    AdjudicatedLine,
    AdjudicationOutcome,
    ClaimAdjudicated,
    RemittedAdjustment,
)
from domain.revenue.service_line import ServiceLine
from facilities.exchange.x12.bill import Bill, EarlierPayer, missing
from tests.facilities.exchange.x12.test_claims_out import (
    CHILDS,
    COVERAGE,
    DAY,
    DIAGNOSES,
    a_bill,
    a_line,
    pyx12_accepts,
    written,
    x12sdk_reads,
)

CENTS = strategies.integers(1, 9_999_999).map(lambda cents: Decimal(cents) / 100)
POLICIES = strategies.sampled_from([COVERAGE, CHILDS, replace(COVERAGE, group_number="G 7")])
MODIFIERS = strategies.lists(strategies.sampled_from(["25", "59", "76", "LT"]), unique=True)
REASONS = ["1", "2", "3", "16", "23", "29", "45", "50", "96", "97", "197", "253"]
DECIDED_ON = date(2026, 1, 20)


def parts(amount: Decimal, draw: strategies.DrawFn) -> tuple[RemittedAdjustment, ...]:
    """The amount for one reason or up to twelve of them, in several groups."""
    found, left = [], amount
    for reason_code in draw(strategies.lists(strategies.sampled_from(REASONS), unique=True)):
        part = min(left, draw(CENTS))
        group = draw(strategies.sampled_from(AdjustmentGroup))
        found.append(RemittedAdjustment(group=group, reason_code=reason_code, amount=part))
        left -= part
    rest = RemittedAdjustment(
        group=AdjustmentGroup.CONTRACTUAL_OBLIGATION, reason_code="A1", amount=left
    )
    return (*found, rest)


def decision_on(lines: tuple[ServiceLine, ...], draw: strategies.DrawFn) -> ClaimAdjudicated:
    """What the first payer decided, line by line or on the claim as a whole."""
    charge = sum((each.charged for each in lines), Decimal(0))
    decided: list[AdjudicatedLine] = []
    of_all: tuple[RemittedAdjustment, ...] = ()
    if draw(strategies.booleans()):
        paid = min(charge, draw(CENTS))
        of_all = parts(charge - paid, draw)
    else:
        for each in lines:
            of_line = min(each.charged, draw(CENTS))
            told = AdjudicatedLine(
                line=each.number,
                procedure=each.procedure,
                charge=each.charged,
                paid=of_line,
                patient_responsibility=Decimal(0),
                denied=Decimal(0),
                outcome=AdjudicationOutcome.PAID,
                adjustments=parts(each.charged - of_line, draw),
                remarks=(),
            )
            decided.append(told)
        paid = sum((each.paid for each in decided), Decimal(0))
    return ClaimAdjudicated(
        claim_id=UUID(int=1),
        facility_id=UUID(int=2),
        payer_id=UUID(int=3),
        remittance_id=UUID(int=4),
        place=1,
        adjudication=1,
        decided_by=Party.PAYER,
        status_code="1",
        payer_control_number=draw(strategies.sampled_from([None, "ICN-1"])),
        currency="USD",
        charge=charge,
        paid=paid,
        adjusted=charge - paid,
        patient_responsibility=Decimal(0),
        denied=Decimal(0),
        outcome=AdjudicationOutcome.PAID,
        lines=tuple(decided),
        adjustments=of_all,
        first_entry=2,
        entries=0,
        submitted_on=DAY,
        adjudicated_on=DECIDED_ON,
    )


@strategies.composite
def bills(draw: strategies.DrawFn, kind: ClaimType) -> Bill:
    """A claim of a kind: original, replacement or void; of the subscriber or a dependent; for the
    first payer, or for one that is asked after it."""
    lines = tuple(
        replace(
            a_line(number, draw(strategies.sampled_from(["99213", "36415", "J1100"])), "0"),
            charged=draw(CENTS),
            units=draw(strategies.integers(1, 99)),
            modifiers=tuple(draw(MODIFIERS)),
            diagnosis_pointers=tuple(draw(strategies.lists(strategies.integers(1, 3), max_size=4))),
        )
        for number in range(1, draw(strategies.integers(2, 7)))
    )
    second: Coverage | None = None
    earlier = None
    if draw(strategies.booleans()):
        second = replace(draw(POLICIES), member_id="B9", insurance_type="43")
        earlier = EarlierPayer(
            name="First Mutual",
            identifier="FM001",
            kind=draw(strategies.sampled_from(PayerKind)),
            decision=decision_on(lines, draw),
        )
    more = draw(strategies.integers(0, 9))
    diagnoses = (*DIAGNOSES, *(Code(system="ICD-10-CM", value=f"Z0{n}.1") for n in range(more)))
    bill = a_bill(
        earlier=earlier,
        claim_type=kind,
        frequency=draw(strategies.sampled_from(ClaimFrequency)),
        payers_numbers={Party.PAYER: "ICN-1", Party.SECONDARY_PAYER: "B-1"},
        diagnoses=diagnoses[: draw(strategies.integers(1, 12))],
        coverage=draw(POLICIES),
        secondary_coverage=second,
        lines=lines,
    )
    return replace(bill, payer_kind=draw(strategies.sampled_from(PayerKind)))


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(ClaimType))
@hypothesis.given(strategies.data())
@hypothesis.settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
def test_two_readers_that_are_not_ours_accept_whatever_we_write(
    kind: ClaimType, tmp_path: Path, data: strategies.DataObject
) -> None:
    these = data.draw(strategies.lists(bills(kind), min_size=3, max_size=6))
    named = [
        replace(each, claim=replace(each.claim, control_number=f"A-{number}"))
        for number, each in enumerate(these)
    ]
    assert [missing(each) for each in named] == [()] * len(named)
    text = written(*named)
    assert pyx12_accepts(text, tmp_path)
    assert x12sdk_reads(text) == len(named)
    for bill, own in zip(named, claims_of(text), strict=True):
        lines = [each.charged for each in bill.claim.lines]
        assert charges(own) == (sum(lines), lines)
        if bill.earlier is not None and bill.earlier.decision is not None:
            whole, told = decided_before(own)
            assert whole == bill.earlier.decision.paid
            assert told in ([], lines)


def claims_of(text: str) -> Iterator[list[list[str]]]:
    """The segments of each claim: from its CLM to where the next claim's people begin."""
    own: list[list[str]] = []
    for each in (segment.strip().split("*") for segment in text.split("~")):
        if each[0] == "CLM":
            own = [each]
        elif own and each[0] in ("HL", "SE"):
            yield own
            own = []
        elif own:
            own.append(each)


def charges(claim: list[list[str]]) -> tuple[Decimal, list[Decimal]]:
    """What the claim comes to (CLM02), and its lines."""
    places = {"SV1": 2, "SV2": 3}
    return Decimal(claim[0][2]), [Decimal(e[places[e[0]]]) for e in claim if e[0] in places]


def decided_before(claim: list[list[str]]) -> tuple[Decimal, list[Decimal]]:
    """What the first payer paid (AMT*D), and its lines: paid and why not more, added up."""
    (whole,) = [Decimal(each[2]) for each in claim if each[:2] == ["AMT", "D"]]
    lines: list[Decimal] = []
    for each in claim:
        if each[0] == "SVD":
            lines.append(Decimal(each[2]))
        elif each[0] == "CAS" and lines:
            lines[-1] += sum(Decimal(amount) for amount in each[3::3])
    return whole, lines
