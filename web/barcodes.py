"""A barcode in place of what is printed beside it: the item's code, the lot and its expiry.

Wherever a request names an item or a lot, it may give the ``barcode`` of the label instead: in a
command, and in what a list or a summary is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import marshmallow as ma

from domain import rules
from domain.kernel import Refused
from facilities.exchange.barcodes import BadBarcode, read_barcode

TOLD = (
    "What a scanner read on the label, instead of the fields it tells: a GTIN, GS1 element "
    "strings (a UDI) with the character 29 as FNC1 or with the identifiers in parentheses, or a "
    "label of HIBCC, which begins with a plus."
)

LONGEST = 200

OF_A_LOT = ("lot", "expires_on", "gtin", "udi_di")
OF_AN_ITEM = ("item_system", "item_code")
OF_A_CODE = ("system", "code")


def fields_of(declared: Collection[str]) -> tuple[str, ...]:
    """Which fields of a command a label can tell; none where it names no item and no lot."""
    if "barcode" in declared:
        return ()
    lot = tuple(each for each in OF_A_LOT if each in declared) if "lot" in declared else ()
    return (*_item_of(declared), *lot)


def filters_of(declared: Collection[str]) -> tuple[str, ...]:
    """Which filters of a list a label can tell: the item, and the lot. By its expiry nobody looks
    for a lot, and where it is known by another one it is to be found all the same."""
    lot = ("lot",) if "lot" in declared else ()
    return (*_item_of(declared), *lot)


def _item_of(declared: Collection[str]) -> tuple[str, ...]:
    named = ({*each} <= {*declared} and each for each in (OF_AN_ITEM, OF_A_CODE))
    return next((each for each in named if each), ())


def read(given: Any, scannable: Collection[str]) -> Any:
    """The request with the fields its barcode tells.

    Raises ValidationError for what is no text, and Refused for a text that is no barcode (by the
    rules of GS1 or HIBCC, its check digit or character among them), where it tells nothing of what
    is asked for, and where it says otherwise than a field.
    """
    if not isinstance(given, Mapping) or "barcode" not in given:
        return given
    rest = {name: value for name, value in given.items() if name != "barcode"}
    scanned = given["barcode"]
    if not isinstance(scanned, str):
        raise ma.ValidationError({"barcode": ["Must be a text."]})
    try:
        rules.text("barcode", "barcode", scanned, longest=LONGEST)
        label = read_barcode(scanned)
    except BadBarcode as error:
        raise _refused("barcode.unreadable", "barcode", scanned, str(error)) from None
    system = (label.gtin and "GTIN") or (label.udi_di and "UDI-DI")
    told: dict[str, Any] = {
        "item_system": system,
        "item_code": label.gtin or label.udi_di,
        "system": system,
        "code": label.gtin or label.udi_di,
        "lot": label.lot,
        "expires_on": label.expires_on and label.expires_on.isoformat(),
        "gtin": label.gtin,
        "udi_di": label.udi_di,
    }
    if not any(told[name] for name in scannable):
        # Passed over, it would have found everything.
        raise _refused("barcode.no_item", "barcode", scanned, "The barcode tells no item")
    for name, value in told.items():
        untold = value is None or name not in scannable
        if not untold and rest.setdefault(name, value) != value:
            rule = f"The barcode says {value}"
            raise _refused("barcode.says_otherwise", name, str(rest[name]), rule)
    return rest


def _refused(code: str, named: str, value: str, rule: str) -> Refused:
    shown = value[:40].encode("utf-8", "replace").decode()
    return Refused(code, f"{rule}.", field=named, value=shown, rule=rule)
