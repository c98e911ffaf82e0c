"""A prior authorization: a payer says beforehand what it will pay for.

Its life: it is **requested**, **pended** while the payer wants to know more, **approved** under a
number for so many units and a period, or **denied**, which may be **appealed** and is decided anew.
Claims **use** its units; one that is voided **gives** them **back**. The payer's clock is 72 hours
for an expedited request and seven days for a standard one (CMS-0057-F, 42 CFR 422.568, 422.572).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Command, Decision, Refused, command
from domain.replacing import replace
from domain.revenue.events.authorization import (
    AuthorizationAppealed,
    AuthorizationApproved,
    AuthorizationDenied,
    AuthorizationFact,
    AuthorizationGivenBack,
    AuthorizationPended,
    AuthorizationRequested,
    AuthorizationStanding,
    AuthorizationUsed,
)
from domain.revenue.events.claim import SELF_PAY, Code

EXPEDITED, STANDARD = timedelta(hours=72), timedelta(days=7)
"""Within which time a payer decides (CMS-0057-F)."""
MOST_PROCEDURES = 50
"""How many procedures one authorization is asked for (c)."""

# --- state -------------------------------------------------------------------------------------


class AuthorizationStatus(StrEnum):
    """How far an authorization has come."""

    ABSENT = "absent"
    REQUESTED = "requested"
    PENDED = "pended"
    APPROVED = "approved"
    DENIED = "denied"
    APPEALED = "appealed"


UNDECIDED = frozenset(
    {AuthorizationStatus.REQUESTED, AuthorizationStatus.PENDED, AuthorizationStatus.APPEALED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorAuthorization:
    """What an authorization has become. `used` tells how many units each claim draws on."""

    facility_id: UUID | None = None
    status: AuthorizationStatus = AuthorizationStatus.ABSENT
    patient_id: UUID = SELF_PAY
    payer_id: UUID = SELF_PAY
    procedures: tuple[Code, ...] = ()
    requested_on: date = rules.EARLIEST
    number: str | None = None
    units: int = 0
    valid_from: date | None = None
    valid_to: date | None = None
    used: Mapping[UUID, int] = field(default_factory=lambda: MappingProxyType({}))

    def evolve(self, fact: AuthorizationFact) -> PriorAuthorization:
        match fact:
            case AuthorizationRequested():
                return replace(
                    self,
                    status=AuthorizationStatus.REQUESTED,
                    facility_id=fact.facility_id,
                    patient_id=fact.patient_id,
                    payer_id=fact.payer_id,
                    procedures=fact.procedures,
                    requested_on=fact.requested_on,
                )
            case AuthorizationPended():
                return replace(self, status=AuthorizationStatus.PENDED)
            case AuthorizationApproved():
                return replace(
                    self,
                    status=AuthorizationStatus.APPROVED,
                    number=fact.number,
                    units=fact.units,
                    valid_from=fact.valid_from,
                    valid_to=fact.valid_to,
                )
            case AuthorizationDenied():
                return replace(self, status=AuthorizationStatus.DENIED)
            case AuthorizationAppealed():
                return replace(self, status=AuthorizationStatus.APPEALED)
            case AuthorizationUsed():
                return self._using({**self.used, fact.claim_id: fact.units})
            case AuthorizationGivenBack():
                left = {each: n for each, n in self.used.items() if each != fact.claim_id}
                return self._using(left)
            case _:
                assert_never(fact)

    @property
    def units_left(self) -> int:
        """How many units no claim has used."""
        return self.units - sum(self.used.values())

    def _using(self, used: dict[UUID, int]) -> PriorAuthorization:
        return replace(self, used=MappingProxyType(used))


def _standing(state: PriorAuthorization, authorization_id: UUID) -> AuthorizationStanding:
    return AuthorizationStanding(
        kind="prior_authorization",
        id=authorization_id,
        open=state.status is AuthorizationStatus.APPROVED,
        status=state.status,
        facility_id=state.facility_id,
        patient_id=state.patient_id,
        payer_id=state.payer_id,
        procedures=state.procedures,
        number=state.number,
        units=state.units,
        valid_from=state.valid_from,
        valid_to=state.valid_to,
        used=tuple(state.used.items()),
    )


prior_authorization = Aggregate(
    "prior_authorization",
    PriorAuthorization(),
    standing=_standing,
    referred_to_as=("authorization_id",),
)


# --- commands ----------------------------------------------------------------------------------


@command("authorization_id", creates=True)
class RequestAuthorization(Command):
    """Ask a payer beforehand whether it will pay for so many units of some procedures."""

    authorization_id: UUID
    facility_id: UUID
    patient_id: UUID
    payer_id: UUID
    procedures: tuple[Code, ...]
    requested_at: datetime
    units: int = 1
    expedited: bool = False


@command("authorization_id")
class PendAuthorization(Command):
    """Record that the payer wants to know more."""

    authorization_id: UUID
    wanted: str
    pended_on: date


@command("authorization_id")
class ApproveAuthorization(Command):
    """Record that the payer will pay, under which number, for how much and until when."""

    authorization_id: UUID
    number: str
    units: int
    valid_from: date
    valid_to: date
    approved_on: date


@command("authorization_id")
class DenyAuthorization(Command):
    """Record that the payer will not pay, and why."""

    authorization_id: UUID
    reason: str
    denied_on: date


@command("authorization_id")
class AppealAuthorization(Command):
    """Ask the payer to think again about its denial."""

    authorization_id: UUID
    grounds: str
    appealed_on: date


@command("authorization_id")
class UseAuthorization(Command):
    """Let a claim draw so many units in all; said again with another number, that one holds."""

    authorization_id: UUID
    claim_id: UUID
    units: int
    used_on: date


@command("authorization_id")
class GiveAuthorizationBack(Command):
    """Let a claim that was voided draw no units any more."""

    authorization_id: UUID
    claim_id: UUID
    given_back_on: date


# --- decisions ---------------------------------------------------------------------------------


@prior_authorization.decides
def request(
    state: PriorAuthorization, command: RequestAuthorization, at: Circumstances
) -> Decision:
    if state.status is not AuthorizationStatus.ABSENT:
        raise Refused("prior_authorization.already_requested", "This authorization exists.")
    at.open("facility", command.facility_id)
    at.open("payer", command.payer_id)
    rules.happened("prior_authorization", "requested_at", command.requested_at, at)
    rules.at_most("prior_authorization", "procedures", command.procedures, MOST_PROCEDURES)
    if not command.procedures:
        rule = "must name what is to be paid for"
        raise rules.refusal("prior_authorization.procedures", "procedures", 0, rule)
    yield AuthorizationRequested(
        authorization_id=command.authorization_id,
        facility_id=command.facility_id,
        patient_id=command.patient_id,
        payer_id=command.payer_id,
        procedures=tuple(_code(each) for each in command.procedures),
        units=rules.quantity("prior_authorization", "units", command.units),
        expedited=command.expedited,
        requested_on=command.requested_at.date(),
        requested_at=command.requested_at,
        decide_by=command.requested_at + (EXPEDITED if command.expedited else STANDARD),
    )


@prior_authorization.decides
def pend(state: PriorAuthorization, command: PendAuthorization, at: Circumstances) -> Decision:
    facility_id = _undecided(state, "pended_on", command.pended_on, at)
    yield AuthorizationPended(
        authorization_id=command.authorization_id,
        facility_id=facility_id,
        payer_id=state.payer_id,
        wanted=rules.text("prior_authorization", "wanted", command.wanted, longest=500),
        pended_on=command.pended_on,
    )


@prior_authorization.decides
def approve(
    state: PriorAuthorization, command: ApproveAuthorization, at: Circumstances
) -> Decision:
    facility_id = _undecided(state, "approved_on", command.approved_on, at)
    for named in ("valid_from", "valid_to"):
        rules.plausible("prior_authorization", named, getattr(command, named))
    rules.in_order(
        "prior_authorization", "valid_from", command.valid_from, "valid_to", command.valid_to
    )
    yield AuthorizationApproved(
        authorization_id=command.authorization_id,
        facility_id=facility_id,
        payer_id=state.payer_id,
        number=rules.text("prior_authorization", "number", command.number, longest=50),
        units=rules.quantity("prior_authorization", "units", command.units),
        valid_from=command.valid_from,
        valid_to=command.valid_to,
        approved_on=command.approved_on,
    )


@prior_authorization.decides
def deny(state: PriorAuthorization, command: DenyAuthorization, at: Circumstances) -> Decision:
    facility_id = _undecided(state, "denied_on", command.denied_on, at)
    yield AuthorizationDenied(
        authorization_id=command.authorization_id,
        facility_id=facility_id,
        payer_id=state.payer_id,
        reason=rules.text("prior_authorization", "reason", command.reason, longest=500),
        denied_on=command.denied_on,
    )


@prior_authorization.decides
def appeal(state: PriorAuthorization, command: AppealAuthorization, at: Circumstances) -> Decision:
    if state.status is not AuthorizationStatus.DENIED or state.facility_id is None:
        raise _as_it_is(state, "only a denial is appealed")
    rules.happened("prior_authorization", "appealed_on", command.appealed_on, at)
    yield AuthorizationAppealed(
        authorization_id=command.authorization_id,
        facility_id=state.facility_id,
        payer_id=state.payer_id,
        grounds=rules.text("prior_authorization", "grounds", command.grounds, longest=500),
        appealed_on=command.appealed_on,
    )


@prior_authorization.decides
def use(state: PriorAuthorization, command: UseAuthorization, at: Circumstances) -> Decision:
    if state.status is not AuthorizationStatus.APPROVED or state.facility_id is None:
        raise _as_it_is(state, "only what is approved is used")
    rules.happened("prior_authorization", "used_on", command.used_on, at)
    units = rules.quantity("prior_authorization", "units", command.units)
    before = state.used.get(command.claim_id, 0)
    left = state.units_left + before - units
    if left < 0:
        rule = f"must not be more than the {state.units_left + before} that are left"
        raise rules.refusal("prior_authorization.units_left", "units", units, rule)
    if units != before:
        yield AuthorizationUsed(
            authorization_id=command.authorization_id,
            facility_id=state.facility_id,
            payer_id=state.payer_id,
            claim_id=command.claim_id,
            units=units,
            units_left=left,
            used_on=command.used_on,
        )


@prior_authorization.decides
def give_back(
    state: PriorAuthorization, command: GiveAuthorizationBack, at: Circumstances
) -> Decision:
    units = state.used.get(command.claim_id)
    if units is None or state.facility_id is None:
        return
    rules.happened("prior_authorization", "given_back_on", command.given_back_on, at)
    yield AuthorizationGivenBack(
        authorization_id=command.authorization_id,
        facility_id=state.facility_id,
        payer_id=state.payer_id,
        claim_id=command.claim_id,
        units=units,
        units_left=state.units_left + units,
        given_back_on=command.given_back_on,
    )


# --- rules -------------------------------------------------------------------------------------


def _undecided(state: PriorAuthorization, named: str, when: date, at: Circumstances) -> UUID:
    """The facility of an authorization that waits for the payer's decision."""
    if state.status not in UNDECIDED or state.facility_id is None:
        raise _as_it_is(state, "it waits for no decision")
    rules.happened("prior_authorization", named, when, at)
    rules.in_order("prior_authorization", "requested_at", state.requested_on, named, when)
    return state.facility_id


def _as_it_is(state: PriorAuthorization, why: str) -> Refused:
    message = f"The authorization is {state.status}: {why}."
    return Refused("prior_authorization.status", message, status=state.status)


def _code(code: Code) -> Code:
    return Code(
        system=rules.text("prior_authorization", "procedures.system", code.system, longest=40),
        value=rules.text("prior_authorization", "procedures.value", code.value, longest=40),
    )
