"""What is wrong with a folder is named, row by row, and nothing of it is imported; or, where bad
rows are to be skipped, what depends on them is left out whole.
"""

from __future__ import annotations

import pytest

from domain.kernel import foreign_id
from domain.organization.facility import CloseFacility
from facilities.service import Context
from tests.facilities.exchange.exports import (
    AETNA,
    ANN,
    AT_CLINIC,
    BOB,
    CLERK,
    CLINIC,
    GOWNS,
    HOSPITAL,
    MEDICARE,
    NURSE,
    STAY,
    STAY_CLAIM,
    VISIT,
    VISIT_AT,
    VISIT_CLAIM,
    X_RAY,
    Export,
    charge,
    claim,
    organization,
    payer,
    payment,
    provider,
    supply,
    their,
    transfer_in,
    transfer_out,
)
from tests.facilities.exchange.synthea_damage import (
    A_TYPE,
    BETWEEN,
    FUTURE,
    INSTANT,
    LEFT_OUT,
    NO_ORGANIZATION,
    NO_PAYER,
    rejected,
)
from tests.grammar import TODAY

# --- one bad cell ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "row", "column", "value", "rule"),
    [
        ("organizations", 0, "Id", "5e765f2b", "must be a UUID"),
        ("organizations", 0, "Id", "", "must not be empty"),
        ("organizations", 1, "NAME", "", "must not be empty"),
        ("organizations", 1, "STATE", "XX", "must be the two letters of a US state or territory"),
        ("providers", 0, "ORGANIZATION", their("organization", 9), NO_ORGANIZATION),
        ("encounters", 0, "ORGANIZATION", their("organization", 9), NO_ORGANIZATION),
        ("encounters", 0, "START", "yesterday", INSTANT),
        ("encounters", 0, "START", "", "must not be empty"),
        ("claims", 0, "PATIENTID", "Ann", "must be a UUID"),
        ("claims", 0, "PROVIDERID", their("provider", 9), "names no provider of providers.csv"),
        ("claims", 0, "PRIMARYPATIENTINSURANCEID", their("payer", 9), NO_PAYER),
        ("claims", 0, "SERVICEDATE", "2023-02-30T10:00:00Z", INSTANT),
        ("claims", 0, "SERVICEDATE", "1823-01-27T16:17:47Z", BETWEEN),
        ("claims", 0, "SERVICEDATE", "0001-01-01T00:00:00+14:00", INSTANT),
        ("claims", 0, "SERVICEDATE", "", "must not be empty"),
        ("claims", 0, "STATUS2", "CLOSD", "must be one of empty, OPEN, BILLED, CLOSED"),
        ("claims", 0, "HEALTHCARECLAIMTYPEID1", "3", "must be one of empty, 0, 1, 2"),
        ("supplies", 0, "DATE", "2023-02-30", "must be a day such as 2023-01-27"),
        ("supplies", 0, "DATE", "", "must not be empty"),
        ("supplies", 0, "DATE", "1776-07-04", BETWEEN),
        ("supplies", 0, "ENCOUNTER", their("encounter", 9), "names no encounter of encounters.csv"),
        ("supplies", 0, "QUANTITY", "0", "must be more than zero"),
        ("supplies", 0, "QUANTITY", "-2", "must be more than zero"),
        ("supplies", 0, "QUANTITY", "1.5", "must be a whole number"),
        ("supplies", 0, "QUANTITY", "1000000000", "must be smaller than 1000000000"),
        ("supplies", 0, "CODE", "", "must not be empty"),
    ],
)  # fmt: skip
def test_a_bad_cell_is_named(
    unsent: Export, table: str, row: int, column: str, value: str, rule: str
) -> None:
    """Together with whoever depends on its row; the row itself comes first in its file."""
    found = unsent.change(table, row, **{column: value}).is_refused()
    assert rejected(table, row + 2, column, value, rule) in found


