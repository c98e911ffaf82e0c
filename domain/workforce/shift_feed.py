"""The feed of somebody's shifts: whoever has its link sees them, until it is revoked.

A feed is **opened** with the digest of a link's secret, which nobody here keeps; one link is open
at a time. It is **revoked** by whoever may, and by the separation of the person (`absence`).
"""

from __future__ import annotations

from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, command
from domain.workforce.events.schedule import OfPerson, ScheduleFeedOpened, ScheduleFeedRevoked
from domain.workforce.schedule import Schedule, home_of, schedule

# --- commands ----------------------------------------------------------------------------------


@command("schedule_id", creates=True)
class OpenFeed(OfPerson, Command):
    """Let someone's shifts be subscribed to by a link; one that was open before is revoked.

    `digest` is the SHA-256 of the link's secret, in hexadecimal digits.
    """

    staff_id: UUID
    facility_id: UUID
    digest: str


@command("schedule_id")
class RevokeFeed(OfPerson, Command):
    """Let the link to someone's shifts lead nowhere any more."""

    staff_id: UUID
    facility_id: UUID


# --- decisions ---------------------------------------------------------------------------------


@schedule.decides
def open_feed(state: Schedule, command: OpenFeed, at: Circumstances) -> Decision:
    home = home_of(command.staff_id, at, command.facility_id)
    described = "64 hexadecimal digits"
    digest = rules.shaped("schedule", "digest", command.digest, r"[0-9a-f]{64}", described)
    if digest == state.feed:
        return
    if state.feed is not None:
        yield feed_revoked(command.staff_id, home, state.feed)
    yield ScheduleFeedOpened(
        staff_id=command.staff_id,
        facility_id=home,
        digest=digest,
        opened_at=at.now,
    )


@schedule.decides
def revoke_feed(state: Schedule, command: RevokeFeed, at: Circumstances) -> Decision:
    home = home_of(command.staff_id, at, command.facility_id)
    if state.feed is not None:
        yield feed_revoked(command.staff_id, home, state.feed)


def feed_revoked(staff_id: UUID, home: UUID, digest: str) -> ScheduleFeedRevoked:
    """The link to somebody's shifts leads nowhere any more."""
    return ScheduleFeedRevoked(staff_id=staff_id, facility_id=home, digest=digest)
