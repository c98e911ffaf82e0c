"""A count of a store room, by people who do not see what the books say.

Its life: it is **opened** with a tolerance, items are **put on** it, their lots are **counted**.
A lot that is off by more than the tolerance is counted again; when it stays off, somebody
**investigates**. When nothing is left to be counted or found out it is **approved**, and the
books take over the differences; or it is **abandoned**.

The difference is what counts, not the figure: it was taken against the books at the moment of
counting, and is booked on what is on hand when it is approved, whatever has moved since.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Command, Decision, Entail, Refused, command
from domain.supply.events.counting import (
    DifferenceCause,
    DifferenceInvestigated,
    ItemPutOnCount,
    LotCounted,
    StockCountAbandoned,
    StockCountApproved,
    StockCountFact,
    StockCountOpened,
)
from domain.supply.events.stock import NO_LOT
from domain.supply.lots import Lot
from domain.supply.standing import stocked, uncontrolled
from domain.supply.stock_item import CountStock

LONGEST_COUNT = 2_000
"""Lots on one count at most (c)."""

BY_TWO = "must not be a controlled substance: two people count it, in its register"


class CountStatus(StrEnum):
    """Whether a count is under way."""

    ABSENT = "absent"
    OPEN = "open"
    APPROVED = "approved"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A lot on the count: how often it was counted, and what that came to."""

    turn: int = 0
    expected: int = 0
    difference: int = 0
    again: bool = True
    open_question: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StockCount:
    """What a count has become, by item and lot."""

    facility_id: UUID | None = None
    status: CountStatus = CountStatus.ABSENT
    tolerance: int = 0
    opened_on: date = rules.EARLIEST
    lines: Mapping[tuple[UUID, str], Line] = field(default_factory=lambda: MappingProxyType({}))

    def evolve(self, fact: StockCountFact) -> StockCount:
        match fact:
            case StockCountOpened():
                return replace(
                    self,
                    facility_id=fact.facility_id,
                    status=CountStatus.OPEN,
                    tolerance=fact.tolerance,
                    opened_on=fact.opened_on,
                )
            case ItemPutOnCount():
                new = {(fact.stock_item_id, each): Line() for each in fact.lots}
                return replace(self, lines=MappingProxyType({**new, **self.lines}))
            case LotCounted():
                line = Line(
                    turn=fact.turn,
                    expected=fact.expected,
                    difference=fact.difference,
                    again=fact.again,
                    open_question=fact.open_question,
                )
                return self._with(fact.stock_item_id, fact.lot, line)
            case DifferenceInvestigated():
                line = self.lines[fact.stock_item_id, fact.lot]
                return self._with(fact.stock_item_id, fact.lot, replace(line, open_question=False))
            case StockCountApproved():
                return replace(self, status=CountStatus.APPROVED)
            case StockCountAbandoned():
                return replace(self, status=CountStatus.ABANDONED)
            case _:
                assert_never(fact)

    def _with(self, stock_item_id: UUID, lot: str, line: Line) -> StockCount:
        return replace(self, lines=MappingProxyType({**self.lines, (stock_item_id, lot): line}))


stock_count = Aggregate("stock_count", StockCount())


# --- commands ----------------------------------------------------------------------------------


@command("stock_count_id", creates=True)
class OpenStockCount(Command):
    """Begin to count. `tolerance` is in units: what is off by more is counted again."""

    stock_count_id: UUID
    facility_id: UUID
    title: str
    opened_on: date
    tolerance: int = 0


@command("stock_count_id")
class PutItemOnCount(Command):
    """Let all lots of an item that are on the books be counted."""

    stock_count_id: UUID
    stock_item_id: UUID
    listed_on: date


@command("stock_count_id")
class EnterCount(Command):
    """Enter what was counted of a lot. A lot that the books do not know here may be found, too."""

    stock_count_id: UUID
    stock_item_id: UUID
    counted: int
    counted_on: date
    lot: str = NO_LOT


@command("stock_count_id")
class InvestigateDifference(Command):
    """Say why a lot is off, as far as it could be found out."""

    stock_count_id: UUID
    stock_item_id: UUID
    cause: DifferenceCause
    finding: str
    investigated_on: date
    lot: str = NO_LOT


@command("stock_count_id")
class ApproveStockCount(Command):
    """Let the count stand, and put the books right by it."""

    stock_count_id: UUID
    approved_on: date


@command("stock_count_id")
class AbandonStockCount(Command):
    """Give the count up, and leave the books as they are."""

    stock_count_id: UUID
    abandoned_on: date
    reason: str


# --- decisions ---------------------------------------------------------------------------------


@stock_count.decides
def open_count(state: StockCount, command: OpenStockCount, at: Circumstances) -> Decision:
    if state.status is not CountStatus.ABSENT:
        raise Refused("stock_count.already_opened", "This count exists.")
    at.open("facility", command.facility_id)
    rules.happened("stock_count", "opened_on", command.opened_on, at)
    yield StockCountOpened(
        stock_count_id=command.stock_count_id,
        facility_id=command.facility_id,
        title=rules.text("stock_count", "title", command.title),
        tolerance=rules.quantity("stock_count", "tolerance", command.tolerance, zero_allowed=True),
        opened_on=command.opened_on,
    )


