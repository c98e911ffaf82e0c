"""Claims go out: those that are submitted and did not go yet are written, batch by batch.

A numbered procedure for each batch, of one type of claims:

1. Put on record of which patients it tells: whoever exports is told by the caller (`OnRecord`).
2. Write it under the partner's next control number, into a file that nobody takes up yet.
3. Record it (`trading_partner.interchange_sent`), if nothing else was sent meanwhile.
4. Give the file its name. Where this was never reached, the file ends in ``.part`` and is whole.

Payers are asked in the same way where those claims stand that are not decided on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from domain.kernel import Command, foreign_id
from domain.revenue.claim_status import SENT, ClaimStatus
from domain.revenue.events.claim import ClaimSubmitted, ClaimType, Party
from domain.revenue.trading_partner import (
    MOST_CLAIMS,
    AskStatus,
    SendInterchange,
    TradingPartner,
    next_control_number,
    trading_partner,
)
from facilities.exchange.x12.bill import Bill, missing
from facilities.exchange.x12.claims_writer import write_claims
from facilities.exchange.x12.envelope import Correspondent
from facilities.exchange.x12.outgoing import bills
from facilities.exchange.x12.status_writer import unaskable, write_status_requests
from facilities.ledger import Ledger, StoredFact
from facilities.scope import Actor
from facilities.service import Context, Service

OnRecord = Callable[[str, Iterable[UUID]], None]
"""Puts on record that a file of this name goes out, and of which patients it tells. Where it raises
nothing is written."""

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
    on_record: OnRecord,
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
        submission = submission_of(claim_id, ledger.load([claim_id]).get(claim_id, []))
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
            sending = SendInterchange(
                partner_id=partner_id,
                sender=sender.id,
                receiver=receiver.id,
                claim_type=kind,
                claims=tuple(each for each, _, _ in batch),
                submissions=tuple(each for _, each, _ in batch),
                sent_on=now.date(),
            )
            on_record(path.name, _patients(each for _, _, each in batch))
            _put_out(path, text, sending, version, service, actor)
            done.files.append(path.name)
            done.claims += len(batch)
    return done


def export_status_requests(
    claim_ids: Iterable[UUID],
    service: Service,
    ledger: Ledger,
    actor: Actor,
    sender: Correspondent,
    receiver: Correspondent,
    folder: Path,
    *,
    on_record: OnRecord,
    test: bool = False,
) -> Exported:
    """Ask where claims stand that were sent and are not decided on (276).

    Raises StaleVersion where something else was sent to the receiver meanwhile.
    """
    done = Exported()
    partner_id = foreign_id("x12/partner", sender.id, receiver.id)
    waiting: list[tuple[UUID, Bill]] = []
    for claim_id in sorted(set(claim_ids)):
        for bill in bills([claim_id], ledger.load):
            if bill.claim.status not in SENT - {ClaimStatus.REJECTED}:
                continue
            if lacking := unaskable(bill):
                done.left_out.append((claim_id, ", ".join(lacking)))
            else:
                waiting.append((claim_id, bill))
    for start in range(0, len(waiting), MOST_CLAIMS):
        batch = waiting[start : start + MOST_CLAIMS]
        state, version = _state(ledger, partner_id)
        number, now = next_control_number(state), service.now()
        text = write_status_requests(
            [each for _, each in batch], sender, receiver, control_number=number, at=now, test=test
        )
        path = folder / f"{sender.id}-{receiver.id}-{number:09}.276"
        asking = AskStatus(
            partner_id=partner_id,
            sender=sender.id,
            receiver=receiver.id,
            claims=tuple(each for each, _ in batch),
            asked_on=now.date(),
        )
        on_record(path.name, _patients(each for _, each in batch))
        _put_out(path, text, asking, version, service, actor)
        done.files.append(path.name)
        done.claims += len(batch)
    return done


def _patients(bills: Iterable[Bill]) -> set[UUID]:
    return {each.claim.patient_id for each in bills}


def _state(ledger: Ledger, partner_id: UUID) -> tuple[TradingPartner, int]:
    """What was sent to a partner, and at which version its stream is."""
    stored = ledger.load([partner_id]).get(partner_id, [])
    return trading_partner.fold(each.fact for each in stored), len(stored)


def submission_of(claim_id: UUID, stored: Sequence[StoredFact]) -> UUID | None:
    """Which sending of a claim its last submission to a payer is; None where there is none."""
    versions = [
        each.version
        for each in stored
        if isinstance(each.fact, ClaimSubmitted) and each.fact.submitted_to is not Party.PATIENT
    ]
    return foreign_id("x12/submission", claim_id, versions[-1]) if versions else None


def _put_out(
    path: Path, text: str, sending: Command, version: int, service: Service, actor: Actor
) -> None:
    """Write a file that nobody takes up yet, record that it is sent, and give it its name."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="ascii")
    service.execute(
        sending, Context(actor=actor, expected_version=version, source=f"x12:{path.name}")
    )
    part.rename(path)
