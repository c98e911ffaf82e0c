"""Lanes: side by side what may be, one after the other what must be."""

from __future__ import annotations

from functools import partial
from threading import Barrier, Event

import pytest

from facilities.exchange.lanes import Lanes

SOON = 10.0


def test_batches_run_side_by_side_and_are_told_in_their_order() -> None:
    both = Barrier(2, timeout=SOON)
    with Lanes[int]() as lanes:
        lanes.give(lambda: both.wait() * 0 + 1, {"A"})
        lanes.give(lambda: both.wait() * 0 + 2, {"B"})
        assert lanes.finished() == [1, 2]


def test_a_batch_waits_for_those_that_name_the_same() -> None:
    done: list[str] = []
    with Lanes[None](many=3) as lanes:
        for name, keys in (("first", {"A"}), ("second", {"A", "B"}), ("third", {"B"})):
            lanes.give(partial(done.append, name), keys)
        lanes.finished()
    assert done == ["first", "second", "third"]


def test_what_one_raises_is_raised_and_what_is_under_way_ends() -> None:
    began, ended = Event(), Event()

    def fails() -> None:
        assert began.wait(SOON)
        raise ValueError("the database is gone")

    def goes_on() -> None:
        began.set()
        ended.set()

    with Lanes[None]() as lanes:
        lanes.give(fails, {"A"})
        lanes.give(goes_on, {"B"})
        with pytest.raises(ValueError, match="the database is gone"):
            lanes.finished()
    assert ended.is_set()
