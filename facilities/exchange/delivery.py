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
    What was rehearsed whole, with nobody else at work meanwhile, is not decided on again.

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
    passed, ends = [], []
    for stage in stages:
        forget = None if stage.referred_to else rehearsal.forget
        sent = _Sent(f"checking {stage.name}", stage, rehearsed, rehearsal.load, progress, forget)
        send(stage.drafts, over_rehearsal, refusals, sent)
        passed.append(stage)
        ends.append((stage, rehearsal.appended))
    if refusals.rejected and not skip_bad:
        return tally().report(0, refusals.rejected)
    if dry_run:
        return rehearsed.report(0, refusals.rejected)
    counted, imported = Counted(ledger), tally()
    if not refusals.rejected and rehearsal.perform(counted, _Performed(ends, progress)):
        return rehearsed.report(counted.appended, refusals.rejected)
    over_ledger = counted.serve(service)
    for stage in passed:
        sent = _Sent(f"importing {stage.name}", stage, imported, ledger.load, progress)
        send(stage.drafts, over_ledger, refusals, sent)
    return imported.report(counted.appended, refusals.rejected)


class _Performed:
    """Told how many of the rehearsed events are appended: says how far that is, stage by stage.
    `ends` are the stages, each with the number of events up to its end."""

    def __init__(self, ends: Sequence[tuple[Stage, int]], progress: Progress) -> None:
        self._ends, self._progress, self._begun = [*ends], progress, 0
        self._begin()

    def __call__(self, appended: int) -> None:
        while self._ends and appended >= self._ends[0][1]:
            stage, self._begun = self._ends.pop(0)
            self._tell(stage, len(stage.drafts))
            self._begin()
        if self._ends and appended > self._begun:
            stage, end = self._ends[0]
            part = len(stage.drafts) * (appended - self._begun) // (end - self._begun)
            self._tell(stage, part)

    def _begin(self) -> None:
        if self._ends:
            self._tell(self._ends[0][0], 0)

    def _tell(self, stage: Stage, done: int) -> None:
        self._progress(f"importing {stage.name}", done, len(stage.drafts))


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
