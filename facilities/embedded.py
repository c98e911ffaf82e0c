"""The engine room: a PostgreSQL of our own, for whoever has no database administrator.

One server per home folder, shared by all processes that name that home. The first one to need it
starts it; nobody stops it on leaving, because others may be working and a warm start is instant.
`stop()` is for the operator. Why it is built this way: docs/decisions/0002-embedded-postgresql.md.

    <home>/lock         held while the server is initialised, started or stopped
    <home>/data         the cluster, 0700, owned by the server's user
    <home>/run          the socket, 0700 (under /tmp where this path is too long for a socket)
    <home>/log          the server's log, one file per weekday
    <home>/settings     postgresql.conf and who may log in, written anew on every start;
                        local.conf there is the operator's and wins
    <home>/postgres     when started by root: a copy of the programs that the server's user can read
"""

import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from psycopg.conninfo import make_conninfo

from facilities.embedded_account import ServerAccount
from facilities.embedded_binaries import Binaries, DatabaseUnavailable, find_binaries
from facilities.embedded_settings import LOGIN, PORT, SUPERUSER, write_settings
from facilities.embedded_traces import SOCKET_NAME, Traces, text_of

PATIENCE = 600.0
"""Seconds a start may take. Recovery after a crash replays the journal; ten seconds, the usual
default, gives up on a server that is doing exactly what it should."""

_LONGEST_SOCKET_PATH = 103
"""Bytes; sockaddr_un.sun_path holds 108 on Linux and 104 on macOS, with its closing zero."""


def default_home(env: Mapping[str, str]) -> Path:
    """ALMONER_HOME; else /var/lib/almoner for root, whose server runs as a user who cannot enter
    root's own home; else below the user's data folder (XDG base directory specification)."""
    if named := env.get("ALMONER_HOME"):
        return Path(named).absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/almoner")
    if xdg := env.get("XDG_DATA_HOME"):
        return Path(xdg).absolute() / "almoner"
    return Path.home() / ".local" / "share" / "almoner"


