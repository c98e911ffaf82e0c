"""An export: events taken out of the ledger. It is **made**, once, and stays on record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from domain import rules
from domain.audit.events import Criterion, ExportFact, ExportFormat, ExportMade
from domain.kernel import Aggregate, Circumstances, Command, Decision, Refused, command


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Whether it was made. It belongs to no facility."""

    facility_id: UUID | None = None
    made: bool = False

    def evolve(self, fact: ExportFact) -> Export:  # noqa: ARG002 - there is only one
        return replace(self, made=True)


export = Aggregate("export", Export())


@command("export_id", creates=True)
class RecordExport(Command):
    """Put on record that events were taken out of the ledger, by whom it is given, and why."""

    export_id: UUID
    format: ExportFormat
    events: int
    head: int
    digest: str
    why: str
    selection: tuple[Criterion, ...] = ()


@export.decides
def record(state: Export, command: RecordExport, at: Circumstances) -> Decision:
    if state.made:
        raise Refused("export.already_made", "This export is on record.")
    yield ExportMade(
        export_id=command.export_id,
        format=command.format,
        selection=command.selection,
        events=command.events,
        head=command.head,
        digest=rules.shaped(
            "export", "digest", command.digest, "[0-9a-f]{64}", "a SHA-256 in hexadecimal"
        ),
        why=rules.text("export", "why", command.why, longest=500),
        made_at=at.now,
    )
