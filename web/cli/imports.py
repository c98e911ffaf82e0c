"""`almoner import`: files that come in through the mailroom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar
from uuid import UUID

import click

from domain.organization.events import FacilityKind
from facilities.exchange import attendance, credentials, fee_schedules, staff
from facilities.exchange.balances import import_balances
from facilities.exchange.catalogs import PROFILES as CATALOGS
from facilities.exchange.catalogs import import_catalog
from facilities.exchange.directories import FIELDS, PROFILES, clock, import_facilities
from facilities.exchange.mapping import BadMapping, Fields, mapping_from
from facilities.exchange.openlmis import import_openlmis
from facilities.exchange.report import ImportReport, Rejected
from facilities.exchange.synthea import import_synthea
from facilities.exchange.tables import Unreadable
from facilities.scope import Actor, Role
from web.bootstrap import Almoner
from web.cli.exits import UNSUCCESSFUL
from web.cli.following import catch_up
from web.cli.kinds import currency as one_currency
from web.cli.printing import answer, figures, json_option, visible
from web.cli.progress import Progress

MAILROOM = Actor("mailroom", Role.SERVICE)
"""Who is written down as the one who recorded what was imported."""

Command = TypeVar("Command", bound=Callable[..., Any])


class Report(Protocol):
    """What an import tells when it is done."""

    @property
    def rejected(self) -> tuple[Rejected, ...]: ...

    @property
    def came_to_something(self) -> bool: ...

    def to_json(self) -> dict[str, object]: ...


Import = Callable[[Almoner, Progress], Report]


def importing_options(command: Command) -> Command:
    """The options every import has."""
    for option in (
        json_option,
        click.option(
            "--skip-bad",
            is_flag=True,
            help="Import what is good; without it, one bad row is enough for nothing to be.",
        ),
        click.option("--dry-run", is_flag=True, help="Check everything, and import nothing."),
    ):
        command = option(command)
    return command


mapping_option = click.option(
    "--map",
    "words",
    metavar="FIELD=COLUMN",
    multiple=True,
    help="Which column holds a field; FIELD=:VALUE is the same value in every row. "
    "May be given several times, and wins over a profile.",
)
"""The option of every import that takes anybody's table."""


def mapped(
    words: Sequence[str], fields: Fields, profile: str | None = None, *more: str
) -> dict[str, str]:
    """The mapping someone typed. Raises BadMapping."""
    for word in words:
        if "=" not in word:
            raise BadMapping(f"{word!r} is not FIELD=COLUMN or FIELD=:VALUE.")
    return mapping_from([*([] if profile is None else [profile]), *words, *more], fields)


@contextmanager
def no_bad_mapping() -> Iterator[None]:
    """A bad mapping is a mistake in what was typed, and ends the command as such."""
    try:
        yield
    except BadMapping as error:
        raise click.BadParameter(str(error), param_hint="'--map'") from None


@click.group("import")
def imports() -> None:
    """Files that come in: checked as a whole, then sent as commands like any other.

    Importing the same rows again adds nothing; an import that was interrupted goes on when it is
    given again.
    """


@imports.command("synthea")
@click.argument(
    "folder",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, readable=True, path_type=Path),
)
@importing_options
@click.pass_context
def imports_synthea(
    ctx: click.Context, folder: Path, dry_run: bool, skip_bad: bool, as_json: bool
) -> None:
    """Import the CSV files of a Synthea export: facilities, departments, staff, payers, claims and
    stock.

    docs/importing.md says which file becomes what.
    """

    def run(almoner: Almoner, progress: Progress) -> ImportReport:
        return import_synthea(
            folder,
            almoner.service,
            almoner.ledger,
            MAILROOM,
            dry_run=dry_run,
            skip_bad=skip_bad,
            progress=progress,
        )

    _import(ctx, run, dry_run=dry_run, skip_bad=skip_bad, as_json=as_json)


@imports.command("openlmis")
@click.argument(
    "folder",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, readable=True, path_type=Path),
)
@click.option("--zone", default="UTC", show_default=True, help="The facilities' IANA time zone.")
@click.option(
    "--currency",
    default="USD",
    show_default=True,
    callback=one_currency,
    metavar="CCC",
    help="The currency the facilities keep their books in.",
)
@importing_options
@click.pass_context
def imports_openlmis(
    ctx: click.Context,
    folder: Path,
    zone: str,
    currency: str,
    dry_run: bool,
    skip_bad: bool,
    as_json: bool,
) -> None:
    """Import the stock cards of an OpenLMIS export, and the facilities they are kept at.

    docs/importing.md says what becomes of a card and its lines.
    """
    if clock(zone) is None:
        raise click.BadParameter(f"{zone!r} is no IANA time zone.", param_hint="'--zone'")

    def run(almoner: Almoner, progress: Progress) -> Report:
        return import_openlmis(
            folder,
            almoner.service,
            almoner.ledger,
            MAILROOM,
            zone=zone,
            currency=currency,
            dry_run=dry_run,
            skip_bad=skip_bad,
            progress=progress,
        )

    _import(ctx, run, dry_run=dry_run, skip_bad=skip_bad, as_json=as_json)


