"""Reads of personal data are put on record, whatever route they come by, and so is every file.

What is told is looked at as it leaves: an answer that shows a personal value is a read of the
persons it names. So a route need not say that it shows any, and none can forget to. (A page of a
list is not searched where the statement that wrote it has told whose its rows are.) What is no JSON
is a file that somebody takes away: it is on record whatever is in it, and the view that makes it
says of whom it tells (``flask.g.persons``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, cast
from uuid import UUID

import flask
from werkzeug.http import parse_options_header

from domain.kernel import FACTS
from domain.personal import personal_fields
from facilities.privacy.read_rows import ID_SIZE
from facilities.privacy.reads import FILE, ReadLog, ReadsUnwritable
from projections import READ_MODELS
from projections.kernel import ReadModel
from projections.render import MASK, personal_columns
from web.bearers import Bearer
from web.problems import Problem

LONGEST = 2_000

REFUSED = (403, 404)
"""The answers to what is not for one's role, and to what is not there or not within one's scope."""

_END, _BLANK = ID_SIZE + 1, ord(" ")


def put_on_record(
    reads: ReadLog | None, bearer: Bearer | None, response: flask.Response
) -> flask.Response:
    """The response, once it is on record whose data it shows, or that it was refused; or 503 where
    that cannot be.

    What is refused is on record whether there is such a thing or not: to find out which it is would
    take a time that tells it. A command that is refused has told of nobody.
    """
    request = flask.request
    if reads is None or bearer is None or not response.is_sequence:
        return response
    if response.status_code in REFUSED and request.method == "GET":
        persons: bytes | None = b""
    else:
        persons = _shown_in(response)
    if persons is None:
        return response
    return handed_out(
        reads,
        response,
        actor=bearer.actor.name,
        role=bearer.actor.role,
        what=request.path,
        persons=persons,
        why=bearer.actor.broken_for if bearer.actor.sees_personal else None,
    )


def handed_out(
    reads: ReadLog,
    response: flask.Response,
    *,
    actor: str,
    role: str,
    what: str,
    persons: bytes,
    why: str | None = None,
) -> flask.Response:
    """The response, once it is on record who was given it; or 503 where that cannot be. It says
    `why` where the request does not."""
    request = flask.request
    asked = request.query_string.decode("ascii", "replace")
    if is_file(response):
        asked = f"{FILE}{_called(response, what)}&{asked}".rstrip("&")
    try:
        reads.record(
            actor=actor,
            role=role,
            what=what,
            asked=asked[:LONGEST],
            why=request.headers.get("Almoner-Reason", type=_reason) or why,
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


def is_file(response: flask.Response) -> bool:
    """Whether an answer is a file that somebody takes away."""
    return response.status_code == 200 and response.mimetype != "application/json"


def _called(response: flask.Response, what: str) -> str:
    """What a file is called, by its header or by where it was asked for."""
    _, options = parse_options_header(response.headers.get("Content-Disposition"))
    return options.get("filename") or what.rpartition("/")[2]


def _shown_in(response: flask.Response) -> bytes | None:
    """The persons of whom an answer shows anything personal, and None where it shows nothing."""
    others = flask.g.get("persons")
    if is_file(response):
        return also(b"", others or ())
    if response.status_code >= 400:
        return None
    if told := flask.g.get("persons_shown"):
        shown: bytes | None = cast(str, told).encode()
    else:
        shown = persons_in(response.get_data(), flask.g.get("shows"))
    return shown if shown is None or others is None else also(shown, others)


def persons_in(body: bytes, model: ReadModel[Any] | None = None) -> bytes | None:
    """The persons of whom a JSON text shows anything personal: their ids as they stand there, one
    after the other. None where it shows nothing personal.

    Names are looked for as they are written, and nothing is made of what stands behind them: a
    page is through in some microseconds, and the rest is done later. Of rows of a `model` it is
    known which names there are.
    """
    personal, whose = _names(cast(Any, model))
    values: dict[bytes, list[bytes]] = {}
    for name in personal:
        values[name] = _values(body, name)
        if any(map(_shown, values[name])):
            break
    else:
        return None
    found = set[bytes]()
    for name in whose:
        found.update(values[name] if name in values else _values(body, name))
    return b"".join([each for each in found if len(each) == ID_SIZE])


def also(persons: bytes, others: Iterable[UUID]) -> bytes:
    """Persons whose ids stand one after the other, and others of whom something was shown too: a
    fact that tells of its stream's person does not name them."""
    named = str(persons, "ascii", "replace")
    return persons + "".join(each for each in map(str, others) if each not in named).encode()


def _values(body: bytes, name: bytes) -> list[bytes]:
    """How the texts begin that stand behind a name; of other values one letter is left out."""
    _, *behind = body.split(name)
    return [each[1:_END] if each[0] != _BLANK else each[2 : _END + 1] for each in behind if each]


def _shown(value: bytes) -> bool:
    return not value.startswith((b"ull", MASK.encode()))


@cache
def _names(model: Any) -> tuple[list[bytes], list[bytes]]:
    """The names of personal members, and of those that tell whose they are: in a model's rows, or
    in anything."""
    personal, whose = set[str](), set[str]()
    kinds: list[Any] = [*FACTS.values()]
    for kind in kinds:
        if fields := personal_fields(kind):
            personal |= fields.keys()
            whose |= {each for each in (kind.person,) if each is not None}
    for each in READ_MODELS:
        personal |= personal_columns(each)
    if model is not None:
        personal &= personal_columns(model)
        if not any(model.column[name].kind == "jsonb" for name in personal):
            whose &= model.column.keys()
    # Whose it is often is what is personal: seen first, it answers at once.
    ordered = sorted(personal & whose) + sorted(personal - whose)
    return _as_written(ordered), _as_written(sorted(whose))


def _as_written(names: Iterable[str]) -> list[bytes]:
    return [f'"{each}":'.encode() for each in names]


def _reason(given: str) -> str | None:
    return given if re.fullmatch(r"[ -~]{1,500}", given) else None
