"""The story of payers: each is registered once for the whole health system, renamed, retired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Fact, Standing, fact


class PayerKind(StrEnum):
    """Who is behind a payer (after the X12 claim filing indicator, SBR09)."""

    COMMERCIAL = "commercial"
    MEDICARE = "medicare"
    MEDICAID = "medicaid"
    DUAL_ELIGIBLE = "dual_eligible"
    OTHER_GOVERNMENT = "other_government"
    SELF_PAY = "self_pay"


@fact("payer.registered")
class PayerRegistered(Fact):
    """A payer becomes known to the health system. `identifier` is what payers are routed by."""

    payer_id: UUID
    legal_name: str
    kind: PayerKind
    identifier: str | None
    phone: str | None


@fact("payer.renamed")
class PayerRenamed(Fact):
    """A payer goes by another legal name."""

    payer_id: UUID
    legal_name: str


@fact("payer.retired", effective="retired_on")
class PayerRetired(Fact):
    """A payer takes no new claims."""

    payer_id: UUID
    retired_on: date
    reason: str


PayerFact = PayerRegistered | PayerRenamed | PayerRetired


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerStanding(Standing):
    """What a claim may know of its payer: who is behind it tells which terms it has of its own."""

    payer_kind: PayerKind
