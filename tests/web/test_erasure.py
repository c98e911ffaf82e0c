"""Somebody is erased: nothing of theirs is left anywhere, and everything else is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.audit.events import ExportFormat
from domain.kernel import Refused
from domain.personal import ERASED, is_erased_id
from domain.privacy.erasure import ApproveErasure, RequestErasure
from domain.privacy.events import HoldScope, RecordKind
from domain.privacy.legal_hold import PlaceLegalHold, ReleaseLegalHold
from domain.privacy.retention import AdoptRetentionRule, LiftRetentionRule
from domain.supply.events.stock import IssuedTo
from domain.supply.stock_item import IssueStock, ReceiveStock
from domain.supply.stock_listing import ListStockItem
from facilities.database import Database, Role
from facilities.digests import digest_of
from facilities.exchange.audit_selection import Selection
from facilities.ledger import Ledger
from facilities.privacy import erasing
from facilities.privacy.custody import Custody, Gone, custody
from facilities.privacy.keyring import Keyring
from facilities.scope import Actor
from facilities.scope import Role as Trust
from facilities.seals.folder import Folder
from facilities.seals.keys import new_key
from facilities.seals.settings import SealSettings
from facilities.seals.verifying import verify
from facilities.service import KeyReused, Service
from tests.conftest import MASTERS
from tests.domain.places import A_PATIENT, DR_ADEYEMI, FEBRUARY_1, THE_CLAIM
from tests.facilities.scenes import (
    THE_DAY_BEGINS,
    a_charge,
    a_claim,
    a_physician,
    keyed,
    said_by,
)
from tests.web.grammar import Api
from web.bootstrap import Almoner

LATER = datetime(2040, 1, 1, tzinfo=UTC)
"""When everything that is recorded today has been kept for long enough."""

ANOTHER_PATIENT, ANOTHER_CLAIM = uuid4(), uuid4()
NAME = "Kessandra Molnefer"


@dataclass(frozen=True)
class Office:
    """The privacy office of a program with a patient, another patient, and a physician."""

    almoner: Almoner
    seals: Path

    def asks(self, subject_id: UUID, approvers: tuple[str, ...] = ("ben", "cyd")) -> UUID:
        erasure_id = uuid4()
        asked = RequestErasure(erasure_id=erasure_id, subject_id=subject_id, grounds="asked for it")
        self.gives(asked, "ana")
        for each in approvers:
            self.gives(ApproveErasure(erasure_id=erasure_id), each)
        return erasure_id

    def gives(self, command: Any, name: str = "ana") -> None:
        actor = Actor(name, Trust.SYSTEM_ADMINISTRATOR)
        self.almoner.service.execute(command, said_by(actor))

    def looks_for(self, patient_id: UUID) -> None:
        """Somebody takes a patient for a thing that has events of its own, in any spelling."""
        api = Api.of(self.almoner)
        api.get(f"/streams/{patient_id}/events").responds(404)
        api.get(f"/streams/{str(patient_id).upper()}/events").responds(404)
        api.get("/audit/state", stream=patient_id.hex).responds(404)
        assert self.almoner.reads is not None
        self.almoner.reads.take_in()

    def folds(self) -> None:
        with self.almoner.runner() as runner:
            runner.run_until(self.almoner.ledger.head())

    def everything(self) -> bytes:
        """What a dump of the whole database holds, all rows of all tables; and the statistics."""
        with self.almoner.database.connect(role=None) as login:
            tables = login.execute(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
                "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            ).fetchall()
            found = [self._copied(login, f"(SELECT * FROM {table})") for (table,) in tables]
        with self.almoner.database.connect(Role.PROJECTOR) as projector:
            found.append(self._copied(projector, "(SELECT * FROM pg_stats)"))
        whole = b"\n".join(found)
        assert b"claim.drafted" in whole
        return whole

    @staticmethod
    def _copied(login: Any, what: str) -> bytes:
        with login.cursor() as cursor, cursor.copy(f"COPY {what} TO STDOUT") as copy:
            return b"".join(bytes(each) for each in copy)

    def totals(self) -> Any:
        api = Api.of(self.almoner)
        return api.get("/system/scorecard").json["items"], api.get("/system/claims").json["items"]


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Iterator[Office]:
    new_key(tmp_path / "key.pem")
    settings = SealSettings(tmp_path / "key.pem", folder=Folder(tmp_path / "seals"))
    journals = tmp_path / "journals"
    with Almoner.on(database, lambda: LATER, settings, MASTERS, journals=journals) as almoner:
        for each in (
            *THE_DAY_BEGINS,
            a_charge(),
            a_claim(ANOTHER_CLAIM, patient_id=ANOTHER_PATIENT),
            a_physician(),
        ):
            almoner.service.execute(each, said_by())
        office = Office(almoner, tmp_path / "seals")
        office.folds()
        # A second version, so that there is a past to be rid of.
        almoner.service.execute(a_charge("5.00"), said_by())
        office.folds()
        yield office


def spellings(value: UUID | str) -> list[bytes]:
    """How a value may stand in a dump: as it is, without dashes, in hexadecimal bytes."""
    texts = [str(value), str(value).upper()]
    if isinstance(value, UUID):
        texts += [value.hex, value.hex.upper()]
    return [each.encode() for each in texts] + [text.encode().hex().encode() for text in texts]


def _writable() -> list[ExportFormat]:
    """The forms an export can take here: Parquet is written by an extra."""
    needs = {ExportFormat.PARQUET: "pyarrow"}
    return [each for each in ExportFormat if each not in needs or find_spec(needs[each])]


def test_of_an_erased_patient_nothing_is_found_in_the_database_and_in_exports(
    office: Office, tmp_path: Path
) -> None:
    before, _claims = office.totals()
    office.looks_for(A_PATIENT)
    assert any(each in office.everything() for each in spellings(A_PATIENT))
    office.almoner.sealer().seal_all()
    done = office.almoner.eraser().erase(office.asks(A_PATIENT))
    assert done.facts == 2  # the claim, and the request for the erasure
    office.folds()
    office.looks_for(A_PATIENT)  # nor does who asks afterwards bring it back
    office.looks_for(ANOTHER_PATIENT)

    found = office.everything()
    assert not [each for each in spellings(A_PATIENT) if each in found]
    assert any(each in found for each in spellings(ANOTHER_PATIENT))
    assert b"/streams/erased/events" in found
    assert b"stream=erased" in found
    assert f"/streams/person:{done.key_id}/events".encode() in found
    assert f"stream=person:{done.key_id}".encode() in found
    for format in _writable():
        out = tmp_path / f"export.{format}"
        office.almoner.exporter().export(out, format, Selection(), "ana", "an inspection")
        assert not [each for each in spellings(A_PATIENT) if each in out.read_bytes()]

    after, claims = office.totals()
    assert after == before
    shown = {each["claim_id"]: UUID(each["patient_id"]) for each in claims}
    assert is_erased_id(shown[str(THE_CLAIM)])
    assert shown[str(ANOTHER_CLAIM)] == ANOTHER_PATIENT
    assert office.almoner.ledger.stream(THE_CLAIM)[0].fact.patient_id == shown[str(THE_CLAIM)]


def test_the_past_shows_a_tombstone_too_and_a_rebuild_finds_nothing_else(office: Office) -> None:
    drafted = office.almoner.ledger.stream(THE_CLAIM)[0].position
    office.almoner.eraser().erase(office.asks(A_PATIENT))
    office.folds()
    then = Api.of(office.almoner).get(f"/claims/{THE_CLAIM}", as_of=str(drafted)).json
    assert is_erased_id(UUID(then["patient_id"]))
    with office.almoner.runner() as runner:
        assert {each.name: each.differences for each in runner.rebuild()} == dict.fromkeys(
            [each.name for each in runner.status()], 0
        )


def test_the_ledger_still_verifies(office: Office) -> None:
    office.almoner.sealer().seal_all()
    office.almoner.eraser().erase(office.asks(A_PATIENT))
    office.almoner.sealer().seal_all()
    with office.almoner.database.pool(Role.APP).connection() as connection:
        report = verify(connection, Folder(office.seals), full=True)
    assert (report.findings, report.unsealed) == ([], 0)


def test_a_member_of_the_staff_is_erased_by_name(office: Office) -> None:
    office.almoner.eraser().erase(office.asks(DR_ADEYEMI))
    office.folds()
    assert NAME.encode() not in office.everything()
    (shown,) = Api.of(office.almoner).get("/system/staff").json["items"]
    assert shown["full_name"] == ERASED


def test_another_process_forgets_what_it_had_in_mind(office: Office) -> None:
    pool = office.almoner.database.pool(Role.APP)
    with Ledger(pool, keyring=Keyring(pool, MASTERS.masters)) as elsewhere:
        assert elsewhere.stream(THE_CLAIM)[0].fact.patient_id == A_PATIENT
        office.almoner.eraser().erase(office.asks(A_PATIENT))
        assert is_erased_id(elsewhere.stream(THE_CLAIM)[0].fact.patient_id)


def test_a_key_that_no_erasure_destroyed_is_missed(office: Office) -> None:
    pool, ledger = office.almoner.database.pool(Role.APP), office.almoner.ledger
    office.almoner.eraser().erase(office.asks(A_PATIENT))
    before = custody(ledger, pool)
    assert (before.erased, before.gone) == (1, ())
    (theirs,) = office.almoner.keyring.known([ANOTHER_PATIENT]).values()  # type: ignore[union-attr]
    with office.almoner.database.connect(Role.OWNER) as owner:
        owner.execute("DELETE FROM privacy.keys WHERE key_id = %s", [theirs])
    drafted = ledger.stream(ANOTHER_CLAIM)[0].position
    assert custody(ledger, pool) == Custody(before.kept - 1, 1, (Gone(theirs, drafted),))


def test_what_another_process_writes_with_the_key_in_mind_is_purged_too(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool, claim_id = office.almoner.database.pool(Role.APP), uuid4()
    keyring = Keyring(pool, MASTERS.masters, lifetime=3600)
    with Ledger(pool, keyring=keyring) as elsewhere:
        keyring.of([A_PATIENT])

        def meanwhile(_seconds: float) -> None:
            Service(elsewhere, lambda: LATER).execute(a_claim(claim_id), said_by())

        monkeypatch.setattr(erasing, "time", SimpleNamespace(sleep=meanwhile))
        assert office.almoner.eraser().erase(office.asks(A_PATIENT)).facts == 3
        office.folds()
    found = office.everything()
    assert not [each for each in spellings(A_PATIENT) if each in found]


def test_what_is_kept_of_a_request_does_not_tell_what_it_said(office: Office) -> None:
    service, request, command = office.almoner.service, keyed(), a_physician(uuid4())
    first = service.execute(command, request)
    kept = office.almoner.ledger.answered([request.command_id])[request.command_id].digest
    # Else whoever guesses a name could try it out, also when the person is erased.
    assert kept != digest_of(command, request)
    assert service.execute(command, request) == replace(first, replayed=True)
    with pytest.raises(KeyReused):
        service.execute(replace(command, full_name="Somebody Else"), request)


def test_who_comes_again_is_somebody_new(office: Office) -> None:
    office.almoner.eraser().erase(office.asks(A_PATIENT))
    again = uuid4()
    office.gives(a_claim(again))
    assert office.almoner.ledger.stream(again)[0].fact.patient_id == A_PATIENT
    assert is_erased_id(office.almoner.ledger.stream(THE_CLAIM)[0].fact.patient_id)


@pytest.mark.parametrize("scope", list(HoldScope))
def test_what_is_under_a_legal_hold_is_kept_until_it_is_released(
    office: Office, scope: HoldScope
) -> None:
    hold_id, facility_id = uuid4(), office.almoner.ledger.stream(THE_CLAIM)[0].facility_id
    office.gives(
        PlaceLegalHold(
            hold_id=hold_id,
            scope=scope,
            matter="Roe v. Riverside",
            custodian="counsel",
            placed_on=LATER.date(),
            subject_id=A_PATIENT if scope is HoldScope.PERSON else None,
            facility_id=facility_id if scope is HoldScope.FACILITY else None,
        )
    )
    erasure_id = office.asks(A_PATIENT)
    with pytest.raises(Refused) as refusal:
        office.almoner.eraser().erase(erasure_id)
    assert refusal.value.code == "erasure.under_legal_hold"
    assert office.almoner.ledger.stream(THE_CLAIM)[0].fact.patient_id == A_PATIENT
    released = ReleaseLegalHold(hold_id=hold_id, released_on=LATER.date(), reason="settled")
    office.gives(released)
    assert office.almoner.eraser().erase(erasure_id).facts >= 2


def test_before_retention_ends_nothing_is_erased(office: Office) -> None:
    erasure_id = office.asks(A_PATIENT)
    patient = replace(office.almoner, retention_years=50).eraser()
    with pytest.raises(Refused) as refusal:
        patient.erase(erasure_id)
    assert refusal.value.code == "erasure.retention_not_over"


def test_an_item_that_is_still_kept_does_not_keep_who_was_given_some_of_it(office: Office) -> None:
    item: dict[str, Any] = {"stock_item_id": uuid4()}
    here = office.almoner.ledger.stream(THE_CLAIM)[0].facility_id
    assert here is not None
    for each in (
        ListStockItem(
            **item,
            facility_id=here,
            item_system="GTIN",
            item_code="00812345678901",
            description="Gloves",
            listed_on=FEBRUARY_1,
        ),
        ReceiveStock(**item, quantity=5, received_on=FEBRUARY_1),
        IssueStock(
            **item,
            quantity=1,
            issued_on=FEBRUARY_1,
            issued_to=IssuedTo.PATIENT,
            patient_id=A_PATIENT,
        ),
        ReceiveStock(**item, quantity=5, received_on=LATER.date()),
    ):
        office.gives(each)
    keeper = office.almoner._keeper()
    assert keeper is not None
    kept = keeper.beginning(office.asks(A_PATIENT)).kept
    (issued,) = [each for each in kept if each.records == "supply"]
    assert issued.last_in_effect_on < LATER.date()


def test_a_rule_keeps_records_for_longer_until_it_is_lifted(office: Office) -> None:
    rule_id, erasure_id = uuid4(), office.asks(A_PATIENT)
    here = office.almoner.ledger.stream(THE_CLAIM)[0].facility_id
    for each, years in ((RecordKind.REVENUE, 50), (RecordKind.SUPPLY, 90)):
        office.gives(
            AdoptRetentionRule(
                rule_id=rule_id if each is RecordKind.REVENUE else uuid4(),
                years=years,
                basis="the law of the land",
                records=each,
                at_facility_id=here,
            )
        )
    with pytest.raises(Refused) as refusal:
        office.almoner.eraser().erase(erasure_id)
    assert refusal.value.code == "erasure.retention_not_over"
    assert "50 years" in refusal.value.message
    office.gives(LiftRetentionRule(rule_id=rule_id, reason="it was changed"))
    assert office.almoner.eraser().erase(erasure_id).facts == 2


def test_an_erasure_is_carried_out_over_http(office: Office) -> None:
    api, hold_id = Api.of(office.almoner), uuid4()
    early = office.asks(A_PATIENT, approvers=("ben",))
    api.post(f"/erasures/{early}/execution").problem(409, "erasure.not_ready")
    office.gives(ApproveErasure(erasure_id=early), "cyd")
    office.gives(
        PlaceLegalHold(
            hold_id=hold_id,
            scope=HoldScope.SYSTEM,
            matter="Roe v. Riverside",
            custodian="counsel",
            placed_on=LATER.date(),
        )
    )
    api.post(f"/erasures/{early}/execution").problem(409, "erasure.under_legal_hold")
    released = ReleaseLegalHold(hold_id=hold_id, released_on=LATER.date(), reason="settled")
    office.gives(released)
    manager = api.as_(Trust.FACILITY_MANAGER, api.get("/facilities").items[0]["facility_id"])
    manager.post(f"/erasures/{early}/execution").problem(404, "erasure.unknown")
    api.as_(Trust.BILLER).post(f"/erasures/{early}/execution").problem(403, "role.not_permitted")
    api.post(f"/erasures/{uuid4()}/execution").problem(404, "erasure.unknown")
    begun = api.post(f"/erasures/{early}/execution").responds(201)
    assert begun.json["facts"] == ["erasure.begun"]
    assert api.post(f"/erasures/{early}/execution").responds(200).json["facts"] == []
    office.folds()
    chores = {each.name: each for each in office.almoner.calendar()._chores}
    chores["erasures"].do()
    office.folds()
    (entry,) = api.get("/system/erasures").items
    assert (entry["stage"], entry["facts"]) == ("completed", 2)
    found = office.everything()
    assert not [each for each in spellings(A_PATIENT) if each in found]


def test_what_was_never_sealed_cannot_be_erased(office: Office) -> None:
    patient, claim = uuid4(), uuid4()
    with Ledger(office.almoner.database.pool(Role.APP)) as careless:
        Service(careless, lambda: LATER).execute(a_claim(claim, patient_id=patient), said_by())
    with pytest.raises(Refused) as refusal:
        office.almoner.eraser().erase(office.asks(patient))
    assert refusal.value.code == "erasure.unsealed_facts"


def test_an_erasure_that_was_interrupted_goes_on(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    eraser, erasure_id = office.almoner.eraser(), office.asks(A_PATIENT)

    def crash(_pairs: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(eraser, "_purge", crash)
        with pytest.raises(KeyboardInterrupt):
            eraser.erase(erasure_id)
    assert is_erased_id(office.almoner.ledger.stream(THE_CLAIM)[0].fact.patient_id)
    assert office.almoner.eraser().erase(erasure_id).facts == 2
    assert office.almoner.eraser().erase(erasure_id).facts == 0
    office.folds()
    found = office.everything()
    assert not [each for each in spellings(A_PATIENT) if each in found]
