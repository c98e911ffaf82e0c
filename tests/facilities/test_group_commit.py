"""Writers that come at once are written at once, and none suffers for another."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from eventsourcing.persistence import IntegrityError, OperationalError

from facilities.group_commit import LARGEST_GROUP, GroupCommit, Overloaded, Row


class Shelf:
    """Somewhere rows are stored; the first write waits until it is let through."""

    def __init__(self) -> None:
        self.writes: list[list[Row]] = []
        self.stored: list[Row] = []
        self.begun, self.let_through = threading.Event(), threading.Event()
        self.refuses: Callable[[Row], BaseException | None] = lambda row: None

    def write(self, rows: Sequence[Row]) -> list[int]:
        self.writes.append(list(rows))
        if len(self.writes) == 1:
            self.begun.set()
            assert self.let_through.wait(10)
        for row in rows:
            if (error := self.refuses(row)) is not None:
                raise error
        first = len(self.stored)
        self.stored += rows
        return [*range(first, len(self.stored))]


def while_one_writes(
    shelf: Shelf, group: GroupCommit, requests: Sequence[Sequence[Row]], crowd: ThreadPoolExecutor
) -> list[Future[Sequence[int]]]:
    """The first request is being written while the others queue up, in their order."""
    futures = [crowd.submit(group.append, requests[0])]
    assert shelf.begun.wait(10)
    for waiting, rows in enumerate(requests[1:], start=1):
        futures.append(crowd.submit(group.append, rows))
        while len(group._queue) < waiting:
            pass
    shelf.let_through.set()
    return futures


def test_those_who_come_while_one_writes_are_written_together() -> None:
    shelf = Shelf()
    group = GroupCommit(shelf.write)
    requests: list[list[Row]] = [[("a",)], [("b", 1), ("b", 2)], [("c",)], [("d",)]]
    with ThreadPoolExecutor(4) as crowd:
        futures = while_one_writes(shelf, group, requests, crowd)
    assert shelf.writes == [[("a",)], [("b", 1), ("b", 2), ("c",), ("d",)]]
    assert [list(each.result()) for each in futures] == [[0], [1, 2], [3], [4]]


def test_one_that_conflicts_does_not_fail_its_neighbours() -> None:
    shelf = Shelf()
    shelf.refuses = lambda row: IntegrityError("taken") if row == ("bad",) else None
    group = GroupCommit(shelf.write)
    requests = [[("a",)], [("b",)], [("bad",)], [("c",)]]
    with ThreadPoolExecutor(4) as crowd:
        futures = while_one_writes(shelf, group, requests, crowd)
    assert shelf.stored == [("a",), ("b",), ("c",)]
    assert [list(futures[place].result()) for place in (0, 1, 3)] == [[0], [1], [2]]
    with pytest.raises(IntegrityError, match="taken"):
        futures[2].result()


def test_one_that_cannot_be_stored_does_not_fail_its_neighbours() -> None:
    shelf = Shelf()
    shelf.refuses = lambda row: ValueError("poison") if row == ("bad",) else None
    group = GroupCommit(shelf.write)
    with ThreadPoolExecutor(3) as crowd:
        futures = while_one_writes(shelf, group, [[("a",)], [("bad",)], [("c",)]], crowd)
    assert shelf.stored == [("a",), ("c",)]
    with pytest.raises(ValueError, match="poison"):
        futures[1].result()


def test_when_the_connection_breaks_nobody_is_written_again() -> None:
    shelf = Shelf()
    shelf.refuses = lambda row: OperationalError("gone") if row == ("c",) else None
    group = GroupCommit(shelf.write)
    with ThreadPoolExecutor(3) as crowd:
        futures = while_one_writes(shelf, group, [[("a",)], [("b",)], [("c",)]], crowd)
    assert shelf.writes == [[("a",)], [("b",), ("c",)]]
    for each in futures[1:]:
        with pytest.raises(OperationalError, match="gone"):
            each.result()


def test_one_more_than_there_is_room_for_is_turned_away() -> None:
    shelf = Shelf()
    group = GroupCommit(shelf.write, room=2)
    with ThreadPoolExecutor(3) as crowd:
        futures = [crowd.submit(group.append, [("a",)])]
        assert shelf.begun.wait(10)
        for waiting in (1, 2):
            futures.append(crowd.submit(group.append, [("b",)]))
            while len(group._queue) < waiting:
                pass
        with pytest.raises(Overloaded):
            group.append([("c",)])
        shelf.let_through.set()
        assert [list(each.result()) for each in futures] == [[0], [1], [2]]
    assert list(group.append([("c",)])) == [3]


def test_a_group_has_a_largest_size_and_the_rest_is_written_next() -> None:
    shelf = Shelf()
    group = GroupCommit(shelf.write)
    large = [("b",)] * (LARGEST_GROUP - 1)
    with ThreadPoolExecutor(4) as crowd:
        futures = while_one_writes(shelf, group, [[("a",)], large, [("c",)], [("d",)]], crowd)
    assert [len(each) for each in shelf.writes] == [1, LARGEST_GROUP, 1]
    assert list(futures[3].result()) == [LARGEST_GROUP + 1]


def test_an_interrupted_leader_leaves_nobody_waiting() -> None:
    shelf = Shelf()
    shelf.refuses = lambda row: KeyboardInterrupt() if row == ("a",) else None
    group = GroupCommit(shelf.write)
    with ThreadPoolExecutor(2) as crowd:
        futures = while_one_writes(shelf, group, [[("a",)], [("b",)]], crowd)
        with pytest.raises(KeyboardInterrupt):
            futures[0].result()
        assert list(futures[1].result()) == [0]
    assert list(group.append([("c",)])) == [1]


def test_many_writers_are_each_answered_with_their_own_positions() -> None:
    shelf = Shelf()
    shelf.let_through.set()
    group = GroupCommit(shelf.write)

    def write(number: int) -> tuple[int, Sequence[int]]:
        return number, group.append([(number, 1), (number, 2)])

    with ThreadPoolExecutor(16) as crowd:
        answers = list(crowd.map(write, range(500)))
    for number, positions in answers:
        assert [shelf.stored[place] for place in positions] == [(number, 1), (number, 2)]
    assert len(shelf.stored) == 1000


def test_a_group_that_met_someone_faster_is_written_once_more() -> None:
    shelf = Shelf()
    faster = [IntegrityError("someone was faster")]
    shelf.refuses = lambda row: faster.pop() if row == ("b",) and faster else None
    group = GroupCommit(shelf.write)
    with ThreadPoolExecutor(3) as crowd:
        futures = while_one_writes(shelf, group, [[("a",)], [("b",)], [("c",)]], crowd)
    assert shelf.writes == [[("a",)], [("b",), ("c",)], [("b",), ("c",)]]
    assert [list(each.result()) for each in futures] == [[0], [1], [2]]


@pytest.mark.parametrize(("verdict", "said"), [(-1, "version"), (-2, "command")])
def test_one_that_has_lost_is_told_what_it_lost(verdict: int, said: str) -> None:
    group = GroupCommit(lambda rows: [verdict] * len(rows))
    with pytest.raises(IntegrityError, match=said):
        group.append([("a",), ("b",)])


def test_one_who_gives_up_waiting_leaves_the_others_alone() -> None:
    shelf = Shelf()
    group = GroupCommit(shelf.write)
    wait = GroupCommit._wait

    def interrupt() -> None:
        waiter = threading.main_thread().ident or 0
        while True:
            frame = sys._current_frames()[waiter]
            if frame.f_code is wait.__code__ and frame.f_lineno > wait.__code__.co_firstlineno + 1:
                break
        signal.pthread_kill(waiter, signal.SIGINT)

    with ThreadPoolExecutor(3) as crowd:
        first = crowd.submit(group.append, [("a",)])
        assert shelf.begun.wait(10)
        crowd.submit(interrupt)
        with pytest.raises(KeyboardInterrupt):
            group.append([("b",)])
        after = crowd.submit(group.append, [("c",)])
        while not group._queue:
            pass
        shelf.let_through.set()
        assert [list(first.result()), list(after.result())] == [[0], [1]]
    assert shelf.writes == [[("a",)], [("c",)]]
