"""The health system in one table: what there is, and what it comes to, as of one position.

The keys are those of an import's report, so that the two can be laid side by side: there the
figures are those of what was imported, here of everything there is.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import psycopg

from facilities.ledger import Ledger
from projections import queries
from projections.revenue import payer_directory
from projections.revenue.payers import PayerStatus
from projections.scorecards import facility_scorecard

SOURCES = (facility_scorecard, payer_directory)
"""The read models the figures are taken from."""


class SeveralCurrencies(ValueError):
    """Money of several currencies has no sum; `currencies` are those there are."""

    def __init__(self, currencies: list[str]) -> None:
        super().__init__(f"facilities keep their books in {', '.join(currencies)}")
        self.currencies = currencies


class NoSuchCurrency(ValueError):
    """No facility keeps its books in this currency; `currencies` are those there are."""

    def __init__(self, currency: str, currencies: list[str]) -> None:
        known = ", ".join(currencies) or "none yet"
        super().__init__(f"no facility keeps its books in {currency} (in use: {known})")
        self.currencies = currencies


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Figures of the whole system. Money is decimal text with the currency's places.

    `facilities` are those not closed, `departments` those at work, `staff` those who have not
    left, each counted at home, `payers` those not retired. `transactions` are entries in the
    claims' ledgers, a transfer being two (out and in). `events_appended` are the events of the
    ledger up to the position.
    """

    facilities: int
    departments: int
    staff: int
    payers: int
    claims: int
    transactions: int
    charges: str
    payments: str
    adjustments: str
    transfers_out: str
    transfers_in: str
    balance: str
    credit_balance_claims: int
    credit_balance: str
    stock_issues: int
    stock_units_issued: int
    events_appended: int
    rejected: tuple[()] = ()

    def to_json(self) -> dict[str, object]:
        """The figures under the keys of an import's report."""
        return {**asdict(self), "rejected": list(self.rejected)}


def totals(
    connection: psycopg.Connection[Any],
    ledger: Ledger,
    position: int,
    currency: str | None = None,
) -> Totals:
    """The figures as of a position the read models have reached.

    Raises SeveralCurrencies where there are several and none was chosen, NoSuchCurrency where the
    chosen one is not in use, and projections.queries.NotReady.
    """
    rows = queries.total(connection, facility_scorecard, scope=None, as_of=position, ledger=ledger)
    currencies = [str(each["currency"]) for each in rows]
    if currency is not None and currency not in currencies:
        raise NoSuchCurrency(currency, currencies)
    chosen = [each for each in rows if currency in (None, each["currency"])]
    if len(chosen) > 1:
        raise SeveralCurrencies(currencies)
    figures: dict[str, Any] = chosen[0] if chosen else {}
    return Totals(
        facilities=figures.get("facilities", 0),
        departments=figures.get("departments", 0),
        staff=figures.get("staff", 0),
        payers=_payers(connection, position),
        claims=figures.get("claims", 0),
        transactions=figures.get("entries", 0),
        charges=figures.get("charges", "0.00"),
        payments=figures.get("payments", "0.00"),
        adjustments=figures.get("adjustments", "0.00"),
        transfers_out=figures.get("transfers_out", "0.00"),
        transfers_in=figures.get("transfers_in", "0.00"),
        balance=figures.get("balance", "0.00"),
        credit_balance_claims=figures.get("credit_balance_claims", 0),
        credit_balance=figures.get("credit_balance", "0.00"),
        stock_issues=figures.get("stock_issues", 0),
        stock_units_issued=figures.get("stock_units_issued", 0),
        events_appended=_events(connection, position),
    )


def _payers(connection: psycopg.Connection[Any], position: int) -> int:
    count, cursor = 0, None
    while True:
        page = queries.page(
            connection,
            payer_directory,
            scope=None,
            filters={"status": PayerStatus.REGISTERED.value},
            cursor=cursor,
            limit=queries.LARGEST_PAGE,
            as_of=position,
        )
        count += len(page.rows)
        cursor = page.next_cursor
        if cursor is None:
            return count


def _events(connection: psycopg.Connection[Any], position: int) -> int:
    row = connection.execute(
        "SELECT count(*) FROM ledger.events WHERE position <= %s", [position]
    ).fetchone()
    return 0 if row is None else int(row[0])
