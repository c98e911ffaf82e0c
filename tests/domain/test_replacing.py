"""One like another, with some fields changed."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import pytest

from domain.replacing import maker, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Slotted:
    """Nothing but its slots."""

    name: str
    count: int = 0
    told: tuple[str, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Checked:
    """Has something to say to what it is made of."""

    count: int

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError("below zero")


@dataclass(frozen=True)
class Plain:
    """Has no slots."""

    count: int


def test_it_replaces_as_dataclasses_do() -> None:
    one = Slotted(name="a", told=("x",))
    assert replace(one, count=2) == dataclasses.replace(one, count=2)
    assert replace(one, name="b").told is one.told
    assert replace(Plain(1), count=2) == Plain(2)
    assert maker(Slotted)("a", 1, ()) == Slotted(name="a", count=1)
    assert maker(Plain)(3) == Plain(3)


def test_what_checks_itself_still_does() -> None:
    with pytest.raises(ValueError, match="below zero"):
        replace(Checked(1), count=-1)
    unknown: dict[str, Any] = {"colour": "blue"}
    with pytest.raises(TypeError):
        replace(Slotted(name="a"), **unknown)
