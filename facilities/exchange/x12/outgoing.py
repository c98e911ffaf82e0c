"""Bills: claims of the ledger with everybody an 837 names, ready to be written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from domain.identifiers import IdentifierKind
from domain.organization.facility import Facility, facility
from domain.revenue.claim import claim
from domain.revenue.events.payer import PayerKind, PayerRegistered
from domain.revenue.payer import payer
from facilities.exchange.x12.claims_writer import Bill, BillingProvider
from facilities.ledger import StoredFact

Load = Callable[[Iterable[UUID]], Mapping[UUID, Sequence[StoredFact]]]


def bills(claim_ids: Iterable[UUID], load: Load) -> Iterator[Bill]:
    """The claims that are there, as bills. What a bill lacks is for `missing` to say."""
    for stored in load(claim_ids).values():
        state = claim.fold(each.fact for each in stored)
        others = [each for each in (state.facility_id, state.payer_id) if each is not None]
        found = load(others)
        at = facility.fold(each.fact for each in found.get(others[0], ()))
        of_payer = [each.fact for each in found.get(state.payer_id, ())]
        registered = next((e for e in of_payer if isinstance(e, PayerRegistered)), None)
        yield Bill(
            claim=state,
            provider=BillingProvider(
                name=at.legal_name,
                npi=_identifier(at, IdentifierKind.NPI, state.service_on),
                tin=_identifier(at, IdentifierKind.TIN, state.service_on),
                taxonomy=None,
                address=at.address,
            ),
            payer_name=payer.fold(of_payer).legal_name,
            payer_identifier=(registered and registered.identifier) or "",
            payer_kind=PayerKind.COMMERCIAL if registered is None else registered.kind,
        )


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