@pytest.mark.parametrize(
    ("row", "column", "value", "rule"),
    [
        (0, "AMOUNT", "NaN", "must be a decimal number"),
        (0, "AMOUNT", "1e3", "must be a decimal number"),
        (0, "AMOUNT", "1,000.00", "must be a decimal number"),
        (0, "AMOUNT", "-100.00", "must not be negative"),
        (0, "AMOUNT", "100.005", "may have at most 2 decimal places in USD"),
        (0, "AMOUNT", "1" + "0" * 12, "must be smaller than 1000000000000"),
        (0, "AMOUNT", "", "must not be empty"),
        (0, "AMOUNT", "99.00", "must be UNITS times UNITAMOUNT (100.00)"),
        (0, "UNITS", "0", "must be more than zero"),
        (0, "UNITS", "one", "must be a whole number"),
        (0, "TRANSFERTYPE", "3", "must be one of 1, 2, p"),
        (0, "TRANSFERTYPE", "2", "its claim has no secondary payer"),
        (0, "PAYMENTS", "5.00", "must be empty where TYPE is CHARGE"),
        (0, "DIAGNOSISREF2", "9", "must be the number of one of its claim's diagnoses"),
        (0, "PROCEDURECODE", "", "must not be empty"),
        (0, "MODIFIER1", "left", "must be two capitals or digits (claim.modifiers)"),
        (2, "PAYMENTS", "Infinity", "must be a decimal number"),
        (2, "PAYMENTS", "0.00", "must be more than zero"),
        (2, "PAYMENTS", "", "must not be empty"),
        (2, "AMOUNT", "19.00", "must be what PAYMENTS says (20.00)"),
        (2, "TRANSFERS", "20.00", "must be empty where TYPE is PAYMENT"),
        (2, "ADJUSTMENTS", "-1", "must not be negative"),
        (2, "METHOD", "GOLD", "must be one of CASH, CC, CHECK, ECHECK, COPAY"),
        (2, "METHOD", "", "must be one of CASH, CC, CHECK, ECHECK, COPAY"),
        (2, "TYPE", "REFUND", A_TYPE),
        (2, "FROMDATE", "2023-13-01T00:00:00Z", INSTANT),
        (2, "FROMDATE", "", "must not be empty"),
        (2, "TODATE", "later", INSTANT),
        (2, "PATIENTID", BOB, "must be the patient of its claim"),
        (2, "PLACEOFSERVICE", CLINIC, "must be where the first row of its claim is"),
        (2, "PROVIDERID", their("provider", 9), "names no provider of providers.csv"),
        (2, "PROCEDURECODE", X_RAY, "names no CHARGE that comes before it in its claim"),
        (2, "CHARGEID", "0", "is that of line 2 already"),
        (2, "ID", "3", "must be a UUID"),
        (5, "TRANSFERS", "29.00", "must be what line 6 transfers out (30.00)"),
        (5, "TRANSFEROUTID", "99", "names no TRANSFEROUT that comes before it in its claim"),
        (5, "TRANSFEROUTID", "", "must not be empty"),
        (5, "TRANSFERTYPE", "1", "must not be who owes the line already"),
    ],
)  # fmt: skip
def test_a_bad_transaction_keeps_out_its_whole_claim_and_nothing_else(
    unsent: Export, row: int, column: str, value: str, rule: str
) -> None:
    unsent.change("claims_transactions", row, **{column: value})
    if (column, row) == ("TRANSFERS", 5):
        unsent.change("claims_transactions", row, AMOUNT=value)
    expected = [
        rejected("claims", 2, "Id", VISIT_CLAIM, LEFT_OUT.format(row + 2)),
        rejected("claims_transactions", row + 2, column, value, rule),
    ]
    assert [*unsent.is_refused()] == expected
    report = unsent.imports(skip_bad=True, dry_run=True)
    assert [*report.rejected] == expected
    assert (report.claims, report.transactions, report.stock_issues) == (1, 2, 2)


def test_nothing_of_a_claim_with_a_bad_transaction_is_stored(export: Export) -> None:
    export.change("claims_transactions", 7, PAYMENTS="thirty")
    report = export.imports(skip_bad=True)
    assert (report.claims, report.transactions) == (1, 2)
    assert export.ledger.load([foreign_id("synthea/claim", VISIT_CLAIM)]) == {}
    assert export.imports(skip_bad=True).events_appended == 0


def test_a_transferout_nobody_takes_in_is_named(unsent: Export) -> None:
    unsent.rows("claims_transactions").pop(5)
    _, half = unsent.is_refused()
    assert half == rejected(
        "claims_transactions", 6, "CHARGEID", "4", "no TRANSFERIN of its claim takes it in"
    )


def test_a_transferout_is_taken_in_once(unsent: Export) -> None:
    unsent.add("claims_transactions", transfer_in(8, VISIT_CLAIM, "30.00", out=4, to="1"))
    _, twice = unsent.is_refused()
    assert twice == rejected(
        "claims_transactions", 10, "TRANSFEROUTID", "4", "was taken in by line 7 already"
    )


def test_the_halves_of_a_transfer_are_of_one_claim_and_one_line(unsent: Export) -> None:
    unsent.add("claims_transactions", charge(8, VISIT_CLAIM, "9.00", PROCEDURECODE=X_RAY))
    unsent.add("claims_transactions", transfer_out(9, VISIT_CLAIM, "9.00", PROCEDURECODE=X_RAY))
    unsent.add("claims_transactions", transfer_in(10, VISIT_CLAIM, "9.00", out=9))
    unsent.add("claims_transactions", transfer_in(11, STAY_CLAIM, "9.00", out=9, **AT_CLINIC))
    rules = [each.rule for each in unsent.is_refused()]
    assert "must be that of its TRANSFEROUT in line 11" in rules
    assert "names no TRANSFEROUT that comes before it in its claim" in rules


