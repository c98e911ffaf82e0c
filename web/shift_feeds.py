"""A person's shifts as a calendar to subscribe to, under a link that can be revoked.

The link's secret is shown once, to whoever opens the feed; only its digest is kept. Calendar
programs send no token, so that the link itself lets in: it shows one person's published shifts,
without a name, and nothing else. Each time it is looked at is on record, under the link and not
under who has it: that nobody knows.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import flask
from flask_smorest import Blueprint
from icalendar import Calendar, Event

from domain.workforce.shift_feed import OpenFeed
from facilities.service import Context
from projections import queries
from projections.workforce import my_shifts, shift_feeds
from projections.workforce.schedules import PersonsShift
from web import documents
from web.api import serve
from web.doors import doors
from web.problems import Problem
from web.reads import handed_out
from web.schemas import NothingAsked

PAST = timedelta(days=31)
"""How far back a feed shows shifts (c)."""

MEDIA_TYPE = "text/calendar"

BY_LINK = "shift_feed"
"""Who looks at a feed, as far as anybody knows: whoever has its link."""


AT_FACILITY = "/facilities/<uuid:facility_id>/staff/<uuid:staff_id>/shift-feed"


def opened(_body: dict[str, Any], facility_id: UUID, staff_id: UUID) -> flask.Response:
    """Open a feed of someone's shifts, and tell its link this once; an older one is revoked."""
    at = doors()
    actor = at.actor
    secret = secrets.token_urlsafe(32)
    command = OpenFeed(staff_id=staff_id, facility_id=facility_id, digest=_digest(secret))
    outcome = at.service.execute(command, Context(actor=actor, source="api"))
    response = flask.jsonify({"link": f"/shift-feeds/{secret}.ics", "position": outcome.position})
    response.status_code = 201
    return response


def register(app: flask.Flask, desk: Blueprint) -> None:
    """Add the addresses of the feeds. What asks for one stands outside of what asks for a token."""
    serve(desk, AT_FACILITY, opened, NothingAsked(), documented(), "POST")

    @app.get("/shift-feeds/<string:secret>.ics")
    def feed(secret: str) -> flask.Response:
        """Somebody's published shifts, by the secret of a link that was not revoked."""
        at = doors()
        with at.pool.connection() as connection:
            found = queries.one(connection, shift_feeds, (_digest(secret),), scope=None)
            if found is None:
                raise Problem(404, "shift_feed.unknown", "There is no such feed.")
            row = shift_feeds.row_of(found)
            since = (datetime.now(UTC) - PAST).date()
            shifts = queries.page(
                connection,
                my_shifts,
                scope=None,
                filters={"staff_id": row.staff_id, "published": True, "on_from": since},
                limit=1000,
            ).rows
        told = calendar(map(my_shifts.row_of, shifts))
        response = flask.Response(told, mimetype=MEDIA_TYPE)
        response.headers["Cache-Control"] = "private, max-age=300"
        if at.read_log is None:
            return response
        return handed_out(
            at.read_log,
            response,
            actor=BY_LINK,
            role="link",
            what=f"/staff/{row.staff_id}/shift-feed",
            persons=str(row.staff_id).encode(),
        )


def calendar(shifts: Any) -> bytes:
    """The shifts as RFC 5545 has it: an event each, whose UID stays the same while it changes."""
    made = Calendar()
    made.add("prodid", "-//Almoner//Shifts//EN")
    made.add("version", "2.0")
    each: PersonsShift
    for each in shifts:
        event = Event()
        event.add("uid", f"{each.roster_id}-{each.shift}@almoner")
        event.add("dtstamp", each.starts_at)
        event.add("dtstart", each.starts_at)
        event.add("dtend", each.ends_at)
        event.add("summary", each.job)
        made.add_component(event)
    told: bytes = made.to_ical()
    return told


def documented() -> dict[str, Any]:
    """How opening a feed is described."""
    told = {
        "type": "object",
        "required": ["link", "position"],
        "properties": {
            "link": {"type": "string", "description": "Shown this once."},
            "position": {"type": "integer", "minimum": 0},
        },
    }
    return {
        "summary": "Open a feed of someone's shifts.",
        "description": "Tells the link of an iCalendar feed, once; an older link is revoked.",
        "responses": {
            "201": {
                "description": "It was opened.",
                "content": {"application/json": {"schema": told}},
            },
            **documents.problems(*documents.ANSWERED_TO_COMMANDS),
        },
    }


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
