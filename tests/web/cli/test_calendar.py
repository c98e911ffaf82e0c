"""What a server does by itself: it keeps the calendar beside the read models."""

from __future__ import annotations

import sys
import threading
from uuid import uuid4

import pytest

from tests.web.cli.grammar import CommandLine
from tests.web.cli.server import PATIENCE, Server, serving

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]


def test_a_server_makes_up_for_the_midnights_it_slept_over(shell: CommandLine) -> None:
    with serving(shell) as server:
        facility = server.open_facility("Harbor Clinic", uuid4())["stream_id"]
        person = {"full_name": "Staff Member 1", "job": "nurse", "registered_on": "2026-01-01"}
        _, registered = server.ask(f"/api/v1/facilities/{facility}/staff", person)
        nurse = registered["stream_id"]
        planned = {"facility_id": facility, "valid_from": "2026-01-01", "valid_to": "2026-01-31"}
        _, assigned = server.ask(f"/api/v1/staff/{nurse}/assignments", planned)
        # It is due by now, and seen at the next midnight, or when the calendar looks anew.
        ending = f"/api/v1/facilities/{facility}/assignments-ending?after={assigned['position']}"
        assert server.ask(ending)[0] == 200
        assert server.end() == 0
    with serving(shell, "--log-level", "debug") as server:
        waited = threading.Event()
        # Its first look is at once, and the next in a minute, should a read model lag.
        for _ in range(int(3 * PATIENCE / 0.05)):
            if "staff_member.assignment_ended" in facts(server, nurse):
                break
            waited.wait(0.05)
        assert facts(server, nurse)[-1:] == ["staff_member.assignment_ended"]
        server.said("leading the calendar")
        assert server.end() == 0
        assert not any("apscheduler" in each for each in server.log)


def facts(server: Server, stream_id: str) -> list[str]:
    """What has happened to a stream, in order."""
    _, answer = server.ask(f"/api/v1/streams/{stream_id}/events")
    return [each["fact"] for each in answer["items"]]
