"""A server as an operator starts it: a tree of processes, to be talked to and to be killed."""

from __future__ import annotations

import http.client
import json
import os
import re
import select
import signal
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.web.cli.grammar import CommandLine

PATIENCE = 30.0


@dataclass
class Server:
    """A server that answers."""

    process: subprocess.Popen[str]
    url: str
    token: str
    log: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def ask(self, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and content of the answer."""
        request = urllib.request.Request(
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def open_facility(self, legal_name: str, key: UUID) -> Any:
        """Open a facility; returns what was answered. Raises OSError where nobody answers."""
        body = {
            "legal_name": legal_name,
            "kind": "clinic",
            "zone": "America/New_York",
            "opened_on": "2026-01-01",
        }
        try:
            status, answer = self.ask("/api/v1/facilities", body, Idempotency_Key=str(key))
        except http.client.HTTPException as error:
            raise ConnectionError("the answer broke off") from error
        assert status == 201, answer
        return answer

    # --- its processes ---------------------------------------------------------------------------

    def children(self) -> dict[int, str]:
        """The processes it started, with their command lines."""
        found = {}
        for folder in Path("/proc").iterdir():
            if not folder.name.isdecimal():
                continue
            try:
                status = (folder / "status").read_text()
                command = (folder / "cmdline").read_text().replace("\x00", " ")
            except OSError:
                continue  # it ended while we looked
            if re.search(rf"^PPid:\t{self.process.pid}$", status, re.MULTILINE):
                found[int(folder.name)] = command
        return found

    def follower(self) -> int:
        """The process that folds the read models."""
        (pid,) = (pid for pid, command in self.children().items() if "web.cli.follow" in command)
        return pid

    def workers(self) -> list[int]:
        """The processes that answer."""
        return [pid for pid, command in self.children().items() if "web.cli.follow" not in command]

    def kill(self) -> None:
        """kill -9 of the server, not of what it started; returns when all of them are gone."""
        with gone(*self.children()):
            self.process.kill()
        self.process.wait(PATIENCE)

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it as an operator does; returns the exit code when all are gone."""
        with gone(*self.children()):
            self.process.send_signal(how)
        return self.process.wait(PATIENCE)

    def said(self, words: str) -> None:
        """Wait until this is in its log."""
        deadline = threading.Event()
        waiting = threading.Timer(PATIENCE, deadline.set)
        waiting.start()
        try:
            while not any(words in each for each in [*self.log]):
                assert not deadline.wait(0.02), f"{words!r} is not in {self.log}"
        finally:
            waiting.cancel()


@contextmanager
def gone(*pids: int) -> Iterator[None]:
    """These processes are gone when the block ends, or soon after."""
    watched = {pid: os.pidfd_open(pid) for pid in pids}
    try:
        yield
        for pid, each in watched.items():
            poll = select.poll()
            poll.register(each, select.POLLIN)
            assert poll.poll(PATIENCE * 1000), f"a process outlives the server: {told(pid)}"
    finally:
        for each in watched.values():
            os.close(each)


def told(pid: int) -> str:
    """What a process is, and what each of its threads waits for."""
    about = Path(f"/proc/{pid}")
    command = (about / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    waits = [(each / "wchan").read_text() for each in sorted((about / "task").iterdir())]
    return f"{command}({', '.join(waits)})"


@contextmanager
def serving(shell: CommandLine, *options: str, port: int = 0) -> Iterator[Server]:
    """A server, and a system administrator's token."""
    token = shell(
        "token", "create", "--role", "system_administrator", "--actor", "test", "--json"
    ).json["token"]
    process = shell.started("serve", "--port", str(port), *options)
    log: list[str] = []
    assert process.stdout is not None
    assert process.stderr is not None
    reader = threading.Thread(target=log.extend, args=[process.stderr], daemon=True)
    try:
        reader.start()
        line = process.stdout.readline()
        assert line.startswith("Serving http://"), log
        yield Server(process, line.split()[1], token, log)
    finally:
        process.kill()
        process.wait(PATIENCE)
        reader.join(PATIENCE)
        process.stdout.close()
        process.stderr.close()
