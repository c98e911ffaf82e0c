"""The medical staff office: credentials are recorded, verified at their source, renewed, put right.

A term counts at the gate from the moment its source has confirmed it; a renewed term, and one that
was corrected, is to be verified in its turn (Joint Commission HR.01.01.01: at hire and when a
credential is renewed).
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain import identifiers, rules
from domain.identifiers import IdentifierKind
from domain.kernel import Circumstances, Command, Decision, Refused, Release, Reserve, command
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
    CredentialCorrected,
    CredentialFileClosed,
    CredentialNotConfirmed,
    CredentialRecorded,
    CredentialRenewed,
    CredentialRetracted,
    CredentialVerified,
)
from domain.workforce.events.held import (
    CredentialKind,
    CredentialTerm,
    FiledCredential,
    OfPerson,
    VerificationResult,
    credential_id_of,
)

NUMBERED = frozenset({CredentialKind.LICENSE, CredentialKind.DEA})
"""What cannot be without a number."""

NUMBER = "[A-Z0-9][A-Z0-9 ./-]{0,29}", "1 to 30 capitals, digits, blanks, dots, slashes or dashes"
STATE = "[A-Z]{2,3}", "the two or three capitals of a state or province, such as NY"


# --- commands ------------------------------------------------------------------------------------


@command("credentials_id", creates=True)
class RecordCredential(OfPerson, Command):
    """Put a credential somebody showed into their file. `title` tells those of a kind apart."""

    staff_id: UUID
    facility_id: UUID
    kind: CredentialKind
    issuer: str
    valid_from: date
    valid_to: date | None = None
    title: str = ""
    number: str | None = None
    state: str | None = None


@command("credentials_id")
class VerifyCredential(OfPerson, Command):
    """Tell what the source said of a credential's latest term. `verified_by`: who asked it."""

    staff_id: UUID
    credential_id: UUID
    verified_on: date
    verified_by: str
    source: str
    result: VerificationResult = VerificationResult.CONFIRMED


@command("credentials_id")
class RenewCredential(OfPerson, Command):
    """Tell that a credential was issued again, for a later term."""

    staff_id: UUID
    credential_id: UUID
    valid_from: date
    valid_to: date | None = None


@command("credentials_id")
class CorrectCredential(OfPerson, Command):
    """Put the dates of a credential's latest term right."""

    staff_id: UUID
    credential_id: UUID
    valid_from: date
    corrected_on: date
    reason: str
    valid_to: date | None = None


@command("credentials_id")
class RetractCredential(OfPerson, Command):
    """Take a credential that nobody holds out of the file."""

    staff_id: UUID
    credential_id: UUID
    retracted_on: date
    reason: str


@command("credentials_id", creates=True)
class CloseCredentialFile(OfPerson, Command):
    """Close the file of somebody who leaves; where there is none, there is nothing to be closed."""

    staff_id: UUID
    closed_on: date


# --- decisions -----------------------------------------------------------------------------------


@credential.decides
def record(state: Credentials, command: RecordCredential, at: Circumstances) -> Decision:
    of_staff(state, command.staff_id, command.facility_id, at)
    issuer = rules.text("credential", "issuer", command.issuer)
    title = rules.text("credential", "title", command.title, longest=100, empty_allowed=True)
    number, issued_in = _number(command), _state(command)
    credential_id = credential_id_of(
        command.staff_id,
        command.kind,
        issuer=issuer,
        title=title,
        state=issued_in,
        number=number,
    )
    _period(command.valid_from, command.valid_to)
    known = state.of(credential_id)
    if known is not None:
        if _dates(known.terms[0]) == (command.valid_from, command.valid_to):
            return
        raise Refused(
            "credential.already_recorded",
            "The credential is on file; it is renewed, or corrected.",
            field="number",
            value=number,
            credential_id=credential_id,
        )
    if number is not None:
        key = _key(command.kind, issuer, issued_in, number)
        yield Reserve("credential_number", key, "credential.number_in_use")
    yield CredentialRecorded(
        staff_id=command.staff_id,
        facility_id=command.facility_id,
        credential_id=credential_id,
        kind=command.kind,
        title=title,
        number=number,
        issuer=issuer,
        state=issued_in,
        valid_from=command.valid_from,
        valid_to=command.valid_to,
    )


@credential.decides
def verify(state: Credentials, command: VerifyCredential, at: Circumstances) -> Decision:
    held = held_by(state, command.credential_id)
    rules.happened("credential", "verified_on", command.verified_on, at)
    verified_by = rules.text("credential", "verified_by", command.verified_by)
    source = rules.text("credential", "source", command.source)
    if command.result is VerificationResult.NOT_CONFIRMED:
        if held.denied_on != command.verified_on:
            yield told(
                held,
                CredentialNotConfirmed(
                    staff_id=command.staff_id,
                    facility_id=home(state),
                    credential_id=held.credential_id,
                    kind=held.kind,
                    verified_on=command.verified_on,
                    verified_by=verified_by,
                    source=source,
                    status_before=held.status,
                    status_after=held.status,
                ),
            )
    elif held.latest.verified_on != command.verified_on:
        yield told(
            held,
            CredentialVerified(
                staff_id=command.staff_id,
                facility_id=home(state),
                credential_id=held.credential_id,
                kind=held.kind,
                verified_on=command.verified_on,
                verified_by=verified_by,
                source=source,
                valid_from=held.latest.valid_from,
                valid_to=held.latest.valid_to,
                status_before=held.status,
                status_after=held.status,
            ),
        )


