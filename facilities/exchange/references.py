"""References: how a table names what is in the ledger already, and what it stands for there.

A facility is named by its id or by its NPI, CCN, CLIA number or TIN; a department by its code at
its facility; a payer by its id or its identifier; somebody by their id, their NPI, or what they are
called by in the tables of one source (an employee number). All that a table names is looked up at
once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain import identifiers
from domain.identifiers import IdentifierKind
from domain.kernel import AGGREGATES, foreign_id
from domain.natural_key import natural_key, stream_of
from facilities.exchange.tally import Load

PAYER_IDENTIFIER = "payer_identifier"
"""The natural key of what claims to a payer are routed by."""

AT_ONCE = 5_000
"""How many streams are looked up in one go."""

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def staff_id_of(source: str, their_id: str) -> UUID:
    """The id of somebody whom a source calls so."""
    return foreign_id(f"{source}/staff", their_id)


def numbers(said: str) -> Iterator[IdentifierKind]:
    """The kinds of identifiers that something can be."""
    for kind in IdentifierKind:
        if identifiers.valid(kind, said):
            yield kind


@dataclass(frozen=True, slots=True)
class References:
    """What was found: whom each number belongs to, and what each stream has become."""

    source: str
    holders: Mapping[tuple[str, str], UUID]
    states: Mapping[UUID, tuple[str, Any]]

    def facility(self, said: str) -> UUID | None:
        """The facility a cell names, if there is one."""
        return self._one(said, "facility")

    def staff(self, said: str) -> UUID | None:
        """Whom a cell names, if they are registered."""
        called_so = staff_id_of(self.source, said)
        if self._is(called_so, "staff_member"):
            return called_so
        return self._one(said, "staff_member")

    def department(self, facility_id: UUID, code: str) -> UUID | None:
        """The department of a facility with this code, if there is one."""
        return self.holders.get(("department_code", f"{facility_id}/{code}"))

    def state(self, stream_id: UUID) -> Any:
        """What a stream has become; None where there is none."""
        return self.states.get(stream_id, ("", None))[1]

    def _one(self, said: str, aggregate: str) -> UUID | None:
        if _UUID.fullmatch(said):
            found: UUID | None = UUID(said)
            return found if found is not None and self._is(found, aggregate) else None
        for kind in numbers(said):
            found = self.holders.get((kind, said))
            if found is not None and self._is(found, aggregate):
                return found
        return None

    def _is(self, stream_id: UUID, aggregate: str) -> bool:
        return self.states.get(stream_id, ("", None))[0] == aggregate


def look_up(
    load: Load,
    source: str,
    *,
    facilities: Iterable[str] = (),
    staff: Iterable[str] = (),
    streams: Iterable[UUID] = (),
) -> References:
    """Look up what a table names: `facilities` and `staff` as its cells say, `streams` by id."""
    staff = {*staff}
    named = {*facilities, *staff}
    keys = {stream_of(kind, said): (kind, said) for said in named for kind in numbers(said)}
    holders = _holders(load, keys)
    wanted = {UUID(each) for each in named if _UUID.fullmatch(each)} | {*streams}
    wanted |= {*holders.values()} | {staff_id_of(source, each) for each in staff}
    return References(source, holders, _states(load, wanted))


def with_departments(
    load: Load, known: References, codes: Iterable[tuple[UUID, str]]
) -> References:
    """The same, with the departments of these facilities and codes."""
    texts = {f"{facility_id}/{code}" for facility_id, code in codes}
    keys = {stream_of("department_code", each): ("department_code", each) for each in texts}
    return References(known.source, {**known.holders, **_holders(load, keys)}, known.states)


def payers_named(load: Load, named: Iterable[str]) -> dict[str, UUID]:
    """The payers that cells name, by their ids or by the identifiers claims are routed by."""
    named = {*named}
    keys = {stream_of(PAYER_IDENTIFIER, each): (PAYER_IDENTIFIER, each) for each in named}
    holders = _holders(load, keys)
    found = {each: holders.get((PAYER_IDENTIFIER, each)) for each in named}
    found.update({each: UUID(each) for each in named if _UUID.fullmatch(each)})
    known = _states(load, {each for each in found.values() if each is not None})
    return {
        each: payer_id
        for each, payer_id in found.items()
        if payer_id is not None and known.get(payer_id, ("", None))[0] == "payer"
    }


def _holders(load: Load, keys: Mapping[UUID, tuple[str, str]]) -> dict[tuple[str, str], UUID]:
    found = {}
    for stream_id, stored in load(keys).items():
        state = natural_key.fold(each.fact for each in stored)
        if state.holder_id is not None:
            found[keys[stream_id]] = state.holder_id
    return found


def _states(load: Load, wanted: Iterable[UUID]) -> dict[UUID, tuple[str, Any]]:
    found, left = {}, [*wanted]
    while left:  # so that the facts of many streams are never there at once
        some, left = left[:AT_ONCE], left[AT_ONCE:]
        for stream_id, stored in load(some).items():
            name = stored[0].fact.name.partition(".")[0]
            found[stream_id] = name, AGGREGATES[name].fold(each.fact for each in stored)
    return found
