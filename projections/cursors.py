"""Where a page ended: an opaque text a client hands back to get the next one.

It holds the sort columns' values of the page's last row, and a digest of the request it belongs to,
so that it is not taken for a place in another list.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from projections.filters import BadValue, Filter, parse_value
from projections.kernel import ReadModel

LONGEST = 8_192


class BadCursor(ValueError):
    """A cursor that was not made by us, or for another request."""

    def __init__(self) -> None:
        super().__init__("the cursor does not belong to this list")


def signature(
    model: ReadModel[Any], filters: Sequence[Filter], descending: bool, as_of: int | None
) -> str:
    """What a cursor is good for, apart from the model."""
    asked = [[each.name, str(each.value)] for each in filters]
    told = json.dumps([model.sort, descending, as_of, asked])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def write_cursor(model: ReadModel[Any], signed: str, values: Sequence[Any]) -> str:
    """The cursor after a row with these values in its sort columns."""
    plain = [each if isinstance(each, (int, bool)) else _told(each) for each in values]
    text = json.dumps([model.name, signed, plain], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def read_cursor(model: ReadModel[Any], signed: str, cursor: str) -> list[Any]:
    """The values of the row a page begins after. Raises `BadCursor`."""
    if len(cursor) > LONGEST:
        raise BadCursor
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        named, good_for, values = json.loads(raw)
        if named != model.name or good_for != signed or len(values) != len(model.sort):
            raise BadCursor
        return [
            parse_value(name, value, model.column[name])
            for name, value in zip(model.sort, values, strict=True)
        ]
    except (binascii.Error, ValueError, TypeError, RecursionError, BadValue):
        raise BadCursor from None


def _told(value: Any) -> str:
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)
