"""Bad input over HTTP: a clear problem document, no 500, nothing half done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from facilities.database import Database
from tests.conftest import copied
from tests.web.conftest import at_work
from tests.web.grammar import Api

CLINIC = {
    "legal_name": "Harbor Clinic",
    "kind": "clinic",
    "zone": "America/New_York",
    "opened_on": "2020-01-01",
}


@pytest.fixture(scope="module")
def api(
    server: Database, followed: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """One for all of these: what is refused leaves nothing behind."""
    reads = tmp_path_factory.mktemp("reads")
    with copied(server, followed) as database, at_work(database, reads) as almoner:
        yield Api.of(almoner)


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"legal_name": 7}, "legal_name"),
        ({"legal_name": None}, "legal_name"),
        ({"legal_name": "a\x00b"}, "legal_name"),
        ({"legal_name": "\ud800"}, "legal_name"),
        ({"legal_name": "x" * 501}, "legal_name"),
        ({"kind": "castle"}, "kind"),
        ({"opened_on": "yesterday"}, "opened_on"),
        ({"opened_on": "20200101"}, "opened_on"),
        ({"opened_on": 20200101}, "opened_on"),
        ({"fiscal_year_start": "1"}, "fiscal_year_start"),
        ({"fiscal_year_start": 1.5}, "fiscal_year_start"),
        ({"fiscal_year_start": True}, "fiscal_year_start"),
        ({"fiscal_year_start": 10**30}, "fiscal_year_start"),
        ({"address": {"city": 1}}, "address"),
        ({"address": {"town": "X"}}, "address"),
        ({"address": "Main Street"}, "address"),
        ({"favourite_colour": "blue"}, "favourite_colour"),
        ({"facility_id": "7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10"}, "facility_id"),
    ],
)
def test_a_field_of_the_wrong_type_is_named(api: Api, members: dict[str, Any], field: str) -> None:
    problem = api.post("/facilities", {**CLINIC, **members}).problem(422, "input.invalid")
    assert list(problem["errors"]) == [field]


def test_every_wrong_field_is_named_at_once(api: Api) -> None:
    problem = api.post("/facilities", {"kind": "castle", "opened_on": "x"}).problem(
        422, "input.invalid"
    )
    assert set(problem["errors"]) == {"kind", "opened_on", "legal_name", "zone"}
    assert problem["given"] == {"kind": "castle", "opened_on": "x"}


@pytest.mark.parametrize(
    ("members", "code", "field"),
    [
        ({"zone": "Mars/Olympus"}, "facility.zone", "zone"),
        ({"currency": "XXQ"}, "facility.currency", "currency"),
        ({"fiscal_year_start": 13}, "facility.fiscal_year_start", "fiscal_year_start"),
        ({"opened_on": "2999-01-01"}, "facility.date", "opened_on"),
        ({"opened_on": "1500-01-01"}, "facility.date", "opened_on"),
        ({"legal_name": "   "}, "facility.text", "legal_name"),
    ],
)
def test_what_a_rule_refuses_is_named(
    api: Api, members: dict[str, Any], code: str, field: str
) -> None:
    problem = api.post("/facilities", {**CLINIC, **members}).problem(409, code)
    assert problem["details"]["field"] == field
    assert str(problem["details"]["value"]) == str(next(iter(members.values()))).strip()


@pytest.mark.parametrize(
    ("amount", "status", "code"),
    [
        ("-1.00", 409, "claim.amount"),
        ("1.001", 409, "claim.amount"),
        ("999999999999999", 409, "claim.amount"),
        ("1e5", 422, "input.invalid"),
        ("NaN", 422, "input.invalid"),
        ("Infinity", 422, "input.invalid"),
        (12.5, 422, "input.invalid"),
        ("", 422, "input.invalid"),
        ("١٢", 422, "input.invalid"),
    ],
)
def test_absurd_amounts_are_refused(api: Api, amount: Any, status: int, code: str) -> None:
    claim = api.a_claim(api.a_facility())
    api.post(
        f"/claims/{claim}/charges",
        procedure={"system": "CPT", "value": "99213"},
        unit_amount=amount,
        service_on="2026-01-05",
    ).problem(status, code)
    api.get(f"/claims/{claim}").shows(lines=0, charges="0.00")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "body.malformed"),
        (b'{"legal_name": "\xff\xfe"}', 400, "body.not_utf8"),
        (b"", 400, "body.malformed"),
        (b'{"fiscal_year_start": NaN}', 400, "body.malformed"),
        (b"[]", 422, "input.invalid"),
        (b'"text"', 422, "input.invalid"),
        (b"null", 422, "input.invalid"),
        (b"[" * 100_000, 400, "body.malformed"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 400, "body.malformed"),
        (b'{"fiscal_year_start": ' + b"9" * 10_000 + b"}", 400, "body.malformed"),
    ],
)
def test_what_is_not_json_is_refused(api: Api, body: bytes, status: int, code: str) -> None:
    before = api.get("/facilities").items
    api.send("POST", "/facilities", data=body, content_type="application/json").problem(
        status, code
    )
    assert api.get("/facilities").items == before


def test_a_body_of_ten_megabytes_is_refused(api: Api) -> None:
    body = b'{"legal_name": "' + b"x" * 10_000_000 + b'"}'
    answer = api.send("POST", "/facilities", data=body, content_type="application/json")
    problem = answer.problem(413, "http.request_too_large")
    assert problem["details"] == {
        "field": "body",
        "value": len(body),
        "rule": "must have at most 1048576 bytes",
    }


def test_a_body_that_is_not_declared_json_is_refused(api: Api) -> None:
    api.send("POST", "/facilities", data=b"a=b", content_type="text/plain").problem(
        415, "body.not_json"
    )


@pytest.mark.parametrize("path", ["/nowhere", "/facilities/not-a-uuid", "/claims/7/entries"])
def test_an_unknown_address_is_a_problem_document(api: Api, path: str) -> None:
    problem = api.send("GET", path).problem(404, "http.not_found")
    assert problem["detail"] == "There is no such address. Ids in an address are UUIDs."


def test_a_wrong_method_is_a_problem_document_and_names_the_right_ones(api: Api) -> None:
    answer = api.send("DELETE", "/facilities")
    answer.problem(405, "http.method_not_allowed")
    assert set(answer.response.headers["Allow"].split(", ")) >= {"GET", "POST"}


@pytest.mark.parametrize(
    "path",
    [
        "/facilities/7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10",
        "/facilities/7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10/claims",
        "/claims/7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10",
        "/streams/7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10/events",
    ],
)
def test_unknown_ids_are_not_found(api: Api, path: str) -> None:
    api.get(path).responds(404)


def test_a_command_for_an_unknown_claim_is_not_found(api: Api) -> None:
    api.post(
        "/claims/7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10/closure", closed_on="2026-01-01"
    ).problem(404, "claim.unknown")


def test_a_claim_at_an_unknown_facility_is_refused(api: Api) -> None:
    api.post(
        "/facilities/7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10/claims",
        patient_id="7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10",
        service_on="2026-01-05",
    ).problem(409, "facility.unknown")


@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("Idempotency_Key", "x" * 256, "idempotency_key.malformed"),
        ("Idempotency_Key", "with blank", "idempotency_key.malformed"),
        ("If_Match", '"3', "if_match.malformed"),
        ("If_Match", 'W/"3"', "if_match.malformed"),
        ("If_Match", '"99999999999"', "if_match.malformed"),
        ("Almoner_Reason", "x" * 501, "reason.malformed"),
    ],
)
def test_a_malformed_header_is_refused(api: Api, header: str, value: str, code: str) -> None:
    api.with_(**{header: value}).post("/facilities", CLINIC).problem(400, code)
