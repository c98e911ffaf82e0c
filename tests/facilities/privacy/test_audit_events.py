"""Reads for others: FHIR R4 AuditEvents, by the rules of the resource."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from facilities.privacy.accounting import LoggedRead, audit_event, bundle

PERSON, KEY = "7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10", UUID(int=7)
CLAIM = "0195f2a0-0000-7000-8000-000000000001"

A_READ = LoggedRead(
    number=1,
    read_id=UUID(int=1),
    read_at=datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC),
    actor="ana",
    role="auditor",
    what="/api/v1/claims",
    asked="limit=1",
    why="an inspection",
    outcome=200,
    source="api",
    persons=(KEY,),
)

CODING = {"system": str, "code": str, "display": str}
CONCEPT = {"coding": [CODING], "text": str}
REFERENCE = {"identifier": {"system": str, "value": str}, "display": str}
AUDIT_EVENT = {
    "resourceType": "AuditEvent",
    "id": re.compile(r"[A-Za-z0-9\-.]{1,64}"),
    "type": CODING,
    "subtype": [CODING],
    "action": re.compile("[CRUDE]"),
    "recorded": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)"),
    "outcome": re.compile("0|4|8|12"),
    "outcomeDesc": str,
    "purposeOfEvent": [CONCEPT],
    "agent": [{"role": [CONCEPT], "who": REFERENCE, "requestor": bool}],
    "source": {"site": str, "observer": REFERENCE},
    "entity": [{"what": REFERENCE, "type": CODING, "role": CODING, "query": str}],
}
REQUIRED = {"type", "recorded", "agent", "source", "requestor", "observer"}
"""The elements that R4 has, as far as they are used, and which of them must be there."""


def conforms(value: Any, shape: Any, at: str = "AuditEvent") -> None:
    """A value has no elements but these, has what it must have, and nothing in it is empty."""
    if isinstance(shape, dict):
        assert value, at
        assert value.keys() <= shape.keys(), at
        assert REQUIRED & shape.keys() <= value.keys() or "coding" in at or "entity" in at, at
        for name, each in value.items():
            conforms(each, shape[name], f"{at}.{name}")
    elif isinstance(shape, list):
        assert value, f"{at} is empty"
        for each in value:
            conforms(each, shape[0], at)
    elif isinstance(shape, re.Pattern):
        assert shape.fullmatch(value), f"{at}: {value}"
    elif isinstance(shape, str):
        assert value == shape, at
    else:
        assert isinstance(value, shape), at
        assert value != "", at


READS = {
    "a page": (A_READ, "rest", "search-type"),
    "one thing": (replace(A_READ, what=f"/api/v1/claims/{CLAIM}", asked=""), "rest", "read"),
    "one person": (replace(A_READ, what=f"/api/v1/staff/person:{KEY}"), "rest", "read"),
    "the command line": (replace(A_READ, what="almoner audit state", source="cli"), "110112", None),
    "a file": (replace(A_READ, what="/payroll.csv", asked="file=payroll.csv"), "110106", None),
    "a file by a command": (
        replace(A_READ, what="almoner export x12", asked="file=a.837p&sender=US", source="cli"),
        "110106",
        None,
    ),
    "what was refused": (replace(A_READ, outcome=404, persons=(), why=None), "rest", "search-type"),
}


@pytest.mark.parametrize("named", READS)
def test_a_read_is_an_audit_event_by_the_rules_of_the_resource(named: str) -> None:
    read, kind, subtype = READS[named]
    event = audit_event(read)
    conforms(event, AUDIT_EVENT)
    assert json.loads(json.dumps(event)) == event
    assert event["type"]["code"] == kind
    assert [each["code"] for each in event.get("subtype", [])] == ([subtype] if subtype else [])
    for each in event["entity"]:
        assert not {"name", "query"} <= each.keys()  # sev-1


def test_who_what_when_why_and_what_came_of_it_are_told() -> None:
    there = replace(A_READ, read_at=A_READ.read_at.astimezone(timezone(timedelta(hours=2))))
    event = audit_event(there, PERSON)
    assert (event["action"], event["outcome"]) == ("R", "0")
    assert event["recorded"] == "2026-03-14T15:09:26.000+00:00"
    assert event["agent"][0]["who"]["identifier"]["value"] == "ana"
    assert event["agent"][0]["role"][0]["coding"][0]["code"] == "auditor"
    assert event["purposeOfEvent"] == [{"text": "an inspection"}]
    asked, person = event["entity"]
    assert base64.b64decode(asked["query"]) == b"/api/v1/claims?limit=1"
    assert person["what"]["identifier"]["value"] == PERSON


def test_persons_stand_by_the_numbers_of_their_keys_where_it_is_not_told_to_them() -> None:
    (_, person) = audit_event(A_READ)["entity"]
    assert person["what"]["identifier"] == {"system": "urn:almoner:person", "value": str(KEY)}


def test_what_was_refused_says_so() -> None:
    refused = audit_event(replace(A_READ, outcome=403, persons=()))
    assert (refused["outcome"], refused["outcomeDesc"]) == ("4", "Refused (403)")
    assert audit_event(replace(A_READ, outcome=503))["outcome"] == "8"
    assert "outcomeDesc" not in audit_event(A_READ)


def test_a_bundle_is_a_collection_and_says_where_the_next_one_is() -> None:
    event = audit_event(A_READ)
    whole = bundle([event], "/api/v1/audit/reads?beyond=1")
    assert whole == {
        "resourceType": "Bundle",
        "type": "collection",
        "link": [{"relation": "next", "url": "/api/v1/audit/reads?beyond=1"}],
        "entry": [{"fullUrl": f"urn:uuid:{event['id']}", "resource": event}],
    }
    assert bundle([]) == {"resourceType": "Bundle", "type": "collection"}
