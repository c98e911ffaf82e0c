"""The one place that builds the object graph, from the environment or from what a test hands in.

Settings: ALMONER_DATABASE_URL (a PostgreSQL server of yours; otherwise the embedded one is used),
ALMONER_HOME (where the embedded one keeps its files), those of the master key and of the seals.
Nothing else in the program reads the environment for itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import flask

import migrations
from domain.privacy.retention import SHORTEST_RETENTION
from facilities.access.issuer import Issuer, IssuerSettings
from facilities.access.passwords import Passwords
from facilities.calendar import Calendar, Chore
from facilities.codes_in_force import CodesInForce
from facilities.database import Database, DatabaseUnavailable, Role
from facilities.dispatch import Dispatcher
from facilities.embedded import default_home
from facilities.exchange.audit_bundle import Exporter
from facilities.ledger import Ledger
from facilities.privacy.accounting import ReadLogSealer
from facilities.privacy.erasing import Eraser
from facilities.privacy.keeping import Keeper, retention_years
from facilities.privacy.keyring import Keyring
from facilities.privacy.masters import MasterKeyRefused, MasterSettings
from facilities.privacy.reads import ReadLog
from facilities.procedures import (
    assignments_end,
    credentials_run_out,
    expiry_sweep,
    grants_expire,
    installments_missed,
    shifts_missed,
    stock_years_close,
)
from facilities.process import Process
from facilities.processes.denials import denials
from facilities.processes.departure import departures
from facilities.processes.gate_again import gate_again
from facilities.processes.recall import recalls
from facilities.processes.replenishment import replenishment
from facilities.processes.roster_days import roster_days
from facilities.processes.schedules import schedules
from facilities.processes.transfer import transfers
from facilities.proposing import Proposer
from facilities.recalls_in_force import RecallsInForce
from facilities.seals.sealing import Sealer
from facilities.seals.settings import SealSettings
from facilities.service import Service
from facilities.solving import solve
from facilities.states import States
from projections import READ_MODELS
from projections.crew import Crew
from projections.leadership import Connect
from projections.purging import purge
from projections.runner import Runner
from web.app import create_app
from web.auth import Tokens
from web.bearers import Bearers, Standings
from web.doors import Doors
from web.due import Due
from web.progress import Progress
from web.store_rooms import StoreRooms

GRANTS_EVERY = 60.0
"""How often, in seconds, it is put on record which grants' time is over."""

ERASURES_EVERY = 20.0
"""How often, in seconds, it is looked whether an erasure is begun and has to be carried out."""

