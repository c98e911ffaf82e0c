"""Totals: what there is and what it comes to, at whatever moment, in one currency."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.kernel import Command
from domain.organization.events import FacilityKind
from domain.organization.facility import OpenFacility
from domain.revenue.events.claim import Party, PaymentMethod
from domain.revenue.posting import PayClaim
from facilities.database import Database
from tests.conftest import MASTERS
from tests.domain.places import FEBRUARY_1, NEW_YEAR, THE_CLAIM
from tests.facilities.scenes import (
    THE_DAY_BEGINS,
    a_charge,
    a_department,
    a_physician,
    closing,
    said_by,
)
from tests.web.cli.grammar import CommandLine
from web.bootstrap import Almoner

ELSEWHERE = UUID("6d1e8a5e-33a4-4f06-a4b3-5a5d3f1f0c77")


def happen(database: Database, *commands: Command) -> int:
    """Let commands be carried out; returns the position of the last one."""
    with Almoner.on(database, masters=MASTERS) as almoner:
        for each in commands:
            almoner.service.execute(each, said_by())
        return almoner.ledger.head()


def totals(shell: CommandLine, *options: str) -> dict[str, Any]:
    found: dict[str, Any] = shell("report", "totals", *options, "--json").ends(0).json
    return found


def a_payment(amount: str) -> PayClaim:
    return PayClaim(
        claim_id=THE_CLAIM,
        amount=Decimal(amount),
        paid_by=Party.PATIENT,
        method=PaymentMethod.CARD,
        received_on=FEBRUARY_1,
    )


def a_facility_in_euros() -> OpenFacility:
    return OpenFacility(
        facility_id=ELSEWHERE,
        legal_name="Havenhuis",
        kind=FacilityKind.CLINIC,
        zone="Europe/Amsterdam",
        currency="EUR",
        opened_on=NEW_YEAR,
    )


def test_an_empty_ledger_comes_to_nothing(shell: CommandLine) -> None:
    assert totals(shell) == {
        "facilities": 0,
        "departments": 0,
        "staff": 0,
        "payers": 0,
        "claims": 0,
        "transactions": 0,
        "charges": "0.00",
        "payments": "0.00",
        "adjustments": "0.00",
        "transfers_out": "0.00",
        "transfers_in": "0.00",
        "balance": "0.00",
        "credit_balance_claims": 0,
        "credit_balance": "0.00",
        "stock_issues": 0,
        "stock_units_issued": 0,
        "events_appended": 0,
        "rejected": [],
    }


def test_what_happened_is_in_the_totals(shell: CommandLine, database: Database) -> None:
    position = happen(
        database,
        *THE_DAY_BEGINS,
        a_department(),
        a_physician(),
        a_charge("10.00"),
        a_payment("12.50"),
    )
    found = totals(shell)
    assert (found["facilities"], found["departments"], found["staff"]) == (1, 1, 1)
    assert (found["payers"], found["claims"], found["transactions"]) == (1, 1, 2)
    assert (found["charges"], found["payments"], found["balance"]) == ("10.00", "12.50", "-2.50")
    assert (found["credit_balance_claims"], found["credit_balance"]) == (1, "-2.50")
    assert found["events_appended"] == position


def test_a_past_moment_is_told_as_it_was(shell: CommandLine, database: Database) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    position = happen(database, *THE_DAY_BEGINS, a_charge("10.00"))
    happen(database, a_charge("5.00"))
    between = totals(shell, "--as-of", str(position))
    assert (between["charges"], between["events_appended"]) == ("10.00", position)
    now = datetime.now(UTC).isoformat()
    assert totals(shell, "--as-of", now)["charges"] == "15.00"
    assert totals(shell, "--as-of", before.isoformat())["facilities"] == 0
    assert totals(shell, "--as-of", "0")["events_appended"] == 0


def test_who_is_gone_is_not_counted(shell: CommandLine, database: Database) -> None:
    happen(database, *THE_DAY_BEGINS)
    happen(database, closing())
    assert totals(shell)["facilities"] == 0


def test_money_of_several_currencies_is_never_added_up(
    shell: CommandLine, database: Database
) -> None:
    happen(database, *THE_DAY_BEGINS, a_charge("10.00"), a_facility_in_euros())
    shell("report", "totals", "--json").refuses(2, "--currency", "EUR, USD")
    dollars, euros = totals(shell, "--currency", "USD"), totals(shell, "--currency", "EUR")
    assert (dollars["facilities"], dollars["charges"]) == (1, "10.00")
    assert (euros["facilities"], euros["charges"]) == (1, "0.00")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--as-of", "1000"], ["'--as-of'", "no position 1000 yet; the last one is"]),
        (["--as-of", "yesterday"], ["'--as-of'", "'yesterday' is neither a position"]),
        (["--as-of", "-1"], ["'--as-of'", "'-1' is neither a position"]),
        (["--as-of", "2026-01-31"], ["'--as-of'", "with its offset"]),
        (["--as-of", "2026-01-31T00:00:00"], ["'--as-of'", "with its offset"]),
        (["--as-of", "2026-02-30T00:00:00Z"], ["'--as-of'", "'2026-02-30T00:00:00Z'"]),
        (["--as-of", "9999-01-01T00:00:00Z"], ["'--as-of'", "lies in the future"]),
        (["--currency", "dollars"], ["'--currency'", "'dollars' is not a currency's code"]),
        (["--currency", "JPY"], ["'--currency'", "books in JPY (in use: USD)"]),
    ],
)
def test_a_moment_or_a_currency_that_cannot_be_meant_is_refused(
    shell: CommandLine, database: Database, options: list[str], words: list[str]
) -> None:
    happen(database, *THE_DAY_BEGINS)
    shell("report", "totals", *options, "--json").refuses(2, *words)
