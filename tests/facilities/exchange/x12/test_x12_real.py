"""Every X12 file there is, from four test suites and a generator, against others' totals."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

import pytest

from domain.revenue.claim import claim
from domain.revenue.events.claim import ClaimDrafted, EntryKind
from facilities.exchange.x12.importing import import_x12
from facilities.exchange.x12.report import Figures, X12Report
from facilities.ledger import Ledger
from facilities.service import Service
from tests.facilities.exchange.x12.remittance_files import CLERK

pytestmark = pytest.mark.real

Real = Callable[[str], Path]

SUITES = ("x12_imsweb", "x12_linuxforhealth", "x12_moov", "x12_pyx12_tests")
BIG = "x12_sdk_generated/835.edi"
A_REMITTANCE = re.compile(rb"ST[^A-Za-z0-9]835[^A-Za-z0-9]")

QUARANTINED = {
    "x12_linuxforhealth/835_005010X221A1/tertiary-payment.835": [
        # Its SVC has the separator of elements where that of components belongs.
        ("0001000054", "remittance.line_not_balanced", "1579.00", "22832.50")
    ],
    "x12_moov/example_5010_835/sample1.txt": [
        ("9999999", "remittance.claim_not_balanced", "385.20", "385.21")
    ],
    "x12_moov/example_5010_835/sample2.txt": [
        ("1234567-001", "remittance.claim_not_balanced", "1201.68", "199.68")
    ],
}
"""What does not balance, as `X12_TOTALS.csv` says too (clp_not_balancing, svc_not_balancing)."""


def totals(real: Real, kind: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The rows of each file of a kind, by the file's name."""
    with real("X12_TOTALS.csv").open(newline="") as table:
        rows = [each for each in csv.DictReader(table) if each["type"] == kind]
    for name, of_file in groupby(rows, key=lambda each: each["file"].removeprefix("shared/")):
        yield name, list(of_file)


def summed(rows: list[dict[str, Any]], column: str) -> Decimal:
    return sum((Decimal(each[column] or "0") for each in rows), Decimal(0))


def imported(paths: list[Path], service: Service, ledger: Ledger) -> X12Report:
    return import_x12(paths, service, ledger, CLERK, open_unknown=True)


def says_the_same(figures: Figures, rows: list[dict[str, Any]]) -> None:
    assert figures.transactions == len(rows)
    for column, found in (
        ("claims", figures.claims),
        ("billed", figures.billed),
        ("paid", figures.paid),
        ("lines", figures.lines),
        ("plb", figures.plb),
        ("bpr02", figures.payment),
    ):
        assert found == summed(rows, column), column
    groups: dict[str, Decimal] = {}
    for row in rows:
        for group, amount in json.loads(row["cas_by_group"] or "{}").items():
            groups[group] = groups.get(group, Decimal(0)) + Decimal(amount)
    assert {group: each for group, each in figures.adjustments.items() if each} == groups


def test_every_remittance_that_balances_is_posted_and_every_other_is_quarantined(
    real: Real, service: Service, ledger: Ledger
) -> None:
    files = [(name, rows) for name, rows in totals(real, "835") if name != BIG]
    report = imported([real(name) for name, _ in files], service, ledger)
    for (name, rows), (_, figures) in zip(files, report.files, strict=True):
        says_the_same(figures, rows)
        kept = [(e.claim, e.rule, e.found, e.expected) for e in figures.quarantined]
        assert kept == QUARANTINED.get(name, []), name
        assert figures.posted_claims == figures.claims - len(kept), name
    assert report.total.posted_claims == 9


def test_every_remittance_in_the_folders_is_one_of_those(real: Real) -> None:
    """What is held against others' totals is all there is, and not what somebody chose."""
    data = real("X12_TOTALS.csv").parent
    there = {
        f"{path.relative_to(data)}"
        for folder in data.glob("x12_*")
        for path in folder.rglob("*")
        if path.is_file() and A_REMITTANCE.search(path.read_bytes())
    }
    assert there == {name for name, _ in totals(real, "835")}


@pytest.mark.parametrize("seed", range(3))
def test_posting_all_of_them_twice_in_any_order_changes_nothing(
    seed: int, real: Real, service: Service, ledger: Ledger
) -> None:
    paths = [real(name) for name, _ in totals(real, "835") if name != BIG]
    files = Random(seed)
    files.shuffle(paths)
    once = imported(paths, service, ledger).total
    assert (once.posted_claims, len(once.quarantined)) == (9, 3)
    head, entries = ledger.head(), entries_of(ledger)
    for _ in range(3):
        files.shuffle(paths)
        again = imported(paths, service, ledger).total
        assert (again.events_appended, ledger.head()) == (0, head)
        assert (again.posted_claims, len(again.quarantined)) == (9, 3)
    assert entries_of(ledger) == entries
    balanced = [
        row
        for name, rows in totals(real, "835")
        for row in rows
        if name != BIG and row["clp_not_balancing"] == row["svc_not_balancing"] == "0"
    ]
    assert entries[EntryKind.CHARGE] == summed(balanced, "billed")
    assert entries[EntryKind.PAYMENT] == summed(balanced, "paid")


def test_what_is_posted_comes_to_what_the_payers_paid(
    real: Real, service: Service, ledger: Ledger
) -> None:
    files = [
        (name, rows)
        for name, rows in totals(real, "835")
        if name not in QUARANTINED and name != BIG
    ]
    imported([real(name) for name, _ in files], service, ledger)
    entries = entries_of(ledger)
    rows = [row for _, of_file in files for row in of_file]
    assert entries[EntryKind.CHARGE] == summed(rows, "billed")
    assert entries[EntryKind.PAYMENT] == summed(rows, "paid")


def test_no_file_crashes_and_claims_are_counted(
    real: Real, service: Service, ledger: Ledger
) -> None:
    report = imported([real(each) for each in SUITES], service, ledger)
    counted = dict(report.files)
    for name, rows in totals(real, "837"):
        if name.startswith(SUITES) and not name.endswith("x12_no_isa_line.txt"):
            figures = counted[name.partition("/")[2]]
            assert figures.claims == summed(rows, "claims"), name
            assert figures.billed == summed(rows, "billed"), name


def entries_of(ledger: Ledger) -> dict[EntryKind, Decimal]:
    """What the claims in the ledger were charged, paid and so on, by their own entries."""
    found = dict.fromkeys(EntryKind, Decimal(0))
    after = 0
    while batch := ledger.read(after=after, limit=10_000):
        after = batch[-1].position
        drafted = [e.fact.claim_id for e in batch if isinstance(e.fact, ClaimDrafted)]
        for stored in ledger.load(drafted).values():
            for entry in claim.fold(each.fact for each in stored).entries.values():
                found[entry.kind] += entry.amount
    return found


@pytest.mark.slow
def test_twenty_thousand_claims_in_one_transaction_are_posted_to_the_cent(
    real: Real, service: Service, ledger: Ledger
) -> None:
    ((_, rows),) = [each for each in totals(real, "835") if each[0] == BIG]
    report = imported([real(BIG)], service, ledger)
    says_the_same(report.total, rows)
    assert (report.total.posted_claims, report.total.quarantined) == (20_000, [])
    entries = entries_of(ledger)
    assert entries[EntryKind.CHARGE] == Decimal("40796762.16")
    assert entries[EntryKind.PAYMENT] == Decimal("36323480.56")
    head = ledger.head()
    assert imported([real(BIG)], service, ledger).total.events_appended == 0
    assert ledger.head() == head
