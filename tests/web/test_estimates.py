"""A good faith estimate over HTTP: asked for, told, held against the claim; and who owes what."""

from __future__ import annotations

from tests.web.grammar import Api

PATIENT = "7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10"
KNEE = {"system": "CPT", "value": "27447"}


def test_a_patient_is_told_what_care_will_cost_and_what_it_came_to(api: Api) -> None:
    harbor = api.a_facility()
    payer = api.post("/payers", legal_name="Aether Health").responds(201).id
    terms = {"valid_from": "2026-01-01", "terms": {"filing": {"count": 90}}}
    api.post(f"/payers/{payer}/contract-terms", terms).responds(201)
    fees = {"schedule": "2026", "currency": "USD"}
    fees["fees"] = [{"procedure": "27447", "amount": "1450.00"}]  # type: ignore[assignment]
    api.post(f"/payers/{payer}/fees", fees).responds(201)
    published = {"schedule": "2026", "valid_from": "2026-01-01", "fees": 1}
    api.post(f"/payers/{payer}/fee-schedules", published).responds(201)
    asked = {"patient_id": PATIENT, "payer_id": payer, "requested_on": "2026-01-02"}
    estimate = api.post(
        f"/facilities/{harbor}/estimates", {**asked, "service_on": "2026-02-02"}
    ).responds(201).id  # fmt: skip
    (waiting,) = api.get(
        f"/facilities/{harbor}/estimates", status="requested", give_by_to="2026-01-07"
    ).items
    assert waiting["give_by"] == "2026-01-07"
    api.post(
        f"/estimates/{estimate}/versions",
        given_on="2026-01-05",
        services=[{"procedure": KNEE, "charge": "4200.00"}],
        sharing={"copay": "0", "deductible_left": "500.00", "coinsurance": "20"},
    ).responds(201)
    told = api.get(f"/estimates/{estimate}").responds(200).json
    assert (told["charges"], told["allowed"], told["responsibility"], told["late"]) == (
        "4200.00", "1450.00", "690.00", False,
    )  # fmt: skip
    claim = api.a_claim(harbor, payer_id=payer)
    api.a_charge(claim, "4650.00", owed_by="patient")
    billed = {"claim_id": claim, "billed_on": "2026-02-10", "compared_on": "2026-02-10"}
    api.post(f"/estimates/{estimate}/comparison", billed).responds(201)
    told = api.get(f"/estimates/{estimate}").responds(200).json
    assert (told["status"], told["excess"], told["dispute_by"]) == ("compared", "450.00", None)
    (owed,) = api.get(f"/facilities/{harbor}/claims").items
    (of_account,) = api.get(f"/patient-accounts/{owed['account_id']}/claims").responds(200).items
    assert (of_account["claim_id"], of_account["patient_balance"]) == (claim, "4650.00")
