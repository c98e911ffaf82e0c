"""What is told of rows of a Synthea export that are not as they should be."""

from __future__ import annotations

from collections.abc import Callable

from facilities.exchange.report import Rejected

Damage = Callable[[bytes], bytes]
LEFT_OUT = "its row in line {} of claims_transactions.csv was rejected"
INSTANT = "must be an instant such as 2023-01-27T16:17:47Z"
BETWEEN = "must be between 1900-01-01 and 2200-01-01"
NO_ORGANIZATION = "names no organization of organizations.csv"
FUTURE = "must not be in the future (stock_item.date)"
NO_PAYER = "names no payer of payers.csv"
A_TYPE = "must be one of CHARGE, PAYMENT, ADJUSTMENT, TRANSFERIN, TRANSFEROUT"


def rejected(
    file: str, line: int | None, column: str | None, value: str | None, rule: str
) -> Rejected:
    return Rejected(file=f"{file}.csv", line=line, column=column, value=value, rule=rule)
