"""Migrations: once, in order, by anybody, and never rewritten."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from facilities.database import Database, Role
from facilities.embedded import EmbeddedServer
from migrations import EditedMigration, MigrationRefused, applied, migrate, pending
from tests.conftest import drop, new_server, temporary_home

FIRST = "0001_roles_and_schemas"
BEDS = "CREATE TABLE ledger.beds (bed int);"


@pytest.fixture
def bare(server: Database) -> Iterator[Database]:
    """A database nobody has migrated."""
    with new_database(server) as database:
        yield database


@contextmanager
def new_database(server: Database) -> Iterator[Database]:
    database = server.for_database(f"almoner_bare_{uuid.uuid4().hex[:12]}")
    database.ensure_exists()
    try:
        yield database
    finally:
        drop(server, database.name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The first migration as it is, and a second of the test's own."""
    first = Path(__file__).parents[2] / "migrations" / f"{FIRST}.sql"
    (tmp_path / first.name).write_text(first.read_text())
    (tmp_path / "0002_beds.sql").write_text(BEDS)
    return tmp_path


def test_all_files_are_applied_in_order_and_only_once(bare: Database) -> None:
    with bare.connect(role=None) as login:
        waiting = pending(login)
        assert waiting[0] == FIRST
        assert waiting == sorted(waiting)
        assert migrate(login) == waiting
        assert applied(login) == waiting
        assert pending(login) == []
        assert migrate(login) == []


def test_what_serves_requests_can_tell_what_is_pending(bare: Database, folder: Path) -> None:
    with bare.connect(role=None) as login:
        migrate(login, folder)
    (folder / "0003_wards.sql").write_text("CREATE TABLE ledger.wards (ward int);")
    with bare.connect(Role.APP) as app:
        assert pending(app, folder) == ["0003_wards"]
        assert applied(app) == [FIRST, "0002_beds"]


def test_everything_permanent_belongs_to_the_owner(bare: Database) -> None:
    with bare.connect(role=None) as login:
        migrate(login)
        owners = login.execute(
            "SELECT DISTINCT n.nspname, pg_get_userbyid(c.relowner) FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname IN ('ledger', 'access', 'models', 'public')"
        ).fetchall()
        assert {owner for schema, owner in owners if schema != "models"} == {Role.OWNER}
        assert ("ledger", Role.OWNER) in owners


def test_many_processes_may_migrate_at_once(bare: Database) -> None:
    def go(_: int) -> list[str]:
        with bare.connect(role=None) as login:
            return migrate(login)

    with ThreadPoolExecutor(4) as crowd:
        results = list(crowd.map(go, range(4)))
    assert sorted(map(len, results))[:3] == [0, 0, 0]
    assert max(results, key=len)[0] == FIRST


def test_databases_of_one_server_may_be_migrated_at_once(server: Database) -> None:
    def go(_: int) -> list[str]:
        with new_database(server) as database, database.connect(role=None) as login:
            return migrate(login)

    with ThreadPoolExecutor(4) as crowd:
        assert all(names[0] == FIRST for names in crowd.map(go, range(8)))


def test_an_edited_file_is_refused_by_name(bare: Database, folder: Path) -> None:
    with bare.connect(role=None) as login:
        migrate(login, folder)
        (folder / "0002_beds.sql").write_text(BEDS + " -- a second thought")
        (folder / "0003_wards.sql").write_text("CREATE TABLE ledger.wards (ward int);")
        with pytest.raises(EditedMigration, match="0002_beds"):
            migrate(login, folder)
        assert applied(login) == [FIRST, "0002_beds"]


def test_other_line_ends_are_not_an_edit(bare: Database, folder: Path) -> None:
    with bare.connect(role=None) as login:
        migrate(login, folder)
        for file in folder.iterdir():
            file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
        assert pending(login, folder) == []


def test_a_program_older_than_its_database_is_refused(bare: Database, folder: Path) -> None:
    with bare.connect(role=None) as login:
        migrate(login, folder)
        (folder / "0002_beds.sql").unlink()
        with pytest.raises(MigrationRefused, match="older than the database"):
            migrate(login, folder)


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("0004_wards.sql", "0003 is missing before 0004_wards"),
        ("0002_wards.sql", "0003 is missing before 0002_wards"),
        ("wards.sql", "not named like"),
    ],
)
def test_a_gap_or_a_stray_name_is_refused_before_anything_is_done(
    bare: Database, folder: Path, name: str, complaint: str
) -> None:
    (folder / name).write_text("SELECT 1;")
    with bare.connect(role=None) as login:
        with pytest.raises(MigrationRefused, match=complaint):
            migrate(login, folder)
        assert applied(login) == []


