"""What is personal in a fact is sealed as it is stored, and read as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Annotated, Any, get_args, get_origin, get_type_hints
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.kernel import FACTS, PERSONAL, Fact, fact, foreign_id, upcaster
from domain.personal import ERASED, erased_id, personal_fields
from facilities.codec import Undecodable, decode, encode, person_of
from facilities.digests import is_same
from facilities.privacy.sealing import PersonKey, key_ids_in, keyed, marker, number_of
from projections import READ_MODELS
from tests.facilities.test_codec import STORED, an_example, any_of

ANN = PersonKey(UUID("11111111-2222-4333-8444-555555555555"), AESGCM(bytes(32)))
BEN = PersonKey(uuid4(), AESGCM(bytes(range(32))))
KEYS = {each.key_id: each for each in (ANN, BEN)}
ERASED_KEYS = {each.key_id: PersonKey(each.key_id, None) for each in (ANN, BEN)}
A_STREAM = uuid4()

WITH_PERSONS = [name for name in STORED if personal_fields(FACTS[name])]  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialAddress:
    street: Annotated[str, PERSONAL]
    country: str


@fact("trial_guest.came", version=2, person="guest_id")
class GuestCame(Fact):
    """Somebody comes, of whom several things are personal, some of them further inside."""

    guest_id: Annotated[UUID | None, PERSONAL]
    born_on: Annotated[date | None, PERSONAL]
    homes: tuple[TrialAddress, ...]
    party_of: int


@upcaster(GuestCame, from_version=1)
def _with_a_party(content: dict[str, Any]) -> dict[str, Any]:
    return {**content, "party_of": 1}


@fact("trial_guest.left", person="account")
class GuestLeft(Fact):
    """Somebody goes, known by a text."""

    account: Annotated[str, PERSONAL]


@fact("trial_guest.renamed")
class GuestRenamed(Fact):
    """Does not say who they are: it happened to the stream it is in."""

    name_now: Annotated[str, PERSONAL]


CAME = GuestCame(
    guest_id=UUID("99999999-aaaa-4bbb-8ccc-dddddddddddd"),
    born_on=date(1956, 12, 21),
    homes=(TrialAddress(street="1 Elm Street", country="US"),),
    party_of=2,
)


@pytest.mark.parametrize("name", WITH_PERSONS)
@settings(max_examples=25, deadline=None)
@given(chosen=st.data())
def test_a_sealed_fact_is_read_as_it_was(name: str, chosen: st.DataObject) -> None:
    happened: Fact = chosen.draw(any_of(FACTS[name]))
    state = encode(happened, ANN)
    assert decode(name, FACTS[name].schema_version, state, KEYS) == happened


@pytest.mark.parametrize("name", WITH_PERSONS)
def test_what_was_stored_before_there_were_keys_is_still_read(name: str) -> None:
    happened = an_example(FACTS[name])
    assert decode(name, FACTS[name].schema_version, encode(happened), KEYS) == happened


@pytest.mark.parametrize("name", [each for each in STORED if each not in WITH_PERSONS])
def test_a_fact_without_personal_fields_is_stored_as_ever(name: str) -> None:
    happened = an_example(FACTS[name])
    assert encode(happened, ANN) == encode(happened)
    assert person_of(happened, A_STREAM) is None


def test_nothing_personal_stands_in_the_bytes() -> None:
    state = encode(CAME, ANN)
    for personal in (b"99999999", b"1956", b"Elm"):
        assert personal not in state
    assert b'"country":"US"' in state
    assert b'"party_of":2' in state
    assert state.startswith(b'{"guest_id":"' + marker(ANN.key_id))


def test_the_same_value_is_never_sealed_the_same() -> None:
    assert encode(CAME, ANN) != encode(CAME, ANN)


def test_of_who_was_erased_a_tombstone_is_read_and_the_rest_as_it_was() -> None:
    assert decode("trial_guest.came", 2, encode(CAME, ANN), ERASED_KEYS) == GuestCame(
        guest_id=erased_id(number_of(ANN.key_id)),
        born_on=None,
        homes=(TrialAddress(street=ERASED, country="US"),),
        party_of=2,
    )


def test_an_older_version_is_opened_too() -> None:
    state = encode(CAME, ANN).replace(b',"party_of":2', b"")
    read = decode("trial_guest.came", 1, state, KEYS)
    assert isinstance(read, GuestCame)
    assert (read.guest_id, read.homes, read.party_of) == (CAME.guest_id, CAME.homes, 1)


def test_without_the_key_nothing_is_made_up() -> None:
    with pytest.raises(Undecodable, match="guest_id is sealed, and there is no key at hand"):
        decode("trial_guest.came", 2, encode(CAME, ANN))


def test_a_sealed_value_is_good_in_its_own_place_only() -> None:
    state = encode(GuestRenamed(name_now="Ann"), ANN)
    elsewhere = state.replace(b"name_now", b"account")
    with pytest.raises(Undecodable, match="account cannot be opened"):
        decode("trial_guest.left", 1, elsewhere, KEYS)


def test_nor_under_the_key_of_another_person() -> None:
    state = encode(GuestRenamed(name_now="Ann"), ANN)
    moved = state.replace(marker(ANN.key_id), marker(BEN.key_id))
    with pytest.raises(Undecodable, match="cannot be opened"):
        decode("trial_guest.renamed", 1, moved, KEYS)


@settings(max_examples=50, deadline=None)
@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_changed_bit_is_never_read_as_something_else(place: int, bit: int) -> None:
    state = bytearray(encode(GuestRenamed(name_now="Ann"), ANN))
    state[place % len(state)] ^= 1 << bit
    try:
        read = decode("trial_guest.renamed", 1, bytes(state), KEYS)
    except Undecodable:
        return
    # Two spellings of base64's last character may mean the same; and what is no seal is a text.
    assert isinstance(read, GuestRenamed)
    assert read.name_now == "Ann" or read.name_now.encode() in bytes(state)


def test_which_keys_some_bytes_need_is_told_without_reading_them() -> None:
    states = [encode(CAME, ANN), encode(CAME, BEN), encode(GuestRenamed(name_now="x"))]
    assert key_ids_in(states) == {ANN.key_id, BEN.key_id}


def test_whose_a_fact_is() -> None:
    assert person_of(CAME, A_STREAM) == CAME.guest_id
    assert person_of(GuestLeft(account="A-1"), A_STREAM) == foreign_id("person", "A-1")
    assert person_of(GuestRenamed(name_now="Ann"), A_STREAM) == A_STREAM
    nobody = GuestCame(guest_id=None, born_on=None, homes=(), party_of=1)
    assert person_of(nobody, A_STREAM) == A_STREAM
    assert decode("trial_guest.came", 2, encode(nobody, ANN), KEYS) == nobody


# --- what must be marked -------------------------------------------------------------------------

OF_A_PERSON = re.compile(
    r"^(patient_id|subject_id|full_name|(first|last|middle|given|family)_name|birth.*|ssn"
    r"|member_id|subscriber.*|email|home_(phone|address|email)|street)$"
)


def unmarked(kind: Any) -> Iterator[str]:
    """The fields, here or further inside, that are named as a person's and are not marked so."""
    hints = get_type_hints(kind, include_extras=True)
    for each in fields(kind):
        hint, marks = hints[each.name], []
        while get_origin(hint) is Annotated:
            hint, *more = get_args(hint)
            marks += more
        if PERSONAL in marks:
            continue
        if OF_A_PERSON.match(each.name):
            yield each.name
        for inner in (hint, *get_args(hint)):
            if is_dataclass(inner):
                yield from (f"{each.name}.{name}" for name in unmarked(inner))


def test_what_is_named_as_a_persons_is_marked_as_personal_in_facts_and_read_models() -> None:
    kinds = {name: kind for name, kind in FACTS.items() if name in STORED}
    rows = {model.name: model.row for model in READ_MODELS}
    found = {name: [*unmarked(kind)] for name, kind in {**kinds, **rows}.items()}
    assert {name: left for name, left in found.items() if left} == {}


def test_a_digest_under_a_key_is_told_by_that_key_only_and_by_none_when_it_is_gone() -> None:
    digest, another = bytes(range(16)), bytes(16)
    stored = keyed(digest, ANN)
    assert len(stored) == 16
    assert stored == keyed(digest, ANN)
    assert len({stored, digest, keyed(digest, BEN), keyed(another, ANN)}) == 4
    assert is_same(stored, digest, ANN)
    assert not is_same(stored, another, ANN)
    assert not is_same(stored, digest)
    assert is_same(digest, digest, ANN)  # stored before digests were under a key
    assert is_same(stored, another, PersonKey(ANN.key_id, None))
