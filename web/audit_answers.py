"""The auditor's answers as JSON has them, for both doors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from domain.kernel import Recorded
from projections.audit.causes import Causes, Given
from projections.audit.difference import Difference
from projections.audit.figures import Figure
from projections.audit.state import Folded, Moment, plain
from web.auditor import Compared
from web.timeline import shown


def told(event: Recorded[Any]) -> dict[str, Any]:
    """An event with what is in it."""
    return {**shown(event), "content": plain(event.fact)}


def brief(event: Recorded[Any]) -> dict[str, Any]:
    """Who, when and why: an event without what is in it."""
    return {
        "position": event.position,
        "version": event.version,
        "fact": event.fact.name,
        "actor": event.actor,
        "role": event.role,
        "effective_at": plain(event.effective_at),
        "recorded_at": plain(event.recorded_at),
        "reason": event.reason,
    }


def state(folded: Folded[Recorded[Any]], moment: Moment) -> dict[str, Any]:
    """What something had become at a moment."""
    return {
        "stream_id": folded.stream_id,
        "aggregate": folded.aggregate,
        "facility_id": folded.facility_id,
        "version": folded.version,
        "position": folded.position,
        "known_at": moment.known_at,
        "effective_at": plain(moment.effective_at),
        "state": plain(folded.state),
        "set_aside": [brief(each) for each in folded.set_aside],
    }


def difference(found: Difference[Recorded[Any]]) -> dict[str, Any]:
    """What changed in one thing, and by which events."""
    return {
        "stream_id": found.stream_id,
        "aggregate": found.aggregate,
        "versions": list(found.versions),
        "changes": [
            {
                "path": each.path,
                "old": plain(each.old),
                "new": plain(each.new),
                "by": list(each.by),
            }
            for each in found.changes
        ],
        "events": [brief(each) for each in found.events],
        "set_aside": [brief(each) for each in found.set_aside],
        "told_upto": found.upto,
        "complete": found.complete,
    }


def figure(found: Figure) -> dict[str, Any]:
    """A figure that changed, and by which facts."""
    return {
        "summary": found.summary,
        "group": found.group,
        "figure": found.figure,
        "old": found.old,
        "new": found.new,
        "change": found.change,
        "moved_by": [
            {
                "fact": each.fact,
                "events": each.events,
                "by": each.by,
                "first": each.first,
                "last": each.last,
            }
            for each in found.moved_by
        ],
    }


def compared(found: Compared, old: int, new: int) -> dict[str, Any]:
    """What changed between two positions."""
    return {
        "from": old,
        "to": new,
        "told_upto": found.upto,
        "items": [difference(each) for each in found.differences],
        "figures": [figure(each) for each in found.figures],
    }


def causes(found: Causes) -> dict[str, Any]:
    """The chains an event stands in."""
    return {
        "event": told(found.event),
        "led_here": _given(found.led_here),
        "led_to": _given(found.led_to),
        "correlated": _given(found.correlated),
        "complete": found.complete,
    }


def _given(commands: Iterable[Given]) -> list[dict[str, Any]]:
    return [
        {
            "command_id": each.command_id,
            "causation_id": each.causation_id,
            "events": [
                {"stream_id": one.stream_id, "facility_id": one.facility_id, **brief(one)}
                for one in each.events
            ],
            "led_to": _given(each.led_to),
        }
        for each in commands
    ]
