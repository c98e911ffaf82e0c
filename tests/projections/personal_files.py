"""How a made-up health system makes up what concerns people: their credentials and positions, how
they do and what they learn. What is not of these is left to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain import identifiers
from domain.identifiers import IdentifierKind
from domain.kernel import Command
from domain.workforce.events.held import REMINDERS, CredentialKind, credentials_of
from domain.workforce.events.requirement import REQUIREMENTS
from tests.projections.referring import facility_of

if TYPE_CHECKING:
    from tests.projections.health_system import HealthSystem

OFTEN = {"credential": 6, "position": 3}
EAGER = {"position", "evaluation", "grievance"}
SELDOM = {
    "WithdrawGrievance": 2,
    "CloseCredentialFile": 12,
    "RetractCredential": 4,
    "RevokeCredential": 4,
}

NUMBERS = {"fte": (50, 100), "goal": (1, 2), "requirement": (1, 2), "credits": (1, 300)}

DEA = [
    each
    for each in (f"AB{number}" for number in range(1234560, 1234660))
    if identifiers.valid(IdentifierKind.DEA, each)
]


def whose(system: HealthSystem, hints: Mapping[str, Any]) -> dict[str, Any]:
    """Somebody and their home, for a command whose stream follows from a person."""
    staff = system.all("staff_member")
    if not staff or "staff_id" not in hints:
        return {}
    staff_id = system.random.choice(list(staff))
    chosen = {"staff_id": staff_id, "facility_id": staff[staff_id].facility_id}
    return {name: each for name, each in chosen.items() if name in hints}


def made_up(
    system: HealthSystem, kind: type[Command], name: str, hint: Any, chosen: Mapping[str, Any]
) -> Any:
    """A value for a field of a command about a file; None where anything will do."""
    if not kind.__module__.startswith("domain.workforce."):
        return None
    random = system.random
    if name in ("credential_id", "override_id"):
        return _in_the_file(system, chosen["staff_id"], name)
    if name == "requirement_id":
        state = system.states.get(REQUIREMENTS)
        return random.choice(state[1].requirements).requirement_id if state else None
    if name == "valid_to" and hint is date:
        return _last_day(system, chosen)
    if hint is datetime:
        begins_at: datetime = chosen.get("begins_at", datetime(2026, 3, 14, tzinfo=UTC))
        return begins_at + timedelta(hours=random.randrange(1, 40))
    if name == "days":
        return random.choice(REMINDERS)
    if name == "staff_id" and hint is UUID:
        return _somebody_at(system, chosen)
    if name == "period_to":
        return chosen["period_from"] + timedelta(days=30)
    if (least_and_most := NUMBERS.get(name)) is not None:
        return random.randint(*least_and_most)
    return _text(system, name, chosen)


def _somebody_at(system: HealthSystem, chosen: Mapping[str, Any]) -> UUID | None:
    """Somebody who is at home where the command is."""
    facility_id = facility_of(system, chosen)
    there = [
        staff_id
        for staff_id, state in system.all("staff_member").items()
        if state.facility_id == facility_id
    ]
    return system.random.choice(there) if there else None


def _text(system: HealthSystem, name: str, chosen: Mapping[str, Any]) -> str | None:
    random = system.random
    match name:
        case "number":
            dea = chosen.get("kind") is CredentialKind.DEA
            return random.choice(DEA) if dea else f"N{random.random()}"
        case "state":
            return "NY"
        case "department_kind":
            return random.choice(("emergency", "inpatient"))
        case "title":
            return random.choice(("", "A"))
        case _:
            return None


def _in_the_file(system: HealthSystem, staff_id: UUID, name: str) -> UUID | None:
    """A credential somebody holds, or an override for them."""
    state = system.states.get(credentials_of(staff_id))
    if state is None:
        return None
    there = state[1].held if name == "credential_id" else state[1].overrides
    return UUID(str(getattr(system.random.choice(there), name))) if there else None


def _last_day(system: HealthSystem, chosen: Mapping[str, Any]) -> date | None:
    """The last day of what a command names, where it names something that has one."""
    if "finding" in chosen:
        return date.fromisoformat(str(chosen["valid_from"])) + timedelta(days=20)
    state = system.states.get(credentials_of(chosen["staff_id"]))
    held = None if state is None else state[1].of(chosen.get("credential_id"))
    return None if held is None else held.latest.valid_to
