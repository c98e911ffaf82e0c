"""Which tokens of an identity provider are believed; the provider is served by the test."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from facilities.access.issuer import (
    LARGEST,
    PAUSE,
    Issuer,
    IssuerRefused,
    IssuerSettings,
    IssuerUnavailable,
    NotBelieved,
)

AUDIENCE = "almoner"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()


def published(key: Any, name: str | None, **members: Any) -> dict[str, Any]:
    """The public part of a key as a provider tells it."""
    kinds: dict[type, Any] = {
        rsa.RSAPrivateKey: RSAAlgorithm,
        ec.EllipticCurvePrivateKey: ECAlgorithm,
        ed25519.Ed25519PrivateKey: OKPAlgorithm,
    }
    (algorithm,) = [each for kind, each in kinds.items() if isinstance(key, kind)]
    told = json.loads(algorithm.to_jwk(key.public_key()))
    return {**told, **({} if name is None else {"kid": name}), **members}


class Provider:
    """An identity provider on this machine: what it publishes can be changed."""

    def __init__(self) -> None:
        self.keys: list[dict[str, Any]] = [published(RSA, "first")]
        self.asked: list[str] = []
        self.answers = True
        self.says_it_is: str | None = None
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked.append(self.path)
                told = provider.told(self.path)
                self.send_response(200 if told is not None else 500)
                self.end_headers()
                self.wfile.write(json.dumps(told).encode())

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def told(self, path: str) -> Any:
        if not self.answers:
            return None
        if path == "/.well-known/openid-configuration":
            its_name = self.says_it_is or self.address
            return {"issuer": its_name, "jwks_uri": f"{self.address}/keys"}
        return {"keys": self.keys}


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    serving = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
        serving.join()


@pytest.fixture
def clock() -> list[float]:
    return [1000.0]


@pytest.fixture
def issuer(provider: Provider, clock: list[float]) -> Issuer:
    settings = IssuerSettings(issuer=provider.address, audience=AUDIENCE)
    return Issuer(settings, lambda: clock[0])


def claims(provider: Provider, **changed: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    told = {
        "iss": provider.address,
        "sub": "ana",
        "aud": AUDIENCE,
        "exp": now + timedelta(minutes=5),
        "nbf": now - timedelta(minutes=1),
        **changed,
    }
    return {name: value for name, value in told.items() if value is not None}


def signed(
    provider: Provider,
    key: Any = RSA,
    algorithm: str = "RS256",
    name: str | None = "first",
    headers: dict[str, Any] | None = None,
    **changed: Any,
) -> str:
    kid = {} if name is None else {"kid": name}
    return jwt.encode(
        claims(provider, **changed), key, algorithm, headers={**kid, **(headers or {})}
    )


def test_a_token_that_it_signed_for_us_says_who_somebody_is(
    provider: Provider, issuer: Issuer
) -> None:
    said = issuer.said_by(signed(provider))
    assert (said.issuer, said.subject) == (provider.address, "ana")
    assert timedelta(minutes=4) < said.until - datetime.now(UTC) < timedelta(minutes=6)
    issuer.said_by(signed(provider, aud=["somebody", AUDIENCE]))
    assert provider.asked == ["/.well-known/openid-configuration", "/keys"]


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(RSA, "RS512"), (RSA, "PS256"), (EC, "ES256"), (ED, "EdDSA")],
)
def test_each_kind_of_key_signs_with_what_it_is_meant_for(
    provider: Provider, issuer: Issuer, key: Any, algorithm: str
) -> None:
    provider.keys = [published(key, "it")]
    assert issuer.said_by(signed(provider, key, algorithm, "it")).subject == "ana"
    # Where there is one key only, a token need not name it.
    assert issuer.said_by(signed(provider, key, algorithm, None)).subject == "ana"


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": datetime(2020, 1, 1, tzinfo=UTC)},
        {"exp": None},
        {"exp": "soon"},
        {"exp": 10**30},
        {"nbf": datetime(2120, 1, 1, tzinfo=UTC)},
        {"aud": "somebody"},
        {"aud": None},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"sub": None},
        {"sub": 7},
    ],
    ids=str,
)
def test_what_is_not_of_this_time_or_not_for_us_is_not_believed(
    provider: Provider, issuer: Issuer, changed: dict[str, Any]
) -> None:
    with pytest.raises(NotBelieved):
        issuer.said_by(signed(provider, **changed))


def confused(provider: Provider) -> str:
    """The public key, taken for a secret that it signed with."""
    public = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def part(told: Any) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=")

    body = {**claims(provider), "exp": 4102444800, "nbf": 0}
    head = part({"alg": "HS256", "typ": "JWT", "kid": "first"}) + b"." + part(body)
    mac = base64.urlsafe_b64encode(hmac.digest(public, head, hashlib.sha256)).rstrip(b"=")
    return (head + b"." + mac).decode()


def tampered(provider: Provider) -> str:
    head, _, mac = signed(provider).split(".")
    _, body, _ = signed(provider, sub="administrator").split(".")
    return f"{head}.{body}.{mac}"


FORGED: dict[str, Callable[[Provider], str]] = {
    "by another key": lambda provider: signed(provider, OTHER_RSA),
    "by nobody": lambda provider: jwt.encode(
        claims(provider), "", "none", headers={"kid": "first"}
    ),
    "the public key as a secret": confused,
    "another body": tampered,
    "no signature": lambda provider: signed(provider).rpartition(".")[0] + ".",
    "by an algorithm of another kind of key": lambda provider: signed(provider, EC, "ES256"),
    "a key nobody knows": lambda provider: signed(provider, name="second"),
    "a name that is no name": lambda provider: signed(provider).replace("e", "é"),
    "to be understood otherwise": lambda provider: signed(provider, headers={"crit": ["x"]}),
    "not a token": lambda _: "a.b.c",
    "nothing": lambda _: "..",
    "too long": lambda provider: signed(provider, sub="x" * LARGEST),
}


@pytest.mark.parametrize("how", FORGED)
def test_what_is_forged_is_not_believed(provider: Provider, issuer: Issuer, how: str) -> None:
    with pytest.raises(NotBelieved):
        issuer.said_by(FORGED[how](provider))


def test_a_key_signs_only_by_the_algorithm_that_it_is_published_for(
    provider: Provider, issuer: Issuer
) -> None:
    provider.keys = [published(RSA, "first", alg="RS256")]
    issuer.said_by(signed(provider))
    with pytest.raises(NotBelieved):
        issuer.said_by(signed(provider, algorithm="PS256"))


def test_a_key_that_encrypts_or_is_a_secret_signs_nothing(
    provider: Provider, issuer: Issuer
) -> None:
    secret = base64.urlsafe_b64encode(b"s" * 32).decode()
    provider.keys = [
        published(RSA, "first", use="enc"),
        {"kty": "oct", "kid": "second", "k": secret, "alg": "HS256"},
        {"kty": "EC", "crv": "P-256", "x": "nonsense", "y": "nonsense", "kid": "third"},
        published(EC, "fourth"),
    ]
    with pytest.raises(NotBelieved):
        issuer.said_by(signed(provider))
    with pytest.raises(NotBelieved):
        issuer.said_by(signed(provider, b"s" * 32, "HS256", "second"))
    issuer.said_by(signed(provider, EC, "ES256", "fourth"))


def test_a_new_key_is_learned_and_an_old_one_forgotten(
    provider: Provider, issuer: Issuer, clock: list[float]
) -> None:
    issuer.said_by(signed(provider))
    provider.keys = [published(OTHER_RSA, "second")]
    clock[0] += PAUSE + 1
    issuer.said_by(signed(provider, OTHER_RSA, name="second"))
    with pytest.raises(NotBelieved):
        issuer.said_by(signed(provider))


def test_a_stranger_cannot_make_us_ask_and_ask(
    provider: Provider, issuer: Issuer, clock: list[float]
) -> None:
    issuer.said_by(signed(provider))
    asked = len(provider.asked)
    for number in range(20):
        with pytest.raises(NotBelieved):
            issuer.said_by(signed(provider, name=f"unknown {number}"))
    assert len(provider.asked) == asked
    clock[0] += PAUSE + 1
    with pytest.raises(NotBelieved):
        issuer.said_by(signed(provider, name="unknown"))
    assert len(provider.asked) == 2 * asked


def test_while_the_provider_is_away_its_keys_are_kept(
    provider: Provider, issuer: Issuer, clock: list[float]
) -> None:
    issuer.said_by(signed(provider))
    provider.answers = False
    clock[0] += 100_000
    assert issuer.said_by(signed(provider)).subject == "ana"


def test_without_keys_nobody_is_believed(
    provider: Provider, issuer: Issuer, clock: list[float]
) -> None:
    provider.answers = False
    with pytest.raises(IssuerUnavailable):
        issuer.said_by(signed(provider))
    provider.answers, provider.says_it_is = True, "https://elsewhere.example"
    clock[0] += PAUSE + 1
    with pytest.raises(IssuerUnavailable):
        issuer.said_by(signed(provider))


def test_keys_are_read_from_a_file_too(provider: Provider, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [published(RSA, "first")]}), encoding="utf-8")
    settings = IssuerSettings(issuer=provider.address, audience=AUDIENCE, keys=str(file))
    assert Issuer(settings).said_by(signed(provider)).subject == "ana"
    assert provider.asked == []


WHOLE = {"ALMONER_OIDC_ISSUER": "https://id.example.org", "ALMONER_OIDC_AUDIENCE": AUDIENCE}


def test_the_settings_name_the_provider() -> None:
    assert IssuerSettings.from_environment({}) is None
    assert IssuerSettings.from_environment(WHOLE) == IssuerSettings(
        issuer="https://id.example.org", audience=AUDIENCE
    )


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"ALMONER_OIDC_ISSUER": ""}, "ISSUER is not set"),
        ({"ALMONER_OIDC_AUDIENCE": ""}, "AUDIENCE is not set"),
        ({"ALMONER_OIDC_ISSUER": "http://id.example.org"}, "must be https"),
        ({"ALMONER_OIDC_JWKS": "ftp://id.example.org/keys"}, "must be https"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(changed: dict[str, str], word: str) -> None:
    with pytest.raises(IssuerRefused, match=word):
        IssuerSettings.from_environment({**WHOLE, **changed})
