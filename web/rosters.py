"""Routes of rosters and schedules: shifts, who is on them, and people's time."""

from domain.workforce import (
    attendance,
    borrowing,
    leave,
    loan,
    patient_days,
    roster_changes,
    roster_planning,
    roster_publication,
    schedule,
    shift_feed,
    working_time,
)
from projections.workforce import (
    attendance_kept,
    attendance_list,
    awaited_shifts,
    borrowed_people,
    cover_by_week,
    coverage_gaps,
    hours_worked,
    leave_calendar,
    loan_balance,
    loan_list,
    missed_shifts,
    my_shifts,
    nursing_hours,
    nursing_targets,
    overtime_forecast,
    roster_board,
    roster_list,
    rostering_terms,
    shift_feeds,
    swaps_to_decide,
    working_time_limits,
)
from web.api import Does, Lists, Row, Shows, Sums

FACILITY = "/facilities/<uuid:facility_id>"
DEPARTMENT = "/departments/<uuid:department_id>"
STAFF_MEMBER = "/staff/<uuid:staff_id>"
AT_FACILITY = f"{FACILITY}/staff/<uuid:staff_id>"
ROSTER = "/rosters/<uuid:roster_id>"
LOAN = "/loans/<uuid:loan_id>"

TIME: tuple[Row, ...] = (
    Does(f"{FACILITY}/working-time-limits", working_time.AdoptLimits),
    Does(f"{AT_FACILITY}/rostering-terms", schedule.AgreeTerms),
    Lists(f"{FACILITY}/working-time-limits", working_time_limits),
    Lists("/system/working-time-limits", working_time_limits),
    Lists(f"{FACILITY}/rostering-terms", rostering_terms),
    Lists("/system/rostering-terms", rostering_terms),
    Lists(f"{STAFF_MEMBER}/shifts", my_shifts),
    Lists(f"{FACILITY}/shifts", my_shifts),
    Does(f"{AT_FACILITY}/leaves", leave.GrantLeave),
    Does(f"{AT_FACILITY}/leave-endings", leave.EndLeave),
    Lists(f"{FACILITY}/leaves", leave_calendar),
    Does(f"{AT_FACILITY}/shift-feed-revocation", shift_feed.RevokeFeed),
    Lists(f"{FACILITY}/shift-feeds", shift_feeds),
    Lists(f"{FACILITY}/overtime-forecast", overtime_forecast),
    Lists("/system/overtime-forecast", overtime_forecast),
)

ROSTERS: tuple[Row, ...] = (
    Does(f"{FACILITY}/rosters", roster_publication.DraftRoster),
    Does(f"{ROSTER}/plan", roster_planning.PlanShifts),
    Does(f"{ROSTER}/assignments", roster_planning.AssignShift),
    Does(f"{ROSTER}/unassignments", roster_planning.UnassignShift),
    Does(f"{ROSTER}/withdrawals", roster_planning.WithdrawShift),
    Does(f"{ROSTER}/publication", roster_publication.PublishRoster),
    Does(f"{ROSTER}/closure", roster_publication.CloseRoster),
    Does(f"{ROSTER}/call-outs", roster_changes.CallOut),
    Does(f"{ROSTER}/offers", roster_changes.OfferShift),
    Does(f"{ROSTER}/offer-withdrawals", roster_changes.WithdrawOffer),
    Does(f"{ROSTER}/takings", roster_changes.TakeShift),
    Does(f"{ROSTER}/swaps", roster_changes.ProposeSwap),
    Does(f"{ROSTER}/swap-acceptances", roster_changes.AcceptSwap),
    Does(f"{ROSTER}/swap-endings", roster_changes.EndSwap),
    Lists(f"{FACILITY}/rosters", roster_list),
    Lists("/system/rosters", roster_list),
    Shows(ROSTER, roster_list, "roster_id"),
    Lists(f"{ROSTER}/shifts", roster_board),
    Lists(f"{DEPARTMENT}/roster-board", roster_board),
    Lists(f"{FACILITY}/roster-board", roster_board),
    Lists(f"{FACILITY}/coverage-gaps", coverage_gaps),
    Lists("/system/coverage-gaps", coverage_gaps),
    Sums(f"{FACILITY}/cover-by-week", cover_by_week),
    Sums("/system/cover-by-week", cover_by_week),
    Lists(f"{FACILITY}/swaps", swaps_to_decide),
)

LOANS: tuple[Row, ...] = (
    Does(f"{FACILITY}/loans", loan.OfferLoan),
    Does(f"{LOAN}/withdrawal", loan.WithdrawLoan),
    Does(f"{LOAN}/ending", loan.EndLoan),
    Does(f"{FACILITY}/loans/<uuid:loan_id>/acceptance", borrowing.AcceptLoan),
    Does(f"{FACILITY}/loans/<uuid:loan_id>/refusal", borrowing.DeclineLoan),
    Does(f"{LOAN}/return", borrowing.ReturnLoan),
    Lists(f"{FACILITY}/loans", loan_list),
    Lists("/system/loans", loan_list),
    Lists(f"{FACILITY}/borrowed-people", borrowed_people),
    Sums(f"{FACILITY}/loan-balance", loan_balance),
    Sums("/system/loan-balance", loan_balance),
)

ATTENDANCE: tuple[Row, ...] = (
    Does(f"{AT_FACILITY}/clock-ins", attendance.ClockIn),
    Does(f"{AT_FACILITY}/clock-outs", attendance.ClockOut),
    Does(f"{AT_FACILITY}/attendances", attendance.RecordAttendance),
    Does(f"{AT_FACILITY}/attendance-reversals", attendance.ReverseAttendance),
    Does(f"{AT_FACILITY}/missed-shifts", attendance.MissShift),
    Does(f"{FACILITY}{DEPARTMENT}/patient-days", patient_days.EnterPatientDays),
    Does(f"{FACILITY}{DEPARTMENT}/nursing-targets", patient_days.SetNursingTarget),
    Lists(f"{FACILITY}/attendances", attendance_list),
    Lists(f"{STAFF_MEMBER}/attendances", attendance_list),
    Lists(f"{FACILITY}/attendance-kept", attendance_kept),
    Lists(f"{FACILITY}/awaited-shifts", awaited_shifts),
    Lists(f"{FACILITY}/missed-shifts", missed_shifts),
    Lists(f"{FACILITY}/hours-worked", hours_worked),
    Lists("/system/hours-worked", hours_worked),
    Sums(f"{FACILITY}/nursing-hours", nursing_hours),
    Sums("/system/nursing-hours", nursing_hours),
    Lists(f"{FACILITY}/nursing-targets", nursing_targets),
    Lists("/system/nursing-targets", nursing_targets),
)

ROUTES: tuple[Row, ...] = TIME + ROSTERS + LOANS + ATTENDANCE
