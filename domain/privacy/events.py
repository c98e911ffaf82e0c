"""Facts of the privacy office: legal holds, erasures of what is personal of somebody, and how long
records are kept before that."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from domain.kernel import PERSONAL, Fact, fact

# --- legal holds -------------------------------------------------------------------------------


class HoldScope(StrEnum):
    """What a legal hold keeps: what is of one person, of one facility, or everything."""

    PERSON = "person"
    FACILITY = "facility"
    SYSTEM = "system"


@fact("legal_hold.placed", effective="placed_on", person="subject_id")
class LegalHoldPlaced(Fact):
    """Nothing within the scope may be erased, because of a matter before a court or an authority.

    `custodian` is who answers for what is held. `subject_id` is the person (a patient, a member of
    the staff) of a hold on one; `facility_id` the facility of a hold on one.
    """

    hold_id: UUID
    facility_id: UUID | None
    scope: HoldScope
    subject_id: Annotated[UUID | None, PERSONAL]
    matter: str
    custodian: str
    placed_on: date


@fact("legal_hold.released", effective="released_on")
class LegalHoldReleased(Fact):
    """The matter is over: what was held may be erased when its time has come."""

    hold_id: UUID
    facility_id: UUID | None
    released_on: date
    reason: str


LegalHoldFact = LegalHoldPlaced | LegalHoldReleased


# --- erasures ----------------------------------------------------------------------------------


@fact("erasure.requested", person="subject_id")
class ErasureRequested(Fact):
    """Somebody asks that what is personal of a person be erased."""

    erasure_id: UUID
    subject_id: Annotated[UUID, PERSONAL]
    grounds: str
    requested_by: str


@fact("erasure.approved")
class ErasureApproved(Fact):
    """Another one agrees. `approvals` is how many have by then."""

    erasure_id: UUID
    approved_by: str
    approvals: int


@fact("erasure.withdrawn")
class ErasureWithdrawn(Fact):
    """It is not to be, after all."""

    erasure_id: UUID
    reason: str


@fact("erasure.begun")
class ErasureBegun(Fact):
    """Nothing stands in the way: from now on nobody can read what is sealed with this key.

    `last_in_effect_on` is the last day anything that names the person was recorded or in effect,
    and `kept_until` the day retention ended.
    """

    erasure_id: UUID
    key_id: UUID
    last_in_effect_on: date
    kept_until: date


@fact("erasure.completed")
class ErasureCompleted(Fact):
    """The key is destroyed, and nothing of it is left in read models. `facts` is how many events
    were sealed with it, `rows` how many rows and past versions of rows showed what was in them."""

    erasure_id: UUID
    facts: int
    rows: int
    completed_at: datetime


ErasureFact = (
    ErasureRequested | ErasureApproved | ErasureWithdrawn | ErasureBegun | ErasureCompleted
)


# --- retention ---------------------------------------------------------------------------------


class RecordKind(StrEnum):
    """Kinds of records that persons are named in, by the desk that keeps them."""

    WORKFORCE = "workforce"
    REVENUE = "revenue"
    SUPPLY = "supply"


@fact("retention_rule.adopted")
class RetentionRuleAdopted(Fact):
    """Records are kept for so many years from the day they were made or last in effect.

    Without `records` it is about all kinds, without `at_facility_id` about all facilities.
    """

    rule_id: UUID
    at_facility_id: UUID | None
    records: RecordKind | None
    years: int
    basis: str


@fact("retention_rule.lifted")
class RetentionRuleLifted(Fact):
    """The rule does not count any more."""

    rule_id: UUID
    reason: str


RetentionRuleFact = RetentionRuleAdopted | RetentionRuleLifted


# --- the log of reads --------------------------------------------------------------------------


@fact("read_log.sealed")
class ReadLogSealed(Fact):
    """The log of reads is vouched for up to a number: `digest` is of the reads since the last time,
    on top of the digest before."""

    log_id: UUID
    upto: int
    reads: int
    digest: str
    sealed_at: datetime
