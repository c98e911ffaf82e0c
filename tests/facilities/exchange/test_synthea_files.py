"""Files of a Synthea export that are missing, damaged or no tables, and what is not repeated of
them.
"""

from __future__ import annotations

import re

import pytest

from tests.facilities.exchange.exports import (
    VISIT_CLAIM,
    Export,
)
from tests.facilities.exchange.synthea_damage import LEFT_OUT, Damage, rejected

# --- files -------------------------------------------------------------------------------------


def test_a_transaction_that_may_belong_to_any_claim_keeps_everything_out(unsent: Export) -> None:
    unsent.change("claims_transactions", 3, CLAIMID="?")
    assert [*unsent.is_refused(skip_bad=True)] == [
        rejected("claims_transactions", 5, "CLAIMID", "?", "must be a UUID"),
        rejected(
            "claims_transactions",
            5,
            None,
            None,
            "nothing can be imported without it: it may belong to any claim",
        ),
    ]


@pytest.mark.parametrize(
    ("gone", "rule"),
    [
        (["organizations"], "the file is missing"),
        (["claims_transactions"], "the file is missing, and claims.csv needs it"),
        (["claims"], "the file is missing, and claims_transactions.csv needs it"),
        (["providers"], "the file is missing, and claims.csv needs it"),
        (["payers"], "the file is missing, and claims.csv needs it"),
        (["encounters"], "the file is missing, and supplies.csv needs it"),
    ],
)
def test_a_missing_file_is_named(unsent: Export, gone: list[str], rule: str) -> None:
    for options in ({}, {"skip_bad": True}):
        (found,) = _without(unsent, gone).is_refused(**options)
        assert found == rejected(gone[0], None, None, None, rule)


def _without(export: Export, gone: list[str]) -> Export:
    left = {name: rows for name, rows in export.tables.items() if name[:-4] not in gone}
    return Export(export.folder, export.ledger, export.service, left)


def test_every_missing_column_is_named_and_no_row_is_looked_at(unsent: Export) -> None:
    unsent.without_column("organizations", "STATE").without_column("organizations", "Id")
    unsent.without_column("claims", "SERVICEDATE")
    missing = "the column is missing"
    assert [*unsent.is_refused(skip_bad=True)] == [
        rejected("claims", 1, "SERVICEDATE", None, missing),
        rejected("organizations", 1, "Id", None, missing),
        rejected("organizations", 1, "STATE", None, missing),
    ]


def test_a_folder_that_is_not_there_has_no_organizations(unsent: Export) -> None:
    (found,) = unsent.is_refused_as_it_is()
    assert found == rejected("organizations", None, None, None, "the file is missing")


@pytest.mark.parametrize("table", ["organizations", "claims_transactions", "supplies"])
def test_an_empty_file_is_no_table(unsent: Export, table: str) -> None:
    (found,) = unsent.damage(table, lambda _: b"").is_refused_as_it_is(skip_bad=True)
    assert found == rejected(table, None, None, None, "the file is empty")


def test_organizations_without_rows_are_no_health_system(unsent: Export) -> None:
    unsent.tables = {"organizations.csv": unsent.rows("organizations")}
    unsent.damage("organizations", lambda content: content.splitlines()[0])
    (found,) = unsent.is_refused_as_it_is()
    assert found == rejected("organizations", None, None, None, "the file has no rows")


def test_other_files_may_have_a_header_and_nothing_else(export: Export) -> None:
    export.without("claims", "claims_transactions")
    export.damage("supplies", lambda content: content.splitlines()[0])
    assert export.imports_as_it_is().rejected == ()


