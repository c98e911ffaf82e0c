"""What is done with somebody's credentials, as the tests of them tell it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from domain.workforce.credential import Credentials
from domain.workforce.credentialing import (
    CloseCredentialFile,
    RenewCredential,
    VerifyCredential,
)
from domain.workforce.events.held import (
    CredentialKind,
    FindingCode,
    ScreeningResult,
)
from domain.workforce.overrides import (
    AskAtGate,
    OverrideFinding,
    WithdrawOverride,
    override_id_of,
)
from domain.workforce.sanctions import (
    RevokeCredential,
    ScreenForExclusion,
    SuspendCredential,
)
from tests.domain.files import (
    LAST_DAY,
    LICENSE,
    NURSE,
    the_doctor_works_here,
    the_nurse_works_here,
)
from tests.domain.places import (
    DR_ADEYEMI,
    FEBRUARY_1,
    MARCH_1,
    NURSE_BLOM,
    RIVERSIDE,
    hilltop_is_open,
    riverside_is_open,
)
from tests.grammar import TODAY, Given, given

DAY = timedelta(days=1)
NEXT_YEAR = date(2027, 3, 14)


def the_file(*facts: object) -> Given:
    """A file of the nurse, who works at Riverside; both houses are open."""
    return given(Credentials, *facts).knowing(  # type: ignore[arg-type]
        the_nurse_works_here(), the_doctor_works_here(), riverside_is_open(), hilltop_is_open()
    )


verify = VerifyCredential(
    staff_id=NURSE_BLOM,
    credential_id=LICENSE,
    verified_on=FEBRUARY_1,
    verified_by="Medical staff office",
    source="Nursys",
)


renew = RenewCredential(
    staff_id=NURSE_BLOM, credential_id=LICENSE, valid_from=LAST_DAY + DAY, valid_to=NEXT_YEAR
)


suspend = SuspendCredential(
    staff_id=NURSE_BLOM, credential_id=LICENSE, suspended_on=FEBRUARY_1, reason="board order"
)


revoke = RevokeCredential(
    staff_id=NURSE_BLOM, credential_id=LICENSE, revoked_on=MARCH_1, reason="board order"
)


screen = ScreenForExclusion(
    staff_id=NURSE_BLOM,
    facility_id=RIVERSIDE,
    screened_on=FEBRUARY_1,
    result=ScreeningResult.CLEAR,
)


override = OverrideFinding(
    staff_id=NURSE_BLOM,
    facility_id=RIVERSIDE,
    finding=FindingCode.EXPIRED,
    kind=CredentialKind.LICENSE,
    valid_from=TODAY,
    valid_to=TODAY + DAY,
    reason="the board is late, the renewal is paid",
    approver_staff_id=DR_ADEYEMI,
)


withdraw = WithdrawOverride(
    staff_id=NURSE_BLOM,
    override_id=override_id_of(override),
    withdrawn_on=TODAY,
    reason="the renewal was refused",
)


ask = AskAtGate(
    staff_id=NURSE_BLOM,
    facility_id=RIVERSIDE,
    job=NURSE,
    begins_at=datetime(2026, 3, 14, 23, 0, tzinfo=UTC),
    ends_at=datetime(2026, 3, 15, 11, 0, tzinfo=UTC),
    department_kind="emergency",
)


close = CloseCredentialFile(staff_id=NURSE_BLOM, closed_on=MARCH_1)
