"""A real ledger: Synthea's health system imported, folded, and held against figures that were
computed from its files by other programs, and against the oracle at any instant.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from domain.kernel import Recorded, foreign_id
from facilities.database import Database, Role
from facilities.exchange.synthea import import_synthea
from facilities.ledger import Ledger
from facilities.scope import Actor
from facilities.scope import Role as ActorRole
from facilities.service import Service
from migrations import migrate
from projections import READ_MODELS
from projections.kernel import ReadModel, Summary
from projections.queries import page, total
from projections.render import render
from projections.revenue import claim_ledger, claim_list, payments_by_method, receivables
from projections.runner import Runner
from projections.scorecards import facility_scorecard
from projections.supply import stock_movements, stock_on_hand
from tests.conftest import drop
from tests.projections.oracle import looks_as_refolded
from tests.projections.story import tables_of

pytestmark = pytest.mark.real

DATA = Path(os.environ.get("ALMONER_TEST_DATA") or Path(__file__).parents[3] / "shared" / "data")
SYNTHEA = DATA / "synthea_csv_a"
METHODS = {"cash": "CASH", "card": "CC", "check": "CHECK", "electronic": "ECHECK", "copay": "COPAY"}


@dataclass(frozen=True)
class Imported:
    """Synthea's health system: its events, and the read models folded from them."""

    events: list[Recorded[Any]]
    ledger: Ledger
    runner: Runner
    connection: psycopg.Connection[Any]

    def all(self, model: ReadModel[Any], **filters: str) -> list[dict[str, Any]]:
        """Every row of a list, as the API shows them."""
        found = page(self.connection, model, scope=None, filters=filters, limit=10_000)
        assert found.next_cursor is None
        return render(model, found.rows)

    def system(self, summary: Summary[Any], *by: str) -> list[dict[str, Any]]:
        """The system's figures."""
        return total(self.connection, summary, scope=None, by=by)


@pytest.fixture(scope="module")
def synthea(server: Database) -> Iterator[Database]:
    """A database of the module's own: nothing here changes what was imported."""
    if not SYNTHEA.is_dir():
        pytest.skip(f"no {SYNTHEA.name} in ALMONER_TEST_DATA or ../shared/data")
    database = server.for_database(f"almoner_synthea_{uuid4().hex[:12]}")
    database.ensure_exists()
    try:
        with database.connect(role=None) as login:
            migrate(login)
        yield database
    finally:
        database.close()
        drop(server, database.name)


@pytest.fixture(scope="module")
def imported(synthea: Database) -> Iterator[Imported]:
    with ExitStack() as stack:
        ledger = stack.enter_context(Ledger(synthea.pool(Role.APP)))
        importer = Actor("import", ActorRole.SERVICE)
        report = import_synthea(SYNTHEA, Service(ledger), ledger, importer)
        assert not report.rejected
        runner = stack.enter_context(
            Runner(lambda: synthea.connect(Role.PROJECTOR), ledger, READ_MODELS)
        )
        runner.run_until(ledger.head(), timeout=120)
        assert [each.name for each in runner.status() if each.stalled_at is not None] == []
        connection = stack.enter_context(synthea.connect(Role.APP))
        yield Imported(list(ledger.read(0, 1_000_000)), ledger, runner, connection)


def expected() -> Any:
    return json.loads((SYNTHEA / "TOTALS.json").read_text())


def amount(text: str) -> str:
    """An amount as the API tells it."""
    return f"{Decimal(text):.2f}"


def test_the_systems_figures_are_those_computed_from_the_files(imported: Imported) -> None:
    totals = expected()
    credits = {
        "balance": amount(totals["balance"]),
        "credit_balance_claims": totals["claims_credit_balance"],
        "credit_balance": amount(totals["credit_total"]),
    }
    money = {
        "currency": "USD",
        "claims": totals["claims"],
        "entries": totals["transactions"],
        "charges": amount(totals["totals"]["charges"]),
        "payments": amount(totals["totals"]["payments"]),
        "adjustments": amount(totals["totals"]["adjustments"]),
        "transfers_out": amount(totals["totals"]["transfer_out"]),
        "transfers_in": amount(totals["totals"]["transfer_in"]),
        **credits,
    }
    (owed,) = imported.system(receivables)
    (card,) = imported.system(facility_scorecard)
    assert {name: owed[name] for name in money} == money
    assert {name: card[name] for name in money} == money
    assert (card["facilities"], card["departments"], card["staff"]) == (63, 85, 166)
    assert (card["stock_issues"], card["stock_units_issued"]) == (72, 588)
    assert len(imported.all(claim_ledger)) == totals["transactions"]


