"""Read models that are to have caught up: before a figure is printed, after an import."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Any

import click

from facilities.bulk import unhurried_collector
from projections.kernel import ReadModel
from projections.status import ModelStatus
from web.bootstrap import Almoner
from web.cli.progress import Progress

STAGE = "read models"
PROCESSES = min(os.cpu_count() or 1, 4)
"""How many processes fold what is new to a long ledger; they are started where there is that."""

PATIENCE = 120.0
"""Seconds without any headway after which waiting is given up."""


def catch_up(almoner: Almoner, progress: Progress, position: int | None = None) -> int:
    """Fold the read models up to a position (by default the ledger's head); returns it.

    What another runner folds (a `serve` is running) is waited for instead. Models that are
    stalled are not waited for.
    """
    head = almoner.ledger.head() if position is None else position
    reached, headway_at = -1, time.monotonic()
    with (
        unhurried_collector(),
        almoner.crew(PROCESSES) as crew,
        almoner.runner(crew if PROCESSES > 1 else None) as runner,
    ):
        while True:
            try:
                runner.run_until(head, timeout=1.0)
                if reached >= 0:
                    progress(STAGE, head, head)
                return head
            except TimeoutError as error:
                behind = min(
                    (
                        each.position if each.rebuilding is None else each.rebuilding
                        for each in runner.status()
                        if each.stalled_at is None
                    ),
                    default=head,
                )
                progress(STAGE, behind, head)
                if behind > reached:
                    reached, headway_at = behind, time.monotonic()
                elif time.monotonic() - headway_at > PATIENCE:
                    raise click.ClickException(
                        f"The read models do not catch up: {error}"
                    ) from None


def stalled(almoner: Almoner, models: Sequence[ReadModel[Any]] | None = None) -> list[ModelStatus]:
    """The models that do not go on (of those named)."""
    names = None if models is None else {each.name for each in models}
    with almoner.runner() as runner:
        return [
            each
            for each in runner.status()
            if each.stalled_at is not None and (names is None or each.name in names)
        ]
