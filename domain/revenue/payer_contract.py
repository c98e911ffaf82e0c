"""A payer's contract: what it pays for what, how long a claim may be filed, and how often appealed.

Its life: **terms** are agreed, in force from a day on, and agreed anew as another version; **fees**
are listed on a schedule, in parts where it is long, and the schedule is **published** when it is
whole. Nothing of a version changes: what is to be different is another version. A contract belongs
to no facility.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Command, Decision, Refused, command
from domain.money import CURRENCIES
from domain.replacing import replace
from domain.revenue.events.contract import (
    ContractFact,
    ContractStanding,
    ContractTerms,
    ContractTermsAgreed,
    Fee,
    FeeSchedule,
    FeeSchedulePublished,
    FeesListed,
    LimitUnit,
    OfPayer,
    TermsVersion,
)

MOST_FEES_AT_ONCE = 1_000
"""How many fees one command lists at most: a schedule of twenty thousand comes in parts (c)."""
PROCEDURE = "[A-Z0-9]{5}|[0-9]{4}|[0-9]{3}", "a procedure (HCPCS, CPT), a revenue code or a DRG"
MODIFIER = "[A-Z0-9]{2}", "two capitals or digits"
LONGEST_LIMIT = {LimitUnit.DAYS: 3_660, LimitUnit.CALENDAR_YEARS: 10}
"""No payer lets a claim be filed later than this (c)."""

# --- state -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerContract:
    """What a contract has become: versions of its terms, and schedules by name."""

    facility_id: UUID | None = None
    versions: tuple[TermsVersion, ...] = ()
    schedules: Mapping[str, FeeSchedule] = field(default_factory=lambda: MappingProxyType({}))

    def evolve(self, fact: ContractFact) -> PayerContract:
        match fact:
            case ContractTermsAgreed():
                agreed = TermsVersion(
                    version=fact.version, valid_from=fact.valid_from, terms=fact.terms
                )
                return replace(self, versions=(*self.versions, agreed))
            case FeesListed():
                before = self.schedules.get(fact.schedule)
                listed = {} if before is None else dict(before.fees)
                listed.update(((each.procedure, each.modifier), each.amount) for each in fact.fees)
                schedule = FeeSchedule(name=fact.schedule, currency=fact.currency, fees=listed)
                return self._with(schedule)
            case FeeSchedulePublished():
                whole = self.schedules[fact.schedule]
                return self._with(replace(whole, valid_from=fact.valid_from))
            case _:
                assert_never(fact)

    def _with(self, schedule: FeeSchedule) -> PayerContract:
        schedules = {**self.schedules, schedule.name: schedule}
        return replace(self, schedules=MappingProxyType(schedules))


def _standing(state: PayerContract, contract_id: UUID) -> ContractStanding:
    return ContractStanding(
        kind="payer_contract",
        id=contract_id,
        open=bool(state.versions),
        status="in force" if state.versions else "absent",
        versions=state.versions,
        schedules=tuple(state.schedules.values()),
    )


payer_contract = Aggregate("payer_contract", PayerContract(), standing=_standing)


# --- commands ----------------------------------------------------------------------------------


@command("contract_id", creates=True)
class AgreeContractTerms(OfPayer, Command):
    """Agree with a payer on terms in force from a day on. The first begins the contract."""

    payer_id: UUID
    valid_from: date
    terms: ContractTerms


@command("contract_id")
class ListFees(OfPayer, Command):
    """Put fees on a schedule that is not published yet. One that is listed already is corrected."""

    payer_id: UUID
    schedule: str
    currency: str
    fees: tuple[Fee, ...]


@command("contract_id")
class PublishFeeSchedule(OfPayer, Command):
    """Put a schedule in force from a day on. `fees` is how many it must have by then."""

    payer_id: UUID
    schedule: str
    valid_from: date
    fees: int | None = None


# --- decisions ---------------------------------------------------------------------------------


@payer_contract.decides
def agree(state: PayerContract, command: AgreeContractTerms, at: Circumstances) -> Decision:
    at.known("payer", command.payer_id)
    rules.plausible("payer_contract", "valid_from", command.valid_from)
    terms = command.terms
    if not 1 <= terms.filing.count <= LONGEST_LIMIT[terms.filing.unit]:
        rule = f"must be 1 to {LONGEST_LIMIT[terms.filing.unit]} {terms.filing.unit}"
        raise rules.refusal("payer_contract.filing", "filing", terms.filing.count, rule)
    for each in terms.appeals:
        rules.text("payer_contract", "appeals", each.name, longest=80)
        if not 1 <= each.days <= LONGEST_LIMIT[LimitUnit.DAYS]:
            rule = f"must be 1 to {LONGEST_LIMIT[LimitUnit.DAYS]} days"
            raise rules.refusal("payer_contract.appeals", "appeals", each.days, rule)
    if not terms.tolerance.is_finite() or terms.tolerance < 0:
        rule = "must not be negative"
        raise rules.refusal("payer_contract.amount", "tolerance", str(terms.tolerance), rule)
    if any(
        (each.terms, each.valid_from) == (terms, command.valid_from) for each in state.versions[-1:]
    ):
        return
    yield ContractTermsAgreed(
        contract_id=command.contract_id,
        payer_id=command.payer_id,
        version=len(state.versions) + 1,
        terms=terms,
        valid_from=command.valid_from,
    )


@payer_contract.decides
def list_fees(state: PayerContract, command: ListFees, at: Circumstances) -> Decision:  # noqa: ARG001
    _agreed(state)
    name = rules.text("payer_contract", "schedule", command.schedule, longest=80)
    if command.currency not in CURRENCIES:
        rule = "must be a currency of ISO 4217"
        raise rules.refusal("payer_contract.currency", "currency", command.currency, rule)
    schedule = state.schedules.get(name)
    if schedule is None:
        schedule = FeeSchedule(name=name, currency=command.currency)
    _unpublished(schedule)
    if schedule.currency != command.currency:
        rule = f"must be that of the schedule ({schedule.currency})"
        raise rules.refusal("payer_contract.currency", "currency", command.currency, rule)
    rules.at_most("payer_contract", "fees", command.fees, MOST_FEES_AT_ONCE)
    new = [
        fee
        for fee in (_fee(each, command.currency) for each in command.fees)
        if schedule.fees.get((fee.procedure, fee.modifier)) != fee.amount
    ]
    if new:
        after = {*schedule.fees, *((each.procedure, each.modifier) for each in new)}
        yield FeesListed(
            contract_id=command.contract_id,
            payer_id=command.payer_id,
            schedule=name,
            currency=command.currency,
            fees=tuple(new),
            listed=len(after),
        )


@payer_contract.decides
def publish(state: PayerContract, command: PublishFeeSchedule, at: Circumstances) -> Decision:  # noqa: ARG001
    _agreed(state)
    schedule = state.schedules.get(command.schedule)
    if schedule is None:
        rule = "must be a schedule with fees on it"
        raise rules.refusal("payer_contract.schedule", "schedule", command.schedule, rule)
    if schedule.valid_from == command.valid_from:
        return
    _unpublished(schedule)
    if command.fees not in (None, len(schedule.fees)):
        rule = f"must be the {len(schedule.fees)} that are listed"
        raise rules.refusal("payer_contract.fees", "fees", command.fees, rule)
    rules.plausible("payer_contract", "valid_from", command.valid_from)
    yield FeeSchedulePublished(
        contract_id=command.contract_id,
        payer_id=command.payer_id,
        schedule=schedule.name,
        fees=len(schedule.fees),
        valid_from=command.valid_from,
    )


# --- rules -------------------------------------------------------------------------------------


def _agreed(state: PayerContract) -> None:
    if not state.versions:
        raise Refused("payer_contract.no_terms", "Nothing is agreed with this payer yet.")


def _unpublished(schedule: FeeSchedule) -> None:
    if schedule.valid_from is not None:
        raise Refused(
            "payer_contract.published",
            f"The schedule is in force since {schedule.valid_from}; list another one.",
            schedule=schedule.name,
            valid_from=schedule.valid_from,
        )


def _fee(fee: Fee, currency: str) -> Fee:
    rules.shaped("payer_contract", "procedure", fee.procedure, *PROCEDURE)
    if fee.modifier is not None:
        rules.shaped("payer_contract", "modifier", fee.modifier, *MODIFIER)
    amount = rules.amount("payer_contract", "amount", fee.amount, currency, zero_allowed=True)
    return replace(fee, amount=amount)
