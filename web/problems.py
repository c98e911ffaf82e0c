"""Errors as RFC 9457 problem documents: what is wrong, where, and by which rule.

Every kind of error is one row of `_PROBLEMS` or an HTTPException; anything else is a fault of ours:
logged with its context, answered with 500 and nothing of its inside.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
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


def invalid(errors: Mapping[str, Any]) -> Problem:
    """Input that does not parse: every error, by field."""
    named = ", ".join(sorted(map(str, errors)))
    return Problem(422, "input.invalid", f"Not accepted: {named}.", errors=errors)


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
                expected_version=error.expected,
                current_version=error.current,
            )
        case KeyReused():
            return Problem(409, "idempotency_key.reused", str(error))
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
    messages = getattr(error, "data", {}).get("messages")
    if status == 422 and messages is not None:
        # webargs nests the messages by where they were found: json, query, headers.
        return invalid({name: told for place in messages.values() for name, told in place.items()})
    headers = {
        name: value
        for name, value in error.get_headers()
        if name in ("Allow", "Retry-After", "WWW-Authenticate", "Location")
    }
    title = TITLES.get(status, error.name)
    code = title.lower().replace(" ", "_")
    return Problem(status, f"http.{code}", error.description or title, headers=headers)


def register(app: flask.Flask) -> None:
    """Answer every error of the application with a problem document."""
    app.register_error_handler(Exception, lambda error: problem_of(error).response())
