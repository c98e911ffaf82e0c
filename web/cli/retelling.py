"""What an auditor is told, in words: events, differences and chains, a line each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from domain.kernel import Recorded
from projections.audit.causes import Causes, Given
from projections.audit.difference import compare
from projections.audit.state import plain
from web.auditor import Compared
from web.cli.printing import counted, visible


def line(event: Recorded[Any]) -> str:
    """An event on one line: where, when, who, what, and why."""
    envelope = {str(event.stream_id), str(event.facility_id)}
    content = " ".join(
        f"{path}={shown(value)}"
        for path, _, value in compare(None, event.fact)
        if str(plain(value)) not in envelope
    )
    why = "" if event.reason is None else f"  ({visible(event.reason)})"
    return (
        f"{event.position:>9}  {event.recorded_at:%Y-%m-%dT%H:%M:%SZ}  {visible(event.actor)}"
        f" [{event.role}]  {event.fact.name}  {event.stream_id}#{event.version}  {content}{why}"
    )


def differences(found: Compared) -> Iterator[str]:
    """What changed, and by which events."""
    for each in found.differences:
        was, now = each.versions
        yield f"{each.aggregate} {each.stream_id}: version {was} -> {now}"
        for change in each.changes:
            by = ", ".join(map(str, change.by))
            yield f"  {change.path}: {shown(change.old)} -> {shown(change.new)}  by {by}"
        yield from (f"  {line(event)}" for event in each.events)
    for figure in found.figures:
        group = " ".join(map(str, figure.group.values()))
        yield f"{figure.summary} {group}".rstrip() + (
            f"  {figure.figure}: {figure.old} -> {figure.new} ({_signed(figure.change)})"
        )
        for moved in figure.moved_by:
            yield (
                f"    {_signed(moved.by)} by {moved.events} {moved.fact}"
                f" ({moved.first} to {moved.last})"
            )
    if not found.differences and not found.figures:
        yield "Nothing changed."


def chains(found: Causes, limit: int) -> Iterator[str]:
    """What led to an event, what followed, and what it belongs to."""
    yield "What led here:"
    yield from (f"  {line(event)}" for given in found.led_here for event in given.events)
    yield "What followed:"
    yield from _tree(found.led_to)
    yield f"All of {found.event.correlation_id}:"
    yield from _tree(found.correlated)
    if not found.complete:
        yield f"  ... and more than the {counted(limit, 'event')} asked for"


def _tree(commands: Iterable[Given], depth: int = 1) -> Iterator[str]:
    for each in commands:
        for event in each.events:
            yield f"{'  ' * depth}{event.position}  {event.fact.name}  {visible(event.actor)}"
        yield from _tree(each.led_to, depth + 1)


def shown(value: Any) -> str:
    """A value in words."""
    told = plain(value)
    return "-" if told is None else visible(told if isinstance(told, str) else json.dumps(told))


def _signed(amount: int | str) -> str:
    return f"{amount}" if Decimal(amount) < 0 else f"+{amount}"
