"""Claims go out: those that are submitted and did not go yet are written, batch by batch.

A numbered procedure for each batch, of one type of claims:

1. Write it under the partner's next control number, into a file that nobody takes up yet.
2. Record it (`trading_partner.interchange_sent`), if nothing else was sent meanwhile.
3. Give the file its name. Where this was never reached, the file ends in ``.part`` and is whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from domain.kernel import foreign_id
from domain.revenue.claim import ClaimStatus
from domain.revenue.events.claim import ClaimSubmitted, ClaimType, Party
from domain.revenue.trading_partner import (
    MOST_CLAIMS,
    SendInterchange,
    TradingPartner,
    next_control_number,
    trading_partner,
)
from facilities.exchange.x12.claims_writer import Bill, Correspondent, missing, write_claims
from facilities.exchange.x12.outgoing import bills
from facilities.ledger import Ledger
from facilities.scope import Actor
from facilities.service import Context, Service

SUFFIX = {ClaimType.PROFESSIONAL: "837p", ClaimType.INSTITUTIONAL: "837i"}


@dataclass(slots=True)
class Exported:
    """What went out, and which claims did not and why."""

    files: list[str] = field(default_factory=list)
    claims: int = 0
    left_out: list[tuple[UUID, str]] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        left_out = [{"claim_id": str(each), "missing": why} for each, why in self.left_out]
        return {"files": self.files, "claims": self.claims, "left_out": left_out}


def export_claims(
    claim_ids: Iterable[UUID],
    service: Service,
    ledger: Ledger,
    actor: Actor,
    sender: Correspondent,
    receiver: Correspondent,
    folder: Path,
    *,
    test: bool = False,
) -> Exported:
    """Write the claims that are submitted to a payer and did not go out since.

    Raises StaleVersion where something else was sent to the receiver meanwhile.
    """
    done = Exported()
    partner_id = foreign_id("x12/partner", sender.id, receiver.id)
    waiting: dict[ClaimType, list[tuple[UUID, UUID, Bill]]] = {each: [] for each in ClaimType}
    sent = _state(ledger, partner_id)[0].submissions
    for claim_id in sorted(set(claim_ids)):
        submission = _submission(ledger, claim_id)
        if submission is None or submission in sent:
            continue
        (bill,) = bills([claim_id], ledger.load)
        if bill.claim.status is not ClaimStatus.SUBMITTED:
            continue
        if lacking := missing(bill):
            done.left_out.append((claim_id, ", ".join(lacking)))
        else:
            waiting[bill.claim.claim_type].append((claim_id, submission, bill))
    for kind, these in waiting.items():
        for start in range(0, len(these), MOST_CLAIMS):
            batch = these[start : start + MOST_CLAIMS]
            state, version = _state(ledger, partner_id)
            number = next_control_number(state)
            now = service.now()
            text = write_claims(
                [each for _, _, each in batch],
                sender,
                receiver,
                control_number=number,
                at=now,
                test=test,
            )
            path = folder / f"{sender.id}-{receiver.id}-{number:09}.{SUFFIX[kind]}"
            part = path.with_name(f"{path.name}.part")
            part.write_text(text, encoding="ascii")
            sending = SendInterchange(
                partner_id=partner_id,
                sender=sender.id,
                receiver=receiver.id,
                claim_type=kind,
                claims=tuple(each for each, _, _ in batch),
                submissions=tuple(each for _, each, _ in batch),
                sent_on=now.date(),
            )
            service.execute(
                sending, Context(actor=actor, expected_version=version, source=f"x12:{path.name}")
            )
            part.rename(path)
            done.files.append(path.name)
            done.claims += len(batch)
    return done


def _state(ledger: Ledger, partner_id: UUID) -> tuple[TradingPartner, int]:
    """What was sent to a partner, and at which version its stream is."""
    stored = ledger.load([partner_id]).get(partner_id, [])
    return trading_partner.fold(each.fact for each in stored), len(stored)


def _submission(ledger: Ledger, claim_id: UUID) -> UUID | None:
    """Which sending of a claim its last submission to a payer is; None where there is none."""
    stored = ledger.load([claim_id]).get(claim_id, [])
    versions = [
        each.version
        for each in stored
        if isinstance(each.fact, ClaimSubmitted) and each.fact.submitted_to is not Party.PATIENT
    ]
    return foreign_id("x12/submission", claim_id, versions[-1]) if versions else None