def test_payments_are_told_apart_as_the_files_tell_them_apart(imported: Imported) -> None:
    found = imported.system(payments_by_method, "method", "currency")
    assert {METHODS[each["method"]]: [each["payments"], each["amount"]] for each in found} == {
        method: [payments, amount(came_in)]
        for method, (payments, came_in) in expected()["payments_by_method"].items()
    }


def test_every_claim_comes_to_what_its_rows_come_to(imported: Imported) -> None:
    with (SYNTHEA / "LEDGER_PER_CLAIM.csv").open(newline="") as file:
        rows = {each["claim_id"]: each for each in csv.DictReader(file)}
    claims = {each["control_number"]: each for each in imported.all(claim_list)}
    assert claims.keys() == rows.keys()
    for number, row in rows.items():
        claim = claims[number]
        assert claim["entries"] == int(row["transactions"])
        for ours, theirs in (
            ("charges", "charges"),
            ("payments", "payments"),
            ("adjustments", "adjustments"),
            ("transfers_out", "transfer_out"),
            ("transfers_in", "transfer_in"),
            ("balance", "balance"),
        ):
            assert claim[ours] == amount(row[theirs]), (number, ours)


def test_every_facilitys_scorecard_is_what_its_rows_come_to(imported: Imported) -> None:
    cards = {each["facility_id"]: each for each in imported.all(facility_scorecard)}
    for organization, (entries, charges, payments) in expected()["by_organization"].items():
        card = cards.pop(str(foreign_id("synthea/organization", organization)))
        assert (card["entries"], card["charges"], card["payments"]) == (
            entries,
            amount(charges),
            amount(payments),
        )
    assert all(each["entries"] == 0 for each in cards.values())


def test_what_was_issued_is_in_the_movements_and_nothing_is_left_on_hand(
    imported: Imported,
) -> None:
    issues = imported.all(stock_movements, kind="issued")
    assert (len(issues), sum(each["change"] for each in issues)) == (72, -588)
    (left,) = imported.system(stock_on_hand)
    assert set(left.values()) == {0}


@pytest.mark.slow
def test_every_model_is_at_any_instant_what_refolding_gives(imported: Imported) -> None:
    random = Random(20)
    events = imported.events
    began, ended = events[0].recorded_at, events[-1].recorded_at
    instants = [began + random.random() * (ended - began) for _ in range(20)]
    positions = [random.randrange(events[-1].position + 2) for _ in range(20)]
    assert imported.ledger.position_at(began - timedelta(days=1)) == 0
    assert imported.ledger.position_at(datetime.now(UTC)) == events[-1].position
    facilities = [each.fact.facility_id for each in events if each.fact.name == "facility.opened"]
    for model in READ_MODELS:
        told = [each for each in events if type(each.fact) in model.handlers]
        looks_as_refolded(imported.connection, model, told)
        for position in (*positions, *map(imported.ledger.position_at, instants)):
            here = None if random.random() < 0.8 else random.sample(facilities, 3)
            looks_as_refolded(imported.connection, model, told, as_of=position, scope=here)


@pytest.mark.slow
def test_rebuilt_tables_are_byte_for_byte_the_live_ones(
    synthea: Database, imported: Imported
) -> None:
    with synthea.connect(Role.PROJECTOR) as projector:
        before = [tables_of(projector, each) for each in READ_MODELS]
        reports = imported.runner.rebuild()
        assert {each.name: each.differences for each in reports} == {
            each.name: 0 for each in READ_MODELS
        }
        assert [tables_of(projector, each) for each in READ_MODELS] == before
