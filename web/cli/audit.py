"""`almoner audit`: what an auditor asks, and what proves the answers."""

from __future__ import annotations

from pathlib import Path

import click

from facilities.database import Role
from facilities.seals.folder import Folder
from facilities.seals.keys import KeyRefused, new_key, public_key
from facilities.seals.verifying import Report, verify
from web.bootstrap import Almoner
from web.cli import replay
from web.cli.exits import UNSUCCESSFUL
from web.cli.printing import answer, json_option
from web.cli.progress import Progress

MOST_FINDINGS = 50
"""So many findings are told to people; programs get them all."""


@click.group("audit")
def audit() -> None:
    """What an auditor asks, and what proves the answers."""


for each in (replay.timeline, replay.causes, replay.state, replay.diff):
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
    """Hold the ledger against its seals. Exit code 1 where anything is not as it was sealed.

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


def _report(report: Report) -> dict[str, object]:
    return {
        "clean": not report.findings,
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
    how = "in full" if report.full else "since the last verification"
    verdict = f"{len(report.findings)} findings" if report.findings else "nothing was altered"
    lines.append(
        f"Verified {how}: {report.events} events under {report.seals} seals, {verdict}; "
        f"{report.unsealed} events are not sealed yet."
    )
    if not report.anchored and report.seals:
        lines.append(
            "Nothing outside of the database vouches for the seals: name their folder, or a key."
        )
    return lines
