"""A claim: what one patient's care at one facility costs, and who has paid how much of it.

Its life: it is **drafted** while the facility is open, **charged** line by line, **amended** where
it said something wrong, **authorized** beforehand, **scrubbed** by rules, **submitted**; the payer
has **accepted** it, **rejected** it, lets it wait (**pended**), or has **denied** a part of it,
which is **appealed** until that is **resolved**. Money is **paid**, parts are
**adjusted** away or **transferred** between payer and patient, **written off**, or **refunded**; an
entry that was wrong is **reversed**, once. It may be submitted again, to replace or to void what
was sent. When nothing is owed any more it is **closed**, and may be **reopened**.
At every step ``balance = charges - payments - adjustments``.

Where too much came in, that is a credit: somebody is to work on it, and what is an **overpayment**
is returned.

Here is what a claim has become; the rules that all of its decisions share are `claim_rules`. The
decisions are told apart by what the desk does: `drafting`, `preparation`, `submission`,
`acknowledgment`, `denial`, `posting`, `giving_up`, `overpayment`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate
from domain.replacing import replace
from domain.revenue.adjudicated import NO_ADJUDICATIONS, Adjudications
from domain.revenue.claim_status import ClaimStatus
from domain.revenue.credit_work import NO_CREDIT_WORK, CreditWork
from domain.revenue.denials import NO_DENIALS, Denials
from domain.revenue.entry import ZERO, Entry, Posted, entry_of
from domain.revenue.events.claim import (
    SELF_PAY,
    ClaimAdjusted,
    ClaimAmended,
    ClaimCharged,
    ClaimClosed,
    ClaimDrafted,
    ClaimEntryReversed,
    ClaimFact,
    ClaimFrequency,
    ClaimPaid,
    ClaimRefunded,
    ClaimReopened,
    ClaimSubmitted,
    ClaimTransferred,
    ClaimType,
    ClaimWrittenOff,
    Code,
    EntryKind,
    Party,
)
from domain.revenue.events.denial import (
    ClaimAppealDecided,
    ClaimAppealed,
    ClaimDenialResolved,
    ClaimDenied,
    DenialFact,
    taken_back,
)
from domain.revenue.events.form import NOTHING_STATED, ClaimForm, Coverage
from domain.revenue.events.overpayment import (
    ClaimCreditAssigned,
    ClaimOverpaymentIdentified,
    ClaimOverpaymentResumed,
    ClaimOverpaymentReturned,
    ClaimOverpaymentSuspended,
    ClaimOverpaymentWithdrawn,
    OverpaymentFact,
)
from domain.revenue.events.patient_account import ClaimStanding
from domain.revenue.events.preparation import (
    ClaimAuthorized,
    ClaimPriced,
    ClaimScrubbed,
    PreparationFact,
)
from domain.revenue.events.remittance import (
    ClaimAdjudicated,
    ClaimAdjudicationReversed,
    ClaimKnownFromRemittance,
    ClaimRemittanceFact,
)
from domain.revenue.events.submission import (
    ClaimAccepted,
    ClaimPended,
    ClaimRejected,
    ClaimStatusReported,
    SubmissionFact,
)
from domain.revenue.service_line import ServiceLine, line_of

# --- state -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a claim has become: all that is billed, what it comes to, and how far it is.

    `patient_balance` is the part of the balance the patient owes. `payers_numbers` tells how each
    payer calls the claim, `sent_to` whom it was ever sent to, `submitted_to` whom last.
    """

    facility_id: UUID | None = None
    status: ClaimStatus = ClaimStatus.ABSENT
    patient_id: UUID = SELF_PAY
    payer_id: UUID = SELF_PAY
    secondary_payer_id: UUID | None = None
    department_id: UUID | None = None
    rendering_staff_id: UUID | None = None
    claim_type: ClaimType = ClaimType.PROFESSIONAL
    control_number: str | None = None
    payers_numbers: Mapping[Party, str] = field(default_factory=lambda: MappingProxyType({}))
    sent_to: frozenset[Party] = frozenset()
    submitted_to: Party = Party.PAYER
    frequency: ClaimFrequency = ClaimFrequency.ORIGINAL
    submitted_on: date | None = None
    currency: str = ""
    service_on: date = rules.EARLIEST
    diagnoses: tuple[Code, ...] = ()
    form: ClaimForm = NOTHING_STATED
    coverage: Coverage | None = None
    secondary_coverage: Coverage | None = None
    authorization_id: UUID | None = None
    scrubbed: int = 0
    lines: tuple[ServiceLine, ...] = ()
    denials: Denials = NO_DENIALS
    entries: Mapping[int, Entry] = field(default_factory=lambda: MappingProxyType({}))
    balance: Decimal = ZERO
    patient_balance: Decimal = ZERO
    adjudications: Adjudications = NO_ADJUDICATIONS
    credit_work: CreditWork = NO_CREDIT_WORK

    @property
    def payer_control_number(self) -> str | None:
        """How the payer calls the claim that it was sent to last."""
        return self.payers_numbers.get(self.submitted_to)

    @property
    def billed_lines(self) -> tuple[ServiceLine, ...]:
        """The lines whose charge was not taken back."""
        return tuple(each for each in self.lines if not each.taken_back)

    def units_for(self, procedures: tuple[Code, ...]) -> int:
        """How many units of some procedures are billed."""
        return sum(each.units for each in self.billed_lines if each.procedure in procedures)

    def evolve(
        self,
        fact: (
            ClaimFact
            | SubmissionFact
            | PreparationFact
            | DenialFact
            | ClaimRemittanceFact
            | OverpaymentFact
        ),
    ) -> Claim:
        match fact:
            case ClaimDrafted():
                return replace(
                    self,
                    status=ClaimStatus.DRAFTED,
                    facility_id=fact.facility_id,
                    patient_id=fact.patient_id,
                    payer_id=fact.payer_id,
                    secondary_payer_id=fact.secondary_payer_id,
                    department_id=fact.department_id,
                    rendering_staff_id=fact.rendering_staff_id,
                    claim_type=fact.claim_type,
                    control_number=fact.control_number,
                    currency=fact.currency,
                    service_on=fact.service_on,
                    diagnoses=fact.diagnoses,
                    form=fact.form,
                    coverage=fact.coverage,
                    secondary_coverage=fact.secondary_coverage,
                )
            case ClaimAmended():
                return replace(
                    self._unscrubbed(),
                    diagnoses=fact.diagnoses,
                    form=fact.form,
                    coverage=fact.coverage,
                    secondary_coverage=fact.secondary_coverage,
                )
            case ClaimAuthorized():
                return replace(
                    self,
                    authorization_id=fact.authorization_id,
                    form=replace(self.form, authorization_number=fact.number),
                )
            case ClaimScrubbed():
                scrubbed = replace(self._unscrubbed(), scrubbed=fact.times)
                if fact.clean and scrubbed.status is ClaimStatus.DRAFTED:
                    return replace(scrubbed, status=ClaimStatus.SCRUBBED)
                return scrubbed
            case ClaimPriced():
                return self
            case ClaimCharged():
                return self._unscrubbed()._posted(fact, (*self.lines, line_of(fact)))
            case (
                ClaimPaid()
                | ClaimAdjusted()
                | ClaimTransferred()
                | ClaimWrittenOff()
                | ClaimRefunded()
            ):
                return self._posted(fact)
            case ClaimEntryReversed():
                return self._taken_back(fact)
            case ClaimSubmitted():
                return replace(
                    self._called(fact.payer_control_number, fact.submitted_to),
                    status=ClaimStatus.SUBMITTED,
                    submitted_on=fact.submitted_on,
                    submitted_to=fact.submitted_to,
                    sent_to=self.sent_to | {fact.submitted_to},
                    frequency=fact.frequency,
                    control_number=fact.control_number or self.control_number,
                )
            case ClaimAccepted():
                called = self._called(fact.payer_control_number, self.submitted_to)
                return replace(called, status=ClaimStatus.ACCEPTED)
            case ClaimRejected():
                return replace(self, status=ClaimStatus.REJECTED)
            case ClaimPended():
                return replace(self, status=ClaimStatus.PENDED)
            case ClaimStatusReported():
                return self._called(fact.payer_control_number, self.submitted_to)
            case ClaimKnownFromRemittance():
                return replace(
                    self,
                    status=ClaimStatus.SUBMITTED,
                    submitted_on=fact.known_on,
                    sent_to=self.sent_to | {Party.PAYER},
                )
            case ClaimAdjudicated():
                return replace(
                    self._called(fact.payer_control_number, fact.decided_by),
                    status=ClaimStatus.ADJUDICATED,
                    adjudications=self.adjudications.decided(fact),
                )
            case ClaimAdjudicationReversed():
                rest = self.adjudications.taken_back(fact)
                decided = ClaimStatus.ADJUDICATED if rest.standing else ClaimStatus.ACCEPTED
                return replace(self, status=decided, adjudications=rest)
            case ClaimDenied() | ClaimAppealed() | ClaimAppealDecided() | ClaimDenialResolved():
                return self._denied(fact)
            case (
                ClaimCreditAssigned()
                | ClaimOverpaymentIdentified()
                | ClaimOverpaymentSuspended()
                | ClaimOverpaymentResumed()
                | ClaimOverpaymentReturned()
                | ClaimOverpaymentWithdrawn()
            ):
                work = self.credit_work.after(fact).as_of(self.balance)
                return replace(self, credit_work=work)
            case ClaimReopened():
                return replace(self, status=ClaimStatus.DRAFTED)
            case ClaimClosed():
                return replace(self, status=ClaimStatus.CLOSED)
            case _:
                assert_never(fact)

    def paid_by(self, party: Party) -> Decimal:
        """What came in from a party and was not given back, by the entries that still stand."""
        signs = {EntryKind.PAYMENT: 1, EntryKind.REFUND: -1}
        return sum(
            (
                signs[each.kind] * each.amount
                for each in self.entries.values()
                if each.kind in signs and each.from_party is party and not each.reversed
            ),
            ZERO,
        )

    def owed_by(self, party: Party) -> Decimal:
        """What a party owes by the entries that still stand; below zero it is a credit."""
        owed = ZERO
        for each in self.entries.values():
            if not each.reversed:
                change, _ = each.effect()
                owed += change if each.from_party is party else ZERO
                if each.kind is EntryKind.TRANSFER:
                    owed += each.amount if each.to_party is party else ZERO
                    owed -= each.amount if each.from_party is party else ZERO
        return owed

    def _called(self, number: str | None, by: Party) -> Claim:
        """How a payer calls the claim, where it tells that."""
        if number is None:
            return self
        return replace(self, payers_numbers=MappingProxyType({**self.payers_numbers, by: number}))

    def _denied(self, fact: DenialFact) -> Claim:
        """What is denied is worked on until all of it is resolved. A payer that has taken back all
        it decided is waited for again."""
        denials = self.denials.after(fact)
        if any(each.pending for each in denials.open):
            status = ClaimStatus.APPEALED
        elif denials.open:
            status = ClaimStatus.DENIED
        elif taken_back(fact) and not self.adjudications.standing:
            status = ClaimStatus.ACCEPTED
        else:
            status = ClaimStatus.ADJUDICATED
        return replace(self, denials=denials, status=status)

    def _unscrubbed(self) -> Claim:
        """What is billed changes: the rules are to look at it again."""
        if self.status is ClaimStatus.SCRUBBED:
            return replace(self, status=ClaimStatus.DRAFTED)
        return self

    def _taken_back(self, fact: ClaimEntryReversed) -> Claim:
        posted = self._unscrubbed()._posted(fact)
        original = replace(posted.entries[fact.reversed_entry], reversed=True)
        lines = posted.lines
        if fact.kind is EntryKind.CHARGE:
            lines = tuple(
                replace(each, taken_back=True) if each.number == fact.line else each
                for each in lines
            )
        return replace(
            posted,
            entries=MappingProxyType({**posted.entries, fact.reversed_entry: original}),
            lines=lines,
        )

    def _posted(self, fact: Posted, lines: tuple[ServiceLine, ...] | None = None) -> Claim:
        return replace(
            self,
            lines=self.lines if lines is None else lines,
            entries=MappingProxyType({**self.entries, fact.entry: entry_of(fact)}),
            balance=fact.balance_after,
            patient_balance=fact.patient_balance_after,
            credit_work=self.credit_work.as_of(fact.balance_after),
        )


def _standing(state: Claim, claim_id: UUID) -> ClaimStanding:
    return ClaimStanding(
        kind="claim",
        id=claim_id,
        open=state.status is not ClaimStatus.CLOSED,
        status=state.status,
        facility_id=state.facility_id,
        currency=state.currency,
        patient_id=state.patient_id,
        charged=sum((each.charged for each in state.billed_lines), ZERO),
        patient_balance=state.patient_balance,
    )


claim = Aggregate("claim", Claim(), standing=_standing)
