"""Who is at the door: whom a secret stands for, and whether that is still so.

A secret is a token of ours, or a signed one of the identity provider (`facilities.access.issuer`).
A token of ours that was made under no grant is good by itself; all else is good for as long as the
ledger says that the account is open and the grant is not over. What was found out is kept in mind,
and every statement that shows something by it asks again: it looks for the token, and whether
anything has happened to the account or the grant since. So what is revoked is revoked at once, in
every process, and a glass that was broken is known to be.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from psycopg import sql

from domain.access.account import Account, AccountStatus, identity_key
from domain.access.grant import Grant
from domain.natural_key import NaturalKey, stream_of
from facilities.access.issuer import Issuer, NotBelieved
from facilities.premises import GoodToken, Premises
from facilities.scope import WHOLE_SYSTEM, Actor, Scope
from facilities.states import Folded, States
from projections.parts import Part
from web.auth import GOOD, PREFIX, Token, Tokens, digest
from web.problems import Problem

ROOM = 10_000
"""How many bearers are remembered; those that were seen longest ago make room."""

NOTED_EVERY = 60.0
"""How often, in seconds, it is noted that a token is in use."""

_LET_IN = "SELECT set_config('almoner.facilities', {}, true) AS __let_in"
_TOKEN = (
    _LET_IN.format("coalesce(facility_ids::text, 'all')")
    + " FROM access.tokens WHERE digest = %s"
    + f" AND facility_ids IS NOT DISTINCT FROM %s::uuid[] AND {GOOD}"
)
_UNCHANGED = (
    "NOT EXISTS (SELECT FROM ledger.events WHERE stream_id = %s AND version > %s)"
    " AND NOT EXISTS (SELECT FROM ledger.events WHERE stream_id = %s AND version > %s)"
)
_OF_TOKEN = sql.SQL(_TOKEN)
_OF_TOKEN_UNDER_GRANT = sql.SQL(f"{_TOKEN} AND {_UNCHANGED}")
_OF_GRANT = sql.SQL(f"{_LET_IN.format('%s::text')} WHERE %s::timestamptz > now() AND {_UNCHANGED}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Whom a secret stood for when it was last looked into. It may have been revoked since.

    `admission` lets a statement that reads see what the secret is good for, now
    (`projections.sight`); nothing where that is not what it was. `premises` does the same for what
    is written.
    """

    actor: Actor
    admission: Part
    premises: Premises
    token_id: UUID | None = None
    account_id: UUID | None = None
    grant_id: UUID | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A grant somebody may act under now, as far as the ledger tells: with its account, and the
    version and position of the last event of both."""

    grant_id: UUID
    grant: Grant
    account_id: UUID
    account: Account
    ends: Mapping[UUID, tuple[int, int]]

    @property
    def unchanged(self) -> list[UUID | int]:
        """What `_UNCHANGED` binds."""
        return [
            *(self.grant_id, self.ends[self.grant_id][0]),
            *(self.account_id, self.ends[self.account_id][0]),
        ]

    def actor(self, facility_ids: Sequence[UUID] | None) -> Actor:
        scope = WHOLE_SYSTEM if facility_ids is None else Scope(frozenset(facility_ids))
        grant = self.grant
        return Actor(self.account.login, grant.role, scope, grant.broken_until, grant.broken_for)


class Standings:
    """What the ledger says of accounts and grants, now."""

    def __init__(self, states: States, candidates: Callable[[UUID], Sequence[UUID]]) -> None:
        self._states, self._candidates = states, candidates

    def held(self, account_id: UUID, grant_id: UUID) -> Held | None:
        """The grant, where the account is open, has it, and it is not over."""
        found = self._states.load({account_id, grant_id})
        return _held(found, account_id, grant_id)

    def all_held(self, account_id: UUID) -> list[Held]:
        """The grants an account may act under."""
        candidates = self._candidates(account_id)
        found = self._states.load({account_id, *candidates})
        held = (_held(found, account_id, each) for each in candidates)
        return [each for each in held if each is not None]

    def account(self, account_id: UUID) -> Account | None:
        """An account that is open."""
        found = self._states.load({account_id}).get(account_id)
        return None if found is None else _open(found)

    def of_login(self, login: str) -> tuple[UUID, Account] | None:
        """The open account of a login."""
        return self._bearing("login", login)

    def of_identity(self, issuer: str, subject: str) -> tuple[UUID, Account] | None:
        """The open account an identity is linked to."""
        return self._bearing("identity", identity_key(issuer, subject))

    def _bearing(self, kind: str, value: str) -> tuple[UUID, Account] | None:
        key = self._states.load({stream := stream_of(kind, value)}).get(stream)
        if key is None or not isinstance(key.state, NaturalKey) or key.state.holder_id is None:
            return None
        found = self.account(key.state.holder_id)
        return None if found is None else (key.state.holder_id, found)


def _open(found: Folded) -> Account | None:
    is_open = isinstance(found.state, Account) and found.state.status is AccountStatus.OPEN
    return found.state if is_open else None


def _held(found: dict[UUID, Folded], account_id: UUID, grant_id: UUID) -> Held | None:
    account, grant = found.get(account_id), found.get(grant_id)
    if account is None or grant is None or not isinstance(grant.state, Grant):
        return None
    opened = _open(account)
    mine = grant.state.account_id == account_id and grant.state.good_at(datetime.now(UTC))
    if opened is None or not mine:
        return None
    ends = {
        grant_id: (grant.version, grant.position),
        account_id: (account.version, account.position),
    }
    return Held(grant_id, grant.state, account_id, opened, ends)


class Bearers:
    """Finds out whom secrets stand for. Safe to share between threads."""

    def __init__(self, tokens: Tokens, standings: Standings, issuer: Issuer | None = None) -> None:
        self._tokens, self._standings, self._issuer = tokens, standings, issuer
        self._seen: OrderedDict[tuple[bytes, UUID | None], Bearer] = OrderedDict()
        self._noted: dict[UUID, float] = {}
        self._lock = threading.Lock()

    def last_seen(self, secret: str, wanted: UUID | None = None) -> Bearer | None:
        """Whom a secret stood for when this process last looked into it; None where it never did.

        Good for preparing an answer, not for giving one: whoever goes by it has to make sure.
        """
        key = digest(secret), wanted
        with self._lock:
            found = self._seen.get(key)
            if found is None:
                return None
            if found.until is not None and found.until <= datetime.now(UTC):
                del self._seen[key]
                return None
            self._seen.move_to_end(key)
            return found

    def bearer(self, secret: str, wanted: UUID | None = None) -> Bearer | None:
        """Whom a secret stands for; None where it is unknown, expired or revoked. `wanted` is the
        grant to act under, for those who come from the identity provider.

        Raises Problem where an identity has no grant or several, and IssuerUnavailable.
        """
        ours = secret.startswith(PREFIX) or self._issuer is None or secret.count(".") != 2
        found = self._by_token(secret) if ours else self._by_identity(secret, wanted)
        key = digest(secret), wanted
        with self._lock:
            if found is None:
                self._seen.pop(key, None)
                return None
            self._seen[key] = found
            while len(self._seen) > ROOM:
                self._seen.popitem(last=False)
        return found

    def note(self, bearer: Bearer) -> None:
        """That whoever bears a token has used it; once a minute."""
        its_id = bearer.token_id
        if its_id is None or time.monotonic() - self._noted.get(its_id, -NOTED_EVERY) < NOTED_EVERY:
            return
        with self._lock:
            if len(self._noted) > ROOM:
                self._noted.clear()
            self._noted[its_id] = time.monotonic()
        self._tokens.used(its_id)

    def _by_token(self, secret: str) -> Bearer | None:
        token = self._tokens.good(secret)
        if token is None:
            return None
        facility_ids = None if token.facility_ids is None else list(token.facility_ids)
        bound = [digest(secret), facility_ids]
        premises = Premises(token=GoodToken(digest(secret), token.facility_ids))
        if token.account_id is None or token.grant_id is None:
            scope = WHOLE_SYSTEM if facility_ids is None else Scope(frozenset(facility_ids))
            return Bearer(
                actor=Actor(token.actor, token.role, scope),
                admission=Part(_OF_TOKEN, bound),
                premises=premises,
                token_id=token.token_id,
                until=token.expires_at,
            )
        held = self._standings.held(token.account_id, token.grant_id)
        if held is None or not _within(token, held.grant):
            return None
        return Bearer(
            actor=held.actor(facility_ids),
            admission=Part(_OF_TOKEN_UNDER_GRANT, [*bound, *held.unchanged]),
            premises=premises.and_ends(held.ends),
            token_id=token.token_id,
            account_id=held.account_id,
            grant_id=held.grant_id,
            until=_sooner(token.expires_at, held.grant.expires_at),
        )

    def _by_identity(self, secret: str, wanted: UUID | None) -> Bearer | None:
        assert self._issuer is not None
        try:
            said = self._issuer.said_by(secret)
        except NotBelieved:
            return None
        found = self._standings.of_identity(said.issuer, said.subject)
        if found is None:
            return None
        account_id, _ = found
        held = chosen(self._standings, account_id, wanted)
        until = _sooner(said.until, held.grant.expires_at)
        facility_ids = list(held.grant.facility_ids) or None
        setting = "all" if facility_ids is None else f"{{{','.join(map(str, facility_ids))}}}"
        return Bearer(
            actor=held.actor(facility_ids),
            admission=Part(_OF_GRANT, [setting, until, *held.unchanged]),
            premises=Premises(ends=held.ends),
            account_id=account_id,
            grant_id=held.grant_id,
            until=until,
        )


def chosen(standings: Standings, account_id: UUID, wanted: UUID | None) -> Held:
    """The grant an account acts under: the one that is wanted, or its only one.

    Raises Problem 403 where there is none, 409 where there are several to choose from.
    """
    if wanted is not None:
        found = standings.held(account_id, wanted)
        several = [] if found is None else [found]
    else:
        several = standings.all_held(account_id)
    if not several:
        raise Problem(403, "grant.missing", "Nothing is granted to this account, or not any more.")
    if len(several) > 1:
        raise Problem(
            409,
            "grant.ambiguous",
            "Several grants may be acted under; name one.",
            details={
                "field": "grant_id",
                "value": wanted,
                "rule": "must name one of the grants",
                "grants": [
                    {
                        "grant_id": each.grant_id,
                        "role": each.grant.role,
                        "facility_ids": each.grant.facility_ids,
                    }
                    for each in several
                ],
            },
        )
    return several[0]


def _within(token: Token, grant: Grant) -> bool:
    """Whether a token is good for no more than its grant is."""
    if not grant.facility_ids:
        return True
    return token.facility_ids is not None and {*token.facility_ids} <= {*grant.facility_ids}


def _sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    return other if one is None else one if other is None else min(one, other)
