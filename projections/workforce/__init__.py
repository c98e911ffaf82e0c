"""What the workforce desks look at: who works where, may do what, and is on which shift."""

from projections.workforce.attendance import (
    attendance_list,
    hours_worked,
    missed_shifts,
)
from projections.workforce.awaited import (
    AttendanceKept,
    AwaitedShift,
    attendance_kept,
    awaited_shifts,
)
from projections.workforce.coverage import cover_by_week, coverage_gaps
from projections.workforce.credential_figures import credential_figures
from projections.workforce.credentials import credential_list
from projections.workforce.education import education_credits, education_shortfall
from projections.workforce.evaluations import evaluation_goals, evaluation_list, evaluations_due
from projections.workforce.expiring import ExpiringCredential, expiring_credentials
from projections.workforce.gate import gate_overrides, gate_refusals
from projections.workforce.grievances import grievance_list
from projections.workforce.loans import borrowed_people, loan_balance, loan_list
from projections.workforce.nursing import nursing_hours, nursing_targets
from projections.workforce.positions import position_list, staffing, turnover
from projections.workforce.requirements import requirement_list
from projections.workforce.roster_board import roster_board
from projections.workforce.rosters import roster_list, swaps_to_decide
from projections.workforce.schedules import my_shifts, overtime_forecast, shift_feeds
from projections.workforce.screening import exclusion_screenings
from projections.workforce.staff import AssignmentEnding, assignments_ending, staff_directory
from projections.workforce.terms import leave_calendar, rostering_terms, working_time_limits

__all__ = [
    "AssignmentEnding",
    "AttendanceKept",
    "AwaitedShift",
    "ExpiringCredential",
    "assignments_ending",
    "attendance_kept",
    "attendance_list",
    "awaited_shifts",
    "borrowed_people",
    "cover_by_week",
    "coverage_gaps",
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
    "hours_worked",
    "leave_calendar",
    "loan_balance",
    "loan_list",
    "missed_shifts",
    "my_shifts",
    "nursing_hours",
    "nursing_targets",
    "overtime_forecast",
    "position_list",
    "requirement_list",
    "roster_board",
    "roster_list",
    "rostering_terms",
    "shift_feeds",
    "staff_directory",
    "staffing",
    "swaps_to_decide",
    "turnover",
    "working_time_limits",
]
