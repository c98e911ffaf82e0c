"""Which claim a payer means: asked of whoever can look beyond the facility that is paid."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple
from uuid import UUID


class Numbers(NamedTuple):
    """What a claim is called by in a payer's file: our control number, and the payer's."""

    ours: str
    payers: str | None = None


Find = Callable[[Collection[Numbers]], Mapping[Numbers, UUID]]
"""The claims that are meant, of many at once: the one that bears our control number at any
facility, else the one that a payer gave its number before. What is meant by none or by several is
left out."""


def nowhere(asked: Collection[Numbers]) -> Mapping[Numbers, UUID]:  # noqa: ARG001
    """A `Find` that finds nothing."""
    return {}
