"""How an API test is spelled: ``api.post(path, body).responds(201)``, ``api.get(path).shows(...)``.

A GET waits for everything the same client posted before (``after``), as a client that wants to
read its own writes does, and is sent again where it is answered that this is not there yet.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from facilities.scope import Role
from web.app import create_app
from web.bootstrap import Almoner

PREFIX = "/api/v1"

PATIENCE = 10
"""So often a GET is sent again, where the machine is too busy for a runner to be in time."""


@dataclass
class Answer:
    """What came back."""

    response: TestResponse

    @property
    def json(self) -> Any:
        return json.loads(self.response.get_data(as_text=True))

    @property
    def id(self) -> str:
        """The id of the stream a command was for."""
        return str(self.json["stream_id"])

    @property
    def is_early(self) -> bool:
        """The read model has not come so far yet: it is to be asked again."""
        return self.response.status_code == 503 and self.json["code"] == "read_model.behind"

    @property
    def items(self) -> list[dict[str, Any]]:
        found = self.json["items"]
        assert isinstance(found, list)
        return found

    def responds(self, status: int) -> Answer:
        assert self.response.status_code == status, self.response.get_data(as_text=True)
        return self

    def problem(self, status: int, code: str) -> dict[str, Any]:
        """It is a problem document with this status and code."""
        self.responds(status)
        assert self.response.mimetype == "application/problem+json"
        document: dict[str, Any] = self.json
        assert (document["status"], document["code"]) == (status, code), document
        return document

    def shows(self, **expected: Any) -> Answer:
        """One object with these members among its own."""
        self.responds(200)
        assert {name: self.json.get(name) for name in expected} == expected
        return self


_applications: list[flask.Flask] = []


def _application(almoner: Almoner) -> flask.Flask:
    """The web application, made once: its routes do not depend on the database behind them."""
    if not _applications:
        _applications.append(create_app(almoner.doors()))
    (application,) = _applications
    application.extensions["almoner"] = almoner.doors()
    return application


@dataclass
class Api:
    """A client with a token."""

    app: flask.Flask
    token: str | None
    almoner: Almoner
    headers: Mapping[str, str] = field(default_factory=dict)
    reached: list[int] = field(default_factory=lambda: [0])

    @classmethod
    def of(
        cls,
        almoner: Almoner,
        role: Role = Role.SYSTEM_ADMINISTRATOR,
        facility_ids: list[UUID] | None = None,
        actor: str = "administration",
    ) -> Api:
        _, token = almoner.tokens.create(actor, role, facility_ids)
        return cls(_application(almoner), token, almoner)

    def as_(self, role: Role, *facility_ids: str, actor: str = "someone") -> Api:
        """The same API, called with another token."""
        ids = [UUID(each) for each in facility_ids] or None
        _, token = self.almoner.tokens.create(actor, role, ids)
        return replace(self, token=token, headers={})

    def with_(self, **headers: str) -> Api:
        """The same client, sending these headers too (underscores are dashes)."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers={**self.headers, **named})

    def without_token(self) -> Api:
        return replace(self, token=None)

    def post(self, path: str, body: Any = None, **members: Any) -> Answer:
        answer = self.send("POST", path, json=members if body is None else body)
        if answer.response.status_code in (200, 201):
            self.reached[0] = max(self.reached[0], answer.json["position"])
        return answer

    def get(self, path: str, **asked: Any) -> Answer:
        if "as_of" not in asked and "events" not in path and "cursor" not in path:
            asked.setdefault("after", self.reached[0])
        answer = self.send("GET", path, query_string=asked or None)
        for _ in range(PATIENCE):
            if not answer.is_early:
                break
            answer = self.send("GET", path, query_string=asked or None)
        return answer

    def send(self, method: str, path: str, **given: Any) -> Answer:
        headers = dict(self.headers)
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        client: FlaskClient = self.app.test_client()
        whole = path if path.startswith(PREFIX) else PREFIX + path
        return Answer(client.open(whole, method=method, headers=headers, **given))

    # --- things that tests need again and again -------------------------------------------------

    def a_facility(self, **members: Any) -> str:
        body = {
            "legal_name": "Harbor Clinic",
            "kind": "clinic",
            "zone": "America/New_York",
            "opened_on": "2020-01-01",
            **members,
        }
        return self.post("/facilities", body).responds(201).id

    def a_claim(self, facility_id: str, **members: Any) -> str:
        body = {
            "patient_id": "7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10",
            "service_on": "2026-01-05",
            **members,
        }
        return self.post(f"/facilities/{facility_id}/claims", body).responds(201).id

    def a_charge(self, claim_id: str, unit_amount: str = "100.00", **members: Any) -> Answer:
        body = {
            "procedure": {"system": "CPT", "value": "99213"},
            "unit_amount": unit_amount,
            "service_on": "2026-01-05",
            **members,
        }
        return self.post(f"/claims/{claim_id}/charges", body).responds(201)
