"""The denials of a claim, as far as each has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import assert_never

from domain.replacing import replace
from domain.revenue.events.denial import (
    ClaimAppealDecided,
    ClaimAppealed,
    ClaimDenialResolved,
    ClaimDenied,
    DenialFact,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """A denial. `level` counts its appeals, `since` is when something happened to it last."""

    number: int
    adjudication: int | None
    line: int | None
    amount: Decimal
    reason_code: str
    appeal_by: date | None
    since: date
    level: int = 0
    pending: bool = False
    open: bool = True


@dataclass(frozen=True, slots=True)
class Denials:
    """All denials of a claim, by number."""

    all: Mapping[int, Denial] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def open(self) -> tuple[Denial, ...]:
        """Those that are not resolved."""
        return tuple(each for each in self.all.values() if each.open)

    def after(self, fact: DenialFact) -> Denials:
        """The denials after a fact about one of them."""
        return Denials(MappingProxyType({**self.all, fact.denial: self._one(fact)}))

    def _one(self, fact: DenialFact) -> Denial:
        match fact:
            case ClaimDenied():
                return Denial(
                    number=fact.denial,
                    adjudication=fact.adjudication,
                    line=fact.line,
                    amount=fact.amount,
                    reason_code=fact.reason_code,
                    appeal_by=fact.appeal_by,
                    since=fact.denied_on,
                )
            case ClaimAppealed():
                return replace(
                    self.all[fact.denial],
                    level=fact.level,
                    pending=True,
                    since=fact.appealed_on,
                )
            case ClaimAppealDecided():
                denial = self.all[fact.denial]
                return replace(
                    denial,
                    pending=False,
                    appeal_by=fact.appeal_by,
                    amount=denial.amount - fact.overturned or denial.amount,
                    since=fact.decided_on,
                )
            case ClaimDenialResolved():
                return replace(self.all[fact.denial], open=False, since=fact.resolved_on)
            case _:
                assert_never(fact)


NO_DENIALS = Denials()
