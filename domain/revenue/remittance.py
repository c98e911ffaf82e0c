"""A remittance: one payment of a payer, and for which claims it is (one X12 835 transaction).

Its life: it is **received** once, whatever file it comes in. One that does not come to its payment
is **quarantined** as a whole until a person **releases** it. Claims that break a rule, or that are
not ours to find, are quarantined one by one, and each is **resolved** by hand: posted to a claim,
or dismissed (`quarantine`). When every claim has found its place the remittance is
**posted**.
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
from domain.kernel import (
    Aggregate,
    Circumstances,
    Command,
    Decision,
    Refused,
    Standing,
    command,
)
from domain.replacing import replace
from domain.revenue import remitted as says
from domain.revenue.events.claim import PaymentMethod
from domain.revenue.events.remittance import (
    ProviderAdjustment,
    RemittanceFact,
    RemittancePosted,
    RemittanceQuarantined,
    RemittanceReceived,
    RemittanceReleased,
    RemittedClaimQuarantined,
    RemittedClaimResolved,
    Resolution,
)

MOST_PROVIDER_ADJUSTMENTS = 600
"""An 835 carries this many: PLB repeats 100 times at least and holds six adjustments (c)."""

# --- state -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Remittance:
    """What a remittance has become. `quarantine` holds the claims that wait for a person.

    `places` are the numbers of all claims that ever were in quarantine. `held` tells why it is in
    quarantine as a whole, while it is.
    """

    facility_id: UUID | None = None
    payer_id: UUID | None = None
    payer_name: str = ""
    received: bool = False
    held: RemittanceQuarantined | None = None
    posted: bool = False
    posted_claims: int = 0
    content: str = ""
    currency: str = ""
    claims: int = 0
    trace_number: str = ""
    method: PaymentMethod = PaymentMethod.ELECTRONIC
    paid_on: date = rules.EARLIEST
    quarantine: Mapping[int, RemittedClaimQuarantined] = field(
        default_factory=lambda: MappingProxyType({})
    )
    places: frozenset[int] = frozenset()

    def evolve(self, fact: RemittanceFact) -> Remittance:
        match fact:
            case RemittanceReceived():
                return replace(
                    self,
                    received=True,
                    facility_id=fact.facility_id,
                    payer_id=fact.payer_id,
                    payer_name=fact.payer_name,
                    content=fact.content,
                    currency=fact.currency,
                    claims=fact.claims,
                    trace_number=fact.trace_number,
                    method=fact.method,
                    paid_on=fact.paid_on,
                )
            case RemittanceQuarantined():
                return replace(self, held=fact)
            case RemittanceReleased():
                return replace(self, held=None)
            case RemittedClaimQuarantined():
                return replace(
                    self,
                    quarantine=MappingProxyType({**self.quarantine, fact.place: fact}),
                    places=self.places | {fact.place},
                )
            case RemittedClaimResolved():
                rest = {k: v for k, v in self.quarantine.items() if k != fact.place}
                posted = self.posted_claims + (fact.resolution is Resolution.POSTED)
                return replace(self, quarantine=MappingProxyType(rest), posted_claims=posted)
            case RemittancePosted():
                return replace(self, posted=True, posted_claims=fact.posted_claims)
            case _:
                assert_never(fact)

    @property
    def status(self) -> str:
        """How far the remittance has come, in a word."""
        return "quarantined" if self.held is not None else "posted" if self.posted else "received"


def _standing(state: Remittance, remittance_id: UUID) -> Standing:
    return Standing(
        kind="remittance",
        id=remittance_id,
        open=state.held is None,
        status=state.status,
        facility_id=state.facility_id,
        currency=state.currency,
    )


remittance = Aggregate(
    "remittance", Remittance(), standing=_standing, referred_to_as=("remittance_id",)
)


# --- commands ----------------------------------------------------------------------------------


@command("remittance_id", creates=True)
class ReceiveRemittance(Command):
    """Record what a payer says of a payment. It is quarantined where it does not come to it.

    `known_as` is the id of a remittance that bears the same trace number over the same amount and
    says something else: then a person has to look at this one.
    """

    remittance_id: UUID
    facility_id: UUID
    payer_name: str
    trace_number: str
    payment: Decimal
    billed: Decimal
    paid: Decimal
    claims: int
    paid_on: date
    payer_id: UUID | None = None
    method: PaymentMethod = PaymentMethod.ELECTRONIC
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
    content: str = ""
    known_as: UUID | None = None


@command("remittance_id")
class ReleaseRemittance(Command):
    """Let a remittance out of quarantine, so that its file can be posted."""

    remittance_id: UUID
    why: str


@command("remittance_id")
class CompleteRemittance(Command):
    """Say that all claims of a remittance have found their place."""

    remittance_id: UUID


# --- decisions ---------------------------------------------------------------------------------


@remittance.decides
def receive(state: Remittance, command: ReceiveRemittance, at: Circumstances) -> Decision:
    if state.received:
        if state.content != command.content:
            raise Refused(
                "remittance.already_received", "This remittance was received, and says otherwise."
            )
        return
    facility = at.known("facility", command.facility_id)
    currency = facility.currency or ""
    if command.payer_id is not None:
        at.known("payer", command.payer_id)
    rules.happened("remittance", "paid_on", command.paid_on, at)
    given = command.provider_adjustments
    rules.at_most("remittance", "provider_adjustments", given, MOST_PROVIDER_ADJUSTMENTS)
    payment = says.exact(currency, "payment", command.payment)
    paid = says.exact(currency, "paid", command.paid)
    adjustments = tuple(
        replace(
            each,
            amount=says.exact(currency, "amount", each.amount),
            reason_code=rules.text("remittance", "reason_code", each.reason_code, longest=10),
            reference=rules.optional("remittance", "reference", each.reference, longest=50),
        )
        for each in given
    )
    received = RemittanceReceived(
        remittance_id=command.remittance_id,
        facility_id=command.facility_id,
        payer_id=command.payer_id,
        payer_name=rules.text("remittance", "payer_name", command.payer_name),
        trace_number=rules.text("remittance", "trace_number", command.trace_number, longest=50),
        currency=currency,
        payment=payment,
        method=command.method,
        claims=rules.quantity("remittance", "claims", command.claims, zero_allowed=True),
        billed=says.exact(currency, "billed", command.billed),
        paid=paid,
        provider_adjustments=adjustments,
        content=rules.text(
            "remittance", "content", command.content, longest=64, empty_allowed=True
        ),
        paid_on=command.paid_on,
    )
    yield received
    broken = _broken(command, payment, paid, adjustments)
    if broken is not None:
        yield RemittanceQuarantined(
            remittance_id=command.remittance_id,
            facility_id=command.facility_id,
            payer_id=command.payer_id,
            payer_name=received.payer_name,
            trace_number=received.trace_number,
            currency=currency,
            billed=received.billed,
            paid=paid,
            rule=broken.code,
            found=str(broken.details["found"]),
            expected=str(broken.details["expected"]),
        )


@remittance.decides
def release(state: Remittance, command: ReleaseRemittance, at: Circumstances) -> Decision:  # noqa: ARG001
    if state.held is not None:
        yield RemittanceReleased(
            remittance_id=command.remittance_id,
            facility_id=facility_of(state),
            why=rules.text("remittance", "why", command.why),
        )


@remittance.decides
def complete(state: Remittance, command: CompleteRemittance, at: Circumstances) -> Decision:  # noqa: ARG001
    not_held(state)
    if not state.posted:
        yield RemittancePosted(
            remittance_id=command.remittance_id,
            facility_id=facility_of(state),
            posted_claims=state.claims - len(state.places) + state.posted_claims,
            quarantined_claims=len(state.quarantine),
        )


# --- rules -------------------------------------------------------------------------------------


def _broken(
    command: ReceiveRemittance,
    payment: Decimal,
    paid: Decimal,
    adjustments: tuple[ProviderAdjustment, ...],
) -> Refused | None:
    """The rule that a remittance as a whole breaks, if any."""
    if command.known_as is not None:
        rule = "a trace number over one amount belongs to one remittance"
        found = command.trace_number
        return says.out_of_balance("trace_reused", found, f"what {command.known_as} says", rule)
    try:
        says.payment_balanced(payment, paid, adjustments)
    except Refused as refused:
        return refused
    return None


def facility_of(state: Remittance) -> UUID:
    """Where the remittance was received."""
    assert state.facility_id is not None, "a remittance that is there is somewhere"
    return state.facility_id


def not_held(state: Remittance) -> None:
    """Refuses what is wanted of a remittance that is in quarantine as a whole."""
    if state.held is not None:
        raise Refused(
            "remittance.quarantined", "The remittance is in quarantine; release it first."
        )
