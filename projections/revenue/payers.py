"""The directory of payers, which the whole health system shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Recorded
from domain.revenue.events.payer import PayerKind, PayerRegistered, PayerRenamed, PayerRetired
from projections.kernel import ReadModel
from projections.rows import replace


class PayerStatus(StrEnum):
    """Whether a payer takes new claims."""

    REGISTERED = "registered"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerEntry:
    """A payer. `identifier` is what claims to it are routed by."""

    payer_id: UUID
    legal_name: str
    kind: PayerKind
    identifier: str | None
    phone: str | None
    status: PayerStatus
    retired_on: date | None
    retired_reason: str | None


payer_directory = ReadModel(
    "payer_directory",
    row=PayerEntry,
    key="payer_id",
    order="legal_name",
    desk="billing: which payers claims can be sent to",
)


@payer_directory.on(PayerRegistered)
def registered(
    row: PayerEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[PayerRegistered],
) -> PayerEntry | None:
    fact = event.fact
    return PayerEntry(
        payer_id=fact.payer_id,
        legal_name=fact.legal_name,
        kind=fact.kind,
        identifier=fact.identifier,
        phone=fact.phone,
        status=PayerStatus.REGISTERED,
        retired_on=None,
        retired_reason=None,
    )


@payer_directory.on(PayerRenamed)
def renamed(row: PayerEntry | None, event: Recorded[PayerRenamed]) -> PayerEntry | None:
    return row and replace(row, legal_name=event.fact.legal_name)


@payer_directory.on(PayerRetired)
def retired(row: PayerEntry | None, event: Recorded[PayerRetired]) -> PayerEntry | None:
    return row and replace(
        row,
        status=PayerStatus.RETIRED,
        retired_on=event.fact.retired_on,
        retired_reason=event.fact.reason,
    )
