"""The work on a claim's credit: who is to do it, and the overpayments it has found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import assert_never
from uuid import UUID

from domain.replacing import replace
from domain.revenue.entry import ZERO
from domain.revenue.events.claim import Party
from domain.revenue.events.overpayment import (
    ClaimCreditAssigned,
    ClaimOverpaymentIdentified,
    ClaimOverpaymentResumed,
    ClaimOverpaymentReturned,
    ClaimOverpaymentSuspended,
    ClaimOverpaymentWithdrawn,
    OverpaymentFact,
    SuspensionGround,
)

RETURN_WITHIN = timedelta(days=60)
"""How long an overpayment may be kept once it is identified (42 U.S.C. 1320a-7k(d)(2)(A))."""

LOOKED_FOR_UNTIL = timedelta(days=180)
"""How long after it was identified the deadline is suspended at most where related overpayments are
looked for (42 CFR 401.305(b)(3))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overpayment:
    """An overpayment that was found. `return_by` is its last day, as far as that is known, and
    `running_to` the one that it had before it was suspended, on `suspended_on`."""

    number: int
    paid_by: Party
    payer_id: UUID
    amount: Decimal
    identified_on: date
    since: date
    return_by: date | None
    running_to: date | None
    suspended_on: date | None = None
    ground: SuspensionGround | None = None
    open: bool = True

    def suspended_until(self) -> date | None:
        """The last day its deadline can stand still on account of what it is suspended for."""
        related = self.ground is SuspensionGround.RELATED_OVERPAYMENTS
        return self.identified_on + LOOKED_FOR_UNTIL if related else None

    def suspended(self, ground: SuspensionGround, on: date) -> Overpayment:
        """It with its deadline suspended from a day on; asks for one that has a deadline."""
        assert self.running_to is not None, "there is a deadline to suspend"
        held = replace(self, ground=ground, suspended_on=on)
        until = held.suspended_until()
        return replace(held, return_by=None if until is None else self.running_to + (until - on))

    def runs_to(self, resumed_on: date) -> date:
        """Its last day, where the deadline runs again from a day on."""
        assert self.running_to is not None
        assert self.suspended_on is not None
        until = min(resumed_on, self.suspended_until() or resumed_on)
        return self.running_to + (until - self.suspended_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditWork:
    """Who is to work on a claim's credit, and all overpayments of the claim, by number."""

    assigned_to: UUID | None = None
    overpayments: Mapping[int, Overpayment] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def open(self) -> tuple[Overpayment, ...]:
        """The overpayments that are not returned."""
        return tuple(each for each in self.overpayments.values() if each.open)

    def to_return_to(self, party: Party) -> Decimal:
        """What is still to be returned to a party."""
        return sum((each.amount for each in self.open if each.paid_by is party), ZERO)

    def as_of(self, balance: Decimal) -> CreditWork:
        """The work with this balance. Without a credit it is done, and nobody's any more, unless an
        overpayment is still to be returned."""
        if self.assigned_to is None or balance < 0 or self.open:
            return self
        return replace(self, assigned_to=None)

    def after(self, fact: OverpaymentFact) -> CreditWork:
        """The work after a fact of it."""
        if isinstance(fact, ClaimCreditAssigned):
            return replace(self, assigned_to=fact.staff_id)
        one = self._one(fact)
        return replace(self, overpayments=MappingProxyType({**self.overpayments, one.number: one}))

    def _one(
        self,
        fact: ClaimOverpaymentIdentified
        | ClaimOverpaymentSuspended
        | ClaimOverpaymentResumed
        | ClaimOverpaymentReturned
        | ClaimOverpaymentWithdrawn,
    ) -> Overpayment:
        match fact:
            case ClaimOverpaymentIdentified():
                return Overpayment(
                    number=fact.overpayment,
                    paid_by=fact.paid_by,
                    payer_id=fact.payer_id,
                    amount=fact.amount,
                    identified_on=fact.identified_on,
                    since=fact.identified_on,
                    return_by=fact.return_by,
                    running_to=fact.return_by,
                )
            case ClaimOverpaymentSuspended():
                return replace(
                    self.overpayments[fact.overpayment],
                    ground=fact.ground,
                    suspended_on=fact.suspended_on,
                    return_by=fact.return_by,
                    since=fact.suspended_on,
                )
            case ClaimOverpaymentResumed():
                return replace(
                    self.overpayments[fact.overpayment],
                    ground=None,
                    suspended_on=None,
                    return_by=fact.return_by,
                    running_to=fact.return_by,
                    since=fact.resumed_on,
                )
            case ClaimOverpaymentReturned():
                one = self.overpayments[fact.overpayment]
                return replace(one, open=False, since=fact.returned_on)
            case ClaimOverpaymentWithdrawn():
                one = self.overpayments[fact.overpayment]
                return replace(one, open=False, since=fact.withdrawn_on)
            case _:
                assert_never(fact)


NO_CREDIT_WORK = CreditWork()
