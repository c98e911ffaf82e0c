"""837: the claims of somebody else's file are counted, and what is asked for in them."""

from __future__ import annotations

from decimal import Decimal

from facilities.exchange.x12.interchanges import Transaction, element
from facilities.exchange.x12.remittance_reader import amount_of
from facilities.exchange.x12.report import Figures

LINES = frozenset({"SV1", "SV2", "SV3"})
"""A professional, an institutional, a dental service line."""


def count_claims(transaction: Transaction, figures: Figures) -> None:
    """Count the claims (CLM), their lines and charges (CLM02). Raises Malformed."""
    billed, claims, lines = Decimal("0.00"), 0, 0
    for segment in transaction:
        if segment[0] == "CLM":
            claims += 1
            billed += amount_of(segment, 2)
        elif segment[0] in LINES and element(segment, 1):
            lines += 1
    figures.claims += claims
    figures.lines += lines
    figures.billed += billed
