"""The whole server is killed while a transfer is on the road: started again it carries it on."""

from __future__ import annotations

import sys
from typing import Any
from uuid import uuid4

import pytest

from tests.web.cli.grammar import CommandLine
from tests.web.cli.server import Server, serving

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]

API = "/api/v1"
GLOVES = {"item_system": "GTIN", "item_code": "00812345678901", "description": "Gloves"}


def posted(server: Server, path: str, **body: Any) -> str:
    """The stream a command was acknowledged for."""
    status, answer = server.ask(API + path, body)
    assert status == 201, answer
    return str(answer["stream_id"])


def listed(server: Server, path: str) -> Any:
    """The one row of a list, once there is one."""
    while True:
        status, answer = server.ask(API + path)
        assert status in (200, 503), answer
        if status == 200 and answer["items"]:
            (row,) = answer["items"]
            return row


def a_shelf(server: Server, name: str) -> tuple[str, str]:
    facility = server.open_facility(name, uuid4())["stream_id"]
    item = posted(
        server,
        f"/facilities/{facility}/stock-items",
        **GLOVES,
        listed_on="2026-01-01",
        lot_tracked=True,
    )
    return facility, item


def test_what_is_on_the_road_arrives_after_a_kill_of_the_whole_server(shell: CommandLine) -> None:
    with serving(shell) as server:
        sender, ours = a_shelf(server, "Sender")
        receiver, theirs = a_shelf(server, "Receiver")
        lot = {"lot": "A", "expires_on": "2030-06-30", "received_on": "2026-01-02"}
        posted(server, f"/stock-items/{ours}/receipts", quantity=20, **lot)
        inbound = posted(
            server,
            f"/facilities/{receiver}/inbound-transfers",
            from_facility_id=sender,
            stock_item_id=theirs,
            quantity=10,
            requested_on="2026-01-03",
        )
        asked = listed(server, f"/facilities/{sender}/transfers?status=requested")
        transfer = f"/transfers/{asked['transfer_id']}"
        posted(server, f"{transfer}/approval", stock_item_id=ours, approved_on="2026-01-03")
        posted(server, f"{transfer}/dispatch", dispatched_on="2026-01-03")
        server.kill()
    with serving(shell) as server:
        on_the_road = listed(server, f"/facilities/{sender}/stock-in-transit")
        assert (on_the_road["dispatched"], on_the_road["delivered"]) == (10, 0)
        listed(server, f"/facilities/{receiver}/inbound-transfers?status=announced")
        posted(server, f"/inbound-transfers/{inbound}/receipt", received_on="2026-01-04")
        settled = listed(server, f"/facilities/{sender}/transfers?status=settled")
        assert (settled["in_transit"], settled["arrived"]) == (0, 10)
        for facility in (sender, receiver):
            assert listed(server, f"/facilities/{facility}/stock-lots")["on_hand"] == 10
        server.end()
