"""Routes of the workforce: the people who work in facilities, what they hold, what is required."""

from domain.workforce import (
    credential_requirements,
    credentialing,
    overrides,
    sanctions,
    staff_member,
)
from projections.workforce import (
    assignments_ending,
    credential_figures,
    credential_list,
    exclusion_screenings,
    expiring_credentials,
    gate_overrides,
    gate_refusals,
    requirement_list,
    staff_directory,
)
from web.api import Does, Lists, Row, Shows, Sums

FACILITY = "/facilities/<uuid:facility_id>"
STAFF_MEMBER = "/staff/<uuid:staff_id>"
AT_HOME = f"{FACILITY}/staff/<uuid:staff_id>"
CREDENTIAL = f"{STAFF_MEMBER}/credentials/<uuid:credential_id>"

PEOPLE: tuple[Row, ...] = (
    Does(f"{FACILITY}/staff", staff_member.RegisterStaffMember),
    Does(f"{STAFF_MEMBER}/specialty", staff_member.ChangeSpecialty),
    Does(f"{STAFF_MEMBER}/assignments", staff_member.AssignStaffMember),
    Does(f"{STAFF_MEMBER}/assignment-endings", staff_member.EndAssignment),
    Does(f"{STAFF_MEMBER}/separation", staff_member.SeparateStaffMember),
    Lists(f"{FACILITY}/staff", staff_directory),
    Lists("/system/staff", staff_directory),
    Shows(f"{FACILITY}/staff/<uuid:staff_id>", staff_directory, "staff_id"),
    Lists(f"{FACILITY}/assignments-ending", assignments_ending),
    Lists("/system/assignments-ending", assignments_ending),
)

CREDENTIALS: tuple[Row, ...] = (
    Does(f"{AT_HOME}/credentials", credentialing.RecordCredential),
    Does(f"{CREDENTIAL}/verifications", credentialing.VerifyCredential),
    Does(f"{CREDENTIAL}/renewals", credentialing.RenewCredential),
    Does(f"{CREDENTIAL}/corrections", credentialing.CorrectCredential),
    Does(f"{CREDENTIAL}/retraction", credentialing.RetractCredential),
    Does(f"{CREDENTIAL}/suspension", sanctions.SuspendCredential),
    Does(f"{CREDENTIAL}/reinstatement", sanctions.ReinstateCredential),
    Does(f"{CREDENTIAL}/revocation", sanctions.RevokeCredential),
    Does(f"{AT_HOME}/screenings", sanctions.ScreenForExclusion),
    Lists(f"{FACILITY}/credentials", credential_list),
    Lists("/system/credentials", credential_list),
    Lists(f"{FACILITY}/expiring-credentials", expiring_credentials),
    Lists("/system/expiring-credentials", expiring_credentials),
    Sums(f"{FACILITY}/credential-figures", credential_figures),
    Sums("/system/credential-figures", credential_figures),
    Lists(f"{FACILITY}/exclusion-screenings", exclusion_screenings),
    Lists("/system/exclusion-screenings", exclusion_screenings),
)

GATE: tuple[Row, ...] = (
    Does("/credential-requirements", credential_requirements.EstablishRequirement),
    Does(
        "/credential-requirements/<uuid:requirement_id>/ending",
        credential_requirements.EndRequirement,
    ),
    Lists("/credential-requirements", requirement_list),
    Does(f"{AT_HOME}/gate-checks", overrides.AskAtGate),
    Does(f"{AT_HOME}/gate-overrides", overrides.OverrideFinding),
    Does(
        f"{STAFF_MEMBER}/gate-overrides/<uuid:override_id>/withdrawal", overrides.WithdrawOverride
    ),
    Lists(f"{FACILITY}/gate-refusals", gate_refusals),
    Lists("/system/gate-refusals", gate_refusals),
    Lists(f"{FACILITY}/gate-overrides", gate_overrides),
    Lists("/system/gate-overrides", gate_overrides),
)

ROUTES = PEOPLE + CREDENTIALS + GATE
