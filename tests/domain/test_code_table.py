"""Code tables are loaded edition by edition, page by page."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.revenue.code_table import ListCodes, Page, PublishCodeTable, Table
from domain.revenue.events.code_table import (
    CareSetting,
    CodeEntry,
    CodePageStanding,
    CodesListed,
    CodeTable,
    CodeTablePublished,
    CodeTableStanding,
    Edition,
    page_for,
    page_of,
    table_of,
)
from tests.domain.places import FEBRUARY_1, LONG_AGO, MARCH_1, NEW_YEAR
from tests.grammar import given

ICD = CodeTable.ICD_10_CM
ASTHMA = CodeEntry(code="J45909")
listing = ListCodes(table=ICD, page="J45", valid_from=NEW_YEAR, entries=(ASTHMA,))
listed = CodesListed(
    page_id=page_of(ICD, CareSetting.ANY, "J45"),
    table=ICD,
    setting=CareSetting.ANY,
    page="J45",
    entries=(ASTHMA,),
    valid_from=NEW_YEAR,
)
publishing = PublishCodeTable(
    table=ICD, edition="2026", valid_from=NEW_YEAR, pages=("J45", "I10"), codes=2
)
published = CodeTablePublished(
    table_id=table_of(ICD),
    table=ICD,
    setting=CareSetting.ANY,
    edition="2026",
    pages=("I10", "J45"),
    codes=2,
    valid_from=NEW_YEAR,
)


def an_edition(day: date = NEW_YEAR, *pages: str) -> Edition:
    return Edition(name=f"{day}", valid_from=day, pages=frozenset(pages))


def the_table(*editions: Edition, of: CodeTable = ICD) -> CodeTableStanding:
    setting = CareSetting.ANY if of in (ICD, CodeTable.HCPCS) else CareSetting.PRACTITIONER
    return CodeTableStanding(
        kind="code_table",
        id=table_of(of, setting),
        open=True,
        status="published",
        editions=editions,
    )


def test_a_page_is_listed_once_and_anew_where_it_says_otherwise() -> None:
    given(Page).when(listing).records(listed)
    given(Page, listed).when(listing).records_nothing()
    given(Page, listed).when(replace(listing, valid_from=MARCH_1)).records_nothing()
    emptied = replace(listing, valid_from=MARCH_1, entries=())
    given(Page, listed).when(emptied).records(replace(listed, valid_from=MARCH_1, entries=()))


def test_a_page_says_in_an_edition_what_it_said_last() -> None:
    later = replace(listed, valid_from=MARCH_1, entries=())
    page = given(Page, listed, later).stands(listed.page_id)
    assert isinstance(page, CodePageStanding)
    assert page.by(an_edition(FEBRUARY_1)) == {"J45909": ASTHMA}
    assert page.by(an_edition(MARCH_1)) == {}
    assert page.by(an_edition(LONG_AGO)) == {}
    corrected = replace(listed, entries=())
    assert given(Page, listed, corrected).state.listings == ((NEW_YEAR, {}),)


def test_an_edition_is_published_once_and_holds_from_its_day_on() -> None:
    given(Table).when(publishing).records(published)
    given(Table, published).when(publishing).records_nothing()
    corrected = replace(publishing, pages=("J45",), codes=1)
    given(Table, published).when(corrected).records_a(CodeTablePublished, pages=("J45",))
    later = replace(published, edition="2027", valid_from=MARCH_1)
    table = given(Table, published, later).stands(published.table_id)
    assert isinstance(table, CodeTableStanding)
    assert [table.on(each) and table.on(each).name for each in (NEW_YEAR, MARCH_1)] == [  # type: ignore[union-attr]
        "2026",
        "2027",
    ]
    assert table.on(LONG_AGO) is None


def test_editions_come_in_their_order() -> None:
    later = replace(published, valid_from=MARCH_1)
    given(Table, later).when(publishing).refused("code_table.older_edition")
    given(Page, replace(listed, valid_from=MARCH_1)).when(listing).refused(
        "code_page.older_edition"
    )
    given(Page).knowing(the_table(an_edition(MARCH_1))).when(listing).refused(
        "code_page.older_edition", field="valid_from"
    )


PTP = replace(listing, table=CodeTable.NCCI_PTP, setting=CareSetting.PRACTITIONER, page="99213")
PAIR = CodeEntry(code="36415", valid_from=NEW_YEAR, indicator="1")
MUE = replace(PTP, table=CodeTable.NCCI_MUE, page="99")
LIMIT = CodeEntry(code="99213", units=2, indicator="2")


def test_what_is_listed_looks_like_what_it_is() -> None:
    given(Page).when(replace(PTP, entries=(PAIR,))).records_a(CodesListed, entries=(PAIR,))
    given(Page).when(replace(MUE, entries=(LIMIT,))).records_a(CodesListed, entries=(LIMIT,))


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (replace(listing, setting=CareSetting.PRACTITIONER), "code_page.setting"),
        (replace(PTP, setting=CareSetting.ANY), "code_page.setting"),
        (replace(listing, page="j4"), "code_page.page"),
        (replace(listing, valid_from=LONG_AGO), "code_page.date"),
        (replace(listing, entries=(ASTHMA,) * 10_001), "code_page.entries"),
        (replace(listing, entries=(CodeEntry(code="J45.909"),)), "code_page.code"),
        (replace(listing, entries=(replace(ASTHMA, valid_from=LONG_AGO),)), "code_page.date"),
        (replace(listing, entries=(replace(ASTHMA, valid_to=LONG_AGO),)), "code_page.date"),
        (
            replace(listing, entries=(replace(ASTHMA, valid_from=MARCH_1, valid_to=NEW_YEAR),)),
            "code_page.date_order",
        ),
        (replace(PTP, entries=(replace(PAIR, indicator="2"),)), "code_page.indicator"),
        (replace(MUE, entries=(replace(LIMIT, indicator=None),)), "code_page.indicator"),
        (replace(MUE, entries=(replace(LIMIT, units=None),)), "code_page.quantity"),
        (replace(publishing, setting=CareSetting.PRACTITIONER), "code_table.setting"),
        (replace(publishing, edition=""), "code_table.text"),
        (replace(publishing, valid_from=LONG_AGO), "code_table.date"),
        (replace(publishing, codes=-1), "code_table.quantity"),
        (replace(publishing, pages=("J45",) * 30_001), "code_table.pages"),
    ],
)
def test_what_does_not_is_refused(command: Any, code: str) -> None:
    given(Page if isinstance(command, ListCodes) else Table).when(command).refused(code)


def test_a_code_is_looked_up_on_its_page() -> None:
    assert [page_for(each, "99213") for each in CodeTable] == ["992", "99", "99213", "99"]
