"""The engine room's badge: the operating-system user the embedded server runs as.

PostgreSQL refuses to run as root, so root's server runs as another user; anybody else's runs as
themselves. Whoever owns the cluster and root may log in to it, nobody else.
"""

import os
import pwd
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from facilities.embedded_binaries import Binaries, DatabaseUnavailable

DEFAULT_USER = "nobody"
"""For root without ALMONER_POSTGRES_USER. A real user is needed, not a bare number: initdb and
peer authentication look up the name. A dedicated user is better: others may run as `nobody`."""


@dataclass(frozen=True)
class ServerAccount:
    name: str
    uid: int
    gid: int

    @classmethod
    def choose(cls, wanted: str | None, data: Path) -> "ServerAccount":
        """Ourselves; for root the user who owns the cluster already, else `wanted`."""
        me = os.geteuid()
        try:
            owner = data.stat().st_uid
        except OSError:
            owner = None
        try:
            if me != 0:
                if owner not in (None, me):
                    raise DatabaseUnavailable(
                        f"{data} belongs to another user (uid {owner}); run as that user or as "
                        "root, or set ALMONER_HOME to a folder of your own."
                    )
                entry = pwd.getpwuid(me)
            elif owner is None:
                entry = pwd.getpwnam(wanted or DEFAULT_USER)
            else:
                entry = pwd.getpwuid(owner)
        except KeyError as error:
            raise DatabaseUnavailable(
                f"PostgreSQL needs a user listed in /etc/passwd: {error.args[0]}. "
                "When root, name one with ALMONER_POSTGRES_USER."
            ) from None
        if entry.pw_uid == 0:
            raise DatabaseUnavailable("PostgreSQL does not run as root: ALMONER_POSTGRES_USER.")
        if me == 0 and wanted and wanted != entry.pw_name:
            raise DatabaseUnavailable(
                f"{data} belongs to {entry.pw_name}, but ALMONER_POSTGRES_USER is {wanted}."
            )
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)

    @property
    def is_other(self) -> bool:
        """Whether this is not the user we run as: we are root and must step down for it."""
        return self.uid != os.geteuid()

    def readable(self, binaries: Binaries, folder: Path, durable: bool) -> Binaries:
        """Programs this account can run: for another account a copy outside our own folders."""
        return binaries.copied_into(folder, durable) if self.is_other else binaries

    def own_folder(self, folder: Path) -> None:
        """Make a folder only this account may enter, and refuse one that another has prepared:
        in /tmp anybody could have made it first, or laid a link there."""
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        try:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError as error:
            raise DatabaseUnavailable(f"{folder} is not a folder of ours: {error}") from error
        try:
            if os.fstat(handle).st_uid == os.geteuid():
                os.fchown(handle, self.uid, self.gid)
            if os.fstat(handle).st_uid != self.uid:
                raise DatabaseUnavailable(f"{folder} does not belong to {self.name}; remove it.")
            os.fchmod(handle, 0o700)
        finally:
            os.close(handle)

    def check_reach(self, folder: Path) -> None:
        """Refuse a home this account cannot enter, naming the folder that keeps it out.

        We never open folders that are not ours: that is the administrator's decision.
        """
        if not self.is_other:
            return
        if self.execute(["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)], Path("/")).returncode == 0:
            return
        closed = next(
            (
                parent
                for parent in (*reversed(folder.parents), folder)
                if not self._may_enter(parent)
            ),
            folder,
        )
        raise DatabaseUnavailable(
            f"The server runs as {self.name}, who cannot enter {closed}. Open it "
            f"(chmod o+x {closed}), set ALMONER_HOME to another place, or set "
            "ALMONER_POSTGRES_USER to a user who can."
        )

    def _may_enter(self, folder: Path) -> bool:
        found = folder.stat()
        if found.st_uid == self.uid:
            return bool(found.st_mode & 0o100)
        if found.st_gid in os.getgrouplist(self.name, self.gid):
            return bool(found.st_mode & 0o010)
        return bool(found.st_mode & 0o001)

    def execute(
        self, command: Sequence[str], folder: Path, *, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, in a session of its own.

        Its own session, so that Ctrl-C in the terminal of whoever started the server does not stop
        it for everybody; a bare environment, so that nobody's PGHOST or PGDATA leads it astray.
        """
        try:
            return subprocess.run(  # noqa: S603
                list(command),
                input=stdin if stdin is not None else "",
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                cwd=folder,
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                start_new_session=True,
                user=self.uid if self.is_other else None,
                group=self.gid if self.is_other else None,
                extra_groups=os.getgrouplist(self.name, self.gid) if self.is_other else None,
            )
        except OSError as error:
            raise DatabaseUnavailable(f"cannot run {command[0]} as {self.name}: {error}") from error
