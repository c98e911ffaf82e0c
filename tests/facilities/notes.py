"""A fact of the tests' own, and ways to append it: in the ledger, or in a transaction left open."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
from psycopg.rows import TupleRow

from domain.kernel import Fact, fact
from facilities.codec import encode
from facilities.envelope import Attribution
from facilities.ledger import Pending


@fact("trial_note.taken")
class NoteTaken(Fact):
    """Somebody wrote something down."""

    text: str


def by(command_id: UUID | None = None, digest: bytes | None = None) -> Attribution:
    """Somebody, with a command of its own."""
    its_id = command_id or uuid4()
    return Attribution(
        actor="scribe", role="service", command_id=its_id, correlation_id=its_id, digest=digest
    )


def notes(stream_id: UUID, first_version: int, number: int = 1) -> list[Pending]:
    """So many notes that are to become the next events of a stream."""
    versions = range(first_version, first_version + number)
    return [
        Pending(stream_id, version, NoteTaken(text=f"note {version}"), by()) for version in versions
    ]


def append_in(
    connection: psycopg.Connection[TupleRow], stream_id: UUID, first_version: int, number: int = 1
) -> list[int]:
    """Call ledger.append() in the connection's own transaction, which stays open."""
    states = [encode(each.fact) for each in notes(stream_id, first_version, number)]
    commands = [uuid4() for _ in states]
    nothing = [None] * number
    rows = connection.execute(
        "SELECT * FROM ledger.append(%s::uuid[], %s::int[], %s::text[], %s::smallint[], "
        "%s::uuid[], %s::timestamptz[], %s::text[], %s::text[], %s::uuid[], %s::bytea[], "
        "%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::bytea[])",
        [
            [stream_id] * number, list(range(first_version, first_version + number)),
            [NoteTaken.name] * number, [1] * number, nothing, nothing, ["scribe"] * number,
            ["service"] * number, commands, nothing, commands, nothing, nothing, nothing, states,
        ],
    ).fetchall()  # fmt: skip
    return [position for (position,) in rows]
