"""Bills: claims of the ledger with everybody an 837 names, ready to be written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from domain.identifiers import IdentifierKind
from domain.organization.facility import Facility, facility
from domain.revenue.claim import Claim, claim
from domain.revenue.events.claim import SELF_PAY, Party
from domain.revenue.events.payer import PayerKind, PayerRegistered
from domain.revenue.events.remittance import ClaimAdjudicated
from domain.revenue.payer import payer
from facilities.exchange.x12.bill import Bill, BillingProvider, EarlierPayer
from facilities.ledger import StoredFact

Load = Callable[[Iterable[UUID]], Mapping[UUID, Sequence[StoredFact]]]


def bills(claim_ids: Iterable[UUID], load: Load) -> Iterator[Bill]:
    """The claims that are there, as bills for whom they were sent to last. What a bill lacks is for
    `missing` to say."""
    for stored in load(claim_ids).values():
        state = claim.fold(each.fact for each in stored)
        second = state.submitted_to is Party.SECONDARY_PAYER
        asked = state.secondary_payer_id if second else state.payer_id
        found = load([each for each in (state.facility_id, state.payer_id, asked) if each])
        at = facility.fold(each.fact for each in found.get(state.facility_id or SELF_PAY, ()))
        name, identifier, kind = _payer(found.get(asked or SELF_PAY, ()))
        yield Bill(
            claim=state,
            provider=BillingProvider(
                name=at.legal_name,
                npi=_identifier(at, IdentifierKind.NPI, state.service_on),
                tin=_identifier(at, IdentifierKind.TIN, state.service_on),
                taxonomy=None,
                address=at.address,
            ),
            payer_name=name,
            payer_identifier=identifier,
            payer_kind=kind,
            earlier=_earlier(state, stored, found.get(state.payer_id, ())) if second else None,
        )


def _payer(stored: Sequence[StoredFact]) -> tuple[str, str, PayerKind]:
    """How a payer is called, its identifier, and its kind."""
    of_payer = [each.fact for each in stored]
    registered = next((e for e in of_payer if isinstance(e, PayerRegistered)), None)
    kind = PayerKind.COMMERCIAL if registered is None else registered.kind
    return payer.fold(of_payer).legal_name, (registered and registered.identifier) or "", kind


def _earlier(
    state: Claim, stored: Sequence[StoredFact], of_payer: Sequence[StoredFact]
) -> EarlierPayer:
    """The payer that was asked first, with its last decision that stands."""
    name, identifier, kind = _payer(of_payer)
    standing = {
        each.number for each in state.adjudications.standing if each.decided_by is Party.PAYER
    }
    decisions = [
        each.fact
        for each in stored
        if isinstance(each.fact, ClaimAdjudicated) and each.fact.adjudication in standing
    ]
    decision = decisions[-1] if decisions else None
    return EarlierPayer(name=name, identifier=identifier, kind=kind, decision=decision)


def _identifier(at: Facility, kind: IdentifierKind, day: date) -> str:
    """The facility's identifier of a kind on a day; of several the one that began last."""
    valid = [
        each
        for each in at.identifiers
        if each.kind == kind
        and each.valid_from <= day
        and (each.valid_to is None or each.valid_to >= day)
    ]
    return max(valid, key=lambda each: each.valid_from).key[1] if valid else ""
