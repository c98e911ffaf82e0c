"""The calendar's desk: the end of a credential is announced before it comes, and told when it came.

What it does it may do twice, or late: what was announced or has lapsed is not told again, and what
was renewed meanwhile is left alone. The gate waits for none of it.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, command
from domain.workforce.credential import DAY, Credentials, credential, home, told
from domain.workforce.events.credential import (
    CredentialExpiryAnnounced,
    CredentialLapsed,
)
from domain.workforce.events.held import (
    REMINDERS,
    HeldCredential,
    OfPerson,
)

# --- commands ------------------------------------------------------------------------------------


@command("credentials_id")
class AnnounceExpiry(OfPerson, Command):
    """Remind of it that a credential ends on `valid_to`, in 90, 60 or 30 days, or fewer."""

    staff_id: UUID
    credential_id: UUID
    valid_to: date
    days: int
    announced_on: date


@command("credentials_id")
class LapseCredential(OfPerson, Command):
    """Tell that the last day of a credential has passed."""

    staff_id: UUID
    credential_id: UUID
    valid_to: date


# --- decisions -----------------------------------------------------------------------------------


@credential.decides
def announce(state: Credentials, command: AnnounceExpiry, at: Circumstances) -> Decision:
    held = _ending(state, command.credential_id, command.valid_to)
    if held is None or (held.announced is not None and held.announced <= command.days):
        return
    if command.days not in REMINDERS:
        rule = f"must be one of {', '.join(map(str, REMINDERS))}"
        raise rules.refusal("credential.days", "days", command.days, rule)
    rules.happened("credential", "announced_on", command.announced_on, at)
    if (command.valid_to - command.announced_on).days > command.days:
        rule = f"must be {command.days} days or fewer before {command.valid_to}"
        told_on = command.announced_on.isoformat()
        raise rules.refusal("credential.not_due", "announced_on", told_on, rule)
    yield told(
        held,
        CredentialExpiryAnnounced(
            staff_id=command.staff_id,
            facility_id=home(state),
            credential_id=held.credential_id,
            kind=held.kind,
            days=command.days,
            valid_to=command.valid_to,
            announced_on=command.announced_on,
            status_before=held.status,
            status_after=held.status,
        ),
    )


@credential.decides
def lapse(state: Credentials, command: LapseCredential, at: Circumstances) -> Decision:
    held = _ending(state, command.credential_id, command.valid_to)
    if held is None:
        return
    rules.happened("credential", "valid_to", command.valid_to + DAY, at)
    yield told(
        held,
        CredentialLapsed(
            staff_id=command.staff_id,
            facility_id=home(state),
            credential_id=held.credential_id,
            kind=held.kind,
            valid_to=command.valid_to,
            status_before=held.status,
            status_after=held.status,
        ),
    )


def _ending(state: Credentials, credential_id: UUID, valid_to: date) -> HeldCredential | None:
    """The credential whose last term ends on that day, unless that has been told, or is of no
    interest any more."""
    held = None if state.closed else state.of(credential_id)
    if held is None or held.latest.valid_to != valid_to:
        return None
    return None if held.lapsed or held.revoked_on is not None else held
