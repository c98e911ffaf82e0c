"""Work in bulk: imports and simulations make hundreds of thousands of objects in one go."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

COLLECT_AFTER = 200_000
"""How many objects are made before Python looks for cycles among them."""


@contextmanager
def unhurried_collector() -> Iterator[None]:
    """Let Python look for cycles seldom.

    Bulk work makes objects by the hundred thousand, keeps many, and ties none of them into cycles;
    looking through all of them again and again was a third of an import's time.
    """
    usual = gc.get_threshold()
    gc.set_threshold(COLLECT_AFTER, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
