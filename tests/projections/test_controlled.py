"""The register of controlled substances, and losses that are to be reported."""

from __future__ import annotations

from datetime import date

from projections.supply.controlled import (
    NOTHING_DUE,
    RegisterAct,
    controlled_losses,
    controlled_register_lines,
    controlled_registers,
)
from tests.domain.test_controlled_register import (
    FRIDAY,
    MONDAY,
    THE_REGISTER,
    counted,
    discovered,
    notified,
    opened,
    submitted,
    wasted,
)
from tests.projections.grammar import given

ALL = (opened, counted, wasted, discovered)


def test_a_register_says_when_it_was_last_counted_and_what_went() -> None:
    given(controlled_registers, *ALL).shows(
        THE_REGISTER, last_counted_on=FRIDAY, last_difference=-1, wasted=1, losses=1, lost=1
    )


def test_every_line_says_who_did_it_before_whom_and_what_was_there() -> None:
    lines = given(controlled_register_lines, *ALL)
    lines.has_only((THE_REGISTER, 2), (THE_REGISTER, 3), (THE_REGISTER, 4))
    lines.shows(THE_REGISTER, 2, act=RegisterAct.COUNTED, quantity=9, balance=10, difference=-1)
    lines.shows(THE_REGISTER, 3, act=RegisterAct.WASTED, quantity=1, balance=9)
    lines.shows(THE_REGISTER, 4, act=RegisterAct.LOST, quantity=1, occurred_on=FRIDAY)


def test_a_loss_is_due_until_it_is_reported() -> None:
    loss = (THE_REGISTER, 1)
    given(controlled_losses, *ALL).shows(*loss, due_on=MONDAY, reported=False)
    given(controlled_losses, *ALL, notified).shows(*loss, due_on=date(2026, 3, 23))
    given(controlled_losses, *ALL, notified, submitted).shows(
        *loss, due_on=NOTHING_DUE, reported=True, form_106_reference="106-77"
    )
