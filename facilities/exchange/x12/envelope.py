"""Envelopes of what is written: one interchange with one group and one transaction in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

Elements = Sequence[str]
"""A segment's elements, its identifier first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondent:
    """Who sends or receives an interchange: its id in the envelope, its name, whom to call."""

    id: str
    name: str
    contact: str = "Billing office"
    phone: str = "5555550100"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interchange:
    """What stands around a transaction: from whom to whom, under which number, and when."""

    sender: Correspondent
    receiver: Correspondent
    control_number: int
    at: datetime
    test: bool = False

    @property
    def day(self) -> str:
        return f"{self.at:%Y%m%d}"

    @property
    def clock(self) -> str:
        return f"{self.at:%H%M}"

    def around(self, group: str, code: str, guide: str, inner: Iterable[Elements]) -> str:
        """The interchange of a transaction, whose segments come without ST and SE."""
        sender, receiver = self.sender.id, self.receiver.id
        transaction = [("ST", code, "0001", guide), *inner]
        whole: list[Elements] = [
            (
                "ISA",
                *("00", " " * 10, "00", " " * 10),
                *("ZZ", f"{sender:<15}", "ZZ", f"{receiver:<15}"),
                *(f"{self.at:%y%m%d}", self.clock, "^", "00501", f"{self.control_number:09}"),
                *("0", "T" if self.test else "P", ":"),
            ),
            (
                *("GS", group, sender, receiver, self.day, self.clock),
                *(str(self.control_number), "X", guide),
            ),
            *transaction,
            ("SE", str(len(transaction) + 1), "0001"),
            ("GE", "1", str(self.control_number)),
            ("IEA", "1", f"{self.control_number:09}"),
        ]
        return "".join(f"{_segment(each)}~\n" for each in whole)


def _segment(elements: Elements) -> str:
    said = "*".join(elements)
    return said if elements[0] == "ISA" else said.rstrip("*")


def digits(text: str) -> str:
    """The digits of a postal code or a telephone number."""
    return re.sub("[^0-9]", "", text)


def plain(text: str | None) -> str:
    """A text in the basic character set, without the separators."""
    said = (text or "").upper().encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Z0-9 !\"&'()+,\-./;?=]", " ", said).strip()[:60]
