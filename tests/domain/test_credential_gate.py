"""What closes the gate to somebody's work, who answers for opening it, and what it found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from domain.workforce.events.credential import (
    CredentialOverridden,
    CredentialOverrideWithdrawn,
    CredentialReinstated,
    CredentialRevoked,
    CredentialScreened,
    CredentialStanding,
    CredentialSuspended,
    GateRefused,
)
from domain.workforce.events.held import (
    CredentialStatus,
    FindingCode,
    ScreeningResult,
    Span,
    credentials_of,
)
from domain.workforce.sanctions import (
    ReinstateCredential,
)
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
    LICENSE,
    NURSE,
    a_requirement,
    recorded,
    the_file_of_the_nurse,
    verified,
    what_is_required,
)
from tests.domain.places import (
    DR_ADEYEMI,
    FAR_FUTURE,
    FEBRUARY_1,
    HILLTOP,
    LONG_AGO,
    MARCH_1,
    NURSE_BLOM,
    RIVERSIDE,
    TOMORROW_EVERYWHERE,
)
from tests.grammar import TODAY

# --- sanctions -----------------------------------------------------------------------------------


reinstate = ReinstateCredential(staff_id=NURSE_BLOM, credential_id=LICENSE, reinstated_on=MARCH_1)


def test_a_license_is_suspended_and_reinstated() -> None:
    file = the_file(recorded(), verified())
    file.when(reinstate).records_nothing()
    suspended = file.when(suspend)
    suspended.records_a(CredentialSuspended, status_after=CredentialStatus.SUSPENDED)
    suspended.then().when(suspend).records_nothing()
    back = suspended.then().when(reinstate)
    back.records_a(CredentialReinstated, status_after=CredentialStatus.ACTIVE)
    (held,) = back.then().state.held
    assert held.suspensions == (Span(since=FEBRUARY_1, until=MARCH_1 - DAY),)
    back.then().when(suspend).refused("credential.date_order", field="suspended_on")
    again = back.then().when(replace(suspend, suspended_on=MARCH_1)).then()
    assert len(again.state.held[0].suspensions) == 2


def test_a_suspension_takes_a_day_at_least() -> None:
    suspended = the_file(recorded()).when(suspend).then()
    suspended.when(replace(reinstate, reinstated_on=FEBRUARY_1)).refused(
        "credential.date_order", field="reinstated_on"
    )


def test_what_is_revoked_is_gone_for_good() -> None:
    outcome = the_file(recorded(), verified()).when(revoke)
    outcome.records_a(CredentialRevoked, status_after=CredentialStatus.REVOKED)
    outcome.then().when(revoke).records_nothing()
    for command in (renew, verify, suspend, replace(revoke, revoked_on=FEBRUARY_1)):
        outcome.then().when(command).refused("credential.was_revoked", revoked_on=MARCH_1)


found = replace(screen, screened_on=MARCH_1, result=ScreeningResult.EXCLUDED)


def test_somebody_is_looked_for_on_the_list_of_the_excluded_every_month() -> None:
    outcome = the_file().when(screen)
    outcome.records_a(CredentialScreened, source="OIG LEIE", result=ScreeningResult.CLEAR)
    outcome.then().when(screen).records_nothing()
    assert outcome.then().state.exclusions == ()


def test_an_exclusion_lasts_until_a_screening_is_clear_again() -> None:
    excluded = the_file().when(screen).then().when(found).then()
    assert excluded.state.exclusions == (Span(since=MARCH_1),)
    still = excluded.when(replace(found, screened_on=MARCH_1 + DAY)).then()
    assert still.state.exclusions == (Span(since=MARCH_1),)
    clear = still.when(replace(screen, screened_on=TODAY)).then()
    assert clear.state.exclusions == (Span(since=MARCH_1, until=TODAY - DAY),)


def test_screenings_are_told_in_their_order() -> None:
    the_file().when(found).then().when(screen).refused("credential.date_order")
    the_file().when(replace(screen, source="")).refused("credential.text", field="source")
    the_file().when(replace(screen, screened_on=TOMORROW_EVERYWHERE)).refused("credential.date")


# --- overrides -----------------------------------------------------------------------------------


def test_somebody_answers_for_it_that_she_works_all_the_same() -> None:
    outcome = the_file().when(override)
    outcome.records_a(
        CredentialOverridden, work_facility_id=RIVERSIDE, approver_staff_id=DR_ADEYEMI
    )
    outcome.then().when(override).records_nothing()
    elsewhere = replace(override, work_facility_id=HILLTOP)
    outcome.then().when(elsewhere).records_a(CredentialOverridden, work_facility_id=HILLTOP)


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"finding": FindingCode.REVOKED}, "credential.not_overridable", "finding"),
        ({"finding": FindingCode.EXCLUDED}, "credential.not_overridable", "finding"),
        ({"approver_staff_id": NURSE_BLOM}, "credential.own_approval", "approver_staff_id"),
        ({"approver_staff_id": UUID(int=5)}, "staff_member.unknown", "approver_staff_id"),
        ({"valid_to": TODAY + 31 * DAY}, "credential.override_too_long", "valid_to"),
        ({"valid_to": TODAY - DAY}, "credential.date_order", "valid_to"),
        ({"valid_from": LONG_AGO}, "credential.date", "valid_from"),
        ({"valid_to": FAR_FUTURE}, "credential.date", "valid_to"),
        ({"reason": ""}, "credential.text", "reason"),
        ({"work_facility_id": UUID(int=5)}, "facility.unknown", "work_facility_id"),
    ],
    ids=str,
)
def test_an_override_has_its_limits(wrong: dict[str, object], code: str, field: str) -> None:
    the_file().when(replace(override, **wrong)).refused(code, field=field)  # type: ignore[arg-type]


def test_an_override_is_withdrawn_from_a_day_on_and_once() -> None:
    overridden = (
        the_file().when(override).then().when(replace(override, work_facility_id=HILLTOP)).then()
    )
    outcome = overridden.when(withdraw)
    outcome.records_a(CredentialOverrideWithdrawn, work_facility_id=RIVERSIDE)
    outcome.then().when(withdraw).records_nothing()
    assert [each.valid_to for each in outcome.then().state.overrides] == [TODAY - DAY, TODAY + DAY]
    overridden.when(replace(withdraw, override_id=UUID(int=5))).refused(
        "credential.override_unknown"
    )
    overridden.when(replace(withdraw, withdrawn_on=TOMORROW_EVERYWHERE)).refused("credential.date")


# --- at the gate ---------------------------------------------------------------------------------


def test_what_the_gate_refuses_is_put_on_record() -> None:
    file = the_file(recorded(), verified()).knowing(what_is_required(a_requirement()))
    outcome = file.when(ask)
    outcome.records_a(GateRefused, work_from=TODAY, work_to=TODAY + DAY, job=NURSE)
    (refused,) = outcome.decided
    assert isinstance(refused, GateRefused)
    assert [each.code for each in refused.findings] == [FindingCode.EXPIRES_DURING]
    outcome.then().when(ask).records_nothing()


def test_each_piece_of_work_is_refused_once_until_something_else_is_in_its_way() -> None:
    file = the_file(recorded(), verified()).knowing(what_is_required(a_requirement()))
    days = [
        replace(ask, begins_at=ask.begins_at + each * DAY, ends_at=ask.ends_at + each * DAY)
        for each in range(1, 4)
    ]
    for each in days:
        outcome = file.when(each)
        outcome.records_a(GateRefused)
        file = outcome.then()
    for each in days:
        file.when(each).records_nothing()
    file = file.when(suspend).then()
    for each in days:
        outcome = file.when(each)
        outcome.records_a(GateRefused, work_from=each.begins_at.date())
        file = outcome.then()
    assert len(file.state.refused) == len(days)


def test_nothing_is_recorded_where_the_gate_is_open() -> None:
    the_file(recorded(), verified()).when(ask).records_nothing()
    good = the_file(recorded(NEXT_YEAR), verified(NEXT_YEAR))
    good.knowing(what_is_required(a_requirement())).when(ask).records_nothing()


def test_with_an_override_the_gate_is_open() -> None:
    late = replace(override, finding=FindingCode.EXPIRES_DURING)
    overridden = the_file(recorded(), verified()).when(late).then()
    overridden.knowing(what_is_required(a_requirement())).when(ask).records_nothing()


def test_who_has_no_file_at_all_is_refused_too() -> None:
    file = the_file().knowing(what_is_required(a_requirement()))
    (refused,) = file.when(replace(ask, work_facility_id=HILLTOP)).decided
    assert isinstance(refused, GateRefused)
    assert refused.work_facility_id == HILLTOP
    assert [each.code for each in refused.findings] == [FindingCode.MISSING]


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"ends_at": ask.begins_at}, "credential.work_period", "ends_at"),
        ({"ends_at": ask.begins_at + 32 * DAY}, "credential.work_period", "ends_at"),
        ({"begins_at": datetime(1800, 1, 1, tzinfo=UTC)}, "credential.date", "begins_at"),
        ({"ends_at": datetime(9000, 1, 1, tzinfo=UTC)}, "credential.date", "ends_at"),
        ({"job": ""}, "credential.text", "job"),
        ({"department_kind": ""}, "credential.text", "department_kind"),
        ({"work_facility_id": UUID(int=5)}, "facility.unknown", "work_facility_id"),
    ],
    ids=str,
)
def test_the_gate_is_asked_about_a_piece_of_work(
    wrong: dict[str, object], code: str, field: str
) -> None:
    the_file().when(replace(ask, **wrong)).refused(code, field=field)  # type: ignore[arg-type]


# --- what others may know ------------------------------------------------------------------------


def test_the_standing_of_a_file_tells_what_is_in_it() -> None:
    state = the_file(recorded(), verified()).when(screen).then()
    standing = the_file_of_the_nurse(*state.facts)  # type: ignore[arg-type]
    assert isinstance(standing, CredentialStanding)
    assert standing.id == credentials_of(NURSE_BLOM)
    assert [each.credential_id for each in standing.credentials] == [LICENSE]
    assert (standing.open, standing.screened_on) == (True, FEBRUARY_1)
    closed = the_file_of_the_nurse(*state.when(close).then().facts)  # type: ignore[arg-type]
    assert (closed.open, closed.status) == (False, "closed")
