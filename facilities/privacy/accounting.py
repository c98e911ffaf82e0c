"""What the log of reads tells: who has seen a person's data, what somebody has looked at; and what
vouches for the log.

The reads of a stretch are hashed, on top of the digest of the stretch before, and the digest is put
on record as a fact. The ledger's seals cover it, so they cover the log.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from domain.kernel import foreign_id
from domain.privacy.events import ReadLogSealed
from domain.privacy.read_log import SealReadLog
from facilities.answers import Context, StaleVersion
from facilities.ledger import Ledger
from facilities.privacy.reads import FILE, WRITERS_LOCK
from facilities.scope import Actor, Role
from facilities.service import Service

READ_LOG = foreign_id("almoner", "read_log")
"""The stream in which it is on record what vouches for the log."""

SEALER = Actor("read_log", Role.SERVICE)

_READS = (
    "SELECT number, read_id, read_at, actor, role, what, asked, why, outcome, source, "
    "coalesce(together.persons, reads.persons) AS persons "
    "FROM audit.reads LEFT JOIN audit.shown_together AS together USING (group_id)"
)
_OF_PERSON = (
    "(reads.persons @> ARRAY[%s::uuid] OR group_id = ANY (ARRAY("
    "SELECT group_id FROM audit.shown_together WHERE persons @> ARRAY[%s::uuid])))"
)


@dataclass(frozen=True, slots=True)
class LoggedRead:
    """A read as it is in the log. `persons` are the numbers of their keys."""

    number: int
    read_id: UUID
    read_at: datetime
    actor: str
    role: str
    what: str
    asked: str
    why: str | None
    outcome: int
    source: str
    persons: Sequence[UUID]


def reads(
    connection: Any,
    *,
    key_id: UUID | None = None,
    actor: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    disclosed: bool = False,
    beyond: int = 0,
    limit: int = 1_000,
) -> list[LoggedRead]:
    """The reads of a person's data, or by somebody, in order, beyond a number of the log. What was
    `disclosed` went out in a file."""
    conditions, parameters = ["number > %s"], list[Any]([beyond])
    if key_id is not None:
        conditions.append(_OF_PERSON)
        parameters += [key_id, key_id]
    for condition, value in (
        ("actor = %s", actor),
        ("read_at >= %s", since),
        ("read_at <= %s", until),
        ("starts_with(asked, %s)", FILE if disclosed else None),
    ):
        if value is not None:
            conditions.append(condition)
            parameters.append(value)
    rows = connection.execute(
        f"{_READS} WHERE {' AND '.join(conditions)} ORDER BY number LIMIT %s",
        [*parameters, limit],
    ).fetchall()
    return [LoggedRead(*row) for row in rows]


# --- what vouches for it -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the log, and whether it is as it was when it was sealed."""

    after: int
    upto: int
    reads: int
    position: int
    intact: bool


class ReadLogSealer:
    """Vouches for the log of reads. `pool` is the application role's."""

    def __init__(self, pool: Any, ledger: Ledger, service: Service) -> None:
        self._pool, self._ledger, self._service = pool, ledger, service

    def seal(self) -> int:
        """Put on record what vouches for the reads that are new; how many there were.

        1. Wait for whoever is taking reads in, so that none slips in below the last number.
        2. Hash what came after the last sealed one, on top of its digest.
        3. Put it on record, unless somebody else did meanwhile.
        """
        sealed = [each.fact for each in self._sealed()]
        after, digest = (sealed[-1].upto, sealed[-1].digest) if sealed else (0, "")
        with self._pool.connection() as connection:
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(%s)", [WRITERS_LOCK])
                ((upto,),) = connection.execute("SELECT max(number) FROM audit.reads").fetchall()
            if upto is None or upto <= after:
                return 0
            number, digest = _digest(connection, after, upto, digest)
        command = SealReadLog(log_id=READ_LOG, upto=upto, reads=number, digest=digest)
        context = Context(actor=SEALER, expected_version=len(sealed), source="read_log")
        try:
            self._service.execute(command, context)
        except StaleVersion:
            return 0
        return number

    def verify(self) -> tuple[list[Stretch], int]:
        """Hold the log against what is on record: each sealed stretch, and how many reads are not
        sealed yet."""
        found, after, digest = [], 0, ""
        with self._pool.connection() as connection:
            for event in self._sealed():
                fact = event.fact
                number, told = _digest(connection, after, fact.upto, digest)
                intact = (number, told) == (fact.reads, fact.digest)
                found.append(Stretch(after, fact.upto, fact.reads, event.position, intact))
                after, digest = fact.upto, fact.digest
            ((unsealed,),) = connection.execute(
                "SELECT count(*) FROM audit.reads WHERE number > %s", [after]
            ).fetchall()
        return found, int(unsealed)

    def _sealed(self) -> Sequence[Any]:
        events: list[Any] = []
        while more := self._ledger.stream(READ_LOG, after=len(events), limit=1_000):
            events += more
        assert all(isinstance(each.fact, ReadLogSealed) for each in events)
        return events


