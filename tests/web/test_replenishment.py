"""What runs low is proposed: from who has too much, then bought; and taken back in time."""

from __future__ import annotations

from typing import Any

from tests.web.grammar import Api
from tests.web.test_recalls import GLOVES, TODAY, until_reacted


def a_shelf(api: Api, name: str, quantity: int) -> tuple[str, str]:
    """Gloves at a facility, which wants between two and thirty of them."""
    facility = api.a_facility(legal_name=name)
    item = api.post(
        f"/facilities/{facility}/stock-items",
        GLOVES | {"description": "Gloves", "listed_on": "2026-01-01", "lot_tracked": True},
    ).id
    api.post(
        f"/stock-items/{item}/receipts",
        lot="A",
        quantity=quantity,
        expires_on="2030-06-30",
        received_on="2026-01-02",
    ).responds(201)
    api.post(
        f"/stock-items/{item}/par-levels",
        minimum=2,
        reorder_point=5,
        maximum=30,
        lead_time_days=7,
        set_on="2026-01-03",
    ).responds(201)
    return facility, item


def changes(api: Api, item: str, change: int, reason: str) -> None:
    adjustment: dict[str, Any] = {"change": change, "reason": reason, "adjusted_on": TODAY}
    api.post(f"/stock-items/{item}/adjustments", adjustment | {"lot": "A"}).responds(201)
    until_reacted(api)


def test_what_runs_low_is_proposed_from_who_has_too_much_and_then_to_be_bought(api: Api) -> None:
    low, item = a_shelf(api, "Low", 10)
    a_shelf(api, "Plenty", 40)
    changes(api, item, -6, "damaged")
    (proposed,) = api.get(f"/facilities/{low}/inbound-transfers").items
    assert (proposed["status"], proposed["quantity"]) == ("proposed", 10)
    (draft,) = api.get(f"/facilities/{low}/requisitions").items
    assert (draft["origin"], draft["lines"][0]["requested"]) == ("replenishment", 16)
    (row,) = api.get("/system/stocked-to-plan").items
    assert (row["facilities"], row["to_reorder"], row["above_maximum"]) == (2, 1, 1)

    # Below the minimum so much more is proposed; who had too much has nothing left to offer.
    changes(api, item, -3, "damaged")
    (draft,) = api.get(f"/facilities/{low}/requisitions").items
    assert draft["lines"][0]["requested"] == 19

    # What has recovered needs neither.
    changes(api, item, 9, "found")
    (proposed,) = api.get(f"/facilities/{low}/inbound-transfers").items
    assert proposed["status"] == "not_needed"
    (draft,) = api.get(f"/facilities/{low}/requisitions").items
    assert draft["lines"] == []


def test_what_a_person_declines_is_proposed_again_when_something_changes(api: Api) -> None:
    low, item = a_shelf(api, "Low", 10)
    changes(api, item, -6, "damaged")
    (draft,) = api.get(f"/facilities/{low}/requisitions").items
    declined = f"/requisitions/{draft['requisition_id']}/items/{item}/refusal"
    api.post(declined, declined_on=TODAY, reason="the ward is closing").responds(201)

    def lines() -> list[int]:
        (draft,) = api.get(f"/facilities/{low}/requisitions").items
        return [each["requested"] for each in draft["lines"]]

    changes(api, item, -1, "damaged")
    assert lines() == []
    changes(api, item, -2, "damaged")
    assert lines() == [29]
