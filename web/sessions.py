"""Coming in by password, and passwords.

Coming in is a procedure in six steps (`begin_session`):

1. Where attempts under this login failed too often, nothing is looked at for a while: 429.
2. The password is checked; of a login that there is not, nobody's password is checked as long.
3. Where attempts that came at the same time have failed too often meanwhile, it is as in 1: many
   at once learn no more than one after the other.
4. Where it was wrong, that is counted. Who is locked out for it is on record, where there is an
   account. Every refusal reads the same: 401.
5. The grant to act under: the one that was named, or the only one.
6. A session: a token of that grant, for some hours.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import flask
import marshmallow as ma
from flask_smorest import Blueprint
from marshmallow import validate

from domain.access.account import LockAccount, RecordPasswordChange
from domain.kernel import Command
from facilities.access.passwords import fit
from facilities.scope import Actor, Role
from facilities.service import Context, NotFound, Outcome
from web.api import serve
from web.auth import Kind
from web.bearers import chosen
from web.doors import Doors, doors
from web.oneself import COMMANDED, NOTHING, administrator, own, told
from web.problems import Problem
from web.schemas import Exactly, Text
from web.tokens import MADE, made

SESSION = timedelta(hours=12)
"""How long one goes on with a password given once."""

GATE = Actor("almoner", Role.SERVICE)
"""Who puts on record what happens at the door."""


def _secret(meant: str) -> Text:
    return Text(
        required=True,
        validate=validate.Length(min=1, max=200),
        metadata={"description": meant, "format": "password"},
    )


class Credentials(Exactly):
    """Who wants to come in, and under which grant."""

    login = Text(required=True, validate=validate.Length(min=1, max=80))
    password = _secret("The account's password.")
    grant_id = ma.fields.UUID(metadata={"description": "Where the account has several grants."})


class NewPassword(Exactly):
    """Another password for one's own account."""

    current = _secret("The password there is.")
    password = _secret("The one there is to be.")


class GivenPassword(Exactly):
    """A password that an administrator gives to an account."""

    password = _secret("To be changed by whoever it is given to.")


# --- routes -------------------------------------------------------------------------------------


def register_entrance(blueprint: Blueprint) -> None:
    """Add the one route that asks for no token."""
    document = {
        **told("Come in by password", "201", MADE, "403", "413", "415"),
        "security": [],
    }
    serve(blueprint, "/sessions", begin_session, Credentials(), document, "POST")


def register(blueprint: Blueprint) -> None:
    """Add changing one's password, and giving one to an account."""
    document = told("Change one's password", "200", NOTHING, *COMMANDED)
    serve(blueprint, "/me/password", change_password, NewPassword(), document, "POST")
    document = told("Give an account a password", "200", NOTHING, *COMMANDED)
    path = "/system/accounts/<uuid:account_id>/password"
    serve(blueprint, path, give_password, GivenPassword(), document, "POST")


# --- coming in ----------------------------------------------------------------------------------


def begin_session(asked: dict[str, Any]) -> flask.Response:
    """Come in by password. See above."""
    at, login = doors(), asked["login"]
    _not_locked(at, login)
    found = at.standings.of_login(login)
    right = at.passwords.check(None if found is None else found[0], asked["password"])
    _not_locked(at, login)
    if not right:
        failures, locked = at.passwords.failed(login)
        if locked is not None:
            if found is not None:
                _on_record(
                    at,
                    LockAccount(account_id=found[0], failures=failures, locked_until=locked),
                )
            raise _locked(locked)
        raise Problem(401, "login.refused", "Login and password do not go together.")
    assert found is not None
    at.passwords.forgive(login)
    held = chosen(at.standings, found[0], asked.get("grant_id"))
    ends = datetime.now(UTC) + SESSION
    if held.grant.expires_at is not None:
        ends = min(ends, held.grant.expires_at)
    return made(at, held, list(held.grant.facility_ids) or None, ends, Kind.SESSION, None)


def _not_locked(at: Doors, login: str) -> None:
    """Raises Problem 429 where no password is taken for a login."""
    if (locked := at.passwords.locked_until(login)) is not None and _still(at, login):
        raise _locked(locked)


def _still(at: Doors, login: str) -> bool:
    """Whether it is locked: an administrator may have unlocked the account meanwhile. That it is
    locked may not be on record yet, so it is not asked whether it is."""
    found = at.standings.of_login(login)
    unlocked = None if found is None else found[1].unlocked_at
    if unlocked is None or at.passwords.failed_since(login, unlocked):
        return True
    at.passwords.forgive(login)
    return False


def _locked(until: datetime) -> Problem:
    seconds = max(1, int((until - datetime.now(UTC)).total_seconds()) + 1)
    return Problem(
        429,
        "login.locked",
        "Too many attempts failed; try again later.",
        headers={"Retry-After": str(seconds)},
    )


# --- passwords ----------------------------------------------------------------------------------


def change_password(asked: dict[str, Any]) -> flask.Response:
    """Change one's own password. All sessions end, also the one that asks."""
    at, (account_id, _) = doors(), own()
    login = at.actor.name
    if (locked := at.passwords.locked_until(login)) is not None:
        raise _locked(locked)
    fit(asked["password"], login)
    if not at.passwords.check(account_id, asked["current"]):
        failures, locked = at.passwords.failed(login)
        if locked is not None:
            _on_record(
                at, LockAccount(account_id=account_id, failures=failures, locked_until=locked)
            )
        # Of a secret nothing is said again.
        details = {"field": "current", "value": None, "rule": "must be the current password"}
        raise Problem(
            409, "password.wrong", "The current password is another one.", details=details
        )
    return _another_password(at, account_id, login, asked["password"])


def give_password(asked: dict[str, Any], account_id: UUID) -> flask.Response:
    """Give an account a password; its sessions end."""
    at = administrator()
    found = at.standings.account(account_id)
    if found is None:
        raise NotFound("account", account_id)
    fit(asked["password"], found.login)
    return _another_password(at, account_id, found.login, asked["password"])


def _another_password(at: Doors, account_id: UUID, login: str, password: str) -> flask.Response:
    """First on record, then kept: a password that is not on record is worse than the reverse."""
    _on_record(at, RecordPasswordChange(account_id=account_id), at.actor)
    at.passwords.keep(account_id, password)
    at.passwords.forgive(login)
    at.tokens.end_sessions(account_id)
    return flask.jsonify({})


def _on_record(at: Doors, command: Command, actor: Actor = GATE) -> Outcome:
    """What happened at the door, under the name of whoever it was; in the program's role, where
    it is no work of his own."""
    if not (actor.scope.whole_system and actor.role.does(type(command))):
        actor = Actor(actor.name, Role.SERVICE)
    return at.service.execute(command, Context(actor=actor, source="api"))