def test_an_amount_beside_the_units_may_be_left_out_for_one_unit_only(unsent: Export) -> None:
    unsent.change("claims_transactions", 0, UNITAMOUNT="")
    assert unsent.imports(dry_run=True).rejected == ()
    _, found = unsent.change("claims_transactions", 0, UNITS="2").is_refused()
    assert found == rejected("claims_transactions", 2, "UNITAMOUNT", "", "must not be empty")


# --- what the rules of the house refuse ----------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "column", "value", "rule"),
    [
        ("organizations", "PHONE", "5" * 41, "must have 1 to 40 characters"),
        ("payers", "NAME", "A" * 201, "must have 1 to 200 characters"),
        ("providers", "SPECIALITY", "A" * 201, "must have 1 to 200 characters"),
        ("claims", "SERVICEDATE", "2199-01-01T00:00:00Z", "must not be in the future"),
        ("supplies", "DATE", "2199-01-01", "must not be in the future"),
    ],
)
def test_what_the_rules_refuse_is_known_before_anything_is_sent(
    unsent: Export, table: str, column: str, value: str, rule: str
) -> None:
    unsent.change(table, 1, **{column: value})
    (found, *_) = [
        each
        for each in unsent.is_refused()
        if (each.file, each.line) == (f"{table}.csv", 3) and each.rule.startswith(rule)
    ]
    assert found.column == column


def test_with_one_refused_supply_goes_its_whole_item(unsent: Export) -> None:
    found = unsent.change("supplies", 1, DATE="2199-01-01").is_refused()
    assert [*found] == [
        rejected(
            "supplies",
            2,
            "CODE",
            f"{HOSPITAL}/{GOWNS}",
            "its row in line 3 of supplies.csv was rejected",
        ),
        rejected("supplies", 3, "DATE", "2199-01-01", FUTURE),
    ]


def test_a_claim_is_not_billed_before_the_service(unsent: Export) -> None:
    (found,) = unsent.change("claims", 0, LASTBILLEDDATE1="2023-01-20T12:00:00Z").is_refused()
    assert found.column == "LASTBILLEDDATE1"
    assert found.value == "2023-01-20"
    assert found.rule == "must not be before service on (2023-01-27) (claim.date_order)"


def test_a_claim_is_not_closed_while_something_is_owed(unsent: Export) -> None:
    (found,) = unsent.change("claims", 1, STATUS1="CLOSED", STATUSP="").is_refused()
    assert (found.file, found.line) == ("claims.csv", 3)
    assert found.rule == "64.50 USD are still owed. (claim.balance_owed)"


def test_what_is_closed_takes_nothing_new(export: Export) -> None:
    export.without("claims", "claims_transactions").imports()
    close = CloseFacility(
        facility_id=foreign_id("synthea/organization", CLINIC), closed_on=TODAY, reason="sold"
    )
    export.service.execute(close, Context(actor=CLERK))
    export.add("providers", provider(their("provider", 3), CLINIC, "Dee Holm"))
    report = export.imports(skip_bad=True)
    (found,) = report.rejected
    assert (found.column, found.value) == ("ORGANIZATION", str(close.facility_id))
    assert found.rule == "The facility is closed and takes no new work. (facility.not_open)"
    assert (report.facilities, report.staff) == (2, 2)


def test_what_was_imported_with_other_content_is_not_imported_again(export: Export) -> None:
    export.imports()
    report = export.change("payers", 1, NAME="Etna").imports(skip_bad=True)
    assert [*report.rejected] == [
        rejected("claims", 2, "PRIMARYPATIENTINSURANCEID", AETNA, "its payer was rejected"),
        rejected("payers", 3, "Id", AETNA, "was imported before with other content"),
    ]
    assert (report.payers, report.claims, report.events_appended) == (3, 1, 0)


# --- what depends on what ----------------------------------------------------------------------


def test_with_a_bad_organization_goes_whatever_depends_on_it(export: Export) -> None:
    report = export.change("organizations", 0, STATE="").imports(skip_bad=True)
    assert (report.facilities, report.departments, report.staff) == (1, 1, 1)
    assert (report.claims, report.payers, report.stock_issues) == (1, 4, 0)
    gone = "its organization was rejected"
    assert [*report.rejected] == [
        rejected("claims", 2, "DEPARTMENTID", HOSPITAL, gone),
        rejected("claims_transactions", 2, "PLACEOFSERVICE", HOSPITAL, gone),
        rejected("organizations", 2, "STATE", "", "must not be empty"),
        rejected("providers", 2, "ORGANIZATION", HOSPITAL, gone),
        rejected("supplies", 2, "ENCOUNTER", VISIT, gone),
        rejected("supplies", 3, "ENCOUNTER", VISIT, gone),
    ]


