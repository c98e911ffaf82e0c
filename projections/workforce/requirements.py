"""What the work requires, for whoever staffs a department."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from domain.workforce.events.held import CredentialKind
from domain.workforce.events.requirement import RequirementEnded, RequirementEstablished
from projections.kernel import ReadModel
from projections.rows import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementEntry:
    """A credential that a job needs, in a time (both days included).

    Without a job it is every job, without a kind of department every department, and without a
    title any credential of the kind.
    """

    requirement_id: UUID
    kind: CredentialKind
    title: str
    job: str | None
    department_kind: str | None
    begins_on: date
    ends_on: date | None


requirement_list = ReadModel(
    "credential_requirements",
    row=RequirementEntry,
    key="requirement_id",
    order=("kind", "begins_on"),
    desk="the medical staff office: which credentials the work requires, and from when",
)


@requirement_list.on(RequirementEstablished)
def established(
    row: RequirementEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[RequirementEstablished],
) -> RequirementEntry | None:
    fact = event.fact
    return RequirementEntry(
        requirement_id=fact.requirement_id,
        kind=fact.kind,
        title=fact.title,
        job=fact.job,
        department_kind=fact.department_kind,
        begins_on=fact.valid_from,
        ends_on=None,
    )


@requirement_list.on(RequirementEnded)
def ended(
    row: RequirementEntry | None, event: Recorded[RequirementEnded]
) -> RequirementEntry | None:
    return row and replace(row, ends_on=event.fact.ended_on)
