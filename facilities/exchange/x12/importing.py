"""Files of X12 come in: every file is read whole and balanced before anything of it is posted.

Reading is a stream, twice: first everything is read, counted and digested, then the remittances in
it are posted. What is no remittance is counted, and acknowledgements are applied to the claims they
are about. Never raises for what is in the files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from domain.revenue.events.remittance import RemittedClaim
from domain.revenue.remitted import adjustments_of
from facilities.bulk import unhurried_collector
from facilities.exchange.parcels import Counted
from facilities.exchange.report import Progress, in_silence
from facilities.exchange.x12.acknowledgement_desk import AcknowledgementDesk
from facilities.exchange.x12.acknowledgements import (
    read_acknowledgement,
    read_group_acknowledgement,
)
from facilities.exchange.x12.claims_reader import count_claims
from facilities.exchange.x12.interchanges import (
    BLANK,
    BYTE_ORDER_MARK,
    Interchanges,
    Malformed,
    Segment,
    Transaction,
)
from facilities.exchange.x12.matching import Find, nowhere
from facilities.exchange.x12.remittance_desk import Read, RemittanceDesk
from facilities.exchange.x12.remittance_reader import Digest, Payment, read_remittance
from facilities.exchange.x12.report import Figures, Quarantined, X12Report
from facilities.ledger import Ledger
from facilities.scope import Actor
from facilities.service import Service


def import_x12(
    paths: Sequence[Path],
    service: Service,
    ledger: Ledger,
    actor: Actor,
    *,
    facility_id: UUID | None = None,
    open_unknown: bool = False,
    find: Find = nowhere,
    dry_run: bool = False,
    progress: Progress = in_silence,
) -> X12Report:
    """Import files, and what X12 there is in folders.

    `facility_id` is the facility that is paid where no NPI tells. With `open_unknown` the claims,
    payers and facilities nobody knows are opened as the file tells of them. `find` looks for claims
    elsewhere than at the facility that is paid. With `dry_run` everything is read and balanced, and
    nothing is posted.
    """
    report = X12Report()
    files = list(_files(paths, report))
    with unhurried_collector():
        for done, (name, path) in enumerate(files):
            progress("reading", done, len(files))
            counted, figures = Counted(ledger), Figures()
            desk = RemittanceDesk(
                service,
                counted,
                actor,
                facility_id=facility_id,
                open_unknown=open_unknown,
                find=find,
            )
            acknowledgements = AcknowledgementDesk(
                service, counted, actor, find=find, facility_id=facility_id
            )
            file = _File(name, path, figures)
            file.read()
            if not dry_run:
                file.post(desk, acknowledgements)
            figures.events_appended = counted.appended
            report.files.append((name, figures))
        progress("reading", len(files), len(files))
    return report


def _files(paths: Iterable[Path], report: X12Report) -> Iterator[tuple[str, Path]]:
    """The files to read: those that were named, and of folders those that begin as X12 does."""
    for path in paths:
        if not path.is_dir():
            yield path.name, path
            continue
        for each in sorted(found for found in path.rglob("*") if found.is_file()):
            name = str(each.relative_to(path))
            with each.open("rb") as stream:
                begins = stream.read(100).removeprefix(BYTE_ORDER_MARK).lstrip(BLANK)
            if begins[:3] == b"ISA":
                yield name, each
            else:
                report.passed_over.append(name)


class _File:
    """One file, while it is read."""

    def __init__(self, name: str, path: Path, figures: Figures) -> None:
        self._name, self._path, self._figures = name, path, figures
        self._readable: dict[int, Read] = {}

    def read(self) -> None:
        """Read everything, and balance it."""
        with self._path.open("rb") as stream:
            interchanges = Interchanges(stream)
            try:
                for number, transaction in enumerate(interchanges):
                    read = self._read(transaction)
                    if read is not None:
                        self._readable[number] = read
            except Malformed as broken:
                self._broken(None, broken)
            self._figures.interchanges = interchanges.count

    def post(self, remittances: RemittanceDesk, acknowledgements: AcknowledgementDesk) -> None:
        """Read again what could be read, and let the desks post it."""
        if not self._readable:
            return
        last = max(self._readable)
        with self._path.open("rb") as stream:
            for number, transaction in enumerate(Interchanges(stream)):
                read = self._readable.get(number)
                if read is not None and transaction.code == "835":
                    remittances.post(read, _claims(transaction), self._figures)
                elif read is not None:
                    self._acknowledged(acknowledgements, transaction)
                if number == last:
                    break

    def _acknowledged(self, desk: AcknowledgementDesk, transaction: Transaction) -> None:
        where = (self._name, transaction.control_number)
        if transaction.code == "277":
            told = read_acknowledgement(transaction)
            desk.apply(told, where, self._figures, asked=transaction.kind == "277")
        else:
            for each in read_group_acknowledgement(transaction):
                desk.apply_group(each, transaction.envelope, where, self._figures)

    def _read(self, transaction: Transaction) -> Read | None:
        self._figures.kind(transaction.kind)
        try:
            if transaction.code == "835":
                return self._remittance(transaction)
            if transaction.code == "837":
                count_claims(transaction, self._figures)
            if transaction.code in ("277", "999", "997"):
                for _ in transaction:
                    pass
                return Read(self._name, transaction.control_number)
        except Malformed as broken:
            self._broken(transaction.control_number, broken)
        return None

    def _remittance(self, transaction: Transaction) -> Read:
        read = Read(self._name, transaction.control_number)
        digest, figures = Digest(), Figures()
        for told in read_remittance(transaction, digest.over(transaction)):
            if isinstance(told, Payment):
                read.payment = told
            elif isinstance(told, RemittedClaim):
                figures.claims += 1
                figures.lines += len(told.lines)
                figures.billed += told.charge
                figures.paid += told.paid
                figures.adjusted(adjustments_of(told))
            else:
                read.provider_adjustments = told
        read.claims, read.billed, read.paid = figures.claims, figures.billed, figures.paid
        figures.plb = sum((e.amount for e in read.provider_adjustments), Decimal("0.00"))
        figures.payment = read.payment.amount
        read.content = digest.hexdigest()
        self._figures.add(figures)
        return read

    def _broken(self, transaction: str | None, broken: Malformed) -> None:
        self._figures.quarantined.append(
            Quarantined(
                file=self._name,
                transaction=transaction,
                claim=None,
                rule=broken.rule,
                found=broken.found,
                expected=broken.expected,
            )
        )


def _claims(transaction: Transaction) -> Iterator[RemittedClaim]:
    segments: Iterable[Segment] = transaction
    for told in read_remittance(transaction, segments):
        if isinstance(told, RemittedClaim):
            yield told
