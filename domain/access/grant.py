"""A grant: a role, given to an account, at some facilities or in the whole system.

Its life: it is **given**, with an end or without, and ends by being **revoked** or by **expiring**.
It is not changed: who is to have another role or place is given another grant. Under an auditor's
grant people are masked, until for a stated reason the **glass is broken**, which mends by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.access.events.grant import (
    GrantExpired,
    GrantFact,
    GrantGiven,
    GrantGlassBroken,
    GrantRevoked,
)
from domain.access.roles import Role
from domain.access.standings import AccountStanding
from domain.kernel import Aggregate, Circumstances, Command, Decision, Refused, command

MOST_FACILITIES = 200
"""A grant names at most so many facilities; for more there is the whole system (c)."""

LONGEST = timedelta(days=3660)
"""A grant that ends does so within ten years; an auditor's within one (c)."""

LONGEST_AUDIT = timedelta(days=366)

LONGEST_BROKEN = 240
"""For how many minutes the glass is broken at most (c)."""


class GrantStatus(StrEnum):
    """Whether anybody acts under it."""

    ABSENT = "absent"
    GIVEN = "given"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a grant has become. It belongs to no facility: to grant is the whole system's."""

    facility_id: UUID | None = None
    status: GrantStatus = GrantStatus.ABSENT
    account_id: UUID | None = None
    login: str = ""
    role: Role = Role.AUDITOR
    facility_ids: tuple[UUID, ...] = ()
    expires_at: datetime | None = None
    broken_until: datetime | None = None
    broken_for: str | None = None

    def evolve(self, fact: GrantFact) -> Grant:
        match fact:
            case GrantGiven():
                return replace(
                    self,
                    status=GrantStatus.GIVEN,
                    account_id=fact.account_id,
                    login=fact.login,
                    role=fact.role,
                    facility_ids=fact.facility_ids,
                    expires_at=fact.expires_at,
                )
            case GrantRevoked():
                return replace(self, status=GrantStatus.REVOKED)
            case GrantExpired():
                return replace(self, status=GrantStatus.EXPIRED)
            case GrantGlassBroken():
                return replace(self, broken_until=fact.until, broken_for=fact.reason)
            case _:
                assert_never(fact)

    def good_at(self, now: datetime) -> bool:
        """Whether somebody may act under it."""
        return self.status is GrantStatus.GIVEN and (
            self.expires_at is None or now < self.expires_at
        )


grant = Aggregate("grant", Grant())


# --- commands ----------------------------------------------------------------------------------


@command("grant_id", creates=True)
class GiveGrant(Command):
    """Let an account act in a role, at these facilities; without any, in the whole system."""

    grant_id: UUID
    account_id: UUID
    role: Role
    facility_ids: tuple[UUID, ...] = ()
    expires_at: datetime | None = None
    purpose: str | None = None


@command("grant_id")
class RevokeGrant(Command):
    """Take it back: nobody acts under it from now on."""

    grant_id: UUID
    reason: str


@command("grant_id")
class ExpireGrant(Command):
    """Put on record that its time is over."""

    grant_id: UUID


@command("grant_id")
class BreakGlass(Command):
    """See what identifies people for some minutes, for a reason that is put on record."""

    grant_id: UUID
    reason: str
    minutes: int = 60


# --- decisions ---------------------------------------------------------------------------------


def _places(state: Grant, command: GiveGrant) -> Iterable[UUID]:  # noqa: ARG001 - as consulted
    return command.facility_ids


@grant.decides(consulting=_places)
def give(state: Grant, command: GiveGrant, at: Circumstances) -> Decision:
    if state.status is not GrantStatus.ABSENT:
        raise Refused("grant.already_given", "This grant is on record.")
    held_by = at.open("account", command.account_id)
    assert isinstance(held_by, AccountStanding)
    facility_ids = tuple(dict.fromkeys(command.facility_ids))
    rules.at_most("grant", "facility_ids", facility_ids, MOST_FACILITIES)
    for each in facility_ids:
        at.known("facility", each, named="facility_ids")
    _placed(command.role, facility_ids)
    _ends(command, at)
    if command.role is Role.AUDITOR and command.purpose is None:
        raise rules.refusal("grant.purpose", "purpose", None, "must be stated for an auditor")
    yield GrantGiven(
        grant_id=command.grant_id,
        account_id=command.account_id,
        login=held_by.login,
        role=command.role,
        facility_ids=facility_ids,
        given_at=at.now,
        expires_at=command.expires_at,
        purpose=rules.optional("grant", "purpose", command.purpose, longest=500),
    )


@grant.decides
def revoke(state: Grant, command: RevokeGrant, at: Circumstances) -> Decision:
    if state.status is not GrantStatus.GIVEN:
        return
    assert state.account_id is not None
    yield GrantRevoked(
        grant_id=command.grant_id,
        account_id=state.account_id,
        facility_ids=state.facility_ids,
        revoked_at=at.now,
        reason=rules.text("grant", "reason", command.reason, longest=500),
    )


@grant.decides
def expire(state: Grant, command: ExpireGrant, at: Circumstances) -> Decision:
    if state.status is not GrantStatus.GIVEN:
        return
    if state.expires_at is None or at.now < state.expires_at:
        raise Refused("grant.not_over", "Its time is not over.", expires_at=state.expires_at)
    assert state.account_id is not None
    yield GrantExpired(
        grant_id=command.grant_id,
        account_id=state.account_id,
        facility_ids=state.facility_ids,
        expired_at=state.expires_at,
    )


@grant.decides
def break_glass(state: Grant, command: BreakGlass, at: Circumstances) -> Decision:
    if not state.good_at(at.now):
        raise Refused("grant.over", "The grant is over.", status=state.status)
    if state.role.sees_personal:
        raise Refused("grant.no_glass", "There is no glass: this role sees people as they are.")
    if not 1 <= command.minutes <= LONGEST_BROKEN:
        raise rules.refusal(
            "grant.minutes", "minutes", command.minutes, f"must be from 1 to {LONGEST_BROKEN}"
        )
    until = at.now + timedelta(minutes=command.minutes)
    assert state.account_id is not None
    yield GrantGlassBroken(
        grant_id=command.grant_id,
        account_id=state.account_id,
        login=state.login,
        facility_ids=state.facility_ids,
        broken_at=at.now,
        until=until if state.expires_at is None else min(until, state.expires_at),
        reason=rules.text("grant", "reason", command.reason, longest=500),
    )


def _placed(role: Role, facility_ids: tuple[UUID, ...]) -> None:
    """Refuses a role where it is not at home."""
    if not facility_ids and not role.trust.system:
        raise rules.refusal("grant.scope", "facility_ids", [], f"must name where the {role} acts")
    if facility_ids and not role.trust.facilities:
        raise rules.refusal(
            "grant.scope", "facility_ids", facility_ids, f"must be empty: a {role} has the system"
        )


def _ends(command: GiveGrant, at: Circumstances) -> None:
    longest = LONGEST_AUDIT if command.role is Role.AUDITOR else LONGEST
    if command.expires_at is None:
        if command.role is Role.AUDITOR:
            raise rules.refusal("grant.end", "expires_at", None, "must be told for an auditor")
    elif not at.now < command.expires_at <= at.now + longest:
        raise rules.refusal(
            "grant.end",
            "expires_at",
            command.expires_at.isoformat(),
            f"must lie within the next {longest.days} days",
        )
