"""Every read of personal data is on record: whose, by whom, why, and nobody takes it out again."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from facilities.database import Database, Role
from facilities.privacy.accounting import LoggedRead, audit_event
from facilities.privacy.accounting import reads as logged_reads
from facilities.privacy.journal import ROOM
from facilities.privacy.keyring import Keyring
from facilities.privacy.read_rows import FEW
from facilities.privacy.reads import ReadLog, ReadsUnwritable
from facilities.scope import Role as Trust
from projections.organization import facility_directory
from projections.render import person_column
from projections.revenue import claim_list
from tests.conftest import MASTERS
from tests.web.grammar import Api
from web.app import rows_told
from web.bootstrap import Almoner
from web.reads import _names, persons_in

PATIENT = UUID("7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10")
WHEN = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)


def a_log(database: Database, folder: Path) -> ReadLog:
    pool = database.pool(Role.APP)
    return ReadLog(pool, Keyring(pool, MASTERS.masters), folder, lambda: WHEN)


def looks(log: ReadLog, *persons: UUID, actor: str = "ana", why: str = "an inspection") -> None:
    log.record(
        actor=actor,
        role="auditor",
        what="/api/v1/system/claims",
        asked="limit=1",
        why=why,
        outcome=200,
        source="api",
        persons="".join(map(str, persons)).encode(),
    )


def is_gone(log: ReadLog) -> None:
    """Whoever kept this log was killed: nobody holds its journal any more."""
    assert log._journal is not None
    log._journal.let_go()


def on_record(database: Database, **asked: object) -> list[LoggedRead]:
    with database.pool(Role.APP).connection() as connection:
        return logged_reads(connection, **asked)  # type: ignore[arg-type]


def number_of(database: Database, person: UUID | str) -> UUID:
    ring = Keyring(database.pool(Role.APP), MASTERS.masters)
    its_id = UUID(str(person))
    return ring.of([its_id])[its_id].key_id


# --- the log -------------------------------------------------------------------------------------


def test_a_read_is_found_by_person_and_by_actor(database: Database, tmp_path: Path) -> None:
    ann, ben = uuid4(), uuid4()
    anns, bens = number_of(database, ann), number_of(database, ben)
    log = a_log(database, tmp_path)
    looks(log, ann, ben)
    looks(log, ben, actor="cyd")
    log.close()
    assert [each.actor for each in on_record(database, key_id=anns)] == ["ana"]
    assert [each.actor for each in on_record(database, key_id=bens)] == ["ana", "cyd"]
    (found,) = on_record(database, actor="ana")
    assert (found.read_at, found.why, found.outcome) == (WHEN, "an inspection", 200)
    assert set(found.persons) == {anns, bens}


def test_neither_the_journal_nor_the_log_names_a_person(database: Database, tmp_path: Path) -> None:
    ann = uuid4()
    number_of(database, ann)
    log = a_log(database, tmp_path)
    looks(log, ann)
    (journal,) = tmp_path.iterdir()
    told = journal.read_bytes()
    assert str(ann).encode() not in told
    assert base64.b64encode(ann.bytes)[:20] not in told
    log.close()
    assert not list(tmp_path.iterdir())
    assert str(ann) not in repr(on_record(database))


def test_a_read_that_was_answered_survives_the_process_being_killed(
    database: Database, tmp_path: Path
) -> None:
    script = textwrap.dedent("""
        import os, sys
        from pathlib import Path
        from uuid import UUID
        from facilities.database import Database
        from tests.web.test_reads import a_log, looks
        log = a_log(Database(sys.argv[1]), Path(sys.argv[2]))
        log._pool = None  # the database is away, so that nothing is taken in
        for number in range(100):
            looks(log, UUID(int=number))
            print(number, flush=True)
        sys.stdin.read()
    """)
    child = subprocess.Popen(
        [sys.executable, "-c", script, make_conninfo(**database._parameters), str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdin is not None
    for line in child.stdout:
        if line == "99\n":
            break
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    child.stdin.close()
    assert a_log(database, tmp_path).take_in() == 100
    assert len(on_record(database)) == 100
    assert not list(tmp_path.iterdir())


def test_a_journal_somebody_holds_is_left_to_them(database: Database, tmp_path: Path) -> None:
    mine, theirs = a_log(database, tmp_path), a_log(database, tmp_path)
    theirs._closed.set()  # no thread: it is about to take its journal in itself
    looks(theirs, uuid4())
    assert mine.take_in() == 0
    assert theirs.take_in() == 1


def test_a_line_that_was_cut_or_changed_does_not_hold_up_the_others(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = a_log(database, tmp_path)
    log._closed.set()
    for _ in range(3):
        looks(log, uuid4())
    (journal,) = tmp_path.iterdir()
    head, first, second, third, _ = journal.read_bytes().split(b"\n")
    changed = base64.b64encode(bytes(len(base64.b64decode(second))))
    is_gone(log)
    journal.write_bytes(b"\n".join([head, first, changed, b"#", third, third[:10]]))
    assert a_log(database, tmp_path).take_in() == 2
    assert caplog.text.count("was changed") == 2


def test_a_journal_that_is_full_is_left_like_one_of_somebody_who_is_gone(
    database: Database, tmp_path: Path
) -> None:
    log = a_log(database, tmp_path)
    log._closed.set()
    for size in (ROOM // 4, ROOM // 4, ROOM // 4, ROOM * 2):
        looks(log, uuid4(), why="." * size)
    assert len(list(tmp_path.iterdir())) == 3
    assert log.take_in() == 4
    assert not list(tmp_path.iterdir())
    assert len(on_record(database)) == 4


def test_while_the_database_is_away_reads_stay_in_their_journals(
    database: Database, tmp_path: Path
) -> None:
    log = a_log(database, tmp_path)
    log._closed.set()
    pool, log._pool = log._pool, None
    looks(log, uuid4())
    for _ in range(2):
        with pytest.raises(AttributeError):
            log.take_in()
    log._pool = pool
    looks(log, uuid4())
    assert log.take_in() == 2
    assert not list(tmp_path.iterdir())


def test_a_read_says_all_it_said_whichever_others_come_with_it(
    database: Database, tmp_path: Path
) -> None:
    crowd = [uuid4() for _ in range(FEW + 4)]
    numbers = [number_of(database, each) for each in crowd]
    log = a_log(database, tmp_path)
    seen = [
        crowd[:3],
        [],
        crowd,
        [uuid4()],
        [*crowd[1:], uuid4()],
        crowd[:3],
        crowd,
        [crowd[0]] * 9,
    ]
    for turn, persons in enumerate(seen):
        looks(log, *persons, actor=f"actor {turn}", why=f'{{"{turn}", \\ NULL}}')
    log.close()
    found = on_record(database)
    assert [each.actor for each in found] == [f"actor {turn}" for turn in range(len(seen))]
    assert [each.why for each in found] == [f'{{"{turn}", \\ NULL}}' for turn in range(len(seen))]
    one, three, most = numbers[:1], numbers[:3], numbers[1:]
    told = [three, [], numbers, [], most, three, numbers, one]
    assert [sorted(each.persons) for each in found] == [sorted(each) for each in told]
    for person, seen_in in ((numbers[0], [0, 2, 5, 6, 7]), (numbers[-1], [2, 4, 6])):
        reads = on_record(database, key_id=person)
        assert [each.actor for each in reads] == [f"actor {turn}" for turn in seen_in]


def test_a_journal_that_cannot_be_opened_does_not_hold_up_the_others(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    killed = a_log(database, tmp_path)
    killed._closed.set()
    looks(killed, uuid4())
    is_gone(killed)
    (tmp_path / "0.reads").write_text("another-master-key AAAA\n")
    assert a_log(database, tmp_path).take_in() == 1
    assert "0.reads cannot be opened" in caplog.text


def test_where_a_read_cannot_be_written_down_nothing_is_told(
    database: Database, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ReadsUnwritable):
        looks(a_log(database, tmp_path / "file"), uuid4())


def test_nobody_takes_a_read_out_again(database: Database, tmp_path: Path) -> None:
    log = a_log(database, tmp_path)
    looks(log, uuid4())
    log.close()
    changes = (
        "UPDATE audit.reads SET actor = 'x'",
        "DELETE FROM audit.reads",
        "UPDATE audit.shown_together SET persons = '{}'",
        "DELETE FROM audit.shown_together",
    )
    for role in (Role.APP, Role.OWNER):
        with database.connect(role) as connection:
            for change in changes:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(change.encode())


# --- what vouches for it -------------------------------------------------------------------------


@pytest.fixture
def program(database: Database, tmp_path: Path) -> Iterator[Almoner]:
    with Almoner.on(database, masters=MASTERS, journals=tmp_path) as almoner:
        yield almoner


def sealed(program: Almoner, stretches: int = 2, reads: int = 3, persons: int = 1) -> None:
    assert program.reads is not None
    seen = [uuid4() for _ in range(persons)]
    for each in seen:
        number_of(program.database, each)
    for _ in range(stretches):
        for _ in range(reads):
            looks(program.reads, *seen)
        program.reads.take_in()
        assert program.read_log().seal() == reads


def test_the_log_is_vouched_for_in_the_ledger(program: Almoner) -> None:
    sealed(program)
    assert program.read_log().seal() == 0
    stretches, unsealed = program.read_log().verify()
    assert [(each.reads, each.intact) for each in stretches] == [(3, True), (3, True)]
    assert unsealed == 0


@pytest.mark.parametrize(
    ("change", "intact"),
    [
        ("UPDATE audit.reads SET actor = 'ben' WHERE number = 2", [False, True]),
        ("UPDATE audit.reads SET persons = '{}' WHERE number = 4", [True, False]),
        ("DELETE FROM audit.reads WHERE number = 6", [True, False]),
    ],
)
def test_what_was_changed_in_the_log_is_found(
    program: Almoner, change: str, intact: list[bool]
) -> None:
    sealed(program)
    with program.database.connect(role=None) as login:
        login.execute("ALTER TABLE audit.reads DISABLE TRIGGER reads_are_immutable")
        login.execute(change.encode())
    stretches, _unsealed = program.read_log().verify()
    assert [each.intact for each in stretches] == intact


@pytest.mark.parametrize("change", ["UPDATE", "DELETE"])
def test_who_was_shown_together_is_vouched_for_too(program: Almoner, change: str) -> None:
    sealed(program, persons=FEW + 1)
    with program.database.connect(role=None) as login:
        login.execute(
            "ALTER TABLE audit.shown_together DISABLE TRIGGER shown_together_are_immutable"
        )
        if change == "DELETE":
            login.execute("DELETE FROM audit.shown_together")
        else:
            login.execute("UPDATE audit.shown_together SET persons = persons[2:]")
    stretches, _unsealed = program.read_log().verify()
    assert [each.intact for each in stretches] == [False, False]


# --- over HTTP -----------------------------------------------------------------------------------


def test_what_is_shown_of_a_person_is_on_record_and_what_is_masked_is_not(api: Api) -> None:
    claim = api.a_claim(api.a_facility(), patient_id=str(PATIENT))
    api.get("/system/claims").responds(200)
    api.send("GET", f"/claims/{claim}").responds(200)
    api.as_(Trust.AUDITOR).get("/system/claims").responds(200)
    api.get("/system/scorecard").responds(200)
    assert api.almoner.reads is not None
    api.almoner.reads.take_in()
    database = api.almoner.database
    found = on_record(database, key_id=number_of(database, PATIENT))
    assert [each.what for each in found] == ["/api/v1/system/claims", f"/api/v1/claims/{claim}"]
    assert {(each.actor, each.source, each.outcome) for each in found} == {
        ("administration", "api", 200)
    }
    assert len(on_record(database)) == 2


def test_a_page_is_on_record_with_those_on_it_and_nobody_else(api: Api) -> None:
    own, patients = api.a_facility(), [uuid4() for _ in range(3)]
    for each in patients:
        api.a_claim(own, patient_id=str(each))
    first = api.get(f"/facilities/{own}/claims", limit=2).responds(200)
    api.send("GET", first.json["next"]).responds(200)
    assert api.almoner.reads is not None
    api.almoner.reads.take_in()
    database = api.almoner.database
    numbers = {str(each): number_of(database, each) for each in patients}
    seen = [numbers[each["patient_id"]] for each in first.items]
    (last,) = {*numbers.values()} - {*seen}
    assert [{*each.persons} for each in on_record(database)] == [{*seen}, {last}]


def test_what_is_refused_is_on_record_whether_it_is_there_or_not(api: Api) -> None:
    own, other = api.a_facility(legal_name="Own"), api.a_facility(legal_name="Other")
    theirs, nothing = f"/claims/{api.a_claim(other)}", f"/claims/{uuid4()}"
    manager = api.as_(Trust.FACILITY_MANAGER, own).with_(Almoner_Reason="wanted to know")
    for path in (theirs, nothing):
        manager.get(path).problem(404, "claim.unknown")
    storekeeper = api.as_(Trust.STOREKEEPER, own)
    storekeeper.get(f"/facilities/{own}/claims").problem(403, "role.not_permitted")
    manager.get(f"/facilities/{own}/claims").responds(200)
    assert api.almoner.reads is not None
    api.almoner.reads.take_in()
    found = on_record(api.almoner.database)
    assert [(each.what, each.outcome, each.role) for each in found] == [
        (f"/api/v1{theirs}", 404, "facility_manager"),
        (f"/api/v1{nothing}", 404, "facility_manager"),
        (f"/api/v1/facilities/{own}/claims", 403, "storekeeper"),
    ]
    assert [each.why for each in found] == ["wanted to know", "wanted to know", None]
    assert not any(each.persons for each in found)
    assert audit_event(found[0])["outcome"] == "4"


def test_the_log_is_told_to_the_whole_systems_auditors(api: Api) -> None:
    own = api.a_facility()
    claim = api.a_claim(own, patient_id=str(PATIENT))
    for _ in range(2):
        api.get(f"/claims/{claim}").responds(200)
    auditor = api.as_(Trust.AUDITOR)
    page = auditor.send("GET", f"/audit/reads?person={PATIENT}&limit=1").responds(200)
    rest = auditor.send("GET", page.json["next"]).responds(200)
    found = page.items + rest.items
    assert [(each["what"], each["actor"]) for each in found] == [
        (f"/api/v1/claims/{claim}", "administration")
    ] * 2
    key = found[0]["persons"][0]
    assert auditor.send("GET", f"/audit/reads?key={key}").items == found
    assert str(PATIENT) not in str(found)
    assert auditor.send("GET", "/audit/reads?actor=nobody").items == []
    fhir = auditor.send("GET", f"/audit/reads?person={PATIENT}&fhir=true").responds(200).json
    assert (fhir["resourceType"], len(fhir["entry"])) == ("Bundle", 2)
    first = f"/audit/reads?person={PATIENT}&fhir=true&limit=1"
    (link,) = auditor.send("GET", first).responds(200).json["link"]
    (other,) = auditor.send("GET", link["url"]).responds(200).json["entry"]
    assert (link["relation"], other) == ("next", fhir["entry"][1])
    both = f"/audit/reads?person={PATIENT}&key={key}"
    auditor.send("GET", both).problem(409, "question.unclear")
    api.as_(Trust.AUDITOR, own).send("GET", "/audit/reads").problem(404, "route.unknown")
    api.as_(Trust.BILLER).send("GET", "/audit/reads").problem(403, "role.not_permitted")


def test_a_person_whom_a_stream_is_about_is_on_record_too(api: Api) -> None:
    person = {"full_name": "Kessandra Molnefer", "job": "nurse", "registered_on": "2026-01-01"}
    staff = api.post(f"/facilities/{api.a_facility()}/staff", person).responds(201).id
    api.get("/audit/state", stream=staff).responds(200)
    api.get(f"/streams/{staff}/events").responds(200)
    assert api.almoner.reads is not None
    api.almoner.reads.take_in()
    database = api.almoner.database
    key_id = number_of(database, UUID(staff))
    assert [(each.what, each.asked) for each in on_record(database, key_id=key_id)] == [
        ("/api/v1/audit/state", f"stream=person:{key_id}&after=2"),
        (f"/api/v1/streams/person:{key_id}/events", ""),
    ]


def shown_in(told: object) -> set[str]:
    """The persons a JSON text shows, written tightly and with blanks."""
    tight = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    found = (persons_in(tight) or b"").decode()
    wide = (persons_in(json.dumps(told, ensure_ascii=False).encode()) or b"").decode()
    persons = {found[begin : begin + 36] for begin in range(0, len(found), 36)}
    assert {wide[begin : begin + 36] for begin in range(0, len(wide), 36)} == persons
    return persons


def test_which_persons_a_text_shows() -> None:
    one, two = str(uuid4()), str(uuid4())
    told = {"items": [{"patient_id": one}, {"patient_id": None}, {"patient_id": two}]}
    assert shown_in(told) == {one, two}
    staff = {"staff_id": one, "full_name": "Kessandra Molnefer"}
    assert shown_in(staff) == {one}
    assert shown_in({**staff, "full_name": "•••"}) == set()
    assert shown_in({**staff, "full_name": None}) == set()
    assert shown_in({"staff_id": one, "share": 100}) == set()
    assert shown_in({"staff_id": "•••", "full_name": "•••"}) == set()
    assert shown_in({"items": []}) == set()


def test_a_name_without_who_it_is_is_a_read_all_the_same() -> None:
    assert persons_in(b'{"full_name":"Kessandra Molnefer"}') == b""
    assert persons_in(b'{"full_name":null}') is None


def test_of_rows_of_a_model_it_is_known_what_to_look_for() -> None:
    body = json.dumps({"items": [{"patient_id": str(PATIENT)}]}).encode()
    assert persons_in(body, claim_list) == str(PATIENT).encode()
    assert persons_in(body, facility_directory) is None


def test_whose_rows_are_is_told_only_where_a_search_would_find_no_more() -> None:
    told = {each: name for each in rows_told() if (name := person_column(each)) is not None}
    assert told[claim_list] == "patient_id"
    for model, name in told.items():
        assert _names(model) == ([f'"{name}":'.encode()], [f'"{name}":'.encode()])
