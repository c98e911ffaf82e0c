"""At every boundary of what the OpenAPI document says may be sent, its promises are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.contract import is_kept
from tests.web.grammar import Api

pytestmark = pytest.mark.slow


def test_commands_keep_their_promises_at_every_boundary(api: Api, tmp_path: Path) -> None:
    is_kept(api, tmp_path, "coverage", "--include-method", "POST")