@imports.command("catalog")
@click.argument("path", metavar="PATH", type=click.Path(exists=True, readable=True, path_type=Path))
@click.option(
    "--profile",
    type=click.Choice(CATALOGS),
    default="plain",
    show_default=True,
    help="What the files are: ndc is a folder, gudid and plain are a file.",
)
@importing_options
@click.pass_context
def imports_catalog(
    ctx: click.Context, path: Path, profile: str, dry_run: bool, skip_bad: bool, as_json: bool
) -> None:
    """Import items into the catalog: the FDA's NDC directory, its device identifiers (GUDID), or
    any table whose columns are called as the fields are.

    docs/importing.md tells about each.
    """

    def run(almoner: Almoner, progress: Progress) -> Report:
        return import_catalog(
            path,
            profile,
            almoner.service,
            almoner.ledger,
            MAILROOM,
            dry_run=dry_run,
            skip_bad=skip_bad,
            progress=progress,
        )

    _import(ctx, run, dry_run=dry_run, skip_bad=skip_bad, as_json=as_json)


@imports.command("balances")
@click.argument(
    "file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
)
@click.option("--facility", type=click.UUID, help="Whose stock it is, where no column says so.")
@importing_options
@click.pass_context
def imports_balances(
    ctx: click.Context,
    file: Path,
    facility: UUID | None,
    dry_run: bool,
    skip_bad: bool,
    as_json: bool,
) -> None:
    """Import opening balances of stock: what is there of each lot when the books open.

    docs/importing.md tells which columns there are.
    """

    def run(almoner: Almoner, progress: Progress) -> Report:
        return import_balances(
            file,
            almoner.service,
            almoner.ledger,
            MAILROOM,
            facility_id=facility,
            dry_run=dry_run,
            skip_bad=skip_bad,
            progress=progress,
        )

    _import(ctx, run, dry_run=dry_run, skip_bad=skip_bad, as_json=as_json)


@imports.command("facilities")
@click.argument(
    "file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
)
@mapping_option
@click.option(
    "--profile",
    type=click.Choice(sorted(PROFILES)),
    help="A mapping that comes with the program.",
)
@click.option(
    "--kind",
    type=click.Choice([each.value for each in FacilityKind]),
    help="What kind of facilities all of them are.",
)
@importing_options
@click.pass_context
def imports_facilities(
    ctx: click.Context,
    file: Path,
    words: tuple[str, ...],
    profile: str | None,
    kind: str | None,
    dry_run: bool,
    skip_bad: bool,
    as_json: bool,
) -> None:
    """Import a directory of facilities from a CSV file or a workbook.

    The fields are legal_name (which must be mapped), kind, line (up to five times), city, region,
    postal_code, country, phone, zone, currency, npi, ccn, clia, tin, opened_on and id.
    docs/importing.md tells about each.
    """
    said = [f"kind=:{kind}"] if kind is not None else []
    with no_bad_mapping():
        mapping = mapped(words, FIELDS, profile, *said)
        FIELDS.check(mapping)

    def run(almoner: Almoner, progress: Progress) -> ImportReport:
        return import_facilities(
            file,
            mapping,
            almoner.service,
            almoner.ledger,
            MAILROOM,
            dry_run=dry_run,
            skip_bad=skip_bad,
            progress=progress,
        )

    _import(ctx, run, dry_run=dry_run, skip_bad=skip_bad, as_json=as_json)


source_option = click.option(
    "--source",
    metavar="NAME",
    default="hr",
    show_default=True,
    help="Whose list it is: what people are called in it means the same in all lists of this name.",
)


@imports.command("staff")
@click.argument(
    "file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
)
@mapping_option
@source_option
@importing_options
@click.pass_context
def imports_staff(
    ctx: click.Context,
    file: Path,
    words: tuple[str, ...],
    source: str,
    dry_run: bool,
    skip_bad: bool,
    as_json: bool,
) -> None:
    """Import people, and where they work, from a CSV file or a workbook.

    The fields are id, full_name, job, facility and registered_on, which must be there, and
    department, share, specialty and npi. A column that is called as a field is that field.
    docs/importing.md tells about each.
    """
    import_table(
        ctx, staff.import_staff, staff.FIELDS, file, words, source, dry_run, skip_bad, as_json
    )


@imports.command("credentials")
@click.argument(
    "file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
)
@mapping_option
@source_option
@importing_options
@click.pass_context
def imports_credentials(
    ctx: click.Context,
    file: Path,
    words: tuple[str, ...],
    source: str,
    dry_run: bool,
    skip_bad: bool,
    as_json: bool,
) -> None:
    """Import licenses and other credentials from a CSV file or a workbook.

    The fields are staff, kind, issuer and valid_from, which must be there, and valid_to, title,
    number, state, verified_on, verified_by and source. A column that is called as a field is that
    field. docs/importing.md tells about each.
    """
    import_table(
        ctx,
        credentials.import_credentials,
        credentials.FIELDS,
        file,
        words,
        source,
        dry_run,
        skip_bad,
        as_json,
    )


