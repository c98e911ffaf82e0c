"""A bundle proves itself: to a program that knows nothing of ours, and down to its last byte."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import cryptography
import pytest

from domain.audit.events import Criterion, ExportFormat, ExportMade
from domain.kernel import Refused
from facilities.database import Database, Role
from facilities.exchange.audit_bundle import Exported, Exporter, NothingSealed, told_of
from facilities.exchange.audit_parquet import NoParquet
from facilities.exchange.audit_selection import Selection
from facilities.exchange.audit_verifier import Wrong, leaf, verified
from facilities.ledger import Ledger
from facilities.seals.leaves import entries
from facilities.seals.tree import leaf_hash
from facilities.service import Service
from tests.facilities.scenes import THE_DAY_BEGINS, a_charge, said_by
from tests.facilities.seals.grammar import SealedLedger
from tests.grammar import NOW


@pytest.fixture
def sealed(database: Database, ledger: Ledger, tmp_path: Path) -> SealedLedger:
    """A day at Riverside, and some notes, under two seals."""
    made = SealedLedger.new(database, ledger, tmp_path)
    service = Service(ledger, now=lambda: NOW)
    for command in (*THE_DAY_BEGINS, a_charge()):
        service.execute(command, said_by(reason="it began; “so”"))
    made.grows(20)
    made.grows(30)
    return made


def exported(
    sealed: SealedLedger, out: Path, form: ExportFormat = ExportFormat.BUNDLE, **by: object
) -> Exported:
    service = Service(sealed.ledger, now=lambda: NOW)
    exporter = Exporter(sealed.database.pool(Role.APP).connection, sealed.sealer, service)
    selection = Selection(**by)  # type: ignore[arg-type]
    return exporter.export(out, form, selection, "an auditor", "The yearly audit")


ELSEWHERE = """
import runpy, sys
packages, *sys.argv = sys.argv[1:]
sys.path.append(packages)
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""A machine that has Python's standard library and one folder of packages."""


def checked(verifier: Path, bundle: Path, *keys: str) -> subprocess.CompletedProcess[str]:
    """The verifier as a process of its own, on a machine without us: of all that is installed here
    it sees `cryptography` and what that one needs."""
    packages = bundle.parent / "packages"
    packages.mkdir(exist_ok=True)
    installed = Path(cryptography.__file__).parents[1]
    for each in (*installed.glob("cryptography*"), *installed.glob("*cffi*")):
        if not (packages / each.name).exists():
            (packages / each.name).symlink_to(each)
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", ELSEWHERE, packages, verifier, bundle, *keys],
        cwd=bundle.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_bundle_is_checked_without_us_and_without_a_database(
    sealed: SealedLedger, tmp_path: Path
) -> None:
    out = tmp_path / "out.zip"
    made = exported(sealed, out)
    with zipfile.ZipFile(out) as bundle:
        assert bundle.testzip() is None
        verifier = Path(bundle.extract("verify.py", tmp_path))
    said = checked(verifier, out, sealed.key.public.key_id)
    assert (said.returncode, said.stderr) == (0, "")
    assert f"{made.events} events, exported by an auditor" in said.stdout
    spy = tmp_path / "spy.py"
    spy.write_text("import domain")
    assert "No module named 'domain'" in checked(spy, out).stderr
    said = checked(verifier, out, "0" * 64)
    assert said.returncode == 1
    assert "has nothing to do with this bundle" in said.stdout
    assert checked(verifier, tmp_path / "key.pem").returncode == 1
    assert subprocess.run([sys.executable, "-I", verifier], capture_output=True).returncode == 2


def test_changing_any_byte_fails_it(sealed: SealedLedger, tmp_path: Path) -> None:
    out = tmp_path / "out.zip"
    exported(sealed, out)
    raw, dice, altered = out.read_bytes(), Random(7), tmp_path / "altered.zip"
    verified(out, [])
    ends = [*range(60), *range(len(raw) - 400, len(raw))]
    for place in [*ends, *dice.sample(range(len(raw)), 400)]:
        changed = bytearray(raw)
        changed[place] ^= 1 << dice.randrange(8)
        altered.write_bytes(changed)
        with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it is, main() tells it
            verified(altered, [])
    for other in (raw[:-1], raw + b"\0", raw[1:], b""):
        altered.write_bytes(other)
        with pytest.raises(Exception):  # noqa: B017, PT011
            verified(altered, [])


