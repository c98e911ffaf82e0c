"""`almoner migrate`, `status`, `stop`: the database, for whoever operates it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import click

import migrations
from facilities import dispatch
from facilities.database import Database, DatabaseUnavailable, Role
from facilities.dispatch import DispatchStatus
from facilities.embedded import EmbeddedServer
from facilities.privacy.masters import MasterSettings
from facilities.seals.settings import SealSettings
from facilities.seals.status import SealStatus, seal_status
from projections.status import ModelStatus
from web.bootstrap import Almoner
from web.cli.exits import DATABASE_UNAVAILABLE, UNSUCCESSFUL
from web.cli.printing import answer, json_option, table


@click.command("migrate")
@json_option
def migrate(as_json: bool) -> None:
    """Start the database where it is ours, and apply the migrations that wait.

    Every command that works with the database does this; here it is done for its own sake.
    """
    with (
        Database.from_environment(os.environ) as database,
        database.connect(role=None, application_name="almoner-migrate") as login,
    ):
        applied = migrations.migrate(login)
        known = migrations.applied(login)
    lines = [f"Applied {each}." for each in applied] or ["Nothing waits to be migrated."]
    answer(as_json, {"applied": applied, "known": known}, lines)


@click.command("stop")
@json_option
def stop(as_json: bool) -> None:
    """Stop the embedded PostgreSQL server, ending everybody's session.

    Nothing that was acknowledged is lost; the next command starts it again.
    """
    if os.environ.get("ALMONER_DATABASE_URL"):
        raise click.ClickException(
            "ALMONER_DATABASE_URL names a server of yours, which is not ours to stop."
        )
    server = EmbeddedServer.from_environment(os.environ)
    was_running = server.is_running()
    server.stop()
    done = "Stopped" if was_running else "It was not running:"
    answer(
        as_json,
        {"was_running": was_running, "home": str(server.home)},
        [f"{done} the PostgreSQL of {server.home}."],
    )


@dataclass(slots=True)
class Status:
    """What is known about the program's state; what cannot be known stays as it is here."""

    kind: str
    where: str
    running: bool = False
    version: str | None = None
    problem: str | None = None
    applied: list[str] | None = None
    pending: list[str] | None = None
    position: int | None = None
    seals: SealStatus | None = None
    models: list[ModelStatus] | None = None
    processes: list[DispatchStatus] | None = None

    @property
    def ready(self) -> bool:
        """As /readyz says it: the database answers, nothing waits, no read model and no process
        is stalled."""
        return (
            self.running
            and self.problem is None
            and not self.pending
            and all(each.stalled_at is None for each in self.models or ())
            and all(each.stalled_at is None for each in self.processes or ())
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "ready": self.ready,
            "problem": self.problem,
            "database": {
                "kind": self.kind,
                "where": self.where,
                "running": self.running,
                "version": self.version,
            },
            "migrations": {"applied": self.applied, "pending": self.pending},
            "ledger": {"position": self.position},
            "seals": None if self.seals is None else self.seals.to_json(),
            "models": {
                each.name: {
                    "position": each.position,
                    "lag": each.lag,
                    "stalled_at": each.stalled_at,
                    "stalled_reason": each.stalled_reason,
                    "rebuilding": each.rebuilding,
                }
                for each in self.models or ()
            },
            "processes": {
                each.name: {
                    "position": each.position,
                    "stalled_at": each.stalled_at,
                    "stalled_reason": each.stalled_reason,
                }
                for each in self.processes or ()
            },
        }

    def lines(self) -> list[str]:
        running = f"PostgreSQL {self.version}" if self.running else "not running"
        lines = [
            f"{'ready' if self.ready else 'not ready'}",
            f"database    {running}, {self.kind}: {self.where}",
        ]
        if self.problem is not None:
            lines.append(f"problem     {self.problem}")
        if self.applied is not None:
            waiting = f"; waiting: {', '.join(self.pending)}" if self.pending else ""
            lines.append(f"migrations  {len(self.applied)} applied{waiting}")
        if self.position is not None:
            lines.append(f"ledger      at position {self.position}")
        if self.seals is not None:
            lines.append(f"sealing     {self.seals}")
        if self.models is not None:
            lines += ["", *model_table(self.models)]
        if self.processes:
            lines += ["", *_dispatch_table(self.processes)]
        return lines


@click.command("status")
@json_option
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """How the program is: the database, migrations, the ledger, how far each read model is.

    Starts and changes nothing. Exit code 0 where it is ready to serve, 1 where it is not, 3 where
    the database cannot be reached.
    """
    found = _look()
    answer(as_json, found.to_json(), found.lines())
    if not found.running:
        ctx.exit(DATABASE_UNAVAILABLE)
    if not found.ready:
        ctx.exit(UNSUCCESSFUL)


def model_table(models: list[ModelStatus]) -> list[str]:
    """How far each read model is, and which session of PostgreSQL's folds it."""
    return table(
        ("read model", "position", "lag", "seconds", "session", "state"),
        [
            (
                *(each.name, each.position, each.lag, f"{each.lag_seconds:.1f}"),
                *("none" if each.folded_by is None else each.folded_by, _state(each)),
            )
            for each in models
        ],
    )


def _dispatch_table(processes: list[DispatchStatus]) -> list[str]:
    """The last event that each process did something about."""
    return table(
        ("process", "position", "state"),
        [
            (
                *(each.name, each.position),
                "live" if each.stalled_at is None else f"stalled: {each.stalled_reason}",
            )
            for each in processes
        ],
    )


def _state(model: ModelStatus) -> str:
    if model.stalled_at is not None:
        return f"stalled: {model.stalled_reason}"
    return "live" if model.rebuilding is None else f"rebuilding, at position {model.rebuilding}"


def _look() -> Status:
    if os.environ.get("ALMONER_DATABASE_URL"):
        database = Database.from_environment(os.environ)
        found = Status("external", repr(database))
    else:
        server = EmbeddedServer.from_environment(os.environ)
        found = Status("embedded", str(server.home))
        if not server.is_running():
            found.problem = "It is not running; any other command starts it."
            return found
        database = Database.embedded(server)
    try:
        with database.connect(role=None, application_name="almoner-status") as login:
            found.running = True
            found.version = login.info.parameter_status("server_version")
            found.applied = migrations.applied(login)
            found.pending = migrations.pending(login)
    except DatabaseUnavailable as error:
        found.problem = str(error)
        return found
    except migrations.MigrationRefused as error:
        found.problem = str(error)
        return found
    if found.pending:
        found.problem = "Migrations wait to be applied; any other command applies them."
        return found
    masters = MasterSettings.from_environment(os.environ, database.home)
    with Almoner.on(database, masters=masters) as almoner, almoner.runner() as runner:
        found.position = almoner.ledger.head()
        found.models = runner.status()
        with almoner.database.pool(Role.APP).connection() as connection:
            settings = SealSettings.from_environment(os.environ)
            found.seals = seal_status(connection, settings, found.position)
            found.processes = dispatch.statuses(connection, almoner.processes())
    return found
