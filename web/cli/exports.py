"""`almoner export`: files that go out through the mailroom."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import click

from facilities.exchange.x12.claims_writer import Correspondent
from facilities.exchange.x12.exporting import export_claims
from web.bootstrap import Almoner
from web.cli.following import catch_up
from web.cli.imports import MAILROOM
from web.cli.printing import answer, json_option, visible
from web.cli.progress import Progress
from web.matching import ClaimFinder


@click.group("export")
def exports() -> None:
    """Files that go out: claims, for whoever is asked to pay them."""


@exports.command("x12")
@click.argument(
    "folder",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path),
)
@click.option("--sender", required=True, help="Our id in the envelope (ISA06), 15 characters.")
@click.option("--sender-name", required=True, help="Our name (loop 1000A).")
@click.option("--receiver", required=True, help="Who receives it (ISA08): payer or clearinghouse.")
@click.option("--receiver-name", required=True, help="The receiver's name (loop 1000B).")
@click.option("--contact", default="BILLING OFFICE", show_default=True, help="Whom to call.")
@click.option("--phone", required=True, help="The number to call: ten digits.")
@click.option(
    "--claim",
    "claims",
    type=click.UUID,
    multiple=True,
    metavar="ID",
    help="Send these claims only. May be given several times.",
)
@click.option("--test", is_flag=True, help="Mark the interchange as a test (ISA15).")
@json_option
def exports_x12(
    folder: Path,
    sender: str,
    sender_name: str,
    receiver: str,
    receiver_name: str,
    contact: str,
    phone: str,
    claims: tuple[UUID, ...],
    test: bool,
    as_json: bool,
) -> None:
    """Write the claims that are submitted to a payer as 837P and 837I, each submission once.

    What a claim lacks that an 837 requires is named, and the claim is left out.
    """
    with Almoner.from_environment() as almoner, Progress() as progress:
        catch_up(almoner, progress)
        exported = export_claims(
            claims or ClaimFinder(almoner.database).submitted(),
            almoner.service,
            almoner.ledger,
            MAILROOM,
            Correspondent(id=sender, name=sender_name, contact=contact, phone=phone),
            Correspondent(id=receiver, name=receiver_name),
            folder,
            test=test,
        )
        catch_up(almoner, progress)
    left_out = [f"{each}: {visible(why)} is missing" for each, why in exported.left_out]
    lines = [*left_out, *exported.files, f"Claims sent: {exported.claims}."]
    answer(as_json, exported.to_json(), lines)