ATTEMPTS_EVERY = 3600.0
"""How often, in seconds, attempts to come in that are not counted any more are forgotten."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Almoner:
    """The whole program on one database. Close it, or use it as a context manager."""

    database: Database
    ledger: Ledger
    service: Service
    tokens: Tokens
    standings: Standings
    passwords: Passwords
    issuer: Issuer | None
    progress: Progress
    seals: SealSettings
    masters: MasterSettings | None
    keyring: Keyring | None
    retention_years: int
    reads: ReadLog | None

    @classmethod
    def on(
        cls,
        database: Database,
        now: Callable[[], datetime] = _now,
        seals: SealSettings = SealSettings(),  # noqa: B008 - it is frozen
        masters: MasterSettings | None = None,
        retention: int = SHORTEST_RETENTION,
        journals: Path | None = None,
        issuer: IssuerSettings | None = None,
    ) -> Self:
        """The program on a database that is open and migrated. Without `masters` personal data is
        stored as it is, and without a folder for `journals` reads of it are not put on record:
        both are for trials only."""
        pool = database.pool(Role.APP)
        keyring = None if masters is None else Keyring(pool, masters.masters)
        ledger = Ledger(
            pool,
            lambda: database.connect(Role.APP, application_name="almoner-waker"),
            keyring=keyring,
        )
        service = Service(ledger, now)
        if keyring is not None:
            keyring.when_erased(service.forget)
        progress = Progress(lambda: database.connect(Role.APP, application_name="almoner-progress"))
        return cls(
            database=database,
            ledger=ledger,
            service=service,
            tokens=Tokens(pool),
            standings=Standings(States(ledger), Due(pool, ledger, progress).grants_of),
            passwords=Passwords(pool),
            issuer=None if issuer is None else Issuer(issuer),
            progress=progress,
            seals=seals,
            masters=masters,
            keyring=keyring,
            retention_years=retention,
            reads=None
            if keyring is None or journals is None
            else ReadLog(pool, keyring, journals, now),
        )

    @classmethod
    def from_environment(cls, env: Mapping[str, str] = os.environ, *, migrate: bool = True) -> Self:
        """The program on the database the environment names, started and migrated where needed.

        Raises facilities.database.DatabaseUnavailable, SettingRefused, MasterKeyRefused,
        RetentionRefused and what `migrations.migrate` raises.
        """
        seals, issuer = SealSettings.from_environment(env), IssuerSettings.from_environment(env)
        retention = retention_years(env)
        named = env.get("ALMONER_READS_DIR")
        database = Database.from_environment(env)
        masters = MasterSettings.from_environment(env, database.home)
        database.open()
        if migrate:
            with database.connect(role=None, application_name="almoner-migrate") as login:
                migrations.migrate(login)
        return cls.on(
            database,
            seals=seals,
            masters=masters,
            retention=retention,
            journals=Path(named) if named else default_home(env) / "reads",
            issuer=issuer,
        )

    def runner(self, crew: Crew | None = None) -> Runner:
        """The runner of all read models. It reads the ledger in the projector's role."""
        return Runner(
            lambda: self.database.connect(Role.PROJECTOR, application_name="almoner-runner"),
            _read_by_projector(self.database, self.masters),
            READ_MODELS,
            crew=crew,
        )

    def crew(self, processes: int) -> Crew:
        """So many processes that fold read models together."""
        return Crew(processes, partial(_projecting, self.database, self.masters))

    def calendar(self) -> Calendar:
        """What is done when a day begins at a facility. The read models tell what is due."""
        due = self._due()
        return Calendar(
            self.service,
            lambda: self.database.connect(Role.APP, application_name="almoner-calendar"),
            due.facilities,
            [
                assignments_end(due.assignments),
                credentials_run_out(due.credentials),
                shifts_missed(due.awaited, due.attendance_kept, due.midnights),
                expiry_sweep(due.expired),
                installments_missed(due.installments),
                stock_years_close(due.open_books),
            ],
            self._chores(due),
        )

    def _due(self) -> Due:
        return Due(self.database.pool(Role.APP), self.ledger, self.progress)

    def processes(self) -> list[Process]:
        """What facts set going by themselves. The read models tell what else there is."""
        due = self._due()
        reader = partial(_read_by_projector, self.database, self.masters)
        return [
            transfers,
            denials,
            recalls(due.lots, RecallsInForce(reader).of),
            schedules(due.kept, CodesInForce(reader).told),
            departures(due.positions_held),
            roster_days,
            gate_again(due.shifts_ahead, due.shifts_under),
            replenishment(StoreRooms(self.database.pool(Role.APP), self.ledger, self.progress)),
        ]

    def proposer(self) -> Proposer:
        """Who proposes rosters. The read models tell who there is to choose among."""
        return Proposer(self.service, solve, self._due().staff_to_roster)

    def dispatcher(self) -> Dispatcher:
        """Who gives the commands of the processes. It reads the ledger in the projector's role."""
        return Dispatcher(
            self.service,
            _read_by_projector(self.database, self.masters),
            lambda: self.database.connect(Role.APP, application_name="almoner-dispatcher"),
            self.processes(),
        )

    def keys_to_rewrap(self) -> Keyring:
        """The keys of persons, in the hands of their owner. Raises MasterKeyRefused."""
        masters = MasterSettings() if self.masters is None else self.masters
        return Keyring(self.database.pool(Role.OWNER), masters.masters)

    def read_log(self) -> ReadLogSealer:
        """Who vouches for the log of reads."""
        return ReadLogSealer(self.database.pool(Role.APP), self.ledger, self.service)

    def eraser(self) -> Eraser:
        """Who makes unreadable what is personal of somebody. Raises MasterKeyRefused."""
        if self.keyring is None:
            raise MasterKeyRefused("nothing is sealed here, so nothing can be erased")
        projector = partial(
            self.database.connect, Role.PROJECTOR, application_name="almoner-erasure"
        )
        keeper = self._keeper()
        assert keeper is not None
        return Eraser(
            self.ledger,
            self.service,
            self.keyring,
            keeper,
            self.database.pool(Role.OWNER),
            partial(purge, projector, READ_MODELS),
        )

    def _keeper(self) -> Keeper | None:
        if self.keyring is None:
            return None
        pool = self.database.pool(Role.APP)
        return Keeper(self.ledger, self.service, self.keyring, pool, self.retention_years)

    def _chores(self, due: Due) -> list[Chore]:
        chores = [
            Chore("grants", GRANTS_EVERY, grants_expire(self.service, due.grants_over)),
            Chore("attempts", ATTEMPTS_EVERY, self.passwords.forget_attempts),
        ]
        if self.keyring is not None:
            chores.append(Chore("erasures", ERASURES_EVERY, partial(self._erase, due)))
        if self.seals.sealing:
            chores.append(Chore("sealing reads", self.seals.every, self.read_log().seal))
            chores.append(Chore("sealing", self.seals.every, self.sealer().seal_all))
        return chores

    def _erase(self, due: Due) -> None:
        """Carry out the erasures that are begun."""
        for erasure_id in due.erasures_begun():
            self.eraser().erase(erasure_id)

    def sealer(self) -> Sealer:
        """Who seals the ledger, with the key of the settings. Raises KeyRefused."""
        pool = self.database.pool(Role.APP)
        return Sealer(
            pool.connection, self.ledger.recorder.settled, self.seals.key(), self.seals.folder
        )

    def exporter(self) -> Exporter:
        """Who takes events out of the ledger, and puts that on record. Raises KeyRefused."""
        return Exporter(self.database.pool(Role.APP).connection, self.sealer(), self.service)

    def doors(self) -> Doors:
        """What the web application's views have at hand."""
        return Doors(
            pool=self.database.pool(Role.APP),
            readers=self.database.pool(Role.READER),
            ledger=self.ledger,
            service=self.service,
            tokens=self.tokens,
            bearers=Bearers(self.tokens, self.standings, self.issuer),
            standings=self.standings,
            passwords=self.passwords,
            progress=self.progress,
            models=READ_MODELS,
            processes=self.processes(),
            proposer=self.proposer(),
            seals=self.seals,
            read_log=self.reads,
            keeper=self._keeper(),
            keyring=self.keyring,
            pending_migrations=self._pending_migrations,
            reachable=self._reachable,
        )

    def close(self) -> None:
        """Deliver what is due and give every connection back."""
        if self.reads is not None:
            self.reads.close()
        self.progress.close()
        self.ledger.close()
        self.database.close()

    def _pending_migrations(self) -> list[str]:
        with self.database.connect(role=None, application_name="almoner-readyz") as login:
            return list(migrations.pending(login))

    def _reachable(self) -> bool:
        """Whether the database takes a connection: tells "away" from "too much at once"."""
        try:
            self.database.connect(Role.APP, application_name="almoner-reachable").close()
        except DatabaseUnavailable:
            return False
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _read_by_projector(database: Database, masters: MasterSettings | None) -> Ledger:
    pool = database.pool(Role.PROJECTOR)
    return Ledger(pool, keyring=None if masters is None else Keyring(pool, masters.masters))


@contextmanager
def _projecting(
    database: Database, masters: MasterSettings | None
) -> Iterator[tuple[Connect, Ledger]]:
    """What a process of a crew works with, in the projector's role."""
    with database:
        yield (
            partial(database.connect, Role.PROJECTOR, application_name="almoner-rebuild"),
            _read_by_projector(database, masters),
        )


def wsgi() -> flask.Flask:
    """What the web server calls in each of its workers. The parent has migrated already."""
    return create_app(Almoner.from_environment(migrate=False).doors())