@credential.decides
def renew(
    state: Credentials,
    command: RenewCredential,
    at: Circumstances,  # noqa: ARG001 - a later term may well begin in the future
) -> Decision:
    held = held_by(state, command.credential_id)
    _period(command.valid_from, command.valid_to)
    if _dates(held.latest) == (command.valid_from, command.valid_to):
        return
    _after(held.latest, command.valid_from, command.valid_to)
    yield told(
        held,
        CredentialRenewed(
            staff_id=command.staff_id,
            facility_id=home(state),
            credential_id=held.credential_id,
            kind=held.kind,
            title=held.title,
            number=held.number,
            issuer=held.issuer,
            valid_from=command.valid_from,
            valid_to=command.valid_to,
            status_before=held.status,
            status_after=held.status,
        ),
    )


@credential.decides
def correct(state: Credentials, command: CorrectCredential, at: Circumstances) -> Decision:
    held = held_by(state, command.credential_id)
    rules.happened("credential", "corrected_on", command.corrected_on, at)
    reason = rules.text("credential", "reason", command.reason)
    _period(command.valid_from, command.valid_to)
    if _dates(held.latest) == (command.valid_from, command.valid_to):
        return
    if len(held.terms) > 1:
        _after(held.terms[-2], command.valid_from, command.valid_to)
    yield told(
        held,
        CredentialCorrected(
            staff_id=command.staff_id,
            facility_id=home(state),
            credential_id=held.credential_id,
            kind=held.kind,
            title=held.title,
            number=held.number,
            issuer=held.issuer,
            was_valid_from=held.latest.valid_from,
            was_valid_to=held.latest.valid_to,
            valid_from=command.valid_from,
            valid_to=command.valid_to,
            corrected_on=command.corrected_on,
            reason=reason,
            status_before=held.status,
            status_after=held.status,
        ),
    )


@credential.decides
def retract(state: Credentials, command: RetractCredential, at: Circumstances) -> Decision:
    held = held_by(state, command.credential_id)
    rules.happened("credential", "retracted_on", command.retracted_on, at)
    if held.number is not None:
        key = _key(held.kind, held.issuer, held.state, held.number)
        yield Release("credential_number", key)
    yield CredentialRetracted(
        staff_id=command.staff_id,
        facility_id=home(state),
        credential_id=held.credential_id,
        kind=held.kind,
        retracted_on=command.retracted_on,
        reason=rules.text("credential", "reason", command.reason),
        status_before=held.status,
    )


@credential.decides
def close(state: Credentials, command: CloseCredentialFile, at: Circumstances) -> Decision:
    if state.closed or state.facility_id is None:
        return
    rules.happened("credential", "closed_on", command.closed_on, at)
    yield CredentialFileClosed(
        staff_id=command.staff_id,
        facility_id=state.facility_id,
        closed_on=command.closed_on,
        credentials=tuple(
            FiledCredential(credential_id=each.credential_id, kind=each.kind, status=each.status)
            for each in state.held
        ),
    )


# --- rules ---------------------------------------------------------------------------------------


def _number(command: RecordCredential) -> str | None:
    """The number, where it can be one of its kind."""
    if command.number is None:
        if command.kind in NUMBERED:
            raise rules.refusal("credential.number", "number", "", "must be given")
        return None
    number = " ".join(command.number.split()).upper()
    if command.kind is CredentialKind.DEA:
        if not identifiers.valid(IdentifierKind.DEA, number):
            rule = f"must be {identifiers.RULES[IdentifierKind.DEA]}"
            raise rules.refusal("credential.number", "number", number, rule)
        return number
    return rules.shaped("credential", "number", number, *NUMBER)


def _state(command: RecordCredential) -> str | None:
    if command.state is None:
        return None
    return rules.shaped("credential", "state", command.state.strip().upper(), *STATE)


def _key(kind: CredentialKind, issuer: str, state: str | None, number: str) -> str:
    """What no two people may hold: a number of an issuer."""
    return "/".join([kind, " ".join(issuer.split()).upper(), state or "", number])


def _period(valid_from: date, valid_to: date | None) -> None:
    rules.plausible("credential", "valid_from", valid_from)
    rules.plausible("credential", "valid_to", valid_to)
    rules.in_order("credential", "valid_from", valid_from, "valid_to", valid_to)


def _dates(term: CredentialTerm) -> tuple[date, date | None]:
    return term.valid_from, term.valid_to


def _after(term: CredentialTerm, valid_from: date, valid_to: date | None) -> None:
    """A term begins, and ends, after the one before it; the one before it ends."""
    if term.valid_to is None:
        raise Refused("credential.does_not_expire", "The credential has no end.")
    rules.in_order("credential", "the_last_term", term.valid_from + DAY, "valid_from", valid_from)
    rules.in_order("credential", "the_last_term", term.valid_to + DAY, "valid_to", valid_to)