@imports.command("attendance")
@click.argument(
    "file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
)
@mapping_option
@source_option
@importing_options
@click.pass_context
def imports_attendance(
    ctx: click.Context,
    file: Path,
    words: tuple[str, ...],
    source: str,
    dry_run: bool,
    skip_bad: bool,
    as_json: bool,
) -> None:
    """Import who was at work when, from a CSV file or a workbook.

    The fields are staff, came_at and left_at, which must be there, and facility, department and
    job. A column that is called as a field is that field. docs/importing.md tells about each.
    """
    import_table(
        ctx,
        attendance.import_attendance,
        attendance.FIELDS,
        file,
        words,
        source,
        dry_run,
        skip_bad,
        as_json,
    )


@imports.command("fee-schedule")
@click.argument(
    "file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
)
@mapping_option
@click.option("--payer", help="Whose it is: the payer's id or identifier, where no column says so.")
@click.option("--schedule", help="What it is called, where no column says so.")
@click.option("--currency", callback=one_currency, metavar="CCC", help="Its currency.")
@click.option("--valid-from", metavar="DAY", help="The first day it holds for (2026-01-01).")
@importing_options
@click.pass_context
def imports_fee_schedule(
    ctx: click.Context,
    file: Path,
    words: tuple[str, ...],
    payer: str | None,
    schedule: str | None,
    currency: str | None,
    valid_from: str | None,
    dry_run: bool,
    skip_bad: bool,
    as_json: bool,
) -> None:
    """Import a payer's fee schedule from a CSV file or a workbook, and put it in force.

    The fields are payer, schedule, currency, valid_from, procedure and amount, which must be there
    or be given, and modifier. A column that is called as a field is that field. docs/importing.md
    tells about each.
    """
    given = {"payer": payer, "schedule": schedule, "currency": currency, "valid_from": valid_from}
    said = [f"{name}=:{value}" for name, value in given.items() if value is not None]
    with no_bad_mapping():
        mapping = mapped(words, fee_schedules.FIELDS, None, *said)

    def run(almoner: Almoner, progress: Progress) -> Report:
        try:
            with no_bad_mapping():
                return fee_schedules.import_fee_schedules(
                    file,
                    mapping,
                    almoner.service,
                    almoner.ledger,
                    MAILROOM,
                    dry_run=dry_run,
                    skip_bad=skip_bad,
                    progress=progress,
                )
        except Unreadable as unreadable:
            return fee_schedules.FeeScheduleReport(rejected=unreadable.rejected)

    _import(ctx, run, dry_run=dry_run, skip_bad=skip_bad, as_json=as_json)


def import_table(
    ctx: click.Context,
    imported: Callable[..., ImportReport],
    fields: Fields,
    file: Path,
    words: tuple[str, ...],
    source: str,
    dry_run: bool,
    skip_bad: bool,
    as_json: bool,
) -> None:
    """Import one table of one source, whose columns are called as the fields are or mapped."""
    with no_bad_mapping():
        mapping = mapped(words, fields)

    def run(almoner: Almoner, progress: Progress) -> ImportReport:
        try:
            with no_bad_mapping():
                return imported(
                    file,
                    mapping,
                    almoner.service,
                    almoner.ledger,
                    MAILROOM,
                    source=source,
                    dry_run=dry_run,
                    skip_bad=skip_bad,
                    progress=progress,
                )
        except Unreadable as unreadable:
            return ImportReport(rejected=unreadable.rejected)

    _import(ctx, run, dry_run=dry_run, skip_bad=skip_bad, as_json=as_json)


def _import(
    ctx: click.Context, run: Import, *, dry_run: bool, skip_bad: bool, as_json: bool
) -> None:
    with Almoner.from_environment() as almoner, Progress() as progress:
        report = run(almoner, progress)
        if not dry_run:
            # Where nothing serves, nobody else folds what was imported.
            catch_up(almoner, progress)
    content = report.to_json()
    shown = {name: each for name, each in content.items() if name != "rejected"}
    nothing = bool(report.rejected) and not (skip_bad and report.came_to_something)
    lines = [*map(told_of, report.rejected)]
    if not nothing:
        lines += [*([""] if lines else []), *figures(shown)]
    answer(as_json, content, lines)
    if report.rejected:
        count = len(report.rejected)
        outcome = (
            "nothing was imported"
            if nothing
            else "the others would be imported"
            if dry_run
            else "the others were imported"
        )
        click.echo(f"Turned away: {count}; {outcome}.", err=True)
    elif dry_run:
        click.echo("This was a dry run; nothing was imported.", err=True)
    if nothing:
        ctx.exit(UNSUCCESSFUL)


def told_of(rejected: Rejected) -> str:
    """In a line: ``claims.csv:17: TOTAL: -3: must not be negative``, without what is not known."""
    place = rejected.file if rejected.line is None else f"{rejected.file}:{rejected.line}"
    value = None if rejected.value is None else visible(rejected.value)
    return ": ".join(
        each for each in (place, rejected.column, value, rejected.rule) if each is not None
    )