def test_with_a_bad_provider_go_their_claims(export: Export) -> None:
    report = export.change("providers", 1, NAME="").imports(skip_bad=True)
    assert [*report.rejected] == [
        rejected("claims", 3, "PROVIDERID", NURSE, "its provider was rejected"),
        rejected("providers", 3, "NAME", None, "must not be empty"),
    ]
    assert (report.staff, report.claims) == (1, 1)


def test_with_a_bad_encounter_go_its_supplies(export: Export) -> None:
    export.add("supplies", supply(STAY, GOWNS, "3"))
    report = export.change("encounters", 0, START="").imports(skip_bad=True)
    gone = "its encounter was rejected"
    assert [*report.rejected] == [
        rejected("encounters", 2, "START", "", "must not be empty"),
        rejected("supplies", 2, "ENCOUNTER", VISIT, gone),
        rejected("supplies", 3, "ENCOUNTER", VISIT, gone),
    ]
    assert (report.claims, report.stock_issues, report.stock_units_issued) == (2, 1, 3)


def test_a_bad_supply_leaves_the_others_of_its_item_alone(export: Export) -> None:
    report = export.change("supplies", 0, QUANTITY="many").imports(skip_bad=True)
    assert (len(report.rejected), report.stock_issues, report.stock_units_issued) == (1, 1, 12)


def test_when_what_was_bad_is_put_right_the_rest_is_imported(export: Export) -> None:
    good = [dict(row) for row in export.rows("claims_transactions")]
    export.change("claims_transactions", 7, PAYMENTS="thirty").imports(skip_bad=True)
    export.tables["claims_transactions.csv"] = good
    report = export.imports()
    assert (report.rejected, report.claims, report.transactions) == ((), 2, 8)
    assert report.events_appended == 9


# --- ids ---------------------------------------------------------------------------------------


def test_a_row_that_is_there_twice_counts_once_and_is_named(export: Export) -> None:
    export.add("organizations", organization(HOSPITAL, "GENERAL HOSPITAL"))
    export.add("payers", payer(MEDICARE, "Medicare"))
    twice = "is in line 2 already, word for word"
    assert [*export.is_refused()] == [
        rejected("organizations", 4, "Id", HOSPITAL, twice),
        rejected("payers", 6, "Id", MEDICARE, twice),
    ]
    report = export.imports(skip_bad=True)
    assert (report.facilities, report.payers, report.claims) == (2, 4, 2)


def test_of_two_rows_that_contradict_each_other_neither_is_imported(export: Export) -> None:
    export.add("payers", payer(AETNA, "Aetna of Ohio"))
    report = export.imports(skip_bad=True)
    assert report.rejected[-1] == rejected(
        "payers", 6, "Id", AETNA, "is in line 3 already, with other content"
    )
    assert (report.payers, report.claims) == (3, 1)


@pytest.mark.parametrize("changed", [{}, {"STATUS2": "CLOSED"}])
def test_a_claim_that_is_there_twice_is_not_imported(
    export: Export, changed: dict[str, str]
) -> None:
    export.add("claims", claim(VISIT_CLAIM, ANN, VISIT_AT, **changed))
    report = export.imports(skip_bad=True)
    (found,) = report.rejected
    assert (found.line, found.column) == (4, "Id")
    assert found.rule.startswith("is in line 2 already")
    assert report.claims == 1


def test_a_transaction_that_is_there_twice_keeps_its_claim_out(export: Export) -> None:
    export.add("claims_transactions", dict(export.rows("claims_transactions")[7]))
    report = export.imports(skip_bad=True)
    assert [*report.rejected] == [
        rejected("claims", 2, "Id", VISIT_CLAIM, LEFT_OUT.format(10)),
        rejected(
            "claims_transactions",
            10,
            "ID",
            their("transaction", 7),
            "is in line 9 already, word for word",
        ),
    ]
    assert report.claims == 1


def test_a_transaction_of_no_known_claim_is_named_and_keeps_nothing_out(export: Export) -> None:
    export.add("claims_transactions", payment(8, their("claim", 9), "1.00", "CASH"))
    report = export.imports(skip_bad=True)
    assert [*report.rejected] == [
        rejected(
            "claims_transactions",
            10,
            "CLAIMID",
            their("claim", 9),
            "names no claim of claims.csv",
        )
    ]
    assert report.claims == 2
