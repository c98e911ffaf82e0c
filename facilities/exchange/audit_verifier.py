"""Checks a bundle of events that was exported from Almoner's ledger. Needs no database and none of
Almoner: Python 3.11 or newer, and the package `cryptography`.

    python verify.py BUNDLE.zip [KEY_ID]...

Exit code 0 where all of it holds, 1 where anything does not: it says what. KEY_ID is the id of a
key you were told of by somebody you trust; without one you learn that the bundle is whole, and
which key signed it, but not whose key that is.

1. The signature at the end of the file is over every byte before it.
2. The manifest is signed, and names the digest of every other file.
3. The keys introduce each other, from a first one on.
4. The seal is signed by one of them.
5. The events, with the hashes beside them, come to the root of the seal: each was in the ledger, at
   its position, exactly so, when it was sealed (RFC 9162, section 2.1).
"""

from __future__ import annotations

import json
import struct
import sys
import zipfile
from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

MARK = b"almoner-bundle/1 "
SIGNATURE_SIZE = 128
FILES = {"events.jsonl", "proof.json", "schemas.json", "seal.json", "keys.json", "verify.py"}


class Wrong(Exception):
    """Something in the bundle does not hold."""


def held(condition: object, told: str) -> None:
    """Raises Wrong, which tells what does not hold, where something does not."""
    if not condition:
        raise Wrong(told)


# --- statements and keys -------------------------------------------------------------------------


def written(content: dict[str, Any]) -> bytes:
    """The one text of a statement."""
    return (json.dumps(content, indent=2, sort_keys=True) + "\n").encode()


def signed_by(key: Ed25519PublicKey, statement: dict[str, Any], name: str) -> None:
    """A statement's signature is over its text without it."""
    content = dict(statement)
    is_signed(key, content.pop("signature"), written(content), name)


def is_signed(key: Ed25519PublicKey, signature: str, content: bytes, name: str) -> None:
    """Raises Wrong where a signature, in hexadecimal, is not the key's over the content."""
    held(signature == signature.lower(), f"the signature of {name} is not written as it should be")
    try:
        key.verify(bytes.fromhex(signature), content)
    except (InvalidSignature, ValueError):
        raise Wrong(f"the signature of {name} does not hold") from None


def key_of(introduction: dict[str, Any]) -> Ed25519PublicKey:
    """The public key of an introduction; its id is the SHA-256 of its DER form."""
    key = load_pem_public_key(introduction["public_key"].encode())
    held(isinstance(key, Ed25519PublicKey), "a key is not of Ed25519")
    assert isinstance(key, Ed25519PublicKey)
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    held(sha256(der).hexdigest() == introduction["key"], "a key is not the one it is called")
    return key


def keys_of(introductions: list[dict[str, Any]]) -> dict[str, Ed25519PublicKey]:
    """The keys, by id: the first introduced itself, the others were introduced by one of them."""
    keys = {each["key"]: key_of(each) for each in introductions}
    first = [each for each in introductions if each["introduced_by"] == each["key"]]
    held(len(first) == 1, "not exactly one key is the first")
    by = {each["key"]: each["introduced_by"] for each in introductions}
    for each in introductions:
        name = f"the introduction of the key {each['key']}"
        held(each["introduced_by"] in keys, f"{name} is by nobody known")
        signed_by(keys[each["introduced_by"]], each, name)
        seen, at = set[str](), each["key"]
        while by[at] != at:
            held(at not in seen, f"{name} leads to no first key")
            seen.add(at)
            at = by[at]
    return keys


# --- events and the tree -------------------------------------------------------------------------

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def instant(text: str) -> bytes:
    """An instant as PostgreSQL's binary COPY has it: microseconds since 2000-01-01 UTC."""
    return struct.pack(">q", (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1))


COLUMNS: dict[str, Callable[[Any], bytes]] = {
    "position": lambda value: struct.pack(">q", value),
    "stream_id": lambda value: UUID(value).bytes,
    "version": lambda value: struct.pack(">i", value),
    "fact": str.encode,
    "fact_version": lambda value: struct.pack(">h", value),
    "facility_id": lambda value: UUID(value).bytes,
    "effective_at": instant,
    "recorded_at": instant,
    "actor": str.encode,
    "role": str.encode,
    "command_id": lambda value: UUID(value).bytes,
    "command_digest": bytes.fromhex,
    "correlation_id": lambda value: UUID(value).bytes,
    "causation_id": lambda value: UUID(value).bytes,
    "reason": str.encode,
    "source": str.encode,
    "state": str.encode,
}
"""The columns of an event in their order, and how each becomes bytes."""


