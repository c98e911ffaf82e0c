"""The real files: 1,267 claims of a small health system, to the cent, against others' totals."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from domain.kernel import foreign_id
from domain.revenue.claim import Claim, claim
from domain.revenue.events.claim import ClaimCharged, ClaimPaid, EntryKind
from facilities.database import Database, Role
from facilities.exchange.parcels import BATCH
from facilities.exchange.synthea import import_synthea
from facilities.exchange.zones import ZONES
from facilities.ledger import Ledger
from facilities.service import Service
from tests.conftest import copied
from tests.facilities.exchange.exports import CLERK, as_csv
from tests.grammar import NOW

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[3]
SMALL, LARGE = "synthea_csv_a", "synthea_csv_ops_large"

EXPECTED = {
    "facilities": 63,
    "departments": 85,
    "staff": 166,
    "payers": 10,
    "claims": 1267,
    "transactions": 5228,
    "charges": "1092402.73",
    "payments": "1103503.95",
    "adjustments": "0.00",
    "transfers_out": "557125.52",
    "transfers_in": "557125.52",
    "balance": "-11101.22",
    "credit_balance_claims": 190,
    "credit_balance": "-11101.22",
    "stock_issues": 72,
    "stock_units_issued": 588,
    "rejected": [],
}

Real = Callable[[str], Path]
Entries = dict[EntryKind, Decimal]


def states(ledger: Ledger, claim_ids: Iterable[str]) -> Iterator[tuple[str, Claim]]:
    """What claims became, by their own ids."""
    streams = {foreign_id("synthea/claim", each): each for each in claim_ids}
    for stream_id, stored in ledger.load(streams).items():
        yield streams[stream_id], claim.fold(each.fact for each in stored)


def money(state: Claim) -> Entries:
    sums = dict.fromkeys(EntryKind, Decimal(0))
    for entry in state.entries.values():
        sums[entry.kind] += entry.amount
    return sums


@dataclass(frozen=True)
class Imported:
    """The small health system in a ledger, and what was said of its import."""

    ledger: Ledger
    service: Service
    report: dict[str, object]


@pytest.fixture(scope="module")
def imported(real: Real, server: Database, template: Database) -> Iterator[Imported]:
    """It is imported once: nothing that is told of it here changes it."""
    with (
        copied(server, template) as database,
        Ledger(database.pool(Role.APP)) as ledger,
    ):
        service = Service(ledger, now=lambda: NOW)
        report = import_synthea(real(SMALL), service, ledger, CLERK).to_json()
        head = ledger.head()
        yield Imported(ledger, service, report)
        assert ledger.head() == head


def test_the_totals_are_those_of_the_files_and_a_second_run_adds_nothing(
    real: Real, imported: Imported
) -> None:
    ledger, first = imported.ledger, {**imported.report}
    assert first.pop("events_appended") == ledger.head()
    assert first == EXPECTED
    head = ledger.head()
    second = import_synthea(real(SMALL), imported.service, ledger, CLERK).to_json()
    assert (second.pop("events_appended"), second) == (0, EXPECTED)
    assert ledger.head() == head


def test_a_dry_run_of_the_real_files_says_the_same(
    real: Real, service: Service, ledger: Ledger
) -> None:
    report = import_synthea(real(SMALL), service, ledger, CLERK, dry_run=True).to_json()
    assert report == {**EXPECTED, "events_appended": 0}
    assert ledger.head() == 0


def test_every_claim_comes_to_what_it_came_to_elsewhere(real: Real, imported: Imported) -> None:
    with (real(SMALL) / "LEDGER_PER_CLAIM.csv").open(newline="") as file:
        told = {row["claim_id"]: row for row in csv.DictReader(file)}
    found: dict[str, dict[str, int | Decimal]] = {}
    for their_id, state in states(imported.ledger, told):
        sums = money(state)
        transfers = [each for each in state.entries.values() if each.kind is EntryKind.TRANSFER]
        found[their_id] = {
            "transactions": len(state.entries) + len(transfers),
            "charges": sums[EntryKind.CHARGE],
            "payments": sums[EntryKind.PAYMENT],
            "adjustments": sums[EntryKind.ADJUSTMENT],
            "transfer_out": sums[EntryKind.TRANSFER],
            "transfer_in": sums[EntryKind.TRANSFER],
            "balance": state.balance,
        }
    assert len(found) == 1267
    numbers = [name for name in next(iter(told.values())) if name != "claim_id"]
    for their_id, row in told.items():
        assert [Decimal(found[their_id][each]) for each in numbers] == [
            Decimal(row[each]) for each in numbers
        ], their_id


def test_every_organization_and_every_method_comes_to_what_it_came_to_elsewhere(
    real: Real, imported: Imported
) -> None:
    totals = json.loads((real(SMALL) / "TOTALS.json").read_text())
    charged: Counter[object] = Counter()
    paid: Counter[object] = Counter()
    methods: Counter[str] = Counter()
    for each in imported.ledger.read(0, 100_000):
        if isinstance(each.fact, ClaimCharged):
            charged[each.facility_id] += each.fact.amount  # type: ignore[assignment]
        elif isinstance(each.fact, ClaimPaid):
            paid[each.facility_id] += each.fact.amount  # type: ignore[assignment]
            methods[each.fact.method] += each.fact.amount  # type: ignore[assignment]
    for their_id, (_, charges, payments) in totals["by_organization"].items():
        facility_id = foreign_id("synthea/organization", their_id)
        assert charged[facility_id] == Decimal(charges), their_id
        assert paid[facility_id] == Decimal(payments), their_id
    names = {"CASH": "cash", "CC": "card", "CHECK": "check", "ECHECK": "electronic"}
    for method, (_, amount) in totals["payments_by_method"].items():
        assert methods[names.get(method, "copay")] == Decimal(amount), method


@pytest.mark.slow
def test_the_order_of_the_columns_changes_nothing(
    real: Real, service: Service, ledger: Ledger, tmp_path: Path
) -> None:
    for file in real(SMALL).glob("*.csv"):
        with file.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        (tmp_path / file.name).write_bytes(as_csv(rows, sorted(rows[0], reverse=True)))
    import_synthea(tmp_path, service, ledger, CLERK)
    report = import_synthea(real(SMALL), service, ledger, CLERK).to_json()
    assert report == {**EXPECTED, "events_appended": 0}


def test_a_folder_without_claims_comes_in_too(real: Real, service: Service, ledger: Ledger) -> None:
    report = import_synthea(real(LARGE), service, ledger, CLERK)
    assert report.rejected == ()
    assert (report.facilities, report.staff, report.payers) == (215, 215, 10)
    assert (report.stock_issues, report.stock_units_issued) == (1101, 45131)
    assert import_synthea(real(LARGE), service, ledger, CLERK).events_appended == 0


@pytest.mark.slow
def test_an_import_that_was_killed_goes_on_where_it_was(
    real: Real, database: Database, service: Service, ledger: Ledger
) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.facilities.exchange.test_synthea_real", real(SMALL)],
        cwd=ROOT,
        env={**os.environ, "MAILROOM_DATABASE": make_conninfo(**database._parameters)},
        stdout=subprocess.PIPE,
        text=True,
    ) as importer:
        assert importer.stdout is not None
        for line in importer.stdout:
            stage, done = line.rsplit(maxsplit=1)
            if stage == "importing claims" and int(done) > 0:
                importer.kill()
                break
    assert 0 < ledger.head() < 8_000
    # Of a claim there is all or nothing.
    with (real(SMALL) / "LEDGER_PER_CLAIM.csv").open(newline="") as file:
        told = {row["claim_id"]: Decimal(row["balance"]) for row in csv.DictReader(file)}
    begun = dict(states(ledger, told))
    assert 0 < len(begun) < len(told)
    assert all(state.balance == told[their_id] for their_id, state in begun.items())
    left = import_synthea(real(SMALL), service, ledger, CLERK).to_json()
    assert left.pop("events_appended") > BATCH  # type: ignore[operator]
    assert left == EXPECTED


def test_the_zones_are_those_the_states_are_said_to_have(real: Real) -> None:
    clocks = {
        "EST": {"America/New_York", "America/Detroit", "America/Indiana/Indianapolis"},
        "CST": {"America/Chicago"},
        "MST": {"America/Denver", "America/Boise", "America/Phoenix"},
        "PST": {"America/Los_Angeles"},
        "AKST": {"America/Anchorage"},
        "HST": {"Pacific/Honolulu"},
    }
    # Most people of Kentucky and of South Dakota live in the east; the file says otherwise.
    disputed = {"KY", "SD"}
    with real("us_facilities/state_timezones.csv").open(newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if row["ST"] not in disputed:
                assert ZONES[row["ST"]] in clocks[row["TZ"]], row["ST"]


def told_to_parent(stage: str, done: int, total: int) -> None:
    print(stage, done, flush=True)


if __name__ == "__main__":
    with (
        Database(os.environ["MAILROOM_DATABASE"]) as opened,
        Ledger(opened.pool(Role.APP)) as its_ledger,
    ):
        import_synthea(
            Path(sys.argv[1]), Service(its_ledger), its_ledger, CLERK, progress=told_to_parent
        )