def test_a_file_that_fails_leaves_nothing_behind(bare: Database, folder: Path) -> None:
    (folder / "0003_wards.sql").write_text("CREATE TABLE ledger.wards (ward int); SELECT 1 / 0;")
    with bare.connect(role=None) as login:
        with pytest.raises(psycopg.errors.DivisionByZero):
            migrate(login, folder)
        assert applied(login) == [FIRST, "0002_beds"]
        (folder / "0003_wards.sql").write_text("CREATE TABLE ledger.wards (ward int);")
        assert migrate(login, folder) == ["0003_wards"]


def test_a_file_must_name_its_schema(bare: Database, folder: Path) -> None:
    (folder / "0002_beds.sql").write_text("CREATE TABLE beds (bed int);")
    with (
        bare.connect(role=None) as login,
        pytest.raises(psycopg.errors.InvalidSchemaName),
    ):
        migrate(login, folder)


def test_who_waits_too_long_behind_another_gives_up(bare: Database) -> None:
    with bare.connect(role=None) as busy, bare.connect(role=None) as login:
        # The lock of migrations, as the first word of the package says it.
        busy.execute("SELECT pg_advisory_lock(%s)", [int.from_bytes(b"almoner")])
        with pytest.raises(TimeoutError, match="another process"):
            migrate(login, patience=0.1)


def test_a_connection_inside_a_transaction_is_refused(bare: Database) -> None:
    with (
        bare.connect(role=None, autocommit=False) as login,
        pytest.raises(ValueError, match="autocommit"),
    ):
        migrate(login)


# -- logins that others administer --------------------------------------------------------------


@pytest.fixture(scope="module")
def administered() -> Iterator[EmbeddedServer]:
    """A server whose superuser the tests may be."""
    with temporary_home() as folder:
        server = new_server(folder)
        server.ensure_running()
        yield server


@pytest.fixture
def superuser(administered: EmbeddedServer) -> Iterator[psycopg.Connection]:
    """The superuser of a server that has none of our roles, and a login that may do nothing but
    make schemas in this database."""
    name = f"ward_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(
        administered.conninfo("postgres", "postgres"), autocommit=True
    ) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
    with psycopg.connect(administered.conninfo(name, "postgres"), autocommit=True) as connection:
        connection.execute("CREATE ROLE clerk")
        connection.execute(f"GRANT CREATE ON DATABASE {name} TO clerk".encode())
        yield connection
        connection.execute("RESET SESSION AUTHORIZATION")
        for role in ("clerk", *Role):
            with suppress(psycopg.errors.UndefinedObject):
                connection.execute(f"DROP OWNED BY {role} CASCADE".encode())
                connection.execute(f"DROP ROLE {role}".encode())


def test_a_superuser_may_migrate(superuser: psycopg.Connection) -> None:
    assert migrate(superuser)[0] == FIRST


def test_a_role_that_may_do_too_much_stops_the_first_migration(
    superuser: psycopg.Connection,
) -> None:
    superuser.execute("CREATE ROLE almoner_app BYPASSRLS")
    with pytest.raises(psycopg.errors.RaiseException, match="may do more than it should"):
        migrate(superuser)


def test_a_login_that_may_not_act_as_our_roles_is_told_what_to_ask_for(
    superuser: psycopg.Connection,
) -> None:
    for role in Role:
        superuser.execute(f"CREATE ROLE {role}".encode())
    superuser.execute("SET SESSION AUTHORIZATION clerk")
    with pytest.raises(psycopg.errors.RaiseException) as refused:
        migrate(superuser)
    assert refused.value.diag.message_hint == "As a superuser: GRANT almoner_owner TO clerk;"


def test_a_login_that_was_granted_our_roles_needs_no_other_right(
    superuser: psycopg.Connection,
) -> None:
    for role in Role:
        superuser.execute(f"CREATE ROLE {role}".encode())
        superuser.execute(f"GRANT {role} TO clerk".encode())
    superuser.execute("SET SESSION AUTHORIZATION clerk")
    assert migrate(superuser)[0] == FIRST
