"""Reads of personal data are put on record, whatever route they come by.

What is told is looked at as it leaves: an answer that shows a personal value is a read of the
persons it names. So a route need not say that it shows any, and none can forget to.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from uuid import UUID

import flask

from domain.kernel import FACTS
from domain.personal import personal_fields
from facilities.privacy.reads import ReadLog, ReadsUnwritable
from projections import READ_MODELS
from web.auth import Bearer
from web.problems import Problem

LONGEST = 2_000

_UUID = rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def put_on_record(
    reads: ReadLog | None, bearer: Bearer | None, response: flask.Response
) -> flask.Response:
    """The response, once it is on record whose data it shows; or 503 where that cannot be."""
    request = flask.request
    if reads is None or bearer is None or request.method != "GET" or not response.is_sequence:
        return response
    persons = persons_in(response.get_data())
    if not persons:
        return response
    try:
        reads.record(
            actor=bearer.actor.name,
            role=bearer.actor.role,
            what=request.path,
            asked=request.query_string.decode("ascii", "replace")[:LONGEST],
            why=request.headers.get("Almoner-Reason", type=_reason),
            outcome=response.status_code,
            source="api",
            persons=persons,
        )
    except ReadsUnwritable:
        return Problem(
            503,
            "reads.unwritable",
            "What is read cannot be put on record, so nothing is told.",
            headers={"Retry-After": "5"},
        ).response()
    return response


def persons_in(body: bytes) -> list[UUID]:
    """The persons of whom a JSON text shows anything personal."""
    shows, names = _patterns()
    if shows.search(body) is None:
        return []
    return [UUID(each.decode()) for each in sorted(set(names.findall(body)))]


@cache
def _patterns() -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """What finds a personal value that is not masked, and what finds who a text is about."""
    personal, whose = set[str](), set[str]()
    kinds: list[Any] = [*FACTS.values()]
    for kind in kinds:
        if fields := personal_fields(kind):
            personal |= fields.keys()
            whose |= {each for each in (kind.person,) if each is not None}
    rows: list[Any] = [model.row for model in READ_MODELS]
    for row in rows:
        personal |= personal_fields(row).keys()
    shows = rf'"(?:{"|".join(sorted(personal))})":(?!\s?(?:null|"•••"))'
    names = rf'"(?:{"|".join(sorted(whose))})":\s?"'
    return re.compile(shows.encode()), re.compile(names.encode() + b"(" + _UUID + b')"')


def _reason(given: str) -> str | None:
    return given if re.fullmatch(r"[ -~]{1,500}", given) else None
