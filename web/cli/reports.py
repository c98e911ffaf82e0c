"""`almoner report`: figures of the whole system."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import click

from facilities.database import Role
from web import demand, stock_cards, totals
from web.bootstrap import Almoner
from web.cli.following import catch_up, stalled
from web.cli.kinds import currency as one_currency
from web.cli.kinds import moment as one_moment
from web.cli.printing import answer, figures, json_option
from web.cli.progress import Progress


@click.group("report")
def report() -> None:
    """Figures of the whole system."""


@report.command("totals")
@click.option(
    "--currency",
    callback=one_currency,
    metavar="CCC",
    help="Whose facilities to count, where books are kept in several currencies.",
)
@click.option(
    "--as-of",
    "moment",
    callback=one_moment,
    metavar="POSITION|INSTANT",
    help="A past moment: a position of the ledger, or an instant such as 2026-01-31T23:59:59Z.",
)
@json_option
def report_totals(currency: str | None, moment: int | datetime | None, as_json: bool) -> None:
    """What there is, and what it comes to: now, or as of a past moment.

    The figures have the keys of an import's report. They are taken from the read models, which
    first catch up with the moment asked for.
    """
    with Almoner.from_environment() as almoner:
        position = _position(almoner, moment)
        with Progress() as progress:
            catch_up(almoner, progress, position)
        for each in stalled(almoner, totals.SOURCES):
            raise click.ClickException(
                f"The read model {each.name} does not go on: {each.stalled_reason}. "
                "Its figures would be wrong."
            )
        with almoner.database.pool(Role.APP).connection() as connection:
            try:
                found = totals.totals(connection, almoner.ledger, position, currency)
            except totals.SeveralCurrencies as error:
                raise click.UsageError(
                    f"Choose one of the currencies with --currency: {error}."
                ) from None
            except totals.NoSuchCurrency as error:
                raise click.BadParameter(f"{error}.", param_hint="'--currency'") from None
    content = found.to_json()
    shown = {name: each for name, each in content.items() if name != "rejected"}
    answer(as_json, content, figures(shown))


@report.command("stock-cards")
@click.option(
    "--as-of",
    "moment",
    callback=one_moment,
    metavar="POSITION|INSTANT",
    help="A past moment: a position of the ledger, or an instant such as 2026-01-31T23:59:59Z.",
)
@json_option
def report_stock_cards(moment: int | datetime | None, as_json: bool) -> None:
    """What was on hand of every lot at the end of each day on which it moved.

    A card is named as it was where it was kept before, or by its stock item and lot. What was
    entered late counts on the day it happened.
    """
    with Almoner.from_environment() as almoner:
        position = _position(almoner, moment)
        with Progress() as progress:
            catch_up(almoner, progress, position)
        for each in stalled(almoner, stock_cards.SOURCES):
            raise click.ClickException(
                f"The read model {each.name} does not go on: {each.stalled_reason}. "
                "Its figures would be wrong."
            )
        with almoner.database.pool(Role.APP).connection() as connection:
            found = [*stock_cards.stock_cards(connection, almoner.ledger, position)]
    told = [
        {"card": each.card, "on": each.on.isoformat(), "on_hand": each.on_hand} for each in found
    ]
    answer(as_json, told, [f"{each['card']}  {each['on']}  {each['on_hand']}" for each in told])


@report.command("demand-forecast")
@click.option("--facility", type=click.UUID, help="Whose demand; without it, that of all together.")
@click.option(
    "--months",
    type=click.IntRange(1, demand.FARTHEST),
    default=3,
    show_default=True,
    help="How many months to tell, this one being the first.",
)
@json_option
def report_demand_forecast(facility: UUID | None, months: int, as_json: bool) -> None:
    """What will be used of each item, month by month.

    By the method that was less off in the last six months: simple exponential smoothing (where the
    extra `forecast` is installed), or the same month of the year before. WAPE and MASE tell how far
    off it was.
    """
    with Almoner.from_environment() as almoner:
        position = almoner.ledger.head()
        with Progress() as progress:
            catch_up(almoner, progress, position)
        scope = None if facility is None else [facility]
        today = datetime.now(UTC).date()
        with almoner.database.pool(Role.APP).connection() as connection:
            found = [
                *demand.demand(connection, almoner.ledger, scope, {}, months, today=today),
            ]
    told = [each.to_json() for each in found]
    answer(as_json, told, [line for each in found for line in _demand(each)])


def _demand(told: demand.Demand) -> list[str]:
    """``GTIN 09506000134352  2026-04  12.5 (exponential_smoothing, WAPE 0.21, MASE 0.8)``."""
    by = told.forecast
    off = f"{by.method}, WAPE {by.wape}, MASE {by.mase}" if by.held else f"{by.method}, not tried"
    return [
        f"{told.item_system} {told.item_code}  {month}  {quantity:g} ({off})"
        for month, quantity in zip(told.months, by.demand, strict=True)
    ]


def _position(almoner: Almoner, moment: int | datetime | None) -> int:
    head = almoner.ledger.head()
    if isinstance(moment, datetime):
        return almoner.ledger.position_at(moment)
    if moment is not None and moment > head:
        raise click.BadParameter(
            f"there is no position {moment} yet; the last one is {head}.", param_hint="'--as-of'"
        )
    return head if moment is None else moment
