"""What can be declared as a read model, what cannot, and what its declaration becomes."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, make_dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import pytest

from domain.kernel import PERSONAL, Recorded
from projections.kernel import Minor, ReadModel, Summary, WrongRow
from projections.refold import refold
from tests.projections.story import (
    EAST,
    NORTH,
    SOUTH,
    DepositRaised,
    Deposits,
    Lent,
    Loan,
    Noticed,
    Size,
    Story,
    Strap,
    Withdrawn,
    chair,
    deposits_model,
    lent,
    loans_model,
    notices_model,
    raised,
    returned,
)


def row_of(**fields: Any) -> type[Any]:
    return make_dataclass("Row", fields.items(), frozen=True, kw_only=True)


# --- columns -------------------------------------------------------------------------------------


def test_the_fields_of_a_row_are_the_columns() -> None:
    model = loans_model()
    kinds = {each.name: each.kind for each in model.columns}
    assert kinds == {
        "facility_id": "uuid",
        "chair_id": "uuid",
        "size": "text",
        "currency": "text",
        "deposit": "bigint",
        "raised": "bigint",
        "lent_on": "date",
        "heard_at": "timestamptz",
        "weight": "numeric",
        "firm": "boolean",
        "remark": "text",
        "straps": "jsonb",
    }
    assert {each.name for each in model.columns if each.nullable} == {"weight", "remark"}
    assert {each.name for each in model.columns if each.minor} == {"deposit"}
    assert {each.name for each in model.columns if not each.filterable} == {"straps"}
    assert model.column["size"].enum is Size
    assert model.scoped
    assert model.sort == ("lent_on", "chair_id")


def test_a_row_goes_to_the_database_and_comes_back_the_same() -> None:
    model = loans_model()
    row = Loan(
        facility_id=NORTH,
        chair_id=chair(1),
        size=Size.LARGE,
        currency="USD",
        deposit=1230,
        raised=0,
        lent_on=date(2026, 1, 2),
        heard_at=datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
        weight=Decimal("1.50"),
        firm=False,
        remark='a "quoted" \\ remark',
        straps=(
            Strap(place="left", width=Decimal("2.50"), checked_on=None),
            Strap(place="rücken", width=Decimal("0.1"), checked_on=date(2026, 1, 1)),
        ),
    )
    values = model.values_of(row)
    assert values[2] == "large"
    assert type(values[2]) is str
    values[-1] = json.loads(values[-1])
    assert model.row_of(values) == row


def test_a_time_that_is_not_in_utc_is_refused_because_it_would_come_back_another() -> None:
    model = loans_model()
    (row,) = refold(model, Story([lent(1)]).events).values()
    east = timezone(timedelta(hours=2))
    with pytest.raises(ValueError, match="UTC"):
        model.values_of(replace(row, heard_at=row.heard_at.astimezone(east)))
    with pytest.raises(ValueError, match="UTC"):
        model.values_of(replace(row, heard_at=row.heard_at.replace(tzinfo=None)))


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": "Loans"}, "no name for a table"),
        ({"name": "a__b"}, "no name for a table"),
        ({"name": "a" * 33}, "no name for a table"),
        ({"name": "checkpoints"}, "another table"),
        ({"name": "courses"}, "another table"),
        ({"name": "loans_history"}, "another table"),
        ({"key": ()}, "needs a key"),
        ({"key": "nothing"}, "no column 'nothing'"),
        ({"key": "maybe"}, "found or sorted by 'maybe'"),
        ({"order": "maybe"}, "found or sorted by 'maybe'"),
        ({"order": "rate"}, "found or sorted by 'rate'"),
        ({"order": "parts"}, "found or sorted by 'parts'"),
        ({"indexes": (("nothing",),)}, "no column 'nothing'"),
        ({"fixed": ("nothing",), "lasting": True}, "no column 'nothing'"),
        ({"fixed": ("maybe",)}, "of use to a lasting list"),
        ({"row": row_of(loan_id=UUID, valid_from=date)}, "the ledger's word"),
        ({"row": row_of(loan_id=UUID, owed=Minor)}, "money needs a `currency: str`"),
        ({"row": row_of(loan_id=UUID, facility_id=str)}, "`facility_id: UUID`"),
        ({"row": row_of(loan_id=UUID, facility_id=UUID | None)}, "`facility_id: UUID`"),
        ({"row": row_of(loan_id=UUID, share=float)}, "no column for field 'share'"),
        ({"row": row_of(loan_id=UUID, either=int | str)}, "no column for field 'either'"),
        ({"row": make_dataclass("Row", [("loan_id", UUID)])}, "a frozen dataclass"),
        ({"row": row_of(loan_id=UUID, parts=tuple[float, ...])}, "no place in a document"),
    ],
)
def test_what_cannot_work_is_refused_when_it_is_declared(wrong: dict[str, Any], why: str) -> None:
    row = row_of(loan_id=UUID, maybe=int | None, rate=Decimal, parts=tuple[str, ...])
    with pytest.raises(TypeError, match=why):
        ReadModel(**{"name": "loans", "row": row, "key": "loan_id", "desk": "x", **wrong})


@pytest.mark.parametrize(
    ("row", "dimensions", "why"),
    [
        (row_of(facility_id=UUID, kind=str, n=int), ("kind", "facility_id"), "facility_id"),
        (row_of(facility_id=UUID, n=str), ("facility_id",), "cannot be added up"),
        (row_of(facility_id=UUID, n=int | None), ("facility_id",), "cannot be added up"),
        (row_of(facility_id=UUID), ("facility_id",), "without figures"),
        (row_of(facility_id=UUID, currency=str, n=Minor), ("facility_id",), "cannot be added up"),
    ],
)
def test_a_summary_is_of_figures_that_can_be_added_up(
    row: type[Any], dimensions: tuple[str, ...], why: str
) -> None:
    with pytest.raises(TypeError, match=why):
        Summary("figures", row=row, dimensions=dimensions, desk="x")


# --- keys and folds ------------------------------------------------------------------------------


def test_a_key_is_read_from_the_fact_and_else_from_the_envelope() -> None:
    by_version = ReadModel(
        "by_version", row=row_of(chair_id=UUID, version=int), key=("chair_id", "version"), desk="x"
    )

    @by_version.on(Lent)
    def lent_at(row: Any, event: Recorded[Lent]) -> Any:
        return by_version.row(chair_id=event.fact.chair_id, version=event.version)

    events = Story([lent(1), lent(1)]).events
    assert list(refold(by_version, events)) == [(chair(1), 1), (chair(1), 2)]


def test_a_fact_that_does_not_tell_the_key_is_refused_when_it_is_declared() -> None:
    with pytest.raises(TypeError, match=r"trial\.noticed does not tell chair_id"):
        loans_model().on(Noticed)


def test_a_fact_may_touch_several_rows_and_be_folded_more_than_once() -> None:
    told = Story(
        [
            Noticed(notice="a", facility_ids=(NORTH, SOUTH, NORTH)),
            Noticed(notice="a", facility_ids=(SOUTH, EAST)),
            Withdrawn(notice="a", facility_ids=(NORTH,)),
        ]
    )
    rows = refold(notices_model(), told.events)
    assert {key[0]: row.told for key, row in rows.items()} == {SOUTH: 2, EAST: 1}


@pytest.mark.parametrize(
    "answer",
    [lambda event: (None,), lambda event: (NORTH, NORTH), lambda event: [(None,)]],
)
def test_a_key_has_a_value_for_each_of_its_fields(answer: Callable[[Any], Any]) -> None:
    model: ReadModel[Any] = ReadModel("keys", row=row_of(chair_id=UUID), key="chair_id", desk="x")

    @model.on(Lent, key=answer)
    def kept(row: Any, event: Recorded[Lent]) -> Any:
        return row

    with pytest.raises(WrongRow):
        refold(model, Story([lent(1)]).events)


def test_a_fact_may_touch_no_row() -> None:
    model: ReadModel[Any] = ReadModel("keys", row=row_of(chair_id=UUID), key="chair_id", desk="x")

    @model.on(Lent, key=lambda event: [])
    def never(row: Any, event: Recorded[Lent]) -> Any:
        raise AssertionError

    assert refold(model, Story([lent(1)]).events) == {}


def test_a_fold_that_answers_with_another_row_than_it_was_asked_for_is_refused() -> None:
    model: ReadModel[Any] = ReadModel("keys", row=row_of(chair_id=UUID), key="chair_id", desk="x")

    @model.on(Lent)
    def another(row: Any, event: Recorded[Lent]) -> Any:
        return model.row(chair_id=chair(2))

    with pytest.raises(WrongRow, match="another row"):
        refold(model, Story([lent(1)]).events)


def test_a_summary_begins_at_zero_and_keeps_a_row_that_came_back_to_it() -> None:
    model = deposits_model()
    nothing = Deposits(facility_id=NORTH, currency="USD", loans=0, held=0)
    assert model.zero((NORTH, "USD")) == nothing
    came_back = Story([lent(1), returned(1)])
    assert refold(model, came_back.events) == {(NORTH, "USD"): nothing}


def test_a_summary_of_which_nothing_has_happened_has_no_row() -> None:
    assert refold(deposits_model(), Story([raised(1, "0.00")]).events) == {}


def test_a_summary_never_loses_a_row() -> None:
    model: Summary[Any] = Summary(
        "figures", row=row_of(facility_id=UUID, n=int), dimensions=("facility_id",), desk="x"
    )

    @model.on(DepositRaised)
    def lost(row: Any, event: Recorded[DepositRaised]) -> Any:
        return None

    with pytest.raises(WrongRow, match="returns a row"):
        refold(model, Story([raised(1)]).events)


# --- fingerprints --------------------------------------------------------------------------------

DECLARATION = '''
from dataclasses import dataclass, replace
from uuid import UUID

from projections.kernel import ReadModel
from tests.projections.story import Lent, Returned

LIMIT = 3
UNUSED = 4

@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is shown."""
    chair_id: UUID
    times: int

