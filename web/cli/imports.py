"""`almoner import`: files that come in through the mailroom. One row for each kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import click

from domain.organization.events import FacilityKind
from domain.revenue.events.code_table import CareSetting, CodeTable
from facilities.exchange import (
    attendance,
    balances,
    catalogs,
    credentials,
    directories,
    fee_schedules,
    shifts,
    staff,
)
from facilities.exchange.code_tables import import_code_table
from facilities.exchange.openlmis import import_openlmis
from facilities.exchange.synthea import import_synthea
from web.cli.importing import FILE, FOLDER, MAILROOM, PATH, Given, Kind
from web.cli.imports_x12 import imports_x12
from web.cli.kinds import currency

__all__ = ["KINDS", "MAILROOM", "imports"]


def _zone(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if directories.clock(value) is None:
        raise click.BadParameter(f"{value!r} is no IANA time zone.")
    return value


def _directory(given: Given) -> Sequence[str]:
    """The profile, and the kind that all facilities of a directory are of."""
    profile, kind = given.pop("profile"), given.pop("kind")
    return [*filter(None, [profile]), *([] if kind is None else [f"kind=:{kind}"])]


def _day(_ctx: click.Context, _param: click.Parameter, value: datetime) -> date:
    return value.date()


def _fees(given: Given) -> Sequence[str]:
    """What is the same for all rows of a fee schedule."""
    names = ("payer", "schedule", "currency", "valid_from")
    told = {name: given.pop(name) for name in names}
    return [f"{name}=:{value}" for name, value in told.items() if value is not None]


SOURCE = click.Option(
    ["--source"],
    metavar="NAME",
    default="hr",
    show_default=True,
    help="Whose list it is: what people are called in it means the same in all lists of this name.",
)

KINDS = (
    Kind(
        name="synthea",
        of=FOLDER,
        imported=import_synthea,
        about="""Import the CSV files of a Synthea export: facilities, departments, staff, payers,
        claims and stock.

        docs/importing.md says which file becomes what.
        """,
    ),
    Kind(
        name="openlmis",
        of=FOLDER,
        imported=import_openlmis,
        options=(
            click.Option(
                ["--zone"],
                default="UTC",
                show_default=True,
                callback=_zone,
                help="The facilities' IANA time zone.",
            ),
            click.Option(
                ["--currency"],
                default="USD",
                show_default=True,
                callback=currency,
                metavar="CCC",
                help="The currency the facilities keep their books in.",
            ),
        ),
        about="""Import the stock cards of an OpenLMIS export, and the facilities they are kept at.

        docs/importing.md says what becomes of a card and its lines.
        """,
    ),
    Kind(
        name="catalog",
        of=PATH,
        imported=catalogs.import_catalog,
        fields=catalogs.FIELDS,
        options=(
            click.Option(
                ["--profile"],
                type=click.Choice(catalogs.PROFILES),
                default="plain",
                show_default=True,
                help="What the files are: ndc is a folder, the others are a file.",
            ),
        ),
        about="""Import items into the catalog: the FDA's NDC directory, its device identifiers
        (GUDID), the UNSPSC code set, or any table (CSV or workbook) whose columns are called as the
        fields are, or mapped.

        docs/importing.md tells about each.
        """,
    ),
    Kind(
        name="balances",
        of=FILE,
        imported=balances.import_balances,
        fields=balances.FIELDS,
        options=(
            click.Option(
                ["--facility", "facility_id"],
                type=click.UUID,
                help="Whose stock it is, where no column says so.",
            ),
        ),
        about="""Import opening balances of stock from a CSV file or a workbook: what is there of
        each lot when the books open.

        The fields are item_system, item_code, description, quantity and opened_on, which must be
        there, and facility_id, unit, lot, expires_on and basis. A column that is called as a field
        is that field. docs/importing.md tells about each.
        """,
    ),
    Kind(
        name="facilities",
        of=FILE,
        imported=directories.import_facilities,
        fields=directories.FIELDS,
        mapped_first=True,
        words=_directory,
        options=(
            click.Option(
                ["--profile"],
                type=click.Choice(sorted(directories.PROFILES)),
                help="A mapping that comes with the program.",
            ),
            click.Option(
                ["--kind"],
                type=click.Choice([each.value for each in FacilityKind]),
                help="What kind of facilities all of them are.",
            ),
        ),
        about="""Import a directory of facilities from a CSV file or a workbook.

        The fields are legal_name (which must be mapped), kind, line (up to five times), city,
        region, postal_code, country, phone, zone, currency, npi, ccn, clia, tin, opened_on and id.
        docs/importing.md tells about each.
        """,
    ),
    Kind(
        name="attendance",
        of=FILE,
        imported=attendance.import_attendance,
        fields=attendance.FIELDS,
        options=(SOURCE,),
        about="""Import who was at work when, from a CSV file or a workbook.

        The fields are staff, came_at and left_at, which must be there, and facility, department and
        job. A column that is called as a field is that field. docs/importing.md tells about each.
        """,
    ),
    Kind(
        name="shifts",
        of=FILE,
        imported=shifts.import_shifts,
        fields=shifts.FIELDS,
        options=(SOURCE,),
        about="""Plan shifts, and who is on them, from a CSV file or a workbook.

        The fields are facility, department, on, starts, ends and job, which must be there, and
        skill, needed, minimum, staff and id. A column that is called as a field is that field. They
        go into the rosters the departments have. docs/importing.md tells about each.
        """,
    ),
    Kind(
        name="staff",
        of=FILE,
        imported=staff.import_staff,
        fields=staff.FIELDS,
        options=(SOURCE,),
        about="""Import people, and where they work, from a CSV file or a workbook.

        The fields are id, full_name, job, facility and registered_on, which must be there, and
        department, share, specialty and npi. A column that is called as a field is that field.
        docs/importing.md tells about each.
        """,
    ),
    Kind(
        name="credentials",
        of=FILE,
        imported=credentials.import_credentials,
        fields=credentials.FIELDS,
        options=(SOURCE,),
        about="""Import licenses and other credentials from a CSV file or a workbook.

        The fields are staff, kind, issuer and valid_from, which must be there, and valid_to, title,
        number, state, verified_on, verified_by and source. A column that is called as a field is
        that field. docs/importing.md tells about each.
        """,
    ),
    Kind(
        name="fee-schedule",
        of=FILE,
        imported=fee_schedules.import_fee_schedules,
        fields=fee_schedules.FIELDS,
        unread=fee_schedules.FeeScheduleReport,
        words=_fees,
        options=(
            click.Option(
                ["--payer"],
                help="Whose it is: the payer's id or identifier, where no column says so.",
            ),
            click.Option(["--schedule"], help="What it is called, where no column says so."),
            click.Option(["--currency"], callback=currency, metavar="CCC", help="Its currency."),
            click.Option(
                ["--valid-from"], metavar="DAY", help="The first day it holds for (2026-01-01)."
            ),
        ),
        about="""Import a payer's fee schedule from a CSV file or a workbook, and put it in force.

        The fields are payer, schedule, currency, valid_from, procedure and amount, which must be
        there or be given, and modifier. A column that is called as a field is that field.
        docs/importing.md tells about each.
        """,
    ),
    Kind(
        name="code-table",
        of=FILE,
        many=True,
        imported=import_code_table,
        options=(
            click.Option(
                ["--table"],
                type=click.Choice([each.value for each in CodeTable]),
                required=True,
                help="What the files hold.",
            ),
            click.Option(
                ["--setting"],
                type=click.Choice([each.value for each in CareSetting]),
                default=CareSetting.ANY.value,
                show_default=True,
                help="Whose claims an NCCI table is for.",
            ),
            click.Option(["--edition"], required=True, help="What CMS calls it, such as 2026Q3."),
            click.Option(
                ["--effective"],
                type=click.DateTime(["%Y-%m-%d"]),
                callback=_day,
                required=True,
                help="The first day of service it holds on.",
            ),
        ),
        about="""Import an edition of a code table, out of all the files it comes in: ICD-10-CM,
        HCPCS, or the NCCI's procedure-to-procedure (ncci-ptp) and medically unlikely edits
        (ncci-mue), as CMS publishes them.

        The scrubber holds claims against what is loaded. docs/scrubbing.md tells about each.
        """,
    ),
)
"""Every kind of file there is a plain import for; X12 has more to tell (`imports_x12`)."""


@click.group("import")
def imports() -> None:
    """Files that come in: checked as a whole, then sent as commands like any other.

    Importing the same rows again adds nothing; an import that was interrupted goes on when it is
    given again.
    """


for each in KINDS:
    imports.add_command(each.command())
imports.add_command(imports_x12)
