"""Properties are tried without a stopwatch: how fast a machine is says nothing about a rule. And a
hospital for whoever asks for one."""

from __future__ import annotations

import hypothesis
import pytest

from tests.domain.rostering import Hospital

hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")


@pytest.fixture
def hospital() -> Hospital:
    """With a roster of five weeks that is a draft."""
    made = Hospital()
    made.drafts()
    return made
