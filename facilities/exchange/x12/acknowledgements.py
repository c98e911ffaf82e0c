"""999, 277CA and 277: what comes back for the claims that were sent, before anybody pays.

A 277CA tells of each claim whether the payer takes it in (categories A1, A2), turns it back (A3 and
the others of A), or lets it wait (P); it names the claim by our control number (TRN02), and how the
payer calls it from now on (REF*1K). A 277 answers in the same words where a claim stands (276), and
besides these that it is decided on (F), that more is wanted (R), or that it is not found (D, E).
A 999 tells of whole transactions whether they could be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from domain.revenue.events.submission import ClaimStatusCode
from facilities.exchange.x12.interchanges import Segment, Transaction, element
from facilities.exchange.x12.remittance_reader import day_of

TAKEN_IN = frozenset({"A0", "A1", "A2"})
"""X12 code list 507: forwarded, received, accepted into adjudication."""

CLAIM_LEVELS = frozenset({"22", "PT", "23"})
"""Hierarchical levels (HL03) whose statuses are about one claim."""


PROVIDERS = ("85", "1P")
"""Whose claims these are (NM101): the billing provider of a 277CA, the provider of a 277."""


@dataclass(slots=True)
class Acknowledged:
    """What is said of one claim."""

    control_number: str
    npi: str | None
    said: list[ClaimStatusCode] = field(default_factory=list)
    payer_control_number: str | None = None
    day: date | None = None

    @property
    def category(self) -> str:
        return self.said[0].category if self.said else ""


def read_acknowledgement(transaction: Transaction) -> Iterator[Acknowledged]:
    """The claims that a 277CA tells of. Raises Malformed."""
    component = transaction.envelope.separators.component
    npi: str | None = None
    level = ""
    claim: Acknowledged | None = None
    for segment in transaction:
        match segment[0]:
            case "HL":
                if claim is not None:
                    yield claim
                claim, level = None, element(segment, 3)
            case "NM1" if element(segment, 1) in PROVIDERS and element(segment, 8) == "XX":
                npi = element(segment, 9) or None
            case "TRN" if level in CLAIM_LEVELS and element(segment, 1) == "2":
                if claim is not None:
                    yield claim
                claim = Acknowledged(element(segment, 2), npi)
            case "STC" if claim is not None:
                claim.said.extend(_statuses(segment, component))
                claim.day = claim.day or day_of(element(segment, 2))
            case "REF" if claim is not None and element(segment, 1) == "1K":
                claim.payer_control_number = element(segment, 2) or None
            case _:
                pass
    if claim is not None:
        yield claim


READ = frozenset({"A", "E"})
"""Accepted, perhaps with errors noted (X12 999, IK501 and AK901)."""


@dataclass(slots=True)
class GroupAcknowledged:
    """What is said of a group of ours: under which number it went out, and whether it was read."""

    control_number: str
    accepted: bool = False
    errors: list[str] = field(default_factory=list)


def read_group_acknowledgement(transaction: Transaction) -> Iterator[GroupAcknowledged]:
    """The groups that a 999 (or a 997) tells of. Raises Malformed.

    What we send has one transaction in a group, so that what is said of either is said of both.
    """
    group: GroupAcknowledged | None = None
    for segment in transaction:
        match segment[0]:
            case "AK1":
                group = GroupAcknowledged(element(segment, 2))
            case "IK3" | "IK4" | "AK3" | "AK4" if group is not None:
                group.errors.append(" ".join(filter(None, segment)))
            case "IK5" | "AK5" if group is not None and element(segment, 1) not in READ:
                group.errors.append(" ".join(filter(None, segment)))
            case "AK9" if group is not None:
                group.accepted = element(segment, 1) in READ
                yield group
                group = None
            case _:
                pass


def _statuses(segment: Segment, component: str) -> Iterator[ClaimStatusCode]:
    for place in (1, 10, 11):
        parts = element(segment, place).split(component)
        if parts[0]:
            status = parts[1] if len(parts) > 1 and parts[1] else None
            entity = parts[2] if len(parts) > 2 and parts[2] else None
            yield ClaimStatusCode(category=parts[0], status=status, entity=entity)
