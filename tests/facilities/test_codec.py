"""What is stored today reads the same for ever: bytes, golden examples, upcasters."""

from __future__ import annotations

import hashlib
import types
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Union, cast, get_args, get_origin, get_type_hints
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

import tests.whole_domain  # noqa: F401 - so that nothing is left out
from domain.kernel import FACTS, Fact, fact, upcaster
from facilities.codec import Undecodable, decode, encode

STORED = sorted(name for name, kind in FACTS.items() if kind.__module__.startswith("domain."))
GOLDEN = Path(__file__).parents[1] / "golden"

SUPERSEDED = {
    name: digest
    for digest, name in map(str.split, (GOLDEN / "SHA256SUMS").read_text("utf-8").splitlines())
}
"""The digest of each golden example whose version is no longer the fact's own, by file name."""


# --- every fact there is -----------------------------------------------------------------------


@pytest.mark.parametrize("name", STORED)
@settings(max_examples=25, deadline=None)
@given(chosen=st.data())
def test_a_fact_and_its_bytes_are_made_of_each_other(name: str, chosen: st.DataObject) -> None:
    kind = FACTS[name]
    happened: Fact = chosen.draw(any_of(kind))
    state = encode(happened)
    read = decode(name, kind.schema_version, state)
    assert read == happened
    assert encode(read) == state


@pytest.mark.parametrize("name", STORED)
def test_a_fact_is_stored_as_its_golden_example_says(name: str) -> None:
    kind = FACTS[name]
    file, state = golden(name, kind.schema_version), encode(an_example(kind))
    expected = state.decode() + "\n"
    found = file.read_text(encoding="utf-8") if file.exists() else None
    assert found == expected, (
        f"{file} must hold what {name} version {kind.schema_version} is stored as. Where the fact "
        "is new, write this there; where it has changed, raise its version and add an upcaster:\n"
        f"{expected}"
    )
    assert decode(name, kind.schema_version, state) == an_example(kind)


def test_facts_of_older_versions_can_still_be_read() -> None:
    for name in STORED:
        for version in range(1, FACTS[name].schema_version):
            file = golden(name, version)
            assert file.exists(), f"{file} is missing; it is kept for ever"
            state = file.read_bytes().strip()
            digest = hashlib.sha256(state).hexdigest()
            assert SUPERSEDED.get(file.name) == digest, (
                f"{GOLDEN}/SHA256SUMS: {digest}  {file.name}"
            )
            assert isinstance(decode(name, version, state), FACTS[name])


def test_every_golden_example_is_of_a_fact_that_is_declared() -> None:
    versions = {
        golden(name, version).name
        for name in STORED
        for version in range(1, FACTS[name].schema_version + 1)
    }
    assert {file.name for file in GOLDEN.glob("*.json")} == versions


def golden(name: str, version: int) -> Path:
    return GOLDEN / f"{name}.v{version}.json"


# --- what is old, what is strange --------------------------------------------------------------


@fact("trial_bed.made", version=3)
class BedMade(Fact):
    """Has been through two changes: a ward was added, and a number became a text."""

    bed: str
    ward: str


@upcaster(BedMade, from_version=1)
def _with_a_ward(content: dict[str, Any]) -> dict[str, Any]:
    return {**content, "ward": "unknown"}


@upcaster(BedMade, from_version=2)
def _with_a_bed_in_words(content: dict[str, Any]) -> dict[str, Any]:
    return {**content, "bed": f"bed {content['bed']}"}


@fact("trial_bed.moved", version=2)
class BedMoved(Fact):
    """Its first version cannot be read: nobody wrote the upcaster."""

    bed: str


def test_an_old_fact_is_read_one_version_at_a_time() -> None:
    assert decode("trial_bed.made", 1, b'{"bed":7}') == BedMade(bed="bed 7", ward="unknown")
    assert decode("trial_bed.made", 2, b'{"bed":7,"ward":"B"}') == BedMade(bed="bed 7", ward="B")
    assert decode("trial_bed.made", 3, b'{"bed":"7","ward":"B"}') == BedMade(bed="7", ward="B")


