"""The OpenAPI document held against the API: generated requests are answered as it promises."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from werkzeug.serving import make_server

from tests.web.grammar import PREFIX, Api

CONFIG = Path(__file__).with_name("schemathesis.toml")


def is_kept(api: Api, tmp_path: Path, phases: str, *which: str) -> None:
    """Requests of these phases to the operations chosen, or all, find no promise broken; and some
    of them got to the ledger."""
    known = things_that_exist(api)
    head = api.almoner.ledger.head()
    parameters = "".join(f'"path.{name}" = "{its_id}"\n' for name, its_id in known.items())
    config = tmp_path / "schemathesis.toml"
    config.write_text(f"{CONFIG.read_text()}\n[parameters]\n{parameters}")
    with served(api) as address:
        run = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"),
                f"{address}{PREFIX}/openapi.json",
                *("--header", f"Authorization: Bearer {api.token}", "--warnings", "off"),
                *("--phases", phases, *which),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    told = "\n".join(each[:300] for each in run.stdout.splitlines())
    assert run.returncode == 0, told[-20_000:] + run.stderr[-2_000:]
    assert api.almoner.ledger.head() > head, "nothing that was generated got to the ledger"


@contextmanager
def served(api: Api) -> Iterator[str]:
    """Where the API answers on a real socket."""
    server = make_server("127.0.0.1", 0, api.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def things_that_exist(api: Api) -> dict[str, str]:
    """One of each, so that what is generated gets past "not found"."""
    facility = api.a_facility()
    claim = api.a_claim(facility)
    api.a_charge(claim)
    department = {
        "code": "ED",
        "title": "Emergency",
        "kind": "emergency",
        "opened_on": "2020-01-01",
    }
    person = {"full_name": "Staff Member 1", "job": "nurse", "registered_on": "2020-01-01"}
    item = {
        "item_system": "GTIN",
        "item_code": "09506000134352",
        "description": "Gloves",
        "listed_on": "2020-01-01",
    }
    at = f"/facilities/{facility}"
    return {
        "facility_id": facility,
        "claim_id": claim,
        "stream_id": claim,
        "department_id": api.post(f"{at}/departments", department).responds(201).id,
        "staff_id": api.post(f"{at}/staff", person).responds(201).id,
        "stock_item_id": api.post(f"{at}/stock-items", item).responds(201).id,
        "payer_id": api.post("/payers", legal_name="Harbor Health Plan").responds(201).id,
    }
