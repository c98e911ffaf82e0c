"""The records room: where the database is, and the doors into it.

Everybody comes in by one login and acts in one of four roles, which none of them can leave by
accident: the owner changes the structure, the app appends and reads, the reader shows people what
they may see, the projector keeps what they look at. The role and its time limits come with the
connection (libpq `options`), because settings attached to a role by ALTER ROLE count at login only
and not for SET ROLE.

Use a direct connection or a pooler in session mode: advisory locks and `options` need one.
"""

import select
import threading
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool

from facilities.embedded import EmbeddedServer
from facilities.embedded_binaries import OLDEST_MAJOR, DatabaseUnavailable

__all__ = ["Database", "DatabaseUnavailable", "Role"]

DATABASE_NAME = "almoner"
MAINTENANCE_DATABASE = "postgres"

_NETWORK_DEFAULTS = {
    # A server that vanished without a word is noticed in half a minute, not in two hours.
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


class Role(StrEnum):
    """What a connection may do: the role it takes when it opens."""

    OWNER = "almoner_owner"
    """Owns the ledger and the keys; runs migrations. Nothing that serves requests."""
    APP = "almoner_app"
    """What serves requests: appends events, reads, and cannot change what is written."""
    READER = "almoner_reader"
    """Reads events for a person: those a row policy lets be seen (`facilities.sight`)."""
    PROJECTOR = "almoner_projector"
    """Owns the read models and folds events into them."""


_SERVING = {
    "idle_in_transaction_session_timeout": "10s",
    "transaction_timeout": "60s",
    "lock_timeout": "5s",
}

_LIMITS: dict[Role, dict[str, str]] = {
    # An open append holds back every follower of the ledger: it must end, whatever its client does.
    Role.APP: _SERVING,
    Role.READER: _SERVING,
    # A rebuild is one long transaction, and its work between two statements is folding.
    Role.PROJECTOR: {"idle_in_transaction_session_timeout": "10min"},
    Role.OWNER: {"idle_in_transaction_session_timeout": "10min"},
}
_SINCE = {"transaction_timeout": 17}

PATIENCE: dict[Role, float] = {
    # A burst is through in less; who waits longer hears that the database is away.
    Role.APP: 3.0,
    Role.READER: 3.0,
    Role.PROJECTOR: 10.0,
    Role.OWNER: 10.0,
}
"""How long, in seconds, a borrower waits for a connection of a role's pool."""


class Database:
    """One database, and a pool of connections per role.

    `open()` before use, or as a context manager; in a server that forks, open after the fork: a
    connection must not be shared by two processes. Safe to share between threads. The password of
    the connection string never appears in a text that this class makes.
    """

    def __init__(
        self, conninfo: str, *, pool_size: int = 16, server: EmbeddedServer | None = None
    ) -> None:
        try:
            given = conninfo_to_dict(conninfo)
        except psycopg.Error:
            # The parser's complaint quotes the text, and with it the password.
            raise DatabaseUnavailable(
                "ALMONER_DATABASE_URL is not a PostgreSQL connection string "
                "(postgresql://user@host:5432/almoner)."
            ) from None
        self._parameters = {
            name: str(value)
            for name, value in {**_NETWORK_DEFAULTS, **given}.items()
            if value is not None
        }
        self._parameters.setdefault("dbname", DATABASE_NAME)
        if "," in self._parameters.get("host", ""):
            # Of several hosts, the one that takes writes: after a failover that is another one.
            self._parameters.setdefault("target_session_attrs", "read-write")
        self._server = server
        self._pool_size = pool_size
        self._pools: dict[Role, ConnectionPool[psycopg.Connection]] = {}
        self._pools_lock = threading.Lock()
        self._major: int | None = None

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Self:
        """The server named by ALMONER_DATABASE_URL, else the embedded one (ALMONER_HOME)."""
        if url := env.get("ALMONER_DATABASE_URL"):
            return cls(url)
        return cls.embedded(EmbeddedServer.from_environment(env))

    @classmethod
    def embedded(cls, server: EmbeddedServer, name: str = DATABASE_NAME) -> Self:
        return cls(server.conninfo(name), server=server)

    def for_database(self, name: str) -> Self:
        """Another database on the same server."""
        other = type(self)(
            make_conninfo(**{**self._parameters, "dbname": name}),
            pool_size=self._pool_size,
            server=self._server,
        )
        other._major = self._major
        return other

    def __reduce__(self) -> tuple[object, ...]:
        """Another process gets a door of its own to the same database: no pool, no connection."""
        return type(self), (make_conninfo(**self._parameters),)

    @property
    def name(self) -> str:
        return self._parameters["dbname"]

    @property
    def home(self) -> Path | None:
        """The folder the server keeps its files in, where it is ours."""
        return None if self._server is None else self._server.home

    def __repr__(self) -> str:
        where = ", ".join(
            f"{name}={self._parameters[name]}"
            for name in ("host", "hostaddr", "port", "user", "dbname")
            if name in self._parameters
        )
        return f"Database({where})"

    # -- opening and closing --------------------------------------------------------------------

    def open(self) -> None:
        """Start the server where it is ours, and make sure this database can be worked with.

        The embedded database is created where it is missing. On a server of others it is not: a
        mistyped name would become a second, empty ledger. Call `ensure_exists()` to create it.

        Raises DatabaseUnavailable.
        """
        if self._server is not None:
            self._server.ensure_running()
            self.ensure_exists()
        else:
            with self._login() as connection:
                self._check_server(connection)

    def close(self) -> None:
        """Close the pools. The embedded server goes on: others may be working with it."""
        with self._pools_lock:
            pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.close()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ensure_exists(self) -> None:
        """Create this database where it is missing; any number of processes may do so at once.

        Sorted by code point, so that order and indexes never depend on the operating system.
        """
        try:
            connection = self._login()
        except DatabaseUnavailable as not_reached:
            self._create_unless_present(not_reached)
            connection = self._login()
        with connection:
            self._check_server(connection)

    def _create_unless_present(self, not_reached: DatabaseUnavailable) -> None:
        """libpq does not tell a missing database from a wrong password other than in words, so ask
        in the database every server has."""
        try:
            connection = self.for_database(MAINTENANCE_DATABASE)._login()
        except DatabaseUnavailable:
            raise not_reached from None
        with connection:
            self._check_version(connection)
            present = connection.execute(
                "SELECT FROM pg_database WHERE datname = %s", [self.name]
            ).fetchone()
            if present is None:
                self._create(connection)

    def _create(self, connection: psycopg.Connection) -> None:
        locales = (
            ["LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"]
            if connection.info.server_version >= 170000
            else ["LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'", "LC_COLLATE 'C' LC_CTYPE 'C'"]
        )
        for locale in locales:
            try:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' ").format(
                        sql.Identifier(self.name)
                    )
                    + sql.SQL(locale)
                )
            except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                return  # another process was first
            except psycopg.errors.WrongObjectType:
                continue  # this machine has no C.UTF-8
            except psycopg.Error as error:
                raise DatabaseUnavailable(
                    f"cannot create the database {self.name}: {error.diag.message_primary}. "
                    "Create it yourself (encoding UTF8, template0), or let the login create it "
                    "(ALTER ROLE ... CREATEDB)."
                ) from error
            else:
                return

    def _check_server(self, connection: psycopg.Connection) -> None:
        self._check_version(connection)
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise DatabaseUnavailable(f"the database {self.name} is {encoding}; it must be UTF8")

    def _check_version(self, connection: psycopg.Connection) -> None:
        self._major = connection.info.server_version // 10000
        if self._major < OLDEST_MAJOR:
            raise DatabaseUnavailable(
                f"the server is PostgreSQL {self._major}; {OLDEST_MAJOR} or newer is needed"
            )

    # -- connections ----------------------------------------------------------------------------

    def connect(
        self, role: Role | None, autocommit: bool = True, application_name: str = "almoner"
    ) -> psycopg.Connection:
        """A connection of one's own, to be closed by the caller. Outside a transaction block every
        statement is its own transaction (`autocommit`), so nothing idles in one by accident.

        Without a role it is the bare login: for migrations, which make the roles.

        Raises DatabaseUnavailable.
        """
        return self._connect(self._conninfo(role, application_name), autocommit)

    def pool(self, role: Role, max_size: int | None = None) -> ConnectionPool[psycopg.Connection]:
        """The pool of one role, made on first use; as large as the largest size asked for.

        A connection that broke while it lay in the pool (server restarted, session ended by the
        administrator) is noticed when it is borrowed and replaced. One that breaks in use raises
        psycopg.OperationalError there: whether the statement may be repeated, only the caller
        knows. A borrower waits as long as PATIENCE says, then psycopg_pool.PoolTimeout.
        """
        with self._pools_lock:
            pool = self._pools.get(role)
            if pool is None:
                pool = self._make_pool(role, max_size or self._pool_size)
                self._pools[role] = pool
            elif max_size is not None and max_size > pool.max_size:
                pool.resize(pool.min_size, max_size)
            return pool

    def _make_pool(self, role: Role, max_size: int) -> ConnectionPool[psycopg.Connection]:
        conninfo = self._conninfo(role, "almoner")

        def where() -> str:
            """Asked by the pool before each new connection."""
            self._revive()
            return conninfo

        def notice_hangup(connection: psycopg.Connection) -> None:
            """Check a borrowed connection without a round trip.

            The server says nothing to an idle session unless it ends it, so silence means that it
            lives; only where there is something to read is the server asked. A network that broke
            without a word is left to TCP's own timeouts. Where one connection broke, all probably
            did: they are swept out together, because the pool pauses longer for each one it finds.
            """
            waiting = select.poll()
            waiting.register(connection.fileno(), select.POLLIN)
            if waiting.poll(0):
                try:
                    ConnectionPool.check_connection(connection)
                except psycopg.OperationalError:
                    pool.check()
                    raise

        def begin_again(tired: ConnectionPool[psycopg.Connection]) -> None:
            """The pool gave up reconnecting. It would sleep until the next borrower comes, and
            those who wait already would wait in vain: checking makes it grow again."""
            if not tired.closed:
                tired.check()

        pool: ConnectionPool[psycopg.Connection] = ConnectionPool(
            where,
            kwargs={"autocommit": True},
            min_size=1,
            max_size=max_size,
            name=str(role),
            timeout=PATIENCE[role],
            reconnect_timeout=2.0,
            reconnect_failed=begin_again,
            check=notice_hangup,
            open=True,
        )
        return pool

    def _conninfo(self, role: Role | None, application_name: str) -> str:
        parameters = {**self._parameters, "application_name": application_name}
        if role is not None:
            limits = {
                name: value
                for name, value in _LIMITS[role].items()
                if self._server_major() >= _SINCE.get(name, 0)
            }
            parameters["options"] = " ".join(
                [
                    *filter(None, [parameters.get("options")]),
                    *(f"-c {name}={value}" for name, value in {"role": role, **limits}.items()),
                ]
            )
        return make_conninfo(**parameters)

    def _server_major(self) -> int:
        if self._major is None:
            with self._login() as connection:
                self._check_version(connection)
        assert self._major is not None
        return self._major

    def _login(self) -> psycopg.Connection:
        return self._connect(make_conninfo(**self._parameters), autocommit=True)

    def _connect(self, conninfo: str, autocommit: bool) -> psycopg.Connection:
        self._revive()
        try:
            return psycopg.connect(conninfo, autocommit=autocommit)
        except psycopg.OperationalError as error:
            raise DatabaseUnavailable(f"cannot connect to {self!r}: {error}") from error

    def _revive(self) -> None:
        """Start the embedded server again if it crashed under us: nobody else watches over it. One
        that the operator stopped stays down."""
        if self._server is not None and self._server.crashed():
            self._server.ensure_running()
