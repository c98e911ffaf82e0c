"""Who acts, in which role, and in which facilities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from domain.access.roles import Role

__all__ = ["WHOLE_SYSTEM", "Actor", "Role", "Scope"]


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
    """Someone, or some program, at work. `broken_until`: the glass over people is broken, and what
    for (`broken_for`)."""

    name: str
    role: Role
    scope: Scope = WHOLE_SYSTEM
    broken_until: datetime | None = None
    broken_for: str | None = None

    @property
    def sees_personal(self) -> bool:
        """Whether what identifies a person is shown; otherwise it is masked."""
        return self.role.sees_personal or (
            self.broken_until is not None and datetime.now(UTC) < self.broken_until
        )
