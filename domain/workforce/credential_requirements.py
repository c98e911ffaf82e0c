"""What the work requires: which credentials a job needs, in which kind of department, from when.

One stream for the whole health system. A requirement is **established** from a day on, which may
lie in the future, and **ended** on a day; then it may be established again. The gate takes those
that are in force on the days of the work, so that ending one changes nothing about the past.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import (
    Aggregate,
    Circumstances,
    Command,
    Decision,
    Refused,
    command,
    foreign_id,
)
from domain.replacing import replace
from domain.workforce.events.held import (
    CredentialKind,
)
from domain.workforce.events.requirement import (
    CredentialRequirementsFact,
    OfTheSystem,
    Requirement,
    RequirementEnded,
    RequirementEstablished,
    RequirementsStanding,
)

NOUN = "credential_requirements"
DEPARTMENT_KIND = "[a-z_]{1,40}", "a kind of department, such as emergency"
MOST = 2_000
"""How many requirements there are at most, ended ones too: the gate walks through them (c)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialRequirements:
    """The requirements there are, and were. They belong to no facility."""

    facility_id: UUID | None = None
    requirements: tuple[Requirement, ...] = ()

    def evolve(self, fact: CredentialRequirementsFact) -> CredentialRequirements:
        match fact:
            case RequirementEstablished():
                established = Requirement(
                    requirement_id=fact.requirement_id,
                    kind=fact.kind,
                    title=fact.title,
                    job=fact.job,
                    department_kind=fact.department_kind,
                    valid_from=fact.valid_from,
                )
                return replace(self, requirements=(*self.requirements, established))
            case RequirementEnded():
                return replace(
                    self,
                    requirements=tuple(
                        replace(each, valid_to=fact.ended_on)
                        if each.requirement_id == fact.requirement_id
                        else each
                        for each in self.requirements
                    ),
                )
            case _:
                assert_never(fact)


def _standing(state: CredentialRequirements, requirements_id: UUID) -> RequirementsStanding:
    return RequirementsStanding(
        kind=NOUN, id=requirements_id, open=True, status="open", requirements=state.requirements
    )


credential_requirements = Aggregate(NOUN, CredentialRequirements(), standing=_standing)


# --- commands ------------------------------------------------------------------------------------


@command("requirements_id", creates=True)
class EstablishRequirement(OfTheSystem, Command):
    """Let a job need a credential, from a day on.

    Without a job it is every job, without a kind of department every department; with a title it
    is a credential of just that title.
    """

    kind: CredentialKind
    valid_from: date
    job: str | None = None
    department_kind: str | None = None
    title: str = ""


@command("requirements_id")
class EndRequirement(OfTheSystem, Command):
    """Let a requirement not hold any more after a day."""

    requirement_id: UUID
    ended_on: date


# --- decisions -----------------------------------------------------------------------------------


@credential_requirements.decides
def establish(
    state: CredentialRequirements,
    command: EstablishRequirement,
    at: Circumstances,  # noqa: ARG001 - what is to be required may begin whenever it likes
) -> Decision:
    title = rules.text(NOUN, "title", command.title, longest=100, empty_allowed=True)
    job = rules.optional(NOUN, "job", command.job, longest=100)
    kind_of_department = command.department_kind
    if kind_of_department is not None:
        rules.shaped(NOUN, "department_kind", kind_of_department, *DEPARTMENT_KIND)
    rules.plausible(NOUN, "valid_from", command.valid_from)
    rules.at_most(NOUN, "requirements", state.requirements, MOST - 1)
    wanted = Requirement(
        requirement_id=foreign_id(
            "requirement", command.kind, title, job, kind_of_department, command.valid_from
        ),
        kind=command.kind,
        title=title,
        job=job,
        department_kind=kind_of_department,
        valid_from=command.valid_from,
    )
    for each in state.requirements:
        if _what(each) != _what(wanted):
            continue
        if each.valid_from == wanted.valid_from:
            return
        if each.valid_to is None or wanted.valid_from <= each.valid_to:
            until = "for good" if each.valid_to is None else f"until {each.valid_to}"
            raise Refused(
                "credential_requirements.overlap",
                f"That is required from {each.valid_from} {until}.",
                field="valid_from",
                value=wanted.valid_from.isoformat(),
                requirement_id=each.requirement_id,
            )
    yield RequirementEstablished(
        requirement_id=wanted.requirement_id,
        kind=wanted.kind,
        title=wanted.title,
        job=wanted.job,
        department_kind=wanted.department_kind,
        valid_from=wanted.valid_from,
    )


@credential_requirements.decides
def end(
    state: CredentialRequirements,
    command: EndRequirement,
    at: Circumstances,  # noqa: ARG001 - an end may be told beforehand
) -> Decision:
    known = [each for each in state.requirements if each.requirement_id == command.requirement_id]
    if not known:
        raise Refused(
            "credential_requirements.unknown",
            "There is no such requirement.",
            field="requirement_id",
            value=command.requirement_id,
        )
    (requirement,) = known
    if requirement.valid_to == command.ended_on:
        return
    rules.plausible(NOUN, "ended_on", command.ended_on)
    rules.in_order(NOUN, "valid_from", requirement.valid_from, "ended_on", command.ended_on)
    yield RequirementEnded(requirement_id=command.requirement_id, ended_on=command.ended_on)


def _what(requirement: Requirement) -> tuple[object, ...]:
    job = None if requirement.job is None else requirement.job.casefold()
    return requirement.kind, requirement.title.casefold(), job, requirement.department_kind
