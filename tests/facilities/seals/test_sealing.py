"""Sealing: what is signed, when it is refused, and what stands in files."""

from __future__ import annotations

import json
import threading
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from facilities.database import Role
from facilities.seals.folder import Folder, FolderUnusable
from facilities.seals.keys import KeyRefused, new_key
from facilities.seals.leaves import entries, hashes_of, leaves_of, listed, listing
from facilities.seals.register import Register
from facilities.seals.sealing import SealsDisagree
from facilities.seals.statements import Introduction, Malformed, Seal, is_signed_by, read
from facilities.seals.tree import root_of
from tests.facilities.notes import append_in
from tests.facilities.seals.grammar import SealedLedger


def test_a_seal_takes_in_what_is_new_and_names_the_one_before(sealed: SealedLedger) -> None:
    first, second = sealed.grows(3), sealed.grows(2)
    assert (first.number, first.tree_size, first.predecessor) == (1, 3, "")
    assert (second.number, second.tree_size) == (2, 5)
    assert sealed.folder is not None
    text = sealed.folder.statement(1)
    assert text is not None
    assert second.predecessor == sha256(text.encode()).hexdigest()
    assert second.first_position > first.last_position
    assert sealed.sealer.seal() is None


def test_its_root_is_that_of_all_events_and_its_signature_that_of_its_key(
    sealed: SealedLedger,
) -> None:
    seals = [sealed.grows(number) for number in (5, 1, 9)]
    with sealed.database.connect(Role.APP) as app:
        leaves = leaves_of(entries(app, None, seals[-1].last_position))
        rows = Register(app).between(0, 3)
    for each in seals:
        assert each.root == root_of(hashes_of(leaves)[: each.tree_size]).hex()
        assert is_signed_by(sealed.key.public, rows[each.number].statement)
        assert Seal.read(rows[each.number].statement) == each


def test_what_is_outside_is_what_is_within_and_can_be_checked_by_hand(sealed: SealedLedger) -> None:
    seal = sealed.grows(4)
    folder = sealed.place / "seals"
    statement = (folder / "seal-0000000001.json").read_text()
    lines = (folder / "seal-0000000001.leaves").read_text()
    assert json.loads(statement)["leaves"] == sha256(lines.encode()).hexdigest() == seal.leaves
    assert [int(line.split()[0]) for line in lines.splitlines()][-1] == seal.last_position
    with sealed.database.connect(Role.APP) as app:
        register = Register(app)
        assert register.between(0, 1)[1].statement == statement
        assert listing(register.leaves([1])[1]) == lines
        ((key_id, introduction),) = register.introductions().items()
    assert (folder / f"key-{key_id}.json").read_text() == introduction
    assert sorted(each.name for each in folder.iterdir()) == sorted(
        [f"key-{key_id}.json", "seal-0000000001.json", "seal-0000000001.leaves"]
    )


def test_an_event_that_may_still_come_in_between_is_waited_for(sealed: SealedLedger) -> None:
    with sealed.database.connect(Role.APP, autocommit=False) as slow:
        (early,) = append_in(slow, uuid4(), 1)
        (late,) = sealed.notes(1)
        made: list[Seal | None] = []
        sealing = threading.Thread(target=lambda: made.append(sealed.sealer.seal()))
        sealing.start()
        sealing.join(timeout=0.2)
        assert sealing.is_alive()
        slow.commit()
        sealing.join()
    (seal,) = made
    assert seal is not None
    assert (seal.first_position, seal.last_position, seal.tree_size) == (early, late, 2)


def test_a_position_that_was_rolled_back_is_no_event(sealed: SealedLedger) -> None:
    with sealed.database.connect(Role.APP, autocommit=False) as in_vain:
        append_in(in_vain, uuid4(), 1)
        in_vain.rollback()
    seal = sealed.grows(1)
    assert seal.tree_size == 1
    assert seal.first_position == seal.last_position == 2


