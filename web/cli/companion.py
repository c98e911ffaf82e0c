"""The process beside the web server that folds the read models, and how processes end together.

Whatever ends the server (Ctrl-C, SIGTERM, kill -9), nothing it started outlives it: a worker that
went on listening would keep the port, a runner that went on leading would keep the seat.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
STEADY = 60.0
"""Seconds after which a process counts as one that had been working."""
PATIENCE = 20.0
"""Seconds a process is given to end by itself."""

_PR_SET_PDEATHSIG = 1
_LOOK_EVERY = 1.0


def end_with(parent: int) -> None:
    """Let this process be killed when its parent ends, however that ends.

    1. On Linux, ask the kernel to. It counts the thread that started us as the parent, so that one
       must live as long as we are to.
    2. Elsewhere, look every second whether the parent is still there.
    3. Had it ended before we asked, nobody would tell us: look once, and end.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=[parent], name="parent", daemon=True).start()
    if os.getppid() != parent:
        os._exit(1)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY)
    os._exit(1)


class Companion:
    """Keeps one process running: `python -m <module> <our process id> <log level>`.

    When it dies it is started again, after a pause that grows while it keeps dying. Its own process
    group: Ctrl-C in the terminal is for us, and we tell it when to end.
    """

    def __init__(self, module: str, level: str) -> None:
        self._command = [sys.executable, "-P", "-m", module, str(os.getpid()), level]
        self._stopping = threading.Event()
        self._changing = threading.Lock()
        self._pid: int | None = None
        self._thread = threading.Thread(target=self._keep, name="companion", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the process, by force if it does not end in time."""
        self._stopping.set()
        self._send(signal.SIGTERM)
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            log.warning("the process of the read models does not end, killing it")
            self._send(signal.SIGKILL)
            self._thread.join(PATIENCE)

    def _keep(self) -> None:
        pause = FIRST_PAUSE
        while True:
            with self._changing:
                if self._stopping.is_set():
                    return
                began = time.monotonic()
                pid = self._pid = self._begin()
            _, status = os.waitpid(pid, 0)
            with self._changing:
                self._pid = None
            if self._stopping.is_set():
                return
            lived = time.monotonic() - began
            if lived > STEADY:
                pause = FIRST_PAUSE
            log.error(
                "the process of the read models ended with code %s after %.0f s, "
                "starting it again in %.1f s",
                os.waitstatus_to_exitcode(status),
                lived,
                pause,
            )
            self._stopping.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _begin(self) -> int:
        # Not by subprocess: it waits until a pipe is closed everywhere, which a worker that the web
        # server forks at that moment would hold open.
        # -P keeps the working directory from the import path, where a folder named `web` would be
        # taken for ours; so say where ours is.
        home = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")]))
        return os.posix_spawn(
            sys.executable,
            self._command,
            {**os.environ, "PYTHONPATH": path},
            file_actions=[(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)],
            setpgroup=0,
        )

    def _send(self, number: signal.Signals) -> None:
        with self._changing:
            if self._pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(self._pid, number)
