"""`almoner audit seal` and `verify`, and what the status says about sealing."""

from __future__ import annotations

from pathlib import Path

import pytest

from facilities.database import Database, Role
from facilities.ledger import Ledger
from facilities.seals.keys import SigningKey, new_key
from tests.facilities.seals.grammar import SealedLedger
from tests.web.cli.grammar import CommandLine


@pytest.fixture
def sealed(database: Database, tmp_path: Path) -> SealedLedger:
    """A ledger with a few events, and where its key and its seals are."""
    with Ledger(database.pool(Role.APP)) as ledger:
        made = SealedLedger.new(database, ledger, tmp_path)
        made.notes(5)
    return made


def test_where_nothing_is_sealed_nothing_is_vouched_for(sealing: CommandLine) -> None:
    said = sealing("audit", "verify").ends(4).stdout
    assert said == "Nothing is sealed, so nothing vouches for the ledger: 5 events in it.\n"
    found = sealing("audit", "verify", "--full", "--json").ends(4).json
    assert (found["clean"], found["sealed"], found["findings"]) == (False, False, [])


def test_where_all_seals_were_taken_away_it_is_not_well(
    sealing: CommandLine, shell: CommandLine, sealed: SealedLedger
) -> None:
    sealing("audit", "seal").ends(0)
    with sealed.superuser(stays=True) as superuser:
        superuser.execute(
            "TRUNCATE audit.seals, audit.leaves, audit.subtrees, audit.keys, audit.verifications"
        )
    shell("audit", "verify").ends(4)
    assert "database.older" in sealing("audit", "verify").ends(1).stdout


def test_the_ledger_is_sealed_on_demand_and_verified(sealing: CommandLine) -> None:
    assert "Sealed up to position 5 (seal 1)" in sealing("audit", "seal").ends(0).stdout
    assert sealing("audit", "seal", "--json").ends(0).json == {"seals": []}
    found = sealing("audit", "verify", "--json").ends(0).json
    assert found == {
        "clean": True,
        "sealed": True,
        "full": True,
        "anchored": True,
        "seals": 1,
        "events": 5,
        "unsealed": 0,
        "seal": 1,
        "position": 5,
        "findings": [],
    }
    said = sealing("audit", "verify").ends(0)
    assert "since the last verification: 0 events under 0 seals, nothing was altered" in said.stdout
    found = sealing("audit", "verify", "--json").ends(0).json
    assert (found["seals"], found["seal"], found["position"]) == (0, 1, 5)
    said = sealing("audit", "verify", "--full").ends(0)
    assert "in full: 5 events under 1 seal, nothing was altered; 0 events are" in said.stdout
    assert "1 of 1" in said.stderr


def test_what_was_altered_is_told_and_ends_with_1(
    sealing: CommandLine, shell: CommandLine, sealed: SealedLedger
) -> None:
    sealing("audit", "seal").ends(0)
    with sealed.superuser(stays=True) as superuser:
        superuser.execute("UPDATE ledger.events SET actor = 'somebody' WHERE position = 3")
    said = sealing("audit", "verify").ends(1)
    assert "event.edited at position 3: it is not what was sealed" in said.stdout
    found = shell("audit", "verify", "--json", "--seals-dir", sealed.place / "seals").ends(1).json
    assert found["findings"] == [
        {"kind": "event.edited", "position": 3, "seal": 1, "told": "it is not what was sealed"}
    ]


def test_of_many_findings_people_are_told_some(sealing: CommandLine, sealed: SealedLedger) -> None:
    sealed.notes(60)
    sealing("audit", "seal").ends(0)
    with sealed.superuser(stays=True) as superuser:
        superuser.execute("UPDATE ledger.events SET actor = 'somebody'")
    said = sealing("audit", "verify").ends(1)
    assert len(said.stdout.splitlines()) == 52
    assert "... and 15 more" in said.stdout
    assert len(sealing("audit", "verify", "--json").ends(1).json["findings"]) == 65


