"""A payer: an insurer, a government program, or whoever else claims are sent to.

Its life: it is **registered** once for the whole health system, may be **renamed**, and is
**retired** when no new claims go to it. Claims that name it stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import (
    Aggregate,
    Circumstances,
    Command,
    Decision,
    Refused,
    Reserve,
    command,
)
from domain.replacing import replace
from domain.revenue.events.claim import SELF_PAY
from domain.revenue.events.payer import (
    PayerFact,
    PayerKind,
    PayerRegistered,
    PayerRenamed,
    PayerRetired,
    PayerStanding,
)

# --- state -------------------------------------------------------------------------------------


class PayerStatus(StrEnum):
    """Whether new claims go to a payer."""

    ABSENT = "absent"
    REGISTERED = "registered"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """What a payer has become. It belongs to no facility."""

    facility_id: UUID | None = None
    status: PayerStatus = PayerStatus.ABSENT
    legal_name: str = ""
    kind: PayerKind = PayerKind.COMMERCIAL

    def evolve(self, fact: PayerFact) -> Payer:
        match fact:
            case PayerRegistered():
                return replace(
                    self,
                    status=PayerStatus.REGISTERED,
                    legal_name=fact.legal_name,
                    kind=fact.kind,
                )
            case PayerRenamed():
                return replace(self, legal_name=fact.legal_name)
            case PayerRetired():
                return replace(self, status=PayerStatus.RETIRED)
            case _:
                assert_never(fact)


def _standing(state: Payer, payer_id: UUID) -> PayerStanding:
    return PayerStanding(
        kind="payer",
        id=payer_id,
        open=state.status is PayerStatus.REGISTERED,
        status=state.status,
        payer_kind=state.kind,
    )


payer = Aggregate(
    "payer",
    Payer(),
    standing=_standing,
    referred_to_as=("payer_id", "secondary_payer_id"),
)


# --- commands ----------------------------------------------------------------------------------


@command("payer_id", creates=True)
class RegisterPayer(Command):
    """Make a payer known. `identifier` is what claims to it are routed by (X12 NM109 of 2010BB)."""

    payer_id: UUID
    legal_name: str
    kind: PayerKind = PayerKind.COMMERCIAL
    identifier: str | None = None
    phone: str | None = None


@command("payer_id")
class RenamePayer(Command):
    """Give a payer another legal name."""

    payer_id: UUID
    legal_name: str


@command("payer_id")
class RetirePayer(Command):
    """Send no new claims to a payer."""

    payer_id: UUID
    retired_on: date
    reason: str


# --- decisions ---------------------------------------------------------------------------------


@payer.decides
def register(state: Payer, command: RegisterPayer, at: Circumstances) -> Decision:  # noqa: ARG001
    if state.status is not PayerStatus.ABSENT:
        raise Refused("payer.already_registered", "This payer exists.")
    if command.payer_id == SELF_PAY:
        raise rules.refusal(
            "payer.self_pay", "payer_id", SELF_PAY, "must not be what stands for no payer"
        )
    identifier = rules.optional("payer", "identifier", command.identifier, longest=80)
    if identifier is not None:
        yield Reserve("payer_identifier", identifier, "payer.identifier_in_use")
    yield PayerRegistered(
        payer_id=command.payer_id,
        legal_name=rules.text("payer", "legal_name", command.legal_name),
        kind=command.kind,
        identifier=identifier,
        phone=rules.optional("payer", "phone", command.phone, longest=40),
    )


@payer.decides
def rename(state: Payer, command: RenamePayer, at: Circumstances) -> Decision:  # noqa: ARG001
    if state.status is not PayerStatus.REGISTERED:
        raise Refused("payer.retired", "The payer is retired.")
    legal_name = rules.text("payer", "legal_name", command.legal_name)
    if legal_name != state.legal_name:
        yield PayerRenamed(payer_id=command.payer_id, legal_name=legal_name)


@payer.decides
def retire(state: Payer, command: RetirePayer, at: Circumstances) -> Decision:
    if state.status is PayerStatus.RETIRED:
        return
    rules.happened("payer", "retired_on", command.retired_on, at)
    yield PayerRetired(
        payer_id=command.payer_id,
        retired_on=command.retired_on,
        reason=rules.text("payer", "reason", command.reason),
    )
