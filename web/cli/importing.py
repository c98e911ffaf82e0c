"""What every `almoner import` has in common: a kind of file is declared, and becomes a command.

A `Kind` says what the command is called, what is given to it, which function imports it, and which
options it has beside those that every import has. Who adds one writes a row in `imports`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from facilities.exchange.mapping import BadMapping, Fields, mapping_from
from facilities.exchange.report import Change, ImportReport, Rejected, Report
from facilities.exchange.tables import Unreadable
from facilities.scope import Actor, Role
from web.bootstrap import Almoner
from web.cli.exits import UNSUCCESSFUL
from web.cli.following import catch_up
from web.cli.printing import answer, figures, json_option, visible
from web.cli.progress import Progress

MAILROOM = Actor("mailroom", Role.SERVICE)
"""Who is written down as the one who recorded what was imported."""


Imported = Callable[..., Report]
"""Imports a path: ``imported(path, service, ledger, actor, dry_run=, skip_bad=, progress=)``. One
that takes anybody's table is given the `mapping` after the path; options come by their names."""

Given = dict[str, Any]

FOLDER = ("DIR", click.Path(exists=True, file_okay=False, readable=True, path_type=Path))
FILE = ("FILE", click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
PATH = ("PATH", click.Path(exists=True, readable=True, path_type=Path))
"""What is given to an import: a folder, a file, or either."""


def no_words(given: Given) -> Sequence[str]:  # noqa: ARG001
    """No option is a part of the mapping."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of file that comes in.

    `fields` are those of anybody's table, whose columns are mapped; with `mapped_first` the mapping
    is to be whole before the file is looked at, otherwise a column that is called as a field is
    that field. `words` takes out of the options those that are words of the mapping. With `many`
    several paths may be given. `unread` is the report of a file that cannot be read.
    """

    name: str
    of: tuple[str, click.Path]
    imported: Imported
    about: str
    options: tuple[click.Option, ...] = ()
    fields: Fields | None = None
    mapped_first: bool = False
    words: Callable[[Given], Sequence[str]] = no_words
    many: bool = False
    unread: Callable[..., Report] = ImportReport

    def command(self) -> click.Command:
        """`almoner import <name>`."""
        metavar, kind = self.of
        argument = click.Argument(
            ["path"],
            metavar=f"{metavar}..." if self.many else metavar,
            type=kind,
            nargs=-1 if self.many else 1,
            required=True,
        )
        run: Callable[..., None] = click.pass_context(self._run)
        command = click.Command(
            self.name, params=[argument, *self.options], callback=run, help=self.about
        )
        mapping = () if self.fields is None else (mapping_option,)
        for option in (json_option, skip_bad_option, dry_run_option, *mapping):
            command = option(command)
        return command

    def _run(self, ctx: click.Context, path: Any, **given: Any) -> None:
        dry_run, skip_bad = given["dry_run"], given["skip_bad"]
        as_json = given.pop("as_json")
        typed: Sequence[str] = given.pop("words", ())
        before: tuple[Any, ...] = (path,)
        if self.fields is not None:
            with no_bad_mapping():
                mapping = mapped(typed, self.fields, self.words(given))
                if self.mapped_first:
                    self.fields.check(mapping)
            before = (path, mapping)

        def run(almoner: Almoner, progress: Progress) -> Report:
            try:
                with no_bad_mapping():
                    return self.imported(
                        *before,
                        service=almoner.service,
                        ledger=almoner.ledger,
                        actor=MAILROOM,
                        progress=progress,
                        **given,
                    )
            except Unreadable as unreadable:
                return self.unread(rejected=unreadable.rejected)

        _import(ctx, run, dry_run=dry_run, skip_bad=skip_bad, as_json=as_json)


skip_bad_option = click.option(
    "--skip-bad",
    is_flag=True,
    help="Import what is good; without it, one bad row is enough for nothing to be.",
)
dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Check everything, and import nothing."
)
mapping_option = click.option(
    "--map",
    "words",
    metavar="FIELD=COLUMN",
    multiple=True,
    help="Which column holds a field; FIELD=:VALUE is the same value in every row. "
    "May be given several times, and wins over a profile.",
)


def mapped(typed: Sequence[str], fields: Fields, more: Sequence[str] = ()) -> dict[str, str]:
    """The mapping someone typed; `more` are profiles and words that other options came to, of
    which the profiles come first. Raises BadMapping."""
    for word in typed:
        if "=" not in word:
            raise BadMapping(f"{word!r} is not FIELD=COLUMN or FIELD=:VALUE.")
    profiles = [each for each in more if "=" not in each]
    said = [each for each in more if "=" in each]
    return mapping_from([*profiles, *typed, *said], fields)


@contextmanager
def no_bad_mapping() -> Iterator[None]:
    """A bad mapping is a mistake in what was typed, and ends the command as such."""
    try:
        yield
    except BadMapping as error:
        raise click.BadParameter(str(error), param_hint="'--map'") from None


def _import(
    ctx: click.Context,
    run: Callable[[Almoner, Progress], Report],
    *,
    dry_run: bool,
    skip_bad: bool,
    as_json: bool,
) -> None:
    with Almoner.from_environment() as almoner, Progress() as progress:
        report = run(almoner, progress)
        if not dry_run:
            # Where nothing serves, nobody else folds what was imported.
            catch_up(almoner, progress)
    content = report.to_json()
    shown = {name: each for name, each in content.items() if name not in ("rejected", "changes")}
    if report.changes:
        shown["changes"] = len(report.changes)
    nothing = bool(report.rejected) and not (skip_bad and report.came_to_something)
    lines = [*map(told_of, report.rejected)]
    if not nothing:
        lines += map(said_otherwise, report.changes)
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
    """``claims.csv:17: TOTAL: -3: must not be negative``; what is not known is left out."""
    place = rejected.file if rejected.line is None else f"{rejected.file}:{rejected.line}"
    value = None if rejected.value is None else visible(rejected.value)
    return ": ".join(
        each for each in (place, rejected.column, value, rejected.rule) if each is not None
    )


def said_otherwise(change: Change) -> str:
    """``staff.csv:17: job: nurse, now charge nurse``; what may be personal is left out."""
    place = change.file if change.line is None else f"{change.file}:{change.line}"
    was = "" if change.was is None else f"{visible(change.was)}, "
    now = "is said otherwise" if change.becomes is None else f"now {visible(change.becomes)}"
    return f"{place}: {change.column}: {was}{now}"
