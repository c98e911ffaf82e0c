"""Which claims the numbers in a payer's file mean, asked of the read models."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from facilities.database import Database, Role
from facilities.exchange.x12.matching import Numbers
from projections import queries
from projections.kernel import ReadModel
from projections.revenue import adjudication_list, claim_list
from projections.revenue.claims import ClaimEntry, ClaimStatus


class ClaimFinder:
    """Finds claims at any facility. What the read models do not show yet is not found."""

    def __init__(self, database: Database) -> None:
        self._pool = database.pool(Role.APP)

    def find(self, asked: Collection[Numbers]) -> dict[Numbers, UUID]:
        """The one claim with our control number; else the one a payer gave this number before."""
        ours = self._of(claim_list, "control_number", {each.ours for each in asked})
        rest = {e.payers for e in asked if e.ours not in ours and e.payers is not None}
        payers = self._of(adjudication_list, "payer_control_number", rest)
        found = {}
        for each in asked:
            meant = ours.get(each.ours) or payers.get(each.payers or "", set())
            if len(meant) == 1:
                (found[each],) = meant
        return found

    def submitted(self) -> Iterator[UUID]:
        """Every claim that was sent off and not answered yet."""
        return (each.claim_id for each in self._in(ClaimStatus.SUBMITTED))

    def undecided(self, sent_until: date) -> Iterator[UUID]:
        """Every claim that was sent by a day, not turned back, and not decided on yet."""
        for status in (ClaimStatus.SUBMITTED, ClaimStatus.ACCEPTED, ClaimStatus.PENDED):
            for each in self._in(status):
                if each.submitted_on is not None and each.submitted_on <= sent_until:
                    yield each.claim_id

    def _in(self, status: ClaimStatus) -> Iterator[ClaimEntry]:
        cursor = None
        while True:
            with self._pool.connection() as connection:
                page = queries.page(
                    connection,
                    claim_list,
                    scope=None,
                    filters={"status": status.value},
                    cursor=cursor,
                    limit=queries.LARGEST_PAGE,
                )
            yield from (claim_list.row_of(each) for each in page.rows)
            if (cursor := page.next_cursor) is None:
                return

    def _of(
        self, model: ReadModel[Any], name: str, values: Collection[str]
    ) -> dict[str, set[UUID]]:
        """The claims of a model's rows, by what one of their columns says."""
        if not values:
            return {}
        try:
            with self._pool.connection() as connection:
                rows = queries.among(connection, model, name, values, scope=None)
        except queries.NotReady:
            return {}
        found: dict[str, set[UUID]] = {}
        for each in map(model.row_of, rows):
            found.setdefault(getattr(each, name), set()).add(each.claim_id)
        return found
