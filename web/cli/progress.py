"""How far long work has come, on stderr: a bar on a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Self

import click

EVERY = 2.0
"""Seconds between two lines where nobody watches a terminal."""


class Progress:
    """Is told (stage, done, total) and shows it. A context manager, so that a bar always ends."""

    def __init__(self) -> None:
        self._stage, self._told_at, self._told = "", 0.0, -1
        self._bar: Any = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        if sys.stderr.isatty():
            self._draw(stage, done, total)
        else:
            self._tell(stage, done, total)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _draw(self, stage: str, done: int, total: int) -> None:
        if stage != self._stage or self._bar is None:
            self._end()
            self._stage = stage
            self._bar = click.progressbar(length=max(total, 1), label=stage, file=sys.stderr)
            self._bar.__enter__()
        self._bar.length = max(total, 1)
        self._bar.update(done - self._bar.pos)

    def _tell(self, stage: str, done: int, total: int) -> None:
        due = time.monotonic() - self._told_at >= EVERY
        finished = done >= total and (stage, done) != (self._stage, self._told)
        if due or finished:
            self._stage, self._told, self._told_at = stage, done, time.monotonic()
            click.echo(f"{stage}: {done} of {total}", err=True)

    def _end(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None
