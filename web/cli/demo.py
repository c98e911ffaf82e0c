"""`almoner demo`: everything at once, for whoever looks at it for the first time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import click

from facilities.database import Role as DatabaseRole
from facilities.scope import Actor, Role
from facilities.simulation import simulate
from projections import queries
from projections.organization import facility_directory
from projections.revenue import claim_list
from web.app import PREFIX
from web.bootstrap import Almoner
from web.cli import logs
from web.cli.following import catch_up
from web.cli.printing import say
from web.cli.progress import Progress
from web.cli.serve import Place, run, serving_options

DEMO = Actor("demo", Role.SERVICE)
FACILITIES, DAYS, SEED = 6, 45, 1
GOOD_FOR = timedelta(days=7)


@click.command("demo")
@serving_options(log_level="warning")
def demo(host: str, port: int, **how: Any) -> None:
    """Serve a small simulated health system, with a token and requests to try.

    The system is simulated once, where the ledger is empty; a ledger that has something in it is
    served as it is. The token is a system administrator's and good for seven days.
    """
    logs.configure(how["log_level"])
    place = Place.free(host, port)
    with Almoner.from_environment() as almoner, Progress() as progress:
        if (last_day := last_day_to_simulate(almoner)) is not None:
            click.echo(
                f"Simulating {FACILITIES} facilities for {DAYS} days; this happens once.", err=True
            )
            simulate(
                almoner.service,
                facilities=FACILITIES,
                days=DAYS,
                seed=SEED,
                until=last_day,
                actor=DEMO,
                progress=progress,
            )
        catch_up(almoner, progress)
        _, token = almoner.tokens.create(
            DEMO.name, Role.SYSTEM_ADMINISTRATOR, None, datetime.now(UTC) + GOOD_FOR
        )
        lines = _invitation(almoner, place.url, token)
    run(place, lambda: say(lines), **how)


def last_day_to_simulate(almoner: Almoner) -> date | None:
    """The last day to simulate; None where there is something in the ledger already.

    What a demo began and did not finish goes on: its first event says when it was begun, and a
    token of its own that it was finished.
    """
    first = almoner.ledger.read(0, 1)
    if not first:
        return datetime.now(UTC).date()
    (begun,) = first
    finished = any(each.actor == DEMO.name for each in almoner.tokens.all())
    if begun.actor == DEMO.name and not finished:
        return begun.recorded_at.astimezone(UTC).date()
    return None


def _invitation(almoner: Almoner, url: str, token: str) -> list[str]:
    """What to try: figures of the system, the work of one facility, the life of one claim."""
    earlier = almoner.ledger.head() // 4 * 3
    paths = ["/system/scorecard"]
    with almoner.database.pool(DatabaseRole.APP).connection() as connection:
        claims = queries.page(
            connection, claim_list, scope=None, filters={"status": "closed"}, limit=1
        )
        places = queries.page(connection, facility_directory, scope=None, limit=1)
    if claims.rows:
        (claim,) = queries.render(claim_list, claims.rows)
        paths += [
            f"/facilities/{claim['facility_id']}/receivables?as_of={earlier}",
            f"/streams/{claim['claim_id']}/events",
        ]
    elif places.rows:
        (place,) = queries.render(facility_directory, places.rows)
        paths += [
            f"/facilities/{place['facility_id']}",
            f"/facilities/{place['facility_id']}/events?limit=3",
        ]
    else:
        paths += ["/system/facilities", "/payers"]
    return [
        f"Almoner is at  {url}",
        f"The API        {url}{PREFIX}/docs/",
        f"Your token     {token}",
        "",
        "Try:",
        *(f"  curl -s -H 'Authorization: Bearer {token}' '{url}{PREFIX}{each}'" for each in paths),
        "",
        "Ctrl-C ends it; the data stays.",
    ]
