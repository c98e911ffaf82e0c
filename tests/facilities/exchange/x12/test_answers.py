"""What cannot be read is turned back, and payers tell where claims stand when they are asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from domain.kernel import foreign_id
from domain.revenue.claim_status import ClaimStatus
from domain.revenue.events.form import Coverage, Relationship, Sex
from domain.revenue.events.interchange import InterchangeAcknowledged, StatusAsked
from domain.revenue.events.submission import ClaimRejected, ClaimStatusReported
from domain.revenue.submission import SubmitClaim
from facilities.exchange.x12.exporting import export_claims, export_status_requests
from facilities.exchange.x12.report import Figures
from facilities.exchange.x12.status_writer import unaskable, write_status_requests
from facilities.ledger import Ledger
from facilities.service import Context, Service
from tests.facilities.exchange.x12.remittance_files import CLERK, Mailroom, unwatched
from tests.facilities.exchange.x12.simulated_payer import SimulatedPayer
from tests.facilities.exchange.x12.test_claims_out import (
    AT,
    CHILDS,
    COVERAGE,
    ICN,
    PAYER,
    US,
    a_bill,
    states,
    submitted_claims,
    x12sdk_reads,
)
from tests.grammar import TODAY

PARTNER = foreign_id("x12/partner", "US", "PAYER")
"""Whom the simulated payer is in the envelopes of its answers (ISA06)."""


class Office:
    """Three claims were submitted, and go to the payer that answers."""

    def __init__(self, folder: Path, service: Service, ledger: Ledger) -> None:
        self.ids = submitted_claims(service)
        self.service, self.ledger, self.folder = service, ledger, folder
        self._mailroom = Mailroom(folder / "in", service, ledger)
        self.payer = SimulatedPayer()
        self._receiver = replace(PAYER, id="PAYER")

    def sends(self) -> list[str]:
        return self._out(export_claims)

    def asks(self) -> list[str]:
        return self._out(export_status_requests)

    def _out(self, export: Callable[..., object]) -> list[str]:
        parties = CLERK, US, self._receiver
        done = export(
            self.ids, self.service, self.ledger, *parties, self.folder, on_record=unwatched
        )
        names: list[str] = done.files  # type: ignore[attr-defined]
        for each in names:
            self.payer.reads((self.folder / each).read_text())
        return names

    def receives(self, text: str) -> Figures:
        path = self.folder / "answer.txt"
        path.write_text(text)
        return self._mailroom.receives(path, open_unknown=False).total

    @property
    def statuses(self) -> set[ClaimStatus]:
        return {each.status for each in states(self.ledger, *self.ids)}

    def facts(self, stream_id: UUID, kind: type) -> list[object]:
        stored = self.ledger.load([stream_id]).get(stream_id, [])
        return [each.fact for each in stored if isinstance(each.fact, kind)]


@pytest.fixture
def office(tmp_path: Path, service: Service, ledger: Ledger) -> Office:
    return Office(tmp_path, service, ledger)


def test_what_could_not_be_read_is_turned_back_and_goes_out_again(office: Office) -> None:
    assert len(office.sends()) == 1
    told = office.receives(office.payer.cannot_read())
    assert (told.acknowledged_interchanges, told.acknowledged_claims, told.unapplied) == (1, 3, [])
    assert office.statuses == {ClaimStatus.REJECTED}
    (rejected,) = office.facts(office.ids[0], ClaimRejected)
    assert isinstance(rejected, ClaimRejected)
    assert rejected.message == (
        "The interchange 1 could not be read: IK3 NM1 17 8; IK4 3 1035 1; IK5 R 5"
    )
    (acknowledged,) = office.facts(PARTNER, InterchangeAcknowledged)
    assert isinstance(acknowledged, InterchangeAcknowledged)
    assert (acknowledged.control_number, acknowledged.accepted) == (1, False)
    turned_back = office.payer.cannot_read()
    for each in office.ids:
        office.service.execute(SubmitClaim(claim_id=each, submitted_on=TODAY), Context(actor=CLERK))
    assert office.receives(turned_back).events_appended == 0
    assert office.statuses == {ClaimStatus.SUBMITTED}
    assert len(office.sends()) == 1
    read = office.receives(office.payer.acknowledges())
    assert (read.acknowledged_interchanges, read.events_appended) == (1, 1)
    assert office.statuses == {ClaimStatus.SUBMITTED}


def test_what_is_said_of_an_interchange_that_is_not_ours_is_told(office: Office) -> None:
    for group in ("77", "none"):
        office.payer.group = group
        (unapplied,) = office.receives(office.payer.cannot_read()).unapplied
        assert unapplied.rule == "acknowledgement.interchange_unknown"
        assert unapplied.found == group


def test_payers_are_asked_where_claims_stand_and_what_they_say_is_kept(
    office: Office, tmp_path: Path
) -> None:
    office.sends()
    (name,) = office.asks()
    text = (tmp_path / name).read_text()
    assert x12sdk_reads(text, "TRN*1*") == 3
    (asked,) = office.facts(PARTNER, StatusAsked)
    assert isinstance(asked, StatusAsked)
    assert (asked.control_number, len(asked.claims)) == (2, 3)
    told = office.receives(office.payer.tells_where_they_stand("A2:20", "P3:317", "F1:65"))
    assert (told.acknowledged_claims, told.unapplied) == (3, [])
    found = {each.control_number: each for each in states(office.ledger, *office.ids)}
    said = [found[each].status for each in office.payer.asked]
    assert said == [ClaimStatus.ACCEPTED, ClaimStatus.PENDED, ClaimStatus.SUBMITTED]
    assert {each.payer_control_number for each in found.values()} >= {
        f"ICN-{office.payer.asked[0]}",
        f"ICN-{office.payer.asked[2]}",
    }
    paid = office.payer.asked[2]
    (third,) = [
        each for each in office.ids if states(office.ledger, each)[0].control_number == paid
    ]
    (reported,) = office.facts(third, ClaimStatusReported)
    assert isinstance(reported, ClaimStatusReported)
    assert [(each.category, each.status) for each in reported.said] == [("F1", "65")]


def test_what_more_is_wanted_and_what_is_turned_back_is_told_by_a_277_too(office: Office) -> None:
    office.sends()
    office.asks()
    office.receives(office.payer.tells_where_they_stand("R3:297", "A3:21", "D0:35"))
    assert office.statuses == {
        ClaimStatus.PENDED,
        ClaimStatus.REJECTED,
        ClaimStatus.SUBMITTED,
    }
    paid = office.receives(office.payer.remits().write(office.folder).read_text())
    assert paid.posted_claims == 3
    again = office.receives(office.payer.tells_where_they_stand("P1:1", "F1:65", "A2:20"))
    assert (again.acknowledged_claims, again.unapplied) == (3, [])
    assert office.statuses == {ClaimStatus.ADJUDICATED}


@pytest.mark.parametrize(
    "coverage",
    [COVERAGE, CHILDS, replace(COVERAGE, sex=Sex.UNKNOWN)],
    ids=["subscriber", "dependent", "unknown-sex"],
)
def test_a_reader_that_is_not_ours_accepts_what_is_asked(coverage: Coverage) -> None:
    # pyx12 has no map of 005010X212.
    these = (
        a_bill(coverage=coverage, payers_numbers=ICN),
        a_bill(control_number="A-2"),
        replace(a_bill(control_number="A-3"), payer_name="Beacon", payer_identifier="BM001"),
    )
    text = write_status_requests(these, US, PAYER, control_number=7, at=AT)
    assert x12sdk_reads(text, "TRN*1*") == 3


def test_what_a_question_lacks_is_named() -> None:
    bare = a_bill(coverage=None, control_number=None)
    assert "a control number" in unaskable(bare)
    nameless = a_bill(coverage=replace(COVERAGE, relationship=Relationship.CHILD, birth_on=None))
    assert unaskable(nameless) == ("the patient's date of birth",)
    with pytest.raises(ValueError, match="a control number"):
        write_status_requests([bare], US, PAYER, control_number=7, at=AT)
