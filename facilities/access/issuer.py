"""An identity provider (OpenID Connect): what it says of whoever sends a token it has signed.

A token (JWT, RFC 7519) is believed where the provider signed it with a key that it publishes (JWKS,
RFC 7517), it was made for us, and it is its time. `Issuer.said_by` is a numbered procedure:

1. Its header names a key and an algorithm. Only signatures with a private key are taken, and only
   the algorithms that are meant for the key's own kind: a public key is never taken for a secret.
2. The key is looked for among those known. A key that is not known may be new: the provider is
   asked again, but not twice within `PAUSE`.
3. Signature, issuer, audience, expiry, and the time before which it is not good, are checked.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import jwt

log = logging.getLogger(__name__)

PAUSE = 10.0
"""The provider is asked for its keys at most this often, in seconds."""

FRESH = 3600.0
"""How long, in seconds, keys are believed to be the provider's before it is asked again."""

LEEWAY = 30
"""How far its clock and ours may be apart, in seconds."""

LARGEST = 16_384
"""A longer token is not looked at."""

LARGEST_ANSWER = 1 << 20
TIMEOUT = 5.0

ALGORITHMS: Mapping[str, frozenset[str]] = {
    "RSA": frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
    "P-256": frozenset({"ES256"}),
    "P-384": frozenset({"ES384"}),
    "P-521": frozenset({"ES512"}),
    "Ed25519": frozenset({"EdDSA"}),
}
"""Which algorithms are meant for a kind of key (RFC 7518, 8037). None of them has a secret."""


class IssuerRefused(Exception):
    """A setting about the identity provider cannot be understood."""


class IssuerUnavailable(Exception):
    """The identity provider does not tell its keys."""


class NotBelieved(Exception):
    """The token is not the provider's, not for us, or not of this time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerSettings:
    """`keys` is a file, or an address; without it the provider is asked where they are."""

    issuer: str
    audience: str
    keys: str | None = None

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Self | None:
        """ALMONER_OIDC_ISSUER, ALMONER_OIDC_AUDIENCE, ALMONER_OIDC_JWKS; None without the first.

        Raises IssuerRefused.
        """
        issuer, audience = env.get("ALMONER_OIDC_ISSUER"), env.get("ALMONER_OIDC_AUDIENCE")
        keys = env.get("ALMONER_OIDC_JWKS") or None
        if not issuer:
            if audience or keys:
                raise IssuerRefused("ALMONER_OIDC_ISSUER is not set, but others about it are")
            return None
        if not audience:
            raise IssuerRefused("ALMONER_OIDC_AUDIENCE is not set: for whom are the tokens made")
        for name, value in (("ALMONER_OIDC_ISSUER", issuer), ("ALMONER_OIDC_JWKS", keys)):
            if value is not None and "://" in value and not _reachable(value):
                raise IssuerRefused(f"{name} is {value!r}: it must be https (or on this machine)")
        return cls(issuer=issuer, audience=audience, keys=keys)


@dataclass(frozen=True, slots=True)
class Said:
    """Whom the provider speaks of, and until when that holds."""

    issuer: str
    subject: str
    until: datetime


class Issuer:
    """One provider. Safe to share between threads; its keys are kept in mind."""

    def __init__(
        self, settings: IssuerSettings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings, self._clock = settings, clock
        self._lock = threading.Lock()
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._asked_at: float | None = None
        self._learned_at: float | None = None

    def said_by(self, token: str) -> Said:
        """What a token says. Raises NotBelieved, and IssuerUnavailable."""
        if len(token) > LARGEST:
            raise NotBelieved("it is too long")
        try:
            header = jwt.get_unverified_header(token)
            if "crit" in header:
                raise NotBelieved("it must be understood in a way we do not know")
            algorithm = header.get("alg")
            key = self._key(header.get("kid"))
            if algorithm not in _meant_for(key):
                raise NotBelieved("the algorithm is not the key's")
            claims = jwt.decode(
                token,
                key.key,
                algorithms=[algorithm],
                audience=self._settings.audience,
                issuer=self._settings.issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
            until = datetime.fromtimestamp(int(claims["exp"]), UTC)
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
            raise NotBelieved(type(error).__name__) from None
        return Said(self._settings.issuer, claims["sub"], until)

    def _key(self, name: Any) -> jwt.PyJWK:
        now = self._clock()
        with self._lock:
            stale = self._learned_at is None or now - self._learned_at > FRESH
            rested = self._asked_at is None or now - self._asked_at > PAUSE
            if (stale or name not in self._keys) and rested:
                self._asked_at = now
                self._learn(now)
            if self._learned_at is None:
                raise IssuerUnavailable("its keys are not known")
            if not isinstance(name, str | None) or name not in self._keys:
                raise NotBelieved("there is no such key")
            return self._keys[name]

    def _learn(self, now: float) -> None:
        """Ask for the keys. Where that fails, those that are known are kept."""
        try:
            told = self._told()
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("the identity provider does not tell its keys: %s", type(error).__name__)
            return
        self._keys, self._learned_at = told, now

    def _told(self) -> dict[str | None, jwt.PyJWK]:
        where = self._settings.keys
        if where is None:
            base = self._settings.issuer.rstrip("/")
            found = _fetched(f"{base}/.well-known/openid-configuration")
            if found["issuer"] != self._settings.issuer:
                raise ValueError("it speaks for another issuer")
            where = found["jwks_uri"]
        text = _fetched(where) if "://" in where else json.loads(Path(where).read_bytes())
        keys: dict[str | None, jwt.PyJWK] = {}
        for each in text["keys"]:
            if each.get("kty") in ("RSA", "EC", "OKP") and each.get("use", "sig") == "sig":
                try:
                    key = jwt.PyJWK(each)
                except jwt.PyJWTError:
                    continue  # of a kind that we do not know
                keys[each.get("kid")] = key
        # A token need not name its key where there is only one.
        if len(keys) == 1:
            keys[None] = next(iter(keys.values()))
        return keys


def _meant_for(key: jwt.PyJWK) -> frozenset[str]:
    """The algorithms a key is meant for: its own where it says so, else those of its kind."""
    told: Mapping[str, Any] = key._jwk_data
    kind = told["kty"] if told["kty"] == "RSA" else told.get("crv", "")
    allowed = ALGORITHMS.get(kind, frozenset())
    return allowed & {told["alg"]} if "alg" in told else allowed


def _reachable(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
    )


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Where the keys are is what the operator, or the provider, said; nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirects)


def _fetched(address: str) -> Any:
    if not _reachable(address):
        raise ValueError("keys are fetched by https")
    with _OPENER.open(address, timeout=TIMEOUT) as answer:
        return json.loads(answer.read(LARGEST_ANSWER))
