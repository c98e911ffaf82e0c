"""The life of a grant."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.access.events.grant import (
    GrantExpired,
    GrantFact,
    GrantGiven,
    GrantGlassBroken,
    GrantRevoked,
)
from domain.access.grant import (
    LONGEST,
    LONGEST_AUDIT,
    LONGEST_BROKEN,
    MOST_FACILITIES,
    BreakGlass,
    ExpireGrant,
    GiveGrant,
    Grant,
    RevokeGrant,
)
from domain.access.roles import Role
from domain.access.standings import AccountStanding
from domain.kernel import CONSULTED
from tests.domain.places import HILLTOP, RIVERSIDE, hilltop_is_open, riverside_is_closed
from tests.grammar import NOW, Given, given

ANA = UUID("018f0000-0000-7000-8000-0000000000a1")
THE_GRANT = UUID("018f0000-0000-7000-8000-0000000000b1")
IN_A_MONTH = NOW + timedelta(days=30)
IN_AN_HOUR = NOW + timedelta(hours=1)

giving = GiveGrant(
    grant_id=THE_GRANT,
    account_id=ANA,
    role=Role.BILLER,
    facility_ids=(RIVERSIDE, HILLTOP, RIVERSIDE),
    expires_at=IN_A_MONTH,
)
given_to_ana = GrantGiven(
    grant_id=THE_GRANT,
    account_id=ANA,
    login="ana",
    role=Role.BILLER,
    facility_ids=(RIVERSIDE, HILLTOP),
    given_at=NOW,
    expires_at=IN_A_MONTH,
    purpose=None,
)
auditing = replace(giving, role=Role.AUDITOR, facility_ids=(), purpose="The yearly audit")
audit = replace(given_to_ana, role=Role.AUDITOR, facility_ids=(), purpose="The yearly audit")
revoking = RevokeGrant(grant_id=THE_GRANT, reason="She changed desks")
revoked = GrantRevoked(
    grant_id=THE_GRANT,
    account_id=ANA,
    facility_ids=(RIVERSIDE, HILLTOP),
    revoked_at=NOW,
    reason="She changed desks",
)
expiring = ExpireGrant(grant_id=THE_GRANT)
expired = GrantExpired(
    grant_id=THE_GRANT,
    account_id=ANA,
    facility_ids=(RIVERSIDE, HILLTOP),
    expired_at=IN_A_MONTH,
)
breaking = BreakGlass(grant_id=THE_GRANT, reason="A complaint names no claim")
broken = GrantGlassBroken(
    grant_id=THE_GRANT,
    account_id=ANA,
    login="ana",
    facility_ids=(),
    broken_at=NOW,
    until=IN_AN_HOUR,
    reason="A complaint names no claim",
)


def ana(status: str = "open") -> AccountStanding:
    return AccountStanding(
        kind="account", id=ANA, open=status == "open", status=status, login="ana"
    )


def known(*facts: GrantFact) -> Given:
    """A grant's past, where the account is open and the facilities are known."""
    return given(Grant, *facts).knowing(ana(), riverside_is_closed(), hilltop_is_open())


def test_a_grant_is_given_to_an_account_in_a_role_at_facilities() -> None:
    known().when(giving).records(given_to_ana)
    known(given_to_ana).when(giving).refused("grant.already_given")


def test_the_facilities_it_names_are_consulted() -> None:
    assert set(CONSULTED[GiveGrant](Grant(), giving)) == {RIVERSIDE, HILLTOP}


def test_it_is_given_to_an_open_account_at_facilities_there_are() -> None:
    given(Grant).when(giving).refused("account.unknown", field="account_id")
    known().knowing(ana("closed")).when(giving).refused("account.not_open")
    given(Grant).knowing(ana()).when(giving).refused("facility.unknown", field="facility_ids")
    many = tuple(UUID(int=each) for each in range(MOST_FACILITIES + 1))
    known().when(replace(giving, facility_ids=many)).refused("grant.facility_ids")


