"""An export is put on record."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from domain.audit.events import Criterion, ExportFormat, ExportMade
from domain.audit.export import Export, RecordExport
from tests.grammar import NOW, given

recording = RecordExport(
    export_id=UUID(int=5),
    format=ExportFormat.BUNDLE,
    selection=(Criterion(dimension="actor", value="somebody"),),
    events=7,
    head=90,
    digest="ab" * 32,
    why=" The yearly audit ",
)
made = ExportMade(
    export_id=UUID(int=5),
    format=ExportFormat.BUNDLE,
    selection=recording.selection,
    events=7,
    head=90,
    digest="ab" * 32,
    why="The yearly audit",
    made_at=NOW,
)


def test_an_export_is_put_on_record() -> None:
    given(Export).when(recording).records(made)


def test_an_export_is_made_once() -> None:
    given(Export, made).when(recording).refused("export.already_made")


def test_an_export_says_why_and_what() -> None:
    given(Export).when(replace(recording, why=" ")).refused("export.text", field="why")
    given(Export).when(replace(recording, digest="AB" * 32)).refused("export.digest")
