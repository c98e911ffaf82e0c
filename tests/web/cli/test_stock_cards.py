"""The real stock cards: every published stock on hand, by the report and by the API."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from typing import Any

import pytest

from facilities.database import Database
from facilities.scope import Role
from tests.web.cli.grammar import DATA, CommandLine, needs
from tests.web.grammar import Api
from web.bootstrap import Almoner

FOLDER = DATA / "openlmis_demo"


def table(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8-sig", newline="") as stream:
        return [*csv.DictReader(stream)]


@pytest.mark.real
@pytest.mark.slow
def test_every_published_stock_on_hand_is_reproduced_by_its_effective_date(
    shell: CommandLine, database: Database
) -> None:
    needs(FOLDER)
    report = shell("import", "openlmis", FOLDER, "--json").ends(0).json
    appended = report.pop("events_appended")
    assert report == {"cards": 65, "movements": 2825, "counts": 110, "rejected": []}
    assert appended > 2935
    assert shell("import", "openlmis", FOLDER, "--json").ends(0).json["events_appended"] == 0
    told: list[dict[str, Any]] = json.loads(shell("report", "stock-cards", "--json").ends(0).stdout)
    on_hand = {(each["card"], each["on"]): each["on_hand"] for each in told}
    published = table("stockmanagement.calculated_stocks_on_hand.csv")
    assert len(published) == 1726
    for each in published:
        assert on_hand[each["stockcardid"], each["occurreddate"]] == int(each["stockonhand"])
    with Almoner.on(database) as almoner:
        api = Api.of(almoner).as_(Role.AUDITOR)
        _the_api_tells_the_same(api, published)


def _the_api_tells_the_same(api: Api, published: list[dict[str, str]]) -> None:
    """The stock page of a day has the figure of every card that was published for it."""
    cards = {each["card"]: each for each in api.get("/system/stock-lots", limit=1000).items}
    days: dict[tuple[str, str], dict[tuple[str, str], int]] = defaultdict(dict)
    for each in published:
        lot = cards[each["stockcardid"]]
        named = (lot["item_code"], lot["lot"])
        days[lot["facility_id"], each["occurreddate"]][named] = int(each["stockonhand"])
    for (facility_id, day), expected in days.items():
        page = api.get(f"/facilities/{facility_id}/effective-stock", effective_on=day).items
        found = {(each["item_code"], each["lot"]): each["on_hand"] for each in page}
        assert {named: found[named] for named in expected} == expected