@stock_count.decides
def put_on(state: StockCount, command: PutItemOnCount, at: Circumstances) -> Decision:
    facility_id = _open(state)
    _since(state, "listed_on", command.listed_on, at)
    item = stocked(at, command.stock_item_id, within=facility_id)
    uncontrolled("stock_count", item, command.stock_item_id, BY_TWO)
    there = [each for each, lot in item.lots.items() if lot.on_hand] or (
        [] if item.lot_tracked else [NO_LOT]
    )
    lots = tuple(each for each in there if (command.stock_item_id, each) not in state.lines)
    if len(state.lines) + len(lots) > LONGEST_COUNT:
        rule = f"must leave at most {LONGEST_COUNT} lots on a count"
        raise rules.refusal("stock_count.lines", "stock_item_id", command.stock_item_id, rule)
    if lots:
        yield ItemPutOnCount(
            stock_count_id=command.stock_count_id,
            facility_id=facility_id,
            stock_item_id=command.stock_item_id,
            item_system=item.item_system,
            item_code=item.item_code,
            lots=lots,
            listed_on=command.listed_on,
        )


@stock_count.decides
def enter(state: StockCount, command: EnterCount, at: Circumstances) -> Decision:
    """1. What is off by no more than the tolerance is taken as it is, the first time or the second.
    2. The first time that it is off by more, it is to be counted again.
    3. From the second time on, somebody must find out why.
    """
    facility_id = _open(state)
    _since(state, "counted_on", command.counted_on, at)
    item = stocked(at, command.stock_item_id, within=facility_id)
    uncontrolled("stock_count", item, command.stock_item_id, BY_TWO)
    if item.lot_tracked != (command.lot != NO_LOT):
        rule = "must be given where the item is tracked by lot, and nowhere else"
        raise rules.refusal("stock_count.lot", "lot", command.lot, rule)
    counted = rules.quantity("stock_count", "counted", command.counted, zero_allowed=True)
    expected = item.lots.get(command.lot, Lot()).on_hand
    turn = state.lines.get((command.stock_item_id, command.lot), Line()).turn + 1
    off = abs(counted - expected) > state.tolerance
    yield LotCounted(
        stock_count_id=command.stock_count_id,
        facility_id=facility_id,
        stock_item_id=command.stock_item_id,
        item_system=item.item_system,
        item_code=item.item_code,
        lot=rules.text("stock_count", "lot", command.lot, longest=80, empty_allowed=True),
        turn=turn,
        counted=counted,
        expected=expected,
        difference=counted - expected,
        again=off and turn == 1,
        open_question=off and turn > 1,
        counted_on=command.counted_on,
    )


@stock_count.decides
def investigate(state: StockCount, command: InvestigateDifference, at: Circumstances) -> Decision:
    facility_id = _open(state)
    _since(state, "investigated_on", command.investigated_on, at)
    line = state.lines.get((command.stock_item_id, command.lot), Line())
    if not line.open_question:
        rule = "must be of a lot that stayed off when it was counted again"
        raise rules.refusal("stock_count.no_question", "lot", command.lot, rule)
    yield DifferenceInvestigated(
        stock_count_id=command.stock_count_id,
        facility_id=facility_id,
        stock_item_id=command.stock_item_id,
        lot=command.lot,
        difference=line.difference,
        cause=command.cause,
        finding=rules.text("stock_count", "finding", command.finding, longest=500),
        investigated_on=command.investigated_on,
    )


def _items_of(state: StockCount, command: Any) -> list[UUID]:  # noqa: ARG001
    return [*{stock_item_id for stock_item_id, _lot in state.lines}]


@stock_count.decides(consulting=_items_of)
def approve(state: StockCount, command: ApproveStockCount, at: Circumstances) -> Decision:
    facility_id = _open(state)
    _since(state, "approved_on", command.approved_on, at)
    waiting = sum(line.again or line.open_question for line in state.lines.values())
    if waiting or not state.lines:
        raise Refused(
            "stock_count.unfinished",
            f"{waiting} of {len(state.lines)} lots are still to be counted or investigated.",
            waiting=waiting,
            lots=len(state.lines),
        )
    differences = [line.difference for line in state.lines.values()]
    yield StockCountApproved(
        stock_count_id=command.stock_count_id,
        facility_id=facility_id,
        lots=len(differences),
        accurate=differences.count(0),
        expected=sum(line.expected for line in state.lines.values()),
        over=sum(each for each in differences if each > 0),
        short=-sum(each for each in differences if each < 0),
        approved_on=command.approved_on,
    )
    for (stock_item_id, lot), line in state.lines.items():
        if line.difference:
            now = stocked(at, stock_item_id, within=facility_id).lots.get(lot, Lot()).on_hand
            yield Entail(
                CountStock(
                    stock_item_id=stock_item_id,
                    counted=max(0, now + line.difference),
                    counted_on=command.approved_on,
                    lot=lot,
                )
            )


@stock_count.decides
def abandon(state: StockCount, command: AbandonStockCount, at: Circumstances) -> Decision:
    facility_id = _open(state)
    _since(state, "abandoned_on", command.abandoned_on, at)
    yield StockCountAbandoned(
        stock_count_id=command.stock_count_id,
        facility_id=facility_id,
        reason=rules.text("stock_count", "reason", command.reason),
        abandoned_on=command.abandoned_on,
    )


# --- rules -------------------------------------------------------------------------------------


def _open(state: StockCount) -> UUID:
    if state.facility_id is None or state.status is not CountStatus.OPEN:
        raise Refused("stock_count.not_open", f"The count is {state.status}.", status=state.status)
    return state.facility_id


def _since(state: StockCount, named: str, when: date, at: Circumstances) -> None:
    rules.happened("stock_count", named, when, at)
    rules.in_order("stock_count", "opened_on", state.opened_on, named, when)
