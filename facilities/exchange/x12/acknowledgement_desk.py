"""Acknowledgements are applied: to interchanges, which could be read or not, and to the claims they
are about, which are taken in, turned back, let wait, or said to stand somewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from uuid import UUID

from domain.kernel import Command, Refused, foreign_id
from domain.revenue.acknowledgment import AcceptClaim, PendClaim, RejectClaim, ReportClaimStatus
from domain.revenue.claim import claim
from domain.revenue.claim_status import ClaimStatus
from domain.revenue.events.interchange import InterchangeSent
from domain.revenue.trading_partner import AcknowledgeInterchange
from facilities.exchange.parcels import Counted
from facilities.exchange.x12.acknowledgements import TAKEN_IN, Acknowledged, GroupAcknowledged
from facilities.exchange.x12.exporting import submission_of
from facilities.exchange.x12.interchanges import Envelope
from facilities.exchange.x12.matching import Find, Numbers
from facilities.exchange.x12.parties import holders
from facilities.exchange.x12.report import Figures, Quarantined
from facilities.scope import Actor
from facilities.service import Answer, Context, Outcome, Service

CLAIMS_AT_ONCE = 500

Where = tuple[str, str]
"""A file, and a transaction's control number in it."""


class AcknowledgementDesk:
    """Applies what payers say of claims before they pay."""

    def __init__(
        self,
        service: Service,
        ledger: Counted,
        actor: Actor,
        *,
        find: Find,
        facility_id: UUID | None,
    ) -> None:
        self._service, self._ledger, self._actor = ledger.serve(service), ledger, actor
        self._find, self._facility_id = find, facility_id

    # --- claims ----------------------------------------------------------------------------------

    def apply(
        self, told: Iterator[Acknowledged], where: Where, figures: Figures, *, asked: bool
    ) -> None:
        """Apply what is said of claims; what cannot be is told in `unapplied`.

        `asked`: it answers a question of ours (277), and may be about a claim that is decided on.
        """
        while batch := list(islice(told, CLAIMS_AT_ONCE)):
            claims = self._claims(batch)
            known = [(each, meant) for each in batch if (meant := claims.get(_key(each)))]
            for each in batch:
                if _key(each) not in claims:
                    figures.unapplied.append(
                        _unapplied(each, where, "acknowledgement.claim_unknown")
                    )
            answers = self._all([self._command(*each) for each in known], where)
            for (each, claim_id), answer in zip(known, answers, strict=True):
                if asked and isinstance(answer, Refused) and answer.code == "claim.not_submitted":
                    (answer,) = self._all([self._reported(each, claim_id)], where)
                if isinstance(answer, Outcome):
                    figures.acknowledged_claims += 1
                else:
                    figures.unapplied.append(_refused(each, where, answer))

    def _claims(self, batch: Iterable[Acknowledged]) -> dict[tuple[str | None, Numbers], UUID]:
        """Which claims are meant: ours at the provider's facility, or else at any."""
        batch = list(batch)
        npis = holders(self._ledger.load, "npi", {each.npi for each in batch if each.npi})
        told = [] if self._facility_id is None else [self._facility_id]
        keys = {
            _key(each): [
                f"{facility}/{each.control_number}"
                for facility in [*told, *([npis[each.npi]] if each.npi in npis else [])]
            ]
            for each in batch
        }
        wanted = {key for each in keys.values() for key in each}
        held = holders(self._ledger.load, "claim_control_number", wanted)
        found = {
            named: next(held[key] for key in these if key in held)
            for named, these in keys.items()
            if any(key in held for key in these)
        }
        elsewhere = {numbers for npi, numbers in keys if (npi, numbers) not in found}
        others = self._find(elsewhere) if elsewhere else {}
        for npi, numbers in keys:
            if numbers in others:
                found.setdefault((npi, numbers), others[numbers])
        return found

    def _command(self, told: Acknowledged, claim_id: UUID) -> Command:
        day = self._day(told.day)
        first = told.said[0] if told.said else None
        if told.category in TAKEN_IN:
            number = told.payer_control_number
            return AcceptClaim(
                claim_id=claim_id, payer_control_number=number, said=first, accepted_on=day
            )
        match told.category[:1]:
            case "P":
                return PendClaim(claim_id=claim_id, said=first, pended_on=day)
            case "R":
                wanted = "The payer wants more information."
                return PendClaim(claim_id=claim_id, said=first, wanted=wanted, pended_on=day)
            case "F" | "D" | "E":
                return self._reported(told, claim_id)
            case _:
                return RejectClaim(claim_id=claim_id, said=tuple(told.said), rejected_on=day)

    def _reported(self, told: Acknowledged, claim_id: UUID) -> ReportClaimStatus:
        return ReportClaimStatus(
            claim_id=claim_id,
            said=tuple(told.said),
            payer_control_number=told.payer_control_number,
            reported_on=self._day(told.day),
        )

    # --- interchanges ----------------------------------------------------------------------------

    def apply_group(
        self, told: GroupAcknowledged, envelope: Envelope, where: Where, figures: Figures
    ) -> None:
        """Apply what is said of a group: the claims of one that could not be read are turned back,
        unless they were sent again since."""
        found = self._sent(told, envelope)
        if found is None:
            figures.unapplied.append(
                Quarantined(
                    file=where[0],
                    transaction=where[1],
                    claim=None,
                    rule="acknowledgement.interchange_unknown",
                    found=told.control_number,
                    expected="the group control number of an interchange of ours",
                )
            )
            return
        partner_id, sent = found
        day = self._day(None)
        errors = "; ".join(told.errors)[:500] or None
        acknowledging = AcknowledgeInterchange(
            partner_id=partner_id,
            control_number=int(told.control_number),
            accepted=told.accepted,
            errors=errors,
            acknowledged_on=day,
        )
        self._all([acknowledging], where)
        figures.acknowledged_interchanges += 1
        if sent is None or told.accepted:
            return
        message = f"The interchange {told.control_number} could not be read: {errors or 'AK9'}"[
            :500
        ]
        sendings = zip(sent.claims, sent.submissions, strict=True)
        turned_back = [each for each, sending in sendings if self._waits(each, sending)]
        answers = self._all(
            [RejectClaim(claim_id=each, message=message, rejected_on=day) for each in turned_back],
            where,
        )
        figures.acknowledged_claims += sum(isinstance(each, Outcome) for each in answers)

    def _sent(
        self, told: GroupAcknowledged, envelope: Envelope
    ) -> tuple[UUID, InterchangeSent | None] | None:
        """The interchange that is meant, and the partner; no claims are in one that asked."""
        if not (told.control_number.isascii() and told.control_number.isdigit()):
            return None
        ours = (
            (envelope.receiver, envelope.sender),
            (envelope.group_receiver, envelope.group_sender),
        )
        for sender, receiver in ours:
            partner_id = foreign_id("x12/partner", sender, receiver)
            for stored in reversed(self._ledger.load([partner_id]).get(partner_id, [])):
                number = getattr(stored.fact, "control_number", None)
                if number == int(told.control_number):
                    fact = stored.fact
                    if isinstance(fact, InterchangeSent):
                        return partner_id, fact
                    if fact.name == "trading_partner.status_asked":
                        return partner_id, None
        return None

    def _waits(self, claim_id: UUID, submission: UUID) -> bool:
        """Whether a claim is still waiting for an answer to this sending of it."""
        stored = self._ledger.load([claim_id]).get(claim_id, [])
        state = claim.fold(each.fact for each in stored)
        return (
            state.status is ClaimStatus.SUBMITTED and submission_of(claim_id, stored) == submission
        )

    # --- sending ---------------------------------------------------------------------------------

    def _day(self, told: date | None) -> date:
        today = self._service.now().date()
        return min(told or today, today)

    def _all(self, commands: list[Command], where: Where) -> list[Answer]:
        source = f"x12:{where[0]}:{where[1]}"[:200]
        return self._service.execute_all(
            [(each, Context(actor=self._actor, source=source)) for each in commands]
        )


def _key(told: Acknowledged) -> tuple[str | None, Numbers]:
    return told.npi, Numbers(told.control_number, told.payer_control_number)


def _unapplied(told: Acknowledged, where: Where, rule: str) -> Quarantined:
    return Quarantined(
        file=where[0],
        transaction=where[1],
        claim=told.control_number,
        rule=rule,
        found=told.control_number,
        expected="the control number of a claim of ours",
    )


def _refused(told: Acknowledged, where: Where, answer: Answer) -> Quarantined:
    return Quarantined(
        file=where[0],
        transaction=where[1],
        claim=told.control_number,
        rule=answer.code if isinstance(answer, Refused) else "acknowledgement.not_applied",
        found=told.category,
        expected=str(answer),
    )
