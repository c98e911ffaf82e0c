"""What is numbered is kept as a mapping would, whatever is put in and taken out."""

from __future__ import annotations

import hypothesis
import pytest
from hypothesis import strategies

from domain.workforce.numbered import Numbered

Steps = list[tuple[int, int | None]]


@hypothesis.settings(derandomize=True, database=None)
@hypothesis.given(
    strategies.lists(
        strategies.tuples(strategies.integers(1, 200), strategies.none() | strategies.integers())
    )
)
def test_it_is_the_mapping_it_stands_for(steps: Steps) -> None:
    plain: dict[int, int] = {}
    numbered = Numbered[int]()
    for number, value in steps:
        before, then = numbered, dict(plain)
        if value is None and number in plain:
            del plain[number]
            numbered = numbered.without(number)
        elif value is not None:
            plain[number] = value
            numbered = numbered.with_one(number, value)
        assert dict(before) == then
        assert numbered == plain
        assert len(numbered) == len(plain)


def test_what_is_not_there_is_no_number_of_it() -> None:
    one = Numbered[str]().with_one(7, "seven")
    assert 7 in one
    assert one.get(8) is None
    assert repr(one) == "Numbered({7: 'seven'})"
    with pytest.raises(KeyError):
        one[500]
