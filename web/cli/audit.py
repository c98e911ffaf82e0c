"""`almoner audit`: what an auditor asks, and what proves the answers."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from domain.audit.events import ExportFormat
from domain.kernel import FACTS, Refused
from facilities.database import Role
from facilities.exchange.audit_selection import Selection
from facilities.seals.folder import Folder
from facilities.seals.keys import KeyRefused, SealingRefused, new_key, public_key
from facilities.seals.proofs import NotSealed, Prover
from facilities.seals.verifying import Report, verify
from web.bootstrap import Almoner
from web.cli import differing, replay
from web.cli.exits import NOTHING_SEALED, UNSUCCESSFUL
from web.cli.kinds import moment
from web.cli.looking import goes_out, who_option, why_option
from web.cli.printing import answer, counted, json_option, visible
from web.cli.progress import Progress

MOST_FINDINGS = 50
"""So many findings are told to people; programs get them all."""


@click.group("audit")
def audit() -> None:
    """What an auditor asks, and what proves the answers."""


for each in (replay.timeline, replay.causes, replay.state, differing.diff):
    audit.add_command(each)


# --- keys ----------------------------------------------------------------------------------------


@audit.group("key")
def key() -> None:
    """The keys that seal the ledger."""


@key.command("new")
@click.argument("path", type=click.Path(path_type=Path))
@json_option
def key_new(path: Path, as_json: bool) -> None:
    """Make a key, in a new file that nobody but its owner may read."""
    made = new_key(path)
    key_id = made.public.key_id
    answer(
        as_json,
        {"path": str(path), "key": key_id, "public_key": made.public.pem},
        [f"Made the key {key_id} in {path}."],
    )


@key.command("introduce")
@click.argument(
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="PUBLIC_KEY",
)
@json_option
def key_introduce(file: Path, as_json: bool) -> None:
    """Let another key seal from now on: the key of the settings introduces it.

    PUBLIC_KEY is a PEM file. Afterwards, let the settings name the other key.
    """
    try:
        new = public_key(file.read_text(encoding="ascii"))
    except ValueError:
        raise KeyRefused(f"{file} holds no public key of Ed25519 in PEM") from None
    with Almoner.from_environment() as almoner:
        introduced = almoner.sealer().introduce(new)
    answer(
        as_json,
        {"key": introduced.key, "introduced_by": introduced.introduced_by},
        [f"{introduced.introduced_by} introduced {introduced.key}."],
    )


# --- seals ---------------------------------------------------------------------------------------


@audit.command("seal")
@json_option
def seal(as_json: bool) -> None:
    """Seal what the ledger has grown by since it was sealed last, now."""
    with Almoner.from_environment() as almoner:
        made = almoner.sealer().seal_all()
    lines = [f"Sealed up to position {each.last_position} (seal {each.number})." for each in made]
    answer(
        as_json,
        {"seals": [each.content() for each in made]},
        lines or ["Nothing is new, or somebody else is sealing."],
    )


@audit.command("verify")
@click.option("--full", is_flag=True, help="From the first event on, whatever was verified before.")
@click.option(
    "--seals-dir",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="The seals outside of the database; without it those of ALMONER_SEALS_DIR.",
)
@click.option(
    "--trust",
    "trusted",
    multiple=True,
    metavar="KEY",
    help="The id of a key that the seals must have come from; may be given several times.",
)
@json_option
@click.pass_context
def audit_verify(
    ctx: click.Context,
    full: bool,
    seals_dir: Path | None,
    trusted: tuple[str, ...],
    as_json: bool,
) -> None:
    """Hold the ledger against its seals. Exit code 1 where anything is not as it was sealed, and 4
    where nothing is sealed: then nothing vouches for the ledger.

    Begins after the last seal up to which nothing was found. The key of the settings, where there
    is one, is trusted too.
    """
    with Almoner.from_environment() as almoner, Progress() as progress:
        known = set(trusted)
        if almoner.seals.sealing:
            known.add(almoner.seals.key().public.key_id)
        folder = almoner.seals.folder if seals_dir is None else Folder(seals_dir)
        with almoner.database.pool(Role.APP).connection() as connection:
            report = verify(connection, folder, full=full, trusted=known, progress=progress)
    answer(as_json, _report(report), _told(report))
    if report.findings:
        ctx.exit(UNSUCCESSFUL)
    if not report.sealed:
        ctx.exit(NOTHING_SEALED)


@audit.command("prove")
@click.argument("position", type=click.IntRange(min=1))
@json_option
def prove(position: int, as_json: bool) -> None:
    """Prove that the event at a position is in the newest seal's tree (RFC 9162, 2.1.3)."""
    with (
        Almoner.from_environment() as almoner,
        almoner.database.pool(Role.APP).connection() as connection,
    ):
        try:
            found = Prover(connection).inclusion(position)
        except NotSealed as error:
            raise SealingRefused(str(error).capitalize()) from None
    path = [each.hex() for each in found.path]
    statement = json.loads(found.seal.statement)
    answer(
        as_json,
        {
            "position": found.position,
            "leaf_index": found.leaf_index,
            "leaf_hash": found.leaf_hash.hex(),
            "tree_size": found.tree_size,
            "inclusion_path": path,
            "seal": statement,
        },
        [
            f"leaf {found.leaf_index} of {found.tree_size}: {found.leaf_hash.hex()}",
            *path,
            f"root under seal {found.seal.number}: {statement['root']}",
        ],
    )


# --- export --------------------------------------------------------------------------------------


