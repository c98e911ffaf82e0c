"""Taking events out of the ledger, for an auditor: a bundle that proves itself, or a table.

A bundle is a zip file: the events with all their columns, the seal they are under, what proves
that, the keys, the schemas of the facts, a signed manifest that says who took what and why, and a
program that checks all of it (`audit_verifier`). `Exporter.export` is a numbered procedure:

1. Seal what the ledger has grown by, so that every event can be proven.
2. Write what was asked for beside the place it is to have.
3. Put on record that it was taken, by whom, why, and the digest of the manifest.
4. Give the file its name. Who has it can be asked who is on record for it.
"""

from __future__ import annotations

import csv
import io
import json
import os
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from domain.audit.events import ExportFormat
from domain.audit.export import RecordExport
from domain.kernel import FACTS
from facilities.exchange import audit_parquet
from facilities.exchange.audit_selection import Selection
from facilities.exchange.audit_verifier import COLUMNS, EPOCH, MARK, SIGNATURE_SIZE
from facilities.scope import Actor, Role
from facilities.seals.keys import SealingRefused
from facilities.seals.leaves import entries, position_of
from facilities.seals.proofs import Prover
from facilities.seals.register import Register
from facilities.seals.sealing import Connections, Sealer
from facilities.seals.statements import digest, instant, signed
from facilities.service import Context, Service, new_id

VERIFIER = "verify.py"


class NothingSealed(SealingRefused):
    """There is nothing to take out."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was taken out: so many events, and the digest that is on record."""

    export_id: UUID
    events: int
    head: int
    digest: str
    position: int


class Exporter:
    """Takes events out of the ledger. The sealer's key signs the bundle."""

    def __init__(self, connections: Connections, sealer: Sealer, service: Service) -> None:
        self._connections, self._sealer, self._service = connections, sealer, service

    def export(
        self, out: Path, format: ExportFormat, selection: Selection, who: str, why: str
    ) -> Exported:
        """As the module says.

        Raises SealingRefused, Refused, OSError and what the database raises.
        """
        self._sealer.seal_all()
        export_id, at = new_id(), self._service.now()
        beside = out.with_name(f".{out.name}.{os.getpid()}")
        try:
            with self._connections() as connection:
                newest = Register(connection).last()
                if newest is None:
                    raise NothingSealed("nothing is sealed, and nothing can be taken out")
                condition, parameters = selection.where()
                found = entries(connection, None, newest.last_position, None, condition, parameters)
                if format is ExportFormat.CSV:
                    number, taken = _table(beside, found)
                elif format is ExportFormat.PARQUET:
                    number, taken = audit_parquet.write(beside, map(told_of, found))
                else:
                    number, taken = self._bundle(
                        beside,
                        connection,
                        found,
                        {
                            "export_id": str(export_id),
                            "by": who,
                            "why": why,
                            "made_at": instant(at),
                            "selection": [asdict(each) for each in selection.criteria()],
                        },
                    )
            command = RecordExport(
                export_id=export_id,
                format=format,
                selection=selection.criteria(),
                events=number,
                head=newest.last_position,
                digest=taken,
                why=why,
            )
            actor = Actor(who, Role.SYSTEM_ADMINISTRATOR)
            context = Context(actor=actor, reason=why, source="export")
            outcome = self._service.execute(command, context)
            beside.replace(out)
        finally:
            beside.unlink(missing_ok=True)
        return Exported(export_id, number, newest.last_position, taken, outcome.position)

    def _bundle(
        self, path: Path, connection: Any, found: Iterator[bytes], told: dict[str, Any]
    ) -> tuple[int, str]:
        """Write a bundle; how many events are in it, and the digest of its manifest."""
        digests: dict[str, str] = {}
        positions: list[int] = []
        key = self._sealer.key
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:

            def lines() -> Iterator[str]:
                for entry in found:
                    positions.append(position_of(entry))
                    yield json.dumps(told_of(entry), sort_keys=True) + "\n"

            digests["events.jsonl"] = _written(bundle, "events.jsonl", lines())
            seal, leaves, beside = Prover(connection).selection(positions)
            introductions = Register(connection).introductions().values()
            proof = {"leaves": leaves, "beside": [each.hex() for each in beside]}
            keys = [json.loads(each) for each in introductions]
            for name, text in (
                ("proof.json", json.dumps(proof) + "\n"),
                ("schemas.json", json.dumps(schemas(), indent=2) + "\n"),
                ("seal.json", seal.statement),
                ("keys.json", json.dumps(keys, indent=2) + "\n"),
                (VERIFIER, _verifier()),
            ):
                digests[name] = _written(bundle, name, iter([text]))
            content = {
                "format": "almoner-bundle/1",
                **told,
                "events": len(positions),
                "seal": seal.number,
                "files": digests,
                "key": key.public.key_id,
            }
            manifest = signed(content, key)
            _written(bundle, "manifest.json", iter([manifest]))
            bundle.comment = MARK + b"0" * SIGNATURE_SIZE
        _sign(path, key.sign)
        return len(positions), digest(manifest)


