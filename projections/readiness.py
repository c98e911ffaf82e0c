"""Whether the tables of a model can be read, and which positions there can be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from projections.blocks import Stale
from projections.filters import LARGEST, BadValue
from projections.kernel import ReadModel


class NotReady(Exception):
    """The model's tables are not there yet, or are still those of an older declaration. It passes
    when the runner has built them.
    """

    def __init__(self, model: ReadModel[Any]) -> None:
        super().__init__(f"{model.name} is being built")
        self.model = model.name


@contextmanager
def ready(model: ReadModel[Any]) -> Iterator[None]:
    """What is read within raises `NotReady` where the model's tables cannot answer it."""
    try:
        yield
    except (
        Stale,
        psycopg.errors.UndefinedTable,
        psycopg.errors.UndefinedColumn,
        psycopg.errors.FeatureNotSupported,  # a plan made for the tables before they were replaced
    ) as error:
        raise NotReady(model) from error


def bounded(as_of: int | None) -> None:
    """Raises `BadValue` for what cannot be a position."""
    if as_of is not None and not 0 <= as_of <= LARGEST:
        raise BadValue("as_of", as_of, "must be a position")