@pytest.mark.parametrize(
    ("role", "facilities", "allowed"),
    [
        (Role.SYSTEM_ADMINISTRATOR, (), True),
        (Role.SYSTEM_ADMINISTRATOR, (RIVERSIDE,), False),
        (Role.FACILITY_MANAGER, (RIVERSIDE,), True),
        (Role.FACILITY_MANAGER, (), False),
        (Role.DEPARTMENT_MANAGER, (), False),
        (Role.BILLER, (), True),
        (Role.SERVICE, (RIVERSIDE,), True),
    ],
)
def test_a_role_is_granted_where_it_is_at_home(
    role: Role, facilities: tuple[UUID, ...], allowed: bool
) -> None:
    outcome = known().when(replace(giving, role=role, facility_ids=facilities))
    if allowed:
        outcome.records_a(GrantGiven, role=role, facility_ids=facilities)
    else:
        outcome.refused("grant.scope", field="facility_ids")


def test_an_auditors_grant_has_a_purpose_and_an_end() -> None:
    known().when(auditing).records(audit)
    known().when(replace(auditing, purpose=None)).refused("grant.purpose")
    known().when(replace(auditing, purpose=" ")).refused("grant.text", field="purpose")
    known().when(replace(auditing, expires_at=None)).refused("grant.end")
    known().when(replace(giving, expires_at=None)).records_a(GrantGiven, expires_at=None)


@pytest.mark.parametrize(
    ("role", "end"),
    [
        (Role.BILLER, NOW),
        (Role.BILLER, NOW + LONGEST + timedelta(seconds=1)),
        (Role.AUDITOR, NOW + LONGEST_AUDIT + timedelta(seconds=1)),
    ],
)
def test_an_end_is_to_come_and_not_too_far(role: Role, end: datetime) -> None:
    asked = replace(giving, role=role, facility_ids=(), expires_at=end, purpose="why")
    known().when(asked).refused("grant.end", field="expires_at")


def test_a_grant_is_revoked_once() -> None:
    known(given_to_ana).when(revoking).records(revoked)
    known(given_to_ana, revoked).when(revoking).records_nothing()
    known(given_to_ana).when(replace(revoking, reason="")).refused("grant.text")


def test_a_grant_expires_when_its_time_is_over() -> None:
    known(given_to_ana).when(expiring).refused("grant.not_over")
    known(given_to_ana).at(IN_A_MONTH).when(expiring).records(expired)
    known(given_to_ana, expired).at(IN_A_MONTH).when(expiring).records_nothing()
    known(replace(given_to_ana, expires_at=None)).when(expiring).refused("grant.not_over")


def test_nobody_acts_under_it_when_it_is_over() -> None:
    def good(at: datetime, *facts: GrantFact) -> bool:
        state: Grant = known(*facts).state
        return state.good_at(at)

    assert good(NOW, given_to_ana)
    assert not good(IN_A_MONTH, given_to_ana)
    assert good(IN_A_MONTH, replace(given_to_ana, expires_at=None))
    assert not good(NOW, given_to_ana, revoked)
    assert not good(NOW, given_to_ana, expired)
    assert not good(NOW)


def test_the_glass_is_broken_for_a_reason_and_for_a_while() -> None:
    known(audit).when(breaking).records(broken)
    known(audit).when(replace(breaking, minutes=5)).records_a(
        GrantGlassBroken, until=NOW + timedelta(minutes=5)
    )
    state = known(audit, broken).state
    assert (state.broken_until, state.broken_for) == (IN_AN_HOUR, broken.reason)
    known(audit).when(replace(breaking, reason=" ")).refused("grant.text")
    for minutes in (0, LONGEST_BROKEN + 1):
        known(audit).when(replace(breaking, minutes=minutes)).refused("grant.minutes")


def test_it_mends_when_the_grant_is_over() -> None:
    late = IN_A_MONTH - timedelta(minutes=1)
    known(audit).at(late).when(breaking).records_a(GrantGlassBroken, until=IN_A_MONTH)
    endless: Any = replace(audit, expires_at=None)
    known(endless).when(breaking).records(broken)
    known(audit).at(IN_A_MONTH).when(breaking).refused("grant.over")


def test_who_sees_people_as_they_are_has_no_glass_to_break() -> None:
    known(given_to_ana).when(breaking).refused("grant.no_glass")
