"""What the workforce desks look at: who works where, what they hold, and what the gate refused."""

from projections.workforce.credentials import (
    ExpiringCredential,
    credential_figures,
    credential_list,
    expiring_credentials,
)
from projections.workforce.gate import gate_overrides, gate_refusals
from projections.workforce.requirements import requirement_list
from projections.workforce.screening import exclusion_screenings
from projections.workforce.staff import AssignmentEnding, assignments_ending, staff_directory

__all__ = [
    "AssignmentEnding",
    "ExpiringCredential",
    "assignments_ending",
    "credential_figures",
    "credential_list",
    "exclusion_screenings",
    "expiring_credentials",
    "gate_overrides",
    "gate_refusals",
    "requirement_list",
    "staff_directory",
]
