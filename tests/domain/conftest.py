"""Properties are tried without a stopwatch: how fast a machine is says nothing about a rule."""

from __future__ import annotations

import hypothesis

hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")
