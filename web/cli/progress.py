"""How far long work has come, and how long it will take, on stderr: a bar on a terminal, else a
line now and then, which is one of JSON where the answer is.
"""

from __future__ import annotations

import json
import sys
import time
from types import TracebackType
from typing import Any, Self

import click

EVERY = 2.0
"""Seconds between two lines where nobody watches a terminal."""


class Progress:
    """Is told (stage, done, total) and shows it. A context manager, so that a bar always ends."""

    def __init__(self, *, as_json: bool = False) -> None:
        self._as_json = as_json
        self._stage, self._told_at, self._told = "", 0.0, -1
        self._timed, self._began, self._first = "", 0.0, 0
        self._bar: Any = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self._timed:
            self._timed, self._began, self._first = stage, time.monotonic(), done
        if sys.stderr.isatty() and not self._as_json:
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
            self._bar = click.progressbar(
                length=max(total, 1),
                label=stage,
                file=sys.stderr,
                show_pos=True,
                item_show_func=lambda _: f"{self._rate(self._bar.pos):,.0f}/s",
            )
            self._bar.__enter__()
        self._bar.length = max(total, 1)
        self._bar.update(done - self._bar.pos)

    def _tell(self, stage: str, done: int, total: int) -> None:
        due = time.monotonic() - self._told_at >= EVERY
        finished = done >= total and (stage, done) != (self._stage, self._told)
        if due or finished:
            self._stage, self._told, self._told_at = stage, done, time.monotonic()
            click.echo(self._line(stage, done, total), err=True)

    def _line(self, stage: str, done: int, total: int) -> str:
        rate = self._rate(done)
        left = round((total - done) / rate) if rate else None
        if self._as_json:
            told = {"stage": stage, "done": done, "total": total, "per_second": round(rate)}
            return json.dumps({**told, "seconds_left": left})
        return f"{stage}: {done} of {total}" + (f", {left} s left" if left else "")

    def _rate(self, done: int) -> float:
        """How much of the stage was done a second, since it was first told of."""
        return (done - self._first) / max(time.monotonic() - self._began, 0.001)

    def _end(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None
