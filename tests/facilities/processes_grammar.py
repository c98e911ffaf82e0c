"""How a test of a process is spelled: ``sees(reordering, issued).sends(DraftRequisition(...))``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.kernel import Command, Fact, Recorded, Refused
from facilities.process import Process
from tests.projections.grammar import recorded


@dataclass(frozen=True)
class Seen:
    """A process that has seen an event, after others."""

    process: Process
    event: Recorded[Any]

    def sends(self, *commands: Command) -> None:
        """Exactly these commands, in this order."""
        assert tuple(self.process.commands(self.event)) == commands

    def sends_nothing(self) -> None:
        self.sends()

    def instead_of(self, command: Command, code: str, *commands: Command) -> None:
        """Exactly these commands, where a rule of this code refuses one it sent."""
        refusal = Refused(code, "No.")
        assert tuple(self.process.instead(self.event, command, refusal)) == commands


def sees(process: Process, *facts: Fact) -> Seen:
    """The process sees the last of these facts."""
    return Seen(process, recorded(*facts)[-1])
