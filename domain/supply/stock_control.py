"""A stock item under control: a controlled substance moves by its register, and by nothing else.

What is received from a supplier the register is told in the same append. What is issued, adjusted,
written off, sent to another facility or taken in from one the register says first, with who did it
and who saw it; the plain commands are refused (``stock_item.controlled``). Setting it apart,
reserving it and saying how much of it is wanted move nothing.

That an item is a controlled substance it knows from the catalog (`stock_listing`). As long as
nobody has opened its register nothing of it moves (``stock_item.register_required``): only its
books may be opened, because the register begins with what is there.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain.kernel import Circumstances, Command, Decision, command
from domain.supply.events.stock_control import StockPutUnderControl
from domain.supply.lots import StockItem, stock_item
from domain.supply.stock_holds import WriteOffStock, write_off
from domain.supply.stock_item import AdjustStock, IssueStock, adjust, issue
from domain.supply.stock_recall import recalls_of
from domain.supply.stock_rules import by_its_register, item_of
from domain.supply.stock_transfers import DeliverStock, DispatchStock, deliver, dispatch


@command("stock_item_id")
class PutUnderControl(Command):
    """Let an item move by its register. The register's command."""

    stock_item_id: UUID
    register_id: UUID
    controlled_on: date


@command("stock_item_id")
class IssueControlled(IssueStock):
    """Hand out what the register says is handed out."""

    register_id: UUID


@command("stock_item_id")
class AdjustControlled(AdjustStock):
    """Put the books right as the register says."""

    register_id: UUID


@command("stock_item_id")
class WriteOffControlled(WriteOffStock):
    """Take off the books what the register says is destroyed."""

    register_id: UUID


@command("stock_item_id")
class DispatchControlled(DispatchStock):
    """Send to another facility what the register says is sent."""

    register_id: UUID


@command("stock_item_id")
class DeliverControlled(DeliverStock):
    """Take in what the register says is taken in."""

    register_id: UUID


@stock_item.decides
def put_under_control(state: StockItem, command: PutUnderControl, at: Circumstances) -> Decision:  # noqa: ARG001
    if state.register_id != command.register_id:
        yield StockPutUnderControl(
            **item_of(state, command.stock_item_id),
            register_id=command.register_id,
            controlled_on=command.controlled_on,
            on_hand=state.on_hand,
        )


@stock_item.decides(consulting=recalls_of)
def issue_controlled(state: StockItem, command: IssueControlled, at: Circumstances) -> Decision:
    return issue(state, command, at)


@stock_item.decides
def adjust_controlled(state: StockItem, command: AdjustControlled, at: Circumstances) -> Decision:
    return adjust(state, command, at)


@stock_item.decides
def write_off_controlled(
    state: StockItem, command: WriteOffControlled, at: Circumstances
) -> Decision:
    return write_off(state, command, at)


@stock_item.decides(consulting=recalls_of)
def dispatch_controlled(
    state: StockItem, command: DispatchControlled, at: Circumstances
) -> Decision:
    return dispatch(state, command, at)


@stock_item.decides
def deliver_controlled(state: StockItem, command: DeliverControlled, at: Circumstances) -> Decision:
    by_its_register(state, command)
    return deliver(state, command, at)