def _written(bundle: zipfile.ZipFile, name: str, texts: Iterator[str]) -> str:
    """Write one file of the bundle; its SHA-256."""
    hashed = sha256()
    with bundle.open(name, "w", force_zip64=True) as file:
        for text in texts:
            content = text.encode()
            hashed.update(content)
            file.write(content)
    return hashed.hexdigest()


def _sign(path: Path, sign: Callable[[bytes], bytes]) -> None:
    """Put the signature over all bytes of a file in the place that was left for it at its end."""
    hashed, left = sha256(), path.stat().st_size - SIGNATURE_SIZE
    with path.open("r+b") as file:
        while left:
            block = file.read(min(left, 1 << 20))
            hashed.update(block)
            left -= len(block)
        file.seek(-SIGNATURE_SIZE, os.SEEK_END)
        file.write(sign(MARK + hashed.digest()).hex().encode())
        file.flush()
        os.fsync(file.fileno())


def _verifier() -> str:
    folder = resources.files("facilities.exchange")
    return folder.joinpath("audit_verifier.py").read_text(encoding="utf-8")


def _table(path: Path, found: Iterator[bytes]) -> tuple[int, str]:
    """Write a table; how many events are in it, and its digest."""
    hashed, number = sha256(), 0
    with path.open("wb") as file:
        for row in ([*COLUMNS], *(told_of(entry).values() for entry in found)):
            line = io.StringIO()
            csv.writer(line, lineterminator="\r\n").writerow(row)
            content = line.getvalue().encode()
            hashed.update(content)
            file.write(content)
            number += 1
        file.flush()
        os.fsync(file.fileno())
    return number - 1, hashed.hexdigest()


# --- what is told of events and facts ------------------------------------------------------------


def _uuid(column: bytes) -> str:
    return str(UUID(bytes=column))


def _number(column: bytes) -> int:
    return int.from_bytes(column, "big", signed=True)


def _instant(column: bytes) -> str:
    return instant(EPOCH + timedelta(microseconds=_number(column)))


_READ: dict[str, Callable[[bytes], Any]] = {
    **dict.fromkeys(("position", "version", "fact_version"), _number),
    **dict.fromkeys(("effective_at", "recorded_at"), _instant),
    **dict.fromkeys(
        ("stream_id", "facility_id", "command_id", "correlation_id", "causation_id"), _uuid
    ),
    "command_digest": bytes.hex,
}


def told_of(entry: bytes) -> dict[str, Any]:
    """The columns of an entry, as JSON has them; `audit_verifier.leaf` goes the way back."""
    told: dict[str, Any] = {}
    at = 2
    for name in COLUMNS:
        (length,) = struct.unpack_from(">i", entry, at)
        at += 4
        if length < 0:
            told[name] = None
            continue
        told[name] = _READ.get(name, bytes.decode)(entry[at : at + length])
        at += length
    return told


def schemas() -> dict[str, Any]:
    """Of each fact its version and the JSON schema of its content, as this program declares it."""
    return {
        name: {"version": kind.schema_version, "schema": msgspec.json.schema(kind)}
        for name, kind in sorted(FACTS.items())
    }
