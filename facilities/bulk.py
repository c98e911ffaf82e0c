"""Work in bulk: imports, simulations and scans make hundreds of thousands of objects in one go."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

COLLECT_AFTER = 200_000
"""How many objects are made before Python looks for cycles among them."""

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
