"""Master keys: found, made, replaced, and refused with a reason."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from facilities.privacy.masters import MasterKeyRefused, MasterSettings, new_master_key

A_KEY, ANOTHER = (base64.b64encode(bytes([each]) * 32).decode() for each in (1, 2))


def settings(home: Path | None = None, **env: str) -> MasterSettings:
    return MasterSettings.from_environment(env, home)


def test_beside_an_embedded_database_a_key_is_made_once(tmp_path: Path) -> None:
    made = settings(tmp_path / "home").masters().current
    file = tmp_path / "home" / "master.keys"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert settings(tmp_path / "home").masters().current.master_id == made.master_id
    assert [each.name for each in file.parent.iterdir()] == ["master.keys"]


def test_for_a_database_elsewhere_there_is_no_key_until_one_is_named() -> None:
    with pytest.raises(MasterKeyRefused, match="ALMONER_MASTER_KEY_FILE names it"):
        settings().masters()


def test_a_key_may_be_in_the_environment() -> None:
    masters = settings(ALMONER_MASTER_KEY=f"{A_KEY},{ANOTHER}").masters()
    assert len(masters.earlier) == 1
    assert masters[masters.earlier[0].master_id] is masters.earlier[0]


@pytest.mark.parametrize("text", ["", "\n", "not base64!", A_KEY[:-8], f"{A_KEY}\nrubbish", "é"])
def test_what_is_no_master_key_is_refused_and_not_repeated(text: str, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(MasterKeyRefused) as refusal:
        settings(ALMONER_MASTER_KEY_FILE=str(file)).masters()
    assert str(file) in str(refusal.value)
    assert "rubbish" not in str(refusal.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyRefused, match="keys cannot be read: No such file"):
        settings(ALMONER_MASTER_KEY_FILE=str(tmp_path / "keys")).masters()


def test_two_places_for_a_key_are_one_too_many() -> None:
    with pytest.raises(MasterKeyRefused, match="one is enough"):
        settings(ALMONER_MASTER_KEY=A_KEY, ALMONER_MASTER_KEY_FILE="keys")


def test_a_new_key_comes_first_and_the_earlier_ones_still_unwrap(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    first = new_master_key(file)
    wrapped = first.wrap(b"a person's key", b"their number")
    second = new_master_key(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    masters = settings(ALMONER_MASTER_KEY_FILE=str(file)).masters()
    assert masters.current.master_id == second.master_id
    assert masters[first.master_id].unwrap(wrapped, b"their number") == b"a person's key"


def test_a_file_of_something_else_is_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / "notes"
    file.write_text("milk, eggs")
    with pytest.raises(MasterKeyRefused):
        new_master_key(file)
    assert file.read_text() == "milk, eggs"


def test_what_was_wrapped_for_one_does_not_unwrap_for_another(tmp_path: Path) -> None:
    key = new_master_key(tmp_path / "keys")
    with pytest.raises(MasterKeyRefused, match="was changed"):
        key.unwrap(key.wrap(b"a key", b"one"), b"another")


def test_a_key_says_no_more_of_itself_than_its_id(tmp_path: Path) -> None:
    key = new_master_key(tmp_path / "keys")
    assert repr(key) == f"LocalMasterKey({key.master_id})"
    assert A_KEY not in repr(settings(ALMONER_MASTER_KEY=A_KEY))
