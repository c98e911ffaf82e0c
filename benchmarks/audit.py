"""What an auditor waits for: timeline, causes, state and difference on a million events, by every
dimension, frequent and rare; and what the index for it costs an append.

    python -m benchmarks.audit --events 1000000

Two things are told apart: the answer to a question in a program that runs (which has a target), and
the whole command, most of which is the start of Python and of the connections (which is only told).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import psycopg

import domain.natural_key
import domain.organization.department
import domain.organization.facility
import domain.revenue.claim
import domain.revenue.payer
import domain.supply.stock_item
import domain.workforce.staff_member  # noqa: F401 - what folds these streams is declared there
from benchmarks.ledgers import Growing
from benchmarks.measuring import (
    Benchmark,
    Figures,
    Target,
    arguments,
    by_writers,
    interleaved,
    latencies,
)
from benchmarks.servers import a_database, a_server, superuser, version_of
from domain.kernel import Recorded
from domain.natural_key import NaturalKeyReserved
from facilities.bulk import settle, unhurried_collector
from facilities.database import Database, Role
from facilities.envelope import Attribution
from facilities.ledger import Ledger, Pending
from facilities.scope import WHOLE_SYSTEM, Actor
from facilities.scope import Role as ActorRole
from facilities.scope import Scope as ActorScope
from facilities.service import new_id
from facilities.sight import Seen
from projections import READ_MODELS
from projections.audit.difference import RESPONSIBLE
from projections.audit.state import Moment
from projections.audit.timeline import Asked, named
from projections.kernel import Summary
from projections.revenue import receivables
from projections.runner import Runner
from projections.scorecards import facility_scorecard
from web import audit_answers as answers
from web.auditor import Auditor

ROOT = Path(__file__).resolve().parents[1]

LOOKS = 15
"""How often each is asked in one turn."""

WAIT = 100.0
"""How long an auditor waits at most, in milliseconds."""

RARE = 20
"""How many events there are of what is rare."""

WHY = (
    "A stream is folded from its beginning, or from its last closing before the moment; nothing is "
    "kept of what it was. A fact costs some 12 microseconds to read, decode and fold, and what "
    "changed some 20 milliseconds more to tell, so that the limit is at some 6,500 events of one "
    "stream without a closing."
)

SLOW = (
    "A part of a facility's difference folds up to two thousand events for the things it tells of, "
    "but for a single thing that has more: all of its own since its last closing."
)

WRITERS = 16
SUMMARIES = [each for each in READ_MODELS if isinstance(each, Summary)]
AUDITOR = Actor("auditor", ActorRole.AUDITOR)
COMMANDS = 5
"""How often each command is given in one turn."""


@dataclass(slots=True)
class Office:
    """A ledger, and an auditor, who sees the whole system and no person. What is timed is what a
    question costs in a program that serves: finding, reading under the row policy, masking,
    folding, and the JSON; as its doors do, with Python looking for cycles seldom."""

    ledger: Ledger
    auditor: Auditor
    connection: psycopg.Connection[Any]
    head: int
    rare: list[Recorded[Any]]

    def sample(self, query: str) -> Any:
        """A value that is in the ledger."""
        row = self.connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]

    def timeline(self, asked: Asked, auditor: Auditor | None = None, **options: Any) -> None:
        found = (auditor or self.auditor).timeline(asked, **{"limit": 100, **options})
        _json([answers.told(each) for each in found.events])

    def causes(self, event: Recorded[Any]) -> None:
        found = self.auditor.causes(position=event.position, limit=200)
        assert found is not None
        _json(answers.causes(found))

    @unhurried_collector()
    def state(self, stream_id: UUID, moment: Moment) -> None:
        found = self.auditor.state(stream_id, moment)
        _json(None if found is None else answers.state(found, moment))

    def difference(self, stream_id: UUID, old: int, new: int) -> None:
        self.changed(stream_id, Moment(known_at=old), Moment(known_at=new))

    @unhurried_collector()
    def changed(self, stream_id: UUID, old: Moment, new: Moment) -> None:
        found = self.auditor.difference(stream_id, old, new, most=RESPONSIBLE)
        assert found is not None
        _json(answers.difference(found))

    @unhurried_collector()
    def facility(
        self, facility_id: UUID, old: int, new: int, told: Summary[Any] = facility_scorecard
    ) -> None:
        """A facility: its first twenty things that changed, and the figures of a summary."""
        found = self.auditor.compared(facility_id, [told], old=old, new=new, limit=20)
        _json(answers.compared(found, old, new))

    @unhurried_collector()
    def system(self, old: int, new: int, *, by_facility: bool = False) -> None:
        """The whole system: its scorecard, and what moved it in the first part of the events."""
        found = self.auditor.compared(
            None, [facility_scorecard], old=old, new=new, by_facility=by_facility, limit=20
        )
        _json(answers.compared(found, old, new))


def _json(content: Any) -> None:
    msgspec.json.encode(content, enc_hook=str)


def rare_events(ledger: Ledger) -> list[int]:
    """A chain: each follows from the one before, all belong to the first."""
    first = before = new_id()
    positions = []
    for number in range(RARE):
        command = first if number == 0 else new_id()
        by = Attribution(
            actor="a visitor",
            role="visitor",
            command_id=command,
            correlation_id=first,
            causation_id=None if number == 0 else before,
            digest=b"0" * 16,
        )
        key = NaturalKeyReserved(kind="visit", value=str(number), holder_id=first)
        positions += ledger.append([Pending(new_id(), 1, key, by)])
        before = command
    return positions


@contextmanager
def an_office(database: Database, events: int) -> Iterator[Office]:
    """So many events, a rare chain in their middle, and the summaries folded."""
    with ExitStack() as stack:
        ledger = stack.enter_context(Ledger(database.pool(Role.APP)))
        with Growing(database, upto=events) as growing:
            growing.grow(events // 2)
            positions = rare_events(ledger)
            growing.grow(events - events // 2)
        runner = stack.enter_context(
            Runner(lambda: database.connect(Role.PROJECTOR), ledger, SUMMARIES)
        )
        head = ledger.head()
        runner.run_until(head, timeout=1_200)
        connection = stack.enter_context(database.connect(Role.APP))
        yield Office(
            ledger, _auditor(database, ledger), connection, head, list(ledger.at(positions))
        )


def _auditor(database: Database, ledger: Ledger, *facilities: UUID) -> Auditor:
    scope = ActorScope(frozenset(facilities)) if facilities else WHOLE_SYSTEM
    seen = Seen(database.pool(Role.READER), scope, ledger.sealed)
    actor = Actor(AUDITOR.name, AUDITOR.role, scope)
    return Auditor(database.pool(Role.APP), ledger, seen, actor)


def questions(database: Database, office: Office) -> dict[str, Callable[[], None]]:
    """Everything that is asked, by what it is called."""
    half, head = office.head // 2, office.head
    (middle,) = office.ledger.read(half, 1)
    rare = office.rare[RARE // 2]
    facility = office.sample(
        "SELECT facility_id FROM ledger.events WHERE facility_id IS NOT NULL"
        " GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    )
    clerk = office.sample(
        "SELECT actor FROM ledger.events GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    )
    longest = office.sample("SELECT stream_id FROM ledger.events ORDER BY version DESC LIMIT 1")
    claim = office.sample(
        f"SELECT stream_id FROM ledger.events WHERE position > {half} AND fact = 'claim.paid'"
        " ORDER BY position LIMIT 1"
    )
    day = middle.effective_at.replace(hour=0, minute=0, second=0, microsecond=0)
    never = datetime(1990, 1, 1, tzinfo=UTC)
    asked = {
        "everything": Asked(),
        "a facility": Asked(facility_id=facility),
        "a stream": Asked(stream_id=claim),
        "the longest stream": Asked(stream_id=longest),
        "a frequent actor": Asked(actor=clerk),
        "a frequent actor at a facility": Asked(actor=clerk, facility_id=facility),
        "a rare actor": Asked(actor="a visitor"),
        "nobody": Asked(actor="nobody"),
        "a frequent role": Asked(role=middle.role),
        "a rare role": Asked(role="visitor"),
        "a command": Asked(command_id=rare.command_id),
        "a correlation": Asked(correlation_id=rare.correlation_id),
        "a cause": Asked(causation_ids=(rare.command_id,)),
        "a frequent fact": Asked(facts=("claim.paid",)),
        "facts by how they begin": Asked(facts=named("claim.")),
        "a rare fact": Asked(facts=("natural_key.reserved",), actor="a visitor"),
        "effective on a day": Asked(effective_from=day, effective_to=day + timedelta(days=1)),
        "effective long ago": Asked(effective_to=never),
        "recorded within a second": Asked(
            recorded_from=middle.recorded_at,
            recorded_to=middle.recorded_at + timedelta(seconds=1),
        ),
        "a range of positions": Asked(position_from=half, position_to=half + 500),
    }
    told: dict[str, Callable[[], None]] = {}
    for name, question in asked.items():
        told[f"timeline: {name}"] = lambda question=question: office.timeline(question)  # type: ignore[misc]
    told["timeline: a rare actor, newest first"] = lambda: office.timeline(
        Asked(actor="a visitor"), newest_first=True
    )
    told["timeline: a rare actor, in the scope of a facility"] = lambda: office.timeline(
        Asked(actor="a visitor"), _auditor(database, office.ledger, facility)
    )
    told["causes in a chain of twenty"] = lambda: office.causes(rare)
    told["state of a claim"] = lambda: office.state(claim, Moment(known_at=head))
    told["state of a claim, by both clocks"] = lambda: office.state(
        claim, Moment(known_at=half, effective_at=day)
    )
    told["state of the longest stream"] = lambda: office.state(longest, Moment(known_at=head))
    told["state of the longest stream, by both clocks"] = lambda: office.state(
        longest, Moment(known_at=head, effective_at=day)
    )
    told["difference of a claim"] = lambda: office.difference(claim, 0, head)
    told["difference of the longest stream"] = lambda: office.difference(longest, 0, head)
    told["difference of the longest stream over half the ledger"] = lambda: office.difference(
        longest, head // 4, head * 3 // 4
    )
    told["difference of the longest stream, by when it happened"] = lambda: office.changed(
        longest,
        Moment(known_at=head, effective_at=day - timedelta(days=90)),
        Moment(known_at=head, effective_at=day + timedelta(days=90)),
    )
    told["difference of a facility over half the ledger"] = lambda: office.facility(
        facility, head // 4, head * 3 // 4
    )
    told["difference of a facility, with its receivables"] = lambda: office.facility(
        facility, head // 4, head * 3 // 4, receivables
    )
    told["difference of the system over half the ledger"] = lambda: office.system(
        head // 4, head * 3 // 4
    )
    told["difference of each facility's scorecard"] = lambda: office.system(
        head // 4, head * 3 // 4, by_facility=True
    )
    return told


def commands(office: Office) -> dict[str, list[str]]:
    """What is told of whole commands, from the start of the process to its end."""
    longest = office.sample("SELECT stream_id FROM ledger.events ORDER BY version DESC LIMIT 1")
    half = str(office.head // 2)
    return {
        "timeline": ["timeline", "--actor", "a visitor"],
        "state of the longest stream": ["state", str(longest), "--as-of", half],
        "difference of the longest stream": ["diff", "--stream", str(longest), "--from", half],
    }


def given(command: list[str], database_url: str, home: str) -> Figures:
    """How long a command takes, with the start of Python and the connections it makes."""
    env = {**os.environ, "ALMONER_DATABASE_URL": database_url, "ALMONER_HOME": home}
    taken = []
    for _ in range(COMMANDS):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "web.cli", "audit", *command],
            env=env,
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        taken.append(time.perf_counter() - began)
    return latencies(taken)


def asked_again(ask: Callable[[], None]) -> Figures:
    """How long an answer takes."""
    taken = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - began)
    return latencies(taken)


def appending(database: Database, seconds: float) -> Callable[[], Figures]:
    """One event after the other, by sixteen writers."""
    ledger = Ledger(database.pool(Role.APP, WRITERS))

    def append() -> None:
        command = new_id()
        by = Attribution(
            actor="bench",
            role="service",
            command_id=command,
            correlation_id=command,
            digest=b"0" * 16,
        )
        key = NaturalKeyReserved(kind="bench", value="1", holder_id=command)
        ledger.append([Pending(command, 1, key, by)])

    return lambda: by_writers(append, WRITERS, seconds)


def main() -> None:
    """Measure, print, and keep the figures in benchmarks/results."""
    parser = arguments(__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    asked = parser.parse_args()
    with (
        a_server() as server,
        a_database(server) as database,
        a_database(server, "with_index") as indexed,
        a_database(server, "without_index") as bare,
    ):
        benchmark = Benchmark("audit", asked.rounds, version_of(database), {"events": asked.events})
        with superuser(server, bare.name) as operator:
            operator.execute("DROP INDEX ledger.events_dimensions")
        benchmark.case(
            f"one event, {WRITERS} writers, with the index and without",
            interleaved(
                {"ours": appending(indexed, asked.seconds), "bare": appending(bare, asked.seconds)},
                asked.rounds,
            ),
            Target("ours / bare", at_least=0.97),
        )
        with an_office(database, asked.events) as office:
            settle()
            for name, ask in questions(database, office).items():
                missed = SLOW if "facility" in name else WHY
                benchmark.case(
                    name,
                    interleaved({"ours": lambda ask=ask: asked_again(ask)}, asked.rounds),  # type: ignore[misc]
                    Target("ours", of="p95_ms", at_most=WAIT, if_missed=missed),
                )
            with tempfile.TemporaryDirectory() as home:
                give = partial(given, database_url=server.conninfo(database.name), home=home)
                nothing = interleaved({"ours": partial(give, ["--help"])}, asked.rounds)
                benchmark.case("the whole command: --help", nothing, Target("ours", of="p50_ms"))
                for name, command in commands(office).items():
                    turns = interleaved({"ours": partial(give, command)}, asked.rounds)
                    target = Target("ours", of="p50_ms")
                    benchmark.case(f"the whole command: {name}", turns, target)
        benchmark.finish()


if __name__ == "__main__":
    main()
