"""Delivery: what was read is rehearsed, then stored, and what came of it is added up.

1. Every stage is rehearsed: decided on, over a ledger that only remembers.
2. Unless something was refused and that is too little, or it was a dry run, what was decided is
   appended batch by batch, as any decision is: under the versions that its streams had, and under
   its commands' ids.
3. A batch that does not hold any more (somebody else was faster), in which something was refused,
   or that was too much to keep, is decided on anew, and so are all that follow: they may rest on
   it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, takewhile
from operator import attrgetter
from typing import Any, Protocol, TypeVar

from eventsourcing.persistence import IntegrityError

from facilities.exchange.lanes import LANES, Lanes
from facilities.exchange.parcels import (
    Counted,
    Draft,
    Parcel,
    Refusals,
    Rehearsal,
    send,
    written,
)
from facilities.exchange.reading import Reading
from facilities.exchange.report import ImportReport, Progress, Rejected
from facilities.exchange.tally import Load, Tally
from facilities.ledger import Ledger, Pending
from facilities.service import Service

R = TypeVar("R", covariant=True)

MOST_KEPT = 250_000
"""How many facts that were decided on are kept until they are stored: about 200 MB."""


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
    batches = _rehearse(stages, service, ledger, refusals, rehearsed, progress)
    if refusals.rejected and not skip_bad:
        return tally().report(0, refusals.rejected)
    if dry_run:
        return rehearsed.report(0, refusals.rejected)
    counted = Counted(ledger)
    stored = _store(batches, counted, progress)
    if stored == len(batches):
        return rehearsed.report(counted.appended, refusals.rejected)
    imported = tally()
    for batch in batches[:stored]:
        imported.add(written(batch.drafts, refusals), ledger.load)
    over_ledger = counted.serve(service)
    for batch in batches[stored:]:
        batch.begins(progress)
        for sent in send(batch.drafts, over_ledger, refusals):
            imported.add(sent.arrived, ledger.load)
        batch.is_imported(progress)
    return imported.report(counted.appended, refusals.rejected)


@dataclass(slots=True)
class _Batch:
    """Drafts that were rehearsed together, and what was decided; None where it is not kept.

    It is of its stage's drafts from `since` up to `through`.
    """

    stage: Stage
    since: int
    through: int
    drafts: Sequence[Draft]
    decided: Sequence[Pending] | None

    def begins(self, progress: Progress) -> None:
        if not self.since:
            self._tell(progress, 0)

    def is_imported(self, progress: Progress) -> None:
        self._tell(progress, self.through)

    def _tell(self, progress: Progress, done: int) -> None:
        progress(f"importing {self.stage.name}", done, len(self.stage.drafts))


def _rehearse(
    stages: Iterable[Stage],
    service: Service,
    ledger: Ledger,
    refusals: Refusals,
    tally: Counting[Any],
    progress: Progress,
) -> list[_Batch]:
    """Decide on everything; what follows a batch that is not kept is not kept either."""
    rehearsal = Rehearsal(ledger)
    over_rehearsal = rehearsal.serve(service)
    batches: list[_Batch] = []
    keeping, kept = True, 0
    for stage in stages:
        name, done, total = f"checking {stage.name}", 0, len(stage.drafts)
        progress(name, done, total)
        for sent in send(stage.drafts, over_rehearsal, refusals):
            tally.add(sent.arrived, rehearsal.load)
            if not stage.referred_to:
                rehearsal.forget(sent.arrived)
            decided = rehearsal.decided()
            since, done, kept = done, done + len(sent.drafts), kept + len(decided)
            keeping = keeping and not sent.refused and kept <= MOST_KEPT
            batches.append(_Batch(stage, since, done, sent.drafts, decided if keeping else None))
            progress(name, done, total)
    return batches


def _store(batches: Sequence[_Batch], ledger: Counted, progress: Progress) -> int:
    """Append what was decided; how many batches are stored, before the first to be decided anew.

    While PostgreSQL stores one batch the next one is written down, where nothing looks at what the
    batches of a stage came to: then it makes no difference which of two is stored first. One that
    is stored behind one that is not is found to be there when it is decided on anew.
    """
    stored = 0
    for stage, its in groupby(takewhile(_is_kept, batches), key=attrgetter("stage")):
        with Lanes[bool](1 if stage.referred_to else LANES) as lanes:
            for batch in its:
                batch.begins(progress)
                streams = {each.originator_id for each in batch.decided or ()}
                lanes.give(partial(_append, batch, ledger, progress), streams)
            outcomes = lanes.finished()
        stored += sum(takewhile(bool, outcomes))
        if not all(outcomes):
            break
    return stored


def _is_kept(batch: _Batch) -> bool:
    return batch.decided is not None


def _append(batch: _Batch, ledger: Counted, progress: Progress) -> bool:
    """Whether what was decided could be stored as it is."""
    try:
        ledger.append(batch.decided or ())
    except IntegrityError:
        return False
    batch.decided = ()
    batch.is_imported(progress)
    return True