class EmbeddedServer:
    """The PostgreSQL of one home folder, whichever process started it.

    `durable=False` gives up safety against power loss for speed: for tests only. It counts for the
    process that starts the server, not for those that find it running.
    """

    def __init__(
        self,
        home: Path,
        binaries: Binaries | None = None,
        *,
        os_user: str | None = None,
        durable: bool = True,
    ) -> None:
        self.home = home.absolute()
        self.durable = durable
        self._given_binaries = binaries
        self._os_user = os_user

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> "EmbeddedServer":
        """ALMONER_HOME, ALMONER_POSTGRES_BIN, ALMONER_POSTGRES_USER (when root)."""
        return cls(
            default_home(env), find_binaries(env), os_user=env.get("ALMONER_POSTGRES_USER") or None
        )

    def __repr__(self) -> str:
        return f"EmbeddedServer({str(self.home)!r})"

    # -- where things are -----------------------------------------------------------------------

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @cached_property
    def run(self) -> Path:
        """The socket's folder. A socket's path is limited to some hundred bytes by the kernel, so
        a deep home gets a folder named after it in /tmp. Not in $TMPDIR: all processes of one home
        must agree on the place, and TMPDIR differs between a service and a shell."""
        folder = self.home / "run"
        if len(os.fsencode(folder / SOCKET_NAME)) <= _LONGEST_SOCKET_PATH:
            return folder
        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path("/tmp") / f"almoner-{name}"  # noqa: S108  owner and mode are checked

    @cached_property
    def _traces(self) -> Traces:
        return Traces(self.data, self.run, self.log)

    @cached_property
    def binaries(self) -> Binaries:
        return self._given_binaries or find_binaries(os.environ)

    @cached_property
    def runnable(self) -> Binaries:
        return self.account.readable(self.binaries, self.home / "postgres", self.durable)

    @cached_property
    def account(self) -> ServerAccount:
        return ServerAccount.choose(self._os_user, self.data)

    def conninfo(self, dbname: str, role: str | None = None) -> str:
        """How to connect: as `almoner`, who may create databases and roles but is no superuser.

        `role` names another login. Only `postgres`, the superuser, is mapped besides: for the
        operator's own work, never for the program's.
        """
        return make_conninfo(host=str(self.run), port=PORT, dbname=dbname, user=role or LOGIN)

    # -- starting and stopping ------------------------------------------------------------------

    def is_running(self) -> bool:
        """Whether the server accepts connections now. Asks the server (pg_isready), not the pid
        file: after a crash that names a zombie which `pg_ctl status` calls a running server."""
        if not os.access(self._traces.socket, os.F_OK):
            return False
        asked = self._execute(
            "pg_isready", "-q", "-t", "5", "-h", str(self.run), "-p", str(PORT),
            "-U", LOGIN, "-d", "postgres",
        )  # fmt: skip
        return asked.returncode == 0

    def ensure_running(self) -> None:
        """Start the server unless it runs. Any number of processes may call this at once.

        1. Running: done, without a lock.
        2. Take the home's lock, so that one process initialises and starts; the others wait.
        3. Initialise into a temporary folder and rename it into place: a half-made cluster never
           bears the name `data`.
        4. A postmaster that lives but is not ready (recovering; its starter was killed) is waited
           for. What a dead one left behind is removed.
        5. Start, and wait until it accepts connections.

        Raises DatabaseUnavailable.
        """
        if self.is_running():
            return
        self._prepare_home()
        with self._lock():
            if self.is_running():
                return
            self._check_version()
            self.account.own_folder(self.log)
            self.account.own_folder(self.run)
            if not self.data.exists():
                self._initialise()
            self._start()

    def stop(self) -> None:
        """Stop the server, ending everybody's session (fast mode). Nothing committed is lost."""
        if not self.data.exists():
            return
        with self._lock():
            if self._traces.living_postmaster() is not None:
                self._stop()

    def crashed(self) -> bool:
        """Whether the server went down without being stopped: its pid file is left, it is not."""
        return self._traces.crashed()

    def _start(self) -> None:
        deadline = time.monotonic() + PATIENCE
        failures: list[str] = []
        settings = write_settings(self.home, self.run, self.log, self.account, self.durable)
        while time.monotonic() < deadline:
            if self._traces.living_postmaster() is None:
                if len(failures) == 3 and not self._traces.orphans_linger():
                    break
                self._traces.remove()
                (self.log / "start.log").unlink(missing_ok=True)
                started = self._execute(
                    "pg_ctl", "start", "-w", "-t", str(int(PATIENCE)), "-s",
                    "-D", str(self.data), "-l", str(self.log / "start.log"),
                    "-o", f"-c config_file={shlex.quote(str(settings))}",
                )  # fmt: skip
                if started.returncode != 0:
                    failures.append(f"pg_ctl start: {started.stderr.strip()}")
            if self.is_running():
                return
            if self._traces.living_postmaster() is not None and self._traces.socket_is_lost():
                self._stop()
            time.sleep(0.05)
        raise DatabaseUnavailable(
            f"PostgreSQL {self.binaries.version} in {self.home} does not accept connections. "
            f"Tried: {'; '.join(failures[-1:]) or f'waiting {PATIENCE:.0f} s for it'}."
            f"{self._traces.last_lines_of_log()}"
        )

    def _stop(self) -> None:
        stopped = self._execute(
            "pg_ctl", "stop", "-w", "-t", str(int(PATIENCE)), "-s", "-m", "fast", "-D",
            str(self.data),
        )  # fmt: skip
        if stopped.returncode != 0 and self._traces.living_postmaster() is not None:
            raise DatabaseUnavailable(
                f"PostgreSQL in {self.home} does not stop: {stopped.stderr.strip()}"
                f"{self._traces.last_lines_of_log()}"
            )

    def _initialise(self) -> None:
        """Make the cluster and the login in a temporary folder, then give it its name."""
        for abandoned in self.home.glob(".data-*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".data-", dir=self.home))
        try:
            self.account.own_folder(unfinished)
            # The builtin provider sorts by code point the same way on every machine, for ever; a
            # locale of the operating system may sort differently after an upgrade, which silently
            # breaks indexes. Before 17 the nearest thing is libc's C.UTF-8, where there is one.
            locales = (
                (("--locale-provider=builtin", "--locale=C.UTF-8"),)
                if self.binaries.major >= 17
                else (("--locale=C.UTF-8",), ("--locale=C",))
            )
            for locale in locales:
                made = self._execute(
                    "initdb", "-D", str(unfinished), "-U", SUPERUSER, "-E", "UTF8",
                    "--data-checksums", "--auth-local=peer", "--auth-host=reject",
                    "--no-instructions", *locale, *(() if self.durable else ("--no-sync",)),
                )  # fmt: skip
                if made.returncode == 0:
                    break
            else:
                raise DatabaseUnavailable(
                    f"initdb of PostgreSQL {self.binaries.version} in {self.home} failed: "
                    f"{made.stderr.strip()}"
                )
            # In single-user mode, so that a cluster without its login never bears the name `data`.
            named = self._execute(
                "postgres", "--single", "-D", str(unfinished), "-c", "exit_on_error=true",
                *(() if self.durable else ("-F",)), "postgres",
                stdin=f"CREATE ROLE {LOGIN} LOGIN NOSUPERUSER CREATEROLE CREATEDB\n",
            )  # fmt: skip
            if named.returncode != 0:
                raise DatabaseUnavailable(f"cannot create the login: {named.stderr.strip()}")
            unfinished.rename(self.data)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        _sync_folder(self.home)

    def _check_version(self) -> None:
        made_by = text_of(self.data / "PG_VERSION").strip()
        if made_by and made_by != str(self.binaries.major):
            raise DatabaseUnavailable(
                f"{self.data} was made by PostgreSQL {made_by}; the programs in "
                f"{self.binaries.bindir} are {self.binaries.version}. Point ALMONER_POSTGRES_BIN "
                f"to a PostgreSQL {made_by}, dump with it, and load into a new ALMONER_HOME."
            )

    # -- how things are done --------------------------------------------------------------------

    def _prepare_home(self) -> None:
        try:
            self.home.mkdir(parents=True)
            # Others may pass through but not look around; what is inside is 0700 in any case.
            self.home.chmod(0o711)
        except FileExistsError:
            pass
        except OSError as error:
            raise DatabaseUnavailable(f"cannot make the home {self.home}: {error}") from error
        self.account.check_reach(self.home)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """The home's lock. The kernel frees it when its holder dies, however it dies."""
        try:
            lock = os.open(self.home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise DatabaseUnavailable(f"cannot write in the home {self.home}: {error}") from error
        try:
            deadline = time.monotonic() + PATIENCE
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise DatabaseUnavailable(
                            f"another process has held {self.home / 'lock'} for "
                            f"{PATIENCE:.0f} s, starting or stopping the server"
                        ) from None
                    time.sleep(0.02)
            yield
        finally:
            os.close(lock)

    def _execute(
        self, program: str, *arguments: str, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return self.account.execute(
            [self.runnable.program(program), *arguments], self.home, stdin=stdin
        )


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
