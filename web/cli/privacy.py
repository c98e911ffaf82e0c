"""`almoner privacy`: what personal data is sealed with, its end, and who has looked at it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from uuid import UUID

import click

from domain.kernel import Refused
from facilities.answers import NotFound
from facilities.database import Role
from facilities.privacy.accounting import LoggedRead, audit_event, bundle
from facilities.privacy.accounting import reads as logged_reads
from facilities.privacy.custody import custody
from facilities.privacy.masters import new_master_key
from projections.purging import BeingBuilt
from web.bootstrap import Almoner
from web.cli.exits import NOTHING_SEALED, UNSUCCESSFUL
from web.cli.kinds import instant
from web.cli.printing import answer, counted, json_option, table


@click.group("privacy")
def privacy() -> None:
    """Personal data: what it is sealed with, its end, and who has looked at it."""


@privacy.command("new-key")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@json_option
def new_key(path: Path, as_json: bool) -> None:
    """Make a master key, and put it first in FILE, which nobody but its owner may read.

    Keys that are in the file already stay there, to unwrap what they have wrapped, until `almoner
    privacy rewrap` has wrapped it anew. Keep a copy of the file apart from the database's: without
    it personal data cannot be read by anybody.
    """
    made = new_master_key(path)
    answer(
        as_json,
        {"path": str(path), "master_key": made.master_id},
        [f"The master key {made.master_id} is the first in {path}."],
    )


@privacy.command("rewrap")
@json_option
def rewrap(as_json: bool) -> None:
    """Wrap every person's key with the first master key of the settings.

    Afterwards the earlier ones are not needed any more. Programs that run must have the new one
    first: start them again with the new file before this.
    """
    with Almoner.from_environment() as almoner:
        keyring = almoner.keys_to_rewrap()
        number, master = keyring.rewrap(), keyring.masters.current.master_id
    answer(
        as_json,
        {"rewrapped": number, "master_key": master},
        [f"Wrapped anew: {counted(number, 'key')}; all are under the master key {master} now."],
    )


@privacy.command("erase")
@click.argument("erasure_id", type=click.UUID)
@json_option
@click.pass_context
def erase(ctx: click.Context, erasure_id: UUID, as_json: bool) -> None:
    """Carry out an erasure that two others have approved: nobody can read the person's data again.

    ERASURE_ID is what the request for it was answered with. Refused, with exit code 1, under a
    legal hold and before retention ends. Where it was interrupted, the same command goes on.
    """
    with Almoner.from_environment() as almoner:
        try:
            done = almoner.eraser().erase(erasure_id)
        except (Refused, NotFound, BeingBuilt) as error:
            details = error.details if isinstance(error, Refused) else {}
            value = f" ({details['field']}: {details['value']})" if "field" in details else ""
            click.echo(f"Not erased: {error}{value}", err=True)
            ctx.exit(UNSUCCESSFUL)
    answer(
        as_json,
        {
            "erasure_id": str(done.erasure_id),
            "key_id": str(done.key_id),
            "facts": done.facts,
            "rows": done.rows,
            "position": done.position,
        },
        [
            f"Erased: {counted(done.facts, 'event')} cannot be opened any more; rid of what "
            f"was told: {counted(done.rows, 'row')}, past versions of rows included.",
        ],
    )


# --- the log of reads ----------------------------------------------------------------------------


@privacy.command("reads")
@click.option("--person", type=click.UUID, metavar="UUID", help="Whose data was looked at.")
@click.option(
    "--key",
    "key_id",
    type=click.UUID,
    metavar="UUID",
    help="The same by the number of the person's key, which outlives an erasure.",
)
@click.option("--actor", metavar="NAME", help="Who looked.")
@click.option("--since", callback=instant, metavar="INSTANT", help="Then or later.")
@click.option("--until", callback=instant, metavar="INSTANT", help="Then or before.")
@click.option("--disclosed", is_flag=True, help="Only what went out in a file: claims, an export.")
@click.option("--fhir", is_flag=True, help="A FHIR R4 Bundle of AuditEvents, on stdout.")
@json_option
def reads(
    person: UUID | None,
    key_id: UUID | None,
    actor: str | None,
    since: datetime | None,
    until: datetime | None,
    disclosed: bool,
    fhir: bool,
    as_json: bool,
) -> None:
    """Who has looked at a person's data, or what somebody has looked at.

    For the accounting of disclosures (45 CFR 164.528): nothing is ever removed from the log.
    """
    if (person is None) + (key_id is None) + (actor is None) != 2:
        raise click.UsageError("Give one of --person, --key and --actor.")
    with Almoner.from_environment() as almoner:
        if almoner.reads is not None:
            almoner.reads.take_in()
        if person is not None and almoner.keyring is not None:
            # Who has no key was never written of: a number that nobody has.
            key_id = almoner.keyring.known([person]).get(person, person)
        found: list[LoggedRead] = []
        with almoner.database.pool(Role.APP).connection() as connection:
            while more := logged_reads(
                connection,
                key_id=key_id,
                actor=actor,
                since=since,
                until=until,
                disclosed=disclosed,
                beyond=found[-1].number if found else 0,
            ):
                found += more
    told = None if person is None else str(person)
    if fhir:
        answer(True, bundle([audit_event(each, told) for each in found]), [])
        return
    header = ("when", "who", "as", "what", *(["which and to whom"] if disclosed else []), "why")
    rows = [
        (
            each.read_at.isoformat(" ", "seconds"),
            *(each.actor, each.role, each.what),
            *([each.asked] if disclosed else []),
            each.why or "",
        )
        for each in found
    ]
    answer(as_json, {"reads": [asdict(each) for each in found]}, table(header, rows))


@privacy.command("verify-reads")
@json_option
@click.pass_context
def verify_reads(ctx: click.Context, as_json: bool) -> None:
    """Hold the log of reads against what vouches for it. Exit code 1 where it was changed, 4 where
    nothing vouches for it yet."""
    with Almoner.from_environment() as almoner:
        stretches, unsealed = almoner.read_log().verify()
    changed = [each for each in stretches if not each.intact]
    answer(
        as_json,
        {
            "intact": not changed,
            "sealed": sum(each.reads for each in stretches),
            "unsealed": unsealed,
            "changed": [asdict(each) for each in changed],
        },
        [
            *(
                f"Changed after it was sealed: reads {each.after + 1} to {each.upto} "
                f"(sealed at position {each.position})."
                for each in changed
            ),
            f"Sealed: {counted(sum(each.reads for each in stretches), 'read')}; "
            f"not yet: {unsealed}.",
        ],
    )
    if changed:
        ctx.exit(UNSUCCESSFUL)
    if not stretches:
        ctx.exit(NOTHING_SEALED)


@privacy.command("verify-keys")
@json_option
@click.pass_context
def verify_keys(ctx: click.Context, as_json: bool) -> None:
    """Look for the key of everything that is sealed. Exit code 1 where one is gone, and no erasure
    of it is on record."""
    with Almoner.from_environment() as almoner:
        found = custody(almoner.ledger, almoner.database.pool(Role.APP))
    answer(
        as_json,
        {
            "kept": found.kept,
            "erased": found.erased,
            "gone": [asdict(each) for each in found.gone],
        },
        [
            *(
                f"Gone without an erasure: the key {each.key_id}, which something is sealed with "
                f"from position {each.position} on."
                for each in found.gone
            ),
            f"Kept: {counted(found.kept, 'key')}; destroyed by an erasure: {found.erased}.",
        ],
    )
    if found.gone:
        ctx.exit(UNSUCCESSFUL)
