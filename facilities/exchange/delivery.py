"""Delivery: what was read is rehearsed, then sent, and what came of it is added up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from facilities.exchange.parcels import Counted, Draft, Parcel, Rehearsal, send
from facilities.exchange.reading import Reading
from facilities.exchange.report import ImportReport, Progress, Rejected
from facilities.exchange.tally import Load, Tally
from facilities.ledger import Ledger
from facilities.service import Service

R = TypeVar("R", covariant=True)


class Counting(Protocol[R]):
    """What parcels came to is added up by it, and told."""

    def add(self, parcels: Iterable[Parcel], load: Load) -> None: ...

    def report(self, appended: int, rejected: Iterable[Rejected]) -> R: ...


@dataclass(frozen=True, slots=True)
class Stage:
    """Drafts that go together. `referred_to`: later stages look at what they came to."""

    name: str
    drafts: Sequence[Draft]
    referred_to: bool = False


def deliver(
    stages: Iterable[Stage],
    reading: Reading,
    service: Service,
    ledger: Ledger,
    *,
    dry_run: bool,
    skip_bad: bool,
    progress: Progress,
) -> ImportReport:
    """Rehearse all stages, then send what was not refused, unless it is too little or a dry run.

    Each of `stages` is asked for when the one before was rehearsed, so that it knows what was
    turned away until then.
    """
    return deliver_by(
        Tally,
        stages,
        reading,
        service,
        ledger,
        dry_run=dry_run,
        skip_bad=skip_bad,
        progress=progress,
    )


def deliver_by(
    tally: Callable[[], Counting[R]],
    stages: Iterable[Stage],
    reading: Reading,
    service: Service,
    ledger: Ledger,
    *,
    dry_run: bool,
    skip_bad: bool,
    progress: Progress,
) -> R:
    """Like `deliver`, with what came of it added up by a `tally` of one's own."""
    refusals, rehearsed = reading.refusals, tally()
    if reading.broken:
        return rehearsed.report(0, refusals.rejected)
    rehearsal = Rehearsal(ledger)
    over_rehearsal = rehearsal.serve(service)
    passed = []
    for stage in stages:
        forget = None if stage.referred_to else rehearsal.forget
        sent = _Sent(f"checking {stage.name}", stage, rehearsed, rehearsal.load, progress, forget)
        send(stage.drafts, over_rehearsal, refusals, sent)
        passed.append(stage)
    if refusals.rejected and not skip_bad:
        return tally().report(0, refusals.rejected)
    if dry_run:
        return rehearsed.report(0, refusals.rejected)
    counted, imported = Counted(ledger), tally()
    over_ledger = counted.serve(service)
    for stage in passed:
        sent = _Sent(f"importing {stage.name}", stage, imported, ledger.load, progress)
        send(stage.drafts, over_ledger, refusals, sent)
    return imported.report(counted.appended, refusals.rejected)


class _Sent:
    """Told of every batch that was sent: adds it up, and says how far the stage has come."""

    def __init__(
        self,
        name: str,
        stage: Stage,
        tally: Counting[Any],
        load: Load,
        progress: Progress,
        forget: Callable[[Iterable[Parcel]], None] | None = None,
    ) -> None:
        self._name, self._tally, self._load, self._progress = name, tally, load, progress
        self._forget, self._done, self._total = forget, 0, len(stage.drafts)
        progress(name, 0, self._total)

    def __call__(self, arrived: Sequence[Parcel], tried: int) -> None:
        self._tally.add(arrived, self._load)
        if self._forget is not None:
            self._forget(arrived)
        self._done += tried
        self._progress(self._name, self._done, self._total)
