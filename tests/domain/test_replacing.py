"""One like another, with some fields changed."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import pytest

from domain.replacing import changing, maker, replace

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slotted:
    """Nothing but its slots."""

    name: str
    count: int = 0
    told: tuple[str, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, kw_only=True)
class Further(Slotted):
    """Slots on top of those of another."""

    last: str = ""


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


@dataclass(frozen=True, slots=True)
class Open(Generic[T]):
    """Leaves open what it holds."""

    held: T


def test_it_replaces_as_dataclasses_do() -> None:
    one = Slotted(name="a", told=("x",))
    assert replace(one, count=2) == dataclasses.replace(one, count=2)
    assert replace(one, name="b").told is one.told
    assert replace(Plain(1), count=2) == Plain(2)
    assert replace(Open(1), held=2) == maker(Open)(2) == Open(2)
    assert maker(Slotted)("a", 1, ()) == Slotted(name="a", count=1)
    assert maker(Plain)(3) == Plain(3)
    assert changing(Slotted, "told", "name")(one, ("y",), "b") == Slotted(name="b", told=("y",))
    assert changing(Plain, "count")(Plain(1), 2) == Plain(2)


def test_what_comes_out_is_as_frozen_as_any_other() -> None:
    made = replace(Further(name="a", told=("x",)), count=2, last="z")
    assert made == Further(name="a", count=2, told=("x",), last="z")
    assert type(made) is Further
    things: list[Any] = [made, maker(Slotted)("a", 1, ()), changing(Further, "last")(made, "y")]
    for thing in things:
        with pytest.raises(dataclasses.FrozenInstanceError):
            thing.name = "b"
    assert replace(made) == made
    assert replace(made) is not made


def test_what_checks_itself_still_does() -> None:
    with pytest.raises(ValueError, match="below zero"):
        replace(Checked(1), count=-1)
    unknown: dict[str, Any] = {"colour": "blue"}
    with pytest.raises(TypeError):
        replace(Slotted(name="a"), **unknown)
