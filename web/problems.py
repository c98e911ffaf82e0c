"""Errors as RFC 9457 problem documents: what is wrong, where, and by which rule.

Every kind of error is one row of `_PROBLEMS` or an HTTPException; anything else is a fault of ours:
logged with its context, answered with 500 and nothing of its inside.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

import flask
import msgspec
from eventsourcing import persistence as es
from psycopg import OperationalError
from psycopg_pool import PoolTimeout, TooManyRequests
from werkzeug.exceptions import HTTPException

from domain.kernel import Refused
from facilities.access.issuer import IssuerUnavailable
from facilities.database import DatabaseUnavailable
from facilities.group_commit import Overloaded
from facilities.service import Contended, KeyReused, NotFound, NotPermitted, StaleVersion
from projections.queries import NotReady

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: "Bad request",
    401: "Not authenticated",
    403: "Not permitted",
    404: "Not found",
    405: "Method not allowed",
    409: "Refused by a rule",
    412: "Version is stale",
    413: "Request too large",
    415: "Unsupported media type",
    422: "Invalid input",
    429: "Too many requests",
    500: "Internal error",
    501: "Not installed",
    503: "Unavailable",
}

TOLD = 3
"""How many errors of an input are told in a sentence, beside all of them by field."""

LONGEST = 40
"""How many characters of a value are said again."""

NOTHING = object()
"""What was given where nothing was."""


class Problem(Exception):
    """Something to answer with a problem document. `extra` members go into it as they are."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.headers, self.extra = dict(headers or {}), extra

    def response(self) -> flask.Response:
        """The document as a response."""
        document = {
            "type": f"urn:almoner:problem:{self.code}",
            "title": TITLES.get(self.status, "Error"),
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **self.extra,
        }
        body = msgspec.json.encode(document, enc_hook=str)
        response = flask.Response(body, self.status, mimetype=MEDIA_TYPE)
        response.headers.update(self.headers)
        return response


def header(name: str, rule: str) -> dict[str, Any]:
    """What is looked at where a header is refused: its name, its value, and the rule."""
    value = flask.request.headers.get(name, "")
    return {"field": name, "value": value[:LONGEST], "rule": rule}


def invalid(errors: Mapping[str, Any], asked: Any = None, *, secret: bool = False) -> Problem:
    """Input that does not parse: every error by field, and what was given there.

    `asked` is all that was given. Of what holds something `secret`, none of it is said again.
    """
    wrong = [*_leaves(errors)]
    rules = [f"{'.'.join(place) or 'body'}: {rule.rstrip('.')}" for place, rule in wrong[:TOLD]]
    rules += [f"and {len(wrong) - TOLD} more"] if len(wrong) > TOLD else []
    found = {} if secret else {".".join(place): _found(asked, place) for place, _ in wrong}
    given = {place: value for place, value in found.items() if value is not NOTHING}
    detail = "Not accepted: " + "; ".join(rules) + "."
    return Problem(422, "input.invalid", detail, errors=_named(errors), given=given)


