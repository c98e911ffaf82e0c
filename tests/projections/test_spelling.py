"""How rows are spelled for PostgreSQL: what comes back is what was sent, in both spellings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace as replace_of_the_library
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from facilities.database import Database, Role
from projections.kernel import ReadModel
from projections.rows import maker, replace
from projections.spelling import Spelling
from projections.tables import identifiers


class Shade(StrEnum):
    PALE = "pa\\le"
    DARK = "da\trk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    name: str
    width: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Swatch:
    """A row with a column of every kind, each of which may be absent but the key."""

    swatch_id: UUID
    maker_id: UUID | None
    name: str | None
    shade: Shade | None
    number: int | None
    firm: bool | None
    width: Decimal | None
    made_on: date | None
    seen_at: datetime | None
    parts: tuple[Part, ...] | None = None


swatches = ReadModel("swatches", row=Swatch, key="swatch_id", desk="painters")

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
awkward = texts | st.sampled_from(["", "NULL", "null", "\\N", "\\.", '"', "{}", "a,b", "\r\n", " "])
decimals = st.decimals(-999, 999, places=3)
instants = st.integers(-(10**15), 10**15).map(
    lambda number: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=number)
)
rows = st.builds(
    Swatch,
    swatch_id=st.uuids(),
    maker_id=st.none() | st.uuids(),
    name=st.none() | awkward,
    shade=st.none() | st.sampled_from(Shade),
    number=st.none() | st.integers(-(2**63), 2**63 - 1),
    firm=st.none() | st.booleans(),
    width=st.none() | decimals,
    made_on=st.none() | st.dates(date(1, 1, 1)),
    seen_at=st.none() | instants,
    parts=st.none() | st.lists(st.builds(Part, name=awkward, width=decimals)).map(tuple),
)


@pytest.fixture
def connection(database: Database) -> Iterator[psycopg.Connection[Any]]:
    with database.connect(Role.PROJECTOR) as connection:
        connection.execute("SET timezone = 'UTC'")
        columns = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(each.name), sql.SQL(each.sql_type))
            for each in swatches.columns
        )
        connection.execute(
            sql.SQL("CREATE TEMPORARY TABLE swatches ({}, valid_from bigint)").format(columns)
        )
        yield connection


def columns_of(told: list[Swatch]) -> list[Any]:
    by_column = zip(*map(swatches.fields_of, told), strict=True)
    return [*by_column, range(len(told))]


def found(connection: psycopg.Connection[Any]) -> list[Swatch]:
    names = identifiers(swatches.column)
    rows = connection.execute(sql.SQL("SELECT {} FROM swatches ORDER BY valid_from").format(names))
    return [swatches.row_of(each) for each in rows]


on_one_database = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(told=st.lists(rows, min_size=1, max_size=6))
@on_one_database
def test_a_row_that_is_copied_comes_back_the_same(
    connection: psycopg.Connection[Any], told: list[Swatch]
) -> None:
    connection.execute("TRUNCATE swatches")
    with connection.cursor() as cursor, cursor.copy("COPY swatches FROM STDIN") as copy:
        copy.write(Spelling(swatches.columns).lines(columns_of(told)))
    assert found(connection) == told


@given(told=st.lists(rows, min_size=1, max_size=6))
@on_one_database
def test_a_row_that_is_sent_in_arrays_comes_back_the_same(
    connection: psycopg.Connection[Any], told: list[Swatch]
) -> None:
    connection.execute("TRUNCATE swatches")
    kinds = sql.SQL(", ").join(
        sql.SQL(f"%s::{kind}[]") for kind in [*(each.kind for each in swatches.columns), "bigint"]
    )
    arrays = Spelling(swatches.columns).arrays(columns_of(told))
    connection.execute(
        sql.SQL("INSERT INTO swatches SELECT * FROM unnest({})").format(kinds), arrays
    )
    assert found(connection) == told


def a_swatch(**differing: Any) -> Swatch:
    row = Swatch(
        swatch_id=UUID(int=1), maker_id=None, name="sky", shade=Shade.PALE, number=1, firm=True,
        width=None, made_on=None, seen_at=None,
    )  # fmt: skip
    return replace_of_the_library(row, **differing)


def test_a_time_that_is_not_in_utc_is_not_spelled() -> None:
    east = timezone(timedelta(hours=2))
    row = a_swatch(seen_at=datetime(2026, 1, 2, tzinfo=east))
    with pytest.raises(ValueError, match="UTC"):
        Spelling(swatches.columns).lines(columns_of([row]))


# --- rows made quickly ---------------------------------------------------------------------------


@given(row=rows, other=rows)
def test_a_row_with_fields_replaced_is_what_the_library_makes_of_it(
    row: Swatch, other: Swatch
) -> None:
    changes: dict[str, Any] = {"name": other.name, "number": other.number, "parts": other.parts}
    assert replace(row, **changes) == replace_of_the_library(row, **changes)
    assert maker(Swatch)(*swatches.fields_of(row)) == row


def test_a_field_that_is_not_there_is_not_replaced() -> None:
    with pytest.raises(TypeError):
        replace(a_swatch(), colour="red")  # type: ignore[call-arg]


def test_a_row_that_checks_itself_is_still_checked() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Checked:
        number: int

        def __post_init__(self) -> None:
            if self.number < 0:
                raise ValueError("below zero")

    with pytest.raises(ValueError, match="below zero"):
        replace(Checked(number=1), number=-1)
    with pytest.raises(ValueError, match="below zero"):
        maker(Checked)(-1)
    assert replace(Checked(number=1), number=2).number == maker(Checked)(2).number == 2
