"""The payers' decisions on a claim, kept in mind so that none is posted or taken back twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

from domain.replacing import replace
from domain.revenue.events.claim import Party
from domain.revenue.events.remittance import (
    ClaimAdjudicated,
    ClaimAdjudicationReversed,
    RemittedLine,
)
from domain.revenue.service_line import ServiceLine

Place = tuple[UUID, int]
"""A remittance, and the number of a claim in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjudication:
    """A payer's decision; `stands` until the payer takes it back. `entries` moved its money."""

    number: int
    decided_by: Party
    payer_control_number: str | None
    charge: Decimal
    paid: Decimal
    denied: Decimal
    entries: range
    stands: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjudications:
    """All decisions on a claim by their number, and the places in remittances they were made in."""

    decisions: Mapping[int, Adjudication] = field(default_factory=lambda: MappingProxyType({}))
    places: frozenset[Place] = frozenset()

    @property
    def standing(self) -> tuple[Adjudication, ...]:
        return tuple(each for each in self.decisions.values() if each.stands)

    def decided(self, fact: ClaimAdjudicated) -> Adjudications:
        made = Adjudication(
            number=fact.adjudication,
            decided_by=fact.decided_by,
            payer_control_number=fact.payer_control_number,
            charge=fact.charge,
            paid=fact.paid,
            denied=fact.denied,
            entries=range(fact.first_entry, fact.first_entry + fact.entries),
        )
        return self._with(made, (fact.remittance_id, fact.place))

    def taken_back(self, fact: ClaimAdjudicationReversed) -> Adjudications:
        original = replace(self.decisions[fact.adjudication], stands=False)
        return self._with(original, (fact.remittance_id, fact.place))

    def _with(self, made: Adjudication, place: Place) -> Adjudications:
        decisions = MappingProxyType({**self.decisions, made.number: made})
        return Adjudications(decisions=decisions, places=self.places | {place})


NO_ADJUDICATIONS = Adjudications()


class Places:
    """Which line of the claim is meant by each line a payer tells of; none is meant twice."""

    def __init__(self, lines: Iterable[ServiceLine]) -> None:
        self._left = {each.number: each for each in lines if not each.taken_back}

    def of(self, told: RemittedLine) -> int | None:
        """The line of this number; else the first with this procedure and charge; else the first
        that was charged as much; else none."""
        meant = self._left.get(told.line or 0)
        priced = [each for each in self._left.values() if each.charged == told.charge]
        code = told.procedure and told.procedure.value
        same = [each for each in priced if each.procedure.value == code]
        for each in (meant, *same, *priced):
            if each is not None:
                del self._left[each.number]
                return each.number
        return None
