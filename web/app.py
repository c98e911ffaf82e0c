"""The web application: routes, errors, description, health."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
from flask_smorest import Api
from flask_smorest.spec.plugins import FlaskPlugin
from flask_swagger_ui import get_swaggerui_blueprint
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from projections.kernel import ReadModel
from web import (
    access,
    aging,
    audit_reads,
    audit_seals,
    components,
    controlled,
    demand,
    figures,
    health,
    nursing_figures,
    oneself,
    ordering,
    organization,
    overpayments,
    payroll,
    privacy,
    problems,
    proposals,
    recalls,
    revenue,
    roster_plans,
    rosters,
    schemas,
    sessions,
    shift_feeds,
    stock_figures,
    supply,
    timeline,
    tokens,
    transfers,
    workforce,
)
from web import audit as audit_routes
from web.api import Lists, Shows, register
from web.doors import Doors, doors
from web.parsing import Desk
from web.reads import put_on_record

PREFIX = "/api/v1"
LARGEST_BODY = 1024 * 1024

CONTEXTS = {
    "organization": organization.ROUTES,
    "workforce": workforce.ROUTES + rosters.ROUTES,
    "revenue": revenue.ROUTES,
    "privacy": privacy.ROUTES,
    "supply": supply.ROUTES
    + ordering.ROUTES
    + transfers.ROUTES
    + recalls.ROUTES
    + controlled.ROUTES,
    "access": access.ROUTES,
}


TAGS = {
    "organization": "Facilities and their departments.",
    "workforce": "People, their credentials and positions, rosters, hours and leave.",
    "revenue": "Payers and contracts, claims, remittances, denials, patients' accounts, figures.",
    "privacy": "Legal holds, retention, and erasing a person.",
    "supply": "The catalog, stock, orders, transfers, counts, recalls, controlled substances.",
    "access": "Accounts and grants.",
    "audit": "Events, what led to them, states and differences, seals and proofs, reads.",
    "identity": "Who one is: passwords, tokens, and breaking the glass.",
    "sessions": "Coming in by login and password.",
}
"""What the groups of operations are about."""

DESCRIPTION = """\
The ledger a health system of many facilities is run on.

A command is a `POST` of one JSON object. It answers with the position it led to, and under an
`Idempotency-Key` it can be sent again without doing it twice. A query takes `as_of`, a position or
a past instant, and tells what was known then; `after` a position it tells what was written up to
there. What is refused is a problem document whose `code` never changes. Money is decimal text, a
day `YYYY-MM-DD`, an instant ISO 8601 with its offset, an id a UUID.
"""


class Places(FlaskPlugin):  # type: ignore[misc]
    """Describes what stands in addresses."""

    def rule_to_params(self, rule: Rule) -> list[dict[str, Any]]:
        """The ids of an address, and which thing each is of."""
        found: list[dict[str, Any]] = super().rule_to_params(rule)
        for each in found:
            each["description"] = f"Which {each['name'].removesuffix('_id').replace('_', ' ')}."
        return found


class ProblemApi(Api):  # type: ignore[misc]
    """flask-smorest's description of the API, with our errors instead of its own."""

    # Each operation lists its own problems; smorest's general error and pages are not what is sent.
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_responses(self) -> None:
        pass

    def _register_pagination_header(self) -> None:
        pass

    def handle_http_exception(self, error: HTTPException) -> flask.Response:
        return problems.problem_of(error).response()


class Application(flask.Flask):
    """Flask, where no view is a coroutine: nine times a request it would look whether one is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def _enter() -> None:
    doors().enter(flask.request)


def _leave(response: flask.Response) -> flask.Response:
    at = doors()
    return put_on_record(at.read_log, flask.g.get("bearer"), at.leave(response))


def _desk(word: str) -> Desk:
    """A group of operations, for those who come in."""
    desk = Desk(word, word, url_prefix=PREFIX, description=TAGS[word])
    desk.before_request(_enter)
    desk.after_request(_leave)
    return desk


def rows_told() -> list[ReadModel[Any]]:
    """The read models whose rows are shown as they are, each once."""
    rows = (row for rows in CONTEXTS.values() for row in rows)
    return list(dict.fromkeys(row.model for row in rows if isinstance(row, Lists | Shows)))


def create_app(at: Doors) -> flask.Flask:
    """The application on these doors. Builds every schema once; nothing is built per request."""
    app = Application("almoner", static_folder=None)
    app.config.update(
        API_TITLE="Almoner",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        API_SPEC_OPTIONS={
            "info": {"description": DESCRIPTION},
            "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
            "security": [{"token": []}],
        },
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["almoner"] = at
    api = ProblemApi(app, spec_kwargs={"flask_plugin": Places()})
    schemas.register(api)
    components.register(api.spec, rows_told())
    answers = frozenset(api.spec.components.schemas)
    for word, rows in CONTEXTS.items():
        blueprint = _desk(word)
        register(blueprint, rows)
        if word == "workforce":
            shift_feeds.register(app, blueprint)
            payroll.register(blueprint)
            nursing_figures.register(blueprint)
            roster_plans.register(blueprint)
            proposals.register(blueprint)
        if word == "revenue":
            figures.register(blueprint)
            aging.register(blueprint)
            overpayments.register(blueprint)
        if word == "privacy":
            privacy.register(blueprint)
        if word == "supply":
            stock_figures.register(blueprint)
            demand.register(blueprint)
        api.register_blueprint(blueprint)
    audit = _desk("audit")
    timeline.register(audit)
    audit_routes.register(audit)
    audit_seals.register(audit)
    audit_reads.register(audit)
    api.register_blueprint(audit)
    identity = _desk("identity")
    oneself.register(identity)
    sessions.register(identity)
    tokens.register(identity)
    api.register_blueprint(identity)
    entrance = Desk("sessions", "sessions", url_prefix=PREFIX, description=TAGS["sessions"])
    sessions.register_entrance(entrance)
    api.register_blueprint(entrance)
    schemas.close(api, answers)
    docs = get_swaggerui_blueprint(
        f"{PREFIX}/docs", f"{PREFIX}/openapi.json", config={"app_name": "Almoner"}
    )
    app.register_blueprint(docs)
    health.register(app)
    problems.register(app)
    return app
