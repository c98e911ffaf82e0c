"""`almoner token`: who may come in through the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import click

from domain.access.grant import LONGEST_AUDIT
from facilities.scope import Role
from web.bootstrap import Almoner
from web.cli.kinds import span
from web.cli.printing import answer, json_option, places, table, visible

LONGEST_ACTOR = 200


@click.group("token")
def token() -> None:
    """Who may come in through the API, in which role, and where."""


@token.command("create")
@click.option(
    "--role",
    required=True,
    type=click.Choice([each.value for each in Role]),
    help="What its holder is trusted with.",
)
@click.option(
    "--actor",
    required=True,
    metavar="NAME",
    help="Who will be written down as the one who did what is done with it.",
)
@click.option(
    "--facility",
    "facility_ids",
    type=click.UUID,
    metavar="UUID",
    multiple=True,
    help="A facility it is good for; may be given several times. Without: the whole system.",
)
@click.option(
    "--expires-in",
    callback=span,
    default="90d",
    show_default=True,
    metavar="SPAN",
    help="How long it is good for: 30m, 12h, 90d, 8w, or 'never'. An auditor's: a year at most.",
)
@click.option(
    "--purpose",
    metavar="TEXT",
    help="What for; it is kept with the token. An auditor's must say so.",
)
@json_option
def token_create(
    role: str,
    actor: str,
    facility_ids: tuple[UUID, ...],
    expires_in: timedelta | None,
    purpose: str | None,
    as_json: bool,
) -> None:
    """Make a token. It is shown once, now, and kept nowhere."""
    if not actor.strip() or len(actor) > LONGEST_ACTOR or not actor.isprintable():
        raise click.BadParameter(
            f"{visible(actor)!r} is not a name: 1 to {LONGEST_ACTOR} printable characters.",
            param_hint="'--actor'",
        )
    _can_be_meant(Role(role), facility_ids, expires_in, purpose)
    with Almoner.from_environment() as almoner:
        at = almoner.doors()
        for each in facility_ids:
            if not at.is_facility(each):
                raise click.BadParameter(
                    f"{each} is not a facility of this system.", param_hint="'--facility'"
                )
        expires_at = None if expires_in is None else datetime.now(UTC) + expires_in
        token_id, secret = almoner.tokens.create(
            actor.strip(),
            Role(role),
            sorted(set(facility_ids)) or None,
            expires_at,
            label=purpose,
        )
    content = {
        "token_id": str(token_id),
        "token": secret,
        "actor": actor.strip(),
        "role": role,
        "facility_ids": [str(each) for each in sorted(set(facility_ids))] or None,
        "expires_at": _instant(expires_at),
        "purpose": purpose,
    }
    click.echo("Keep it safe: it cannot be shown again.", err=True)
    answer(as_json, content, [secret])


@token.command("list")
@json_option
def token_list(as_json: bool) -> None:
    """The tokens there are, the oldest first; never the tokens themselves."""
    with Almoner.from_environment() as almoner:
        tokens = almoner.tokens.all()
    now = datetime.now(UTC)
    rows = [
        {
            "token_id": str(each.token_id),
            "actor": each.actor,
            "role": each.role.value,
            "facility_ids": (
                None if each.facility_ids is None else [str(one) for one in each.facility_ids]
            ),
            "status": (
                "revoked"
                if each.revoked_at is not None
                else "expired"
                if each.expires_at is not None and each.expires_at <= now
                else "good"
            ),
            "created_at": _instant(each.created_at),
            "expires_at": _instant(each.expires_at),
            "revoked_at": _instant(each.revoked_at),
            "last_used_at": _instant(each.last_used_at),
            "purpose": each.label,
        }
        for each in tokens
    ]
    shown = [
        (
            row["token_id"],
            visible(str(row["actor"])),
            row["role"],
            places(row["facility_ids"]),
            row["status"],
            row["expires_at"],
            row["last_used_at"],
            visible(str(row["purpose"] or "")),
        )
        for row in rows
    ]
    header = ("id", "actor", "role", "where", "status", "expires", "last used", "purpose")
    answer(as_json, {"tokens": rows}, table(header, shown))


@token.command("revoke")
@click.argument("token_id", type=click.UUID, metavar="ID")
@json_option
def token_revoke(token_id: UUID, as_json: bool) -> None:
    """Let a token be good for nothing from now on."""
    with Almoner.from_environment() as almoner:
        if not almoner.tokens.revoke(token_id):
            raise click.ClickException(f"There is no token {token_id}; see `almoner token list`.")
    answer(as_json, {"token_id": str(token_id), "status": "revoked"}, [f"Revoked {token_id}."])


def _can_be_meant(
    role: Role, facility_ids: tuple[UUID, ...], expires_in: timedelta | None, purpose: str | None
) -> None:
    """Refuses what no grant could be either (`domain.access.grant`): a role where it is not at
    home, and an auditor without an end or a purpose."""
    name = role.replace("_", " ")
    if not facility_ids and not role.trust.system:
        raise click.UsageError(f"The token of a {name} names at least one --facility.")
    if facility_ids and not role.trust.facilities:
        raise click.UsageError(f"The token of a {name} is for the whole system: no --facility.")
    if purpose is not None and not (purpose.isprintable() and 1 <= len(purpose.strip()) <= 500):
        raise click.BadParameter(
            f"{visible(purpose)!r} is not a purpose: 1 to 500 printable characters.",
            param_hint="'--purpose'",
        )
    if role is Role.AUDITOR:
        if purpose is None:
            raise click.UsageError("The token of an auditor says what it is for: --purpose.")
        if expires_in is None or expires_in > LONGEST_AUDIT:
            raise click.BadParameter(
                f"the token of an auditor ends within {LONGEST_AUDIT.days} days.",
                param_hint="'--expires-in'",
            )


def _instant(value: datetime | None) -> str | None:
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
