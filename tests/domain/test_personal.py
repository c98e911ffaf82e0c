"""Where the personal parts of a value are, and what stands in their place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import pytest

from domain.kernel import PERSONAL
from domain.personal import (
    ERASED,
    erased_id,
    has_personal_parts,
    is_erased_id,
    personal_fields,
    tombstone,
)


class Sex(StrEnum):
    UNKNOWN = "unknown"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    street: Annotated[str, PERSONAL]
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    name: Annotated[str, PERSONAL]
    nickname: Annotated[str | None, PERSONAL]
    home: Address | None
    other_homes: tuple[Address, ...]
    visits: int


def changed(name: str, value: Any) -> tuple[Any, list[str]]:
    """A field of a visitor walked: what became of it, and the paths that were changed."""
    paths: list[str] = []

    def change(_value: Any, _hint: Any, path: str) -> str:
        paths.append(path)
        return "?"

    return personal_fields(Visitor)[name](value, change, name), paths


def test_personal_fields_are_found_in_whatever_a_fact_holds() -> None:
    assert set(personal_fields(Visitor)) == {"name", "nickname", "home", "other_homes"}


def test_only_what_is_marked_is_changed() -> None:
    home = {"street": "1 Elm Street", "country": "US"}
    assert changed("name", "Ann") == ("?", ["name"])
    assert changed("home", home) == ({"street": "?", "country": "US"}, ["home.street"])
    assert changed("other_homes", [home]) == (
        [{"street": "?", "country": "US"}],
        ["other_homes.street"],
    )


def test_what_is_not_there_is_left_alone() -> None:
    assert changed("nickname", None) == (None, [])
    assert changed("home", None) == (None, [])
    assert changed("other_homes", None) == (None, [])
    assert changed("home", {"country": "US"}) == ({"country": "US"}, [])


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (str, ERASED),
        (str | None, ERASED),
        (UUID, erased_id(7)),
        (UUID | None, erased_id(7)),
        (date | None, None),
        (date, date(1, 1, 1)),
        (datetime, datetime(1, 1, 1, tzinfo=UTC)),
        (int, 0),
        (bool, False),
        (Decimal, Decimal(0)),
        (Sex, Sex.UNKNOWN),
        (tuple[str, ...], ()),
        (Annotated[str, PERSONAL] | None, ERASED),
        (int | str | None, None),
        (
            Visitor,
            Visitor(
                name=ERASED,
                nickname=ERASED,
                home=None,
                other_homes=(),
                visits=0,
            ),
        ),
    ],
)
def test_a_tombstone_is_of_the_type_it_stands_for(hint: Any, expected: Any) -> None:
    assert tombstone(hint, 7) == expected


def test_the_erased_are_told_apart_and_recognized() -> None:
    assert erased_id(1) != erased_id(2)
    assert str(erased_id(1)) == "00000000-0000-8000-8000-000000000001"
    assert is_erased_id(erased_id(2**62 - 1))
    assert erased_id(5).version == 8
    assert not is_erased_id(UUID("7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10"))


def test_a_fact_has_personal_parts_or_one_field_of_it_has() -> None:
    assert has_personal_parts(Visitor)
    assert has_personal_parts(Visitor, "home")
    assert not has_personal_parts(Visitor, "visits")
