"""The web application: routes, errors, description, health."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
from flask_smorest import Api
from flask_swagger_ui import get_swaggerui_blueprint
from werkzeug.exceptions import HTTPException

from web import (
    access,
    aging,
    audit_reads,
    audit_seals,
    controlled,
    demand,
    figures,
    health,
    nursing_figures,
    oneself,
    ordering,
    organization,
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
from web.api import register
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


class ProblemApi(Api):  # type: ignore[misc]
    """flask-smorest's description of the API, with our errors instead of its own."""

    # Each operation lists its own problems; smorest's general error is not what is sent.
    DEFAULT_ERROR_RESPONSE_NAME = None

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
            "info": {"description": "The ledger a health system of many facilities is run on."},
            "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
            "security": [{"token": []}],
        },
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["almoner"] = at
    api = ProblemApi(app)
    schemas.register(api)
    for word, rows in CONTEXTS.items():
        blueprint = Desk(word, word, url_prefix=PREFIX)
        blueprint.before_request(_enter)
        blueprint.after_request(_leave)
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
        if word == "privacy":
            privacy.register(blueprint)
        if word == "supply":
            stock_figures.register(blueprint)
            demand.register(blueprint)
        api.register_blueprint(blueprint)
    audit = Desk("audit", "audit", url_prefix=PREFIX)
    audit.before_request(_enter)
    audit.after_request(_leave)
    timeline.register(audit)
    audit_routes.register(audit)
    audit_seals.register(audit)
    audit_reads.register(audit)
    api.register_blueprint(audit)
    access_of_ones_own = Desk("own", "access", url_prefix=PREFIX)
    access_of_ones_own.before_request(_enter)
    access_of_ones_own.after_request(_leave)
    oneself.register(access_of_ones_own)
    sessions.register(access_of_ones_own)
    tokens.register(access_of_ones_own)
    api.register_blueprint(access_of_ones_own)
    entrance = Desk("entrance", "access", url_prefix=PREFIX)
    sessions.register_entrance(entrance)
    api.register_blueprint(entrance)
    docs = get_swaggerui_blueprint(
        f"{PREFIX}/docs", f"{PREFIX}/openapi.json", config={"app_name": "Almoner"}
    )
    app.register_blueprint(docs)
    health.register(app)
    problems.register(app)
    return app