def test_of_two_who_seal_at_once_one_does(sealed: SealedLedger) -> None:
    sealed.notes(3)
    together, made = threading.Barrier(4), []

    def seal() -> None:
        sealer = sealed.with_(folder=None).sealer
        together.wait()
        made.append(sealer.seal())

    crowd = [threading.Thread(target=seal) for _ in range(4)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert [each.number for each in made if each is not None] == [1]


def test_much_is_sealed_piece_by_piece(sealed: SealedLedger) -> None:
    sealed.notes(7)
    sealer = sealed.sealer
    sealer._largest = 3
    assert [each.tree_size for each in sealer.seal_all()] == [3, 6, 7]


# --- what may not be changed -------------------------------------------------------------------


@pytest.mark.parametrize("table", ["keys", "seals", "leaves", "subtrees", "verifications"])
@pytest.mark.parametrize("role", [Role.APP, Role.OWNER])
def test_nobody_changes_or_removes_a_seal(sealed: SealedLedger, table: str, role: Role) -> None:
    with sealed.database.connect(role) as connection:
        for statement in (f"DELETE FROM audit.{table}", f"TRUNCATE audit.{table} CASCADE"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


# --- the folder --------------------------------------------------------------------------------


def test_a_folder_that_lacks_seals_is_given_them(sealed: SealedLedger) -> None:
    sealed.with_(folder=None).grows(2)
    sealed.with_(folder=None).grows(3)
    sealed.grows(1)
    assert sealed.folder is not None
    assert sealed.folder.numbers() == [1, 2, 3]
    listing = sealed.folder.listing(2)
    assert listing is not None
    assert len(listing.splitlines()) == 3
    assert set(sealed.folder.introductions()) == {sealed.key.public.key_id}


def test_a_seal_that_was_not_written_outside_any_more_is_written_by_the_next(
    sealed: SealedLedger,
) -> None:
    sealed.grows(2)
    folder = sealed.place / "seals"
    for each in folder.glob("seal-*"):
        each.unlink()
    sealed.grows(1)
    assert sealed.folder is not None
    assert sealed.folder.numbers() == [1, 2]


def test_a_database_that_is_older_than_the_folder_is_not_sealed(
    sealed: SealedLedger,
) -> None:
    sealed.grows(2)
    assert sealed.folder is not None
    sealed.folder.add(2, "later", "")
    sealed.notes(1)
    with pytest.raises(SealsDisagree, match="has the seal 2, and the database only 1"):
        sealed.sealer.seal()


def test_a_folder_with_another_seal_stops_the_sealing(sealed: SealedLedger) -> None:
    sealed.grows(2)
    (sealed.place / "seals" / "seal-0000000001.json").write_text("another")
    sealed.notes(1)
    with pytest.raises(SealsDisagree, match="is another than the database's"):
        sealed.sealer.seal()


def test_a_folder_that_cannot_be_written_says_so_and_is_made_up_for(sealed: SealedLedger) -> None:
    blocked = sealed.place / "blocked"
    blocked.write_text("not a folder")
    sealed.notes(2)
    with pytest.raises(FolderUnusable, match="blocked"):
        sealed.with_(folder=Folder(blocked)).sealer.seal()
    blocked.unlink()
    sealed.with_(folder=Folder(blocked)).grows(1)
    assert Folder(blocked).numbers()[-1] >= 1


def test_a_last_seal_that_is_not_what_was_signed_stops_the_sealing(sealed: SealedLedger) -> None:
    sealed.grows(2)
    sealed.notes(1)
    with sealed.superuser(stays=True) as superuser:
        superuser.execute("UPDATE audit.seals SET peaks = sha256(peaks)")
    with pytest.raises(SealsDisagree, match="seal 1 is not what was signed"):
        sealed.sealer.seal()


# --- keys --------------------------------------------------------------------------------------


def test_a_key_is_followed_by_one_it_introduces(sealed: SealedLedger) -> None:
    sealed.grows(2)
    second = sealed.with_(key=new_key(sealed.place / "second.pem"))
    second.notes(1)
    with pytest.raises(KeyRefused, match="was not introduced"):
        second.sealer.seal()
    introduced = sealed.sealer.introduce(second.key.public)
    assert introduced.introduced_by == sealed.key.public.key_id
    seal = second.sealer.seal()
    assert seal is not None
    assert seal.key == second.key.public.key_id
    sealed.notes(1)
    with pytest.raises(KeyRefused, match="does not follow"):
        sealed.sealer.seal()
    third = new_key(sealed.place / "third.pem")
    with pytest.raises(KeyRefused, match="does not follow"):
        sealed.sealer.introduce(third.public)
    second.sealer.introduce(third.public)
    with pytest.raises(KeyRefused, match="introduced before"):
        second.sealer.introduce(third.public)
    assert sealed.folder is not None
    assert len(sealed.folder.introductions()) == 3


def test_a_key_may_be_introduced_before_anything_is_sealed(sealed: SealedLedger) -> None:
    second = sealed.with_(key=new_key(sealed.place / "second.pem"))
    sealed.sealer.introduce(second.key.public)
    second.notes(1)
    with pytest.raises(KeyRefused, match="has not sealed anything yet"):
        second.sealer.seal()
    assert sealed.sealer.seal() is not None


# --- statements --------------------------------------------------------------------------------


def test_a_statement_is_written_in_one_way(sealed: SealedLedger) -> None:
    sealed.grows(1)
    assert sealed.folder is not None
    text = sealed.folder.statement(1)
    assert text is not None
    for other in (text + " ", text.strip(), "[]\n", "{", text.replace(":", " :", 1)):
        with pytest.raises(Malformed):
            read(other)
    for other in (
        text.replace('"number": 1', '"number": true'),
        text.replace('"number": 1', '"numbers": 1'),
        text.replace("almoner-seal/1", "almoner-seal/2"),
    ):
        with pytest.raises(Malformed):
            Seal.read(other)
    signature = json.loads(text)["signature"]
    for another in (signature.upper(), "no", signature[:-1], None):
        with pytest.raises(Malformed):
            is_signed_by(
                sealed.key.public,
                json.dumps({**json.loads(text), "signature": another}, indent=2, sort_keys=True)
                + "\n",
            )


def test_an_introduction_names_the_key_it_holds(sealed: SealedLedger, tmp_path: Path) -> None:
    sealed.grows(1)
    assert sealed.folder is not None
    ((_, text),) = sealed.folder.introductions().items()
    found = Introduction.read(text)
    assert found.public.key_id == sealed.key.public.key_id
    other = new_key(tmp_path / "other.pem").public
    for pem in (other.pem, "no key", found.public_key + "\n"):
        with pytest.raises(Malformed, match="public key"):
            _ = Introduction(
                key=found.key,
                public_key=pem,
                introduced_by=found.key,
                introduced_at=found.introduced_at,
            ).public


@pytest.mark.parametrize("text", ["1\n", "one 00\n", "1 0\n", f"1  {'00' * 32}\n", "1 00\n"])
def test_what_is_no_listing_of_leaves_is_told_as_such(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which rule it breaks does not matter
        listed(text)


def test_a_listing_is_the_leaves_in_words() -> None:
    text = f"7 {'ab' * 32}\n9 {'00' * 32}\n"
    assert listing(listed(text)) == text
