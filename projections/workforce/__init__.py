"""What the workforce desks look at: who works where, what they hold, and what the gate refused."""

from projections.workforce.credentials import (
    ExpiringCredential,
    credential_figures,
    credential_list,
    expiring_credentials,
)
from projections.workforce.education import education_credits, education_shortfall
from projections.workforce.evaluations import evaluation_goals, evaluation_list, evaluations_due
from projections.workforce.gate import gate_overrides, gate_refusals
from projections.workforce.grievances import grievance_list
from projections.workforce.positions import position_list, staffing, turnover
from projections.workforce.requirements import requirement_list
from projections.workforce.screening import exclusion_screenings
from projections.workforce.staff import AssignmentEnding, assignments_ending, staff_directory

__all__ = [
    "AssignmentEnding",
    "ExpiringCredential",
    "assignments_ending",
    "credential_figures",
    "credential_list",
    "education_credits",
    "education_shortfall",
    "evaluation_goals",
    "evaluation_list",
    "evaluations_due",
    "exclusion_screenings",
    "expiring_credentials",
    "gate_overrides",
    "gate_refusals",
    "grievance_list",
    "position_list",
    "requirement_list",
    "staff_directory",
    "staffing",
    "turnover",
]
