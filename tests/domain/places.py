"""Whom and what the domain's tests are about: two facilities, their people and their days."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain.kernel import Standing
from tests.grammar import a_closed, an_open

RIVERSIDE = UUID("018f0000-0000-7000-8000-000000000001")
HILLTOP = UUID("018f0000-0000-7000-8000-000000000002")
CARDIOLOGY = UUID("018f0000-0000-7000-8000-000000000011")
RADIOLOGY = UUID("018f0000-0000-7000-8000-000000000012")
DR_ADEYEMI = UUID("018f0000-0000-7000-8000-000000000021")
NURSE_BLOM = UUID("018f0000-0000-7000-8000-000000000022")
AETHER_HEALTH = UUID("018f0000-0000-7000-8000-000000000031")
BEACON_MUTUAL = UUID("018f0000-0000-7000-8000-000000000032")
A_PATIENT = UUID("018f0000-0000-7000-8000-000000000041")
THE_CLAIM = UUID("018f0000-0000-7000-8000-000000000051")
THE_ITEM = UUID("018f0000-0000-7000-8000-000000000061")

NEW_YEAR = date(2026, 1, 1)
FEBRUARY_1 = date(2026, 2, 1)
MARCH_1 = date(2026, 3, 1)
DAY_BEFORE_NEW_YEAR = date(2025, 12, 31)
TOMORROW_EVERYWHERE = date(2026, 3, 16)
"""No zone on earth has come this far when the tests' clock stands still."""
LONG_AGO = date(1899, 12, 31)
FAR_FUTURE = date(2200, 1, 2)

AN_NPI = "1234567893"
"""The number CMS shows the check digit of 45 CFR 162.406 with."""
ANOTHER_NPI = "1245319599"


def riverside_is_open(currency: str = "USD") -> Standing:
    return an_open(
        "facility",
        RIVERSIDE,
        facility_id=RIVERSIDE,
        currency=currency,
        zone="America/New_York",
    )


def riverside_is_closed() -> Standing:
    return a_closed("facility", RIVERSIDE, facility_id=RIVERSIDE, currency="USD", zone="UTC")


def hilltop_is_open() -> Standing:
    return an_open("facility", HILLTOP, facility_id=HILLTOP, currency="USD", zone="UTC")
