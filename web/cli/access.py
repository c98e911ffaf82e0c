"""`almoner accounts` and `almoner grants`: who may come in, and what for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import click

from domain.access.account import CloseAccount, LinkIdentity, OpenAccount, RecordPasswordChange
from domain.access.grant import GiveGrant, RevokeGrant
from domain.kernel import Command, Refused
from facilities.access.passwords import fit
from facilities.database import Role as DatabaseRole
from facilities.scope import Actor, Role
from facilities.service import Context, NotFound, Outcome, new_id
from projections import queries
from projections.access import account_directory, grant_register
from projections.kernel import ReadModel
from web.bootstrap import Almoner
from web.cli.following import catch_up
from web.cli.kinds import span
from web.cli.printing import answer, json_option, places, table, visible
from web.cli.progress import Progress

OPERATOR = Actor("operator", Role.SYSTEM_ADMINISTRATOR)
"""Whoever has the operator's shell."""


@click.group("accounts")
def accounts() -> None:
    """Who can come in by password, or through the identity provider."""


@accounts.command("open")
@click.argument("login")
@json_option
def accounts_open(login: str, as_json: bool) -> None:
    """Open an account under a login, which is never given to anybody else."""
    its_id = new_id()
    with Almoner.from_environment() as almoner:
        _do(almoner, OpenAccount(account_id=its_id, login=login))
    answer(as_json, {"account_id": str(its_id), "login": login}, [str(its_id)])


@accounts.command("password")
@click.argument("account_id", type=click.UUID, metavar="ID")
@click.password_option(help="Asked for where it is not given, so that no history keeps it.")
@json_option
def accounts_password(account_id: UUID, password: str, as_json: bool) -> None:
    """Give an account another password; its sessions end."""
    with Almoner.from_environment() as almoner:
        found = almoner.standings.account(account_id)
        if found is None:
            raise click.ClickException(f"There is no open account {account_id}.")
        try:
            fit(password, found.login)
        except Refused as refusal:
            raise click.ClickException(refusal.message) from None
        _do(almoner, RecordPasswordChange(account_id=account_id))
        almoner.passwords.keep(account_id, password)
        almoner.passwords.forgive(found.login)
        almoner.tokens.end_sessions(account_id)
    answer(as_json, {"account_id": str(account_id)}, [f"{visible(found.login)} has a password."])


@accounts.command("link")
@click.argument("account_id", type=click.UUID, metavar="ID")
@click.option("--issuer", required=True, metavar="URL", help="As its tokens say in `iss`.")
@click.option("--subject", required=True, help="As its tokens say in `sub`.")
@json_option
def accounts_link(account_id: UUID, issuer: str, subject: str, as_json: bool) -> None:
    """Let whom the identity provider calls so come in by this account."""
    with Almoner.from_environment() as almoner:
        _do(almoner, LinkIdentity(account_id=account_id, issuer=issuer, subject=subject))
    told = {"account_id": str(account_id), "issuer": issuer, "subject": subject}
    answer(as_json, told, [f"Linked to {account_id}."])


@accounts.command("close")
@click.argument("account_id", type=click.UUID, metavar="ID")
@click.option("--reason", required=True, help="Why; it is put on record.")
@json_option
def accounts_close(account_id: UUID, reason: str, as_json: bool) -> None:
    """Let nobody come in by an account any more. It stays on record."""
    with Almoner.from_environment() as almoner:
        _do(almoner, CloseAccount(account_id=account_id, reason=reason))
    answer(as_json, {"account_id": str(account_id), "status": "closed"}, [f"Closed {account_id}."])


@accounts.command("list")
@json_option
def accounts_list(as_json: bool) -> None:
    """The accounts there are, by login."""
    rows = _listed(account_directory)
    shown = [
        (each["account_id"], visible(each["login"]), each["status"], each["opened_by"])
        for each in rows
    ]
    answer(as_json, {"accounts": rows}, table(("id", "login", "status", "opened by"), shown))


@click.group("grants")
def grants() -> None:
    """Who may act in which role, where, until when and what for."""


@grants.command("give")
@click.argument("account_id", type=click.UUID, metavar="ACCOUNT")
@click.option(
    "--role",
    required=True,
    type=click.Choice([each.value for each in Role]),
    help="What the account is trusted with.",
)
@click.option(
    "--facility",
    "facility_ids",
    type=click.UUID,
    metavar="UUID",
    multiple=True,
    help="Where; may be given several times. Without: in the whole system.",
)
@click.option(
    "--expires-in", callback=span, default="never", show_default=True, metavar="SPAN",
    help="12h, 90d, 8w, or 'never'.",
)  # fmt: skip
@click.option("--purpose", help="What for. An auditor's grant has one, and an end.")
@json_option
def grants_give(
    account_id: UUID,
    role: str,
    facility_ids: tuple[UUID, ...],
    expires_in: timedelta | None,
    purpose: str | None,
    as_json: bool,
) -> None:
    """Let an account act in a role."""
    its_id = new_id()
    command = GiveGrant(
        grant_id=its_id,
        account_id=account_id,
        role=Role(role),
        facility_ids=facility_ids,
        expires_at=None if expires_in is None else datetime.now(UTC) + expires_in,
        purpose=purpose,
    )
    with Almoner.from_environment() as almoner:
        _do(almoner, command)
    answer(as_json, {"grant_id": str(its_id)}, [str(its_id)])


@grants.command("revoke")
@click.argument("grant_id", type=click.UUID, metavar="ID")
@click.option("--reason", required=True, help="Why; it is put on record.")
@json_option
def grants_revoke(grant_id: UUID, reason: str, as_json: bool) -> None:
    """Take a grant back; nobody acts under it from now on."""
    with Almoner.from_environment() as almoner:
        _do(almoner, RevokeGrant(grant_id=grant_id, reason=reason))
    answer(as_json, {"grant_id": str(grant_id), "status": "revoked"}, [f"Revoked {grant_id}."])


@grants.command("list")
@json_option
def grants_list(as_json: bool) -> None:
    """All grants, the newest first, with how they ended."""
    rows = _listed(grant_register)
    shown = [
        (
            each["grant_id"],
            visible(each["login"]),
            each["role"],
            places(each["facility_ids"]),
            each["status"],
            each["expires_at"],
        )
        for each in rows
    ]
    header = ("id", "login", "role", "where", "status", "expires")
    answer(as_json, {"grants": rows}, table(header, shown))


# --- what they share -----------------------------------------------------------------------------


def _do(almoner: Almoner, command: Command) -> Outcome:
    try:
        return almoner.service.execute(command, Context(actor=OPERATOR, source="cli"))
    except Refused as refusal:
        raise click.ClickException(f"{refusal.message} ({refusal.code})") from None
    except NotFound as error:
        raise click.ClickException(str(error)) from None


def _listed(model: ReadModel[Any]) -> list[dict[str, Any]]:
    """All rows of a list, once the read models have caught up."""
    rows: list[dict[str, Any]] = []
    cursor: str | None = None
    with Almoner.from_environment() as almoner:
        with Progress() as progress:
            catch_up(almoner, progress, almoner.ledger.head())
        with almoner.database.pool(DatabaseRole.APP).connection() as connection:
            while True:
                page = queries.page(connection, model, scope=None, cursor=cursor, limit=1000)
                rows += queries.render(model, page.rows)
                cursor = page.next_cursor
                if cursor is None:
                    return rows
