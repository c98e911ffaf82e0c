"""Natural keys (an NPI, a licence number) that a decision reserves or gives back."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from domain.kernel import Decided, Fact, Refused, Release, Reserve
from domain.natural_key import NaturalKeyReleased, NaturalKeyReserved, stream_of
from facilities.batch_streams import Stream, Streams


def changed_keys(
    decided: Iterable[Decided], holder_id: UUID, streams: Streams, assumed_free: set[UUID]
) -> list[tuple[UUID, Fact]]:
    """The facts of keys that follow from what a stream has decided, each with the key's stream.

    A key that was not looked at is taken to be free, and noted in `assumed_free`. Raises Refused
    with the code that the decision gave, where another stream holds a key that is to be reserved.
    """
    keys = [each for each in decided if isinstance(each, Reserve | Release)]
    streams.load({stream_of(key.kind, key.value) for key in keys if isinstance(key, Release)})
    changes: list[tuple[UUID, Fact]] = []
    for key in keys:
        key_stream = stream_of(key.kind, key.value)
        if key_stream not in streams:
            streams[key_stream] = Stream()
            assumed_free.add(key_stream)
        state = streams[key_stream].state
        holder: UUID | None = None if state is None else state.holder_id
        if isinstance(key, Release):
            if holder == holder_id:
                released = NaturalKeyReleased(kind=key.kind, value=key.value, holder_id=holder_id)
                changes.append((key_stream, released))
        elif holder is None:
            reserved = NaturalKeyReserved(kind=key.kind, value=key.value, holder_id=holder_id)
            changes.append((key_stream, reserved))
        elif holder != holder_id:
            said = f"The {key.kind.replace('_', ' ')} {key.value} is in use."
            raise Refused(key.code, said, field=key.kind, value=key.value, rule=said)
    return changes
