"""`almoner accounts` and `almoner grants`: an operator lets somebody in."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from facilities.database import Database
from tests.conftest import MASTERS
from tests.web.cli.grammar import CommandLine
from tests.web.grammar import Api
from web.bootstrap import Almoner

PASSWORD = "correct horse battery"


def opened(shell: CommandLine, login: str = "ana") -> str:
    return str(shell("accounts", "open", login, "--json").ends(0).json["account_id"])


def test_who_was_given_account_password_and_grant_comes_in(
    shell: CommandLine, database: Database
) -> None:
    account = opened(shell)
    shell("accounts", "password", account, "--password", PASSWORD).ends(0)
    grant = shell("grants", "give", account, "--role", "biller", "--json").ends(0).json["grant_id"]
    (listed,) = shell("grants", "list", "--json").ends(0).json["grants"]
    assert (listed["grant_id"], listed["login"], listed["role"]) == (grant, "ana", "biller")
    assert account in shell("accounts", "list").ends(0).stdout
    with Almoner.on(database, masters=MASTERS) as almoner:
        stranger = Api.of(almoner).without_token()
        body = {"login": "ana", "password": PASSWORD}
        stranger.send("POST", "/sessions", json=body).responds(201)
        shell("grants", "revoke", grant, "--reason", "moved").ends(0)
        stranger.send("POST", "/sessions", json=body).problem(403, "grant.missing")
        shell("accounts", "close", account, "--reason", "left").ends(0)
        stranger.send("POST", "/sessions", json=body).problem(401, "login.refused")
    assert shell("grants", "list", "--json").json["grants"][0]["status"] == "revoked"
    assert shell("accounts", "list", "--json").json["accounts"][0]["status"] == "closed"


def test_an_identity_is_linked_once(shell: CommandLine) -> None:
    account = opened(shell)
    who = ("--issuer", "https://id.example.org", "--subject", "248289761001")
    shell("accounts", "link", account, *who).ends(0)
    shell("accounts", "link", opened(shell, "ben"), *who).refuses(1, "identity_in_use")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["accounts", "open", "Ana!"], ["account.login"]),
        (["accounts", "open", "calendar"], ["account.login"]),
        (["accounts", "password", str(uuid4()), "--password", "x"], ["no open account"]),
        (["accounts", "close", str(uuid4()), "--reason", "x"], ["no such account"]),
        (["grants", "give", str(uuid4()), "--role", "biller"], ["account.unknown"]),
        (["grants", "revoke", str(uuid4()), "--reason", "x"], ["no such grant"]),
    ],
)
def test_what_cannot_be_meant_is_refused(
    shell: CommandLine, arguments: list[str], words: list[str]
) -> None:
    shell(*arguments).refuses(1, *words)


def test_an_auditors_grant_has_a_purpose_and_an_end(shell: CommandLine) -> None:
    account = opened(shell)
    audit = ("grants", "give", account, "--role", "auditor", "--expires-in", "30d")
    shell(*audit).refuses(1, "grant.purpose")
    shell(*audit[:5], "--purpose", "The yearly audit").refuses(1, "grant.end")
    shell(*audit, "--purpose", "The yearly audit").ends(0)


def test_a_weak_password_is_refused_and_not_repeated(shell: CommandLine) -> None:
    said = shell("accounts", "password", opened(shell), "--password", "short")
    said.refuses(1, "The password must have")
    assert "short" not in said.stdout + said.stderr


def test_settings_of_the_identity_provider_that_cannot_be_meant_are_refused(
    shell: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ALMONER_OIDC_ISSUER", "http://id.example.org")
    monkeypatch.setenv("ALMONER_OIDC_AUDIENCE", "almoner")
    monkeypatch.setenv("ALMONER_OIDC_JWKS", str(tmp_path / "keys.json"))
    shell("token", "list").refuses(1, "ALMONER_OIDC_ISSUER", "must be https")