def _in_line(number: int, old: bytes, new: bytes) -> Damage:
    def damage(content: bytes) -> bytes:
        lines = content.split(b"\n")
        assert old in lines[number - 1]
        lines[number - 1] = lines[number - 1].replace(old, new, 1)
        return b"\n".join(lines)

    return damage


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        (_in_line(4, b"General", b"G\x00neral"), r"holds a NUL at byte \d+ of line 4"),
        (_in_line(4, b"General", b"G\xe9neral"), r"is not UTF-8 at byte \d+ of line 4"),
        (_in_line(4, b",COPAY", b""), r"has 26 fields where the header has 27"),
        (_in_line(4, b",COPAY", b",COPAY,,"), r"has 29 fields where the header has 27"),
    ],
)
def test_a_damaged_row_keeps_its_claim_out(export: Export, damage: Damage, rule: str) -> None:
    export.damage("claims_transactions", damage)
    left_out, found = export.is_refused_as_it_is()
    assert left_out == rejected("claims", 2, "Id", VISIT_CLAIM, LEFT_OUT.format(4))
    assert (found.line, found.column, found.value) == (4, None, None)
    assert re.fullmatch(rule, found.rule)
    assert export.imports_as_it_is(skip_bad=True).claims == 1


def test_a_row_damaged_beyond_telling_whose_it_is_keeps_everything_out(unsent: Export) -> None:
    unsent.damage("claims_transactions", _in_line(4, VISIT_CLAIM.encode(), b"\xff"))
    *_, last = unsent.is_refused_as_it_is(skip_bad=True)
    assert last.rule == "nothing can be imported without it: it may belong to any claim"


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(b'"OAK"LAND', id="text after a closing quote"),
        pytest.param(b'"OAKLAND', id="a quote that is never closed"),
        pytest.param(b"OAK\rLAND", id="a bare carriage return"),
        pytest.param(b"O" * 140_000, id="an endless field"),
    ],
)
def test_what_is_no_csv_from_some_line_on_keeps_everything_out(
    unsent: Export, damaged: bytes
) -> None:
    unsent.damage("organizations", _in_line(3, b"OAKLAND", damaged))
    (found,) = unsent.is_refused_as_it_is(skip_bad=True)
    assert (found.file, found.column, found.value) == ("organizations.csv", None, None)
    assert found.line is not None
    assert found.rule.startswith("is no CSV from here on: ")


def test_lines_are_counted_as_an_editor_counts_them(export: Export) -> None:
    export.change("claims_transactions", 0, NOTES="General\nexamination, “twice”")
    export.change("claims_transactions", 2, PAYMENTS="much")
    _, found = export.is_refused()
    assert (found.line, found.column, found.value) == (5, "PAYMENTS", "much")
    export.change("claims_transactions", 2, PAYMENTS="20.00")
    assert export.imports().rejected == ()


# --- what is not repeated ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "Ada " * 60])
def test_a_persons_name_is_never_repeated(unsent: Export, name: str) -> None:
    found = unsent.change("providers", 0, NAME=name).is_refused()
    (of_provider,) = [each for each in found if each.file == "providers.csv"]
    assert (of_provider.column, of_provider.value) == ("NAME", None)
    assert not any("Ada" in str(each) for each in found)


def test_of_a_long_value_the_beginning_is_shown_in_characters_that_can_be(unsent: Export) -> None:
    found = unsent.change("claims", 0, STATUS1="\x1b[31m" + "x" * 200).is_refused()
    assert found[0].value == "�[31m" + "x" * 54 + "…"


def test_every_bad_row_is_named_not_only_the_first(unsent: Export) -> None:
    unsent.change("organizations", 1, STATE="ZZ")
    unsent.change("payers", 0, NAME="")
    unsent.change("claims", 0, SERVICEDATE="soon")
    unsent.change("claims_transactions", 1, AMOUNT="?")
    unsent.change("claims_transactions", 6, METHOD="?")
    unsent.change("supplies", 1, QUANTITY="?")
    found = {(each.file, each.line, each.column) for each in unsent.is_refused()}
    assert found >= {
        ("organizations.csv", 3, "STATE"),
        ("payers.csv", 2, "NAME"),
        ("claims.csv", 2, "SERVICEDATE"),
        ("claims_transactions.csv", 3, "AMOUNT"),
        ("claims_transactions.csv", 8, "METHOD"),
        ("supplies.csv", 3, "QUANTITY"),
    }
