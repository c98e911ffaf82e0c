"""Which claim a number in a payer's file means, asked of the read models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from facilities.database import Database, Role
from projections import queries
from projections.kernel import ReadModel
from projections.revenue import adjudication_list, claim_list
from projections.revenue.claims import ClaimStatus


class ClaimFinder:
    """Finds claims at any facility. What the read models do not show yet is not found."""

    def __init__(self, database: Database) -> None:
        self._pool = database.pool(Role.APP)

    def find(self, control_number: str, payer_control_number: str | None) -> UUID | None:
        """The one claim with our control number; else the one a payer gave this number before."""
        found = self._of(claim_list, {"control_number": control_number})
        if not found and payer_control_number is not None:
            found = self._of(adjudication_list, {"payer_control_number": payer_control_number})
        return found.pop() if len(found) == 1 else None

    def submitted(self) -> Iterator[UUID]:
        """Every claim that was sent off and not answered yet."""
        cursor = None
        while True:
            with self._pool.connection() as connection:
                page = queries.page(
                    connection,
                    claim_list,
                    scope=None,
                    filters={"status": ClaimStatus.SUBMITTED.value},
                    cursor=cursor,
                    limit=queries.LARGEST_PAGE,
                )
            yield from (claim_list.row_of(each).claim_id for each in page.rows)
            if (cursor := page.next_cursor) is None:
                return

    def _of(self, model: ReadModel[Any], filters: dict[str, Any]) -> set[UUID]:
        try:
            with self._pool.connection() as connection:
                page = queries.page(connection, model, scope=None, filters=filters, limit=10)
        except queries.NotReady:
            return set()
        return {model.row_of(each).claim_id for each in page.rows}
