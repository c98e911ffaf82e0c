"""A question within a facility against the same one of the whole system, asked as the routes ask
it; against the same one of the same facility by who sees all; and events read under the row policy
against those read without: a scope must never make anything slower.

    python -m benchmarks.isolation --events 1000000
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from benchmarks.ledgers import a_ledger
from benchmarks.measuring import Benchmark, Figures, Target, arguments, interleaved, timed
from benchmarks.servers import a_database, a_server, version_of
from facilities.database import Database, Role
from facilities.ledger import Ledger
from facilities.readings import Readings
from facilities.scope import WHOLE_SYSTEM, Scope
from facilities.sight import Seen
from projections import queries
from projections.audit.timeline import Asked, page
from projections.kernel import ReadModel
from projections.revenue import claim_list
from projections.runner import Runner
from projections.scorecards import facility_scorecard
from projections.sight import entrance

LOOKS = 60
"""How often each is asked in one turn."""

MODELS: list[ReadModel[Any]] = [claim_list, facility_scorecard]

NOISE = 1.05
"""What two medians of the same thing may differ by."""

SCATTERED = (
    "It is other rows. A facility's newest hundred claims reach forty times further back: most "
    "are submitted, half are closed, with days and amounts to write where the system's newest are "
    "drafts. A hundred events of a facility lie on almost as many pages, the system's on a dozen; "
    "and a frequent fact is a hundred among some seven hundred events either way, which of a "
    "facility of forty are on so many pages more. The scope costs nothing: who sees all and asks "
    "for that facility waits as long."
)


class Desk:
    """Someone who asks, within a scope."""

    def __init__(self, database: Database, ledger: Ledger, scope: Scope) -> None:
        self.scope, self.ledger, self.head = scope, ledger, ledger.head()
        self.app, self.readers = database.pool(Role.APP), database.pool(Role.READER)

    @property
    def facilities(self) -> list[UUID] | None:
        return None if self.scope.facility_ids is None else sorted(self.scope.facility_ids)

    def list_page(self, as_of: int | None = None, of: UUID | None = None) -> None:
        with self.app.connection() as connection:
            queries.shown(
                connection,
                claim_list,
                admission=entrance(self.facilities),
                scope=self.facilities,
                filters={} if of is None else {"facility_id": of},
                cursor=None,
                limit=100,
                as_of=as_of,
                ledger=self.ledger,
            )

    def summary(self, as_of: int | None = None, of: UUID | None = None) -> None:
        with self.app.connection() as connection:
            queries.total(
                connection,
                facility_scorecard,
                scope=self.facilities,
                filters={} if of is None else {"facility_id": of},
                as_of=as_of,
                ledger=Seen(self.readers, self.scope),
            )

    def timeline(self, asked: Asked) -> None:
        """From the middle on: a ledger begins with facts of the system that no facility has."""
        seen = Seen(self.readers, self.scope)
        with self.app.connection() as connection:
            page(
                connection,
                seen,
                asked,
                scope=self.scope.facility_ids,
                upto=self.head,
                beyond=self.head // 2,
            )

    def asks(self, question: Question, of: UUID | None = None) -> Callable[[], Figures]:
        return partial(timed, partial(question, self, of), LOOKS)


Question = Callable[[Desk, UUID | None], None]
"""Asked at a desk, of one facility or of whatever that desk sees."""

QUESTIONS: dict[str, Question] = {
    "a list": lambda desk, of: desk.list_page(of=of),
    "a list of the past": lambda desk, of: desk.list_page(desk.head // 2, of),
    "a summary": lambda desk, of: desk.summary(of=of),
    "a summary of the past": lambda desk, of: desk.summary(desk.head // 2, of),
    "a timeline": lambda desk, of: desk.timeline(Asked(facility_id=of)),
    "a frequent fact": lambda desk, of: desk.timeline(Asked(facility_id=of, facts=("claim.paid",))),
    "nobody's events": lambda desk, of: desk.timeline(Asked(facility_id=of, actor="nobody")),
}


def run(events: int, rounds: int) -> None:
    """Fill a ledger, fold it, and let the two take turns."""
    with (
        a_server() as server,
        a_database(server) as database,
        Ledger(database.pool(Role.APP)) as ledger,
    ):
        a_ledger(database, events)
        with Runner(lambda: database.connect(Role.PROJECTOR), ledger, MODELS) as runner:
            runner.run_until(ledger.head(), timeout=3600)
        with database.connect(Role.APP) as connection:
            row = connection.execute(
                "SELECT facility_id FROM ledger.events WHERE facility_id IS NOT NULL"
                " GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
            ).fetchone()
        assert row is not None
        everyone = Desk(database, ledger, WHOLE_SYSTEM)
        manager = Desk(database, ledger, Scope(frozenset({row[0]})))
        benchmark = Benchmark("isolation", rounds, version_of(database), {"events": events})
        for name, question in QUESTIONS.items():
            benchmark.case(
                f"{name}, of a facility and of the system",
                interleaved(
                    {"scoped": manager.asks(question), "all": everyone.asks(question)}, rounds
                ),
                Target("scoped / all", of="p50_ms", at_most=NOISE, if_missed=SCATTERED),
            )
        for name, question in QUESTIONS.items():
            benchmark.case(
                f"{name}, of a facility, by who sees it alone and by who sees all",
                interleaved(
                    {
                        "scoped": manager.asks(question),
                        "all": everyone.asks(question, of=row[0]),
                    },
                    rounds,
                ),
                Target("scoped / all", of="p50_ms", at_most=NOISE),
            )
        for name, read in _readings(ledger, row[0]).items():
            sighted = Seen(database.pool(Role.READER), manager.scope)
            benchmark.case(
                f"{name}, under the policy and without",
                interleaved(
                    {
                        "policy": partial(timed, partial(read, sighted), LOOKS),
                        "none": partial(timed, partial(read, ledger), LOOKS),
                    },
                    rounds,
                ),
                Target("policy / none", of="p50_ms"),
            )
        benchmark.finish()


def _readings(ledger: Ledger, facility_id: UUID) -> dict[str, Callable[[Readings], object]]:
    positions = ledger.positions_of(facility_id, after=ledger.head() // 2, limit=100)
    return {
        "a hundred events by position": lambda readings: readings.at(positions),
        "a facility's stream": lambda readings: readings.stream(facility_id),
    }


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--events", type=int, default=None, help="how long the ledger is")
    asked = parser.parse_args()
    run(asked.events or (1_000_000 if asked.full else 100_000), asked.rounds)


if __name__ == "__main__":
    main()
