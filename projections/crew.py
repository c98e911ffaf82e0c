"""Processes that fold a model together, each the facilities that fall to it.

They are started afresh (spawned): a process that was forked would share connections and locks with
the one it came from. Each opens connections of its own, waits for work, and ends when nobody can
give it any more.
"""

from __future__ import annotations

import gc
import importlib
import multiprocessing
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from projections.bulk import CannotFold, Part, Told, fill
from projections.leadership import SESSION, Connect
from projections.tables import Suffix, Tables

if TYPE_CHECKING:
    from projections.reading import Reader

Door = Callable[[], AbstractContextManager[tuple["Connect", "Reader"]]]
"""Opens what a process needs: connections in the role of the projector, and a reader of the ledger.
It is sent to another process, so it must be made of what can be."""

Work = tuple[str, Suffix, int, Part | None]


class Crew:
    """So many processes that fold one model after the other. Close it, or use it as a context
    manager; they are started when there is something to do."""

    def __init__(self, processes: int, door: Door) -> None:
        self.processes, self._door = processes, door
        self._hands: list[tuple[BaseProcess, Pipe]] = []

    def fill(self, tables: Tables, upto: int, told: Told) -> None:
        """As `projections.bulk.fill`, by all of them, or by one where the model is not `local`;
        `told` where the last of them is.

        Raises CannotFold. Nobody is at work afterwards, and where one failed, all have ended.
        """
        try:
            self._start()
            parts = self.processes if tables.model.local else 1
            reached = dict.fromkeys(range(parts), 0)
            working: dict[Pipe, int] = {}
            for number, (_process, pipe) in enumerate(self._hands[:parts]):
                part = (number, parts) if parts > 1 else None
                work: Work = (tables.model.name, tables.suffix, upto, part)
                pipe.send(work)
                working[pipe] = number
            while working:
                for ready in wait(list(working)):
                    assert isinstance(ready, Pipe)
                    answer = ready.recv()
                    number = working[ready]
                    if isinstance(answer, str):
                        raise CannotFold(answer)
                    reached[number] = upto if answer is None else answer
                    if answer is None:
                        del working[ready]
                    told(min(reached.values()))
        except EOFError as error:
            self._stop()
            raise CannotFold("a process that folded has ended") from error
        except BaseException:
            self._stop()
            raise

    def close(self) -> None:
        """Let the processes end."""
        for _process, pipe in self._hands:
            pipe.close()
        for process, _pipe in self._hands:
            process.join()
        self._hands = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _start(self) -> None:
        spawning = multiprocessing.get_context("spawn")
        while len(self._hands) < self.processes:
            ours, theirs = spawning.Pipe()
            process = spawning.Process(target=_serve, args=(theirs, self._door), daemon=True)
            process.start()
            theirs.close()
            self._hands.append((process, ours))

    def _stop(self) -> None:
        for process, _pipe in self._hands:
            process.terminate()
        self.close()


def _serve(pipe: Pipe, door: Door) -> None:
    """What one of the processes does: work it is given, until there is nobody to give it."""
    # What is folded refers to nothing that refers back: looking for cycles in millions of rows
    # would take much of the time, and find none.
    gc.disable()
    models: dict[str, Any] = {
        each.name: each for each in importlib.import_module("projections").READ_MODELS
    }
    with suppress(EOFError, BrokenPipeError), door() as (connect, reader):
        while True:
            name, suffix, upto, part = pipe.recv()
            try:
                with connect() as connection:
                    connection.execute(SESSION)
                    fill(connection, reader, Tables(models[name], suffix), upto, part, pipe.send)
            except BrokenPipeError:
                raise
            except Exception as error:  # noqa: BLE001 - told to the process that asked
                # Without the message of any other error: that may quote a fact.
                said = str(error) if isinstance(error, CannotFold) else type(error).__name__
                pipe.send(said)
            else:
                pipe.send(None)