def test_a_bundle_that_was_changed_is_told_with_exit_code_1(
    sealed: SealedLedger, tmp_path: Path
) -> None:
    out, altered = tmp_path / "out.zip", tmp_path / "altered.zip"
    exported(sealed, out)
    with zipfile.ZipFile(out) as bundle:
        verifier = Path(bundle.extract("verify.py", tmp_path))
    raw = bytearray(out.read_bytes())
    raw[len(raw) // 2] ^= 1
    altered.write_bytes(raw)
    said = checked(verifier, altered)
    assert said.returncode == 1
    assert said.stdout.startswith("It does not hold: ")
    assert "Traceback" not in said.stderr


def test_a_line_with_another_value_or_column_is_another_leaf(sealed: SealedLedger) -> None:
    with sealed.database.connect(Role.APP) as app:
        event = told_of(next(iter(entries(app, None, 10_000))))
    assert leaf(event) != leaf({**event, "actor": "nobody"})
    with pytest.raises(Wrong, match="other columns"):
        leaf({**event, "note": 1})


def test_what_a_line_tells_is_what_was_sealed(sealed: SealedLedger) -> None:
    with sealed.database.connect(Role.APP) as app:
        for entry in entries(app, None, 10_000):
            line = json.loads(json.dumps(told_of(entry)))
            assert leaf(line) == leaf_hash(entry)


def test_that_it_was_taken_out_is_on_record(sealed: SealedLedger, tmp_path: Path) -> None:
    out = tmp_path / "out.zip"
    made = exported(sealed, out, actor="scribe", position_from=3)
    (event,) = sealed.ledger.stream(made.export_id)
    assert event.position == made.position
    assert (event.actor, event.reason, event.source) == (
        "an auditor",
        "The yearly audit",
        "export",
    )
    with zipfile.ZipFile(out) as bundle:
        manifest = bundle.read("manifest.json")
    assert event.fact == ExportMade(
        export_id=made.export_id,
        format=ExportFormat.BUNDLE,
        selection=(
            Criterion(dimension="actor", value="scribe"),
            Criterion(dimension="position_from", value="3"),
        ),
        events=50,
        head=made.head,
        digest=sha256(manifest).hexdigest(),
        why="The yearly audit",
        made_at=NOW,
    )


def test_a_bundle_names_who_why_and_the_schemas_of_facts(
    sealed: SealedLedger, tmp_path: Path
) -> None:
    out = tmp_path / "out.zip"
    exported(sealed, out, fact="claim")
    with zipfile.ZipFile(out) as bundle:
        manifest = json.loads(bundle.read("manifest.json"))
        schemas = json.loads(bundle.read("schemas.json"))
        events = [json.loads(each) for each in bundle.read("events.jsonl").splitlines()]
    assert (manifest["by"], manifest["why"]) == ("an auditor", "The yearly audit")
    assert manifest["selection"] == [{"dimension": "fact", "value": "claim"}]
    assert [each["fact"] for each in events] == ["claim.drafted", "claim.charged"]
    assert json.loads(events[1]["state"])["unit_amount"] == "10.00"
    assert schemas["claim.paid"]["version"] == 1
    assert "balance_after" in json.dumps(schemas["claim.paid"]["schema"])


def test_events_are_chosen_by_any_dimension(sealed: SealedLedger, tmp_path: Path) -> None:
    with sealed.database.connect(Role.APP) as app:
        rows = app.execute(
            "SELECT stream_id, facility_id, command_id, correlation_id, recorded_at, effective_at, "
            "role, actor FROM ledger.events WHERE fact = 'claim.charged'"
        ).fetchall()
    ((stream, facility, command, correlation, recorded, effective, role, actor),) = rows
    for number, by in enumerate(
        (
            {"stream": stream},
            {"facility": facility, "fact": "claim.charged"},
            {"command": command},
            {"correlation": correlation or command},
            {"recorded_from": recorded, "recorded_to": recorded},
            {"effective_from": effective, "effective_to": effective, "fact": "claim"},
            {"role": role, "actor": actor, "fact": "claim.charged"},
        )
    ):
        out = tmp_path / f"{number}.zip"
        assert 1 <= exported(sealed, out, **by).events <= 2, by
        verified(out, [])
    out = tmp_path / "none.zip"
    assert exported(sealed, out, stream=uuid4()).events == 0
    assert "0 events" in verified(out, [])


def test_a_table_has_every_column(sealed: SealedLedger, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    made = exported(sealed, out, ExportFormat.CSV, fact="trial_note")
    assert sha256(out.read_bytes()).hexdigest() == made.digest
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == made.events == 50
    assert rows[0]["actor"] == "scribe"
    assert json.loads(rows[0]["state"]) == {"text": "note 1"}


def test_a_table_for_analysis_has_columns_of_their_own_types(
    sealed: SealedLedger, tmp_path: Path
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="almoner[parquet] is not installed")
    out = tmp_path / "out.parquet"
    made = exported(sealed, out, ExportFormat.PARQUET, fact="trial_note")
    assert sha256(out.read_bytes()).hexdigest() == made.digest
    table = parquet.read_table(out)
    assert table.num_rows == made.events == 50
    assert str(table.schema.field("position").type) == "int64"
    assert str(table.schema.field("recorded_at").type) == "timestamp[us, tz=UTC]"
    first = table.slice(0, 1).to_pylist()[0]
    assert json.loads(first["state"]) == {"text": "note 1"}
    assert (first["actor"], first["version"]) == ("scribe", 1)


def test_without_the_package_that_writes_it_nothing_is_taken(
    sealed: SealedLedger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(NoParquet, match=r"almoner\[parquet\]"):
        exported(sealed, tmp_path / "out.parquet", ExportFormat.PARQUET)
    assert not (tmp_path / "out.parquet").exists()


def test_what_is_refused_leaves_no_file(sealed: SealedLedger, tmp_path: Path) -> None:
    service = Service(sealed.ledger, now=lambda: NOW)
    exporter = Exporter(sealed.database.pool(Role.APP).connection, sealed.sealer, service)
    before = {*tmp_path.iterdir()}
    with pytest.raises(Refused):
        exporter.export(tmp_path / "x.zip", ExportFormat.BUNDLE, Selection(), "me", " ")
    assert {*tmp_path.iterdir()} == before


def test_of_an_empty_ledger_nothing_is_taken(
    database: Database, ledger: Ledger, tmp_path: Path
) -> None:
    nothing = SealedLedger.new(database, ledger, tmp_path)
    with pytest.raises(NothingSealed):
        exported(nothing, tmp_path / "x.zip", stream=UUID(int=1))
