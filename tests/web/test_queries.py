"""Queries over HTTP: pages, filters, past instants, and figures that agree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.web.grammar import Api


def test_pages_walk_every_row_once_by_the_link_header(api: Api) -> None:
    names = [f"Clinic {letter}" for letter in "ABCDEFG"]
    for name in names:
        api.a_facility(legal_name=name)
    page = api.get("/facilities", limit=3).responds(200)
    seen = [each["legal_name"] for each in page.items]
    while page.json["next"]:
        assert page.response.headers["Link"] == f'<{page.json["next"]}>; rel="next"'
        page = api.get(page.json["next"]).responds(200)
        seen += [each["legal_name"] for each in page.items]
    assert seen == names
    assert "Link" not in page.response.headers


def test_lists_are_filtered_by_value_and_by_range(api: Api) -> None:
    facility = api.a_facility()
    for day in ("2026-01-05", "2026-02-05", "2026-03-05"):
        api.a_claim(facility, service_on=day)
    claims = f"/facilities/{facility}/claims"
    found = api.get(claims, service_on_from="2026-02-01", service_on_to="2026-02-28").items
    assert [each["service_on"] for each in found] == ["2026-02-05"]
    assert len(api.get(claims, status="drafted").items) == 3
    assert api.get(claims, status="closed").items == []


def test_an_unknown_filter_is_named(api: Api) -> None:
    problem = api.get("/facilities", colour="blue").problem(422, "input.invalid")
    assert problem["errors"] == {"colour": ["Unknown field."]}


def test_a_past_position_shows_what_was_so_then(api: Api) -> None:
    facility = api.a_facility(legal_name="Old Name")
    before = api.reached[0]
    api.post(
        f"/facilities/{facility}/name", legal_name="New Name", renamed_on="2026-01-02"
    ).responds(201)
    api.get(f"/facilities/{facility}").shows(legal_name="New Name")
    past = api.get(f"/facilities/{facility}", as_of=str(before)).shows(legal_name="Old Name")
    assert past.response.headers["ETag"] == '"1"'
    assert past.response.headers["Almoner-Position"] == str(before)
    assert [each["legal_name"] for each in api.get("/facilities", as_of=str(before)).items] == [
        "Old Name"
    ]


def test_a_past_instant_shows_what_was_known_then(api: Api) -> None:
    facility = api.a_facility(legal_name="Old Name")
    (opened,) = api.get(f"/streams/{facility}/events").items
    rename = {"legal_name": "New Name", "renamed_on": "2026-01-02"}
    api.post(f"/facilities/{facility}/name", rename).responds(201)
    api.get(f"/facilities/{facility}", as_of=opened["recorded_at"]).shows(legal_name="Old Name")
    instant = datetime.fromisoformat(opened["recorded_at"]) - timedelta(microseconds=1)
    api.get(f"/facilities/{facility}", as_of=instant.isoformat()).problem(404, "facility.unknown")


@pytest.mark.parametrize("as_of", ["2999-01-01T00:00:00Z", "999999999"])
def test_a_moment_yet_to_come_is_refused(api: Api, as_of: str) -> None:
    problem = api.get("/facilities", as_of=as_of).problem(409, "moment.not_yet")
    assert (problem["details"]["field"], problem["details"]["value"]) == ("as_of", as_of)


def test_a_day_that_the_year_does_not_have_is_refused(api: Api) -> None:
    api.get("/facilities", as_of="2026-02-29T00:00:00Z").problem(409, "moment.unknown")


@pytest.mark.parametrize("as_of", ["2026-02-30T00:00:00Z", "2026-01-01", "yesterday", "-1", ""])
def test_a_moment_that_is_none_is_refused(api: Api, as_of: str) -> None:
    problem = api.get("/facilities", as_of=as_of).problem(422, "input.invalid")
    assert list(problem["errors"]) == ["as_of"]


def test_waiting_for_a_position_that_is_not_there_is_refused(api: Api) -> None:
    api.send("GET", "/facilities?after=999999999").problem(409, "moment.not_yet")


def test_an_amount_is_filtered_in_its_currency(api: Api) -> None:
    facility = api.a_facility()
    for amount in ("10.00", "20.00"):
        api.a_charge(api.a_claim(facility), amount)
    claims = f"/facilities/{facility}/claims"
    found = api.get(claims, charges_from="15.00", currency="USD").items
    assert [each["charges"] for each in found] == ["20.00"]
    refusal = api.get(claims, charges_from="15.00").problem(409, "filter.refused")
    assert refusal["details"]["field"] == "charges_from"


@pytest.mark.parametrize("cursor", ["garbage", "eyJhIjoxfQ==", "WyJjbGFpbV9saXN0Il0="])
def test_a_cursor_that_was_not_ours_is_refused(api: Api, cursor: str) -> None:
    api.send("GET", f"/facilities?cursor={cursor}").problem(400, "cursor.malformed")


def test_the_system_figure_is_the_sum_of_its_facilities(api: Api) -> None:
    facilities = [api.a_facility(legal_name=name) for name in ("One", "Two", "Three")]
    for number, facility in enumerate(facilities, start=1):
        claim = api.a_claim(facility)
        api.a_charge(claim, f"{number}00.10")
        api.post(
            f"/claims/{claim}/payments",
            amount="120.00",
            paid_by="payer",
            method="check",
            received_on="2026-02-01",
        ).responds(201)
    for figures in ("scorecard", "receivables"):
        (system,) = api.get(f"/system/{figures}").items
        each = [api.get(f"/facilities/{one}/{figures}").items[0] for one in facilities]
        for name in ("charges", "payments", "balance", "credit_balance"):
            assert Decimal(system[name]) == sum(Decimal(row[name]) for row in each), name
        assert system["charges"] == "600.30"
        assert system["credit_balance_claims"] == 1
        assert system["credit_balance"] == "-19.90"


def test_money_of_two_currencies_is_never_added(api: Api) -> None:
    for currency in ("USD", "JPY"):
        facility = api.a_facility(currency=currency, legal_name=currency)
        api.a_charge(api.a_claim(facility), "100")
    found = api.get("/system/receivables").items
    assert {each["currency"]: each["charges"] for each in found} == {"JPY": "100", "USD": "100.00"}


def test_every_entry_traces_to_its_event(api: Api) -> None:
    facility = api.a_facility()
    claim = api.a_claim(facility)
    api.a_charge(claim, "12.30")
    (entry,) = api.get(f"/claims/{claim}/entries").items
    events = api.get(f"/streams/{claim}/events").items
    (charged,) = [each for each in events if each["fact"] == "claim.charged"]
    assert charged["content"]["amount"] == entry["amount"] == "12.30"
    assert charged["content"]["entry"] == entry["entry"]


def test_a_stream_tells_its_events_page_by_page(api: Api) -> None:
    facility = api.a_facility()
    for number in range(1, 4):
        api.post(
            f"/facilities/{facility}/name", legal_name=f"Name {number}", renamed_on="2026-01-02"
        ).responds(201)
    page = api.get(f"/streams/{facility}/events", limit=3)
    assert [each["version"] for each in page.items] == [1, 2, 3]
    page = api.get(page.json["next"])
    assert [each["version"] for each in page.items] == [4]
    assert page.json["next"] is None


def test_the_timeline_of_a_facility_is_in_the_order_of_the_ledger(api: Api) -> None:
    facility = api.a_facility()
    api.a_facility(legal_name="Elsewhere")
    api.a_charge(api.a_claim(facility))
    events = api.get(f"/facilities/{facility}/events").items
    assert [each["fact"] for each in events] == [
        "facility.opened",
        "claim.drafted",
        "claim.charged",
    ]
    assert datetime.fromisoformat(events[0]["recorded_at"]) <= datetime.now(UTC)
