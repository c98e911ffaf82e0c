"""The privacy office's desk: what is held, for how long all is kept, and who is to be forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from domain.kernel import PERSONAL, Recorded
from domain.privacy.events import (
    ErasureApproved,
    ErasureBegun,
    ErasureCompleted,
    ErasureRequested,
    ErasureWithdrawn,
    HoldScope,
    LegalHoldPlaced,
    LegalHoldReleased,
    RecordKind,
    RetentionRuleAdopted,
    RetentionRuleLifted,
)
from projections.kernel import ReadModel
from projections.rows import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A legal hold: what it keeps, for which matter, who answers for it, and since when."""

    hold_id: UUID
    scope: HoldScope
    held_facility_id: UUID | None
    subject_id: Annotated[UUID | None, PERSONAL]
    matter: str
    custodian: str
    in_force: bool
    placed_on: date
    released_on: date | None
    released_because: str | None


legal_holds = ReadModel(
    "legal_holds",
    row=Hold,
    key="hold_id",
    order="placed_on",
    newest_first=True,
    desk="privacy office: what must not be erased, for which matter",
)


@legal_holds.on(LegalHoldPlaced)
def placed(
    row: Hold | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[LegalHoldPlaced],
) -> Hold | None:
    fact = event.fact
    return Hold(
        hold_id=fact.hold_id,
        scope=fact.scope,
        held_facility_id=fact.facility_id,
        subject_id=fact.subject_id,
        matter=fact.matter,
        custodian=fact.custodian,
        in_force=True,
        placed_on=fact.placed_on,
        released_on=None,
        released_because=None,
    )


@legal_holds.on(LegalHoldReleased)
def released(row: Hold | None, event: Recorded[LegalHoldReleased]) -> Hold | None:
    return row and replace(
        row,
        in_force=False,
        released_on=event.fact.released_on,
        released_because=event.fact.reason,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A retention rule: which records are kept where and for how many years, and by what it says
    so."""

    rule_id: UUID
    records: RecordKind | None
    at_facility_id: UUID | None
    years: int
    basis: str
    in_force: bool
    adopted_at: datetime
    adopted_by: str
    lifted_because: str | None


retention_rules = ReadModel(
    "retention_rules",
    row=Rule,
    key="rule_id",
    order="adopted_at",
    newest_first=True,
    desk="privacy office: for how long records are kept",
)


@retention_rules.on(RetentionRuleAdopted)
def adopted(
    row: Rule | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[RetentionRuleAdopted],
) -> Rule | None:
    fact = event.fact
    return Rule(
        rule_id=fact.rule_id,
        records=fact.records,
        at_facility_id=fact.at_facility_id,
        years=fact.years,
        basis=fact.basis,
        in_force=True,
        adopted_at=event.recorded_at,
        adopted_by=event.actor,
        lifted_because=None,
    )


@retention_rules.on(RetentionRuleLifted)
def lifted(row: Rule | None, event: Recorded[RetentionRuleLifted]) -> Rule | None:
    return row and replace(row, in_force=False, lifted_because=event.fact.reason)


class ErasureStage(StrEnum):
    """How far an erasure has come."""

    REQUESTED = "requested"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    BEGUN = "begun"
    COMPLETED = "completed"


APPROVALS_NEEDED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureEntry:
    """Somebody who is to be forgotten: who asked, who agreed, and what came of it."""

    erasure_id: UUID
    subject_id: Annotated[UUID, PERSONAL]
    stage: ErasureStage
    grounds: str
    requested_by: str
    requested_at: datetime
    first_approval_by: str | None
    second_approval_by: str | None
    withdrawn_because: str | None
    kept_until: date | None
    facts: int | None
    rows: int | None
    completed_at: datetime | None


erasures = ReadModel(
    "erasures",
    row=ErasureEntry,
    key="erasure_id",
    order="requested_at",
    newest_first=True,
    desk="privacy office: whose data is to be erased, and what waits for whom",
)


@erasures.on(ErasureRequested)
def requested(
    row: ErasureEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[ErasureRequested],
) -> ErasureEntry | None:
    fact = event.fact
    return ErasureEntry(
        erasure_id=fact.erasure_id,
        subject_id=fact.subject_id,
        stage=ErasureStage.REQUESTED,
        grounds=fact.grounds,
        requested_by=fact.requested_by,
        requested_at=event.recorded_at,
        first_approval_by=None,
        second_approval_by=None,
        withdrawn_because=None,
        kept_until=None,
        facts=None,
        rows=None,
        completed_at=None,
    )


@erasures.on(ErasureApproved)
def approved(row: ErasureEntry | None, event: Recorded[ErasureApproved]) -> ErasureEntry | None:
    fact = event.fact
    if row is None:
        return None
    if fact.approvals < APPROVALS_NEEDED:
        return replace(row, first_approval_by=fact.approved_by)
    return replace(row, stage=ErasureStage.APPROVED, second_approval_by=fact.approved_by)


@erasures.on(ErasureWithdrawn)
def withdrawn(row: ErasureEntry | None, event: Recorded[ErasureWithdrawn]) -> ErasureEntry | None:
    return row and replace(row, stage=ErasureStage.WITHDRAWN, withdrawn_because=event.fact.reason)


@erasures.on(ErasureBegun)
def begun(row: ErasureEntry | None, event: Recorded[ErasureBegun]) -> ErasureEntry | None:
    return row and replace(row, stage=ErasureStage.BEGUN, kept_until=event.fact.kept_until)


@erasures.on(ErasureCompleted)
def completed(row: ErasureEntry | None, event: Recorded[ErasureCompleted]) -> ErasureEntry | None:
    return row and replace(
        row,
        stage=ErasureStage.COMPLETED,
        facts=event.fact.facts,
        rows=event.fact.rows,
        completed_at=event.fact.completed_at,
    )