def test_seals_that_only_the_database_vouches_for_are_told_as_such(
    sealing: CommandLine, shell: CommandLine, sealed: SealedLedger
) -> None:
    sealing("audit", "seal").ends(0)
    said = shell("audit", "verify").ends(0)
    assert "Nothing outside of the database vouches" in said.stdout
    key_id = sealed.key.public.key_id
    assert "vouches" not in shell("audit", "verify", "--trust", key_id).ends(0).stdout
    said = shell("audit", "verify", "--full", "--trust", "0" * 64).ends(1)
    assert "key.unknown" in said.stdout


def test_without_a_key_nothing_is_sealed_and_the_status_says_so(
    sealing: CommandLine, shell: CommandLine, sealed: SealedLedger
) -> None:
    shell("audit", "seal").refuses(1, "there is no key to seal with", "almoner audit key new")
    assert "sealing     off: there is no key" in shell("status").stdout
    assert shell("status", "--json").json["seals"] == {
        "sealing": "off",
        "folder": None,
        "number": None,
        "position": 0,
        "sealed_at": None,
        "behind": 5,
    }
    sealing("audit", "seal").ends(0)
    sealed.notes(2)
    seals = sealing("status", "--json").json["seals"]
    told = {name: seals[name] for name in ("sealing", "number", "position", "behind")}
    assert told == {"sealing": "on", "number": 1, "position": 5, "behind": 2}
    assert "seal 1 of" in sealing("status").stdout
    bare = shell.with_(ALMONER_SEAL_KEY=(sealed.place / "key.pem").read_text())
    assert "sealing     on, in the database only; seal 1" in bare("status").stdout


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"ALMONER_SEAL_KEY": "x", "ALMONER_SEAL_KEY_FILE": "y"}, "are both set"),
        ({"ALMONER_SEAL_KEY": "x"}, "ALMONER_SEAL_KEY holds no private key"),
        ({"ALMONER_SEAL_KEY_FILE": "nowhere.pem"}, "nowhere.pem cannot be read"),
        ({"ALMONER_SEAL_EVERY": "0"}, "ALMONER_SEAL_EVERY is '0'"),
        ({"ALMONER_SEAL_EVERY": "often"}, "ALMONER_SEAL_EVERY is 'often'"),
    ],
)
def test_a_setting_that_is_no_good_is_refused(
    shell: CommandLine, settings: dict[str, str], said: str
) -> None:
    shell.with_(**settings)("audit", "seal").refuses(1, said)


def test_a_server_does_not_start_with_a_key_that_is_no_good(shell: CommandLine) -> None:
    shell.with_(ALMONER_SEAL_KEY="x")("serve", "--port", "0").refuses(1, "ALMONER_SEAL_KEY holds")


def test_a_key_is_followed_by_another(sealing: CommandLine, sealed: SealedLedger) -> None:
    sealing("audit", "seal").ends(0)
    other = new_key(sealed.place / "other.pem")
    (sealed.place / "other.pub").write_text(other.public.pem)
    sealing("audit", "key", "introduce", sealed.place / "key.pem").refuses(1, "no public key")
    said = sealing("audit", "key", "introduce", sealed.place / "other.pub", "--json").ends(0)
    assert said.json == {"key": other.public.key_id, "introduced_by": sealed.key.public.key_id}
    sealed.notes(1)
    anew = sealing.with_(ALMONER_SEAL_KEY_FILE=str(sealed.place / "other.pem"))
    anew("audit", "seal").ends(0)
    anew("audit", "verify", "--full").ends(0)


def test_no_private_key_is_ever_told(sealing: CommandLine, sealed: SealedLedger) -> None:
    text = (sealed.place / "key.pem").read_text()
    key = SigningKey.from_file(sealed.place / "key.pem")
    secret = text.splitlines()[1]
    inline = sealing.with_(ALMONER_SEAL_KEY_FILE="", ALMONER_SEAL_KEY=text)
    for arguments in (("audit", "seal"), ("audit", "verify"), ("status",)):
        said = inline(*arguments).ends(0)
        assert secret not in said.stdout + said.stderr
    for file in (sealed.place / "seals").iterdir():
        assert secret not in file.read_text()
    assert key.public.key_id in (sealed.place / "seals" / "seal-0000000001.json").read_text()
