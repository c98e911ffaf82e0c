"""The mailroom's desk for contracts: a payer's fee schedule, CSV or workbook, is listed and put in
force.

Fields, each in a column of its own name or mapped (`facilities.exchange.mapping`), or the same for
every row (``schedule=:2026``):

* ``payer``: its id, or the identifier claims to it are routed by; terms must be agreed with it;
* ``schedule`` (its name), ``currency``, ``valid_from`` (the first day it holds for);
* ``procedure`` (HCPCS or CPT code, revenue code, DRG), ``modifier`` where that has its own fee, and
  ``amount``, what is allowed for one unit: ``1450.00``, or ``$1,450.00``.

A file may hold several schedules. Each is listed and published as a whole or not at all, as what is
in force does not change any more: what is different next year is another schedule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from domain import rules
from domain.kernel import Refused
from domain.money import CURRENCIES
from domain.revenue.events.contract import Fee, contract_of
from domain.revenue.payer_contract import (
    MODIFIER,
    MOST_FEES_AT_ONCE,
    PROCEDURE,
    ListFees,
    PublishFeeSchedule,
)
from facilities.bulk import unhurried_collector
from facilities.exchange.delivery import Stage, deliver_by
from facilities.exchange.mapping import Columns, Fields
from facilities.exchange.parcels import Draft, Letter, Parcel, Place, Sender
from facilities.exchange.reading import Reading
from facilities.exchange.references import payers_named
from facilities.exchange.report import Progress, Rejected, Report, in_order, in_silence
from facilities.exchange.tables import Row, Table
from facilities.exchange.tally import Load
from facilities.ledger import Ledger
from facilities.scope import Actor
from facilities.service import Service

FIELDS = Fields(
    of="fee schedules",
    required=("payer", "schedule", "currency", "valid_from", "procedure", "amount"),
    optional=("modifier",),
)
_PRICE = re.compile(r"\$?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(\.[0-9]{1,10})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeScheduleReport(Report):
    """What the rows came to: `fee_schedules` that are in force, and their `fees`."""

    fee_schedules: int = 0
    fees: int = 0

    @property
    def came_to_something(self) -> bool:
        return bool(self.fee_schedules)


class FeeScheduleTally:
    """Adds up the schedules that arrived."""

    def __init__(self) -> None:
        self._schedules = self._fees = 0

    def add(self, parcels: Iterable[Parcel], load: Load) -> None:  # noqa: ARG002 - all is in them
        for parcel in parcels:
            self._schedules += 1
            for each in parcel.letters:
                if isinstance(each.command, ListFees):
                    self._fees += len(each.command.fees)

    def report(self, appended: int, rejected: Iterable[Rejected]) -> FeeScheduleReport:
        """The figures, with the rejections in the order of the file's lines."""
        return FeeScheduleReport(
            fee_schedules=self._schedules,
            fees=self._fees,
            events_appended=appended,
            rejected=in_order(rejected),
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the file."""

    row: Row
    payer: str
    schedule: str
    currency: str
    valid_from: date
    fee: Fee

    @property
    def whole(self) -> tuple[str, str]:
        """The schedule it is of."""
        return self.payer.lower(), self.schedule


def import_fee_schedules(
    file: Path,
    mapping: Mapping[str, str],
    service: Service,
    ledger: Ledger,
    actor: Actor,
    *,
    dry_run: bool = False,
    skip_bad: bool = False,
    progress: Progress = in_silence,
) -> FeeScheduleReport:
    """List the fees of a file, and put their schedules in force.

    `dry_run`, `skip_bad` and what is raised: as for `import_staff`. With `skip_bad` a schedule that
    has a bad row is left out as a whole.
    """
    columns = Columns(FIELDS.by_name(Table(file, ()).header(), mapping))
    desk = FeeSchedules(file, columns, Sender("fee-schedule", actor))
    with unhurried_collector():
        progress("reading", 0, 1)
        desk.read()
        progress("reading", 1, 1)
        return deliver_by(
            FeeScheduleTally,
            desk.stages(ledger.load),
            desk.reading,
            service,
            ledger,
            dry_run=dry_run,
            skip_bad=skip_bad,
            progress=progress,
        )


class FeeSchedules:
    """A file that lists fees."""

    def __init__(self, file: Path, columns: Columns, sender: Sender) -> None:
        self.reading = Reading()
        self._file, self._columns, self._sender = file, columns, sender
        self._listed: dict[tuple[str, str], list[Listed]] = {}
        self._bad: set[tuple[str, str]] = set()

    def read(self) -> None:
        """Read the file to its end."""
        table = Table(self._file, self._columns.needed)
        seen = False
        for each in self.reading.rows(table, "fee", None, self._read, blame=self._blame):
            seen = True
            self._listed.setdefault(each.whole, []).append(each)
        if not seen and not self.reading.refusals.rejected:
            self.reading.give_up(table.unreadable(None, "the file has no rows").rejected[0])

    def _blame(self, row: Row, _rejected: Rejected) -> None:
        said = self._columns.said
        self._bad.add((said(row, "payer").lower(), said(row, "schedule")))

    def _read(self, row: Row) -> Listed:
        said, required = self._columns.said, self._columns.required
        currency = required(row, "currency")
        if currency not in CURRENCIES:
            raise self._columns.bad(row, "currency", "must be a currency of ISO 4217")
        fee = Fee(
            procedure=self._shaped(row, "procedure", required(row, "procedure"), PROCEDURE),
            modifier=(
                self._shaped(row, "modifier", said(row, "modifier"), MODIFIER)
                if said(row, "modifier")
                else None
            ),
            amount=self._amount(row, currency),
        )
        listed = Listed(
            row=row,
            payer=required(row, "payer"),
            schedule=required(row, "schedule"),
            currency=currency,
            valid_from=self._columns.day(row, "valid_from"),
            fee=fee,
        )
        name = "/".join((*listed.whole, fee.procedure, fee.modifier or ""))
        self.reading.alone(row, self._columns.of.get("procedure"), "fee of", name)
        first = self._listed.get(listed.whole, [listed])[0]
        for field in ("currency", "valid_from"):
            if getattr(first, field) != getattr(listed, field):
                rule = f"must be that of the schedule's first row ({getattr(first, field)})"
                raise self._columns.bad(row, field, rule)
        return listed

    def _shaped(self, row: Row, field: str, value: str, shape: tuple[str, str]) -> str:
        try:
            return rules.shaped("fee", field, value.upper(), *shape)
        except Refused as refused:
            raise self._columns.bad(row, field, str(refused.details["rule"])) from None

    def _amount(self, row: Row, currency: str) -> Decimal:
        found = _PRICE.fullmatch(self._columns.required(row, "amount"))
        if found is None:
            raise self._columns.bad(row, "amount", "must be an amount such as 1450.00")
        plain = Decimal(found[1].replace(",", "") + (found[2] or ""))
        try:
            return rules.amount("fee", "amount", plain, currency, zero_allowed=True)
        except Refused as refused:
            raise self._columns.bad(row, "amount", str(refused.details["rule"])) from None

    # --- sending ---------------------------------------------------------------------------------

    def stages(self, load: Load) -> Iterator[Stage]:
        """The one stage there is: payers are looked up, and nobody else is asked for."""
        whole = {name: rows for name, rows in self._listed.items() if name not in self._bad}
        payers = payers_named(load, {rows[0].payer for rows in whole.values()})

        def write(rows: Sequence[Listed]) -> list[Letter]:
            first = rows[0]
            payer_id = payers.get(first.payer)
            if payer_id is None:
                raise self._columns.bad(first.row, "payer", "names no payer")
            return [*self._letters(payer_id, rows)]

        yield Stage(
            "fee schedules",
            [
                Draft(
                    ("fee schedule", "/".join(name)),
                    contract_of(payers.get(rows[0].payer, UUID(int=0))),
                    self._place(rows[0].row),
                    partial(write, rows),
                )
                for name, rows in whole.items()
            ],
        )

    def _letters(self, payer_id: UUID, rows: Sequence[Listed]) -> Iterator[Letter]:
        """The fees by the thousand, then that the schedule is whole. The commands' ids are made of
        what is listed: another list under the same name is told from the same list once more."""
        first = rows[0]
        contract_id, digest = contract_of(payer_id), sha256()
        for begin in range(0, len(rows), MOST_FEES_AT_ONCE):
            part = rows[begin : begin + MOST_FEES_AT_ONCE]
            listing = ListFees(
                payer_id=payer_id,
                schedule=first.schedule,
                currency=first.currency,
                fees=tuple(replace(each.fee) for each in part),
            )
            digest.update(repr(listing).encode())
            name = f"{contract_id}/{digest.hexdigest()}"
            yield self._sender.letter(listing, "fees", name, self._place(part[0].row))
        publishing = PublishFeeSchedule(
            payer_id=payer_id,
            schedule=first.schedule,
            valid_from=first.valid_from,
            fees=len(rows),
        )
        name = f"{contract_id}/{digest.hexdigest()}/{first.valid_from}"
        yield self._sender.letter(publishing, "schedule", name, self._place(first.row))

    def _place(self, row: Row) -> Place:
        return Place(row.file, row.line, self._columns.of)
