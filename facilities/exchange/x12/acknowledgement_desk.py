"""Acknowledgements are applied to the claims they are about: taken in, turned back, pended."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain.kernel import Command, Refused
from domain.revenue.acknowledgment import AcceptClaim, PendClaim, RejectClaim
from facilities.exchange.parcels import Counted
from facilities.exchange.x12.acknowledgements import TAKEN_IN, Acknowledged
from facilities.exchange.x12.parties import holders
from facilities.exchange.x12.remittance_desk import Find
from facilities.exchange.x12.report import Figures, Quarantined
from facilities.scope import Actor
from facilities.service import Context, Outcome, Service

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

    def apply(self, told: Acknowledged, where: Where, figures: Figures) -> None:
        """Apply one; what cannot be is told in `unapplied`."""
        claim_id = self._claim(told)
        if claim_id is None:
            expected = "the control number of a claim of ours"
            figures.unapplied.append(
                _quarantined(
                    told, where, "acknowledgement.claim_unknown", told.control_number, expected
                )
            )
            return
        source = f"x12:{where[0]}:{where[1]}"[:200]
        command = self._command(told, claim_id)
        (answer,) = self._service.execute_all(
            [(command, Context(actor=self._actor, source=source))]
        )
        if isinstance(answer, Outcome):
            figures.acknowledged_claims += 1
            return
        rule = answer.code if isinstance(answer, Refused) else "acknowledgement.not_applied"
        figures.unapplied.append(_quarantined(told, where, rule, told.category, str(answer)))

    def _claim(self, told: Acknowledged) -> UUID | None:
        facilities = [] if self._facility_id is None else [self._facility_id]
        if told.npi is not None:
            facilities += holders(self._ledger.load, "npi", [told.npi]).values()
        keys = [f"{each}/{told.control_number}" for each in facilities]
        found = holders(self._ledger.load, "claim_control_number", keys)
        for key in keys:
            if key in found:
                return found[key]
        return self._find(told.control_number, told.payer_control_number)

    def _command(self, told: Acknowledged, claim_id: UUID) -> Command:
        today = self._service.now().date()
        day: date = min(told.day or today, today)
        first = told.said[0] if told.said else None
        if told.category in TAKEN_IN:
            number = told.payer_control_number
            return AcceptClaim(
                claim_id=claim_id, payer_control_number=number, said=first, accepted_on=day
            )
        if told.category.startswith("P"):
            return PendClaim(claim_id=claim_id, said=first, pended_on=day)
        return RejectClaim(claim_id=claim_id, said=tuple(told.said), rejected_on=day)


def _quarantined(
    told: Acknowledged, where: Where, rule: str, found: str, expected: str
) -> Quarantined:
    return Quarantined(
        file=where[0],
        transaction=where[1],
        claim=told.control_number,
        rule=rule,
        found=found,
        expected=expected,
    )
