"""The tally: what imported rows have come to, asked of what is recorded and not of the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.kernel import Fact
from domain.revenue.entry import Posted, entry_of
from domain.revenue.events.claim import ClaimEntryReversed, EntryKind
from domain.supply.events.stock import StockIssued
from domain.supply.stock_item import IssueStock
from facilities.exchange.parcels import Parcel
from facilities.exchange.report import NOTHING, Change, ImportReport, Rejected, in_order
from facilities.ledger import StoredFact

Load = Callable[[Iterable[UUID]], Mapping[UUID, Sequence[StoredFact]]]

COUNTED = {
    "organization": "facilities",
    "department": "departments",
    "provider": "staff",
    "staff member": "staff",
    "credential": "credentials",
    "attendance": "attendances",
    "shift": "shifts",
    "payer": "payers",
}
"""Under which figure a thing of a file is counted."""

MONEY = {
    EntryKind.CHARGE: ("charges",),
    EntryKind.PAYMENT: ("payments",),
    EntryKind.ADJUSTMENT: ("adjustments",),
    EntryKind.TRANSFER: ("transfers_out", "transfers_in"),
}
"""Which figures an entry in a claim's ledger adds to, one for each transaction it stands for."""


class Tally:
    """Adds up what parcels came to."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._money: dict[str, Decimal] = {}
        self._changes: list[Change] = []

    def add(self, parcels: Iterable[Parcel], load: Load) -> None:
        """Count what came of these parcels, all of which arrived: their streams are there."""
        weighed: dict[UUID, Parcel] = {}
        for each in parcels:
            kind, _ = each.thing
            self._changes += [change for letter in each.letters for change in letter.changes]
            if kind in COUNTED:
                self._counts[COUNTED[kind]] += 1
            else:
                weighed[each.stream_id] = each
        if not weighed:
            return
        for stream_id, stored in load(weighed).items():
            parcel = weighed[stream_id]
            if parcel.thing[0] == "claim":
                self._add_claim([each.fact for each in stored])
            else:
                self._add_issues(parcel, stored)

    def _add_claim(self, facts: Sequence[Fact]) -> None:
        """Count the entries that stand. The rest of what the claim has become is not asked for."""
        posted = [each for each in facts if isinstance(each, Posted)]
        taken_back = {
            each.reversed_entry for each in posted if isinstance(each, ClaimEntryReversed)
        }
        self._counts["claims"] += 1
        for each in posted:
            entry = entry_of(each)
            if not entry.reversed and each.entry not in taken_back:
                for figure in MONEY[entry.kind]:
                    self._counts["transactions"] += 1
                    self._add_money(figure, entry.amount)
        balance = posted[-1].balance_after if posted else NOTHING
        self._add_money("balance", balance)
        if balance < 0:
            self._counts["credit_balance_claims"] += 1
            self._add_money("credit_balance", balance)

    def _add_issues(self, parcel: Parcel, stored: Sequence[StoredFact]) -> None:
        # Others may issue the same item: only what was for the encounters on file is this file's.
        commands = [each.command for each in parcel.letters]
        encounters = {each.encounter_id for each in commands if isinstance(each, IssueStock)}
        for each in stored:
            if isinstance(each.fact, StockIssued) and each.fact.encounter_id in encounters:
                self._counts["stock_issues"] += 1
                self._counts["stock_units_issued"] += each.fact.quantity

    def _add_money(self, figure: str, amount: Decimal) -> None:
        self._money[figure] = self._money.get(figure, NOTHING) + amount

    def report(self, appended: int, rejected: Iterable[Rejected]) -> ImportReport:
        """The figures, with the rejections in the order of the files' lines."""
        figures: dict[str, Any] = {**self._counts, **self._money}
        return ImportReport(
            **figures,
            events_appended=appended,
            changes=in_order(self._changes),
            rejected=in_order(rejected),
        )
