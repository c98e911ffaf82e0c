"""What every view has at hand: the service, the ledger, the read models and the tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

import flask
from psycopg_pool import ConnectionPool

from facilities.access.passwords import Passwords
from facilities.ledger import Ledger
from facilities.privacy.keeping import Keeper
from facilities.privacy.keyring import Keyring
from facilities.privacy.reads import ReadLog
from facilities.process import Process
from facilities.proposing import Proposer
from facilities.scope import Actor, Scope
from facilities.seals.settings import SealSettings
from facilities.service import Service
from facilities.sight import Seen
from projections.kernel import ReadModel
from web.auth import Tokens
from web.bearers import Bearer, Bearers, Standings
from web.problems import Problem, header, problem_of
from web.progress import Progress


@dataclass(slots=True)
class Doors:
    """The object graph, as the views see it. Built in bootstrap, kept on the application."""

    pool: ConnectionPool[Any]
    readers: ConnectionPool[Any]
    ledger: Ledger
    service: Service
    tokens: Tokens
    bearers: Bearers
    standings: Standings
    passwords: Passwords
    progress: Progress
    models: Sequence[ReadModel[Any]]
    processes: Sequence[Process]
    proposer: Proposer
    seals: SealSettings
    read_log: ReadLog | None
    keeper: Keeper | None
    keyring: Keyring | None
    pending_migrations: Callable[[], list[str]]
    reachable: Callable[[], bool]
    # Facilities never cease to exist, so what was found once need not be looked up again.
    _facilities: set[UUID] = field(default_factory=set)

    def enter(self, request: flask.Request) -> None:
        """Find out who sends this request, before anything else is looked at.

        A token that was seen before is taken for what it was: whoever asks for the `actor` makes
        sure of it first, a list does so in its one statement (`admitted`), and `leave` sees to the
        rest. Raises Problem 401 where nobody knows.
        """
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        flask.g.secret = secret.strip() if scheme.lower() == "bearer" else ""
        flask.g.certain = False
        wanted = request.headers.get("Almoner-Grant")
        flask.g.wanted = _grant(wanted)
        flask.g.bearer = self.bearers.last_seen(flask.g.secret, flask.g.wanted)
        if flask.g.bearer is None:
            self.make_sure()
        if wanted is not None and flask.g.wanted is None:
            raise Problem(
                400,
                "grant.malformed",
                "Almoner-Grant takes the id of a grant.",
                details=header("Almoner-Grant", "must be the id of a grant"),
            )

    def make_sure(self) -> None:
        """Look the token up. Raises Problem 401 where it is good for nothing, or is no more."""
        secret = flask.g.secret
        try:
            bearer = self.bearers.bearer(secret, flask.g.wanted) if secret else None
        except Problem:
            flask.g.certain = True  # whoever it is, this is all there is to be told
            raise
        if bearer is None:
            flask.g.certain = True  # nothing remains to be found out
            raise Problem(
                401,
                "token.unknown" if secret else "token.missing",
                "Send a valid token: Authorization: Bearer <token>.",
                headers={"WWW-Authenticate": 'Bearer realm="almoner"'},
            )
        flask.g.bearer, flask.g.certain = bearer, True

    def admitted(self) -> None:
        """The token was found to be good by what read with its admission."""
        flask.g.certain = True

    def leave(self, response: flask.Response) -> flask.Response:
        """The response, or 401: nobody is told anything whose token is good for nothing."""
        told_nothing = response.status_code == 429 or response.status_code >= 500
        if told_nothing:
            return response
        try:
            if not flask.g.get("certain", True):
                self.make_sure()
            if flask.g.get("bearer") is not None:
                self.bearers.note(flask.g.bearer)
        except Exception as error:  # noqa: BLE001 - here nothing else would answer it
            return problem_of(error).response()
        return response

    @property
    def bearer(self) -> Bearer:
        """Who is taken to have sent the request that is being answered."""
        return cast(Bearer, flask.g.bearer)

    @property
    def actor(self) -> Actor:
        """Who sent the request that is being answered."""
        if not flask.g.certain:
            self.make_sure()
        return self.bearer.actor

    @property
    def seen(self) -> Seen:
        """The ledger as whoever sent the request may see it. Events are shown from here only."""
        return self.seen_by(self.actor)

    def seen_by(self, actor: Actor) -> Seen:
        """The ledger as somebody may see it."""
        return Seen(self.readers, actor.scope, self.ledger.sealed)

    def reads(self, context: str) -> None:
        """Let in only those whose role looks at this context (or at `EVENTS`).

        Raises Problem 403: what a role is for tells nothing about what there is.
        """
        role = self.bearer.actor.role
        if not role.reads(context):
            raise Problem(403, "role.not_permitted", f"This is not for the role {role} to look at.")

    def whole_system(self, scope: Scope) -> None:
        """Let in only those whose scope is the whole system; for others there is nothing here."""
        if not scope.whole_system:
            raise Problem(404, "route.unknown", "There is no such address.")

    def key_of(self, person_id: UUID) -> UUID | None:
        """The number of a person's key; None where there is none."""
        known = {} if self.keyring is None else self.keyring.known([person_id])
        return known.get(person_id)

    def is_facility(self, facility_id: UUID) -> bool:
        """Whether there is such a facility."""
        if facility_id not in self._facilities:
            first = self.ledger.stream(facility_id, limit=1)
            if not first or first[0].fact.name != "facility.opened":
                return False
            self._facilities.add(facility_id)
        return True


def _grant(given: str | None) -> UUID | None:
    """The grant somebody says he wants to act under; None where that is no id."""
    if given is None or not re.fullmatch(
        r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", given
    ):
        return None
    return UUID(given)


def doors() -> Doors:
    """The doors of the application that serves this request."""
    return cast(Doors, flask.current_app.extensions["almoner"])
