"""What orders, transfers, counts and recalls may know of a stock item before they touch it."""

from __future__ import annotations

from uuid import UUID

from domain import rules
from domain.kernel import Circumstances
from domain.supply.lots import StockStanding

NOT_YET = UUID(int=0)
"""Stands in a state for the id of something that no fact has named yet."""


def stocked(at: Circumstances, stock_item_id: UUID, *, within: UUID | None = None) -> StockStanding:
    """The stock item that a command names (of a facility). Refuses with ``stock_item.unknown``."""
    standing = at.known("stock_item", stock_item_id, within=within)
    assert isinstance(standing, StockStanding)
    return standing


NOT_PROPOSED = "must not be a controlled substance: who needs it asks for it"


def two_named(noun: str, named: str, one: UUID | None, other: UUID | None) -> tuple[UUID, UUID]:
    """Who acts, by the field `named`, and who sees it, where both are told.

    Refuses with ``<noun>.two_people`` where one of them is not: a controlled substance is sent and
    taken in by one before another.
    """
    for field, person in ((named, one), ("witnessed_by", other)):
        if person is None:
            rule = "must be given: it is a controlled substance, which takes two people"
            raise rules.refusal(f"{noun}.two_people", field, None, rule)
    assert one is not None
    assert other is not None
    return one, other


def uncontrolled(noun: str, item: StockStanding, stock_item_id: UUID, rule: str) -> None:
    """Refuses with ``<noun>.controlled`` an item that is a controlled substance, whether or not its
    register has been opened."""
    if item.controlled:
        raise rules.refusal(f"{noun}.controlled", "stock_item_id", stock_item_id, rule)
