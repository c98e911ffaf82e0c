"""Whatever is done to the ledger or its seals is found, with its position; a clean one is clean."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from facilities.database import Role
from facilities.seals.findings import Kind
from facilities.seals.folder import Folder
from facilities.seals.keys import new_key
from facilities.seals.leaves import positions_of
from facilities.seals.register import Register
from facilities.seals.statements import Seal, introduce
from facilities.seals.verifying import Report, verify
from tests.facilities.notes import append_in
from tests.facilities.seals.grammar import SealedLedger

SIZES = (5, 1, 12, 7, 300, 3)
EDITS = {
    "stream_id": "gen_random_uuid()",
    "version": "version + 1000",
    "fact": "fact || 'x'",
    "fact_version": "fact_version + 1::smallint",
    "facility_id": "gen_random_uuid()",
    "effective_at": "effective_at + interval '1 microsecond'",
    "recorded_at": "recorded_at - interval '1 microsecond'",
    "actor": "'somebody else'",
    "role": "'auditor'",
    "command_id": "gen_random_uuid()",
    "command_digest": "'\\x00'",
    "correlation_id": "gen_random_uuid()",
    "causation_id": "gen_random_uuid()",
    "reason": "''",
    "source": "'api'",
    "state": "set_byte(state, 3, get_byte(state, 3) # 1)",
}
"""A small change of each column."""


@pytest.fixture
def ledger_of_six(sealed: SealedLedger) -> SealedLedger:
    """Six seals over events of two streams."""
    for number in SIZES:
        sealed.grows(number)
    return sealed


def found(
    sealed: SealedLedger, connection: psycopg.Connection[Any], **how: Any
) -> list[tuple[Kind, int | None]]:
    report = verify(connection, sealed.folder, **how)
    return [(each.kind, each.position) for each in report.findings]


def positions(sealed: SealedLedger) -> list[int]:
    with sealed.database.connect(Role.APP) as app:
        leaves = Register(app).leaves(range(1, 100))
    return [each for number in sorted(leaves) for each in positions_of(leaves[number])]


def verified(sealed: SealedLedger, **how: Any) -> Report:
    with sealed.database.connect(Role.APP) as app:
        return verify(app, sealed.folder, **how)


# --- a clean ledger ----------------------------------------------------------------------------


def test_a_ledger_that_nobody_touched_is_clean(ledger_of_six: SealedLedger) -> None:
    sealed = ledger_of_six
    sealed.notes(4)
    for folder in (sealed.folder, None):
        report = verified(sealed.with_(folder=folder), trusted={sealed.key.public.key_id})
        assert report.findings == []
        assert (report.seals, report.events, report.unsealed) == (6, sum(SIZES), 4)
        assert report.anchored
    assert not verified(sealed.with_(folder=None)).anchored


def test_an_empty_ledger_is_clean(sealed: SealedLedger) -> None:
    assert verified(sealed).findings == []
    sealed.notes(2)
    report = verified(sealed)
    assert (report.findings, report.events, report.unsealed) == ([], 0, 2)


def test_gaps_of_what_was_rolled_back_are_clean(sealed: SealedLedger) -> None:
    for _ in range(3):
        with sealed.database.connect(Role.APP, autocommit=False) as in_vain:
            append_in(in_vain, uuid4(), 1, 2)
            in_vain.rollback()
        sealed.grows(2)
    assert positions(sealed) == [3, 4, 7, 8, 11, 12]
    assert verified(sealed).findings == []


# --- events ------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", EDITS)
def test_an_edited_column_is_found_at_its_event(sealed: SealedLedger, column: str) -> None:
    sealed.grows(3)
    sealed.grows(4)
    at = positions(sealed)[4]
    with sealed.superuser() as superuser:
        superuser.execute(
            f"UPDATE ledger.events SET {column} = {EDITS[column]} WHERE position = %s".encode(),
            [at],
        )
        assert found(sealed, superuser) == [(Kind.EVENT_EDITED, at)]


def test_every_column_of_the_ledger_is_sealed(database: Any) -> None:
    with database.connect(Role.APP) as app:
        columns = app.execute("SELECT * FROM ledger.events LIMIT 0").description
    assert {each.name for each in columns or ()} == {"position", *EDITS}


def test_a_correlation_that_is_left_out_where_it_is_the_command_is_no_edit(
    sealed: SealedLedger,
) -> None:
    sealed.grows(3)
    with sealed.superuser() as superuser:
        superuser.execute("ALTER TABLE ledger.events ALTER correlation_id DROP NOT NULL")
        superuser.execute("UPDATE ledger.events SET correlation_id = NULL")
        assert found(sealed, superuser) == []


def test_a_deleted_event_is_found(ledger_of_six: SealedLedger) -> None:
    sealed = ledger_of_six
    at = positions(sealed)[9]
    with sealed.superuser() as superuser:
        superuser.execute("DELETE FROM ledger.events WHERE position = %s", [at])
        assert found(sealed, superuser) == [(Kind.EVENT_DELETED, at)]


def test_an_inserted_event_is_found(ledger_of_six: SealedLedger) -> None:
    sealed = ledger_of_six
    between = positions(sealed)[9]
    with sealed.superuser() as superuser:
        # There is no room between them, so it takes the place of one that goes to the end.
        superuser.execute("ALTER TABLE ledger.events ALTER position DROP IDENTITY")
        superuser.execute("UPDATE ledger.events SET position = 5000 WHERE position = %s", [between])
        assert found(sealed, superuser) == [(Kind.EVENT_DELETED, between)]
        superuser.execute(
            "INSERT INTO ledger.events SELECT %s, stream_id, version + 900, fact, fact_version, "
            "facility_id, effective_at, recorded_at, actor, role, gen_random_uuid(), NULL, "
            "correlation_id, causation_id, reason, source, state FROM ledger.events "
            "WHERE position = 5000",
            [-7],
        )
        assert found(sealed, superuser) == [
            (Kind.EVENT_INSERTED, -7),
            (Kind.EVENT_DELETED, between),
        ]


def test_events_that_changed_places_are_found(ledger_of_six: SealedLedger) -> None:
    sealed = ledger_of_six
    one, other = positions(sealed)[2], positions(sealed)[200]
    with sealed.superuser() as superuser:
        superuser.execute("ALTER TABLE ledger.events ALTER position DROP IDENTITY")
        swap = "UPDATE ledger.events SET position = %s WHERE position = %s"
        for new, old in ((-1, one), (one, other), (other, -1)):
            superuser.execute(swap, [new, old])
        assert set(found(sealed, superuser)) == {(Kind.EVENT_MOVED, one), (Kind.EVENT_MOVED, other)}
        superuser.execute("DELETE FROM ledger.events WHERE position = %s", [one])
        assert set(found(sealed, superuser)) == {
            (Kind.EVENT_MOVED, one),
            (Kind.EVENT_DELETED, other),
        }


def test_an_event_that_overwrote_another_is_found_with_it(ledger_of_six: SealedLedger) -> None:
    sealed = ledger_of_six
    one, other = positions(sealed)[3], positions(sealed)[4]
    with sealed.superuser() as superuser:
        superuser.execute("ALTER TABLE ledger.events ALTER position DROP IDENTITY")
        superuser.execute("DELETE FROM ledger.events WHERE position = %s", [one])
        superuser.execute(
            "UPDATE ledger.events SET position = %s WHERE position = %s", [one, other]
        )
        assert found(sealed, superuser) == [(Kind.EVENT_MOVED, other), (Kind.EVENT_DELETED, one)]


@pytest.mark.parametrize("kept", [0, 1, 100, 327])
def test_a_tail_that_was_cut_is_found_where_it_begins(
    ledger_of_six: SealedLedger, kept: int
) -> None:
    sealed = ledger_of_six
    first = positions(sealed)[kept]
    with sealed.superuser() as superuser:
        superuser.execute("DELETE FROM ledger.events WHERE position >= %s", [first])
        assert found(sealed, superuser) == [(Kind.LEDGER_TRUNCATED, first)]


# --- seals -------------------------------------------------------------------------------------


def first_of(sealed: SealedLedger, seal: int) -> int:
    return positions(sealed)[sum(SIZES[: seal - 1])]


@pytest.mark.parametrize("outside", [True, False])
@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ("first_position = first_position - 1", {Kind.SEAL_EDITED}),
        ("last_position = last_position + 9000", {Kind.SEAL_EDITED}),
        ("tree_size = tree_size + 9000", {Kind.SEAL_EDITED}),
        ("peaks = sha256(peaks)", {Kind.SEAL_EDITED}),
        ("peaks = ''", {Kind.SEAL_EDITED}),
        ("statement = replace(statement, 'root', 'roof')", {Kind.SEAL_EDITED}),
        ("statement = ''", {Kind.SEAL_EDITED}),
        ("statement = overlay(statement placing '~' from 200)", {Kind.SEAL_EDITED}),
    ],
)
def test_an_edited_seal_is_found(
    ledger_of_six: SealedLedger, change: str, kinds: set[Kind], outside: bool
) -> None:
    sealed = ledger_of_six if outside else ledger_of_six.with_(folder=None)
    with sealed.superuser() as superuser:
        superuser.execute(f"UPDATE audit.seals SET {change} WHERE number = 3".encode())
        told = found(sealed, superuser)
    assert {kind for kind, _ in told} == kinds
    if "first_position" not in change or outside:
        assert {at for _, at in told} == {first_of(sealed, 3)}


@pytest.mark.parametrize("seal", [1, 3, 5])
def test_a_seal_that_is_missing_is_found(ledger_of_six: SealedLedger, seal: int) -> None:
    sealed = ledger_of_six
    at = first_of(sealed, seal)
    with sealed.superuser() as superuser:
        superuser.execute("DELETE FROM audit.seals WHERE number = %s", [seal])
        assert (Kind.SEAL_MISSING, at) in found(sealed, superuser)
        bare = sealed.with_(folder=None)
        assert (Kind.SEAL_MISSING, at) in found(bare, superuser)
        superuser.execute("DELETE FROM audit.leaves WHERE number = %s", [seal])
        assert found(bare, superuser) == [(Kind.SEAL_MISSING, at)]
        # What its events were is still known by the root of the next one.
        superuser.execute("UPDATE ledger.events SET actor = 'x' WHERE position = %s", [at])
        assert (Kind.EVENT_EDITED, at) in found(bare, superuser)
        assert (Kind.EVENT_EDITED, at) in found(sealed, superuser)


def test_leaves_that_were_edited_or_are_missing_are_found(ledger_of_six: SealedLedger) -> None:
    sealed = ledger_of_six
    at = first_of(sealed, 4)
    with sealed.superuser() as superuser:
        superuser.execute(
            "UPDATE audit.leaves SET leaves = set_byte(leaves, 7, 255) WHERE number = 4"
        )
        assert found(sealed, superuser) == [(Kind.LEAVES_EDITED, at)]
        superuser.execute("UPDATE ledger.events SET actor = 'x' WHERE position = %s", [at + 2])
        assert set(found(sealed, superuser)) == {
            (Kind.LEAVES_EDITED, at),
            (Kind.EVENT_EDITED, at + 2),
        }
        # Nobody knows any more which one it was.
        assert set(found(sealed.with_(folder=None), superuser)) == {
            (Kind.LEAVES_EDITED, at),
            (Kind.EVENT_EDITED, at),
        }
    with sealed.superuser() as superuser:
        superuser.execute("DELETE FROM audit.leaves WHERE number = 4")
        assert found(sealed, superuser) == [(Kind.LEAVES_MISSING, at)]


def test_subtrees_that_were_edited_added_or_removed_are_found(ledger_of_six: SealedLedger) -> None:
    sealed = ledger_of_six
    for change, at in (
        ("UPDATE audit.subtrees SET hash = sha256(hash)", first_of(sealed, 5)),
        ("DELETE FROM audit.subtrees", first_of(sealed, 5)),
        ("INSERT INTO audit.subtrees VALUES (8, 1, '')", None),
    ):
        with sealed.superuser() as superuser:
            superuser.execute(change.encode())
            assert found(sealed, superuser) == [(Kind.SUBTREE_EDITED, at)]


def test_leaves_of_no_seal_are_found(ledger_of_six: SealedLedger) -> None:
    with ledger_of_six.superuser() as superuser:
        superuser.execute("INSERT INTO audit.leaves VALUES (70, '')")
        assert found(ledger_of_six, superuser) == [(Kind.LEAVES_EDITED, None)]


# --- keys --------------------------------------------------------------------------------------


def forged(sealed: SealedLedger, tmp_path: Path) -> SealedLedger:
    """The same events, with an event changed and every seal made anew by another key."""
    with sealed.superuser(stays=True) as superuser:
        superuser.execute("UPDATE ledger.events SET actor = 'x' WHERE position = 2")
        superuser.execute("TRUNCATE audit.seals, audit.leaves, audit.subtrees, audit.keys")
    forger = sealed.with_(key=new_key(tmp_path / "forger.pem"), folder=None)
    sealer = forger.sealer
    for largest in SIZES:
        sealer._largest = largest
        sealer.seal()
    return forger


def test_a_ledger_that_was_sealed_anew_by_somebody_else_is_found(
    ledger_of_six: SealedLedger, tmp_path: Path
) -> None:
    forger = forged(ledger_of_six, tmp_path)
    assert verified(forger).findings == []
    told = verified(forger, trusted={ledger_of_six.key.public.key_id}).findings
    assert [each.kind for each in told] == [Kind.KEY_UNKNOWN]
    told = verified(ledger_of_six).findings
    assert {each.kind for each in told if each.seal} >= {Kind.SEAL_FOREIGN}
    assert [each.position for each in told if each.kind is Kind.EVENT_EDITED] == [2]
    assert {each.seal for each in told if each.kind is Kind.SEAL_FOREIGN} == {1, 2, 3, 4, 5, 6}


def test_a_seal_that_was_signed_by_a_foreign_key_is_found(
    ledger_of_six: SealedLedger, tmp_path: Path
) -> None:
    sealed = ledger_of_six
    forger = new_key(tmp_path / "forger.pem")
    with sealed.superuser() as superuser:
        row = Register(superuser).between(2, 3)[3]
        for key in (forger.public.key_id, sealed.key.public.key_id):
            text = replace(Seal.read(row.statement), key=key, sealed_at="never").sign(forger)
            superuser.execute("UPDATE audit.seals SET statement = %s WHERE number = 3", [text])
            kind = Kind.SEAL_FOREIGN if key == forger.public.key_id else Kind.SEAL_EDITED
            assert found(sealed, superuser) == [(kind, first_of(sealed, 3))]
            assert (kind, first_of(sealed, 3)) in found(sealed.with_(folder=None), superuser)


def test_a_seal_that_was_replaced_with_our_own_key_is_found(ledger_of_six: SealedLedger) -> None:
    sealed = ledger_of_six
    with sealed.superuser() as superuser:
        row = Register(superuser).between(2, 3)[3]
        text = replace(Seal.read(row.statement), sealed_at="earlier").sign(sealed.key)
        superuser.execute("UPDATE audit.seals SET statement = %s WHERE number = 3", [text])
        assert found(sealed, superuser) == [(Kind.SEAL_REPLACED, first_of(sealed, 3))]
        # Without the files, the next seal still names the one that was there.
        told = found(sealed.with_(folder=None), superuser)
        assert (Kind.SEAL_REPLACED, first_of(sealed, 4)) in told


def test_keys_that_were_edited_added_or_removed_are_found(
    ledger_of_six: SealedLedger, tmp_path: Path
) -> None:
    sealed = ledger_of_six
    for change in (
        "UPDATE audit.keys SET introduction = replace(introduction, '-', '_')",
        "UPDATE audit.keys SET key_id = 'x'",
        "DELETE FROM audit.keys",
    ):
        with sealed.superuser() as superuser:
            superuser.execute(change.encode())
            told = found(sealed, superuser)
            assert {kind for kind, _ in told} <= {Kind.KEY_EDITED, Kind.COPY_MISSING}
            assert (Kind.KEY_EDITED, None) in told
            assert found(sealed.with_(folder=None), superuser)


def test_a_second_key_that_introduced_itself_is_found(
    ledger_of_six: SealedLedger, tmp_path: Path
) -> None:
    sealed, stranger = ledger_of_six.with_(folder=None), new_key(tmp_path / "stranger.pem")
    text = introduce(stranger.public, stranger, datetime.now(UTC))
    with sealed.superuser() as superuser:
        superuser.execute("INSERT INTO audit.keys VALUES (%s, %s)", [stranger.public.key_id, text])
        assert found(sealed, superuser) == [(Kind.KEY_EDITED, None)]
        trusted = {stranger.public.key_id}
        told = {kind for kind, _ in found(sealed, superuser, trusted=trusted)}
        assert Kind.SEAL_FOREIGN in told


def test_a_ledger_whose_keys_followed_each_other_is_clean(
    ledger_of_six: SealedLedger, tmp_path: Path
) -> None:
    second = ledger_of_six.with_(key=new_key(tmp_path / "second.pem"))
    ledger_of_six.sealer.introduce(second.key.public)
    second.grows(2)
    ids = {second.key.public.key_id, ledger_of_six.key.public.key_id}
    assert verified(second, trusted=ids).findings == []
    assert verified(second.with_(folder=None), trusted=ids).findings == []


# --- outside -----------------------------------------------------------------------------------


def test_a_database_that_is_an_older_one_is_found_by_the_files(
    ledger_of_six: SealedLedger,
) -> None:
    sealed = ledger_of_six
    first = first_of(sealed, 5)
    with sealed.superuser() as superuser:
        superuser.execute("DELETE FROM ledger.events WHERE position >= %s", [first])
        for table in ("leaves", "seals"):
            superuser.execute(f"DELETE FROM audit.{table} WHERE number >= 5".encode())
        superuser.execute("DELETE FROM audit.subtrees")
        told = found(sealed, superuser)
        assert (Kind.DATABASE_OLDER, first) in told
        assert (Kind.LEDGER_TRUNCATED, first) in told
        assert found(sealed.with_(folder=None), superuser) == []


@pytest.mark.parametrize("name", ["seal-0000000003.json", "seal-0000000003.leaves"])
def test_a_file_outside_that_was_edited_or_is_missing_is_found(
    ledger_of_six: SealedLedger, name: str
) -> None:
    sealed = ledger_of_six
    file = sealed.place / "seals" / name
    text = file.read_text()
    file.write_text(text.replace("1", "2", 1))
    assert [(each.kind, each.position) for each in verified(sealed).findings] == [
        (Kind.COPY_EDITED, first_of(sealed, 3))
    ]
    file.write_bytes(b"\xff" + text.encode())
    assert {each.kind for each in verified(sealed).findings} == {Kind.COPY_EDITED}
    file.unlink()
    assert [(each.kind, each.position) for each in verified(sealed).findings] == [
        (Kind.COPY_MISSING, first_of(sealed, 3))
    ]


def test_files_outside_that_end_too_early_are_found(ledger_of_six: SealedLedger) -> None:
    sealed = ledger_of_six
    for each in (sealed.place / "seals").glob("seal-*[456].*"):
        each.unlink()
    told = verified(sealed).findings
    assert {each.seal for each in told} == {4, 5, 6}
    assert {each.kind for each in told} == {Kind.COPY_MISSING}


def test_files_outside_of_nothing_are_found(ledger_of_six: SealedLedger) -> None:
    sealed = ledger_of_six
    (sealed.place / "seals" / "seal-0000000099.json").write_text("{}")
    assert [(each.kind, each.seal) for each in verified(sealed).findings] == [
        (Kind.COPY_EDITED, 99)
    ]


def test_a_key_outside_that_was_edited_or_is_missing_is_found(ledger_of_six: SealedLedger) -> None:
    sealed = ledger_of_six
    (file,) = (sealed.place / "seals").glob("key-*.json")
    file.write_text(file.read_text().replace("PUBLIC", "PUBLIK"))
    assert [each.kind for each in verified(sealed).findings] == [Kind.COPY_EDITED]
    file.unlink()
    assert [each.kind for each in verified(sealed).findings] == [Kind.COPY_MISSING]


def test_an_empty_folder_lacks_everything(ledger_of_six: SealedLedger, tmp_path: Path) -> None:
    told = verified(ledger_of_six.with_(folder=Folder(tmp_path / "none"))).findings
    assert {each.kind for each in told} == {Kind.COPY_MISSING}


# --- again -------------------------------------------------------------------------------------


def test_a_second_look_begins_where_the_first_ended(ledger_of_six: SealedLedger) -> None:
    sealed = ledger_of_six
    first = verified(sealed, full=False)
    assert (first.full, first.seals) == (True, 6)
    sealed.grows(4)
    second = verified(sealed, full=False)
    assert (second.full, second.seals, second.events, second.findings) == (False, 1, 4, [])
    third = verified(sealed, full=False)
    assert (third.full, third.seals, third.findings) == (False, 0, [])
    at = positions(sealed)[-2]
    with sealed.superuser() as superuser:
        superuser.execute("UPDATE ledger.events SET actor = 'x' WHERE position = 3")
        assert found(sealed, superuser, full=False) == []
        assert found(sealed, superuser, full=True) == [(Kind.EVENT_EDITED, 3)]
    sealed.grows(2)
    with sealed.superuser() as superuser:
        at = positions(sealed)[-1]
        superuser.execute("UPDATE ledger.events SET actor = 'x' WHERE position = %s", [at])
        assert found(sealed, superuser, full=False) == [(Kind.EVENT_EDITED, at)]


def test_what_was_found_is_found_again_until_it_is_put_right(ledger_of_six: SealedLedger) -> None:
    sealed = ledger_of_six
    with sealed.superuser() as superuser:
        superuser.execute("UPDATE ledger.events SET actor = 'x' WHERE position = 3")
        assert found(sealed, superuser, full=False) == [(Kind.EVENT_EDITED, 3)]
        assert found(sealed, superuser, full=False) == [(Kind.EVENT_EDITED, 3)]


def test_a_verified_seal_that_is_another_now_is_told(ledger_of_six: SealedLedger) -> None:
    sealed = ledger_of_six
    verified(sealed)
    with sealed.superuser() as superuser:
        superuser.execute("UPDATE audit.seals SET statement = '' WHERE number = 6")
        told = found(sealed, superuser, full=False)
        assert told[0] == (Kind.SEAL_REPLACED, None)
        assert (Kind.SEAL_EDITED, first_of(sealed, 6)) in told