def doubled(number):
    return number * 2 + LIMIT

model = ReadModel("chairs", row=Row, key="chair_id", desk="porters")

@model.on(Lent)
def lent(row, event):
    """A chair goes out."""
    return Row(chair_id=event.fact.chair_id, times=doubled(1))  # as porters count

@model.on(Returned, key=lambda event: (event.fact.chair_id,))
def returned(row, event):
    return None
'''


@pytest.fixture
def declared(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """The fingerprint of the model a source declares."""
    names: list[str] = []

    def load(source: str) -> str:
        names.append(f"trial_chairs_{len(names)}")
        path = tmp_path / f"{names[-1]}.py"
        path.write_text(source)
        spec = importlib.util.spec_from_file_location(names[-1], path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[names[-1]] = module
        spec.loader.exec_module(module)
        fingerprint: str = module.model.fingerprint
        return fingerprint

    yield load
    for each in names:
        del sys.modules[each]


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("A chair goes out.", "A chair leaves the house."),
        ("What is shown.", "What porters see."),
        ("  # as porters count", ""),
        ("\nUNUSED = 4\n", "\n\n\nUNUSED = 5\n"),
        ("number * 2 + LIMIT", "(number * 2) + LIMIT"),
        ('desk="porters"', 'desk="the porters\' desk"'),
    ],
)
def test_words_and_spaces_do_not_change_a_fingerprint(
    declared: Callable[[str], str], was: str, becomes: str
) -> None:
    assert was in DECLARATION
    assert declared(DECLARATION) == declared(DECLARATION.replace(was, becomes))


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("doubled(1)", "doubled(2)"),
        ("number * 2", "number * 3"),
        ("LIMIT = 3", "LIMIT = 4"),
        ("times: int", "times: int | None"),
        ('key="chair_id"', 'key="chair_id", order="times"'),
        ('key="chair_id"', 'key="chair_id", indexes=(("times",),)'),
        ("@model.on(Lent)", "@model.on(Lent, Returned)"),
        ("lambda event: (event.fact.chair_id,)", "lambda event: [(event.fact.chair_id,)]"),
    ],
)
def test_whatever_changes_the_rows_changes_the_fingerprint(
    declared: Callable[[str], str], was: str, becomes: str
) -> None:
    assert was in DECLARATION
    assert declared(DECLARATION) != declared(DECLARATION.replace(was, becomes))


def test_a_fold_inside_a_function_is_told_apart_by_what_it_captures() -> None:
    def counting(step: int) -> ReadModel[Any]:
        model: ReadModel[Any] = ReadModel(
            "steps", row=row_of(chair_id=UUID, n=int), key="chair_id", desk="x"
        )

        @model.on(Lent)
        def counted(row: Any, event: Recorded[Lent]) -> Any:
            return model.row(chair_id=event.fact.chair_id, n=step)

        return model

    assert counting(1).fingerprint == counting(1).fingerprint
    assert counting(1).fingerprint != counting(2).fingerprint


def test_a_new_version_of_a_fact_changes_the_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    before = loans_model().fingerprint
    monkeypatch.setattr(Lent, "schema_version", 2)
    assert loans_model().fingerprint != before


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody, for a model of people."""

    person_id: UUID
    full_name: Annotated[str, PERSONAL]


def test_what_is_personal_is_neither_filtered_nor_sorted_by() -> None:
    """What is asked for stands in addresses, and addresses end up in logs."""
    people = ReadModel("people", row=Person, key="person_id", desk="nobody")
    assert not people.column["full_name"].filterable
    with pytest.raises(TypeError, match="personal"):
        ReadModel("people", row=Person, key="person_id", order="full_name", desk="nobody")
