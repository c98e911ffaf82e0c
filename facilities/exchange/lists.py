"""Anybody's list, CSV or workbook: a row for each thing it tells of, its columns mapped by name."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from facilities.bulk import unhurried_collector
from facilities.exchange.delivery import Stage, deliver
from facilities.exchange.mapping import Columns, Fields
from facilities.exchange.parcels import Place, Sender
from facilities.exchange.reading import Reading
from facilities.exchange.report import ImportReport, Progress, in_silence
from facilities.exchange.tables import Row, Table
from facilities.exchange.tally import Load
from facilities.ledger import Ledger
from facilities.scope import Actor
from facilities.service import Service

T = TypeVar("T")


class MappedList(Generic[T]):
    """A list of things that each are a `T`. A kind of list says what its rows have, how one is
    read, and what is sent for all of them.

    `of` is what a row tells of, in words for people; `known_by` the field no two rows share;
    `private` the fields that are not repeated when a row is refused.
    """

    fields: ClassVar[Fields]
    of: ClassVar[str]
    known_by: ClassVar[str | None] = None
    private: ClassVar[tuple[str, ...]] = ()

    def __init__(self, file: Path, columns: Columns, sender: Sender, now: datetime) -> None:
        self.reading = Reading()
        self._now = now
        self._file, self._columns, self._sender = file, columns, sender
        self._private = frozenset(columns.of.get(each, "") for each in self.private)
        self._listed: list[T] = []

    def read(self) -> None:
        """Read the file to its end."""
        table = Table(self._file, self._columns.needed, private=self._private)
        by_id = None if self.known_by is None else self._columns.of.get(self.known_by)
        self._listed = list(self.reading.rows(table, self.of, by_id, self._read))
        if not self._listed and not self.reading.refusals.rejected:
            self.reading.give_up(table.unreadable(None, "the file has no rows").rejected[0])

    @abstractmethod
    def _read(self, row: Row) -> T:
        """What a row tells. Raises BadRow."""

    @abstractmethod
    def stages(self, load: Load) -> Iterator[Stage]:
        """What is sent for the rows that were read."""

    def _place(self, row: Row) -> Place:
        return Place(row.file, row.line, self._columns.of, self._private)


class Importer(Protocol):
    """Imports one kind of list."""

    def __call__(
        self,
        file: Path,
        mapping: Mapping[str, str],
        service: Service,
        ledger: Ledger,
        actor: Actor,
        *,
        source: str = ...,
        dry_run: bool = ...,
        skip_bad: bool = ...,
        progress: Progress = ...,
    ) -> ImportReport:
        """Send what a list tells.

        `source` is whose list it is. `dry_run`, `skip_bad` and what is raised: as for
        `import_synthea`. Raises Unreadable where the file's header cannot be read, and BadMapping
        where the mapping names what the things of the list do not have, or leaves out what must be
        there.
        """


def importer_of(kind: type[MappedList[Any]]) -> Importer:
    """What imports lists of a kind."""

    def import_list(
        file: Path,
        mapping: Mapping[str, str],
        service: Service,
        ledger: Ledger,
        actor: Actor,
        *,
        source: str = "hr",
        dry_run: bool = False,
        skip_bad: bool = False,
        progress: Progress = in_silence,
    ) -> ImportReport:
        columns = Columns(kind.fields.by_name(Table(file, ()).header(), mapping))
        listed = kind(file, columns, Sender(source, actor), service.now())
        with unhurried_collector():
            progress("reading", 0, 1)
            listed.read()
            progress("reading", 1, 1)
            return deliver(
                listed.stages(ledger.load),
                listed.reading,
                service,
                ledger,
                dry_run=dry_run,
                skip_bad=skip_bad,
                progress=progress,
            )

    return import_list
