"""A recall: lots of an item that must not be used anywhere.

Its life: it is **issued** for the whole health system, with one command; a process then notifies
every facility that has or had a recalled lot (its `recall_response`), and goes on doing so for
whatever of it arrives later, until the recall is **terminated**.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Command, Decision, Refused, Reserve, command
from domain.supply.events.recall import RecallClass, RecallFact, RecallIssued, RecallTerminated
from domain.supply.item_codes import as_kept
from domain.supply.stock_recall import RecallStanding

MOST_LOTS = 200
"""Lots that one recall names at most (c); one that names none is of all of them."""

DAYS_TO_RESPOND = {RecallClass.I: 1, RecallClass.II: 3, RecallClass.III: 10}
"""How soon a facility is to have looked at its shelves (c)."""


class RecallStatus(StrEnum):
    """Whether recalled lots are still looked for."""

    ABSENT = "absent"
    IN_FORCE = "in_force"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """What a recall has become. It belongs to no facility."""

    facility_id: UUID | None = None
    number: str = ""
    status: RecallStatus = RecallStatus.ABSENT
    issued_on: date = rules.EARLIEST

    def evolve(self, fact: RecallFact) -> Recall:
        match fact:
            case RecallIssued():
                return replace(
                    self,
                    number=fact.number,
                    status=RecallStatus.IN_FORCE,
                    issued_on=fact.issued_on,
                )
            case RecallTerminated():
                return replace(self, status=RecallStatus.TERMINATED)
            case _:
                assert_never(fact)


def _standing(state: Recall, recall_id: UUID) -> RecallStanding:
    return RecallStanding(
        kind="recall",
        id=recall_id,
        open=state.status is RecallStatus.IN_FORCE,
        status=state.status,
        number=state.number,
    )


recall = Aggregate("recall", Recall(), standing=_standing)


@command("recall_id", creates=True)
class IssueRecall(Command):
    """Recall lots of an item everywhere; without lots, all of them."""

    recall_id: UUID
    number: str
    recall_class: RecallClass
    item_system: str
    item_code: str
    reason: str
    issued_on: date
    lots: tuple[str, ...] = ()
    instructions: str = "Quarantine, and wait for instructions."


@command("recall_id")
class TerminateRecall(Command):
    """Ask nothing more of anybody."""

    recall_id: UUID
    terminated_on: date


@recall.decides
def issue(state: Recall, command: IssueRecall, at: Circumstances) -> Decision:
    if state.status is not RecallStatus.ABSENT:
        raise Refused("recall.already_issued", "This recall exists.")
    rules.happened("recall", "issued_on", command.issued_on, at)
    rules.at_most("recall", "lots", command.lots, MOST_LOTS)
    number = rules.text("recall", "number", command.number, longest=80)
    system, code = as_kept("recall", command.item_system, command.item_code)
    yield Reserve("recall_number", number, "recall.number_in_use")
    yield RecallIssued(
        recall_id=command.recall_id,
        number=number,
        recall_class=command.recall_class,
        item_system=system,
        item_code=code,
        lots=tuple(
            dict.fromkeys(rules.text("recall", "lots", each, longest=80) for each in command.lots)
        ),
        reason=rules.text("recall", "reason", command.reason, longest=500),
        instructions=rules.text("recall", "instructions", command.instructions, longest=500),
        issued_on=command.issued_on,
        respond_by=command.issued_on + timedelta(days=DAYS_TO_RESPOND[command.recall_class]),
    )


@recall.decides
def terminate(state: Recall, command: TerminateRecall, at: Circumstances) -> Decision:
    rules.happened("recall", "terminated_on", command.terminated_on, at)
    rules.in_order("recall", "issued_on", state.issued_on, "terminated_on", command.terminated_on)
    if state.status is RecallStatus.IN_FORCE:
        yield RecallTerminated(recall_id=command.recall_id, terminated_on=command.terminated_on)
