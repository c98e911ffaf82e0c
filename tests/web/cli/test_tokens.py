"""Who may come in: tokens are made, listed and revoked; what cannot be meant is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from facilities.database import Database
from facilities.scope import Role
from tests.conftest import MASTERS
from tests.domain.places import RIVERSIDE
from tests.facilities.scenes import opening, said_by
from tests.web.cli.grammar import CommandLine
from web.bootstrap import Almoner


def a_facility(database: Database) -> None:
    with Almoner.on(database, masters=MASTERS) as almoner:
        almoner.service.execute(opening(), said_by())


def created(shell: CommandLine, *options: str) -> dict[str, str]:
    made: dict[str, str] = (
        shell("token", "create", "--actor", "ana", *options, "--json").ends(0).json
    )
    return made


def test_a_token_is_good_for_what_it_was_made_for(shell: CommandLine, database: Database) -> None:
    a_facility(database)
    made = created(shell, "--role", "facility_manager", "--facility", str(RIVERSIDE))
    with Almoner.on(database, masters=MASTERS) as almoner:
        token = almoner.tokens.good(made["token"])
    assert token is not None
    assert (token.actor, token.role) == ("ana", Role.FACILITY_MANAGER)
    assert token.facility_ids == (RIVERSIDE,)


def test_a_token_alone_is_on_stdout_for_whoever_wants_to_keep_it(shell: CommandLine) -> None:
    said = shell("token", "create", "--role", "service", "--actor", "ana").ends(0)
    assert said.stdout.startswith("alm_")
    assert len(said.stdout.split()) == 1
    assert "cannot be shown again" in said.stderr


def test_a_token_expires_after_ninety_days_unless_said_otherwise(shell: CommandLine) -> None:
    now = datetime.now(UTC)
    for options, days in (((), 90), (("--expires-in", "2w"), 14), (("--expires-in", "36h"), 1.5)):
        expires_at = datetime.fromisoformat(
            created(shell, "--role", "biller", *options)["expires_at"]
        )
        assert abs(expires_at - now - timedelta(days=days)) < timedelta(minutes=5)
    assert created(shell, "--role", "biller", "--expires-in", "never")["expires_at"] is None


def test_an_auditors_token_says_what_it_is_for_and_when_it_was_used(
    shell: CommandLine, database: Database
) -> None:
    made = created(shell, "--role", "auditor", "--purpose", "the yearly audit")
    assert made["purpose"] == "the yearly audit"
    (before,) = shell("token", "list", "--json").json["tokens"]
    assert (before["purpose"], before["last_used_at"]) == ("the yearly audit", None)
    with Almoner.on(database, masters=MASTERS) as almoner:
        almoner.tokens.used(UUID(made["token_id"]))
    (after,) = shell("token", "list", "--json").json["tokens"]
    used_at = datetime.fromisoformat(after["last_used_at"])
    assert abs(datetime.now(UTC) - used_at) < timedelta(minutes=5)
    assert after["last_used_at"] in shell("token", "list").ends(0).stdout


def test_a_list_of_tokens_never_shows_one(shell: CommandLine) -> None:
    made = created(shell, "--role", "biller")
    told = shell("token", "list", "--json").ends(0)
    assert made["token"] not in told.stdout
    assert [(each["actor"], each["role"], each["status"]) for each in told.json["tokens"]] == [
        ("ana", "biller", "good")
    ]
    assert made["token_id"] in shell("token", "list").ends(0).stdout


def test_a_revoked_token_is_good_for_nothing(shell: CommandLine, database: Database) -> None:
    made = created(shell, "--role", "biller")
    shell("token", "revoke", made["token_id"]).ends(0)
    with Almoner.on(database, masters=MASTERS) as almoner:
        assert almoner.tokens.good(made["token"]) is None
    assert shell("token", "list", "--json").json["tokens"][0]["status"] == "revoked"


def test_a_token_that_is_not_there_cannot_be_revoked(shell: CommandLine) -> None:
    its_id = str(uuid4())
    shell("token", "revoke", its_id).refuses(1, f"There is no token {its_id}")
    shell("token", "revoke", "7").refuses(2, "'ID'", "'7' is not a valid UUID")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--role", "king"], ["'--role'", "'king' is not one of", "auditor"]),
        (["--role", "auditor", "--facility", "7"], ["'--facility'", "'7' is not a valid UUID"]),
        (["--role", "auditor", "--expires-in", "soon"], ["'--expires-in'", "'soon' is not a span"]),
        (["--role", "auditor", "--expires-in", "0d"], ["'--expires-in'", "'0d' is not a span"]),
        (["--role", "auditor", "--expires-in", "-1d"], ["'--expires-in'", "'-1d' is not a span"]),
        (["--role", "auditor", "--expires-in", "9999w"], ["'9999w' is longer than 3660d"]),
        (["--role", "facility_manager"], ["names at least one --facility"]),
        (["--role", "department_manager"], ["names at least one --facility"]),
        (
            ["--role", "system_administrator", "--facility", str(RIVERSIDE)],
            ["is for the whole system"],
        ),
        (["--role", "auditor"], ["says what it is for: --purpose"]),
        (["--role", "auditor", "--purpose", " "], ["'--purpose'", "1 to 500"]),
        (
            ["--role", "auditor", "--purpose", "x", "--expires-in", "never"],
            ["'--expires-in'", "within 366 days"],
        ),
        (
            ["--role", "auditor", "--purpose", "x", "--expires-in", "53w"],
            ["'--expires-in'", "within 366 days"],
        ),
        (["--role", "auditor", "--actor", "a\x1b[2J"], ["'--actor'", "printable"]),
        (["--role", "auditor", "--actor", " "], ["'--actor'", "1 to 200"]),
        ([], ["Missing option '--role'"]),
    ],
)
def test_a_token_that_cannot_be_meant_is_refused(
    shell: CommandLine, options: list[str], words: list[str]
) -> None:
    shell("token", "create", "--actor", "ana", *options).refuses(2, *words)
    assert shell("token", "list", "--json").json == {"tokens": []}


def test_a_token_is_not_made_for_a_facility_nobody_knows(shell: CommandLine) -> None:
    nowhere = str(uuid4())
    shell(
        "token", "create", "--actor", "ana", "--role", "facility_manager", "--facility", nowhere
    ).refuses(2, "'--facility'", f"{nowhere} is not a facility of this system")
