"""What an import says when it is done: what came of it in the ledger, and what was turned away."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TypeVar

NOTHING = Decimal("0.00")

Progress = Callable[[str, int, int], None]
"""Told how far an import has come: the stage, what is done of it, and how much there is of it."""


def in_silence(stage: str, done: int, total: int) -> None:
    """A `Progress` for whoever does not want to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """What was turned away, and by which rule.

    `line` is the line of the file the row begins in (the header is in line 1). `value` is left out
    where it may be personal. A rejection of the file as a whole has no line.
    """

    file: str
    line: int | None
    column: str | None
    value: str | None
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a row says otherwise than the ledger did, and what is so because of it.

    `was` and `becomes` are left out where they may be personal.
    """

    file: str
    line: int | None
    column: str
    was: str | None
    becomes: str | None


Told = TypeVar("Told", Rejected, Change)


def in_order(told: Iterable[Told]) -> tuple[Told, ...]:
    """What is told of rows, in the order of the files' lines."""
    return tuple(sorted(told, key=lambda each: (each.file, each.line or 0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(ABC):
    """What every import says: `events_appended` is what this run added, which is nothing when the
    same rows were imported before; `changes` is what was known otherwise before; `rejected` is what
    was turned away."""

    events_appended: int = 0
    changes: tuple[Change, ...] = ()
    rejected: tuple[Rejected, ...] = ()

    @property
    @abstractmethod
    def came_to_something(self) -> bool:
        """Whether anything of the file is in the ledger now, or would be."""

    def to_json(self) -> dict[str, object]:
        """The report as JSON knows it, its own figures first; money as text with two decimal
        places. Changes are told where there are any."""
        told = {
            name: f"{value:.2f}" if isinstance(value, Decimal) else value
            for name, value in asdict(self).items()
        }
        appended, rejected = told.pop("events_appended"), told.pop("rejected")
        if changes := [*told.pop("changes")]:
            told["changes"] = changes
        return {**told, "events_appended": appended, "rejected": [*rejected]}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport(Report):
    """What the rows of a file or a folder have come to in the ledger.

    The figures are those of the aggregates themselves, folded after the import; reversed entries
    of a claim count for nothing. `transactions` are entries in the claims' ledgers, a transfer
    being two (out and in).
    """

    facilities: int = 0
    departments: int = 0
    staff: int = 0
    credentials: int = 0
    attendances: int = 0
    shifts: int = 0
    payers: int = 0
    claims: int = 0
    transactions: int = 0
    charges: Decimal = NOTHING
    payments: Decimal = NOTHING
    adjustments: Decimal = NOTHING
    transfers_out: Decimal = NOTHING
    transfers_in: Decimal = NOTHING
    balance: Decimal = NOTHING
    credit_balance_claims: int = 0
    credit_balance: Decimal = NOTHING
    stock_issues: int = 0
    stock_units_issued: int = 0

    @property
    def came_to_something(self) -> bool:
        return bool(
            self.facilities or self.staff or self.credentials or self.attendances or self.shifts
        )

    def to_json(self) -> dict[str, object]:
        """Only a list of credentials comes to credentials, one of hours to attendances, and one of
        shifts to such."""
        told = Report.to_json(self)
        for only in ("credentials", "attendances", "shifts"):
            if not told[only]:
                del told[only]
        return told
