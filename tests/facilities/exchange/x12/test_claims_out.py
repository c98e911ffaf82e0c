"""What is written for a payer: two others' readers accept it, and what comes back closes it."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pyx12.params import params
from pyx12.x12n_document import x12n_document
from x12sdk.io import X12ModelReader

from domain.identifiers import IdentifierKind
from domain.kernel import Command, foreign_id
from domain.organization.events import Address, FacilityKind
from domain.organization.facility import OpenFacility
from domain.organization.licensure import IdentifyFacility
from domain.revenue.claim import Claim, claim
from domain.revenue.claim_status import ClaimStatus
from domain.revenue.drafting import ChargeClaim, DraftClaim
from domain.revenue.events.claim import ClaimFrequency, ClaimType, Code, Party
from domain.revenue.events.form import ClaimForm, Coverage, Dependent, Relationship, Sex
from domain.revenue.events.payer import PayerKind
from domain.revenue.payer import RegisterPayer
from domain.revenue.service_line import ServiceLine
from domain.revenue.submission import CloseClaim, SubmitClaim
from facilities.exchange.x12.bill import Bill, BillingProvider, EarlierPayer, missing
from facilities.exchange.x12.claims_writer import write_claims
from facilities.exchange.x12.envelope import Correspondent
from facilities.exchange.x12.exporting import export_claims
from facilities.ledger import Ledger
from facilities.service import Context, Service
from tests.facilities.exchange.x12.remittance_files import AN_NPI, CLERK, Mailroom, unwatched
from tests.facilities.exchange.x12.simulated_payer import SimulatedPayer
from tests.grammar import TODAY

RIVERSIDE, THE_PAYER = foreign_id("test", "riverside"), foreign_id("test", "payer")
ANOTHER = foreign_id("test", "another payer")
US = Correspondent(id="US", name="Riverside Billing")
PAYER = Correspondent(id="AH001", name="Aether Health")
DAY = date(2026, 1, 5)
AT = datetime(2026, 2, 1, 12, tzinfo=UTC)
ADDRESS = Address(lines=("1 Main Street",), city="Albany", region="NY", postal_code="12207")

FORM = ClaimForm(
    place_of_service="11",
    type_of_bill="0131",
    attending_npi="1245319599",
    rendering_npi="1245319599",
    discharge_status="01",
    authorization_number="AUTH-1",
)
COVERAGE = Coverage(
    member_id="W123456789",
    last_name="Doe",
    first_name="Jane",
    birth_on=date(1980, 1, 2),
    sex=Sex.FEMALE,
    address="2 Oak Street",
    city="Albany",
    region="NY",
    postal_code="12208",
)
CHILDS = replace(
    COVERAGE,
    relationship=Relationship.CHILD,
    dependent=Dependent(
        last_name="Doe",
        first_name="Jo",
        birth_on=date(2015, 6, 7),
        sex=Sex.MALE,
        address="2 Oak Street",
        city="Albany",
        region="NY",
        postal_code="12208",
    ),
)
ICN = {Party.PAYER: "ICN-1"}
DIAGNOSES = tuple(Code(system="ICD-10-CM", value=each) for each in ("J06.9", "E11.9", "I10"))


def a_line(number: int, code: str, charge: str, *modifiers: str) -> ServiceLine:
    return ServiceLine(
        number=number,
        procedure=Code(system="CPT", value=code),
        modifiers=modifiers,
        diagnosis_pointers=(1, 2),
        units=2,
        charged=Decimal(charge),
        service_on=DAY,
        revenue_code="0450",
    )


def a_bill(*, earlier: EarlierPayer | None = None, **claim_says: Any) -> Bill:
    state = Claim(
        control_number="A-1",
        service_on=DAY,
        diagnoses=DIAGNOSES,
        form=FORM,
        coverage=COVERAGE,
        lines=(a_line(1, "99213", "100.00"), a_line(3, "36415", "20.50", "59", "XU")),
    )
    return Bill(
        claim=replace(state, **claim_says),
        provider=BillingProvider(
            name="Riverside General Hospital",
            npi=AN_NPI,
            tin="123456789",
            taxonomy="282N00000X",
            address=ADDRESS,
        ),
        payer_name="Aether Health",
        payer_identifier="AH001",
        payer_kind=PayerKind.COMMERCIAL,
        earlier=earlier,
    )


def written(*these: Bill) -> str:
    return write_claims(these, US, PAYER, control_number=7, at=AT)


def pyx12_accepts(text: str, folder: Path) -> bool:
    path, answer = folder / "out.x12", io.StringIO()
    path.write_text(text)
    return bool(x12n_document(params(), str(path), answer, None, None))


def x12sdk_reads(text: str, each: str = "CLM*") -> int:
    """How many claims it finds; it raises where it does not accept."""
    with X12ModelReader(text) as reader:
        (model,) = list(reader.models())
    return model.x12().count(each)


@pytest.mark.parametrize("kind", list(ClaimType))
@pytest.mark.parametrize(
    "says",
    [
        {},
        {"frequency": ClaimFrequency.REPLACEMENT, "payers_numbers": ICN},
        {"frequency": ClaimFrequency.VOID, "payers_numbers": ICN},
        {"diagnoses": DIAGNOSES[:1]},
        {"form": replace(FORM, rendering_npi=None, authorization_number=None)},
        {"form": replace(FORM, admission_type="1", admission_source="1")},
        {"lines": (replace(a_line(1, "99213", "100"), taken_back=True), a_line(2, "36415", "5"))},
        {"coverage": CHILDS},
    ],
    ids=[
        *("original", "replacement", "void", "one-diagnosis", "bare", "admitted", "taken-back"),
        "dependent",
    ],
)
def test_two_readers_that_are_not_ours_accept_what_we_write(
    kind: ClaimType, says: dict[str, Any], tmp_path: Path
) -> None:
    these = (
        a_bill(claim_type=kind, **says),
        a_bill(claim_type=kind, control_number="A-2"),
    )
    text = written(*these)
    assert pyx12_accepts(text, tmp_path)
    assert x12sdk_reads(text) == 2


def test_the_lines_come_to_the_claim_and_a_replacement_names_what_it_replaces() -> None:
    replacement = a_bill(frequency=ClaimFrequency.REPLACEMENT, payers_numbers=ICN)
    text = written(replacement)
    assert "CLM*A-1*120.50***11:B:7*Y*A*Y*Y~" in text
    assert "REF*F8*ICN-1~" in text
    assert "SV1*HC:36415:59:XU*20.50*UN*2***1:2~" in text
    assert "REF*6R*3~" in text
    assert "HI*ABK:J069*ABF:E119*ABF:I10~" in text


def test_a_dependent_stands_under_the_subscriber() -> None:
    text = written(a_bill(coverage=CHILDS), a_bill(control_number="A-2"))
    assert [each.split("*")[1:] for each in text.split("~\n") if each.startswith("HL*")] == [
        ["1", "", "20", "1"],
        ["2", "1", "22", "1"],
        ["3", "2", "23", "0"],
        ["4", "1", "22", "0"],
    ]
    assert "PAT*19~\nNM1*QC*1*DOE*JO~\nN3*2 OAK STREET~" in text
    assert "DMG*D8*20150607*M~" in text
    assert text.count("DMG*") == 2


def test_a_sex_that_nobody_knows_is_told_as_the_guide_has_it(tmp_path: Path) -> None:
    # x12sdk does not know U, which DMG03 of 005010X222A1 and 005010X223A2 has.
    for kind in ClaimType:
        text = written(a_bill(claim_type=kind, coverage=replace(COVERAGE, sex=Sex.UNKNOWN)))
        assert "DMG*D8*19800102*U~" in text
        assert pyx12_accepts(text, tmp_path)


def test_what_a_guide_requires_and_a_bill_lacks_is_named() -> None:
    assert missing(a_bill()) == ()
    bare = a_bill(coverage=None, diagnoses=(), form=ClaimForm(), control_number=None, lines=())
    assert "a diagnosis" in missing(bare)
    assert "the place of service" in missing(bare)
    assert "the type of bill" in missing(replace_type(bare))
    child = a_bill(coverage=replace(COVERAGE, relationship=Relationship.CHILD))
    assert missing(child) == (
        "the patient's last name",
        "the patient's date of birth",
        "the patient's address",
    )
    assert missing(a_bill(coverage=CHILDS)) == ()
    void = a_bill(frequency=ClaimFrequency.VOID)
    assert missing(void) == ("the payer's control number",)
    with pytest.raises(ValueError, match="a diagnosis"):
        written(bare)


def replace_type(bill: Bill) -> Bill:
    return replace(bill, claim=replace(bill.claim, claim_type=ClaimType.INSTITUTIONAL))


# --- the round trip ------------------------------------------------------------------------------


def submitted_claims(
    service: Service, kind: ClaimType = ClaimType.PROFESSIONAL, *, twice_insured: bool = False
) -> list[UUID]:
    """Three claims, submitted to a payer; there may be another one to be asked after it."""

    def does(command: Command) -> None:
        service.execute(command, Context(actor=CLERK))

    does(
        OpenFacility(
            facility_id=RIVERSIDE,
            legal_name="Riverside General Hospital",
            kind=FacilityKind.HOSPITAL,
            zone="America/New_York",
            opened_on=DAY,
            address=ADDRESS,
        )
    )
    for identifier, value in ((IdentifierKind.NPI, AN_NPI), (IdentifierKind.TIN, "123456789")):
        does(IdentifyFacility(facility_id=RIVERSIDE, kind=identifier, value=value, valid_from=DAY))
    does(RegisterPayer(payer_id=THE_PAYER, legal_name="Aether Health", identifier="AH001"))
    does(RegisterPayer(payer_id=ANOTHER, legal_name="Beacon Mutual", identifier="BM002"))
    ids = [foreign_id("test", "claim", number) for number in range(3)]
    for number, claim_id in enumerate(ids):
        does(
            DraftClaim(
                claim_id=claim_id,
                facility_id=RIVERSIDE,
                patient_id=foreign_id("test", "patient"),
                service_on=DAY,
                payer_id=THE_PAYER,
                secondary_payer_id=ANOTHER if twice_insured else None,
                claim_type=kind,
                diagnoses=DIAGNOSES,
                form=FORM,
                coverage=COVERAGE,
                secondary_coverage=replace(COVERAGE, member_id="B-9") if twice_insured else None,
            )
        )
        for amount in ("100.00", "33.33", f"{number}.05"):
            does(
                ChargeClaim(
                    claim_id=claim_id,
                    procedure=Code(system="CPT", value="99213"),
                    unit_amount=Decimal(amount),
                    service_on=DAY,
                    revenue_code="0450",
                )
            )
        does(SubmitClaim(claim_id=claim_id, submitted_on=DAY))
    return ids


def test_what_cannot_be_put_on_record_does_not_go_out(
    tmp_path: Path, service: Service, ledger: Ledger
) -> None:
    ids = submitted_claims(service)

    def full(_file: str, _patients: Iterable[UUID]) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        export_claims(ids, service, ledger, CLERK, US, PAYER, tmp_path, on_record=full)
    assert not any(tmp_path.iterdir())
    sent = export_claims(ids, service, ledger, CLERK, US, PAYER, tmp_path, on_record=unwatched)
    assert sent.claims == 3


@pytest.mark.parametrize("kind", list(ClaimType))
def test_what_is_sent_is_acknowledged_paid_posted_and_comes_to_zero(
    kind: ClaimType, tmp_path: Path, service: Service, ledger: Ledger
) -> None:
    ids = submitted_claims(service, kind)
    out = tmp_path / "out"
    out.mkdir()
    told: dict[str, set[UUID]] = {}

    def on_record(file: str, patients: Iterable[UUID]) -> None:
        assert not any(out.iterdir())
        told[file] = set(patients)

    exported = export_claims(ids, service, ledger, CLERK, US, PAYER, out, on_record=on_record)
    (name,) = exported.files
    assert (exported.claims, exported.left_out) == (3, [])
    assert told == {name: {foreign_id("test", "patient")}}
    again = export_claims(ids, service, ledger, CLERK, US, PAYER, out, on_record=unwatched)
    assert (again.files, again.claims) == ([], 0)
    text = (out / name).read_text()
    assert pyx12_accepts(text, tmp_path)
    payer = SimulatedPayer().reads(text)
    assert len(payer.claims) == 3

    mailroom = Mailroom(tmp_path / "in", service, ledger)
    answers = []
    for name, answer in (("999", payer.acknowledges()), ("277CA", payer.takes_in())):
        path = tmp_path / f"{name}.txt"
        path.write_text(answer)
        answers.append(mailroom.receives(path, open_unknown=False).total)
    assert [each.to_json()["kind"] for each in answers] == ["999", "277CA"]
    assert (answers[1].acknowledged_claims, answers[1].unapplied) == (3, [])
    assert {each.status for each in states(ledger, *ids)} == {ClaimStatus.ACCEPTED}

    posted = mailroom.receives(payer.remits(), open_unknown=False).total
    assert (posted.posted_claims, posted.quarantined) == (3, [])
    assert {each.balance for each in states(ledger, *ids)} == {Decimal(0)}
    for each in ids:
        service.execute(CloseClaim(claim_id=each, closed_on=TODAY), Context(actor=CLERK))
    assert {each.status for each in states(ledger, *ids)} == {ClaimStatus.CLOSED}


@pytest.mark.parametrize("kind", list(ClaimType))
def test_what_the_first_payer_leaves_is_asked_of_the_second_and_comes_to_zero(
    kind: ClaimType, tmp_path: Path, service: Service, ledger: Ledger
) -> None:
    ids = submitted_claims(service, kind, twice_insured=True)
    out, mailroom = tmp_path / "out", Mailroom(tmp_path / "in", service, ledger)
    out.mkdir()

    def sent_to(party: Party) -> SimulatedPayer:
        done = export_claims(ids, service, ledger, CLERK, US, PAYER, out, on_record=unwatched)
        assert (done.claims, done.left_out) == (3, [])
        text = (out / done.files[-1]).read_text()
        assert pyx12_accepts(text, tmp_path)
        assert x12sdk_reads(text) == 3
        payer = SimulatedPayer(share=Decimal("0.15")).reads(text)
        assert payer.second is (party is Party.SECONDARY_PAYER)
        return payer

    mailroom.receives(sent_to(Party.PAYER).remits(), open_unknown=False)
    for each in states(ledger, *ids):
        assert each.owed_by(Party.SECONDARY_PAYER) == each.balance > 0
    for each_id in ids:
        asking = SubmitClaim(
            claim_id=each_id, submitted_on=TODAY, submitted_to=Party.SECONDARY_PAYER
        )
        service.execute(asking, Context(actor=CLERK))
    second = replace(sent_to(Party.SECONDARY_PAYER).remits(), trace="TRACE-2")
    posted = mailroom.receives(second, open_unknown=False).total
    assert (posted.posted_claims, posted.quarantined) == (3, [])
    assert {each.balance for each in states(ledger, *ids)} == {Decimal(0)}


def states(ledger: Ledger, *ids: object) -> list[Claim]:
    return [claim.fold(e.fact for e in stored) for stored in ledger.load(ids).values()]  # type: ignore[arg-type]
