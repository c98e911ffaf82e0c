"""What the scrubber finds, claim by claim, and what is expected of payers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.kernel import Recorded
from domain.money import minor_units
from domain.revenue.events.preparation import ClaimFinding, ClaimPriced, ClaimScrubbed
from projections.kernel import Minor, ReadModel
from projections.revenue.posting import payer_or_none


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrubbedClaim:
    """What the rules said last of a claim. `times` is how often they have looked at it.

    `clean_at_first` is what they said when they looked first, on the day `first_scrubbed_on`.
    """

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID | None
    clean: bool
    errors: int
    warnings: int
    findings: tuple[ClaimFinding, ...]
    rules_version: int
    times: int
    scrubbed_at: datetime
    clean_at_first: bool
    first_scrubbed_on: date


scrubbed_claims = ReadModel(
    "scrubbed_claims",
    row=ScrubbedClaim,
    key="claim_id",
    order="scrubbed_at",
    newest_first=True,
    indexes=(("clean",),),
    local=True,
    desk="billing: what is to be put right on a claim before it goes out",
)


@scrubbed_claims.on(ClaimScrubbed)
def scrubbed(
    row: ScrubbedClaim | None,
    event: Recorded[ClaimScrubbed],
) -> ScrubbedClaim | None:
    fact = event.fact
    errors = sum(each.severity == "error" for each in fact.findings)
    return ScrubbedClaim(
        claim_id=fact.claim_id,
        facility_id=fact.facility_id,
        payer_id=payer_or_none(fact.payer_id),
        clean=fact.clean,
        errors=errors,
        warnings=len(fact.findings) - errors,
        findings=fact.findings,
        rules_version=fact.rules_version,
        times=fact.times,
        scrubbed_at=event.recorded_at,
        clean_at_first=fact.clean if row is None else row.clean_at_first,
        first_scrubbed_on=(event.recorded_at.date() if row is None else row.first_scrubbed_on),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedClaim:
    """What a payer is expected to allow for a claim, and until when it may be filed.

    It is worked out by the terms and the fee schedule in force on the day of the service, which are
    named. Without `expected` the schedule lacks a line, or there is none.
    """

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    currency: str
    terms_version: int | None
    fee_schedule: str | None
    expected: Minor | None
    file_by: date | None


expected_claims = ReadModel(
    "expected_claims",
    row=ExpectedClaim,
    key="claim_id",
    order="claim_id",
    local=True,
    desk="contracting: what each claim ought to bring, by which terms",
)


@expected_claims.on(ClaimPriced)
def priced(
    row: ExpectedClaim | None,  # noqa: ARG001 - a claim that is sent again is priced anew
    event: Recorded[ClaimPriced],
) -> ExpectedClaim | None:
    fact = event.fact
    return ExpectedClaim(
        claim_id=fact.claim_id,
        facility_id=fact.facility_id,
        payer_id=fact.payer_id,
        currency=fact.currency,
        terms_version=fact.terms_version,
        fee_schedule=fact.fee_schedule,
        expected=None if fact.expected is None else minor_units(fact.expected, fact.currency),
        file_by=fact.file_by,
    )
