"""Who was looked for on the list of the excluded, and when it is time again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from domain.kernel import Recorded
from domain.workforce.events.credential import CredentialFileClosed, CredentialScreened
from domain.workforce.events.held import ScreeningResult
from domain.workforce.events.staff import StaffMemberRegistered, StaffMemberSeparated
from projections.kernel import ReadModel
from projections.rows import replace

EVERY = timedelta(days=31)
"""People are screened every month (c), and before they begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionScreening:
    """Somebody who has not left, with their last screening. `due_on`: it is time by then."""

    facility_id: UUID
    staff_id: UUID
    due_on: date
    screened_on: date | None
    result: ScreeningResult | None
    source: str | None


exclusion_screenings = ReadModel(
    "exclusion_screenings",
    row=ExclusionScreening,
    key="staff_id",
    order="due_on",
    local=True,
    desk="the compliance office: who is to be looked for on the lists of the excluded, by when",
)


@exclusion_screenings.on(StaffMemberRegistered)
def registered(
    row: ExclusionScreening | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[StaffMemberRegistered],
) -> ExclusionScreening | None:
    fact = event.fact
    return ExclusionScreening(
        facility_id=fact.facility_id,
        staff_id=fact.staff_id,
        due_on=fact.registered_on,
        screened_on=None,
        result=None,
        source=None,
    )


@exclusion_screenings.on(CredentialScreened)
def screened(
    row: ExclusionScreening | None, event: Recorded[CredentialScreened]
) -> ExclusionScreening | None:
    fact = event.fact
    return row and replace(
        row,
        due_on=fact.screened_on + EVERY,
        screened_on=fact.screened_on,
        result=fact.result,
        source=fact.source,
    )


@exclusion_screenings.on(StaffMemberSeparated, CredentialFileClosed)
def left(
    row: ExclusionScreening | None,  # noqa: ARG001
    event: Recorded[StaffMemberSeparated] | Recorded[CredentialFileClosed],  # noqa: ARG001
) -> ExclusionScreening | None:
    return None
