"""What supply recorded before it told as much as today reads as if nothing more had been so."""

from __future__ import annotations

from typing import Any

import pytest

from domain.kernel import UPCASTERS
from domain.supply.events.inbound_transfer import (
    InboundDismissed,
    InboundProposed,
    InboundRequested,
)
from domain.supply.events.ordering import OrderedItemReceived
from domain.supply.events.requisition import ItemRequested
from domain.supply.events.stock_closing import StockYearClosed
from domain.supply.events.transfer import TransferRequested


@pytest.mark.parametrize(
    ("name", "version", "told", "added"),
    [
        (InboundProposed.name, 1, {"quantity": 5}, {"expected": None}),
        (InboundDismissed.name, 1, {"quantity": 5}, {"expected": None}),
        (InboundRequested.name, 1, {"quantity": 5}, {"by_register": False}),
        (TransferRequested.name, 1, {"quantity": 5}, {"by_register": False}),
        (OrderedItemReceived.name, 1, {"quantity": 5}, {"delivery_note": None}),
        (ItemRequested.name, 2, {"quantity": 5}, {"expected": None}),
        (
            StockYearClosed.name,
            1,
            {"year": 2025, "lots": [{"lot": "A"}]},
            {"lots": [{"lot": "A", "recalls": []}]},
        ),
        (StockYearClosed.name, 2, {"year": 2025}, {"schedule": None}),
    ],
)
def test_what_was_not_told_was_not_so(
    name: str, version: int, told: dict[str, Any], added: dict[str, Any]
) -> None:
    assert UPCASTERS[name, version](told) == told | added
