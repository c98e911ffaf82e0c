"""Wall time: when a shift is, by the clock on the wall of its facility, and as instants.

A shift is planned as a day, a time it begins and a time it ends; one that ends no later than it
begins ends on the next day. On the night the clocks are put back a shift from 19:00 to 07:00 lasts
13 hours, on the night they are put forward 11. A time that comes twice that night is the first of
the two; a time that is skipped is refused.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain import rules

NIGHT_BEGINS, NIGHT_ENDS = time(22), time(6)
"""What is night for those who are not of age (c)."""

WALL_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"


@lru_cache(maxsize=1_000)
def instants(on: date, starts: str, ends: str, zone: str) -> tuple[datetime, datetime]:
    """When a shift begins and ends, in UTC. Refuses with ``shift.starts`` and ``shift.ends`` what
    is no time of the day, or a time the clocks there skip on that day."""
    first, last = _time("starts", starts), _time("ends", ends)
    ends_on = on if last > first else on + timedelta(days=1)
    clock = ZoneInfo(zone)
    return _instant("starts", on, first, clock), _instant("ends", ends_on, last, clock)


@lru_cache(maxsize=1_000)
def is_night(on: date, starts_at: datetime, ends_at: datetime, zone: str) -> bool:
    """Whether some of a shift that begins on a day lies in the night."""
    clock = ZoneInfo(zone)
    begins, ends = starts_at.astimezone(clock), ends_at.astimezone(clock)
    return (
        begins.time() < NIGHT_ENDS
        or begins.time() >= NIGHT_BEGINS
        or ends.date() > on
        or ends.time() > NIGHT_BEGINS
    )


def _time(named: str, value: str) -> time:
    described = "a time of the day, such as 07:30"
    return time.fromisoformat(rules.shaped("shift", named, value, WALL_TIME, described))


def _instant(named: str, day: date, at: time, clock: ZoneInfo) -> datetime:
    local = datetime.combine(day, at, clock)
    instant = local.astimezone(UTC)
    if instant.astimezone(clock).time() != at:
        rule = f"is skipped by the clocks in {clock.key} on {day}"
        raise rules.refusal(f"shift.{named}", named, f"{at:%H:%M}", rule)
    return instant
