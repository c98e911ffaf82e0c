"""The engine room's dials: the embedded server's settings and who may log in to it.

They live outside the data folder, in one that the server can read but not write: root writes them,
and root must never write where the server's user could have laid a link.
"""

import os
import tempfile
from pathlib import Path

from facilities.embedded_account import ServerAccount

LOGIN = "almoner"
"""The database login of the program. No superuser: what works here works on any server."""
SUPERUSER = "postgres"
PORT = 5432
"""Part of the socket's name only; nothing listens on the network."""

_SETTINGS = """\
# Written by almoner on every start. Put your own settings into local.conf beside this file.
hba_file = {hba}
ident_file = {ident}

listen_addresses = ''
port = {port}
unix_socket_directories = {run}
unix_socket_permissions = 0700
max_connections = 200

shared_buffers = 256MB
wal_level = replica
max_wal_size = 2GB
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'

logging_collector = on
log_directory = {log}
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_rotation_size = 0
log_line_prefix = '%m [%p] %a %d '
# DETAIL lines quote the values of rows, which are people's.
log_error_verbosity = terse
log_lock_waits = on
log_min_duration_statement = -1
log_checkpoints = off
"""

_NOT_DURABLE = """
# For tests: a crash of the machine may lose everything. Autovacuum would hold up DROP DATABASE.
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
"""


def write_settings(home: Path, run: Path, log: Path, account: ServerAccount, durable: bool) -> Path:
    """Write the settings and the login rules of one server; returns postgresql.conf's path."""
    folder = home / "settings"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)  # whatever the umask: the server's user must read it
    logins = sorted({"root", account.name})
    _replace(
        folder / "pg_ident.conf",
        "".join(f'almoner "{user}" {login}\n' for user in logins for login in (LOGIN, SUPERUSER)),
    )
    _replace(
        folder / "pg_hba.conf",
        "# The kernel says who is at the other end of the socket; no passwords, no network.\n"
        "local all all peer map=almoner\n"
        "local replication all peer map=almoner\n",
    )
    _replace(
        folder / "postgresql.conf",
        _SETTINGS.format(
            hba=_quoted(folder / "pg_hba.conf"),
            ident=_quoted(folder / "pg_ident.conf"),
            port=PORT,
            run=_quoted(run),
            log=_quoted(log),
        )
        + ("" if durable else _NOT_DURABLE)
        + f"\ninclude_if_exists = {_quoted(folder / 'local.conf')}\n",
    )
    return folder / "postgresql.conf"


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("\\", "\\\\").replace("'", "''") + "'"


def _replace(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        os.fchmod(file.fileno(), 0o644)
        os.fsync(file.fileno())
    Path(temporary).replace(path)
