"""What is agreed with payers: their terms, version by version, and their fee schedules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from domain.revenue.events.contract import (
    ContractTerms,
    ContractTermsAgreed,
    FeeSchedulePublished,
    FeesListed,
)
from projections.kernel import ReadModel
from projections.rows import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedTerms:
    """One version of the terms of a payer's contract, and from which day on it holds."""

    payer_id: UUID
    version: int
    in_force_from: date
    terms: ContractTerms


contract_terms = ReadModel(
    "contract_terms",
    row=AgreedTerms,
    key=("payer_id", "version"),
    order=("payer_id", "in_force_from"),
    newest_first=True,
    desk="contracting: how long each payer lets a claim be filed and appealed, and since when",
)


@contract_terms.on(ContractTermsAgreed)
def agreed(
    row: AgreedTerms | None,  # noqa: ARG001 - a version is agreed once
    event: Recorded[ContractTermsAgreed],
) -> AgreedTerms | None:
    fact = event.fact
    return AgreedTerms(
        payer_id=fact.payer_id,
        version=fact.version,
        in_force_from=fact.valid_from,
        terms=fact.terms,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A fee schedule of a payer. `in_force_from` is None while fees are still put on it."""

    payer_id: UUID
    schedule: str
    currency: str
    fees: int
    in_force_from: date | None


fee_schedules = ReadModel(
    "fee_schedules",
    row=Schedule,
    key=("payer_id", "schedule"),
    order=("payer_id", "schedule"),
    desk="contracting: which fee schedules there are, and since when each is in force",
)


@fee_schedules.on(FeesListed)
def listed(
    row: Schedule | None,  # noqa: ARG001 - the fact tells all of it
    event: Recorded[FeesListed],
) -> Schedule | None:
    fact = event.fact
    return Schedule(
        payer_id=fact.payer_id,
        schedule=fact.schedule,
        currency=fact.currency,
        fees=fact.listed,
        in_force_from=None,
    )


@fee_schedules.on(FeeSchedulePublished)
def published(row: Schedule | None, event: Recorded[FeeSchedulePublished]) -> Schedule | None:
    return row and replace(row, in_force_from=event.fact.valid_from)
