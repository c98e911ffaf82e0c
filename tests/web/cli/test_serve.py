"""A server is a tree of processes: it ends as a whole, and what was acknowledged outlives it."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from uuid import UUID, uuid4

import pytest

from facilities.database import Database
from tests.web.cli.grammar import CommandLine
from tests.web.cli.server import Server, gone, serving

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]


def directory(server: Server, after: int) -> list[str]:
    """The names in the directory of facilities, once it has come to a position. Until the runner
    has begun, one is asked to send it again."""
    for _ in range(20):
        status, answer = server.ask(f"/api/v1/system/facilities?after={after}&limit=1000")
        if status != 503:
            break
    assert status == 200, answer
    return [each["legal_name"] for each in answer["items"]]


def test_what_is_served_is_ready_and_follows_the_ledger(shell: CommandLine) -> None:
    with serving(shell) as server:
        status, ready = server.ask("/readyz")
        assert (status, ready["status"]) == (200, "ready")
        opened = server.open_facility("Harbor Clinic", uuid4())
        assert directory(server, opened["position"]) == ["Harbor Clinic"]
        assert server.end() == 0
        assert not any(server.token in each for each in server.log)


def test_requests_are_logged_only_where_that_is_asked_for(shell: CommandLine) -> None:
    with serving(shell) as server:
        server.ask("/livez")
        server.end()
        assert not any("/livez" in each for each in server.log)
    with serving(shell, "--access-log") as server:
        server.ask("/livez?token=secret")
        server.said('"GET /livez" 200')
        server.end()
        assert not any("secret" in each for each in server.log)


def test_ctrl_c_in_the_terminal_ends_it_quietly(shell: CommandLine) -> None:
    with serving(shell) as server:
        assert server.end(signal.SIGINT) == 0
        assert not any("Traceback" in each or "ERROR" in each for each in server.log)


def test_a_closed_terminal_ends_it(shell: CommandLine) -> None:
    with serving(shell) as server:
        assert server.end(signal.SIGHUP) == 0


def test_requests_in_work_are_answered_before_it_ends(
    shell: CommandLine, database: Database
) -> None:
    with serving(shell) as server, database.connect(role=None, autocommit=False) as held:
        held.execute("LOCK TABLE access.tokens IN ACCESS EXCLUSIVE MODE")
        answers: list[int] = []
        asking = threading.Thread(
            target=lambda: answers.append(server.ask("/api/v1/system/facilities")[0])
        )
        asking.start()
        waiting = (
            "SELECT count(*) FROM pg_locks WHERE relation = 'access.tokens'::regclass "
            "AND NOT granted"
        )
        with database.connect(role=None) as look:
            while look.execute(waiting.encode()).fetchone() != (1,):
                assert asking.is_alive()
        server.process.send_signal(signal.SIGTERM)
        server.said("Stopping worker")
        held.rollback()
        asking.join()
        assert answers == [200]
        assert server.process.wait(30) == 0


def test_nothing_outlives_a_server_that_is_killed(shell: CommandLine) -> None:
    with serving(shell) as server:
        opened = server.open_facility("Harbor Clinic", uuid4())
        port = server.port
        server.kill()
    with serving(shell, port=port) as again:
        assert again.port == port
        assert directory(again, opened["position"]) == ["Harbor Clinic"]


def test_a_runner_that_is_killed_is_started_again(shell: CommandLine) -> None:
    with serving(shell) as server:
        killed = server.follower()
        with gone(killed):
            os.kill(killed, signal.SIGKILL)
        server.said("starting it again")
        opened = server.open_facility("Harbor Clinic", uuid4())
        server.said("folding account_directory")
        while True:
            status, _ = server.ask(f"/api/v1/system/facilities?after={opened['position']}")
            if status == 200:
                break
            assert status == 503
        assert directory(server, opened["position"]) == ["Harbor Clinic"]


def test_a_worker_that_is_killed_is_started_again(shell: CommandLine) -> None:
    with serving(shell, "--workers", "1") as server:
        (killed,) = server.workers()
        with gone(killed):
            os.kill(killed, signal.SIGKILL)
        server.said("Respawning worker")
        server.said("Started worker-1")
        while server.workers() in ([], [killed]):
            pass
        answered = False
        while not answered:
            try:
                answered = server.ask("/livez") == (200, {"status": "alive"})
            except OSError:
                assert server.process.poll() is None


def test_a_port_that_is_taken_is_not_shared(shell: CommandLine) -> None:
    with serving(shell) as server:
        shell("serve", "--port", str(server.port)).refuses(
            1, f"Cannot listen at 127.0.0.1 port {server.port}: Address already in use"
        )
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        shell("serve", "--port", str(port)).refuses(1, f"port {port}: Address already in use")


def test_an_address_of_another_machine_is_refused(shell: CommandLine) -> None:
    shell("serve", "--host", "192.0.2.1").refuses(1, "Cannot listen at 192.0.2.1")
    shell("serve", "--host", "no such host").refuses(2, "'--host'", "'no such host'")


def test_whatever_was_acknowledged_is_there_once_after_kill_9_of_the_whole_tree(
    shell: CommandLine,
) -> None:
    """Four clients send while the server is killed; then each sends again what it got no answer to,
    under the same key.
    """
    acknowledged: dict[str, str] = {}
    unanswered: dict[str, UUID] = {}
    enough = threading.Semaphore(0)

    def client(server: Server, name: str) -> None:
        number = 0
        while True:
            number += 1
            facility, key = f"{name} {number}", uuid4()
            try:
                acknowledged[facility] = server.open_facility(facility, key)["stream_id"]
                enough.release()
            except OSError:
                unanswered[facility] = key
                return

    with serving(shell) as server:
        clients = [
            threading.Thread(target=client, args=[server, name])
            for name in ("Alder", "Birch", "Cedar", "Dogwood")
        ]
        for each in clients:
            each.start()
        for _ in range(60):
            assert enough.acquire(timeout=30)
        server.kill()
        for each in clients:
            each.join()
    assert len(unanswered) == len(clients)

    with serving(shell) as server:
        for facility, key in unanswered.items():
            acknowledged[facility] = server.open_facility(facility, key)["stream_id"]
        last = server.open_facility("Elm 1", uuid4())
        names = directory(server, last["position"])
        assert sorted(names) == sorted([*acknowledged, "Elm 1"])
        server.end()
    rebuilt = shell("projections", "rebuild", "--json").ends(0).json["models"]
    assert {each["differences"] for each in rebuilt} == {0}
