"""Somebody's credentials: all that one person holds, in one stream, because the gate asks for all.

The life of each: it is **recorded** and pending until its source is asked; **verified**, and
active; its end is **announced** 90, 60 and 30 days before; it is **renewed**, for a later term that
is pending in its turn, or **lapses**. It may be **suspended** and **reinstated**, **revoked** for
good, **corrected** where its term was written down wrongly, **retracted** where nobody holds it.

The person is **screened** for exclusion from federal programs. Somebody may **override** a finding
of the gate for them, for some days; what the gate refuses can be put on record. When the person
leaves, the file is **closed**.

Here is what a person's file has become, and the rules that all of its decisions share. The
decisions are told apart by desk: `credentialing`, `sanctions`, `expiry`, `overrides`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar, assert_never
from uuid import UUID

from domain.kernel import Aggregate, Circumstances, Refused
from domain.replacing import replace
from domain.workforce.events.credential import (
    CredentialCorrected,
    CredentialExpiryAnnounced,
    CredentialFact,
    CredentialFileClosed,
    CredentialLapsed,
    CredentialNotConfirmed,
    CredentialOverridden,
    CredentialOverrideWithdrawn,
    CredentialRecorded,
    CredentialReinstated,
    CredentialRenewed,
    CredentialRetracted,
    CredentialRevoked,
    CredentialScreened,
    CredentialStanding,
    CredentialSuspended,
    CredentialVerified,
    GateRefused,
)
from domain.workforce.events.held import (
    CredentialTerm,
    HeldCredential,
    Override,
    ScreeningResult,
    Span,
)

DAY = timedelta(days=1)

MOST_REFUSALS = 100
"""So many of the gate's refusals are kept in mind, so that none of them is told twice (c)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What somebody's file has become. `facility_id` is their home facility.

    `refused` is what the gate refused last of each piece of work, those of late.
    """

    facility_id: UUID | None = None
    held: tuple[HeldCredential, ...] = ()
    exclusions: tuple[Span, ...] = ()
    screened_on: date | None = None
    screening: ScreeningResult | None = None
    overrides: tuple[Override, ...] = ()
    refused: tuple[GateRefused, ...] = ()
    closed: bool = False

    def of(self, credential_id: UUID) -> HeldCredential | None:
        """The credential of this id, if it is held."""
        return next((each for each in self.held if each.credential_id == credential_id), None)

    def evolve(self, fact: CredentialFact) -> Credentials:
        self = replace(self, facility_id=fact.facility_id)
        match fact:
            case CredentialRecorded():
                return replace(self, held=(*self.held, _recorded(fact)))
            case CredentialRetracted():
                kept = (each for each in self.held if each.credential_id != fact.credential_id)
                return replace(self, held=tuple(kept))
            case CredentialScreened():
                return replace(
                    self,
                    exclusions=_excluded(self.exclusions, fact),
                    screened_on=fact.screened_on,
                    screening=fact.result,
                )
            case CredentialOverridden():
                return replace(self, overrides=(*self.overrides, _override(fact)))
            case CredentialOverrideWithdrawn():
                return replace(
                    self,
                    overrides=tuple(
                        replace(each, valid_to=min(each.valid_to, fact.withdrawn_on - DAY))
                        if each.override_id == fact.override_id
                        else each
                        for each in self.overrides
                    ),
                )
            case GateRefused():
                others = (each for each in self.refused if not _of_one_work(each, fact))
                return replace(self, refused=(*others, fact)[-MOST_REFUSALS:])
            case CredentialFileClosed():
                return replace(self, closed=True)
            case _:
                return replace(
                    self,
                    held=tuple(
                        after(each, fact) if each.credential_id == fact.credential_id else each
                        for each in self.held
                    ),
                )


CredentialChanged = (
    CredentialVerified
    | CredentialNotConfirmed
    | CredentialRenewed
    | CredentialCorrected
    | CredentialExpiryAnnounced
    | CredentialLapsed
    | CredentialSuspended
    | CredentialReinstated
    | CredentialRevoked
)
"""What happens to one credential that is held."""


def after(held: HeldCredential, fact: CredentialChanged) -> HeldCredential:
    """A credential after something has happened to it."""
    match fact:
        case CredentialVerified():
            latest = replace(held.latest, verified_on=fact.verified_on)
            return replace(held, terms=(*held.terms[:-1], latest), denied_on=None)
        case CredentialNotConfirmed():
            latest = replace(held.latest, verified_on=None)
            return replace(held, terms=(*held.terms[:-1], latest), denied_on=fact.verified_on)
        case CredentialRenewed():
            term = CredentialTerm(valid_from=fact.valid_from, valid_to=fact.valid_to)
            return replace(_anew(held), terms=(*held.terms, term))
        case CredentialCorrected():
            term = CredentialTerm(valid_from=fact.valid_from, valid_to=fact.valid_to)
            return replace(_anew(held), terms=(*held.terms[:-1], term))
        case CredentialExpiryAnnounced():
            return replace(held, announced=fact.days)
        case CredentialLapsed():
            return replace(held, lapsed=True)
        case CredentialSuspended():
            span = Span(since=fact.suspended_on)
            return replace(held, suspensions=(*held.suspensions, span))
        case CredentialReinstated():
            span = replace(held.suspensions[-1], until=fact.reinstated_on - DAY)
            return replace(held, suspensions=(*held.suspensions[:-1], span))
        case CredentialRevoked():
            return replace(held, revoked_on=fact.revoked_on)
        case _:
            assert_never(fact)


C = TypeVar("C", bound=CredentialChanged)


def told(held: HeldCredential, fact: C) -> C:
    """What is about to happen to a credential, with the status it has after it."""
    return replace(fact, status_after=after(held, fact).status)


def _anew(held: HeldCredential) -> HeldCredential:
    """With a term that nobody has looked at."""
    return replace(held, announced=None, lapsed=False, denied_on=None)


def _of_one_work(one: GateRefused, other: GateRefused) -> bool:
    """Whether the same work was refused, whatever was found."""
    return one == replace(other, findings=one.findings)


def _recorded(fact: CredentialRecorded) -> HeldCredential:
    return HeldCredential(
        credential_id=fact.credential_id,
        kind=fact.kind,
        title=fact.title,
        number=fact.number,
        issuer=fact.issuer,
        state=fact.state,
        terms=(CredentialTerm(valid_from=fact.valid_from, valid_to=fact.valid_to),),
    )


def _override(fact: CredentialOverridden) -> Override:
    return Override(
        override_id=fact.override_id,
        work_facility_id=fact.work_facility_id,
        finding=fact.finding,
        kind=fact.kind,
        title=fact.title,
        valid_from=fact.valid_from,
        valid_to=fact.valid_to,
    )


def _excluded(exclusions: tuple[Span, ...], fact: CredentialScreened) -> tuple[Span, ...]:
    """The exclusions after a screening: one that goes on, or one that ended the day before."""
    ongoing = bool(exclusions) and exclusions[-1].until is None
    if fact.result is ScreeningResult.EXCLUDED:
        return exclusions if ongoing else (*exclusions, Span(since=fact.screened_on))
    if not ongoing:
        return exclusions
    ended = replace(exclusions[-1], until=fact.screened_on - DAY)
    return (*exclusions[:-1], ended)


def standing_of(state: Credentials, credentials_id: UUID) -> CredentialStanding:
    """What the gate may know of somebody's file."""
    return CredentialStanding(
        kind="credential",
        id=credentials_id,
        open=not state.closed,
        status="closed" if state.closed else "open",
        facility_id=state.facility_id,
        credentials=state.held,
        exclusions=state.exclusions,
        overrides=state.overrides,
        screened_on=state.screened_on,
    )


credential = Aggregate("credential", Credentials(), standing=standing_of)


# --- rules that the desks share ------------------------------------------------------------------


def home(state: Credentials) -> UUID:
    """The home facility of whose file it is; refuses where the file is closed."""
    if state.closed or state.facility_id is None:
        raise Refused("credential.file_closed", "The person left; their file is closed.")
    return state.facility_id


def of_staff(state: Credentials, staff_id: UUID, facility_id: UUID, at: Circumstances) -> None:
    """Whose file may be begun or continued: somebody of the facility, who has not left."""
    at.open("staff_member", staff_id, within=facility_id, named="staff_id")
    if state.closed:
        home(state)


def held_by(state: Credentials, credential_id: UUID) -> HeldCredential:
    """The credential a command is about; refuses one that is not held, or was revoked."""
    home(state)
    held = state.of(credential_id)
    if held is None:
        raise Refused(
            "credential.unknown",
            "The person holds no such credential.",
            field="credential_id",
            value=credential_id,
        )
    if held.revoked_on is not None:
        raise Refused(
            "credential.was_revoked",
            f"The credential was revoked on {held.revoked_on}.",
            field="credential_id",
            value=credential_id,
            revoked_on=held.revoked_on,
        )
    return held
