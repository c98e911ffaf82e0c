"""The compliance office: credentials are suspended, reinstated, revoked; people are screened.

Whoever is excluded from federal health care programs may do no work that these pay for, of whatever
kind (42 CFR 1001.1901); people are looked for on the list of the OIG (LEIE) every month (c).
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, command
from domain.workforce.credential import (
    DAY,
    Credentials,
    credential,
    held_by,
    home,
    of_staff,
    told,
)
from domain.workforce.events.credential import (
    CredentialReinstated,
    CredentialRevoked,
    CredentialScreened,
    CredentialSuspended,
)
from domain.workforce.events.held import (
    OfPerson,
    ScreeningResult,
)

# --- commands ------------------------------------------------------------------------------------


@command("credentials_id")
class SuspendCredential(OfPerson, Command):
    """Tell that a credential is not to be used, from that day on."""

    staff_id: UUID
    credential_id: UUID
    suspended_on: date
    reason: str


@command("credentials_id")
class ReinstateCredential(OfPerson, Command):
    """Tell that a suspended credential counts again, from that day on."""

    staff_id: UUID
    credential_id: UUID
    reinstated_on: date


@command("credentials_id")
class RevokeCredential(OfPerson, Command):
    """Tell that a credential was taken away, for good."""

    staff_id: UUID
    credential_id: UUID
    revoked_on: date
    reason: str


@command("credentials_id", creates=True)
class ScreenForExclusion(OfPerson, Command):
    """Tell whether somebody was found on a list of the excluded."""

    staff_id: UUID
    facility_id: UUID
    screened_on: date
    result: ScreeningResult
    source: str = "OIG LEIE"


# --- decisions -----------------------------------------------------------------------------------


@credential.decides
def suspend(state: Credentials, command: SuspendCredential, at: Circumstances) -> Decision:
    held = held_by(state, command.credential_id)
    rules.happened("credential", "suspended_on", command.suspended_on, at)
    reason = rules.text("credential", "reason", command.reason)
    if held.suspended:
        return
    if held.suspensions:
        ended = held.suspensions[-1].until
        rules.in_order(
            "credential", "the_last_suspension", ended, "suspended_on", command.suspended_on
        )
    yield told(
        held,
        CredentialSuspended(
            staff_id=command.staff_id,
            facility_id=home(state),
            credential_id=held.credential_id,
            kind=held.kind,
            suspended_on=command.suspended_on,
            reason=reason,
            status_before=held.status,
            status_after=held.status,
        ),
    )


@credential.decides
def reinstate(state: Credentials, command: ReinstateCredential, at: Circumstances) -> Decision:
    held = held_by(state, command.credential_id)
    rules.happened("credential", "reinstated_on", command.reinstated_on, at)
    if not held.suspended:
        return
    earliest = held.suspensions[-1].since + DAY
    rules.in_order("credential", "suspended_on", earliest, "reinstated_on", command.reinstated_on)
    yield told(
        held,
        CredentialReinstated(
            staff_id=command.staff_id,
            facility_id=home(state),
            credential_id=held.credential_id,
            kind=held.kind,
            reinstated_on=command.reinstated_on,
            status_before=held.status,
            status_after=held.status,
        ),
    )


@credential.decides
def revoke(state: Credentials, command: RevokeCredential, at: Circumstances) -> Decision:
    rules.happened("credential", "revoked_on", command.revoked_on, at)
    known = state.of(command.credential_id)
    if known is not None and known.revoked_on == command.revoked_on:
        return
    held = held_by(state, command.credential_id)
    yield told(
        held,
        CredentialRevoked(
            staff_id=command.staff_id,
            facility_id=home(state),
            credential_id=held.credential_id,
            kind=held.kind,
            revoked_on=command.revoked_on,
            reason=rules.text("credential", "reason", command.reason),
            status_before=held.status,
            status_after=held.status,
        ),
    )


@credential.decides
def screen(state: Credentials, command: ScreenForExclusion, at: Circumstances) -> Decision:
    of_staff(state, command.staff_id, command.facility_id, at)
    rules.happened("credential", "screened_on", command.screened_on, at)
    rules.in_order(
        "credential", "the_last_screening", state.screened_on, "screened_on", command.screened_on
    )
    if (command.screened_on, command.result) == (state.screened_on, state.screening):
        return
    yield CredentialScreened(
        staff_id=command.staff_id,
        facility_id=command.facility_id,
        screened_on=command.screened_on,
        source=rules.text("credential", "source", command.source, longest=100),
        result=command.result,
    )
