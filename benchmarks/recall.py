"""The trace of a recalled lot over HTTP: where it is, and every movement of it, at any facility.

    python -m benchmarks.recall --movements 5000000 --facilities 500 --seconds 5

The facilities are opened by facts and folded. Items, lots and movements are written straight into
the tables of `stock_lots` and `stock_movements`, as the folds would leave them, each table filled
first and indexed afterwards: what is measured is asking, not recording. One client asks for one lot
after the other, each of which lies at every facility.
"""

from __future__ import annotations

from collections.abc import Mapping
from http.client import HTTPConnection
from random import Random
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from psycopg import sql

from benchmarks.denials import BATCH, percentiles
from benchmarks.http import served
from benchmarks.measuring import Benchmark, Target, Turns, arguments
from benchmarks.servers import a_database, a_server, superuser, version_of
from domain.kernel import foreign_id
from domain.organization.events import FacilityKind
from domain.organization.facility import OpenFacility
from facilities.database import Role as DatabaseRole
from facilities.embedded import EmbeddedServer
from facilities.scope import Actor, Role
from facilities.service import Context
from projections.kernel import ReadModel
from projections.organization import facility_directory
from projections.runner import Runner
from projections.supply import stock_lots, stock_movements
from projections.tables import Tables
from web.bootstrap import Almoner

ITEMS, LOTS = 200, 10
"""So many items are kept by every facility, with so many lots of each."""

LOT: Mapping[str, str] = {
    "facility_id": "pg_temp.facility_of(place %% {facilities})",
    "stock_item_id": "md5(place::text)::uuid",
    "item_system": "'GTIN'",
    "item_code": "lpad((place / {facilities} %% {items})::text, 14, '0')",
    "lot": "'LOT-' || lot",
    "expires_on": "date '2028-01-01' + lot::int",
}
"""What identifies a lot: of a `place`, which is an item at a facility, the so-many-th `lot`."""

OF_A_LOT = LOT | {
    "on_hand": "100",
    "reserved": "0",
    "quarantined": "0",
    "available": "100",
    "card": "NULL",
    "first_movement_on": "date '2026-01-01'",
    "last_movement_on": "date '2026-06-30'",
}

OF_A_MOVEMENT = LOT | {
    "entry": "lot * {movements} + movement + 2",
    "kind": "CASE movement WHEN 0 THEN 'received' ELSE 'issued' END",
    "change": "CASE movement WHEN 0 THEN 100 + {movements} - 1 ELSE -1 END",
    "on_hand_after": "1000 - movement",
    "lot_on_hand_after": "100 + {movements} - 1 - movement",
    "occurred_on": "date '2026-01-01' + (movement * 13 + place %% 13)::int",
    "issued_to": "CASE movement WHEN 0 THEN NULL ELSE 'patient' END",
    "patient_id": "CASE movement WHEN 0 THEN NULL ELSE md5((place + movement)::text)::uuid END",
    "position": "(place * {lots} + lot) * {movements} + movement",
}


def opened(almoner: Almoner, facilities: int) -> list[UUID]:
    """So many facilities, by commands."""
    ids = [foreign_id("recall", number) for number in range(facilities)]
    context = {"actor": Actor("bench", Role.SYSTEM_ADMINISTRATOR), "source": "benchmark"}
    commands = [
        OpenFacility(
            facility_id=each,
            legal_name=f"Facility {number:03}",
            kind=FacilityKind.CLINIC,
            zone="UTC",
            opened_on=almoner.service.now().date(),
        )
        for number, each in enumerate(ids)
    ]
    for begin in range(0, len(commands), BATCH):
        almoner.service.execute_all(
            [(each, Context(**context)) for each in commands[begin : begin + BATCH]]
        )
    return ids


