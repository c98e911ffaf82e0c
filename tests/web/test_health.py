"""What whoever operates the program asks of it."""

from __future__ import annotations

import json
import re

from tests.web.grammar import Api


def test_it_is_alive_and_ready(api: Api) -> None:
    client = api.app.test_client()
    assert client.get("/livez").status_code == 200
    api.a_facility()
    api.get("/facilities").responds(200)
    ready = client.get("/readyz")
    document = json.loads(ready.get_data())
    assert ready.status_code == 200, document
    assert document["pending_migrations"] == []
    assert document["models"]["facility_directory"]["lag"] == 0
    assert document["seals"]["sealing"] == "off"
    assert document["seals"]["behind"] == api.almoner.ledger.head()


def test_metrics_tell_requests_by_route_and_the_lag_of_each_model(api: Api) -> None:
    facility = api.a_facility()
    api.get(f"/facilities/{facility}").responds(200)
    text = api.app.test_client().get("/metrics").get_data(as_text=True)
    assert 'route="/api/v1/facilities/<uuid:facility_id>"' in text
    assert facility not in text
    assert 'almoner_read_model_lag{model="claim_list"}' in text
    assert f"almoner_seal_lag {api.reached[0]}.0" in text


def test_the_documentation_needs_no_network(api: Api) -> None:
    client = api.app.test_client()
    page = client.get("/api/v1/docs/").get_data(as_text=True)
    assert not re.findall(r"""(?:src|href)=["']https?:""", page)
    with client.get("/api/v1/docs/swagger-ui-bundle.js") as script:
        assert script.status_code == 200


def test_the_description_is_openapi_3_1_and_names_every_route(api: Api) -> None:
    document = json.loads(api.app.test_client().get("/api/v1/openapi.json").get_data())
    assert document["openapi"] == "3.1.0"
    routes = {
        rule.rule
        for rule in api.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and "<path:" not in rule.rule
    } - {"/api/v1/docs/", "/api/v1/openapi.json"}
    assert len(document["paths"]) == len(routes)


def test_the_description_leaves_nothing_unsaid(api: Api) -> None:
    document = json.loads(api.app.test_client().get("/api/v1/openapi.json").get_data())
    unsaid = []
    for path, place in document["paths"].items():
        asked = place.pop("parameters", [])
        for method, operation in place.items():
            asked = [*asked, *operation.get("parameters", [])]
            answers = operation["responses"].values()
            unsaid += [
                (method, path, told.get("name"))
                for told in (operation, *asked, *answers)
                if "$ref" not in told and not told.get("description")
            ]
            assert operation["summary"], path
    assert not unsaid
    assert all(tag["description"] for tag in document["tags"])
    referred_to = set(re.findall(r'"#/components/([^"]+)"', json.dumps(document)))
    components = document["components"]
    known = {f"{kind}/{name}" for kind, named in components.items() for name in named}
    assert known - {"securitySchemes/token"} == referred_to
    posted = [each["post"] for each in document["paths"].values() if "post" in each]
    for body in (each["requestBody"] for each in posted):
        name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert components["schemas"][name]["additionalProperties"] is False, name
