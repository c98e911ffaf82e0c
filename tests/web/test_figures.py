"""The figures of revenue: what they come to, now and when the books were closed, and from what."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from domain.money import minor_units
from domain.revenue.events.claim import SELF_PAY
from projections.revenue.figures import DEFINITIONS
from tests.web.grammar import PREFIX, Answer, Api

JANUARY = "2026-01"


def a_payer(api: Api, name: str = "Aether Health") -> str:
    return api.post("/payers", legal_name=name).responds(201).id


def a_billed_claim(api: Api, facility: str, payer: str, amount: str = "100.00") -> str:
    claim = api.a_claim(facility, payer_id=payer)
    api.a_charge(claim, amount)
    api.post(f"/claims/{claim}/submission", submitted_on="2026-01-06").responds(201)
    return claim


def decided(api: Api, facility: str, claim: str, paid: str, rest: str, reason: str) -> None:
    """The payer decides on a claim of one line, in a remittance of its own."""
    charge = str(Decimal(paid) + Decimal(rest))
    remittance = api.post(
        f"/facilities/{facility}/remittances",
        payer_name="Aether Health",
        trace_number=f"T{claim[-12:]}",
        payment=paid,
        billed=charge,
        paid=paid,
        claims=1,
        paid_on="2026-01-20",
    ).responds(201)
    why = {"group": "CO", "reason_code": reason, "amount": rest}
    line = {"charge": charge, "paid": paid, "line": 1, "adjustments": [why]}
    told = {"control_number": "X", "status_code": "1", "charge": charge, "paid": paid}
    api.post(
        f"/claims/{claim}/adjudications",
        remittance_id=remittance.id,
        place=1,
        remitted={**told, "lines": [line]},
        adjudicated_on="2026-01-20",
    ).responds(201)


def figure(answer: Answer, name: str, when: str = "now", **whose: Any) -> dict[str, Any]:
    (found,) = [
        each[when]
        for each in answer.responds(200).items
        if each["figure"] == name and whose.items() <= each.items()
    ]
    assert isinstance(found, dict)
    return found


def parts(told: dict[str, Any]) -> tuple[Any, Any, Any]:
    return told["numerator"], told["denominator"], told["value"]


def test_a_month_that_is_closed_tells_its_figures_as_then_known_and_as_now_known(api: Api) -> None:
    harbor, payer = api.a_facility(), a_payer(api)
    good = a_billed_claim(api, harbor, payer)
    bad = a_billed_claim(api, harbor, payer, "300.00")
    decided(api, harbor, good, "60.00", "40.00", "45")
    decided(api, harbor, bad, "0.00", "300.00", "29")
    closing = {"month": JANUARY, "closed_on": "2026-02-02"}
    then = api.post(f"/facilities/{harbor}/months/closure", closing).responds(201).json["position"]
    late = api.post(
        f"/claims/{bad}/payments",
        amount="30.00",
        paid_by="payer",
        method="check",
        received_on="2026-01-30",
    ).responds(201)
    answer = api.get(f"/facilities/{harbor}/figures", month=JANUARY)
    collected = "net_collection_rate"
    assert parts(figure(answer, collected)) == ("90.00", "360.00", "0.2500")
    assert parts(figure(answer, collected, "then")) == ("60.00", "360.00", "0.1667")
    assert parts(figure(answer, "initial_denial_rate")) == (1, 2, "0.5000")
    by_dollars = figure(answer, "initial_denial_rate_by_dollars")
    assert parts(by_dollars) == ("300.00", "400.00", "0.7500")
    assert parts(figure(answer, "days_to_pay")) == (14, 1, "14.0")
    assert parts(figure(answer, "net_days_in_ar")) == ("-30.00", "360.00", "-7.7")
    (closed,) = answer.json["closed"]
    assert closed["position"] == then
    (entry,) = api.send("GET", closed["late"]).items
    assert entry["position"] == late.json["position"]
    denial = {"amount": "300.00", "group": "CO", "reason_code": "29", "denied_on": "2026-01-21"}
    noted = api.post(f"/claims/{bad}/denials", denial).responds(201).json["position"]
    (step,) = api.send("GET", closed["late_steps"] + f"&after={noted}").items
    assert (step["kind"], step["amount"], step["position"]) == ("denied", "300.00", noted)
    before = api.get(f"/facilities/{harbor}/figures", month=JANUARY, as_of=str(then - 1))
    assert (before.json["closed"], parts(figure(before, collected))[0]) == ([], "60.00")


def test_each_figure_names_the_rows_it_is_the_sum_of(api: Api) -> None:
    harbor, payer = api.a_facility(), a_payer(api)
    decided(api, harbor, a_billed_claim(api, harbor, payer), "60.00", "40.00", "45")
    half = a_billed_claim(api, harbor, payer)
    decided(api, harbor, half, "20.00", "80.00", "16")
    api.post(f"/claims/{half}/reversals", entry=2, why="wrong", reversed_on="2026-01-21")
    unbilled = api.a_claim(harbor, payer_id=payer)
    api.a_charge(unbilled, "70.00")
    api.post(f"/claims/{unbilled}/scrub").responds(201)
    alone = api.a_claim(harbor)
    api.a_charge(alone, "90.00")
    api.post(f"/claims/{alone}/scrub").responds(201)
    api.post(
        f"/claims/{alone}/payments",
        amount="10.00",
        paid_by="patient",
        method="card",
        received_on="2026-01-25",
    ).responds(201)
    api.post(f"/claims/{alone}/submission", submitted_on="2026-02-04").responds(201)
    open_claim = a_billed_claim(api, harbor, payer, "55.00")
    api.post(f"/claims/{unbilled}/submission", submitted_on="2026-02-03").responds(201)
    lake = api.a_facility(legal_name="Lake Clinic")
    a_billed_claim(api, lake, payer, "44.00")
    for facility in (harbor, lake):
        api.post(f"/facilities/{facility}/months/closure", month=JANUARY, closed_on="2026-02-05")
    api.post(
        f"/claims/{open_claim}/payments",
        amount="5.00",
        paid_by="payer",
        method="check",
        received_on="2026-02-10",
    ).responds(201)
    seen, payers = set(), set()
    one, this_month = f"/facilities/{harbor}", f"{datetime.now(UTC):%Y-%m}"
    for path, by in ((one, None), ("/system", "payer"), ("/system", "facility")):
        asked = {} if by is None else {"by": by}
        for month in (JANUARY, this_month):
            answer = api.get(f"{path}/figures", month=month, **asked).responds(200)
            for each in answer.items:
                for when in ("now", "then"):
                    if each[when] is not None:
                        assert_made_of_its_rows(api, each, when, answer.json["closed"])
                        seen.add((each["figure"], when, bool(each[when]["value"])))
                        payers.add(each["payer_id"])
    told_of = {name for name, _when, has_value in seen if has_value}
    assert told_of == {each.name for each in DEFINITIONS}
    assert payers == {None, payer, str(SELF_PAY)}


def assert_made_of_its_rows(
    api: Api, of: dict[str, Any], when: str, closed: list[dict[str, Any]]
) -> None:
    """Every figure is the sum of the rows it names. What several facilities closed each at its own
    time is the sum of their own figures."""
    told = of[when]
    for part in ("numerator", "denominator"):
        links = told[f"{part}_of"]
        if when == "then" and of["facility_id"] is None:
            assert links == []
            found = sum((_own(api, each, of, part) for each in closed), Decimal(0))
        else:
            assert links
            found = sum((_sum_of(api, each) for each in links), Decimal(0))
        assert found == Decimal(str(told[part])), (part, of)


def _own(api: Api, closing: dict[str, Any], of: dict[str, Any], part: str) -> Decimal:
    own = [
        each
        for each in api.send("GET", closing["figures"]).responds(200).items
        if (each["figure"], each["payer_id"], each["currency"])
        == (of["figure"], of["payer_id"], of["currency"])
    ]
    return sum((Decimal(str(each["then"][part])) for each in own if each["then"]), Decimal(0))


def _sum_of(api: Api, link: dict[str, Any]) -> Decimal:
    rows = api.send("GET", link["href"]).responds(200).items
    amounts = [1 if link["column"] is None else each[link["column"]] for each in rows]
    total = sum((Decimal(each) for each in amounts), Decimal(0))
    return -total if link["negated"] else total


def test_what_is_to_be_returned_is_told_with_the_days_that_are_left(api: Api) -> None:
    harbor = api.a_facility()
    payer = api.post("/payers", legal_name="Medicare", kind="medicare").responds(201).id
    for day in ("2026-03-01", "2026-02-01"):
        claim = a_billed_claim(api, harbor, payer)
        money = {"amount": "130.00", "paid_by": "payer", "method": "check"}
        api.post(f"/claims/{claim}/payments", {**money, "received_on": "2026-01-20"}).responds(201)
        told = {"paid_by": "payer", "amount": "30.00", "why": "twice", "identified_on": day}
        api.post(f"/claims/{claim}/overpayments", told).responds(201)
    due = f"/facilities/{harbor}/overpayments-due"
    first = api.get(due, on="2026-04-04", limit=1).responds(200)
    (row,) = first.items
    assert (row["return_by"], row["days_left"], row["amount"]) == ("2026-04-02", -2, "30.00")
    (after,) = api.send("GET", first.json["next"].removeprefix(PREFIX)).items
    assert (after["return_by"], after["days_left"]) == ("2026-04-30", 26)
    nothing = "2026-13-01/" + "0" * 36 + "/1"
    api.get(due, on="2026-04-04", cursor=nothing).problem(400, "cursor.malformed")
    by_check = {"overpayment": 1, "process": "self_reported_refund", "method": "check"}
    sent = {**by_check, "returned_on": "2026-03-09"}
    api.post(f"/claims/{claim}/overpayment-returns", sent).responds(201)
    (left,) = api.get("/system/overpayments-due", on="2026-04-04").items
    assert left["claim_id"] == after["claim_id"]


def test_what_is_owed_is_told_by_age_and_money_of_two_currencies_is_not_added(api: Api) -> None:
    harbor, alpine = api.a_facility(), api.a_facility(legal_name="Alpine", currency="CHF")
    payer = a_payer(api)
    claim = a_billed_claim(api, harbor, payer)
    a_billed_claim(api, alpine, payer, "40.00")
    aging = api.get("/system/receivables-aging", on="2026-04-20")
    rows = {each["currency"]: each for each in aging.items}
    assert {each: rows[each]["owed"] for each in rows} == {"USD": "100.00", "CHF": "40.00"}
    assert (rows["USD"]["to_120"], rows["USD"]["to_90"]) == ("100.00", "0.00")
    (old,) = api.get(
        f"/facilities/{harbor}/aged-claims", on="2026-04-20", older_than=90, currency="USD"
    ).items
    assert (old["claim_id"], old["days"], old["owed"]) == (claim, 104, "100.00")
    first = api.get("/system/aged-claims", on="2026-04-20", limit=1)
    assert len(first.items) == 1
    assert len(api.send("GET", first.json["next"].removeprefix(PREFIX)).items) == 1
    assert api.get(f"/facilities/{harbor}/aged-claims", on="2026-01-05").items == []
    whole = f"/facilities/{harbor}/figures"
    api.get(whole, month=JANUARY, by="facility").problem(409, "figures.by")
    api.get(whole, month="2026-13").problem(422, "input.invalid")
    assert minor_units(Decimal(rows["USD"]["unbilled"]), "USD") == 0
