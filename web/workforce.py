"""Routes of the workforce: the people who work in facilities, what they hold, what is required."""

from domain.workforce import (
    assignment,
    credential_requirements,
    credentialing,
    education,
    employment,
    evaluation,
    grievance,
    overrides,
    particulars,
    position,
    sanctions,
    staff_member,
)
from projections.workforce import (
    assignments_ending,
    credential_figures,
    credential_list,
    education_credits,
    education_shortfall,
    evaluation_goals,
    evaluation_list,
    evaluations_due,
    exclusion_screenings,
    expiring_credentials,
    gate_overrides,
    gate_refusals,
    grievance_list,
    position_list,
    requirement_list,
    staff_directory,
    staffing,
    turnover,
)
from web.api import Does, Lists, Row, Shows, Sums

FACILITY = "/facilities/<uuid:facility_id>"
STAFF_MEMBER = "/staff/<uuid:staff_id>"
AT_HOME = f"{FACILITY}/staff/<uuid:staff_id>"
CREDENTIAL = f"{STAFF_MEMBER}/credentials/<uuid:credential_id>"

PEOPLE: tuple[Row, ...] = (
    Does(f"{FACILITY}/staff", staff_member.RegisterStaffMember),
    Does(f"{STAFF_MEMBER}/name", particulars.ChangeName),
    Does(f"{STAFF_MEMBER}/job", particulars.ChangeJob),
    Does(f"{STAFF_MEMBER}/specialty", particulars.ChangeSpecialty),
    Does(f"{STAFF_MEMBER}/npi", particulars.RecordNpi),
    Does(f"{STAFF_MEMBER}/assignments", assignment.AssignStaffMember),
    Does(f"{STAFF_MEMBER}/assignment-endings", assignment.EndAssignment),
    Does(f"{STAFF_MEMBER}/onboarding", employment.CompleteOnboarding),
    Does(f"{STAFF_MEMBER}/leaves", employment.BeginLeave),
    Does(f"{STAFF_MEMBER}/returns", employment.ReturnFromLeave),
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

POSITION = "/positions/<uuid:position_id>"
EVALUATION = "/evaluations/<uuid:evaluation_id>"
GRIEVANCE = "/grievances/<uuid:grievance_id>"

POSITIONS: tuple[Row, ...] = (
    Does(f"{FACILITY}/positions", position.BudgetPosition),
    Does(f"{POSITION}/budget", position.RebudgetPosition),
    Does(f"{POSITION}/fillings", position.FillPosition),
    Does(f"{POSITION}/vacancies", position.VacatePosition),
    Does(f"{POSITION}/abolition", position.AbolishPosition),
    Lists(f"{FACILITY}/positions", position_list),
    Lists("/system/positions", position_list),
    Sums(f"{FACILITY}/staffing", staffing),
    Sums("/system/staffing", staffing),
    Sums(f"{FACILITY}/turnover", turnover),
    Sums("/system/turnover", turnover),
)

DEVELOPMENT: tuple[Row, ...] = (
    Does(f"{FACILITY}/evaluations", evaluation.DraftEvaluation),
    Does(f"{EVALUATION}/goals", evaluation.SetEvaluationGoal),
    Does(f"{EVALUATION}/goal-assessments", evaluation.AssessEvaluationGoal),
    Does(f"{EVALUATION}/submission", evaluation.SubmitEvaluation),
    Does(f"{EVALUATION}/return", evaluation.ReturnEvaluation),
    Does(f"{EVALUATION}/acknowledgement", evaluation.AcknowledgeEvaluation),
    Lists(f"{FACILITY}/evaluations", evaluation_list),
    Lists("/system/evaluations", evaluation_list),
    Shows(EVALUATION, evaluation_list, "evaluation_id"),
    Lists(f"{EVALUATION}/goals", evaluation_goals),
    Lists(f"{FACILITY}/evaluation-goals", evaluation_goals),
    Lists(f"{FACILITY}/evaluations-due", evaluations_due),
    Lists("/system/evaluations-due", evaluations_due),
    Does(f"{AT_HOME}/education-requirements", education.RequireEducation),
    Does(f"{AT_HOME}/education-credits", education.EarnCredits),
    Does(f"{STAFF_MEMBER}/education-reversals", education.ReverseCredits),
    Does(f"{STAFF_MEMBER}/education-waivers", education.WaiveEducation),
    Lists(f"{FACILITY}/education-credits", education_credits),
    Lists("/system/education-credits", education_credits),
    Lists(f"{FACILITY}/education-shortfall", education_shortfall),
    Lists("/system/education-shortfall", education_shortfall),
    Does(f"{FACILITY}/grievances", grievance.FileGrievance),
    Does(f"{GRIEVANCE}/investigations", grievance.InvestigateGrievance),
    Does(f"{GRIEVANCE}/resolution", grievance.ResolveGrievance),
    Does(f"{GRIEVANCE}/withdrawal", grievance.WithdrawGrievance),
    Lists(f"{FACILITY}/grievances", grievance_list),
    Lists("/system/grievances", grievance_list),
    Shows(GRIEVANCE, grievance_list, "grievance_id"),
)

ROUTES = PEOPLE + CREDENTIALS + GATE + POSITIONS + DEVELOPMENT
