"""What a client is told while the database is away."""

from __future__ import annotations

from pathlib import Path

import pytest

from facilities.database import Database
from migrations import migrate
from tests.conftest import MASTERS, new_server
from tests.web.grammar import Api
from web.bootstrap import Almoner


@pytest.mark.slow
def test_a_database_that_is_away_is_unavailable_and_not_overloaded(home: Path) -> None:
    server = new_server(home)
    with Database.embedded(server) as database:
        with database.connect(role=None) as login:
            migrate(login)
        with Almoner.on(database, masters=MASTERS) as almoner, almoner.runner() as runner:
            runner.run_until(0)
            api = Api.of(almoner)
            api.get("/facilities").responds(200)
            server.stop()
            answer = api.get("/facilities")
            answer.problem(503, "database.unavailable")
            assert answer.response.headers["Retry-After"]
            assert api.app.test_client().get("/livez").status_code == 200
            assert api.app.test_client().get("/readyz").status_code == 503
            server.ensure_running()
            api.get("/facilities").responds(200)
