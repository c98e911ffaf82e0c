"""At every boundary of what the OpenAPI document says may be sent, its promises are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.contract import is_kept
from tests.web.grammar import Api

pytestmark = pytest.mark.slow


def test_commands_keep_their_promises_at_every_boundary(api: Api, tmp_path: Path) -> None:
    is_kept(api, tmp_path, "coverage", "--include-method", "POST")


PAGES = (
    "/facilities",
    "/facilities/{facility_id}",
    "/facilities/{facility_id}/claims",
    "/facilities/{facility_id}/scorecard",
    "/system/claims",
    "/system/scorecard",
    "/system/events",
    "/streams/{stream_id}/events",
    "/audit/diff",
)
"""Of each kind of page some: a list, a row, a summary, events. Those of a kind are made alike."""


def test_pages_keep_their_promises_at_every_boundary(api: Api, tmp_path: Path) -> None:
    chosen = [f"--include-path={each}" for each in PAGES]
    is_kept(api, tmp_path, "coverage", "--include-method=GET", *chosen)
