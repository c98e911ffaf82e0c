"""A lot that every store room has is recalled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from domain.supply.events.recall import Disposition, RecallClass, response_to
from domain.supply.recall import IssueRecall
from domain.supply.recall_response import AccountForUnits, AcknowledgeRecall, NotifyOfRecall
from facilities.simulation.places import Site
from facilities.simulation.run import DAY, Run, Story
from facilities.simulation.store_room import (
    INFUSION,
    SYSTEM,
    item_of,
    kept,
)


def recalls(run: Run, sites: Sequence[Site]) -> Story:
    """A lot is recalled that every store room has; most have looked, one is still to answer."""
    today, number = run.first_day, run.dice("recall").between(1_000_000, 9_999_999)
    lot = f"INF-{number}"
    for site in sites:
        for command in kept(site, INFUSION, 60, lot):
            yield today, command
    today += timedelta(days=12)
    recall_id = run.id("recall")
    issued = IssueRecall(
        recall_id=recall_id,
        number=f"Z-{number}",
        recall_class=RecallClass.II,
        item_system=SYSTEM,
        item_code=INFUSION,
        lots=(lot,),
        reason="The drip chamber may leak.",
        issued_on=today,
    )
    yield today, issued
    for site in sites:
        yield (
            today,
            NotifyOfRecall(
                recall_response_id=response_to(recall_id, site.facility_id),
                facility_id=site.facility_id,
                recall_id=recall_id,
                number=issued.number,
                recall_class=issued.recall_class,
                item_system=SYSTEM,
                item_code=INFUSION,
                respond_by=today + timedelta(days=3),
                stock_item_id=item_of(site, INFUSION),
                lot=lot,
                notified_on=today,
            ),
        )
    today += DAY
    for site in sites[:-1]:
        response: dict[str, Any] = {"recall_response_id": response_to(recall_id, site.facility_id)}
        missing = site.index % 3
        yield (
            today,
            AcknowledgeRecall(**response, on_the_shelves=60 - missing, acknowledged_on=today),
        )
        if missing == 1:
            yield (
                today,
                AccountForUnits(
                    **response,
                    quantity=1,
                    disposition=Disposition.USED,
                    finding="given the night before, not entered",
                    accounted_on=today,
                ),
            )