def _digest(connection: Any, after: int, upto: int, before: str) -> tuple[int, str]:
    """How many reads are in a stretch, and the digest of it and of all before."""
    hashed, number = sha256(before.encode()), 0
    for each in _stretch(connection, after, upto):
        hashed.update(_line(each))
        number += 1
    return number, hashed.hexdigest()


def _stretch(connection: Any, after: int, upto: int) -> Iterator[LoggedRead]:
    while True:
        some = [each for each in reads(connection, beyond=after) if each.number <= upto]
        yield from some
        if not some:
            return
        after = some[-1].number


def _line(read: LoggedRead) -> bytes:
    """A read in the one way in which it is hashed."""
    told = [
        getattr(read, name) if name != "read_at" else read.read_at.astimezone(UTC).isoformat()
        for name in LoggedRead.__slots__
    ]
    return msgspec.json.encode(told) + b"\n"


# --- for others ----------------------------------------------------------------------------------

_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_AUDIT_TYPE = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_RESTFUL = "http://hl7.org/fhir/restful-interaction"
_ENTITY_TYPE = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_ENTITY_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
_ROLES = "urn:almoner:role"
_ACTORS = "urn:almoner:actor"
_PERSONS = "urn:almoner:person"

_OF_ONE = re.compile(r"/(person:)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


def audit_event(read: LoggedRead, person: str | None = None) -> dict[str, Any]:
    """A read as a FHIR R4 AuditEvent. `person` is how its entity is to be identified, where it is
    told to that person; else all are, by the numbers of their keys."""
    persons = [person] if person is not None else [str(each) for each in read.persons]
    purpose = {} if read.why is None else {"purposeOfEvent": [{"text": read.why}]}
    told = {} if read.outcome < 400 else {"outcomeDesc": f"Refused ({read.outcome})"}
    query = f"{read.what}?{read.asked}" if read.asked else read.what
    return {
        "resourceType": "AuditEvent",
        "id": str(read.read_id),
        **_kind(read),
        "action": "R",
        "recorded": read.read_at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "outcome": "0" if read.outcome < 400 else "4" if read.outcome < 500 else "8",
        **told,
        **purpose,
        "agent": [
            {
                "role": [{"coding": [{"system": _ROLES, "code": read.role}], "text": read.role}],
                "who": {
                    "identifier": {"system": _ACTORS, "value": read.actor},
                    "display": read.actor,
                },
                "requestor": True,
            }
        ],
        "source": {"site": read.source, "observer": {"display": "Almoner"}},
        "entity": [
            {
                "what": {"display": read.what},
                "type": {"system": _ENTITY_TYPE, "code": "2", "display": "System Object"},
                "role": {"system": _ENTITY_ROLE, "code": "24", "display": "Query"},
                "query": base64.b64encode(query.encode()).decode(),
            },
            *(
                {
                    "what": {"identifier": {"system": _PERSONS, "value": each}},
                    "type": {"system": _ENTITY_TYPE, "code": "1", "display": "Person"},
                }
                for each in persons
            ),
        ],
    }


def _kind(read: LoggedRead) -> dict[str, Any]:
    """What was done: a file went out, a program was asked, or the API for one thing or for many."""
    if read.asked.startswith(FILE):
        return {"type": {"system": _DICOM, "code": "110106", "display": "Export"}}
    if read.source != "api":
        return {"type": {"system": _DICOM, "code": "110112", "display": "Query"}}
    code = "read" if _OF_ONE.search(read.what) else "search-type"
    return {
        "type": {"system": _AUDIT_TYPE, "code": "rest", "display": "RESTful Operation"},
        "subtype": [{"system": _RESTFUL, "code": code, "display": code}],
    }


def bundle(events: Sequence[dict[str, Any]], following: str | None = None) -> dict[str, Any]:
    """AuditEvents as a FHIR Bundle, and where the next one is. A collection has no total (bdl-1),
    and no list in it is empty."""
    entries = [{"fullUrl": f"urn:uuid:{each['id']}", "resource": each} for each in events]
    link = {} if following is None else {"link": [{"relation": "next", "url": following}]}
    told = {"entry": entries} if entries else {}
    return {"resourceType": "Bundle", "type": "collection", **link, **told}