@pytest.mark.parametrize(
    ("name", "version", "state", "said"),
    [
        ("trial_bed.burnt", 1, b"{}", "no fact is called 'trial_bed.burnt'"),
        ("trial_bed.made", 4, b'{"bed":"7","ward":"B"}', "newer than this program"),
        ("trial_bed.made", 4, b"\x00", "newer than this program"),
        ("trial_bed.moved", 1, b'{"bed":"7"}', "version 1 has no upcaster"),
        ("trial_bed.made", 0, b'{"bed":7}', "version 0 has no upcaster"),
        ("trial_bed.made", 3, b"not json", "trial_bed.made version 3"),
        ("trial_bed.made", 3, b'{"bed":"7","ward":"\xff"}', "trial_bed.made version 3"),
        ("trial_bed.made", 3, b'{"bed":7,"ward":"B"}', "Expected `str`, got `int`"),
        ("trial_bed.made", 3, b'{"bed":"7"}', "missing required field `ward`"),
        ("trial_bed.made", 3, b"[]", "Expected `object`, got `array`"),
        ("trial_bed.made", 2, b'{"ward":"B"}', "not as its upcaster expects"),
        ("trial_bed.made", 1, b"[]", "Expected `object`, got `array`"),
        ("trial_bed.made", 1, b"", "trial_bed.made version 1"),
    ],
)
def test_bytes_that_are_no_fact_are_named_as_such(
    name: str, version: int, state: bytes, said: str
) -> None:
    with pytest.raises(Undecodable) as refusal:
        decode(name, version, state)
    assert said in str(refusal.value)


@given(st.binary())
def test_no_bytes_break_the_decoder_in_any_other_way(state: bytes) -> None:
    for version in (1, 2, 3):
        try:
            decode("trial_bed.made", version, state)
        except Undecodable:
            continue


def test_a_field_that_a_later_program_added_is_passed_over() -> None:
    state = b'{"bed":"7","ward":"B","room":12}'
    assert decode("trial_bed.made", 3, state) == BedMade(bed="7", ward="B")


# --- facts made from their types ---------------------------------------------------------------


def any_of(kind: Any) -> SearchStrategy[Any]:
    """Any value a field of this type may hold, as the ledger knows them: money is finite, instants
    are UTC, integers fit the database's."""
    return _made_once(kind)


@cache
def _made_once(kind: Any) -> SearchStrategy[Any]:
    kind, arguments = _plain(kind)
    if arguments and kind is tuple:
        return st.lists(any_of(arguments[0]), max_size=3).map(tuple)
    if arguments:
        return st.one_of([any_of(each) for each in arguments])
    if is_dataclass(kind):
        return st.builds(
            cast(Any, kind), **{name: any_of(of) for name, of in _fields_of(kind).items()}
        )
    known: dict[Any, SearchStrategy[Any]] = {
        type(None): st.none(),
        bool: st.booleans(),
        int: st.integers(-(2**63), 2**63 - 1),
        str: st.text(),
        UUID: st.uuids(),
        date: st.dates(),
        datetime: st.datetimes(timezones=st.just(UTC)),
        Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    }
    return known[kind] if kind in known else st.sampled_from(list(kind))


def an_example(kind: Any, called: str = "") -> Any:
    """One value of a type, always the same: what the golden files hold."""
    kind, arguments = _plain(kind)
    if arguments and kind is tuple:
        return (an_example(arguments[0], called), an_example(arguments[0], f"{called} two"))
    if arguments:
        return an_example(arguments[0], called)
    if is_dataclass(kind):
        return cast(Any, kind)(
            **{name: an_example(of, name) for name, of in _fields_of(kind).items()}
        )
    if issubclass(kind, Enum):
        return next(iter(kind))
    examples: dict[Any, Any] = {
        bool: True,
        int: len(called),
        str: called.replace("_", " "),
        UUID: uuid5(NAMESPACE_URL, called),
        date: date(2026, 3, 14),
        datetime: datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC),
        Decimal: Decimal("1234.50"),
    }
    return examples[kind]


def _plain(kind: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type without its annotations, and what it is a union or a tuple of."""
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) in (Union, types.UnionType):
        return Union, get_args(kind)
    return get_origin(kind) or kind, get_args(kind)


def _fields_of(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    return {each.name: hints[each.name] for each in fields(kind)}
