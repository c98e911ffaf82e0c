"""`almoner audit key`: the keys that seal the ledger."""

from __future__ import annotations

from pathlib import Path

from facilities.seals.keys import SigningKey
from tests.web.cli.grammar import CommandLine


def test_a_key_is_made_and_its_private_part_is_not_told(
    no_database: CommandLine, tmp_path: Path
) -> None:
    path = tmp_path / "key.pem"
    said = no_database("audit", "key", "new", path, "--json").ends(0)
    made = SigningKey.from_file(path)
    assert said.json == {
        "path": str(path),
        "key": made.public.key_id,
        "public_key": made.public.pem,
    }
    assert path.read_text().splitlines()[1] not in said.stdout + said.stderr


def test_a_key_is_not_written_over(no_database: CommandLine, tmp_path: Path) -> None:
    no_database("audit", "key", "new", tmp_path / "key.pem").ends(0)
    no_database("audit", "key", "new", tmp_path / "key.pem").refuses(1, "key.pem exists")
