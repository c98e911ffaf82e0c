"""What is looked at before a decision: whether there is such a thing, and whose it is to act on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from domain.kernel import Aggregate, Command
from facilities.answers import Context, NotFound, NotPermitted, StaleVersion
from facilities.batch_streams import Stream


def admit(
    command: Command, context: Context, aggregate: Aggregate[Any], stream_id: UUID, stream: Stream
) -> None:
    """Does the stream exist, may this actor act on it, and is it at the expected version. Raises
    NotPermitted, NotFound or StaleVersion.

    What belongs to another facility does not exist for someone in a scope. What belongs to none
    (a payer), and opening a facility, is for those to decide whose scope is the whole system.
    """
    absent, scope = stream.aggregate is None, context.actor.scope
    acts_at: UUID | None = getattr(command, "facility_id", None)
    opens = command.creates and command.stream == "facility_id"
    # First where it is to happen, so that elsewhere nothing tells what there is.
    if acts_at is not None and not opens and not scope.admits(acts_at):
        raise NotFound("facility", acts_at)
    if (absent and not command.creates) or not (absent or stream.aggregate is aggregate):
        raise NotFound(aggregate.name, stream_id)
    if not scope.whole_system:
        owner = acts_at if absent else stream.state.facility_id
        if owner is None or (opens and not scope.admits(owner)):
            raise NotPermitted("This is for the whole health system to decide.")
        if not absent and not scope.admits(owner):
            raise NotFound(aggregate.name, stream_id)
    if context.expected_version not in (None, stream.version):
        raise StaleVersion(context.expected_version, stream.version)