def filled(
    server: EmbeddedServer,
    model: ReadModel[Any],
    values: Mapping[str, str],
    sizes: Mapping[str, int],
    facilities: list[UUID],
) -> None:
    """Write a model's current rows by one statement, and index them afterwards."""
    tables = Tables(model)
    names = [each.name for each in model.columns]
    written = [sql.SQL(values.get(each, "NULL").format(**sizes)) for each in names]
    with superuser(server) as operator, operator.transaction():
        operator.execute("SET LOCAL ROLE almoner_projector")
        tables.lay_out(operator)
        operator.execute("SET LOCAL maintenance_work_mem = '256MB'")
        operator.execute(
            "CREATE FUNCTION pg_temp.facility_of(bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS "
            f"$$ SELECT (ARRAY{[str(each) for each in facilities]}::uuid[])[$1 + 1] $$".encode()
        )
        operator.execute(
            sql.SQL(
                "INSERT INTO {} SELECT {}, 1 FROM generate_series(0, %s) AS place, "
                "generate_series(0, %s) AS lot, generate_series(0, %s) AS movement"
            ).format(tables.current, sql.SQL(", ").join(written)),
            [
                sizes["facilities"] * sizes["items"] - 1,
                sizes["lots"] - 1,
                sizes["movements"] - 1 if "entry" in names else 0,
            ],
        )
        tables.index(operator)
    with superuser(server) as operator:
        operator.execute(sql.SQL("VACUUM (ANALYZE) {}").format(tables.current))


def rows(url: str, token: str, path: str) -> list[Any]:
    connection = HTTPConnection(urlsplit(url).netloc)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    return list(msgspec.json.decode(connection.getresponse().read())["items"])


def run(movements: int, facilities: int, rounds: int, seconds: float) -> None:
    """Fill the tables, serve them, ask."""
    sizes = {
        "facilities": facilities,
        "items": ITEMS,
        "lots": LOTS,
        "movements": max(1, movements // (facilities * ITEMS * LOTS)),
    }
    with a_server() as server, a_database(server) as database:
        almoner = Almoner.on(database)
        ids = opened(almoner, facilities)
        runner = Runner(
            lambda: database.connect(DatabaseRole.PROJECTOR, application_name="almoner-runner"),
            almoner.ledger,
            (facility_directory, stock_lots, stock_movements),
        )
        with runner:
            runner.run_until(almoner.ledger.head(), timeout=3600)
        filled(server, stock_lots, OF_A_LOT, sizes, ids)
        filled(server, stock_movements, OF_A_MOVEMENT, sizes, ids)
        _, token = almoner.tokens.create("bench", Role.SYSTEM_ADMINISTRATOR, None)
        benchmark = Benchmark(
            "recall",
            rounds=rounds,
            postgresql=version_of(database),
            asked={"movements": movements, "facilities": facilities, "seconds": seconds},
        )
        dice = Random(7)
        asked = [(dice.randrange(ITEMS), dice.randrange(LOTS)) for _ in range(500)]
        of = [f"item_system=GTIN&item_code={item:014}&lot=LOT-{lot}" for item, lot in asked]
        with served("ours", server.conninfo("almoner")) as url:
            for name, path, many, why in (
                (
                    "where a recalled lot is, at all facilities",
                    "/api/v1/system/stock-lots?limit=1000&",
                    1,
                    "A row for each facility is read through the index of the item and the lot, "
                    "and written as JSON by PostgreSQL.",
                ),
                (
                    "every movement of a recalled lot, the first thousand",
                    "/api/v1/system/stock-movements?limit=1000&",
                    sizes["movements"],
                    "They are read in the order of the days through the index of the lot and the "
                    "item; most of the time is writing a thousand rows as JSON.",
                ),
            ):
                paths = [path + each for each in of]
                assert len(rows(url, token, paths[0])) == min(1000, many * facilities)
                percentiles(url, token, paths, 1)
                figures = [percentiles(url, token, paths, seconds) for _ in range(rounds)]
                benchmark.case(
                    name,
                    Turns({"ours": figures}),
                    Target("ours", of="p95_ms", at_most=50, if_missed=why),
                    Target("ours", of="p50_ms"),
                )
        almoner.close()
        benchmark.finish()


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--movements", type=int, default=5_000_000, help="how many there are")
    parser.add_argument("--facilities", type=int, default=500)
    asked = parser.parse_args()
    run(asked.movements, asked.facilities, asked.rounds, asked.seconds)


if __name__ == "__main__":
    main()
