"""What each role is trusted with, on one page.

A role says what someone does and looks at; a grant says where. `TRUST` names what a role does by
context (``revenue``), by noun of one (``organization.department``) or by command
(``access.BreakGlass``); ``*`` is every context. What it does `never` it names by context or by
command. What it looks at it names by context; ``events`` are the timelines and the auditor's
answers. Nothing else is implied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, cast

from domain.kernel import DECISIONS, Command

EVERYTHING = "*"
EVENTS = "events"


class Role(StrEnum):
    """What someone is trusted with."""

    SYSTEM_ADMINISTRATOR = "system_administrator"
    FACILITY_MANAGER = "facility_manager"
    DEPARTMENT_MANAGER = "department_manager"
    BILLER = "biller"
    STOREKEEPER = "storekeeper"
    SCHEDULER = "scheduler"
    AUDITOR = "auditor"
    SERVICE = "service"

    @property
    def trust(self) -> Trust:
        return TRUST[self]

    @property
    def reads_only(self) -> bool:
        """Whether there is no work that it does."""
        return self is Role.AUDITOR

    @property
    def sees_personal(self) -> bool:
        """Whether what identifies a person is shown; to others it is masked."""
        return self is not Role.AUDITOR

    def does(self, command: type[Command]) -> bool:
        """Whether it may give this command."""
        return _does(self, cast(Any, command))

    def reads(self, context: str) -> bool:
        """Whether it may look at what belongs to a context, or at ``events``."""
        return bool({EVERYTHING, context} & self.trust.reads)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What a role does and reads, and where it may be granted: in the whole `system`, in some
    `facilities`, or in either. `told` is what the role is, in a line."""

    told: str
    does: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset({EVERYTHING})
    system: bool = True
    facilities: bool = True


def _these(*names: str) -> frozenset[str]:
    return frozenset(names)


TRUST: Mapping[Role, Trust] = {
    Role.SYSTEM_ADMINISTRATOR: Trust(
        told="Oversees the health system: opens facilities, decides on payers, grants access.",
        does=_these(EVERYTHING),
        facilities=False,
    ),
    Role.FACILITY_MANAGER: Trust(
        told="Runs its facilities: everything that is decided there.",
        does=_these(EVERYTHING),
        never=_these("access", "audit"),
        system=False,
    ),
    Role.DEPARTMENT_MANAGER: Trust(
        told="Runs departments of its facilities: their beds, staff and supplies.",
        does=_these("organization.department", "workforce", "supply"),
        reads=_these("organization", "workforce", "supply"),
        system=False,
    ),
    Role.BILLER: Trust(
        told="Bills and collects: claims from draft to closure, remittances, denials.",
        does=_these("revenue"),
        reads=_these("organization", "revenue"),
    ),
    Role.STOREKEEPER: Trust(
        told="Keeps the stock: orders, receipts, issues, counts.",
        does=_these("supply"),
        reads=_these("organization", "supply"),
    ),
    Role.SCHEDULER: Trust(
        told="Puts people to work: assignments, rosters, shifts.",
        does=_these("workforce"),
        reads=_these("organization", "workforce"),
    ),
    Role.AUDITOR: Trust(
        told="Looks at everything, changes nothing; people are masked until the glass is broken.",
        does=_these("access.BreakGlass"),
    ),
    Role.SERVICE: Trust(
        told="A program: importers, calendars, other systems. It gives nobody access.",
        does=_these(
            EVERYTHING,
            "access.RecordPasswordChange",
            "access.LockAccount",
            "access.ExpireGrant",
        ),
        # That somebody is erased is agreed to by people.
        never=_these("access", "privacy.ApproveErasure"),
    ),
}


@cache
def _does(role: Role, command: Any) -> bool:
    trust, context, noun = role.trust, context_of(command), DECISIONS[command][0].name
    its_name = f"{context}.{command.__name__}"
    if its_name in trust.does:
        return True
    if {context, its_name} & trust.never:
        return False
    return bool({EVERYTHING, context, f"{context}.{noun}"} & trust.does)


def context_of(kind: type[object]) -> str:
    """The context in which a command or a fact is declared (``revenue``)."""
    parts = kind.__module__.split(".")
    return parts[1] if parts[0] == "domain" and len(parts) > 1 else parts[0]
