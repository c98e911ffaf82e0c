"""What an import of X12 files says when it is done: what was read, posted and quarantined."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from decimal import Decimal

from domain.revenue.events.claim import AdjustmentGroup
from domain.revenue.events.remittance import RemittedAdjustment

NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """What was not posted: `rule` is what it breaks, `found` and `expected` tell how.

    `transaction` is the transaction's control number (ST02), `claim` ours of the claim (CLP01);
    without them it is the transaction or the file as a whole.
    """

    file: str
    transaction: str | None
    claim: str | None
    rule: str
    found: str
    expected: str


@dataclass(slots=True, kw_only=True)
class Figures:
    """What files say, and what became of it.

    `claims` to `payment` are what was read: `billed` and `paid` of the claims, `payment` of the
    transactions (BPR02), `plb` what was adjusted beside the claims. `posted_claims` are
    those that are posted in the ledger now, whichever run posted them; `events_appended` is what
    this run added. `unapplied` are acknowledgements of claims that are not ours, or that cannot be
    what they say.
    """

    interchanges: int = 0
    transactions: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    claims: int = 0
    posted_claims: int = 0
    lines: int = 0
    billed: Decimal = NOTHING
    paid: Decimal = NOTHING
    adjustments: dict[str, Decimal] = field(
        default_factory=lambda: {each.value: NOTHING for each in AdjustmentGroup}
    )
    plb: Decimal = NOTHING
    payment: Decimal = NOTHING
    acknowledged_claims: int = 0
    acknowledged_interchanges: int = 0
    quarantined: list[Quarantined] = field(default_factory=list)
    unapplied: list[Quarantined] = field(default_factory=list)
    events_appended: int = 0

    def kind(self, name: str) -> None:
        """A transaction of this kind was seen."""
        self.transactions += 1
        self.kinds[name] = self.kinds.get(name, 0) + 1

    def adjusted(self, adjustments: Iterable[RemittedAdjustment]) -> None:
        for each in adjustments:
            self.adjustments[each.group] += each.amount

    def add(self, other: Figures) -> None:
        """Add another's figures to these."""
        self.interchanges += other.interchanges
        self.transactions += other.transactions
        for name, count in other.kinds.items():
            self.kinds[name] = self.kinds.get(name, 0) + count
        self.claims += other.claims
        self.posted_claims += other.posted_claims
        self.lines += other.lines
        self.billed += other.billed
        self.paid += other.paid
        for group, amount in other.adjustments.items():
            self.adjustments[group] += amount
        self.plb += other.plb
        self.payment += other.payment
        self.acknowledged_claims += other.acknowledged_claims
        self.acknowledged_interchanges += other.acknowledged_interchanges
        self.quarantined += other.quarantined
        self.unapplied += other.unapplied
        self.events_appended += other.events_appended

    def to_json(self) -> dict[str, object]:
        """The figures as JSON knows them: money as text with two decimal places."""
        return {
            "interchanges": self.interchanges,
            "transactions": self.transactions,
            "kind": "+".join(sorted(self.kinds)),
            "kinds": self.kinds,
            "claims": self.claims,
            "posted_claims": self.posted_claims,
            "lines": self.lines,
            "billed": f"{self.billed:.2f}",
            "paid": f"{self.paid:.2f}",
            "adjustments": {group: f"{each:.2f}" for group, each in self.adjustments.items()},
            "plb": f"{self.plb:.2f}",
            "payment": f"{self.payment:.2f}",
            "acknowledged_claims": self.acknowledged_claims,
            "acknowledged_interchanges": self.acknowledged_interchanges,
            "quarantined": [asdict(each) for each in self.quarantined],
            "unapplied": [asdict(each) for each in self.unapplied],
            "events_appended": self.events_appended,
        }


@dataclass(slots=True)
class X12Report:
    """The figures of every file in the order they were read, and of all of them together.

    `passed_over` are files of a folder that are no X12.
    """

    files: list[tuple[str, Figures]] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)

    @property
    def total(self) -> Figures:
        total = Figures()
        for _, each in self.files:
            total.add(each)
        return total

    def to_json(self) -> dict[str, object]:
        return {
            **self.total.to_json(),
            "files": [{"file": name, **each.to_json()} for name, each in self.files],
            "passed_over": self.passed_over,
        }
