"""The read models: how far they are, and whether they are what the ledger comes to."""

from __future__ import annotations

import pytest

from facilities.database import Database, Role
from projections import READ_MODELS
from tests.conftest import MASTERS
from tests.facilities.scenes import THE_DAY_BEGINS, a_department, said_by
from tests.web.cli.grammar import CommandLine
from web.bootstrap import Almoner

NAMES = [each.name for each in READ_MODELS]


def a_day(database: Database) -> int:
    with Almoner.on(database, masters=MASTERS) as almoner:
        for each in THE_DAY_BEGINS:
            almoner.service.execute(each, said_by())
        return almoner.ledger.head()


def test_read_models_that_were_never_folded_lag_behind(
    shell: CommandLine, database: Database
) -> None:
    head = a_day(database)
    told = shell("projections", "status", "--json").ends(0).json
    assert told["position"] == head
    assert [(each["name"], each["lag"]) for each in told["models"]] == [
        (name, head) for name in NAMES
    ]


@pytest.mark.slow
def test_a_rebuild_finds_no_difference(shell: CommandLine, database: Database) -> None:
    head = a_day(database)
    told = shell("projections", "rebuild", "--json").ends(0).json
    assert [(each["name"], each["events"], each["differences"]) for each in told["models"]] == [
        (name, head, 0) for name in NAMES
    ]
    assert "facility_directory" in shell("projections", "status").ends(0).stdout


def test_some_read_models_may_be_rebuilt_alone(shell: CommandLine, database: Database) -> None:
    a_day(database)
    told = shell("projections", "rebuild", "claim_list", "--json").ends(0).json
    assert [each["name"] for each in told["models"]] == ["claim_list"]
    shell("projections", "rebuild", "claims").refuses(2, "'claims' is not one of", "claim_list")


@pytest.mark.slow
def test_a_row_that_somebody_changed_is_found_and_put_right(
    shell: CommandLine, database: Database
) -> None:
    a_day(database)
    shell("report", "totals").ends(0)
    with database.connect(Role.PROJECTOR) as connection:
        connection.execute("UPDATE models.facility_directory SET legal_name = 'Lakeside'")
    said = shell("projections", "rebuild", "facility_directory", "--json").ends(1)
    assert [each["differences"] for each in said.json["models"]] == [2]
    assert "not what the ledger comes to" in said.stderr
    shell("projections", "rebuild", "facility_directory").ends(0)


def test_a_read_model_that_does_not_go_on_is_told_of_and_no_figure_taken_from_it(
    shell: CommandLine, database: Database
) -> None:
    a_day(database)
    shell("report", "totals").ends(0)
    with database.connect(Role.PROJECTOR) as connection:
        connection.execute("ALTER TABLE models.facility_scorecard RENAME TO mislaid")
    with Almoner.on(database, masters=MASTERS) as almoner:
        almoner.service.execute(a_department(), said_by())
    shell("report", "totals").refuses(1, "facility_scorecard does not go on")
    told = shell("projections", "status", "--json").ends(1).json["models"]
    assert [each["name"] for each in told if each["stalled_at"]] == ["facility_scorecard"]
    assert "stalled: " in shell("status").ends(1).stdout
