"""Every operation of the OpenAPI document, called with generated input, keeps what it promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.contract import is_kept
from tests.web.grammar import Api

pytestmark = pytest.mark.slow


def test_every_operation_keeps_its_promises(api: Api, tmp_path: Path) -> None:
    is_kept(api, tmp_path, "examples,fuzzing")
