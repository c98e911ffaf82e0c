"""Who may act, as those see it who look after it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.access.events.account import (
    AccountClosed,
    AccountFact,
    AccountIdentityLinked,
    AccountIdentityUnlinked,
    AccountLocked,
    AccountOpened,
    AccountPasswordChanged,
    AccountUnlocked,
)
from domain.access.events.grant import GrantExpired, GrantGiven, GrantGlassBroken, GrantRevoked
from domain.access.roles import Role
from projections.access import (
    AccountStatus,
    GrantStatus,
    account_directory,
    broken_glass,
    facility_grants,
    grant_register,
    grants_ending,
)
from tests.projections.grammar import given

ANA, HERE, THERE, BILLING, AUDIT = (UUID(int=each) for each in range(1, 6))
T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
T1, T2, T3 = (T0 + timedelta(hours=each) for each in (1, 2, 3))

opened = AccountOpened(account_id=ANA, login="ana", opened_at=T0)
linked = AccountIdentityLinked(
    account_id=ANA, login="ana", issuer="https://id.example", subject="1", linked_at=T0
)
unlinked = AccountIdentityUnlinked(
    account_id=ANA, login="ana", issuer="https://id.example", subject="1", unlinked_at=T1
)


def locked(until: datetime) -> AccountFact:
    return AccountLocked(account_id=ANA, login="ana", failures=5, locked_at=T0, locked_until=until)


def granted(grant_id: UUID, *places: UUID, ends: datetime | None = None) -> GrantGiven:
    return GrantGiven(
        grant_id=grant_id,
        account_id=ANA,
        login="ana",
        role=Role.BILLER,
        facility_ids=places,
        given_at=T0,
        expires_at=ends,
        purpose=None,
    )


def revoked(grant_id: UUID, *places: UUID) -> GrantRevoked:
    return GrantRevoked(
        grant_id=grant_id, account_id=ANA, facility_ids=places, revoked_at=T1, reason="moved"
    )


def expired(grant_id: UUID, *places: UUID) -> GrantExpired:
    return GrantExpired(grant_id=grant_id, account_id=ANA, facility_ids=places, expired_at=T2)


def broken(at: datetime) -> GrantGlassBroken:
    return GrantGlassBroken(
        grant_id=AUDIT,
        account_id=ANA,
        login="ana",
        facility_ids=(),
        broken_at=at,
        until=at + timedelta(hours=1),
        reason="A complaint",
    )


def test_an_account_is_in_the_directory_with_who_opened_it() -> None:
    given(account_directory, opened).shows(
        ANA, login="ana", status=AccountStatus.OPEN, opened_by="test", identities=0
    )


def test_a_lock_stays_until_the_password_is_another_or_someone_unlocks() -> None:
    changed = AccountPasswordChanged(account_id=ANA, login="ana", changed_at=T2)
    lifted = AccountUnlocked(account_id=ANA, login="ana", unlocked_at=T2, reason="called")
    given(account_directory, opened, locked(T1), locked(T2)).shows(
        ANA, locked_until=T2, times_locked=2
    )
    given(account_directory, opened, locked(T1), changed).shows(
        ANA, locked_until=None, password_changed_at=T2, times_locked=1
    )
    given(account_directory, opened, locked(T1), lifted).shows(ANA, locked_until=None)


def test_identities_are_counted_and_leave_with_the_account() -> None:
    closed = AccountClosed(account_id=ANA, login="ana", closed_at=T3, reason="left")
    given(account_directory, opened, linked).shows(ANA, identities=1)
    given(account_directory, opened, linked, unlinked).shows(ANA, identities=0)
    given(account_directory, opened, linked, closed).shows(
        ANA, status=AccountStatus.CLOSED, identities=0, closed_at=T3, closed_reason="left"
    )


def test_a_grant_stays_in_the_register_with_how_it_ended() -> None:
    given(grant_register, granted(BILLING, HERE)).shows(
        BILLING, login="ana", status=GrantStatus.GIVEN, facility_ids=(HERE,), given_by="test"
    )
    given(grant_register, granted(BILLING, HERE), revoked(BILLING, HERE)).shows(
        BILLING, status=GrantStatus.REVOKED, ended_at=T1, ended_reason="moved"
    )
    given(grant_register, granted(BILLING, HERE), expired(BILLING, HERE)).shows(
        BILLING, status=GrantStatus.EXPIRED, ended_at=T2, ended_reason=None
    )


def test_every_time_the_glass_is_broken_is_listed_and_counted() -> None:
    given(grant_register, granted(AUDIT), broken(T1), broken(T2)).shows(
        AUDIT, times_broken=2, broken_until=T3
    )
    listed = given(broken_glass, broken(T1), broken(T2))
    listed.has_only((AUDIT, T1), (AUDIT, T2))
    listed.shows(AUDIT, T2, until=T3, reason="A complaint", login="ana")


def test_a_facility_lists_who_may_act_there() -> None:
    both = given(facility_grants, granted(BILLING, HERE, THERE))
    both.has_only((HERE, BILLING), (THERE, BILLING))
    both.shows(HERE, BILLING, login="ana", role=Role.BILLER)
    given(facility_grants, granted(AUDIT)).has_only()
    for ends in (revoked(BILLING, HERE, THERE), expired(BILLING, HERE, THERE)):
        given(facility_grants, granted(BILLING, HERE, THERE), ends).has_only()


def test_the_calendar_sees_which_grants_have_an_end() -> None:
    ending = granted(BILLING, HERE, ends=T2)
    given(grants_ending, ending, granted(AUDIT)).has_only((BILLING,))
    given(grants_ending, ending).shows(BILLING, login="ana", expires_at=T2)
    given(grants_ending, ending, expired(BILLING, HERE)).has_only()
