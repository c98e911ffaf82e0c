"""What each role is trusted with."""

from __future__ import annotations

import pytest

import tests.whole_domain  # noqa: F401 - so that nothing is left out
from domain.access.account import LockAccount, OpenAccount, RecordPasswordChange
from domain.access.grant import BreakGlass, ExpireGrant, GiveGrant
from domain.access.roles import EVENTS, TRUST, Role, context_of
from domain.audit.export import RecordExport
from domain.kernel import DECISIONS, Command
from domain.organization.department import OpenDepartment
from domain.organization.facility import OpenFacility
from domain.privacy.erasure import ApproveErasure, BeginErasure
from domain.revenue.drafting import DraftClaim
from domain.supply.stock_listing import ListStockItem
from domain.workforce.staff_member import RegisterStaffMember

COMMANDS = [kind for kind in DECISIONS if kind.__module__.startswith("domain.")]
CONTEXTS = {context_of(kind) for kind in COMMANDS}
DESKS: dict[Role, set[type[Command]]] = {
    Role.FACILITY_MANAGER: {
        OpenFacility, OpenDepartment, DraftClaim, ListStockItem, RegisterStaffMember,
    },
    Role.DEPARTMENT_MANAGER: {OpenDepartment, ListStockItem, RegisterStaffMember},
    Role.BILLER: {DraftClaim},
    Role.STOREKEEPER: {ListStockItem},
    Role.SCHEDULER: {RegisterStaffMember},
    Role.AUDITOR: {BreakGlass},
    Role.SERVICE: {
        OpenFacility, OpenDepartment, DraftClaim, ListStockItem, RegisterStaffMember,
        RecordExport, RecordPasswordChange, LockAccount, ExpireGrant,
    },
}  # fmt: skip
LOOKED_AT = {each for kinds in DESKS.values() for each in kinds} | {OpenAccount, GiveGrant}


@pytest.mark.parametrize("role", DESKS)
def test_a_role_does_what_its_desk_does_and_nothing_else(role: Role) -> None:
    assert {each for each in LOOKED_AT if role.does(each)} == DESKS[role]


def test_the_administrator_does_everything() -> None:
    assert all(Role.SYSTEM_ADMINISTRATOR.does(each) for each in COMMANDS)


def test_only_the_administrator_gives_access() -> None:
    giving = [OpenAccount, GiveGrant]
    assert [role for role in Role if any(map(role.does, giving))] == [Role.SYSTEM_ADMINISTRATOR]


def test_that_somebody_is_erased_is_agreed_to_by_people() -> None:
    assert Role.SYSTEM_ADMINISTRATOR.does(ApproveErasure)
    assert not Role.SERVICE.does(ApproveErasure)
    assert Role.SERVICE.does(BeginErasure)


def test_an_auditor_only_reads_and_sees_nobody() -> None:
    assert [each for each in COMMANDS if Role.AUDITOR.does(each)] == [BreakGlass]
    assert [each for each in Role if each.reads_only] == [Role.AUDITOR]
    assert [each for each in Role if not each.sees_personal] == [Role.AUDITOR]


def test_a_desk_reads_its_own_context_and_the_facilities() -> None:
    assert Role.BILLER.reads("revenue")
    assert Role.BILLER.reads("organization")
    assert not Role.BILLER.reads("supply")
    assert not Role.BILLER.reads(EVENTS)
    assert Role.AUDITOR.reads(EVENTS)


def test_what_is_trusted_is_there() -> None:
    nouns = {f"{context_of(kind)}.{DECISIONS[kind][0].name}" for kind in COMMANDS}
    named = {f"{context_of(kind)}.{kind.__name__}" for kind in COMMANDS}
    assert set(TRUST) == set(Role)
    for trust in TRUST.values():
        assert trust.does - {"*"} <= CONTEXTS | nouns | named
        assert trust.never <= CONTEXTS | named
        assert trust.reads - {"*"} <= CONTEXTS | {EVENTS}
        assert trust.told
        assert trust.system or trust.facilities


def test_a_command_belongs_to_the_context_that_declares_it() -> None:
    assert context_of(DraftClaim) == "revenue"
    assert context_of(int) == "builtins"
