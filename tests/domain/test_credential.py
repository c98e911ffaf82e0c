"""The life of somebody's credentials, from the day they are shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from domain.kernel import Command, Release, Reserve
from domain.workforce.credentialing import (
    CorrectCredential,
    RecordCredential,
    RetractCredential,
)
from domain.workforce.events.credential import (
    CredentialCorrected,
    CredentialExpiryAnnounced,
    CredentialFileClosed,
    CredentialLapsed,
    CredentialNotConfirmed,
    CredentialRecorded,
    CredentialRenewed,
    CredentialRetracted,
)
from domain.workforce.events.held import (
    CredentialKind,
    CredentialStatus,
    FiledCredential,
    VerificationResult,
    credential_id_of,
)
from domain.workforce.expiry import AnnounceExpiry, LapseCredential
from tests.domain.credentials import (
    DAY,
    NEXT_YEAR,
    ask,
    close,
    override,
    renew,
    revoke,
    screen,
    suspend,
    the_file,
    verify,
    withdraw,
)
from tests.domain.files import (
    BOARD_OF_NURSING,
    LAST_DAY,
    LICENSE,
    recorded,
    verified,
)
from tests.domain.places import (
    FAR_FUTURE,
    HILLTOP,
    LONG_AGO,
    MARCH_1,
    NEW_YEAR,
    NURSE_BLOM,
    RIVERSIDE,
    TOMORROW_EVERYWHERE,
)
from tests.grammar import TODAY, a_closed

# --- recording -----------------------------------------------------------------------------------


record = RecordCredential(
    staff_id=NURSE_BLOM,
    facility_id=RIVERSIDE,
    kind=CredentialKind.LICENSE,
    title="RN",
    number=" 7a ",
    issuer=BOARD_OF_NURSING,
    state="ny",
    valid_from=NEW_YEAR,
    valid_to=LAST_DAY,
)


def test_a_license_is_recorded_under_its_number_and_waits_for_its_source() -> None:
    key = f"license/{BOARD_OF_NURSING.upper()}/NY/7A"
    outcome = the_file().when(record)
    outcome.records(
        Reserve("credential_number", key, "credential.number_in_use"),
        recorded(),
    )
    (held,) = outcome.then().state.held
    assert held.status is CredentialStatus.PENDING


def test_a_credential_is_recorded_once() -> None:
    the_file(recorded()).when(record).records_nothing()
    the_file(recorded()).when(replace(record, valid_to=NEXT_YEAR)).refused(
        "credential.already_recorded", credential_id=LICENSE
    )


def test_two_numbers_are_two_credentials() -> None:
    assert len(the_file(recorded()).when(replace(record, number="8")).then().state.held) == 2


def test_the_id_of_a_credential_does_not_depend_on_how_it_is_written() -> None:
    shouted = credential_id_of(
        NURSE_BLOM,
        CredentialKind.LICENSE,
        issuer=BOARD_OF_NURSING.upper(),
        title="rn",
        state="NY",
        number="7a",
    )
    assert shouted == LICENSE


def test_a_life_support_card_needs_neither_number_nor_state() -> None:
    card = replace(record, kind=CredentialKind.LIFE_SUPPORT, title="BLS", number=None, state=None)
    the_file().when(card).records_a(CredentialRecorded, number=None, state=None, title="BLS")


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"number": None}, "credential.number", "number"),
        ({"number": "!"}, "credential.number", "number"),
        ({"kind": CredentialKind.DEA, "number": "AB1234567"}, "credential.number", "number"),
        ({"state": "New York"}, "credential.state", "state"),
        ({"issuer": " "}, "credential.text", "issuer"),
        ({"title": "x" * 101}, "credential.text", "title"),
        ({"valid_from": LONG_AGO}, "credential.date", "valid_from"),
        ({"valid_to": FAR_FUTURE}, "credential.date", "valid_to"),
        ({"valid_to": NEW_YEAR - DAY}, "credential.date_order", "valid_to"),
        ({"facility_id": HILLTOP}, "staff_member.unknown", "staff_id"),
        ({"staff_id": UUID(int=5)}, "staff_member.unknown", "staff_id"),
    ],
    ids=str,
)
def test_what_cannot_be_a_credential_is_refused(
    wrong: dict[str, object], code: str, field: str
) -> None:
    the_file().when(replace(record, **wrong)).refused(code, field=field)  # type: ignore[arg-type]


def test_a_dea_registration_has_its_check_digit() -> None:
    dea = replace(record, kind=CredentialKind.DEA, number="ab1234563", state=None)
    the_file().when(dea).records_a(CredentialRecorded, number="AB1234563")


# --- verifying -----------------------------------------------------------------------------------


def test_its_source_confirms_a_license_and_it_is_active() -> None:
    outcome = the_file(recorded()).when(verify)
    outcome.records(verified())
    outcome.then().when(verify).records_nothing()
    assert outcome.then().state.held[0].status is CredentialStatus.ACTIVE


def test_what_the_source_does_not_confirm_any_more_is_pending() -> None:
    doubted = replace(verify, verified_on=MARCH_1, result=VerificationResult.NOT_CONFIRMED)
    outcome = the_file(recorded(), verified()).when(doubted)
    outcome.records_a(
        CredentialNotConfirmed,
        status_before=CredentialStatus.ACTIVE,
        status_after=CredentialStatus.PENDING,
    )
    outcome.then().when(doubted).records_nothing()
    outcome.then().when(replace(verify, verified_on=TODAY)).records_a(
        type(verified()), status_after=CredentialStatus.ACTIVE
    )


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"verified_on": TOMORROW_EVERYWHERE}, "credential.date"),
        ({"verified_by": ""}, "credential.text"),
        ({"source": ""}, "credential.text"),
        ({"credential_id": UUID(int=5)}, "credential.unknown"),
    ],
    ids=str,
)
def test_a_verification_says_who_asked_whom_and_when(wrong: dict[str, object], code: str) -> None:
    the_file(recorded()).when(replace(verify, **wrong)).refused(code)  # type: ignore[arg-type]


# --- renewing and correcting ---------------------------------------------------------------------


def test_a_renewed_license_is_to_be_verified_in_its_turn() -> None:
    outcome = the_file(recorded(), verified()).when(renew)
    outcome.records_a(
        CredentialRenewed,
        status_before=CredentialStatus.ACTIVE,
        status_after=CredentialStatus.PENDING,
        number="7A",
    )
    outcome.then().when(renew).records_nothing()
    (held,) = outcome.then().state.held
    assert [each.verified for each in held.terms] == [True, False]
    again = outcome.then().when(replace(verify, verified_on=MARCH_1)).then()
    assert again.state.held[0].status is CredentialStatus.ACTIVE


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"valid_from": NEW_YEAR, "valid_to": NEXT_YEAR}, "credential.date_order", "valid_from"),
        ({"valid_from": MARCH_1, "valid_to": LAST_DAY}, "credential.date_order", "valid_to"),
        ({"valid_to": FAR_FUTURE}, "credential.date", "valid_to"),
    ],
    ids=str,
)
def test_a_term_follows_the_one_before(wrong: dict[str, object], code: str, field: str) -> None:
    the_file(recorded()).when(replace(renew, **wrong)).refused(code, field=field)  # type: ignore[arg-type]


def test_what_has_no_end_is_not_renewed() -> None:
    the_file(recorded(valid_to=None)).when(renew).refused("credential.does_not_expire")


correct = CorrectCredential(
    staff_id=NURSE_BLOM,
    credential_id=LICENSE,
    valid_from=NEW_YEAR,
    valid_to=NEXT_YEAR,
    corrected_on=MARCH_1,
    reason="the card says 2027",
)


def test_dates_that_were_written_down_wrongly_are_put_right_and_verified_again() -> None:
    outcome = the_file(recorded(), verified()).when(correct)
    outcome.records_a(
        CredentialCorrected,
        was_valid_to=LAST_DAY,
        valid_to=NEXT_YEAR,
        status_after=CredentialStatus.PENDING,
    )
    outcome.then().when(correct).records_nothing()


def test_a_corrected_term_still_follows_the_one_before() -> None:
    renewed = the_file(recorded()).when(renew).then()
    renewed.when(correct).refused("credential.date_order", field="valid_from")
    renewed.when(replace(correct, valid_from=LAST_DAY + DAY, valid_to=None)).records_a(
        CredentialCorrected, valid_to=None
    )
    the_file(recorded()).when(replace(correct, reason=" ")).refused("credential.text")
    the_file(recorded()).when(replace(correct, corrected_on=TOMORROW_EVERYWHERE)).refused(
        "credential.date"
    )


retract = RetractCredential(
    staff_id=NURSE_BLOM, credential_id=LICENSE, retracted_on=MARCH_1, reason="a namesake's"
)


def test_what_nobody_holds_is_taken_out_and_its_number_is_free() -> None:
    outcome = the_file(recorded()).when(retract)
    key = f"license/{BOARD_OF_NURSING.upper()}/NY/7A"
    assert outcome.decided[0] == Release("credential_number", key)
    outcome.records_a(CredentialRetracted, status_before=CredentialStatus.PENDING)
    assert outcome.then().state.held == ()
    outcome.then().when(retract).refused("credential.unknown")


def test_a_card_without_a_number_is_taken_out_too() -> None:
    card = replace(recorded(), number=None)
    (fact,) = the_file(card).when(retract).decided
    assert isinstance(fact, CredentialRetracted)


# --- the end -------------------------------------------------------------------------------------


def announce(days: int, on: date) -> AnnounceExpiry:
    return AnnounceExpiry(
        staff_id=NURSE_BLOM,
        credential_id=LICENSE,
        valid_to=LAST_DAY,
        days=days,
        announced_on=on,
    )


lapse = LapseCredential(staff_id=NURSE_BLOM, credential_id=LICENSE, valid_to=LAST_DAY)
THE_DAY_AFTER = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)


def test_the_end_of_a_license_is_announced_three_times_and_each_time_once() -> None:
    file = the_file(recorded(), verified())
    for days, status in (
        (90, CredentialStatus.EXPIRING_90),
        (60, CredentialStatus.EXPIRING_60),
        (30, CredentialStatus.EXPIRING_30),
    ):
        outcome = file.when(announce(days, LAST_DAY - timedelta(days=days)))
        outcome.records_a(CredentialExpiryAnnounced, days=days, status_after=status)
        file = outcome.then()
        file.when(announce(days, LAST_DAY)).records_nothing()
    file.when(announce(60, LAST_DAY)).records_nothing()


def test_a_reminder_has_its_time() -> None:
    file = the_file(recorded(), verified())
    file.when(announce(45, LAST_DAY)).refused("credential.days", field="days")
    file.when(announce(30, LAST_DAY - timedelta(days=31))).refused("credential.not_due")
    file.when(announce(30, TOMORROW_EVERYWHERE)).refused("credential.date")


def test_a_license_lapses_when_its_last_day_has_passed_everywhere_on_earth_it_could_have() -> None:
    file = the_file(recorded(), verified())
    file.at(datetime(2026, 3, 14, 9, 0, tzinfo=UTC)).when(lapse).refused("credential.date")
    outcome = file.at(THE_DAY_AFTER).when(lapse)
    outcome.records_a(CredentialLapsed, status_after=CredentialStatus.EXPIRED)
    outcome.then().when(lapse).records_nothing()


def test_what_was_renewed_meanwhile_is_left_alone() -> None:
    renewed = the_file(recorded(), verified()).when(renew).then().at(THE_DAY_AFTER)
    renewed.when(announce(30, LAST_DAY)).records_nothing()
    renewed.when(lapse).records_nothing()


def test_what_lapsed_can_be_renewed_and_is_reminded_of_again() -> None:
    lapsed = the_file(recorded(), verified()).at(THE_DAY_AFTER).when(lapse).then()
    lapsed.when(renew).records_a(
        CredentialRenewed,
        status_before=CredentialStatus.EXPIRED,
        status_after=CredentialStatus.PENDING,
    )


def test_nobody_is_reminded_of_what_was_revoked_or_retracted_or_of_somebody_who_left() -> None:
    revoked = the_file(recorded()).when(revoke).then()
    closed = the_file(recorded()).when(close).then()
    retracted = the_file(recorded()).when(retract).then()
    for file in (revoked, closed, retracted):
        file.when(announce(90, LAST_DAY)).records_nothing()


# --- leaving -------------------------------------------------------------------------------------


def test_when_somebody_leaves_their_file_is_closed() -> None:
    outcome = the_file(recorded(), verified()).when(close)
    outcome.records(
        CredentialFileClosed(
            staff_id=NURSE_BLOM,
            facility_id=RIVERSIDE,
            closed_on=MARCH_1,
            credentials=(
                FiledCredential(
                    credential_id=LICENSE,
                    kind=CredentialKind.LICENSE,
                    status=CredentialStatus.ACTIVE,
                ),
            ),
        )
    )
    outcome.then().when(close).records_nothing()
    the_file().when(close).records_nothing()
    the_file(recorded()).when(replace(close, closed_on=TOMORROW_EVERYWHERE)).refused(
        "credential.date"
    )


@pytest.mark.parametrize(
    "command", [record, verify, renew, suspend, withdraw, screen, override, ask], ids=str
)
def test_nothing_more_goes_into_a_file_that_is_closed(command: Command) -> None:
    the_file(recorded()).when(close).then().when(command).refused("credential.file_closed")


def test_who_left_gets_no_file_any_more() -> None:
    left = a_closed("staff_member", NURSE_BLOM, facility_id=RIVERSIDE)
    the_file().knowing(left).when(record).refused("staff_member.not_open")
