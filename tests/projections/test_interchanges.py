"""What was sent to payers and whether it could be read, and which code tables are loaded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from domain.revenue.events.claim import ClaimType
from domain.revenue.events.code_table import (
    CareSetting,
    CodeTable,
    CodeTablePublished,
    table_of,
)
from domain.revenue.events.interchange import (
    InterchangeAcknowledged,
    InterchangeSent,
    StatusAsked,
)
from domain.revenue.events.submission import ClaimStatusCode, ClaimStatusReported
from projections.revenue import claim_list, code_table_list, interchange_list
from tests.projections.claims import AETHER, MARCH_1, MARCH_2, RIVERSIDE, THE_CLAIM, Bill
from tests.projections.grammar import given

PARTNER = UUID(int=7)
sent = InterchangeSent(
    partner_id=PARTNER,
    sender="US",
    receiver="AH001",
    control_number=1,
    claim_type=ClaimType.PROFESSIONAL,
    claims=(THE_CLAIM,),
    submissions=(UUID(int=8),),
    sent_on=MARCH_1,
)
asked = StatusAsked(
    partner_id=PARTNER,
    sender="US",
    receiver="AH001",
    control_number=2,
    claims=(THE_CLAIM,),
    asked_on=MARCH_2,
)
turned_back = InterchangeAcknowledged(
    partner_id=PARTNER,
    control_number=1,
    accepted=False,
    errors="IK5 R 5",
    acknowledged_on=MARCH_2,
)
loaded = CodeTablePublished(
    table_id=table_of(CodeTable.ICD_10_CM),
    table=CodeTable.ICD_10_CM,
    setting=CareSetting.ANY,
    edition="FY2026",
    pages=("J45", "U07"),
    codes=3,
    valid_from=date(2025, 10, 1),
)


def test_each_interchange_tells_whether_it_could_be_read() -> None:
    told = given(interchange_list, sent, asked, turned_back)
    told.shows(PARTNER, 1, transaction_set="837", readable=False, errors="IK5 R 5")
    told.shows(PARTNER, 2, transaction_set="276", claim_type=None, claims=1, readable=None)


def test_what_a_payer_answers_is_the_claims_answer() -> None:
    reported = ClaimStatusReported(
        claim_id=THE_CLAIM,
        facility_id=RIVERSIDE,
        payer_id=AETHER,
        payer_control_number="ICN-1",
        said=(ClaimStatusCode(category="F1", status="65"),),
        reported_on=MARCH_2,
    )
    bill = Bill()
    told = given(claim_list, bill.drafted(), reported)
    told.shows(THE_CLAIM, answered_on=MARCH_2, payer_control_number="ICN-1")


def test_an_edition_that_is_loaded_again_is_there_once() -> None:
    again = replace(loaded, pages=("J45",), codes=2)
    told = given(code_table_list, loaded, again)
    told.shows(loaded.table_id, loaded.valid_from, edition="FY2026", codes=2, pages=1)
