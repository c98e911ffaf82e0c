"""What every view has at hand: the service, the ledger, the read models and the tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

import flask
from psycopg_pool import ConnectionPool

from facilities.ledger import Ledger
from facilities.scope import Actor
from facilities.service import Service
from projections.kernel import ReadModel
from web.auth import Tokens
from web.problems import Problem
from web.progress import Progress


@dataclass(slots=True)
class Doors:
    """The object graph, as the views see it. Built in bootstrap, kept on the application."""

    pool: ConnectionPool[Any]
    ledger: Ledger
    service: Service
    tokens: Tokens
    progress: Progress
    models: Sequence[ReadModel[Any]]
    pending_migrations: Callable[[], list[str]]
    reachable: Callable[[], bool]
    # Facilities never cease to exist, so what was found once need not be looked up again.
    _facilities: set[UUID] = field(default_factory=set)

    def enter(self, request: flask.Request) -> None:
        """Find out who sends this request, before anything else is looked at.

        Raises Problem 401 where nobody knows.
        """
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        actor = self.tokens.actor(secret.strip()) if scheme.lower() == "bearer" else None
        if actor is None:
            raise Problem(
                401,
                "token.unknown" if secret else "token.missing",
                "Send a valid token: Authorization: Bearer <token>.",
                headers={"WWW-Authenticate": 'Bearer realm="almoner"'},
            )
        flask.g.actor = actor

    @property
    def actor(self) -> Actor:
        """Who sent the request that is being answered."""
        return cast(Actor, flask.g.actor)

    def whole_system(self) -> None:
        """Let in only those whose scope is the whole system; for others there is nothing here."""
        if not self.actor.scope.whole_system:
            raise Problem(404, "route.unknown", "There is no such address.")

    def is_facility(self, facility_id: UUID) -> bool:
        """Whether there is such a facility."""
        if facility_id not in self._facilities:
            first = self.ledger.stream(facility_id, limit=1)
            if not first or first[0].fact.name != "facility.opened":
                return False
            self._facilities.add(facility_id)
        return True


def doors() -> Doors:
    """The doors of the application that serves this request."""
    return cast(Doors, flask.current_app.extensions["almoner"])
