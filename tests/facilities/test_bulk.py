"""Python looks for cycles seldom where nearly none are made, and never through what stays."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from facilities.bulk import SERVING, settle, unhurried_collector


class Node:
    """Something that can be tied into a cycle."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _collector_as_it_was() -> Iterator[None]:
    usual = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*usual)


def test_what_was_there_when_a_process_settles_is_never_looked_through_again() -> None:
    node = Node()
    told = weakref.ref(node)

    settle()
    del node
    gc.collect()

    assert told() is not None


def test_cycles_that_come_after_it_has_settled_are_still_found() -> None:
    settle()
    told = weakref.ref(Node())

    kept = [[] for _ in range(3 * SERVING[0])]  # type: ignore[var-annotated]

    assert kept
    assert told() is None


def test_of_several_that_work_in_bulk_the_last_restores_what_the_first_found() -> None:
    usual = gc.get_threshold()
    first, second = ExitStack(), ExitStack()

    first.enter_context(unhurried_collector())
    second.enter_context(unhurried_collector())
    first.close()
    still = gc.get_threshold()
    second.close()

    assert still != usual
    assert gc.get_threshold() == usual
