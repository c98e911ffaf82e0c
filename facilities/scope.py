"""Who acts, in which role, and in which facilities."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What someone is trusted with."""

    SYSTEM_ADMINISTRATOR = "system_administrator"
    FACILITY_MANAGER = "facility_manager"
    AUDITOR = "auditor"
    SERVICE = "service"

    @property
    def reads_only(self) -> bool:
        return self is Role.AUDITOR

    @property
    def sees_personal(self) -> bool:
        """Whether an audit shows what identifies a person; to others it is masked."""
        return self is not Role.AUDITOR


@dataclass(frozen=True, slots=True)
class Scope:
    """The facilities someone may see and act in; None is the whole health system."""

    facility_ids: frozenset[UUID] | None = None

    @property
    def whole_system(self) -> bool:
        return self.facility_ids is None

    def admits(self, facility_id: UUID | None) -> bool:
        """Whether what belongs to this facility (None: to the system) is within the scope."""
        return self.facility_ids is None or facility_id in self.facility_ids


WHOLE_SYSTEM = Scope()


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone, or some program, at work."""

    name: str
    role: Role
    scope: Scope = WHOLE_SYSTEM
