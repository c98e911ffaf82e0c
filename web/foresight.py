"""What a command would do: it is decided on as if it was sent, and nothing is recorded."""

from __future__ import annotations

from typing import Any

from domain.kernel import Refused
from domain.supply.foreseeing import Entry, first_negative, foreseen
from facilities.service import Foreseen


def of_stock(command: Entry, found: Foreseen) -> dict[str, Any]:
    """The days an entry into a stock item changes, whether one of them would end with less than
    nothing, and what would be recorded, or which rule would refuse it.
    Raises what else the command would be answered.
    """
    refusal = found.answer if isinstance(found.answer, Refused) else None
    facts = () if refusal else found.outcome.facts
    days = foreseen(found.state, command)
    negative_on = first_negative(days)
    return {
        "facts": [*facts],
        "refusal": refusal and {"code": refusal.code, "detail": str(refusal)},
        "position": found.position,
        "negative_on": negative_on and negative_on.isoformat(),
        "days": [
            {
                "on": each.on.isoformat(),
                "on_hand_before": each.on_hand_before,
                "on_hand_after": each.on_hand_after,
            }
            for each in days
        ],
    }


OF_STOCK: dict[str, Any] = {
    "type": "object",
    "required": ["facts", "refusal", "position", "negative_on", "days"],
    "properties": {
        "facts": {"type": "array", "items": {"type": "string"}},
        "refusal": {
            "type": ["object", "null"],
            "properties": {"code": {"type": "string"}, "detail": {"type": "string"}},
        },
        "position": {"type": "integer", "description": "The item's last event it rests on."},
        "negative_on": {"type": ["string", "null"], "format": "date"},
        "days": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "on": {"type": "string", "format": "date"},
                    "on_hand_before": {"type": "integer"},
                    "on_hand_after": {"type": "integer"},
                },
            },
        },
    },
}
"""How the answer of `of_stock` looks."""
