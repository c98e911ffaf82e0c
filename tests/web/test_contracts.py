"""Terms, fees, authorizations and the scrubber, as a client meets them."""

from __future__ import annotations

from uuid import uuid4

from domain.revenue.scrubber import RULES
from tests.web.grammar import Api

TERMS = {
    "filing": {"count": 90},
    "appeals": [{"name": "first level", "days": 60}],
    "authorization_for": ["99213"],
}


def test_a_payer_has_one_contract_whose_fees_a_claim_is_held_against(api: Api) -> None:
    harbor = api.a_facility()
    payer = api.post("/payers", legal_name="Aether Health", kind="commercial").json["stream_id"]
    agreed = api.post(f"/payers/{payer}/contract-terms", valid_from="2026-01-01", terms=TERMS)
    agreed.responds(201)
    again = api.post(f"/payers/{payer}/contract-terms", valid_from="2026-01-01", terms=TERMS)
    assert again.responds(200).json["stream_id"] == agreed.json["stream_id"]
    fees = [{"procedure": "99213", "amount": "80.00"}]
    api.post(f"/payers/{payer}/fees", schedule="2026", currency="USD", fees=fees).responds(201)
    published = api.post(
        f"/payers/{payer}/fee-schedules", schedule="2026", valid_from="2026-01-01", fees=1
    ).responds(201)
    claim = api.post(
        f"/facilities/{harbor}/claims",
        patient_id=str(uuid4()),
        service_on="2026-02-01",
        payer_id=payer,
    ).json["stream_id"]
    api.post(
        f"/claims/{claim}/charges",
        procedure={"system": "CPT", "value": "99213"},
        unit_amount="120.50",
        service_on="2026-02-01",
    ).responds(201)
    scrubbed = api.post(f"/claims/{claim}/scrub").responds(201)
    findings = api.get(f"/claims/{claim}/findings", after=scrubbed.json["position"]).json
    assert findings["clean"] is False
    assert {each["rule"] for each in findings["findings"]} <= {*RULES}
    assert "authorization.missing" in {each["rule"] for each in findings["findings"]}
    sent = api.post(f"/claims/{claim}/submission", submitted_on="2026-02-02").responds(201)
    assert sent.json["facts"] == ["claim.submitted", "claim.priced"]
    expected = api.get(f"/claims/{claim}/expectation", after=sent.json["position"]).json
    assert (expected["expected"], expected["file_by"]) == ("80.00", "2026-05-02")
    (schedule,) = api.get(f"/payers/{payer}/fee-schedules").items
    assert (schedule["fees"], schedule["in_force_from"]) == (1, "2026-01-01")
    assert published.json["stream_id"] == agreed.json["stream_id"]


def test_a_denial_is_worked_on_in_time_and_a_month_is_closed(api: Api) -> None:
    harbor = api.a_facility()
    payer = api.post("/payers", legal_name="Medicare", kind="medicare").json["stream_id"]
    claim = api.a_claim(harbor, payer_id=payer, service_on="2026-01-05")
    api.a_charge(claim, "100.00", service_on="2026-01-05")
    api.post(f"/claims/{claim}/submission", submitted_on="2026-01-06").responds(201)
    api.post(f"/claims/{claim}/acceptance", accepted_on="2026-01-07").responds(201)
    denied = api.post(
        f"/claims/{claim}/denials",
        amount="100.00",
        group="CO",
        reason_code="197",
        denied_on="2026-01-20",
        line=1,
    ).responds(201)
    (row,) = api.get(f"/facilities/{harbor}/denials", after=denied.json["position"]).items
    assert (row["appeal_by"], row["category"]) == ("2026-05-20", "authorization")
    api.post(
        f"/claims/{claim}/appeals", denial=1, grounds="It was there", appealed_on="2026-06-01"
    ).problem(409, "claim.appeal_window_closed")
    closing = {"month": "2026-01", "closed_on": "2026-02-02"}
    api.post(f"/facilities/{harbor}/months/closure", closing).responds(201)
    again = api.post(f"/facilities/{harbor}/months/closure", closing).responds(200)
    (month,) = api.get(f"/facilities/{harbor}/months", after=again.json["position"]).items
    assert (month["closed_charges"], month["denied"]) == ("100.00", "100.00")
