"""Files that come in: what is refused names file, line, column, value and rule; nothing is done by
halves.
"""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from facilities.database import Database
from facilities.exchange.report import Change
from tests.conftest import MASTERS
from tests.web.cli.grammar import SYNTHEA, CommandLine, needs
from web.bootstrap import Almoner
from web.cli.importing import said_otherwise

HEADER = "NAME,TYPE,CITY,STATE,NPI\n"
MAPPING = (
    *("--map", "legal_name=NAME"),
    *("--map", "city=CITY"),
    *("--map", "region=STATE"),
    *("--map", "npi=NPI"),
)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A list of two facilities."""
    file = tmp_path / "directory.csv"
    file.write_text(
        HEADER
        + "Harbor Clinic,clinic,Portland,ME,1234567893\n"
        + "Ridge Hospital,hospital,Boise,ID,\n"
    )
    return file


def head(database: Database) -> int:
    with Almoner.on(database, masters=MASTERS) as almoner:
        return almoner.ledger.head()


def test_a_directory_is_imported_once(shell: CommandLine, directory: Path) -> None:
    first = shell("import", "facilities", directory, *MAPPING, "--json").ends(0).json
    assert (first["facilities"], first["rejected"]) == (2, [])
    assert first["events_appended"] > 0
    second = shell("import", "facilities", directory, *MAPPING, "--json").ends(0).json
    assert {**second, "events_appended": first["events_appended"]} == first
    assert second["events_appended"] == 0


def test_what_was_imported_is_in_the_totals_at_once(shell: CommandLine, directory: Path) -> None:
    imported = shell("import", "facilities", directory, *MAPPING, "--json").ends(0).json
    assert shell("report", "totals", "--json").ends(0).json == imported


def test_a_figure_a_line_is_what_people_read(shell: CommandLine, directory: Path) -> None:
    said = shell("import", "facilities", directory, *MAPPING, "--kind", "clinic").ends(0)
    told = dict(line.rsplit(maxsplit=1) for line in said.stdout.splitlines())
    assert (told["facilities"], told["charges"]) == ("2", "0.00")


def test_progress_goes_to_stderr_only(shell: CommandLine, directory: Path) -> None:
    said = shell("import", "facilities", directory, *MAPPING, "--json").ends(0)
    assert "importing facilities: 2 of 2" in said.stderr
    assert said.json["facilities"] == 2


def test_one_bad_row_is_enough_for_nothing_to_be_imported(
    shell: CommandLine, directory: Path, database: Database
) -> None:
    with directory.open("a") as file:
        file.write("Nowhere,clinic,Paris,XX,\n")
    said = shell("import", "facilities", directory, *MAPPING).ends(1)
    assert said.stdout.startswith("directory.csv:4: STATE: XX: must be the two letters")
    assert "Turned away: 1; nothing was imported." in said.stderr
    assert head(database) == 0


def test_the_report_of_a_refused_import_is_one_json_object_too(
    shell: CommandLine, directory: Path
) -> None:
    with directory.open("a") as file:
        file.write("Nowhere,clinic,Paris,XX,1234567890\n")
    report = shell("import", "facilities", directory, *MAPPING, "--json").ends(1).json
    assert report["facilities"] == report["events_appended"] == 0
    (rejected,) = report["rejected"]
    assert set(rejected) == {"file", "line", "column", "value", "rule"}
    assert (rejected["file"], rejected["line"]) == ("directory.csv", 4)


def test_bad_rows_may_be_skipped_and_are_told_of(shell: CommandLine, directory: Path) -> None:
    with directory.open("a") as file:
        file.write("Nowhere,clinic,Paris,XX,\n")
    said = shell("import", "facilities", directory, *MAPPING, "--skip-bad").ends(0)
    assert said.stdout.startswith("directory.csv:4: STATE: XX: ")
    assert "the others were imported" in said.stderr
    assert shell("report", "totals", "--json").json["facilities"] == 2


def test_where_every_row_is_bad_skipping_them_is_no_success(
    shell: CommandLine, directory: Path
) -> None:
    directory.write_text(HEADER + "Nowhere,clinic,Paris,XX,\n")
    shell("import", "facilities", directory, *MAPPING, "--skip-bad").ends(1)


def test_a_dry_run_tells_what_would_be_and_does_nothing(
    shell: CommandLine, directory: Path, database: Database
) -> None:
    said = shell("import", "facilities", directory, *MAPPING, "--dry-run", "--json").ends(0)
    assert (said.json["facilities"], said.json["events_appended"]) == (2, 0)
    assert "dry run" in said.stderr
    assert head(database) == 0


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("nurse", "coder", "staff.csv:3: job: nurse, now coder"),
        (None, "cardiac", "staff.csv:3: job: now cardiac"),
        (None, None, "staff.csv:3: job: is said otherwise"),
    ],
)
def test_a_change_says_what_was_known_and_what_is_so_now(
    was: str | None, becomes: str | None, said: str
) -> None:
    assert (
        said_otherwise(Change(file="staff.csv", line=3, column="job", was=was, becomes=becomes))
        == said
    )


def test_a_value_cannot_play_tricks_on_the_terminal(shell: CommandLine, directory: Path) -> None:
    with directory.open("a") as file:
        file.write('Nowhere,clinic,Paris,"\x1b[2J\nfacilities 900",\n')
    said = shell("import", "facilities", directory, *MAPPING).ends(1)
    assert "\x1b" not in said.stdout
    assert said.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--map", "legal_name"], ["'--map'", "'legal_name' is not FIELD=COLUMN"]),
        (["--map", "beds=NAME"], ["'--map'", "'beds'", "legal_name"]),
        (["--map", "city=CITY"], ["'--map'", "legal_name"]),
        ([], ["'--map'", "legal_name"]),
        (["--profile", "mars"], ["'--profile'", "'mars' is not one of", "us_facilities"]),
        (["--kind", "castle"], ["'--kind'", "'castle' is not one of", "hospital"]),
        (
            ["--map", "legal_name=NAME", "--map", "zone=:Mars/Olympus"],
            ["'--map'", "'Mars/Olympus' is no IANA time zone"],
        ),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(
    shell: CommandLine, directory: Path, options: list[str], words: list[str]
) -> None:
    shell("import", "facilities", directory, *options).refuses(2, *words)


def test_a_column_that_is_not_there_is_named(shell: CommandLine, directory: Path) -> None:
    said = shell("import", "facilities", directory, "--map", "legal_name=TITLE").ends(1)
    assert said.stdout == "directory.csv:1: TITLE: the column is missing\n"


def test_what_is_not_there_or_of_another_kind_is_refused(
    shell: CommandLine, directory: Path
) -> None:
    nowhere = directory.parent / "nowhere"
    shell("import", "facilities", nowhere).refuses(2, "'FILE'", f"'{nowhere}' does not exist")
    shell("import", "synthea", nowhere).refuses(2, "'DIR'", f"'{nowhere}' does not exist")
    shell("import", "synthea", directory).refuses(2, "'DIR'", "is a file")
    shell("import", "facilities", directory.parent).refuses(2, "'FILE'", "is a directory")
    shell("import", "synthea").refuses(2, "Missing argument 'DIR'")


def test_a_folder_that_is_no_synthea_export_is_refused(shell: CommandLine, directory: Path) -> None:
    said = shell("import", "synthea", directory.parent).ends(1)
    assert said.stdout == "organizations.csv: the file is missing\n"


@pytest.mark.real
def test_a_real_health_system_is_imported_and_its_totals_are_those_of_its_files(
    shell: CommandLine,
) -> None:
    needs(SYNTHEA)
    imported = shell("import", "synthea", SYNTHEA, "--json").ends(0).json
    assert imported["rejected"] == []
    assert imported["balance"] == "-11101.22"
    assert shell("report", "totals", "--json").ends(0).json == imported
    again = shell("import", "synthea", SYNTHEA, "--json").ends(0).json
    assert again == {**imported, "events_appended": 0}


@pytest.mark.real
@pytest.mark.slow
def test_ctrl_c_leaves_nothing_half_done(shell: CommandLine, database: Database) -> None:
    needs(SYNTHEA)
    with shell.started("import", "synthea", SYNTHEA) as importing:
        assert importing.stderr is not None
        for line in importing.stderr:
            if line.startswith("importing claims"):
                break
        importing.send_signal(signal.SIGINT)
        told = importing.stderr.read()
    assert importing.returncode == 130
    assert "Interrupted." in told
    assert "Traceback" not in told
    begun = head(database)
    assert begun > 0
    imported = shell("import", "synthea", SYNTHEA, "--json").ends(0).json
    assert 0 < imported["events_appended"] < 10063
    assert imported["balance"] == "-11101.22"
    assert shell("report", "totals", "--json").ends(0).json == {
        **imported,
        "events_appended": 10063,
    }
