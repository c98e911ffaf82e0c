"""What an auditor asks over HTTP: timeline, causes, state, difference."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import OperationalError

from domain.revenue.events.claim import Party, PaymentMethod
from domain.revenue.posting import PayClaim
from facilities.database import Role as DatabaseRole
from facilities.ledger import Ledger
from facilities.scope import Actor, Role
from facilities.service import Context
from facilities.sight import Seen
from projections.audit.timeline import Asked
from tests.facilities.notes import append_in
from tests.web.grammar import Answer, Api
from web.auditor import Auditor

PATIENT = "7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10"
NOWHERE = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def own(api: Api) -> str:
    return api.a_facility(legal_name="Own")


def a_paid_claim(api: Api, facility: str) -> str:
    """A claim that was charged 100.00 and paid 30.00: positions follow one another."""
    claim = api.a_claim(facility)
    api.a_charge(claim)
    pays(api, claim, "30.00", "2026-01-20")
    return claim


def pays(api: Api, claim: str, amount: str, day: str) -> Answer:
    return api.post(
        f"/claims/{claim}/payments",
        amount=amount,
        paid_by="patient",
        method="cash",
        received_on=day,
    ).responds(201)


def facts(answer: Answer) -> list[str]:
    return [each["fact"] for each in answer.responds(200).items]


def walked(api: Api, **asked: Any) -> list[dict[str, Any]]:
    """Every event of a timeline, page by page."""
    page = api.get("/audit/timeline", **asked).responds(200)
    found = page.items
    while page.json["next"]:
        page = api.send("GET", page.json["next"]).responds(200)
        found += page.items
    return found


# --- timeline ------------------------------------------------------------------------------------


def test_a_timeline_is_told_by_any_dimension(api: Api, own: str) -> None:
    claim = a_paid_claim(api, own)
    other = a_paid_claim(api, api.a_facility(legal_name="Other"))
    everything = walked(api)
    payment = next(each for each in everything if each["fact"] == "claim.paid")
    for asked, expected in (
        ({"facility": own}, lambda each: each["facility_id"] == own),
        ({"stream": claim}, lambda each: each["stream_id"] == claim),
        ({"actor": "administration"}, lambda each: True),
        ({"actor": "nobody"}, lambda each: False),
        ({"role": "system_administrator"}, lambda each: True),
        ({"command": payment["command_id"]}, lambda each: each == payment),
        ({"correlation": payment["correlation_id"]}, lambda each: each == payment),
        ({"fact": "claim.paid"}, lambda each: each["fact"] == "claim.paid"),
        ({"fact": "claim."}, lambda each: each["fact"].startswith("claim.")),
        (
            {"effective_from": "2026-01-20T00:00:00Z", "effective_to": "2026-01-20T00:00:00Z"},
            lambda each: each["fact"] == "claim.paid",
        ),
        (
            {"recorded_from": payment["recorded_at"], "recorded_to": payment["recorded_at"]},
            lambda each: each == payment,
        ),
        (
            {"position_from": payment["position"], "position_to": payment["position"] + 1},
            lambda each: payment["position"] <= each["position"] <= payment["position"] + 1,
        ),
        (
            {"facility": own, "fact": "claim.paid", "stream": other},
            lambda each: False,
        ),
    ):
        expecting = [each for each in everything if expected(each)]
        assert walked(api, limit=2, **asked) == expecting, asked


def test_a_command_is_told_with_the_keys_it_reserved(api: Api) -> None:
    facility = api.a_facility()
    item = {
        "item_system": "GTIN",
        "item_code": "09506000134352",
        "description": "Gloves",
        "listed_on": "2026-01-01",
    }
    listed = api.post(f"/facilities/{facility}/stock-items", item).responds(201)
    (event,) = walked(api, stream=listed.id)
    assert [each["fact"] for each in walked(api, command=event["command_id"])] == [
        "natural_key.reserved",
        "stock_item.listed",
    ]


def test_one_steps_forward_and_back(api: Api, own: str) -> None:
    claim = a_paid_claim(api, own)
    first = api.get("/audit/timeline", stream=claim, limit=1)
    assert (facts(first), first.json["previous"]) == (["claim.drafted"], None)
    second = api.send("GET", first.json["next"])
    assert facts(second) == ["claim.charged"]
    assert 'rel="next"' in second.response.headers["Link"]
    back = api.send("GET", second.json["previous"])
    assert facts(back) == ["claim.drafted"]
    newest = api.get("/audit/timeline", stream=claim, order="newest")
    assert facts(newest) == ["claim.paid", "claim.charged", "claim.drafted"]
    assert newest.json["next"] is None


def test_nothing_slips_in_before_the_end_of_a_page(api: Api, own: str) -> None:
    database, pool = api.almoner.database, api.almoner.database.pool(DatabaseRole.APP)
    administrator = Actor("administration", Role.SYSTEM_ADMINISTRATOR)
    stream = uuid4()
    with (
        database.connect(DatabaseRole.APP) as slow,
        Ledger(pool, patience=0.05, keyring=api.almoner.keyring) as ledger,
    ):
        seen = Seen(database.pool(DatabaseRole.READER), administrator.scope, ledger.sealed)
        auditor = Auditor(pool, ledger, seen, administrator)
        with slow.transaction():
            (missing,) = append_in(slow, stream, 1)
            later = api.a_claim(own)
            with pytest.raises(OperationalError):
                auditor.timeline(Asked(), limit=100)
        found = auditor.timeline(Asked(position_from=missing), limit=100).events
        assert [each.stream_id for each in found] == [stream, UUID(later)]


# --- state ---------------------------------------------------------------------------------------


def test_a_state_is_told_by_version_position_and_instant(api: Api, own: str) -> None:
    claim = a_paid_claim(api, own)
    drafted, charged, paid = walked(api, stream=claim)
    for asked, balance, version in (
        ({}, "70.00", 3),
        ({"version": 1}, "0", 1),
        ({"version": 2}, "100.00", 2),
        ({"as_of": str(charged["position"])}, "100.00", 2),
        ({"as_of": charged["recorded_at"]}, "100.00", 2),
        ({"effective_at": "2026-01-19T00:00:00Z"}, "100.00", 2),
        ({"effective_at": "2026-01-20T00:00:00Z"}, "70.00", 3),
        ({"effective_at": "2026-01-20T00:00:00Z", "version": 2}, "100.00", 2),
    ):
        told = api.get("/audit/state", stream=claim, **asked).responds(200)
        assert (told.json["state"]["balance"], told.json["version"]) == (balance, version), asked
        assert told.response.headers["ETag"] == f'"{version}"'
    before = str(drafted["position"] - 1)
    api.get("/audit/state", stream=claim, as_of=before).problem(404, "stream.unknown")
    assert paid["version"] == 3


def test_one_steps_through_states_in_either_direction(api: Api, own: str) -> None:
    claim = a_paid_claim(api, own)
    walked(api, stream=claim)
    last = api.get("/audit/state", stream=claim, as_of=str(api.reached[0])).responds(200)
    assert (last.json["version"], last.json["next"]) == (3, None)
    back, versions = last, [3]
    while (address := back.json["previous"]) is not None:
        assert f'<{address}>; rel="prev"' in back.response.headers.getlist("Link")
        back = api.send("GET", address).responds(200)
        versions.append(back.json["version"])
    forth = api.send("GET", back.json["next"]).responds(200)
    assert (versions, forth.json["version"]) == ([3, 2, 1], 2)
    assert len(forth.response.headers.getlist("Link")) == 2


def test_a_moment_that_cannot_be_is_refused(api: Api, own: str) -> None:
    for asked in ({"as_of": "999999999"}, {"as_of": "2999-01-01T00:00:00Z"}, {"version": 99}):
        api.get("/audit/state", stream=own, **asked).problem(409, "moment.not_yet")
    api.get("/audit/state", stream=own, effective_at="2026-02-29T00:00:00Z").problem(
        409, "moment.unknown"
    )
    api.get("/audit/state", stream=own, effective_at="2026-02-30T00:00:00Z").responds(422)
    api.get("/audit/state", stream=own, version=1, as_of="1").problem(409, "question.unclear")
    api.get("/audit/state").responds(422)
    api.get("/audit/diff", **{"from": "1", "to": "0"}, stream=own).problem(409, "moment.order")
    api.get(
        "/audit/diff",
        stream=own,
        clock="effective",
        **{"from": "2026-03-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"},
    ).problem(409, "moment.order")
    api.get("/audit/timeline", after=999_999).problem(409, "moment.not_yet")


def test_what_no_event_can_be_is_refused_instead_of_answered_with_nothing(api: Api) -> None:
    for fact in ("claim.payed", "unheard_of."):
        refusal = api.get("/audit/timeline", fact=fact).problem(409, "question.unclear")
        assert (refusal["details"]["field"], refusal["details"]["value"]) == ("fact", fact)
    early, late = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
    for name, first, last in (
        ("effective", late, early),
        ("recorded", late, early),
        ("position", "2", "1"),
    ):
        turned = {f"{name}_from": first, f"{name}_to": last}
        refusal = api.get("/audit/timeline", **turned).problem(409, "moment.order")
        assert refusal["details"] == {
            "field": f"{name}_from",
            "value": first,
            "rule": f"must not be after `{name}_to`",
        }


# --- difference ----------------------------------------------------------------------------------


def test_a_difference_names_the_fields_and_the_events_responsible(api: Api, own: str) -> None:
    claim = api.a_claim(own)
    drafted = api.reached[0]
    api.a_charge(claim)
    charged = api.reached[0]
    reasoned = api.with_(Almoner_Reason="Paid at the desk")
    pays(reasoned, claim, "30.00", "2026-01-20")
    paid = api.reached[0]
    (found,) = api.get("/audit/diff", stream=claim, **{"from": str(drafted)}).responds(200).items
    changes = {each["path"]: each for each in found["changes"]}
    assert found["versions"] == [1, 3]
    assert changes["balance"] == {
        "path": "balance",
        "old": "0",
        "new": "70.00",
        "by": [charged, paid],
    }
    assert changes["lines[0].charged"]["by"] == [charged]
    assert changes["entries.2.amount"]["by"] == [paid]
    assert [(each["position"], each["reason"]) for each in found["events"]] == [
        (charged, None),
        (paid, "Paid at the desk"),
    ]
    (same,) = api.get("/audit/diff", stream=claim, **{"from": str(paid)}).items
    assert same["changes"] == []


def test_a_difference_by_when_things_happened(api: Api, own: str) -> None:
    claim = a_paid_claim(api, own)
    (found,) = api.get(
        "/audit/diff",
        stream=claim,
        clock="effective",
        **{"from": "2026-01-06T00:00:00Z", "to": "2026-02-01T00:00:00Z"},
    ).items
    assert [each["fact"] for each in found["events"]] == ["claim.paid"]
    api.get("/audit/diff", stream=claim, clock="effective", **{"from": "1"}).problem(
        409, "question.unclear"
    )


def test_the_difference_of_a_facility_is_told_a_part_at_a_time(api: Api, own: str) -> None:
    began = api.reached[0]
    claims = [a_paid_claim(api, own) for _ in range(5)]
    a_paid_claim(api, api.a_facility(legal_name="Other"))
    page = api.get("/audit/diff", facility=own, limit=2, **{"from": str(began)}).responds(200)
    pages = [page]
    while page.json["next"]:
        page = api.send("GET", page.json["next"]).responds(200)
        pages.append(page)
    assert [each["stream_id"] for page in pages for each in page.items] == claims
    assert len(pages) == 3
    moved: dict[str, int] = {}
    for each in pages:
        charges = figure(each, "facility_scorecard", "charges")
        assert (charges["old"], charges["new"], charges["change"]) == ("0.00", "500.00", "500.00")
        for one in charges["moved_by"]:
            moved[one["fact"]] = moved.get(one["fact"], 0) + one["events"]
    assert moved == {"claim.charged": 5}


def test_the_difference_of_the_system_tells_which_facts_moved_a_figure(api: Api, own: str) -> None:
    began = api.reached[0]
    a_paid_claim(api, own)
    a_paid_claim(api, api.a_facility(legal_name="Other"))
    page = api.get("/audit/diff", **{"from": str(began)}).responds(200)
    balance = figure(page, "facility_scorecard", "balance")
    assert (balance["old"], balance["new"]) == ("0.00", "140.00")
    assert {each["fact"]: (each["events"], each["by"]) for each in balance["moved_by"]} == {
        "claim.charged": (2, "200.00"),
        "claim.paid": (2, "-60.00"),
    }
    alone = api.get("/audit/diff", each_facility="true", **{"from": str(began)}).json["figures"]
    balances = [each for each in alone if each["figure"] == "balance"]
    assert [(each["new"], len(each["moved_by"])) for each in balances] == [("70.00", 2)] * 2
    (paid,) = api.get("/audit/diff", summary="payments_by_method", **{"from": "0"}).json["figures"][
        :1
    ]
    assert paid["summary"] == "payments_by_method"


def figure(page: Answer, summary: str, name: str) -> dict[str, Any]:
    (found,) = [
        each
        for each in page.json["figures"]
        if (each["summary"], each["figure"]) == (summary, name)
    ]
    assert isinstance(found, dict)
    return found


# --- causes --------------------------------------------------------------------------------------


def test_causes_are_followed_in_both_directions(api: Api, own: str) -> None:
    claim, other = api.a_claim(own), api.a_claim(own)
    for each in (claim, other):
        api.a_charge(each)
    charge = walked(api, stream=claim)[-1]
    first = follows(api, claim, charge["command_id"], charge["correlation_id"])
    second = follows(api, other, first, charge["correlation_id"])
    of_charge = api.get("/audit/causes", position=charge["position"]).responds(200).json
    assert [each["command_id"] for each in of_charge["led_here"]] == [charge["command_id"]]
    (below,) = of_charge["led_to"]
    assert (below["command_id"], below["led_to"][0]["command_id"]) == (first, second)
    assert of_charge["correlated"][0]["led_to"] == of_charge["led_to"]
    assert of_charge["complete"]
    of_last = api.get("/audit/causes", command=second).responds(200).json
    assert [each["command_id"] for each in of_last["led_here"]] == [
        charge["command_id"],
        first,
        second,
    ]
    assert of_last["led_to"] == []


def follows(api: Api, claim: str, causation: str, correlation: str) -> str:
    """A process pays something, because of a command."""
    command_id = uuid4()
    api.almoner.service.execute(
        PayClaim(
            claim_id=UUID(claim),
            amount=Decimal("1.00"),
            paid_by=Party.PATIENT,
            method=PaymentMethod.CASH,
            received_on=datetime(2026, 1, 21, tzinfo=UTC).date(),
        ),
        Context(
            actor=Actor("process", Role.SERVICE),
            command_id=command_id,
            causation_id=UUID(causation),
            correlation_id=UUID(correlation),
        ),
    )
    return str(command_id)


def test_causes_of_nothing_are_not_found(api: Api, own: str) -> None:
    api.get("/audit/causes", position=999).problem(404, "event.unknown")
    api.get("/audit/causes", command=NOWHERE).problem(404, "event.unknown")
    api.get("/audit/causes").problem(409, "question.unclear")
    api.get("/audit/causes", position=1, command=NOWHERE).problem(409, "question.unclear")


# --- who sees what -------------------------------------------------------------------------------


def test_what_lies_outside_the_scope_is_not_there(api: Api, own: str) -> None:
    other = api.a_facility(legal_name="Secret Harbor")
    claim = a_paid_claim(api, other)
    hidden = walked(api, stream=claim)
    since = {"from": "0"}
    for role in (Role.AUDITOR, Role.FACILITY_MANAGER):
        seen = api.as_(role, own)
        everything = walked(seen)
        assert {each["facility_id"] for each in everything} == {own}
        for asked in (
            {"facility": other},
            {"stream": claim},
            {"command": hidden[0]["command_id"]},
            {"correlation": hidden[0]["correlation_id"]},
            {"position_from": hidden[0]["position"]},
            {"fact": "claim."},
        ):
            assert walked(seen, **asked) == [], asked
        theirs = seen.get("/audit/state", stream=claim).problem(404, "stream.unknown")
        assert theirs == seen.get("/audit/state", stream=NOWHERE).json
        theirs = seen.get("/audit/diff", stream=claim, **since).problem(404, "stream.unknown")
        assert theirs == seen.get("/audit/diff", stream=NOWHERE, **since).json
        theirs = seen.get("/audit/diff", facility=other, **since).problem(404, "facility.unknown")
        assert theirs == seen.get("/audit/diff", facility=NOWHERE, **since).json
        at = hidden[0]["position"]
        theirs = seen.get("/audit/causes", position=at).problem(404, "event.unknown")
        assert theirs == seen.get("/audit/causes", position=999).json
        seen.get("/audit/causes", command=hidden[0]["command_id"]).problem(404, "event.unknown")
        charges = [
            each["new"]
            for each in seen.get("/audit/diff", **since).json["figures"]
            if each["figure"] == "charges"
        ]
        assert charges == []


def test_an_auditor_sees_that_a_person_changed_and_not_who(api: Api, own: str) -> None:
    person = {"full_name": "Ana Ruiz", "job": "nurse", "registered_on": "2026-01-01"}
    staff = api.post(f"/facilities/{own}/staff", person).responds(201).id
    claim = api.a_claim(own)
    auditor = api.as_(Role.AUDITOR)
    asked: list[tuple[str, dict[str, str]]] = [
        ("/audit/timeline", {}),
        ("/audit/state", {"stream": staff}),
        ("/audit/diff", {"stream": staff, "from": "0"}),
        ("/audit/diff", {"facility": own, "from": "0"}),
        ("/audit/causes", {"position": str(api.reached[0])}),
    ]
    for path, members in asked:
        masked = auditor.get(path, **members).responds(200).response.get_data(as_text=True)
        assert "Ana Ruiz" not in masked, path
        assert PATIENT not in masked, path
        assert "•••" in masked, path
    shown = api.get("/audit/state", stream=staff).json["state"]
    assert shown["full_name"] == "Ana Ruiz"
    (change,) = [
        each
        for each in auditor.get("/audit/diff", stream=staff, **{"from": "0"}).items[0]["changes"]
        if each["path"] == "full_name"
    ]
    assert (change["old"], change["new"]) == (None, "•••")
    assert walked(auditor, stream=claim)[0]["content"]["patient_id"] == "•••"


def test_what_is_recorded_later_is_not_in_an_earlier_moment(api: Api, own: str) -> None:
    claim = a_paid_claim(api, own)
    last = walked(api, stream=claim)[-1]
    instant = datetime.fromisoformat(last["recorded_at"]) - timedelta(microseconds=1)
    told = api.get("/audit/state", stream=claim, as_of=instant.isoformat()).responds(200)
    assert told.json["version"] == 2
