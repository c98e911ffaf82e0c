"""The story of what the work requires: which credentials a job needs, where, and from when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Fact, Standing, fact, foreign_id
from domain.workforce.events.held import (
    CredentialKind,
)

REQUIREMENTS = foreign_id("credential_requirements", "system")
"""The one stream of the requirements: they are the same throughout the health system."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A job in a kind of department needs a kind of credential, in a time (both days included).

    Without a job it is every job, without a kind of department every department; an empty title
    is satisfied by any credential of the kind.
    """

    requirement_id: UUID
    kind: CredentialKind
    title: str
    job: str | None
    department_kind: str | None
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementsStanding(Standing):
    """What the work requires, as of now."""

    requirements: tuple[Requirement, ...] = ()


class OfTheSystem:
    """What is told in the one stream of the requirements."""

    __slots__ = ()

    @property
    def requirements_id(self) -> UUID:
        return REQUIREMENTS


@fact("credential_requirements.established", effective="valid_from")
class RequirementEstablished(OfTheSystem, Fact):
    """From a day on, a job needs a credential."""

    requirement_id: UUID
    kind: CredentialKind
    title: str
    job: str | None
    department_kind: str | None
    valid_from: date


@fact("credential_requirements.ended", effective="ended_on")
class RequirementEnded(OfTheSystem, Fact):
    """A requirement holds until that day, and not after it."""

    requirement_id: UUID
    ended_on: date


CredentialRequirementsFact = RequirementEstablished | RequirementEnded
