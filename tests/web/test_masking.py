"""An auditor sees that there is a person, and not who, by whatever route."""

from __future__ import annotations

import pytest

from facilities.scope import Role
from tests.web.grammar import Api

PATIENT = "7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10"


@pytest.fixture
def claim(api: Api) -> str:
    facility = api.a_facility()
    return api.a_claim(facility, patient_id=PATIENT)


ROUTES = (
    "/system/claims",
    "/claims/{claim}",
    "/streams/{claim}/events",
    "/system/events",
    "/audit/state?stream={claim}",
    "/audit/timeline",
)


@pytest.mark.parametrize("route", ROUTES)
def test_what_is_personal_is_masked_for_auditors_and_for_no_one_else(
    api: Api, claim: str, route: str
) -> None:
    path = route.format(claim=claim)
    api.get("/system/claims").responds(200)
    shown = api.send("GET", path).responds(200).response.get_data(as_text=True)
    assert PATIENT in shown
    auditor = api.as_(Role.AUDITOR)
    masked = auditor.send("GET", path).responds(200).response.get_data(as_text=True)
    assert PATIENT not in masked
    assert "•••" in masked
    assert masked.replace("•••", PATIENT).count(PATIENT) == shown.count(PATIENT)
