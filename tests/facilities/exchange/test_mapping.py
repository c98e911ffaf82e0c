"""Which column of somebody's table holds which field."""

from __future__ import annotations

from pathlib import Path

import pytest

from facilities.exchange.mapping import BadMapping, Columns, Fields, mapping_from
from facilities.exchange.tables import BadRow, Table

BEDS = Fields(
    of="beds",
    required=("code",),
    optional=("ward", "kind"),
    repeated={"line": ("line", "line2")},
    profiles={"theirs": {"code": "Bed No", "line": "Where"}},
    checks={"kind": lambda kind: None if kind == "icu" else f"{kind!r} is no kind of bed"},
)


def test_words_are_added_to_a_profile_and_win() -> None:
    assert mapping_from(["theirs", "ward=Ward", "code=Bed"], BEDS) == {
        "code": "Bed",
        "line": "Where",
        "ward": "Ward",
    }


def test_what_is_repeated_takes_the_place_of_all_a_profile_says_of_it() -> None:
    mapping = mapping_from(["theirs", "line=a", "line=b"], BEDS)
    assert (mapping["line"], mapping["line2"]) == ("a", "b")
    with pytest.raises(BadMapping, match="at most 2 of line"):
        mapping_from(["line=a", "line=b", "line=c"], BEDS)


def test_a_column_that_is_called_as_its_field_need_not_be_mapped() -> None:
    assert BEDS.by_name(["code", "ward", "other"], {"ward": "other"}) == {
        "code": "code",
        "ward": "other",
    }
    with pytest.raises(BadMapping, match="which column is the code"):
        BEDS.by_name(["ward"], {})


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["ours"], "'ours' is no profile; there are theirs"),
        (["code=c", "color=d"], "beds have no 'color'; they have code, kind, line, line2, ward"),
        (["code=c", "kind=:spa"], "'spa' is no kind of bed"),
        (["ward=w"], "which column is the code"),
    ],
)
def test_what_is_no_mapping_is_said(words: list[str], complaint: str) -> None:
    with pytest.raises(BadMapping, match=complaint):
        BEDS.check(mapping_from(words, BEDS))


def test_a_row_is_read_by_its_mapping(tmp_path: Path) -> None:
    file = tmp_path / "beds.csv"
    file.write_text("Bed,Ward\n1,\n,B\n")
    columns = Columns({"code": "Bed", "ward": "Ward", "kind": ":icu"}, {"ward": "A"})
    first, second = Table(file, columns.needed)
    assert [columns.said(first, each) for each in ("code", "ward", "kind", "line")] == [
        "1",
        "A",
        "icu",
        "",
    ]
    assert columns.said(second, "ward") == "B"
    with pytest.raises(BadRow, match="must not be empty") as bad:
        columns.required(second, "code")
    assert bad.value.rejected.column == "Bed"
