"""`almoner audit prove` and `export`."""

from __future__ import annotations

from pathlib import Path

import pytest

from facilities.database import Database, Role
from facilities.exchange.audit_verifier import verified
from facilities.ledger import Ledger
from facilities.seals.tree import root_by_inclusion
from tests.facilities.seals.grammar import SealedLedger
from tests.web.cli.grammar import CommandLine


@pytest.fixture
def sealed(database: Database, tmp_path: Path) -> SealedLedger:
    """A ledger with a few events under a seal."""
    with Ledger(database.pool(Role.APP)) as ledger:
        made = SealedLedger.new(database, ledger, tmp_path)
        made.grows(9)
    return made


def test_an_event_is_proven(sealing: CommandLine) -> None:
    found = sealing("audit", "prove", "4", "--json").ends(0).json
    path = [bytes.fromhex(each) for each in found["inclusion_path"]]
    leaf = bytes.fromhex(found["leaf_hash"])
    root = root_by_inclusion(found["leaf_index"], found["tree_size"], leaf, path)
    assert root is not None
    assert root.hex() == found["seal"]["root"]
    assert root.hex() in sealing("audit", "prove", "4").ends(0).stdout
    sealing("audit", "prove", "400").refuses(1, "No event at position 400 is sealed")


def test_events_are_taken_out_and_that_is_on_record(
    sealing: CommandLine, sealed: SealedLedger
) -> None:
    out = sealed.place / "out.zip"
    export = ("audit", "export", "--out", out, "--why", "An audit", "--who", "Ana Ruiz")
    found = sealing(*export, "--from", "3", "--to", "8", "--json").ends(0).json
    assert found["events"] == 6
    assert "6 events, exported by Ana Ruiz" in verified(out, [sealed.key.public.key_id])
    sealing(*export).refuses(2, "exists")
    sealing("audit", "verify", "--full").ends(0)
    table = sealed.place / "out.csv"
    said = sealing("audit", "export", "--out", table, "--why", "An audit", "--format", "csv")
    assert "Wrote 10 events" in said.ends(0).stdout
    assert "export.made" in table.read_text()


def test_what_cannot_be_taken_out_is_refused(
    sealing: CommandLine, shell: CommandLine, sealed: SealedLedger
) -> None:
    out = sealed.place / "out.zip"
    shell("audit", "export", "--out", out, "--why", "x").refuses(1, "no key to seal with")
    sealing("audit", "export", "--out", out, "--why", " ").refuses(1, "Why must have")
    sealing("audit", "export", "--out", sealed.place / "no" / "x.zip", "--why", "x").refuses(
        1, "cannot be written"
    )
    sealing("audit", "export", "--out", out, "--why", "x", "--effective-to", "7").refuses(
        2, "It takes an instant"
    )
    refused = (
        (("--fact", "claim.payed"), "there is no fact 'claim.payed'"),
        (("--from", "8", "--to", "3"), "--from must not be after --to"),
        (
            ("--effective-from", "2026-02-01T00:00:00Z", "--effective-to", "2026-01-01T00:00:00Z"),
            "--effective-from must not be after --effective-to",
        ),
    )
    for narrowed, said in refused:
        sealing("audit", "export", "--out", out, "--why", "x", *narrowed).refuses(2, said)
    assert not out.exists()


@pytest.mark.parametrize("fact", ["trial_note", "trial_note.", "trial_note.taken"])
def test_facts_are_named_whole_or_by_their_first_word(
    sealing: CommandLine, sealed: SealedLedger, fact: str
) -> None:
    export = ("audit", "export", "--out", sealed.place / "out.zip", "--why", "x", "--fact", fact)
    assert sealing(*export, "--json").ends(0).json["events"] == 9
