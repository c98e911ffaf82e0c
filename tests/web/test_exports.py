"""Every file that somebody takes away over HTTP is on record: who took it, and of whom it tells.

What is walked is what the application serves. A route that answers with anything but JSON has to be
asked for here too, so that a new one that is not looked at fails.
"""

from __future__ import annotations

from collections.abc import Callable

import flask
import pytest

from facilities.privacy.accounting import LoggedRead
from facilities.privacy.reads import ReadsUnwritable
from facilities.scope import Role
from tests.web.grammar import PREFIX, Answer, Api
from tests.web.test_reads import number_of, on_record

TELLS_OF_NOBODY = {"/livez", "/readyz", "/metrics"}
"""What is served beside the API and shows how the program is."""

JSON = "application/json"


class Payday:
    """A nurse who came to work on a day, and the link to her shifts."""

    def __init__(self, api: Api) -> None:
        self.api, self.facility = api, api.a_facility()
        here = f"/facilities/{self.facility}"
        nurse = {"full_name": "Ada Blom", "job": "Nurse", "registered_on": "2026-01-01"}
        self.nurse = api.post(f"{here}/staff", nurse).responds(201).id
        ward = {"code": "4W", "title": "Four West", "opened_on": "2026-01-01"}
        at = {"department_id": api.post(f"{here}/departments", ward).id, "job": "Nurse"}
        came = {"came_at": "2026-01-05T12:00:00Z", "left_at": "2026-01-05T20:00:00Z", **at}
        where = f"{here}/staff/{self.nurse}"
        api.post(f"{where}/attendances", came).responds(201)
        self.payroll = f"{here}/payroll.csv"
        self.link = api.post(f"{where}/shift-feed", {}).responds(201).json["link"]
        for waited_for in ("attendances", "hours-worked", "shift-feeds"):
            api.get(f"{here}/{waited_for}").responds(200)
        api.get(f"/staff/{self.nurse}/shifts").responds(200)

    def paid(self, api: Api | None = None) -> Answer:
        asked = {"on_from": "2026-01-01", "on_to": "2026-01-31"}
        return (api or self.api).send("GET", self.payroll, query_string=asked)

    def paid_by_week(self) -> Answer:
        asked = {"on_from": "2026-01-05", "on_to": "2026-01-11"}
        path = self.payroll.replace("payroll.csv", "payroll-weeks.csv")
        return self.api.send("GET", path, query_string=asked)

    def subscribed(self) -> Answer:
        return Answer(self.api.app.test_client().get(self.link))


EXPORTS: dict[str, tuple[Callable[[Payday], Answer], str, str]] = {
    f"{PREFIX}/facilities/<uuid:facility_id>/payroll.csv": (
        Payday.paid,
        "administration",
        "file=payroll-2026-01-01-2026-01-31.csv&on_from=2026-01-01&on_to=2026-01-31",
    ),
    f"{PREFIX}/facilities/<uuid:facility_id>/payroll-weeks.csv": (
        Payday.paid_by_week,
        "administration",
        "file=payroll-weeks-2026-01-05-2026-01-11.csv&on_from=2026-01-05&on_to=2026-01-11",
    ),
    "/shift-feeds/<string:secret>.ics": (Payday.subscribed, "shift_feed", "file=shift-feed"),
}
"""How each is asked for, as whom, and what is said to have been asked."""


@pytest.fixture
def payday(api: Api) -> Payday:
    return Payday(api)


def log_of(api: Api, person: str | None = None) -> list[LoggedRead]:
    """What is on record; of a person."""
    assert api.almoner.reads is not None
    api.almoner.reads.take_in()
    database = api.almoner.database
    asked = {} if person is None else {"key_id": number_of(database, person)}
    return on_record(database, **asked)


def served(app: flask.Flask, api: Api) -> set[str]:
    """The routes of the application that answer with anything but JSON."""
    described = api.without_token().get("/openapi.json").json["paths"]
    files = set()
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.rule.startswith(f"{PREFIX}/docs"):
            continue
        path = rule.rule.replace("<uuid:", "{").replace(">", "}")
        if path in described:
            answers = described[path]["get"]["responses"]
            if JSON not in answers["200"]["content"]:
                files.add(rule.rule)
        elif not rule.rule.startswith(PREFIX) and rule.rule not in TELLS_OF_NOBODY:
            files.add(rule.rule)
    return files


def test_every_file_that_goes_out_is_on_record(payday: Payday, api: Api) -> None:
    assert served(api.app, api) == EXPORTS.keys()
    for route, (ask, actor, asked) in EXPORTS.items():
        answer = ask(payday).responds(200)
        assert answer.response.mimetype != JSON, route
        found = log_of(api, payday.nurse)[-1]
        assert (found.actor, found.outcome, found.asked) == (actor, 200, asked), route
        assert payday.nurse not in repr(found), route
    assert payday.link.rpartition("/")[2][:20] not in repr(log_of(api))
    api.get(f"/facilities/{payday.facility}/staff").responds(200)
    seen, disclosed = (
        api.send("GET", f"/audit/reads?person={payday.nurse}{asked}").items
        for asked in ("", "&disclosed=true")
    )
    assert [each for each in seen if each["asked"].startswith("file=")] == disclosed
    assert len(EXPORTS) == len(disclosed) < len(seen)


def test_who_may_not_have_a_file_is_on_record_too(payday: Payday, api: Api) -> None:
    stranger = api.as_(Role.FACILITY_MANAGER, api.a_facility(legal_name="Other"))
    payday.paid(stranger).problem(404, "facility.unknown")
    payday.paid(api.as_(Role.BILLER)).problem(403, "role.not_permitted")
    told = [(each.what, each.role, each.outcome) for each in log_of(api)][-2:]
    path = PREFIX + payday.payroll
    assert told == [(path, "facility_manager", 404), (path, "biller", 403)]


def test_a_file_that_cannot_be_put_on_record_does_not_go_out(
    payday: Payday, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unwritable(**_read: object) -> None:
        raise ReadsUnwritable("the disk is full")

    assert api.almoner.reads is not None
    monkeypatch.setattr(api.almoner.reads, "record", unwritable)
    for ask, _, _ in EXPORTS.values():
        ask(payday).problem(503, "reads.unwritable")