def _named(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """A fact, or the first word of several, with or without its dot. Of what is none there would be
    no event, as if nothing of the kind had happened."""
    if value is None:
        return None
    word = value.removesuffix(".")
    if not any(each == word or each.startswith(f"{word}.") for each in FACTS):
        raise click.BadParameter(f"there is no fact {visible(value)!r}, and none begins so.")
    return word


def _in_order(names: str, first: int | datetime | None, last: int | datetime | None) -> None:
    """Both ends of a range are positions or both instants, and the first one is not the later."""
    if first is None or last is None or type(first) is not type(last):
        return
    if first > last:  # type: ignore[operator]
        raise click.UsageError(f"--{names}from must not be after --{names}to.")


@audit.command("export")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The file to write; one that exists is refused.",
)
@why_option(required=True)
@who_option
@click.option(
    "--format",
    "form",
    type=click.Choice([each.value for each in ExportFormat]),
    default=ExportFormat.BUNDLE.value,
    show_default=True,
    help="A bundle that proves itself, or a table.",
)
@click.option("--facility", type=click.UUID, metavar="UUID", help="Events of this facility.")
@click.option("--stream", type=click.UUID, metavar="UUID", help="Events of this thing.")
@click.option("--actor", metavar="NAME", help="Events that this one caused.")
@click.option("--role", metavar="ROLE", help="Events that were caused in this role.")
@click.option("--command", type=click.UUID, metavar="UUID", help="Events of this command.")
@click.option("--correlation", type=click.UUID, metavar="UUID", help="Events that belong together.")
@click.option(
    "--fact",
    callback=_named,
    metavar="NAME",
    help="A fact's name, or the first word of several: 'claim'.",
)
@click.option("--effective-from", callback=moment, metavar="INSTANT", help="Happened at the first.")
@click.option("--effective-to", callback=moment, metavar="INSTANT", help="Happened at the last.")
@click.option(
    "--from", "first", callback=moment, metavar="POSITION|INSTANT", help="Recorded first."
)
@click.option("--to", "last", callback=moment, metavar="POSITION|INSTANT", help="Recorded last.")
@json_option
def audit_export(
    out: Path,
    why: str,
    who: str,
    form: str,
    effective_from: int | datetime | None,
    effective_to: int | datetime | None,
    first: int | datetime | None,
    last: int | datetime | None,
    as_json: bool,
    **dimensions: Any,
) -> None:
    """Take events out of the ledger, in a bundle that proves itself; that is put on record.

    What is given narrows it, all of it together. Whoever has the bundle checks it with the
    verify.py that is in it, which needs no database.
    """
    if out.exists():
        raise click.BadParameter(f"{out} exists.", param_hint="'--out'")
    for name, value in (("from", effective_from), ("to", effective_to)):
        if isinstance(value, int):
            raise click.BadParameter("It takes an instant.", param_hint=f"'--effective-{name}'")
    _in_order("effective-", effective_from, effective_to)
    _in_order("", first, last)
    happened: dict[str, Any] = {"effective_from": effective_from, "effective_to": effective_to}
    recorded = {**_recorded("from", first), **_recorded("to", last)}
    selection = Selection(**dimensions, **happened, **recorded)
    with Almoner.from_environment() as almoner:
        try:
            exporter = almoner.exporter()
            goes_out(almoner, who, why, out.name)
            made = exporter.export(out, ExportFormat(form), selection, who, why)
        except OSError as error:
            raise click.ClickException(f"{out} cannot be written: {error.strerror}.") from None
        except Refused as refused:
            raise click.ClickException(str(refused)) from None
    answer(
        as_json,
        {
            "export_id": str(made.export_id),
            "out": str(out),
            "events": made.events,
            "head": made.head,
            "digest": made.digest,
            "position": made.position,
        },
        [f"Wrote {counted(made.events, 'event')} to {out}; on record at position {made.position}."],
    )


def _recorded(end: str, value: int | datetime | None) -> dict[str, Any]:
    kind = "position" if isinstance(value, int) else "recorded"
    return {} if value is None else {f"{kind}_{end}": value}


# --- what is said --------------------------------------------------------------------------------


def _report(report: Report) -> dict[str, object]:
    return {
        "clean": report.sealed and not report.findings,
        "sealed": report.sealed,
        "full": report.full,
        "anchored": report.anchored,
        "seals": report.seals,
        "events": report.events,
        "unsealed": report.unsealed,
        "seal": None if report.last is None else report.last.number,
        "position": None if report.last is None else report.last.seal.last_position,
        "findings": [
            {"kind": each.kind, "position": each.position, "seal": each.seal, "told": each.told}
            for each in report.findings
        ],
    }


def _told(report: Report) -> list[str]:
    lines = [str(each) for each in report.findings[:MOST_FINDINGS]]
    if len(report.findings) > MOST_FINDINGS:
        lines.append(f"... and {len(report.findings) - MOST_FINDINGS} more; --json tells them all")
    if not report.sealed:
        beside = counted(report.unsealed, "event")
        lines.append(f"Nothing is sealed, so nothing vouches for the ledger: {beside} in it.")
        return lines
    how = "in full" if report.full else "since the last verification"
    found = counted(len(report.findings), "finding")
    verdict = found if report.findings else "nothing was altered"
    unsealed = "is" if report.unsealed == 1 else "are"
    lines.append(
        f"Verified {how}: {counted(report.events, 'event')} under "
        f"{counted(report.seals, 'seal')}, {verdict}; "
        f"{counted(report.unsealed, 'event')} {unsealed} not sealed yet."
    )
    if not report.anchored and report.seals:
        lines.append(
            "Nothing outside of the database vouches for the seals: name their folder, or a key."
        )
    return lines
