"""Prior authorizations: what payers were asked, what they said, and how much is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from domain.kernel import PERSONAL, Recorded
from domain.revenue.events.authorization import (
    AuthorizationAppealed,
    AuthorizationApproved,
    AuthorizationDenied,
    AuthorizationGivenBack,
    AuthorizationPended,
    AuthorizationRequested,
    AuthorizationUsed,
)
from domain.revenue.events.claim import Code
from projections.kernel import ReadModel
from projections.rows import replace


class AuthorizationStatus(StrEnum):
    """How far an authorization has come."""

    REQUESTED = "requested"
    PENDED = "pended"
    APPROVED = "approved"
    DENIED = "denied"
    APPEALED = "appealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationEntry:
    """An authorization. `decide_by` is when the payer's clock runs out (CMS-0057-F).

    `units` are those asked for until the payer approves of others; `units_left` those that no claim
    has used. One that ends soon is found by `ends_on`, one that is used up by `units_left`.
    """

    authorization_id: UUID
    facility_id: UUID
    patient_id: Annotated[UUID, PERSONAL]
    payer_id: UUID
    procedures: tuple[Code, ...]
    status: AuthorizationStatus
    expedited: bool
    requested_at: datetime
    decide_by: datetime
    number: str | None
    units: int
    units_left: int
    begins_on: date | None
    ends_on: date | None
    said: str | None


authorization_list = ReadModel(
    "authorization_list",
    row=AuthorizationEntry,
    key="authorization_id",
    order="requested_at",
    newest_first=True,
    indexes=(("status", "ends_on"), ("status", "units_left"), ("payer_id",)),
    local=True,
    desk="authorizations: what waits for a payer, what ends soon, what is used up",
)


@authorization_list.on(AuthorizationRequested)
def requested(
    row: AuthorizationEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[AuthorizationRequested],
) -> AuthorizationEntry | None:
    fact = event.fact
    return AuthorizationEntry(
        authorization_id=fact.authorization_id,
        facility_id=fact.facility_id,
        patient_id=fact.patient_id,
        payer_id=fact.payer_id,
        procedures=fact.procedures,
        status=AuthorizationStatus.REQUESTED,
        expedited=fact.expedited,
        requested_at=fact.requested_at,
        decide_by=fact.decide_by,
        number=None,
        units=fact.units,
        units_left=0,
        begins_on=None,
        ends_on=None,
        said=None,
    )


@authorization_list.on(AuthorizationPended)
def pended(
    row: AuthorizationEntry | None, event: Recorded[AuthorizationPended]
) -> AuthorizationEntry | None:
    return row and replace(row, status=AuthorizationStatus.PENDED, said=event.fact.wanted)


@authorization_list.on(AuthorizationApproved)
def approved(
    row: AuthorizationEntry | None, event: Recorded[AuthorizationApproved]
) -> AuthorizationEntry | None:
    fact = event.fact
    return row and replace(
        row,
        status=AuthorizationStatus.APPROVED,
        number=fact.number,
        units=fact.units,
        units_left=fact.units,
        begins_on=fact.valid_from,
        ends_on=fact.valid_to,
        said=None,
    )


@authorization_list.on(AuthorizationDenied)
def denied(
    row: AuthorizationEntry | None, event: Recorded[AuthorizationDenied]
) -> AuthorizationEntry | None:
    return row and replace(row, status=AuthorizationStatus.DENIED, said=event.fact.reason)


@authorization_list.on(AuthorizationAppealed)
def appealed(
    row: AuthorizationEntry | None, event: Recorded[AuthorizationAppealed]
) -> AuthorizationEntry | None:
    return row and replace(row, status=AuthorizationStatus.APPEALED, said=event.fact.grounds)


@authorization_list.on(AuthorizationUsed, AuthorizationGivenBack)
def drawn(
    row: AuthorizationEntry | None,
    event: Recorded[AuthorizationUsed] | Recorded[AuthorizationGivenBack],
) -> AuthorizationEntry | None:
    return row and replace(row, units_left=event.fact.units_left)
