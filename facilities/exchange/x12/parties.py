"""Who pays and who is paid: which payer and which facility of ours a remittance is about.

The facility is, in this order: the one that bears the payee's NPI; the one the importer was told;
the one that was opened for this payee before. The payer is the one that is registered under an
identifier it gives (N104, REF*2U, TRN03), or was registered for it before. With `open_unknown`
what is not there is opened and registered, as the file tells of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from domain import identifiers
from domain.identifiers import IdentifierKind
from domain.kernel import Command, foreign_id
from domain.natural_key import natural_key, stream_of
from domain.organization.events import Address
from domain.organization.facility import OpenFacility
from domain.organization.licensure import IdentifyFacility
from domain.revenue.payer import RegisterPayer
from facilities.exchange.synthea_places import facility_kind
from facilities.exchange.x12.remittance_reader import Organization, Payment
from facilities.exchange.zones import ZONES
from facilities.ledger import StoredFact

Load = Callable[[Iterable[UUID]], Mapping[UUID, Sequence[StoredFact]]]

SOMEWHERE = "America/New_York"
"""The zone of a facility of which no state is known (c)."""


def holders(load: Load, kind: str, values: Iterable[str]) -> dict[str, UUID]:
    """Who bears natural keys of a kind, by their value; what nobody bears is left out."""
    streams = {stream_of(kind, each): each for each in values}
    found: dict[str, UUID] = {}
    for stream_id, stored in load(streams).items():
        state = natural_key.fold(each.fact for each in stored)
        if state.holder_id is not None:
            found[streams[stream_id]] = state.holder_id
    return found


class Parties:
    """Finds facilities and payers. `does` carries out a command, and tells whether it was done."""

    def __init__(
        self,
        load: Load,
        does: Callable[[Command], bool],
        facility_id: UUID | None,
        *,
        open_unknown: bool,
    ) -> None:
        self._load, self._does, self._told = load, does, facility_id
        self._opens = open_unknown

    def facility(self, payee: Organization, day: date) -> UUID | None:
        """The facility a payee is; None where there is none."""
        if payee.npi:
            found = holders(self._load, "npi", [payee.npi]).get(payee.npi)
            if found is not None and self._is(found, "facility"):
                return found
        if self._told is not None:
            return self._told
        facility_id = foreign_id("x12/facility", *(payee.identifiers[:1] or [payee.name]))
        if self._is(facility_id, "facility"):
            return facility_id
        if not self._opens:
            return None
        for each in self._opening(facility_id, payee, day):
            self._does(each)
        return facility_id if self._is(facility_id, "facility") else None

    def payer(self, payment: Payment) -> UUID | None:
        """The payer of a payment; None where it is not known."""
        told = payment.payer
        known_as = [each for each in (*told.identifiers, payment.originator) if each]
        found = holders(self._load, "payer_identifier", known_as)
        for each in known_as:
            if each in found:
                return found[each]
        payer_id = foreign_id("x12/payer", *(known_as[:1] or [told.name]))
        if not self._is(payer_id, "payer") and self._opens:
            self._does(
                RegisterPayer(
                    payer_id=payer_id,
                    legal_name=told.name or "(unnamed payer)",
                    identifier=known_as[0] if known_as else None,
                )
            )
        return payer_id if self._is(payer_id, "payer") else None

    def _opening(self, facility_id: UUID, payee: Organization, day: date) -> Iterator[Command]:
        name = payee.name or "(unnamed payee)"
        yield OpenFacility(
            facility_id=facility_id,
            legal_name=name,
            kind=facility_kind(name),
            zone=ZONES.get(payee.region, SOMEWHERE),
            opened_on=day,
            address=Address(
                lines=tuple(each[:100] for each in payee.lines[:5]),
                city=payee.city,
                region=payee.region,
                postal_code=payee.postal_code,
            ),
        )
        if payee.npi and identifiers.valid(IdentifierKind.NPI, payee.npi):
            yield IdentifyFacility(
                facility_id=facility_id, kind=IdentifierKind.NPI, value=payee.npi, valid_from=day
            )

    def _is(self, stream_id: UUID, aggregate: str) -> bool:
        stored = self._load([stream_id]).get(stream_id, ())
        return bool(stored) and stored[0].fact.name.startswith(f"{aggregate}.")
