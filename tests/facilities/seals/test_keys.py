"""Keys: made once, read from a file, and never told."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from facilities.seals.keys import KeyRefused, SigningKey, new_key, public_key


def test_a_key_is_made_for_its_owner_alone_and_read_again(tmp_path: Path) -> None:
    made = new_key(tmp_path / "key.pem")
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600
    found = SigningKey.from_file(tmp_path / "key.pem")
    assert found.public.key_id == made.public.key_id
    assert public_key(made.public.pem).has_signed(found.sign(b"so it is"), b"so it is")
    assert not made.public.has_signed(found.sign(b"so it is"), b"so it was")


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    new_key(tmp_path / "key.pem")
    before = (tmp_path / "key.pem").read_bytes()
    with pytest.raises(KeyRefused, match="exists"):
        new_key(tmp_path / "key.pem")
    assert (tmp_path / "key.pem").read_bytes() == before
    with pytest.raises(KeyRefused, match="cannot be written"):
        new_key(tmp_path / "no folder" / "key.pem")


def test_a_private_key_does_not_tell_itself(tmp_path: Path) -> None:
    made = new_key(tmp_path / "key.pem")
    secret = (tmp_path / "key.pem").read_text().splitlines()[1]
    assert secret not in f"{made!r} {made} {made.public!r}"
    (tmp_path / "key.pem").write_text(f"-----BEGIN PRIVATE KEY-----\n{secret[:-8]}\n")
    with pytest.raises(KeyRefused) as refused:
        SigningKey.from_file(tmp_path / "key.pem")
    assert secret[:-8] not in str(refused.value)
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no private key"),
        (b"not a key", "holds no private key"),
        (
            Ed25519PrivateKey.generate().private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word")
            ),
            "without a password",
        ),
        (
            generate_private_key(SECP256R1()).private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
            ),
            "not one of Ed25519",
        ),
    ],
)
def test_what_is_no_key_of_ours_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "key.pem").write_bytes(content)
    with pytest.raises(KeyRefused, match=said):
        SigningKey.from_file(tmp_path / "key.pem")


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(KeyRefused, match=r"lost\.pem cannot be read: No such file"):
        SigningKey.from_file(tmp_path / "lost.pem")


def test_a_public_key_is_of_ed25519() -> None:
    elliptic = generate_private_key(SECP256R1()).public_key()
    pem = elliptic.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    with pytest.raises(ValueError, match="not an Ed25519"):
        public_key(pem)
    with pytest.raises(ValueError, match="PEM"):
        public_key("nothing of the kind")
