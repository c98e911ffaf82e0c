"""`almoner export`: files that go out through the mailroom. Each is on record before it is written:
who sends what to whom and why, and of which patients it tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from facilities.exchange.x12.envelope import Correspondent
from facilities.exchange.x12.exporting import (
    Exported,
    export_claims,
    export_status_requests,
)
from web.bootstrap import Almoner
from web.cli.following import catch_up
from web.cli.importing import MAILROOM
from web.cli.looking import goes_out, who_option, why_option
from web.cli.printing import answer, json_option, visible
from web.cli.progress import Progress
from web.matching import ClaimFinder


@click.group("export")
def exports() -> None:
    """Files that go out: claims, for whoever is asked to pay them."""


def correspondence(command: Callable[..., None]) -> Callable[..., None]:
    """Into which folder, from whom and to whom."""
    for option in (
        json_option,
        who_option,
        why_option(default="payment", show_default=True),
        click.option("--test", is_flag=True, help="Mark the interchange as a test (ISA15)."),
        click.option(
            "--claim",
            "claims",
            type=click.UUID,
            multiple=True,
            metavar="ID",
            help="These claims only. May be given several times.",
        ),
        click.option("--phone", required=True, help="The number to call: ten digits."),
        click.option(
            "--contact", default="BILLING OFFICE", show_default=True, help="Whom to call."
        ),
        click.option("--receiver-name", required=True, help="The receiver's name (loop 1000B)."),
        click.option(
            "--receiver", required=True, help="Who receives it (ISA08): payer or clearinghouse."
        ),
        click.option("--sender-name", required=True, help="Our name (loop 1000A)."),
        click.option("--sender", required=True, help="Our id in the envelope (ISA06)."),
        click.argument(
            "folder",
            metavar="DIR",
            type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path),
        ),
    ):
        command = option(command)
    return command


@exports.command("x12")
@correspondence
def exports_x12(claims: tuple[UUID, ...], **given: Any) -> None:
    """Write the claims that are submitted to a payer as 837P and 837I, each submission once.

    What a claim lacks that an 837 requires is named, and the claim is left out.
    """
    _export(export_claims, lambda finder: claims or finder.submitted(), **given)


@exports.command("x12-status")
@click.option(
    "--after",
    "days",
    type=click.IntRange(0, 3_650),
    default=30,
    show_default=True,
    help="Ask about claims that were sent so many days ago, or longer.",
)
@correspondence
def exports_x12_status(claims: tuple[UUID, ...], days: int, **given: Any) -> None:
    """Ask payers where claims stand that were sent and are not decided on (276).

    The answer (277) comes in with `almoner import x12`.
    """
    until = datetime.now(UTC).date() - timedelta(days=days)
    _export(export_status_requests, lambda finder: claims or finder.undecided(until), **given)


def _export(
    export: Callable[..., Exported],
    asked: Callable[[ClaimFinder], Iterable[UUID]],
    *,
    folder: Path,
    sender: str,
    sender_name: str,
    receiver: str,
    receiver_name: str,
    contact: str,
    phone: str,
    test: bool,
    who: str,
    why: str,
    as_json: bool,
) -> None:
    with Almoner.from_environment() as almoner, Progress() as progress:
        catch_up(almoner, progress)
        exported = export(
            asked(ClaimFinder(almoner.database)),
            almoner.service,
            almoner.ledger,
            MAILROOM,
            Correspondent(id=sender, name=sender_name, contact=contact, phone=phone),
            Correspondent(id=receiver, name=receiver_name),
            folder,
            on_record=partial(goes_out, almoner, who, why),
            test=test,
        )
        catch_up(almoner, progress)
    left_out = [f"{each}: {visible(why)} is missing" for each, why in exported.left_out]
    lines = [*left_out, *exported.files, f"Claims sent: {exported.claims}."]
    answer(as_json, exported.to_json(), lines)
