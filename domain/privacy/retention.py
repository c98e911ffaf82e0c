"""A retention rule: for how many years records are kept, of one kind or of all, at one facility or
at all.

It is **adopted**, on the basis of a law or a policy, and **lifted** when it is not to count any
more. Of one kind of records at one place there is one rule at a time. What no rule is about is kept
for as long as the installation says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import (
    Aggregate,
    Circumstances,
    Command,
    Decision,
    Refused,
    Release,
    Reserve,
    command,
)
from domain.privacy.events import (
    RecordKind,
    RetentionRuleAdopted,
    RetentionRuleFact,
    RetentionRuleLifted,
)

SHORTEST_RETENTION = 6
"""Years from the day a record was made or last in effect (45 CFR 164.316(b)(2)(i))."""

LONGEST_RETENTION = 100
"""More years than anybody's records are kept (c)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """What a rule is about, and whether it counts. It belongs to no facility, also where it is
    about one: what is kept is for the whole system to decide."""

    facility_id: UUID | None = None
    at_facility_id: UUID | None = None
    records: RecordKind | None = None
    years: int = 0
    in_force: bool = False

    def evolve(self, fact: RetentionRuleFact) -> RetentionRule:
        match fact:
            case RetentionRuleAdopted():
                return RetentionRule(
                    at_facility_id=fact.at_facility_id,
                    records=fact.records,
                    years=fact.years,
                    in_force=True,
                )
            case RetentionRuleLifted():
                return replace(self, in_force=False)
            case _:
                assert_never(fact)

    def covers(self, records: str, facility_id: UUID | None) -> bool:
        """Whether it counts for records of a kind at a facility."""
        return (
            self.in_force
            and self.records in (None, records)
            and self.at_facility_id in (None, facility_id)
        )

    @property
    def key(self) -> str:
        """What there is one rule for at a time."""
        return f"{self.at_facility_id or 'system'}/{self.records or 'all'}"


def years_kept(
    found: Iterable[RetentionRule], records: str, facility_id: UUID | None, otherwise: int
) -> int:
    """For how many years records of a kind are kept at a facility: by the longest of the rules that
    are about them, and `otherwise` for so many."""
    return max(
        (each.years for each in found if each.covers(records, facility_id)), default=otherwise
    )


retention_rule = Aggregate("retention_rule", RetentionRule())


@command("rule_id", creates=True)
class AdoptRetentionRule(Command):
    """Keep records for so many years from the day they were made or last in effect: of one kind or
    of all, at one facility or at all. `basis` is the law or the policy that says so."""

    rule_id: UUID
    years: int
    basis: str
    records: RecordKind | None = None
    at_facility_id: UUID | None = None


@command("rule_id")
class LiftRetentionRule(Command):
    """Let a rule not count any more; what it was about is kept by the rules that remain."""

    rule_id: UUID
    reason: str


def _the_facility(_state: RetentionRule, command: AdoptRetentionRule) -> list[UUID]:
    return [] if command.at_facility_id is None else [command.at_facility_id]


@retention_rule.decides(consulting=_the_facility)
def adopt(state: RetentionRule, command: AdoptRetentionRule, at: Circumstances) -> Decision:
    if state.years:
        raise Refused("retention_rule.already_adopted", "This retention rule is adopted already.")
    if not SHORTEST_RETENTION <= command.years <= LONGEST_RETENTION:
        raise rules.refusal(
            "retention_rule.years",
            "years",
            command.years,
            f"must be {SHORTEST_RETENTION} to {LONGEST_RETENTION} (45 CFR 164.316(b)(2)(i))",
        )
    if command.at_facility_id is not None:
        at.known("facility", command.at_facility_id, named="at_facility_id")
    adopted = RetentionRuleAdopted(
        rule_id=command.rule_id,
        at_facility_id=command.at_facility_id,
        records=command.records,
        years=command.years,
        basis=rules.text("retention_rule", "basis", command.basis, longest=500),
    )
    key = state.evolve(adopted).key
    yield Reserve("retention_rule", key, "retention_rule.already_adopted")
    yield adopted


@retention_rule.decides
def lift(state: RetentionRule, command: LiftRetentionRule, at: Circumstances) -> Decision:  # noqa: ARG001
    if not state.in_force:
        return
    yield Release("retention_rule", state.key)
    yield RetentionRuleLifted(
        rule_id=command.rule_id, reason=rules.text("retention_rule", "reason", command.reason)
    )
