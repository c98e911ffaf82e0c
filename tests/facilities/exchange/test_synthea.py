"""A folder of Synthea files becomes facilities, staff, payers, claims and stock."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.kernel import foreign_id
from domain.organization.events import DepartmentOpened, FacilityKind, FacilityOpened
from domain.revenue.events.claim import (
    ClaimAdjusted,
    ClaimCharged,
    ClaimClosed,
    ClaimDrafted,
    ClaimPaid,
    ClaimSubmitted,
    ClaimTransferred,
    ClaimType,
    Code,
    Party,
    PaymentMethod,
)
from domain.revenue.events.payer import PayerKind, PayerRegistered
from domain.revenue.payer import RegisterPayer
from domain.revenue.posting import ReverseClaimEntry
from domain.supply.events.stock import (
    StockBooksOpened,
    StockCounted,
    StockIssued,
    StockItemListed,
    StockReceived,
)
from domain.supply.stock_item import CountStock
from domain.workforce.events.staff import StaffMemberAssigned, StaffMemberRegistered
from facilities.exchange import delivery
from facilities.exchange.report import ImportReport
from facilities.exchange.synthea_places import facility_kind
from facilities.exchange.synthea_stock import OPENING, RECEIPT
from facilities.service import Context, Service, new_id
from tests.facilities.exchange.exports import (
    ANN,
    AT_CLINIC,
    CHECK_UP,
    CIGNA,
    CLERK,
    CLINIC,
    DOCTOR,
    GOWNS,
    HOSPITAL,
    NO_INSURANCE,
    NURSE,
    STAY,
    STAY_AT,
    STAY_CLAIM,
    VISIT,
    VISIT_CLAIM,
    X_RAY,
    Export,
    as_csv,
    charge,
    claim,
    organization,
    payment,
    provider,
    supply,
    their,
    transaction,
    transfer_in,
    transfer_out,
)
from tests.grammar import NOW

JANUARY_27 = date(2023, 1, 27)
JANUARY_31 = date(2023, 1, 31)

FIGURES = ImportReport(
    facilities=2,
    departments=2,
    staff=2,
    payers=4,
    claims=2,
    transactions=8,
    charges=Decimal("180.00"),
    payments=Decimal("115.50"),
    transfers_out=Decimal("30.00"),
    transfers_in=Decimal("30.00"),
    balance=Decimal("64.50"),
    stock_issues=2,
    stock_units_issued=24,
    events_appended=33,
)


def story(export: Export, kind: str, *their_id: str) -> Sequence[Any]:
    """The facts of what a row has become."""
    stream_id = foreign_id(f"synthea/{kind}", *their_id)
    return [each.fact for each in export.ledger.load([stream_id]).get(stream_id, ())]


def told(export: Export, wanted: type[Any], kind: str, *their_id: str) -> Any:
    """The one fact of a sort in the story of something."""
    (found,) = [each for each in story(export, kind, *their_id) if isinstance(each, wanted)]
    return found


# --- the figures -------------------------------------------------------------------------------


def test_the_report_says_what_the_folder_came_to(export: Export) -> None:
    collector = gc.get_threshold()
    assert export.imports() == FIGURES
    assert export.ledger.head() == FIGURES.events_appended
    assert gc.get_threshold() == collector


def test_the_report_is_json_with_money_as_text(export: Export) -> None:
    told = export.change("claims", 0, STATUS1="CLOSD").imports(skip_bad=True).to_json()
    assert (
        list(told)
        == (
            "facilities departments staff payers claims transactions charges payments adjustments "
            "transfers_out transfers_in balance credit_balance_claims credit_balance stock_issues "
            "stock_units_issued events_appended rejected"
        ).split()
    )
    assert (told["charges"], told["balance"], told["adjustments"]) == ("80.00", "64.50", "0.00")
    assert told["rejected"] == [
        {
            "file": "claims.csv",
            "line": 2,
            "column": "STATUS1",
            "value": "CLOSD",
            "rule": "must be one of empty, OPEN, BILLED, CLOSED",
        }
    ]


def test_importing_twice_adds_nothing_and_says_the_same(export: Export) -> None:
    first, second = export.imports(), export.imports()
    assert second.events_appended == 0
    assert first.to_json() == {**second.to_json(), "events_appended": first.events_appended}


def test_importing_again_on_another_day_adds_nothing(export: Export) -> None:
    export.add("organizations", organization(their("organization", 3), "QUIET PRACTICE"))
    export.add("providers", provider(their("provider", 3), their("organization", 3), "Cy Dane"))
    export.imports()
    export.service = Service(export.ledger, now=lambda: NOW + timedelta(days=40))
    report = export.imports()
    assert (report.rejected, report.events_appended, report.facilities) == ((), 0, 3)


def test_a_dry_run_tells_the_figures_and_stores_nothing(export: Export) -> None:
    report = export.imports(dry_run=True)
    assert report.to_json() == {**FIGURES.to_json(), "events_appended": 0}
    assert export.ledger.head() == 0


def test_columns_may_stand_in_any_order_and_be_more(export: Export) -> None:
    export.write()
    for name, rows in export.tables.items():
        for row in rows:
            row["SOMETHING NEW"] = "x, y"
        (export.folder / name).write_bytes(as_csv(rows, sorted(rows[0], reverse=True)))
    assert export.imports_as_it_is() == FIGURES


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(lambda content: b"\xef\xbb\xbf" + content, id="a byte order mark"),
        pytest.param(lambda content: content.replace(b"\n", b"\r\n"), id="CRLF"),
        pytest.param(lambda content: content + b"\n\n", id="blank lines"),
        pytest.param(lambda content: content.removesuffix(b"\n"), id="no last line end"),
    ],
)
def test_a_table_may_be_written_with(export: Export, written: Any) -> None:
    for name in ("organizations", "claims", "claims_transactions", "supplies"):
        export.damage(name, written)
        assert export.imports_as_it_is(dry_run=True).rejected == ()
    assert export.imports_as_it_is().claims == 2


def test_what_was_rehearsed_is_stored_where_others_were_at_work_elsewhere(
    export: Export,
) -> None:
    elsewhere = RegisterPayer(payer_id=UUID(int=7), legal_name="Aether Health")

    def meanwhile(stage: str, done: int, _total: int) -> None:
        if (stage, done) == ("checking stock", 0):
            export.service.execute(elsewhere, Context(actor=CLERK, command_id=new_id()))

    report = export.imports(progress=meanwhile)
    assert (report.claims, report.rejected) == (2, ())
    assert export.imports().events_appended == 0


def test_what_is_too_much_to_keep_is_decided_on_again(
    export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "MOST_KEPT", 10)
    report = export.imports()
    assert (report.claims, report.rejected) == (2, ())
    assert report.events_appended == export.ledger.recorder.max_notification_id()


def test_progress_is_told_stage_by_stage(export: Export) -> None:
    heard: list[tuple[str, int, int]] = []
    export.imports(progress=lambda *told: heard.append(told))
    stages = list(dict.fromkeys(stage for stage, _, _ in heard))
    parts = ("facilities", "departments", "staff", "payers", "claims", "stock")
    assert stages == [
        "reading",
        *(f"checking {part}" for part in parts),
        *(f"importing {part}" for part in parts),
    ]
    assert all(done <= total for _, done, total in heard)
    assert [done for stage, done, _ in heard if stage == "importing claims"] == [0, 2]


def test_what_has_no_claims_is_imported_without(export: Export) -> None:
    report = export.without("claims", "claims_transactions", "providers").imports()
    assert (report.facilities, report.staff, report.claims, report.stock_issues) == (2, 0, 0, 2)


# --- places, staff and payers ------------------------------------------------------------------


def test_an_organization_is_opened_on_the_first_day_anything_happened_there(export: Export) -> None:
    export.imports()
    hospital = told(export, FacilityOpened, "organization", HOSPITAL)
    assert hospital.legal_name == "GENERAL HOSPITAL"
    assert hospital.kind is FacilityKind.HOSPITAL
    assert (hospital.zone, hospital.currency) == ("America/New_York", "USD")
    assert hospital.opened_on == JANUARY_27
    assert hospital.address.lines == ("1 MAIN STREET",)
    clinic = told(export, FacilityOpened, "organization", CLINIC)
    # Three in the morning in Greenwich on 1 February is still January in Oakland.
    assert (clinic.zone, clinic.opened_on) == ("America/Los_Angeles", JANUARY_31)


def test_where_nothing_happened_an_organization_is_opened_on_the_day_of_import(
    export: Export,
) -> None:
    quiet = their("organization", 3)
    export.add("organizations", organization(quiet, "QUIET PRACTICE", STATE="GU")).imports()
    # NOW is three in the afternoon in Greenwich: the next day in Guam.
    assert told(export, FacilityOpened, "organization", quiet).opened_on == date(2026, 3, 15)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("STURDY MEMORIAL HOSPITAL", FacilityKind.HOSPITAL),
        ("Saint Joseph Villa Homecare & Hospice", FacilityKind.HOSPICE),
        ("URGENT CARE MEDICAL CLINIC", FacilityKind.URGENT_CARE),
        ("PROMPT CARE WALK-IN CLINIC", FacilityKind.CLINIC),
        ("TABITHA NURSING CENTER AT CRETE", FacilityKind.NURSING_HOME),
        ("HOLMES LAKE REHABILITATION & CARE CENTER", FacilityKind.NURSING_HOME),
        ("NORTH HOSPITALITY GROUP", FacilityKind.PRACTICE),
        ("PCP7483", FacilityKind.PRACTICE),
    ],
)
def test_the_kind_of_a_facility_is_guessed_from_its_name(name: str, kind: FacilityKind) -> None:
    assert facility_kind(name) is kind


def test_departments_are_those_the_claims_name(export: Export) -> None:
    export.imports()
    department = told(export, DepartmentOpened, "department", CLINIC, "2")
    assert (department.code, department.title) == ("2", "Department 2")
    assert department.opened_on == JANUARY_31
    assert department.facility_id == foreign_id("synthea/organization", CLINIC)


def test_a_provider_is_registered_and_assigned_at_home(export: Export) -> None:
    export.imports()
    home = foreign_id("synthea/organization", HOSPITAL)
    staff = told(export, StaffMemberRegistered, "provider", DOCTOR)
    assert (staff.full_name, staff.specialty) == ("Ada Marlow", "GENERAL PRACTICE")
    assert (staff.facility_id, staff.registered_on) == (home, JANUARY_27)
    assigned = told(export, StaffMemberAssigned, "provider", DOCTOR).assignment
    assert (assigned.facility_id, assigned.department_id, assigned.share) == (home, None, 100)


def test_payers_are_what_their_names_say(export: Export) -> None:
    export.imports()
    kinds = [
        told(export, PayerRegistered, "payer", row["Id"]).kind for row in export.rows("payers")
    ]
    assert kinds == [
        PayerKind.MEDICARE,
        PayerKind.COMMERCIAL,
        PayerKind.COMMERCIAL,
        PayerKind.SELF_PAY,
    ]


# --- claims ------------------------------------------------------------------------------------


def test_a_claim_is_posted_in_the_order_of_its_rows(export: Export) -> None:
    export.imports()
    facts = story(export, "claim", VISIT_CLAIM)
    assert [type(each) for each in facts] == [
        ClaimDrafted,
        ClaimCharged,
        ClaimPaid,  # the copay, at the desk
        ClaimSubmitted,
        ClaimPaid,
        ClaimTransferred,
        ClaimPaid,
        ClaimClosed,
    ]
    drafted, charged, copay, submitted, paid, transferred, settled, closed = facts
    assert drafted.control_number == VISIT_CLAIM
    assert drafted.patient_id == foreign_id("synthea/patient", ANN)
    assert drafted.diagnoses == (Code(system="SNOMED-CT", value="195662009"),)
    assert charged.procedure == Code(system="SNOMED-CT", value=CHECK_UP)
    assert (charged.diagnosis_pointers, charged.owed_by) == ((1,), Party.PAYER)
    assert (copay.paid_by, copay.method) == (Party.PATIENT, PaymentMethod.COPAY)
    assert (submitted.submitted_to, submitted.submitted_on) == (Party.PAYER, JANUARY_27)
    assert (paid.paid_by, paid.method) == (Party.PAYER, PaymentMethod.ELECTRONIC)
    assert (transferred.from_party, transferred.to_party) == (Party.PAYER, Party.PATIENT)
    assert (settled.paid_by, settled.method) == (Party.PATIENT, PaymentMethod.CARD)
    assert {each.line for each in (copay, paid, transferred, settled)} == {1}
    assert (closed.balance, closed.closed_on) == (Decimal("0.00"), JANUARY_27)


def test_a_claim_nobody_insures_is_the_patients_and_stays_open_until_it_is_closed(
    export: Export,
) -> None:
    export.imports()
    drafted, charged, submitted, paid = story(export, "claim", STAY_CLAIM)
    assert (drafted.claim_type, drafted.payer_id.int) == (ClaimType.INSTITUTIONAL, 0)
    assert drafted.rendering_staff_id == foreign_id("synthea/provider", NURSE)
    assert (charged.owed_by, charged.service_on) == (Party.PATIENT, JANUARY_31)
    assert submitted.submitted_to is Party.PATIENT
    assert (paid.paid_by, paid.received_on) == (Party.PATIENT, JANUARY_31)


@pytest.mark.parametrize("insurance", ["", "0", NO_INSURANCE])
def test_no_insurance_is_said_in_three_ways(export: Export, insurance: str) -> None:
    export.change("claims", 1, PRIMARYPATIENTINSURANCEID=insurance).imports()
    assert told(export, ClaimDrafted, "claim", STAY_CLAIM).payer_id.int == 0


def test_money_that_comes_after_the_claim_was_sent_is_not_of_an_earlier_day(export: Export) -> None:
    export.change("claims", 0, LASTBILLEDDATE1="2023-02-03T12:00:00Z").imports()
    _, charged, copay, submitted, paid, *_, closed = story(export, "claim", VISIT_CLAIM)
    assert (charged.service_on, copay.received_on) == (JANUARY_27, JANUARY_27)
    assert submitted.submitted_on == paid.received_on == closed.closed_on == date(2023, 2, 3)


def test_a_claim_that_was_never_billed_is_not_submitted(export: Export) -> None:
    export.change("claims", 0, LASTBILLEDDATE1="", LASTBILLEDDATEP="").imports()
    assert ClaimSubmitted not in [type(each) for each in story(export, "claim", VISIT_CLAIM)]


def test_a_claim_without_transactions_is_drafted_where_its_encounter_was(export: Export) -> None:
    empty = claim(their("claim", 3), ANN, "2023-01-28T10:00:00Z", APPOINTMENTID=STAY, STATUS1="")
    export.add("claims", {**empty, "STATUSP": "", "DEPARTMENTID": "3"}).imports()
    drafted = told(export, ClaimDrafted, "claim", their("claim", 3))
    assert drafted.facility_id == foreign_id("synthea/organization", CLINIC)
    assert len(story(export, "claim", their("claim", 3))) == 1


def test_days_before_1970_are_real_and_the_first_instant_of_1970_is_none(export: Export) -> None:
    for name in ("claims", "claims_transactions"):
        for row in export.rows(name):
            for column in ("SERVICEDATE", "FROMDATE", "LASTBILLEDDATE1", "LASTBILLEDDATEP"):
                if column in row:
                    row[column] = "1968-03-04T12:00:00Z"
    export.imports()
    assert told(export, ClaimCharged, "claim", VISIT_CLAIM).service_on == date(1968, 3, 4)
    assert told(export, FacilityOpened, "organization", HOSPITAL).opened_on == date(1968, 3, 4)


def test_a_payment_is_by_whoever_owes_the_line_of_its_procedure(export: Export) -> None:
    of, secondary = VISIT_CLAIM, {"SECONDARYPATIENTINSURANCEID": CIGNA}
    export.change("claims", 0, **secondary).tables["claims_transactions.csv"] = [
        charge(0, of, "100.00"),
        charge(1, of, "40.00", PROCEDURECODE=X_RAY, TRANSFERTYPE="2"),
        transfer_out(2, of, "60.00"),
        transfer_in(3, of, "60.00", out=2, to="2"),
        payment(4, of, "10.00", "CHECK"),
        transfer_out(5, of, "50.00"),
        transfer_in(6, of, "50.00", out=5),
        payment(7, of, "40.00", "CHECK", PROCEDURECODE=X_RAY),
        payment(8, of, "90.00", "CC"),
    ]
    export.without("supplies").imports()
    facts = story(export, "claim", of)
    assert [
        (each.line, each.from_party, each.to_party)
        for each in facts
        if isinstance(each, ClaimTransferred)
    ] == [
        (1, Party.PAYER, Party.SECONDARY_PAYER),
        (1, Party.SECONDARY_PAYER, Party.PATIENT),
    ]
    assert [(each.line, each.paid_by) for each in facts if isinstance(each, ClaimPaid)] == [
        (1, Party.SECONDARY_PAYER),
        (2, Party.SECONDARY_PAYER),
        (1, Party.PATIENT),
    ]


def test_of_two_charges_of_one_procedure_what_follows_is_about_the_later(export: Export) -> None:
    export.add(
        "claims_transactions",
        charge(8, STAY_CLAIM, "5.00", **AT_CLINIC, TRANSFERTYPE="p"),
        payment(9, STAY_CLAIM, "5.00", "CASH", **AT_CLINIC),
    ).imports()
    payments = [each for each in story(export, "claim", STAY_CLAIM) if isinstance(each, ClaimPaid)]
    assert [each.line for each in payments] == [1, 2]


def test_adjustments_stand_in_rows_of_their_own_or_beside_another_amount(export: Export) -> None:
    export.rows("claims_transactions")[3].update(PAYMENTS="44.50", ADJUSTMENTS="3.50")
    export.rows("claims_transactions").insert(
        4, transaction(9, VISIT_CLAIM, "ADJUSTMENT", ADJUSTMENTS="2.00")
    )
    export.add("claims_transactions", transaction(10, VISIT_CLAIM, "ADJUSTMENT", AMOUNT="0.00"))
    report = export.imports()
    assert (report.adjustments, report.payments) == (Decimal("5.50"), Decimal("110.00"))
    assert (report.transactions, report.balance) == (10, Decimal("64.50"))
    adjusted = [
        (each.amount, each.group, each.reason_code, each.borne_by)
        for each in story(export, "claim", VISIT_CLAIM)
        if isinstance(each, ClaimAdjusted)
    ]
    assert adjusted == [
        (Decimal("3.50"), "CO", "45", Party.PAYER),
        (Decimal("2.00"), "CO", "45", Party.PAYER),
    ]


def test_diagnoses_are_pointed_at_by_their_place_among_those_there_are(export: Export) -> None:
    export.change("claims", 0, DIAGNOSIS2="", DIAGNOSIS3="444814009")
    export.change("claims_transactions", 0, DIAGNOSISREF2="3").imports()
    assert told(export, ClaimCharged, "claim", VISIT_CLAIM).diagnosis_pointers == (1, 2)


def test_a_charge_may_be_of_nothing_and_of_many_units(export: Export) -> None:
    export.change("claims_transactions", 1, AMOUNT="0", UNITAMOUNT="0.00", UNITS="3")
    export.rows("claims_transactions").pop(6)
    export.imports()
    charged = told(export, ClaimCharged, "claim", STAY_CLAIM)
    assert (charged.amount, charged.units) == (Decimal("0.00"), 3)


def test_a_credit_balance_is_kept_and_told(export: Export) -> None:
    report = export.change("claims_transactions", 2, PAYMENTS="75.00").imports()
    assert (report.credit_balance_claims, report.credit_balance) == (1, Decimal("-55.00"))
    assert told(export, ClaimClosed, "claim", VISIT_CLAIM).balance == Decimal("-55.00")


def test_a_claim_goes_on_where_a_later_file_says_more(export: Export) -> None:
    export.imports()
    export.add("claims_transactions", payment(8, STAY_CLAIM, "64.50", "CHECK", **AT_CLINIC))
    report = export.change("claims", 1, STATUS1="CLOSED", STATUSP="CLOSED").imports()
    assert (report.balance, report.events_appended) == (Decimal("0.00"), 2)


def test_figures_are_those_of_the_ledger_and_not_of_the_file(export: Export) -> None:
    export.imports()
    claim_id = foreign_id("synthea/claim", STAY_CLAIM)
    wrong = ReverseClaimEntry(
        claim_id=claim_id, entry=2, why="posted twice", reversed_on=JANUARY_31
    )
    export.service.execute(wrong, Context(actor=CLERK))
    report = export.imports()
    assert (report.payments, report.balance) == (Decimal("100.00"), Decimal("80.00"))
    assert (report.transactions, report.events_appended) == (7, 0)


# --- stock -------------------------------------------------------------------------------------


def test_books_are_opened_with_exactly_what_the_file_issues(export: Export) -> None:
    export.add("supplies", supply(VISIT, GOWNS, "1", day="2023-01-25")).imports()
    facts = story(export, "stock_item", HOSPITAL, GOWNS)
    listed, opened, *issued = facts
    assert isinstance(listed, StockItemListed)
    assert (listed.item_system, listed.item_code) == ("SNOMED-CT", GOWNS)
    assert isinstance(opened, StockBooksOpened)
    assert (opened.quantity, opened.basis) == (25, OPENING)
    assert opened.opened_on == date(2023, 1, 25)
    assert [(each.quantity, each.on_hand_after) for each in issued] == [(1, 24), (12, 12), (12, 0)]
    assert {each.patient_id for each in issued} == {foreign_id("synthea/patient", ANN)}


def test_what_a_later_file_issues_in_addition_is_received_first(export: Export) -> None:
    export.imports()
    export.add("supplies", supply(VISIT, GOWNS, "7", day="2023-02-02"))
    report = export.imports()
    assert (report.stock_issues, report.stock_units_issued, report.events_appended) == (3, 31, 2)
    *_, received, issued = story(export, "stock_item", HOSPITAL, GOWNS)
    assert isinstance(received, StockReceived)
    assert (received.quantity, received.reference) == (7, RECEIPT)
    assert (issued.quantity, issued.on_hand_after) == (7, 0)
    assert export.imports().events_appended == 0


def test_only_what_is_not_on_hand_is_assumed_to_have_been_received(export: Export) -> None:
    export.imports()
    item = foreign_id("synthea/stock_item", HOSPITAL, GOWNS)
    count = CountStock(stock_item_id=item, counted=5, counted_on=JANUARY_31)
    export.service.execute(count, Context(actor=CLERK))
    export.add("supplies", supply(VISIT, GOWNS, "4", day="2023-02-02")).imports()
    assert isinstance(story(export, "stock_item", HOSPITAL, GOWNS)[-2], StockCounted)
    export.add("supplies", supply(VISIT, GOWNS, "4", day="2023-02-03")).imports()
    *_, received, issued = story(export, "stock_item", HOSPITAL, GOWNS)
    assert (received.quantity, issued.on_hand_after) == (3, 0)


def test_rows_are_known_by_what_they_say_wherever_they_stand(export: Export) -> None:
    export.add("supplies", supply(STAY, "337388004", "50", day=STAY_AT)).imports()
    export.rows("supplies").reverse()
    assert export.imports().events_appended == 0
    assert told(export, StockIssued, "stock_item", CLINIC, "337388004").issued_on == JANUARY_31
