"""What readers ask of the tables: pages, rows, figures, now and as of a position."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facilities.database import Database, Role
from projections.kernel import ReadModel
from projections.queries import (
    BadCursor,
    BadValue,
    UnknownFilter,
    checkpoint,
    filter_names,
    one,
    page,
    render,
    total,
)
from projections.refold import refold
from projections.render import render as render_columns
from projections.runner import Runner
from tests.conftest import copied
from tests.projections.story import (
    EAST,
    FACILITIES,
    NORTH,
    SOUTH,
    Noticed,
    Size,
    Story,
    Strap,
    chair,
    deposits_model,
    folded,
    heard_model,
    lent,
    loans_model,
    notices_model,
    projector,
    raised,
    returned,
)

LOANS, NEWEST, DEPOSITS = loans_model(), loans_model("newest", newest_first=True), deposits_model()
NOTICES, HEARD = notices_model(), heard_model()
MODELS: list[ReadModel[Any]] = [LOANS, NEWEST, DEPOSITS, NOTICES, HEARD]


def lending() -> Story:
    """Sixty chairs at three facilities, many lent on the same days; some raised, some returned."""
    told = Story(
        lent(
            number,
            FACILITIES[number % 3],
            size=Size.LARGE if number % 2 else Size.SMALL,
            currency="USD" if number < 50 else "JPY",
            deposit=Decimal(number),
            remark=f"remark {number % 4}" if number % 5 else None,
            straps=(Strap(place="left", width=Decimal("2.50"), checked_on=date(2026, 1, 1)),),
        )
        for number in range(60)
    )
    told.tell(*(raised(number, "1.00", FACILITIES[number % 3]) for number in range(30)))
    told.tell(*(returned(number, FACILITIES[number % 3]) for number in range(0, 20, 4)))
    told.tell(Noticed(notice="a", facility_ids=(NORTH, SOUTH)))
    return told


@pytest.fixture(scope="module")
def shelf(server: Database, template: Database) -> Iterator[tuple[Story, Database]]:
    """A story and where it is folded, for tests that only read."""
    with copied(server, template) as database:
        told = lending()
        folded(database, told, MODELS)
        yield told, database


@pytest.fixture
def story(shelf: tuple[Story, Database]) -> Story:
    return shelf[0]


@pytest.fixture
def reading(shelf: tuple[Story, Database]) -> Iterator[psycopg.Connection[Any]]:
    with shelf[1].connect(Role.APP) as connection:
        yield connection


def walked(
    reading: psycopg.Connection[Any], model: ReadModel[Any], limit: int, **asked: Any
) -> list[Any]:
    """All rows, page by page, as the model has them."""
    rows, cursor = [], None
    while True:
        found = page(reading, model, limit=limit, cursor=cursor, **{"scope": None, **asked})
        rows += [model.row_of(each) for each in found.rows]
        cursor = found.next_cursor
        if cursor is None:
            return rows
        assert len(found.rows) == limit


def in_order(model: ReadModel[Any], rows: Any) -> list[Any]:
    def place(row: Any) -> list[Any]:
        return [getattr(row, each) for each in model.sort]

    return sorted(rows, key=place)


# --- pages ---------------------------------------------------------------------------------------


NOWHERE = [UUID(int=number) for number in range(20, 40)]


@pytest.mark.parametrize("limit", [1, 7, 55, 1000])
@pytest.mark.parametrize(
    "scope", [None, [NORTH], [SOUTH, EAST, SOUTH], [NORTH, *NOWHERE], [SOUTH, EAST, *NOWHERE], []]
)
@pytest.mark.parametrize("as_of", [None, 40, 70, 100])
def test_going_from_page_to_page_meets_every_row_once_in_order(
    story: Story,
    reading: psycopg.Connection[Any],
    limit: int,
    scope: list[UUID] | None,
    as_of: int | None,
) -> None:
    several: list[ReadModel[Any]] = [LOANS, NEWEST, DEPOSITS]
    for model in several:
        rows = in_order(
            model,
            [
                each
                for each in refold(model, story.events, upto=as_of).values()
                if scope is None or each.facility_id in scope
            ],
        )
        forwards = walked(reading, model, limit, scope=scope, as_of=as_of, order="ascending")
        assert forwards == rows
        backwards = walked(reading, model, limit, scope=scope, as_of=as_of, order="descending")
        assert backwards == rows[::-1]


def test_a_list_is_sorted_as_it_is_declared(story: Story, reading: psycopg.Connection[Any]) -> None:
    forwards = walked(reading, LOANS, 100)
    assert forwards == in_order(LOANS, forwards)
    newest = walked(reading, NEWEST, 100)
    assert newest == in_order(NEWEST, newest)[::-1]


def test_pages_as_of_a_position_do_not_move_while_the_table_does(database: Database) -> None:
    story = lending()
    then = story.head() - 10
    expected = in_order(LOANS, refold(LOANS, story.events, upto=then).values())
    cursor, rows, number = None, [], 0
    with (
        Runner(projector(database), story, MODELS) as runner,
        database.connect(Role.APP) as reading,
    ):
        runner.run_until(story.head())
        while True:
            found = page(reading, LOANS, scope=None, limit=7, cursor=cursor, as_of=then)
            rows += [LOANS.row_of(each) for each in found.rows]
            cursor = found.next_cursor
            if cursor is None:
                break
            # The next one in line goes, another one changes, and a new one comes.
            story.tell(returned(number, FACILITIES[number % 3]), raised(number + 20), lent(number))
            runner.run_until(story.head())
            number += 3
        assert walked(reading, LOANS, 7) == in_order(LOANS, refold(LOANS, story.events).values())
    assert rows == expected


def test_live_pages_meet_rows_that_stay_once_while_others_come_and_go(database: Database) -> None:
    story = lending()
    folded(database, story, MODELS)
    with database.connect(Role.APP) as reading:
        first = page(reading, LOANS, scope=None, limit=20)
        story.tell(*(returned(number, FACILITIES[number % 3]) for number in (1, 21, 41)))
        story.tell(lent(60), lent(61))
        folded(database, story, MODELS)
        rest = page(reading, LOANS, scope=None, limit=1000, cursor=first.next_cursor)
    seen = [each[1] for each in (*first.rows, *rest.rows)]
    assert len(seen) == len(set(seen))
    assert {key[0] for key in refold(LOANS, story.events)} - {chair(60), chair(61)} <= set(seen)


def test_the_last_page_has_no_cursor(story: Story, reading: psycopg.Connection[Any]) -> None:
    whole = len(refold(LOANS, story.events))
    assert page(reading, LOANS, scope=None, limit=whole).next_cursor is None
    assert page(reading, LOANS, scope=None, limit=whole - 1).next_cursor is not None


def test_what_belongs_to_the_system_is_seen_in_any_scope(
    story: Story, reading: psycopg.Connection[Any]
) -> None:
    assert len(page(reading, HEARD, scope=[EAST]).rows) == 1
    assert page(reading, NOTICES, scope=[EAST]).rows == []


@pytest.mark.parametrize("limit", [0, -1, 10_001])
def test_a_page_has_a_size(reading: psycopg.Connection[Any], limit: int) -> None:
    with pytest.raises(BadValue, match="limit must be from 1"):
        page(reading, LOANS, scope=None, limit=limit)


def test_an_order_and_a_position_that_are_none_are_refused(
    reading: psycopg.Connection[Any],
) -> None:
    unordered: Any = "sideways"
    with pytest.raises(BadValue, match="ascending or descending"):
        page(reading, LOANS, scope=None, order=unordered)
    for position in (-1, 2**63):
        with pytest.raises(BadValue, match="as_of must be a position"):
            page(reading, LOANS, scope=None, as_of=position)


# --- cursors -------------------------------------------------------------------------------------


def cursor_of(reading: psycopg.Connection[Any], **asked: Any) -> str:
    found = page(reading, LOANS, limit=3, **{"scope": None, **asked})
    assert found.next_cursor is not None
    return found.next_cursor


def test_a_cursor_is_good_for_the_request_it_was_made_for_only(
    story: Story, reading: psycopg.Connection[Any]
) -> None:
    cursor = cursor_of(reading, filters={"size": "large"})
    assert page(reading, LOANS, scope=None, filters={"size": "large"}, cursor=cursor).rows
    others: list[dict[str, Any]] = [
        {},
        {"filters": {"size": "small"}},
        {"filters": {"size": "large", "firm": "false"}},
        {"filters": {"size": "large"}, "order": "descending"},
        {"filters": {"size": "large"}, "as_of": 10},
    ]
    for other in others:
        with pytest.raises(BadCursor):
            page(reading, LOANS, scope=None, cursor=cursor, **other)
    with pytest.raises(BadCursor):
        page(reading, NEWEST, scope=None, filters={"size": "large"}, cursor=cursor)


def test_a_cursor_does_not_widen_a_scope(story: Story, reading: psycopg.Connection[Any]) -> None:
    cursor = cursor_of(reading)
    rows = page(reading, LOANS, scope=[SOUTH], cursor=cursor).rows
    assert {each[0] for each in rows} == {SOUTH}


def forged(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "%%%%",
        "é",
        "A" * 10_000,
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"[" * 5_000).decode(),
        forged(),
        forged("open_loans"),
        forged("open_loans", 1, 2),
        forged({"a": 1}),
        json.dumps(["open_loans"]),
    ],
)
def test_a_cursor_nobody_made_is_refused(reading: psycopg.Connection[Any], cursor: str) -> None:
    with pytest.raises(BadCursor):
        page(reading, LOANS, scope=None, cursor=cursor)


@pytest.mark.parametrize(
    "values",
    [
        [],
        ["2026-01-01"],
        ["2026-01-01", str(chair(1)), 3],
        ["yesterday", str(chair(1))],
        ["2026-01-01", "not a uuid"],
        [None, None],
        [["2026-01-01"], {}],
        {"a": 1, "b": 2},
    ],
)
def test_a_cursor_with_values_of_other_types_is_refused(
    story: Story, reading: psycopg.Connection[Any], values: Any
) -> None:
    cursor = cursor_of(reading)
    model, signed, _ = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    with pytest.raises(BadCursor):
        page(reading, LOANS, scope=None, cursor=forged(model, signed, values))


@given(text=st.text(max_size=60))
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_text_is_worse_than_a_bad_cursor(reading: psycopg.Connection[Any], text: str) -> None:
    with pytest.raises(BadCursor):
        page(reading, LOANS, scope=None, cursor=text)


# --- filters -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "holds"),
    [
        ({"size": "large"}, lambda row: row.size is Size.LARGE),
        ({"firm": "true"}, lambda row: row.firm),
        ({"firm": False}, lambda row: not row.firm),
        ({"remark": "remark 1"}, lambda row: row.remark == "remark 1"),
        ({"remark": "'; DROP TABLE"}, lambda row: False),
        ({"facility_id": str(SOUTH)}, lambda row: row.facility_id == SOUTH),
        ({"chair_id": chair(7)}, lambda row: row.chair_id == chair(7)),
        ({"lent_on": "2026-01-08"}, lambda row: row.lent_on == date(2026, 1, 8)),
        (
            {"lent_on_from": "2026-01-08", "lent_on_to": date(2026, 1, 9)},
            lambda row: date(2026, 1, 8) <= row.lent_on <= date(2026, 1, 9),
        ),
        (
            {"heard_at_from": "2026-03-14T16:00:30+01:00"},
            lambda row: row.heard_at >= datetime(2026, 3, 14, 15, 0, 30, tzinfo=UTC),
        ),
        ({"raised": "1"}, lambda row: row.raised == 1),
        ({"raised_to": 0}, lambda row: row.raised == 0),
        ({"weight": "21"}, lambda row: row.weight == 21),
        (
            {"currency": "USD", "deposit_from": "20.00", "deposit_to": "21"},
            lambda row: row.currency == "USD" and 2000 <= row.deposit <= 2100,
        ),
        (
            {"currency": "JPY", "deposit": Decimal(55)},
            lambda row: row.currency == "JPY" and row.deposit == 55,
        ),
    ],
)
def test_a_filter_keeps_the_rows_it_names(
    story: Story, reading: psycopg.Connection[Any], filters: dict[str, Any], holds: Any
) -> None:
    then = story.head() - 12
    for as_of in (None, then):
        rows = refold(LOANS, story.events, upto=as_of).values()
        expected = in_order(LOANS, [each for each in rows if holds(each)])
        assert walked(reading, LOANS, 4, filters=filters, as_of=as_of) == expected


@pytest.mark.parametrize(
    "name",
    ["nothing", "straps", "size_from", "facility_id_to", "valid_from", "weight_from", "", "a;b"],
)
def test_an_unknown_filter_is_refused_by_name(reading: psycopg.Connection[Any], name: str) -> None:
    with pytest.raises(UnknownFilter) as refused:
        page(reading, LOANS, scope=None, filters={name: "1"})
    assert refused.value.field == name
    assert "lent_on_from" in refused.value.known


@pytest.mark.parametrize(
    ("filters", "rule"),
    [
        ({"facility_id": "north"}, "must be a UUID"),
        ({"facility_id": 7}, "must be a UUID"),
        ({"size": "huge"}, "must be one of small, large"),
        ({"firm": "yes"}, "must be true or false"),
        ({"raised": "many"}, "must be a whole number"),
        ({"raised": True}, "must be a whole number"),
        ({"raised": 1.5}, "must be a whole number"),
        ({"raised": str(2**63)}, "must be a whole number"),
        ({"raised": "9" * 5000}, "must be a whole number"),
        ({"lent_on": "2026-02-30"}, "must be a date"),
        ({"lent_on": datetime(2026, 1, 1, tzinfo=UTC)}, "must be a date"),
        ({"heard_at": "2026-03-14T15:00:00"}, "must be an instant"),
        ({"heard_at": "0001-01-01T00:00:00+14:00"}, "must be an instant"),
        ({"weight": "NaN"}, "must be a number"),
        ({"weight": "1e999999"}, "must be a number"),
        ({"remark": "a\0b"}, "must be a text"),
        ({"remark": "\ud800"}, "must be a text"),
        ({"remark": 1}, "must be a text"),
        ({"deposit": "1.00"}, "needs the currency"),
        ({"deposit": "1.005", "currency": "USD"}, "must be an amount in USD"),
        ({"deposit": "much", "currency": "USD"}, "must be an amount in USD"),
        ({"deposit": "1e40", "currency": "USD"}, "must be an amount in USD"),
        ({"deposit": "Infinity", "currency": "USD"}, "must be an amount in USD"),
        ({"deposit": "NaN", "currency": "USD"}, "must be an amount in USD"),
    ],
)
def test_a_value_that_does_not_read_is_refused_with_its_field_and_rule(
    reading: psycopg.Connection[Any], filters: dict[str, Any], rule: str
) -> None:
    with pytest.raises(BadValue, match=rule) as refused:
        page(reading, LOANS, scope=None, filters=filters)
    field = next(iter(filters))
    assert (refused.value.field, refused.value.value) == (field, filters[field])


def test_days_instants_numbers_and_amounts_can_be_asked_for_from_and_to() -> None:
    spans = {name for name, (_, comparison) in filter_names(LOANS).items() if comparison != "="}
    assert spans == {
        f"{name}_{end}"
        for name in ("lent_on", "heard_at", "raised", "deposit")
        for end in ("from", "to")
    }


# --- one row -------------------------------------------------------------------------------------


def test_one_row_is_found_by_its_key_now_and_as_of_a_position(
    story: Story, reading: psycopg.Connection[Any]
) -> None:
    key = (chair(4),)
    assert one(reading, LOANS, key, scope=None) is None
    then = story.head() - 20
    found = one(reading, LOANS, key, scope=[SOUTH], as_of=then)
    assert found is not None
    assert LOANS.row_of(found) == refold(LOANS, story.events, upto=then)[key]
    assert one(reading, LOANS, (str(chair(5)),), scope=None) is not None


def test_one_row_outside_the_scope_is_not_found(
    story: Story, reading: psycopg.Connection[Any]
) -> None:
    assert one(reading, LOANS, (chair(5),), scope=[EAST]) is not None
    assert one(reading, LOANS, (chair(5),), scope=[NORTH, SOUTH]) is None
    assert one(reading, LOANS, (chair(5),), scope=[]) is None


def test_a_key_that_does_not_read_is_refused(reading: psycopg.Connection[Any]) -> None:
    with pytest.raises(BadValue, match="must be a UUID"):
        one(reading, LOANS, ("seven",), scope=None)
    with pytest.raises(BadValue, match="must have 1 values"):
        one(reading, LOANS, (NORTH, SOUTH), scope=None)


# --- figures -------------------------------------------------------------------------------------


def test_the_systems_figures_are_the_sum_of_the_facilities_at_every_position(
    story: Story, reading: psycopg.Connection[Any]
) -> None:
    for as_of in (None, *range(0, story.head(), 7)):
        system = total(reading, DEPOSITS, scope=None, as_of=as_of)
        each = [
            row
            for facility in FACILITIES
            for row in total(reading, DEPOSITS, scope=[facility], as_of=as_of)
        ]
        for figures in system:
            same = [row for row in each if row["currency"] == figures["currency"]]
            assert figures["loans"] == sum(row["loans"] for row in same)
            assert Decimal(figures["held"]) == sum(Decimal(row["held"]) for row in same)
        by_facility = total(reading, DEPOSITS, scope=None, by=["facility_id"], as_of=as_of)
        assert [row["loans"] for row in by_facility] == [
            row.loans for _key, row in sorted(refold(DEPOSITS, story.events, upto=as_of).items())
        ]


def test_figures_are_told_apart_filtered_and_never_added_over_currencies(
    story: Story, reading: psycopg.Connection[Any]
) -> None:
    assert [each["currency"] for each in total(reading, DEPOSITS, scope=None)] == ["JPY", "USD"]
    (yen,) = total(
        reading,
        DEPOSITS,
        scope=None,
        by=["facility_id"],
        filters={"currency": "JPY", "facility_id": str(NORTH)},
    )
    assert yen == {"facility_id": str(NORTH), "currency": "JPY", "loans": 3, "held": "162"}
    assert total(reading, DEPOSITS, scope=[]) == []
    with pytest.raises(BadValue, match="facility_id, currency"):
        total(reading, DEPOSITS, scope=None, by=["loans"])
    with pytest.raises(UnknownFilter):
        total(reading, DEPOSITS, scope=None, filters={"chair_id": "1"})


def test_a_checkpoint_says_how_far_a_model_has_come(
    story: Story, reading: psycopg.Connection[Any]
) -> None:
    assert checkpoint(reading, LOANS) == story.head()
    assert checkpoint(reading, loans_model("unknown")) == 0


# --- JSON ----------------------------------------------------------------------------------------


def test_rows_are_rendered_as_json_has_them(story: Story, reading: psycopg.Connection[Any]) -> None:
    row = one(reading, LOANS, (chair(51),), scope=None)
    assert row is not None
    (rendered,) = render(LOANS, [row])
    assert rendered == {
        "facility_id": str(NORTH),
        "chair_id": str(chair(51)),
        "size": "large",
        "currency": "JPY",
        "deposit": "51",
        "raised": 0,
        "lent_on": "2026-01-12",
        "heard_at": "2026-03-14T15:01:04Z",
        "weight": 51,
        "firm": False,
        "remark": "remark 3",
        "straps": [{"place": "left", "width": "2.50", "checked_on": "2026-01-01"}],
    }
    json.dumps(rendered)


def test_money_has_its_currencys_places_and_nothing_stays_nothing() -> None:
    columns = [LOANS.column[name] for name in ("currency", "deposit", "weight", "heard_at")]
    at = datetime(2026, 1, 1, 1, 2, 3, 40, tzinfo=UTC)
    rows: list[tuple[Any, ...]] = [
        ("USD", -5, Decimal("0.25"), at.astimezone(None)),
        ("KWD", 1234, None, at + timedelta(0)),
        ("JPY", 0, Decimal(3), at),
    ]
    assert [list(each.values()) for each in render_columns(columns, rows)] == [
        ["USD", "-0.05", 0.25, "2026-01-01T01:02:03.000040Z"],
        ["KWD", "1.234", None, "2026-01-01T01:02:03.000040Z"],
        ["JPY", "0", 3, "2026-01-01T01:02:03.000040Z"],
    ]
