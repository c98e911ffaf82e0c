"""The register of controlled substances, and losses that are to be reported."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from random import Random
from typing import Any, cast
from uuid import UUID

import pytest

from domain.kernel import Command
from domain.supply.controlled_acts import (
    CorrectControlled,
    DestroyControlled,
    DispenseControlled,
    WasteControlled,
)
from domain.supply.controlled_losses import DiscoverLoss
from domain.supply.controlled_register import OpenRegister
from domain.supply.controlled_transfers import LoseInTransit, SendControlled, TakeInControlled
from domain.supply.events.controlled import LossKind, Schedule
from domain.supply.events.stock import AdjustmentReason, IssuedTo
from domain.supply.events.stock_holds import QuarantineReason
from domain.supply.stock_holds import QuarantineStock, ReserveStock, WriteOffStock
from domain.supply.stock_item import (
    AdjustStock,
    CountStock,
    IssueStock,
    ReceiveStock,
)
from domain.supply.stock_listing import ListStockItem
from domain.supply.stock_transfers import DeliverStock, DispatchStock
from domain.workforce.staff_member import RegisterStaffMember
from projections.refold import refold
from projections.supply.controlled import (
    RegisterAct,
    controlled_register_lines,
    controlled_registers,
)
from projections.supply.controlled_losses import NOTHING_DUE, controlled_losses
from tests.domain.places import DR_ADEYEMI, NURSE_BLOM
from tests.domain.test_controlled_register import (
    FRIDAY,
    MONDAY,
    THE_REGISTER,
    corrected,
    counted,
    destroyed,
    discovered,
    issued,
    notified,
    opened,
    received,
    submitted,
    wasted,
)
from tests.domain.test_controlled_transfers import lost, sent, taken_in
from tests.domain.test_transfer import THE_TRANSFER
from tests.projections.grammar import given
from tests.projections.health_system import HealthSystem
from tests.projections.made_up import NOW, OPENED_ON

ALL = (opened, received, issued, counted, wasted, destroyed, discovered, corrected)


def test_a_register_says_when_it_was_last_counted_and_what_came_and_went() -> None:
    given(controlled_registers, *ALL).shows(
        THE_REGISTER,
        last_counted_on=FRIDAY,
        last_difference=-1,
        received=5,
        issued=2,
        wasted=1,
        destroyed=3,
        losses=1,
        lost=1,
        corrected=1,
        balance=11,
    )


def test_every_line_says_who_did_it_before_whom_and_what_was_there() -> None:
    lines = given(controlled_register_lines, *ALL)
    lines.has_only(*((THE_REGISTER, number) for number in range(1, 9)))
    lines.shows(THE_REGISTER, 1, act=RegisterAct.OPENED, change=0, balance=10)
    lines.shows(THE_REGISTER, 2, act=RegisterAct.RECEIVED, change=5, note="222-1")
    lines.shows(THE_REGISTER, 3, act=RegisterAct.ISSUED, change=-2, witnessed_by=NURSE_BLOM)
    lines.shows(THE_REGISTER, 4, act=RegisterAct.COUNTED, change=0, balance=10, difference=-1)
    lines.shows(THE_REGISTER, 5, act=RegisterAct.WASTED, quantity=1, balance=9)
    lines.shows(THE_REGISTER, 6, act=RegisterAct.DESTROYED, change=-3, note="expired")
    lines.shows(THE_REGISTER, 7, act=RegisterAct.LOST, quantity=1, occurred_on=FRIDAY)
    lines.shows(THE_REGISTER, 8, act=RegisterAct.CORRECTED, change=1, balance=11)


def test_what_is_sent_taken_in_and_lost_on_the_road_is_told_with_its_two_people() -> None:
    moved = (opened, sent, taken_in, lost)
    given(controlled_registers, *moved).shows(
        THE_REGISTER, sent=6, taken_in=6, losses=1, lost=0, lost_in_transit=2, balance=16
    )
    lines = given(controlled_register_lines, *moved)
    two = {"done_by": DR_ADEYEMI, "witnessed_by": NURSE_BLOM}
    lines.shows(THE_REGISTER, 2, act=RegisterAct.SENT, change=-6, balance=4, note="W 1", **two)
    note = f"transfer {THE_TRANSFER}"
    lines.shows(THE_REGISTER, 3, act=RegisterAct.TAKEN_IN, change=6, note=note, **two)
    lines.shows(THE_REGISTER, 4, act=RegisterAct.LOST_IN_TRANSIT, quantity=2, change=0, balance=10)
    given(controlled_losses, *moved).shows(
        THE_REGISTER, 1, transfer_id=THE_TRANSFER, quantity=2, due_on=MONDAY, reported=False
    )


def test_a_loss_is_due_until_it_is_reported() -> None:
    loss = (THE_REGISTER, 1)
    given(controlled_losses, *ALL).shows(*loss, due_on=MONDAY, reported=False)
    given(controlled_losses, *ALL, notified).shows(*loss, due_on=date(2026, 3, 23))
    given(controlled_losses, *ALL, notified, submitted).shows(
        *loss, due_on=NOTHING_DUE, reported=True, form_106_reference="106-77"
    )


# --- whatever is tried ---------------------------------------------------------------------------


ACTS: tuple[type[Command], ...] = (
    ReceiveStock,
    DeliverStock,
    IssueStock,
    AdjustStock,
    CountStock,
    QuarantineStock,
    WriteOffStock,
    DispatchStock,
    DispenseControlled,
    WasteControlled,
    DestroyControlled,
    CorrectControlled,
    DiscoverLoss,
    ReserveStock,
    SendControlled,
    TakeInControlled,
    LoseInTransit,
)


@pytest.mark.parametrize("seed", range(6))
def test_the_register_balances_at_every_position(seed: int) -> None:
    """Lines add up one by one; what the last one says is on hand once its append is whole; and each
    unit that left has a line with two names."""
    system = HealthSystem(seed, "supply")
    facility_id, *_ = system.all("facility")
    people = [UUID(int=501), UUID(int=502)]
    for each in people:
        registering = RegisterStaffMember(
            staff_id=each,
            facility_id=facility_id,
            full_name="Kessandra Molnefer",
            job="nurse",
            registered_on=OPENED_ON,
        )
        assert system.does(registering)
    item = UUID(int=503)
    listing = ListStockItem(
        stock_item_id=item,
        facility_id=facility_id,
        item_system="OWN",
        item_code="morphine",
        description="Morphine 10 mg",
        listed_on=OPENED_ON,
        lot_tracked=True,
    )
    assert system.does(listing)
    day: dict[str, Any] = {"stock_item_id": item, "lot": "A", "quantity": 30}
    assert system.does(ReceiveStock(**day, received_on=OPENED_ON))
    opening = OpenRegister(
        register_id=THE_REGISTER,
        facility_id=facility_id,
        stock_item_id=item,
        schedule=Schedule.II,
        opened_on=OPENED_ON,
    )
    assert system.does(opening)
    dice = system.random
    for _ in range(60):
        system.does(an_act(dice.choice(ACTS), dice, item, people))
        register = system.all("controlled_register")[THE_REGISTER]
        assert register.balance == system.all("stock_item")[item].on_hand
    adds_up(system, register.balance)


def adds_up(system: HealthSystem, in_the_end: int) -> None:
    balance: int | None = None
    told = 0
    for event in system.events:
        if event.stream_id != THE_REGISTER:
            continue
        (line,) = refold(controlled_register_lines, [event]).values()
        if line.act is not RegisterAct.COUNTED:
            assert balance is None or line.balance == balance + line.change
            balance, told = line.balance, told + 1
        if line.change < 0 and line.act is not RegisterAct.LOST:
            assert line.done_by != line.witnessed_by
            assert None not in (line.done_by, line.witnessed_by)
    assert balance == in_the_end
    assert told > 5
    (row,) = refold(controlled_registers, system.events).values()
    assert (
        row.balance
        == balance
        == row.opened_with
        + (row.received + row.taken_in)
        - (row.issued + row.sent)
        - row.wasted
        - (row.destroyed + row.lost - row.corrected)
    )


def an_act(kind: type[Command], dice: Random, item: UUID, people: list[UUID]) -> Command:
    """A command of a kind, with what its fields are called."""
    one, other = dice.choice([people, [*reversed(people)], [people[0]] * 2])
    quantity = dice.randint(1, 6)
    made: dict[str, Any] = {
        "stock_item_id": item,
        "register_id": THE_REGISTER,
        "transfer_id": UUID(int=504),
        "reservation_id": UUID(int=504) if kind is ReserveStock else None,
        "reserved_for": "a transfer",
        "to_facility_id": UUID(int=506),
        "reference": "222-1",
        "expires_on": None,
        "lot": dice.choice("AAB"),
        "quantity": quantity,
        "counted": quantity,
        "change": dice.choice([quantity, -quantity]),
        "issued_to": IssuedTo.PATIENT,
        "patient_id": UUID(int=505),
        "why": QuarantineReason.EXPIRED,
        "reason": dice.choice([AdjustmentReason.ENTRY_ERROR, AdjustmentReason.FOUND]),
        "kind": LossKind.UNEXPLAINED,
        "circumstances": "at the shift's count",
        "explanation": "seen again",
        "witnessed_by": other,
    }
    for each in fields(cast(Any, kind)):
        if each.name.endswith("_on"):
            made[each.name] = NOW.date()
        elif each.name.endswith("_by") and each.name != "witnessed_by":
            made[each.name] = one
    return kind(
        **{each.name: made[each.name] for each in fields(cast(Any, kind)) if each.name in made}
    )
