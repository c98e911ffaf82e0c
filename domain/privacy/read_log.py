"""The log of reads, as far as the ledger vouches for it: stretch after stretch is **sealed**."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Command, Decision, command
from domain.privacy.events import ReadLogSealed


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLog:
    """Up to which number of the log it is sealed. It belongs to no facility."""

    facility_id: UUID | None = None
    upto: int = 0

    def evolve(self, fact: ReadLogSealed) -> ReadLog:
        return replace(self, upto=fact.upto)


read_log = Aggregate("read_log", ReadLog())


@command("log_id", creates=True)
class SealReadLog(Command):
    """Vouch for the log of reads up to a number, by a digest that builds on the one before."""

    log_id: UUID
    upto: int
    reads: int
    digest: str


@read_log.decides
def seal(state: ReadLog, command: SealReadLog, at: Circumstances) -> Decision:
    if command.upto <= state.upto:
        raise rules.refusal(
            "read_log.already_sealed", "upto", command.upto, f"must be beyond {state.upto}"
        )
    yield ReadLogSealed(
        log_id=command.log_id,
        upto=command.upto,
        reads=rules.quantity("read_log", "reads", command.reads),
        digest=rules.shaped(
            "read_log", "digest", command.digest, "[0-9a-f]{64}", "a SHA-256 in hexadecimal"
        ),
        sealed_at=at.now,
    )