def leaf(event: dict[str, Any]) -> bytes:
    """The hash of an event: of its columns in order, each with its length, -1 where it has none."""
    held(event.keys() == COLUMNS.keys(), "an event has other columns than it should have")
    entry = struct.pack(">h", len(COLUMNS))
    for name, encoded in COLUMNS.items():
        if event[name] is None:
            entry += struct.pack(">i", -1)
        else:
            column = encoded(event[name])
            entry += struct.pack(">i", len(column)) + column
    return sha256(b"\x00" + entry).digest()


def root(leaves: dict[int, bytes], size: int, beside: Iterator[bytes]) -> bytes:
    """The root of a tree of which some leaves are known, and what stands beside them."""
    order = sorted(leaves)

    def subtree(first: int, beyond: int) -> bytes:
        at = bisect_left(order, first)
        if at == len(order) or order[at] >= beyond:
            return next(beside)
        if beyond - first == 1:
            return leaves[first]
        middle = first + (1 << (beyond - first - 1).bit_length() - 1)
        return sha256(b"\x01" + subtree(first, middle) + subtree(middle, beyond)).digest()

    return subtree(0, size)


# --- the bundle ----------------------------------------------------------------------------------


def verified(path: Path, trusted: list[str]) -> str:
    """What holds, in a sentence. Raises Wrong."""
    raw = path.read_bytes()
    held(raw[:-SIGNATURE_SIZE].endswith(MARK), "the file does not end as a bundle does")
    with zipfile.ZipFile(BytesIO(raw)) as bundle:
        files = {name: bundle.read(name) for name in bundle.namelist()}
    held(files.keys() == FILES | {"manifest.json"}, "there are other files than there should be")
    manifest = json.loads(files["manifest.json"])
    held(written(manifest) == files["manifest.json"], "the manifest is not written as it should be")
    keys = keys_of(json.loads(files["keys.json"]))
    held(manifest["key"] in keys, "the manifest is signed by nobody known")
    signed_by(keys[manifest["key"]], manifest, "the manifest")
    signature = raw[-SIGNATURE_SIZE:].decode("ascii")
    content = MARK + sha256(raw[:-SIGNATURE_SIZE]).digest()
    is_signed(keys[manifest["key"]], signature, content, "the file")
    for name in sorted(FILES):
        digest = sha256(files[name]).hexdigest()
        held(manifest["files"].get(name) == digest, f"{name} is not what the manifest says")
    seal = json.loads(files["seal.json"])
    held(seal["key"] in keys, "the seal is signed by nobody known")
    signed_by(keys[seal["key"]], seal, "the seal")
    events = [json.loads(line) for line in files["events.jsonl"].splitlines()]
    proof = json.loads(files["proof.json"])
    held(len(events) == manifest["events"] == len(proof["leaves"]), "some events are missing")
    leaves = dict(zip(proof["leaves"], map(leaf, events), strict=True))
    held(len(leaves) == len(events), "two events are the same leaf")
    beside = iter([bytes.fromhex(each) for each in proof["beside"]])
    found = root(leaves, seal["tree_size"], beside) if seal["tree_size"] else sha256(b"").digest()
    held(found.hex() == seal["root"], "the events are not those that were sealed")
    held(next(beside, None) is None, "there are more hashes than the events need")
    for each in trusted:
        held(each in keys, f"the key {each} has nothing to do with this bundle")
    return (
        f"{len(events)} event{'s' * (len(events) != 1)}, exported by {manifest['by']} at "
        f"{manifest['made_at']}: all as sealed at {seal['sealed_at']} (seal {seal['number']}, key "
        f"{seal['key']})."
    )


def main(arguments: list[str]) -> int:
    """Verify the bundle that is named first; exit code 1 where something does not hold."""
    if not arguments:
        sys.stderr.write(__doc__ or "")
        return 2
    try:
        sys.stdout.write(verified(Path(arguments[0]), arguments[1:]) + "\n")
    except Wrong as wrong:
        sys.stdout.write(f"It does not hold: {wrong}.\n")
        return 1
    except Exception as error:  # noqa: BLE001 - whatever cannot be read was changed
        sys.stdout.write(
            f"It does not hold: it cannot be read ({type(error).__name__}: {error}).\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
