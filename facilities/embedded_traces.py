"""The engine room's logbook: what the embedded server's files say about it, and how far to trust
them. Read after a crash, by a process that knows nothing of what happened before."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from facilities.embedded_settings import PORT

SOCKET_NAME = f".s.PGSQL.{PORT}"
_TELLING = (" LOG: ", " WARNING: ", " FATAL: ", " PANIC: ", " HINT: ")


@dataclass(frozen=True)
class Traces:
    """The pid file, the socket and the log of one cluster."""

    data: Path
    run: Path
    log: Path

    @property
    def socket(self) -> Path:
        return self.run / SOCKET_NAME

    @property
    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def living_postmaster(self) -> int | None:
        """The process id of this cluster's postmaster, or None where it does not live.

        A pid file alone proves nothing: after a crash it may name a zombie or, after a reboot, a
        process that has nothing to do with us; PostgreSQL itself refuses to start beside either.
        Ours is the one that works in our data folder.
        """
        try:
            pid = int(text_of(self.pid_file).split("\n", 1)[0])
        except ValueError:
            return None
        return pid if self._works_in_our_data(pid) else None

    def _works_in_our_data(self, pid: int) -> bool:
        process = Path("/proc") / str(pid)
        try:
            if Path("/proc/self").exists():
                state = (process / "stat").read_text().rpartition(")")[2].split()[0]
                return state not in "ZX" and (process / "cwd").samefile(self.data)
        except OSError:  # gone meanwhile, or another user's
            return False
        # macOS has no /proc. A zombie has lost its command line there.
        listed = subprocess.run(  # noqa: S603
            ["/bin/ps", "-o", "command=", "-p", str(pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        return str(self.data) in listed.stdout

    def crashed(self) -> bool:
        """Whether it went down without being stopped: a stop removes the pid file."""
        return os.access(self.pid_file, os.F_OK) and self.living_postmaster() is None

    def remove(self) -> None:
        """Remove what a dead postmaster left and a new one would refuse to start beside. Harmless
        even if its children live on: PostgreSQL finds their shared memory by the data folder."""
        for left in (self.pid_file, self.run / f"{SOCKET_NAME}.lock", self.socket):
            left.unlink(missing_ok=True)

    def orphans_linger(self) -> bool:
        """Whether sessions of a killed postmaster still hold its memory; they end by themselves."""
        return "shared memory block" in text_of(self.log / "start.log")

    def socket_is_lost(self) -> bool:
        """Whether someone cleaned up under a server that is past its start: nobody can reach it."""
        lines = text_of(self.pid_file).split("\n")
        ready = len(lines) > 7 and lines[7].strip() == "ready"
        return ready and not self.socket.exists()

    def last_lines_of_log(self) -> str:
        """Only what the server says of itself: statements and row values may be confidential."""
        files = sorted(self.log.glob("*.log"), key=lambda path: path.stat().st_mtime)
        lines = [
            line
            for path in files[-2:]
            for line in text_of(path).splitlines()
            if any(level in line for level in _TELLING)
        ]
        return "".join(f"\n  {line}" for line in lines[-8:])


def text_of(path: Path) -> str:
    """A file's text, empty where there is none to be read."""
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
