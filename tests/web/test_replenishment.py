"""What runs low is proposed: from who has too much, then bought."""

from __future__ import annotations

from tests.web.grammar import Api
from tests.web.test_recalls import GLOVES, until_reacted


def test_what_runs_low_is_proposed_from_who_has_too_much_and_then_to_be_bought(api: Api) -> None:
    items = []
    for name, quantity in (("Low", 10), ("Plenty", 40)):
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
        items.append((facility, item))
    (low, item), _plenty = items
    taken = {"change": -6, "reason": "damaged", "adjusted_on": "2026-01-04", "lot": "A"}
    api.post(f"/stock-items/{item}/adjustments", taken).responds(201)
    until_reacted(api)
    (proposed,) = api.get(f"/facilities/{low}/inbound-transfers").items
    assert (proposed["status"], proposed["quantity"]) == ("proposed", 10)
    (draft,) = api.get(f"/facilities/{low}/requisitions").items
    assert (draft["origin"], draft["lines"][0]["requested"]) == ("replenishment", 16)
    (row,) = api.get("/system/stocked-to-plan").items
    assert (row["facilities"], row["to_reorder"], row["above_maximum"]) == (2, 1, 1)
