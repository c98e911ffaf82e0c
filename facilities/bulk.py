"""How often Python looks for cycles among its objects: seldom, where nearly none are made.

Imports, simulations and scans make hundreds of thousands of objects in one go; a process that
serves keeps what it started with, and what streams have become, for as long as it lives.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

COLLECT_AFTER = 200_000
"""How many objects are made before Python looks for cycles among them."""

SERVING = 2_000, 1_000, 10
"""The same in a process that serves: often enough to find the cycles of a refusal's traceback, in
two milliseconds; what outlived that (states that are kept in mind) is looked at a thousand times
less often."""

_lock = threading.Lock()
_found: list[tuple[int, int, int]] = []
"""What each that works in bulk now found; the first of them found the usual."""


@contextmanager
def unhurried_collector() -> Iterator[None]:
    """Let Python look for cycles seldom.

    Bulk work makes objects by the hundred thousand, keeps many, and ties none of them into cycles;
    looking through all of them again and again was a third of an import's time. Of several at once
    the last restores what the first found.
    """
    with _lock:
        _found.append(gc.get_threshold())
        gc.set_threshold(COLLECT_AFTER, *_found[0][1:])
    try:
        yield
    finally:
        with _lock:
            usual = _found[0]
            _found.pop()
            if not _found:
                gc.set_threshold(*usual)


def settle() -> None:
    """What was made until now stays as long as the process, which begins to serve: Python is never
    to look through it for cycles again, and seldom through what comes after it.

    A look at all of a server's objects stops every request under way for two tenths of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SERVING)
