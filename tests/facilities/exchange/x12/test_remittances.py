"""A payer's file comes in: what balances and matches is posted once, the rest is quarantined."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from domain.identifiers import IdentifierKind
from domain.kernel import Fact, foreign_id
from domain.organization.events import FacilityKind
from domain.organization.facility import OpenFacility
from domain.organization.licensure import IdentifyFacility
from domain.revenue.claim import Claim, claim
from domain.revenue.drafting import ChargeClaim, DraftClaim
from domain.revenue.events.claim import ClaimDrafted, Code, Party
from domain.revenue.events.remittance import (
    ClaimAdjudicated,
    ClaimAdjudicationReversed,
    RemittanceReceived,
)
from domain.revenue.payer import RegisterPayer
from domain.revenue.quarantine import PostRemittedClaim
from domain.revenue.remittance import ReleaseRemittance
from domain.revenue.submission import SubmitClaim
from facilities.exchange.x12 import remittance_desk
from facilities.ledger import Ledger
from facilities.service import Context, Service, new_id
from tests.facilities.exchange.x12.remittance_files import A835, AN_NPI, CLERK, Mailroom, paid
from tests.grammar import TODAY


@pytest.fixture
def mailroom(tmp_path: Path, service: Service, ledger: Ledger) -> Mailroom:
    return Mailroom(tmp_path / "in", service, ledger)


PRICED = paid("A-1", "100", "60", "CAS*CO*45*15", "CAS*PR*2*25")
BACK = "|".join(
    (
        "CLP*A-1*22*-100*-60**12*ICN-A-1*11*1",
        "SVC*HC:99213*-100*-60**1",
        "CAS*CO*45*-15",
        "CAS*PR*2*-25",
    )
)


def facts(ledger: Ledger) -> list[Fact]:
    return [each.fact for each in ledger.read(after=0, limit=100_000)]


def claims(ledger: Ledger) -> dict[str, Claim]:
    """What the claims became, by their control numbers."""
    drafted = {each.claim_id for each in facts(ledger) if isinstance(each, ClaimDrafted)}
    folded = [claim.fold(e.fact for e in stored) for stored in ledger.load(drafted).values()]
    return {each.control_number or "": each for each in folded}


def balances(ledger: Ledger) -> dict[str, Decimal]:
    return {number: each.balance for number, each in claims(ledger).items()}


def of(kind: type[Fact], ledger: Ledger) -> list[Fact]:
    return [each for each in facts(ledger) if isinstance(each, kind)]


# --- to an empty ledger --------------------------------------------------------------------------


def test_a_payers_file_can_be_posted_to_an_empty_ledger(mailroom: Mailroom, ledger: Ledger) -> None:
    told = A835().paying(PRICED, paid("A-2", "50", "50"), plb=f"PLB*{AN_NPI}*20261231*WO:X*10")
    total = mailroom.receives(told).total
    assert total.to_json() == {
        "interchanges": 1,
        "transactions": 1,
        "kind": "835",
        "kinds": {"835": 1},
        "claims": 2,
        "posted_claims": 2,
        "lines": 2,
        "billed": "150.00",
        "paid": "110.00",
        "adjustments": {"CO": "15.00", "OA": "0.00", "PI": "0.00", "PR": "25.00"},
        "plb": "10.00",
        "payment": "100.00",
        "acknowledged_claims": 0,
        "acknowledged_interchanges": 0,
        "quarantined": [],
        "unapplied": [],
        "events_appended": total.events_appended,
    }
    assert balances(ledger) == {"A-1": Decimal("25.00"), "A-2": Decimal("0.00")}
    (received,) = of(RemittanceReceived, ledger)
    assert isinstance(received, RemittanceReceived)
    assert (received.payment, received.payer_name) == (Decimal("100.00"), "AETHER HEALTH")


def test_without_being_asked_nothing_is_opened(mailroom: Mailroom, ledger: Ledger) -> None:
    told = mailroom.receives(A835().paying(PRICED), open_unknown=False).total
    assert [each.rule for each in told.quarantined] == ["remittance.payee_unknown"]
    assert (ledger.head(), told.events_appended) == (0, 0)


def test_a_dry_run_reads_and_posts_nothing(mailroom: Mailroom, ledger: Ledger) -> None:
    told = mailroom.receives(A835().paying(PRICED), dry_run=True).total
    assert (told.claims, told.paid, told.posted_claims) == (1, Decimal("60.00"), 0)
    assert ledger.head() == 0


# --- to claims of ours ---------------------------------------------------------------------------


def ours(service: Service, *numbers: str) -> None:
    """Riverside, its payer, and claims of 100.00 that were sent."""

    def does(command: object) -> None:
        service.execute(command, Context(actor=CLERK))  # type: ignore[arg-type]

    riverside, payer = foreign_id("test", "riverside"), foreign_id("test", "payer")
    day = TODAY.replace(month=1, day=5)
    does(
        OpenFacility(
            facility_id=riverside,
            legal_name="Riverside General Hospital",
            kind=FacilityKind.HOSPITAL,
            zone="America/New_York",
            opened_on=day,
        )
    )
    npi = IdentifierKind.NPI
    does(IdentifyFacility(facility_id=riverside, kind=npi, value=AN_NPI, valid_from=day))
    does(RegisterPayer(payer_id=payer, legal_name="Aether Health", identifier="AH001"))
    for number in numbers:
        claim_id = foreign_id("test", "claim", number)
        does(
            DraftClaim(
                claim_id=claim_id,
                facility_id=riverside,
                patient_id=new_id(),
                service_on=day,
                payer_id=payer,
                control_number=number,
            )
        )
        procedure = Code(system="CPT", value="99213")
        does(
            ChargeClaim(
                claim_id=claim_id, procedure=procedure, unit_amount=Decimal(100), service_on=day
            )
        )
        does(SubmitClaim(claim_id=claim_id, submitted_on=day))


def test_claims_are_found_by_our_control_number_at_the_facility_that_is_paid(
    mailroom: Mailroom, ledger: Ledger, service: Service
) -> None:
    ours(service, "A-1", "A-2")
    told = mailroom.receives(A835().paying(PRICED, paid("A-9", "5", "5")), open_unknown=False)
    assert [(each.claim, each.rule, each.found) for each in told.total.quarantined] == [
        ("A-9", "remittance.claim_unknown", "A-9")
    ]
    assert told.total.posted_claims == 1
    assert balances(ledger) == {"A-1": Decimal("25.00"), "A-2": Decimal("100.00")}


def test_what_is_in_quarantine_is_posted_by_hand(
    mailroom: Mailroom, ledger: Ledger, service: Service
) -> None:
    ours(service, "A-1")
    told = A835().paying(paid("A-X", "90", "60", "CAS*CO*45*30"))
    mailroom.receives(told, open_unknown=False)
    (received,) = of(RemittanceReceived, ledger)
    assert isinstance(received, RemittanceReceived)
    by_hand = PostRemittedClaim(
        remittance_id=received.remittance_id,
        place=1,
        claim_id=foreign_id("test", "claim", "A-1"),
        why="The payer cut our number",
    )
    service.execute(by_hand, Context(actor=CLERK))
    assert balances(ledger) == {"A-1": Decimal("10.00")}
    again = mailroom.receives(told, open_unknown=False).total
    assert (again.posted_claims, again.quarantined, again.events_appended) == (1, [], 0)


# --- what does not balance -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "claim_number", "rule", "found", "expected"),
    [
        (
            A835().paying(paid("A-1", "100", "60", "CAS*CO*45*39")),
            "A-1",
            "remittance.line_not_balanced",
            "39.00",
            "40.00",
        ),
        (
            A835().paying("CLP*A-1*1*100*60**12*X|SVC*HC:99213*100*70**1|CAS*CO*45*30"),
            "A-1",
            "remittance.claim_not_balanced",
            "30.00",
            "40.00",
        ),
        (
            replace(A835().paying(PRICED), payment="61"),
            None,
            "remittance.payment_not_balanced",
            "61.00",
            "60.00",
        ),
        (
            A835().paying(paid("A-1", "1O0", "60")),
            None,
            "x12.amount",
            "SVC02 1O0",
            "a decimal number",
        ),
        (
            A835().paying(paid("A-1", "100", "60", "CAS*XX*45*40")),
            None,
            "x12.adjustment_group",
            "XX",
            "CO, OA, PI, PR",
        ),
        (replace(A835().paying(PRICED), trace=""), None, "x12.required", "nothing", None),
        (A835().paying(BACK), "A-1", "remittance.reversal_of_nothing", None, None),
    ],
    ids=["line", "claim", "payment", "amount", "group", "trace", "reversal"],
)
def test_what_does_not_balance_is_quarantined_under_its_rule_and_nothing_of_it_is_posted(
    mailroom: Mailroom,
    ledger: Ledger,
    told: A835,
    claim_number: str | None,
    rule: str,
    found: str | None,
    expected: str | None,
) -> None:
    (kept,) = mailroom.receives(told).total.quarantined
    assert (kept.transaction, kept.claim, kept.rule) == ("0001", claim_number, rule)
    assert found is None or kept.found == found
    assert expected is None or kept.expected == expected
    assert not claims(ledger)
    again = mailroom.receives(told).total
    assert [each.rule for each in again.quarantined] == [rule]
    assert again.events_appended == 0


def test_a_file_that_lost_segments_is_not_posted(mailroom: Mailroom, tmp_path: Path) -> None:
    text = A835().paying(PRICED).text().replace("DTM*232*20260105~\n", "")
    path = tmp_path / "lost.835"
    path.write_text(text)
    told = mailroom.receives(path).total
    assert [each.rule for each in told.quarantined] == ["x12.segment_count"]
    assert told.events_appended == 0


def test_what_was_released_by_hand_is_posted_when_its_file_comes_again(
    mailroom: Mailroom, ledger: Ledger, service: Service
) -> None:
    told = replace(A835().paying(PRICED), payment="61")
    mailroom.receives(told)
    (received,) = of(RemittanceReceived, ledger)
    assert isinstance(received, RemittanceReceived)
    releasing = ReleaseRemittance(remittance_id=received.remittance_id, why="61.00 came in")
    service.execute(releasing, Context(actor=CLERK))
    assert mailroom.receives(told).total.posted_claims == 1
    assert balances(ledger) == {"A-1": Decimal("25.00")}


# --- once ----------------------------------------------------------------------------------------


def test_the_same_remittance_in_another_file_posts_nothing(
    mailroom: Mailroom, ledger: Ledger
) -> None:
    told = A835().paying(PRICED)
    mailroom.receives(told)
    head = ledger.head()
    odd = replace(told, separators="|>\x1c", between="", before="\ufeff")
    again = mailroom.receives(odd, told).total
    assert (again.events_appended, again.posted_claims, ledger.head()) == (0, 2, head)


def test_a_trace_number_that_says_something_else_is_held(
    mailroom: Mailroom, ledger: Ledger
) -> None:
    mailroom.receives(A835().paying(PRICED))
    other = A835().paying(paid("A-2", "60", "60"))
    told = mailroom.receives(other).total
    assert [each.rule for each in told.quarantined] == ["remittance.trace_reused"]
    assert list(balances(ledger)) == ["A-1"]
    assert mailroom.receives(other).total.events_appended == 0


def test_a_claim_that_is_paid_twice_is_quarantined(mailroom: Mailroom, ledger: Ledger) -> None:
    mailroom.receives(A835().paying(PRICED))
    told = mailroom.receives(A835(trace="TRACE-2").paying(PRICED)).total
    assert [each.rule for each in told.quarantined] == ["remittance.decided_already"]
    assert balances(ledger) == {"A-1": Decimal("25.00")}


def test_a_reversal_names_the_original_and_what_follows_is_posted(
    mailroom: Mailroom, ledger: Ledger
) -> None:
    mailroom.receives(A835().paying(PRICED))
    corrected = paid("A-1", "100", "80", "CAS*CO*45*20")
    told = mailroom.receives(A835(trace="TRACE-2").paying(BACK, corrected)).total
    assert (told.posted_claims, told.quarantined) == (2, [])
    (back,) = of(ClaimAdjudicationReversed, ledger)
    assert isinstance(back, ClaimAdjudicationReversed)
    assert (back.adjudication, back.paid) == (1, Decimal("60.00"))
    assert balances(ledger) == {"A-1": Decimal("0.00")}
    assert len(of(ClaimAdjudicated, ledger)) == 2


def test_an_import_that_was_interrupted_goes_on_where_it_was(
    mailroom: Mailroom, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = A835().paying(*(paid(f"A-{number}", "10", "10") for number in range(5)))
    monkeypatch.setattr("facilities.exchange.x12.remittance_desk.CLAIMS_AT_ONCE", 2)
    appended = Ledger.append
    left = iter(range(9))

    def failing(self: Ledger, *args: object, **named: object) -> list[int]:
        if next(left, None) is None:
            raise ConnectionError
        return appended(self, *args, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "append", failing)
        left = iter(range(6))
        with pytest.raises(ConnectionError):
            mailroom.receives(told)
    assert 0 < len(of(ClaimAdjudicated, ledger)) < 5
    assert mailroom.receives(told).total.posted_claims == 5
    assert len(of(ClaimAdjudicated, ledger)) == 5
    assert mailroom.receives(told).total.events_appended == 0


def test_what_is_said_of_one_claim_keeps_its_order_however_it_is_batched(
    mailroom: Mailroom, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remittance_desk, "CLAIMS_AT_ONCE", 1)
    again = paid("A-1", "100", "75", "CAS*CO*45*25")
    others = [paid(f"B-{number}", "10", "10") for number in range(6)]
    told = mailroom.receives(A835().paying(PRICED, *others[:3], BACK, *others[3:], again)).total
    assert (told.posted_claims, told.quarantined) == (9, [])
    assert balances(ledger)["A-1"] == 0
    assert claims(ledger)["A-1"].paid_by(Party.PAYER) == 75