def _leaves(
    errors: Mapping[Any, Any] | list[Any], place: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every field with an error, as the names that lead to it, and the first rule it breaks."""
    if isinstance(errors, Mapping):
        for name, inner in errors.items():
            # What concerns the whole of a member stands under a name of the library's own.
            yield from _leaves(inner, place if name == "_schema" else (*place, _sayable(name)))
    else:
        yield place, str(errors[0])


def _found(asked: Any, place: tuple[str, ...]) -> Any:
    """What was given at a place, shortened where it is long; NOTHING where nothing was."""
    for name in place:
        if isinstance(asked, list) and name.isdigit() and int(name) < len(asked):
            asked = asked[int(name)]
        elif isinstance(asked, Mapping) and name in asked:
            asked = asked[name]
        else:
            return NOTHING
    if isinstance(asked, (Mapping, list)):
        return "an object" if isinstance(asked, Mapping) else f"a list of {len(asked)}"
    if isinstance(asked, int) and abs(asked) > 2**53:
        asked = str(asked)
    return _sayable(asked)[:LONGEST] if isinstance(asked, str) else asked


def _named(errors: Any) -> Any:
    if isinstance(errors, Mapping):
        return {_sayable(name): _named(inner) for name, inner in errors.items()}
    return errors


def _sayable(text: Any) -> str:
    """A text in characters that can be written down."""
    return str(text).encode("utf-8", "replace").decode()


def problem_of(error: Exception) -> Problem:
    """The problem an exception stands for; an unexpected one is logged here."""
    match error:
        case Problem():
            return error
        case Refused():
            return Problem(409, error.code, error.message, details=error.details)
        case NotFound():
            return Problem(404, f"{error.kind}.unknown", str(error))
        case NotPermitted():
            return Problem(403, "role.not_permitted", str(error))
        case StaleVersion():
            return Problem(
                412,
                "version.stale",
                str(error),
                headers={"ETag": f'"{error.current}"'},
                details=header("If-Match", "must be the current version"),
                expected_version=error.expected,
                current_version=error.current,
            )
        case KeyReused():
            return Problem(
                409,
                "idempotency_key.reused",
                str(error),
                details=header("Idempotency-Key", "must be another one for another request"),
            )
        case IssuerUnavailable():
            return Problem(
                503,
                "issuer.unavailable",
                "The identity provider cannot be asked now.",
                headers={"Retry-After": "10"},
            )
        case NotReady():
            return Problem(503, "read_model.not_ready", str(error), headers={"Retry-After": "2"})
        case Contended():
            return Problem(409, "version.contended", str(error), headers={"Retry-After": "1"})
        case PoolTimeout() if not flask.current_app.extensions["almoner"].reachable():
            return _unreachable(error)
        case PoolTimeout() | TooManyRequests() | Overloaded():
            return Problem(
                429, "overloaded", "Too much at once; try again.", headers={"Retry-After": "1"}
            )
        case OperationalError() | es.OperationalError() | DatabaseUnavailable():
            return _unreachable(error)
        case HTTPException(code=int(status)):
            return _http(error, status)
        case _:
            log.error("unexpected error", exc_info=error, extra={"path": flask.request.url_rule})
            return Problem(500, "internal", "Something went wrong on our side; it was logged.")


def _unreachable(error: Exception) -> Problem:
    log.warning("the database cannot be reached", exc_info=error)
    return Problem(
        503,
        "database.unavailable",
        "The database cannot be reached now; it is not certain whether a change was made. "
        "Send it again with the same Idempotency-Key.",
        headers={"Retry-After": "2"},
    )


def _http(error: HTTPException, status: int) -> Problem:
    parsed = getattr(error, "data", {})
    if status == 422 and parsed.get("messages") is not None:
        # webargs nests the messages by where they were found: json, query, headers.
        errors = {
            name: told for place in parsed["messages"].values() for name, told in place.items()
        }
        members = parsed["schema"].fields.values()
        secret = any(each.metadata.get("format") == "password" for each in members)
        return invalid(errors, error.exc.data, secret=secret)  # type: ignore[attr-defined]
    headers = {
        name: value
        for name, value in error.get_headers()
        if name in ("Allow", "Retry-After", "WWW-Authenticate", "Location")
    }
    title = TITLES.get(status, error.name)
    code = title.lower().replace(" ", "_")
    detail = _SAID.get(status) or error.description or title
    return Problem(status, f"http.{code}", detail, headers=headers, **_looked_at(status))


_SAID = {
    404: "There is no such address. Ids in an address are UUIDs.",
    405: "That is not done at this address; Allow names what is.",
    413: "The body is larger than it may be here.",
}
"""What is said instead of the framework's words, which are for people who type addresses."""


def _looked_at(status: int) -> dict[str, Any]:
    request = flask.request
    if status != 413:
        return {}
    rule = f"must have at most {request.max_content_length} bytes"
    return {"details": {"field": "body", "value": request.content_length, "rule": rule}}


def register(app: flask.Flask) -> None:
    """Answer every error of the application with a problem document."""
    app.register_error_handler(Exception, lambda error: problem_of(error).response())
