"""A claim is begun, charged line by line for what was done, and amended until it is right."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar, cast
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Refused, command
from domain.replacing import replace
from domain.revenue.claim import Claim, claim
from domain.revenue.claim_rules import asked, at_work, control_number_reserved, optional, posting
from domain.revenue.claim_status import ClaimStatus
from domain.revenue.entry import Entry
from domain.revenue.events.claim import (
    SELF_PAY,
    ClaimAmended,
    ClaimCharged,
    ClaimDrafted,
    ClaimType,
    Code,
    EntryKind,
    Party,
)
from domain.revenue.events.form import (
    NOTHING_STATED,
    ClaimForm,
    Coverage,
    Dependent,
    Relationship,
)
from domain.revenue.events.patient_account import account_of

MOST_DIAGNOSES = 25
"""An institutional 837 carries a principal and 24 other diagnoses (X12 837I, HI segments)."""
MOST_MODIFIERS = 4
"""A service line carries four procedure modifiers (X12 837, SV101-3 to SV101-6)."""
_LONGEST = {"authorization_number": 50}
"""How long a text of the form may be; the others are codes."""
MODIFIER = "[A-Z0-9]{2}", "two capitals or digits"

# --- commands -------------------------------------------------------------------------------------


@command("claim_id", creates=True)
class DraftClaim(Command):
    """Begin a claim. Without a payer the patient alone is asked to pay."""

    claim_id: UUID
    facility_id: UUID
    patient_id: UUID
    service_on: date
    payer_id: UUID | None = None
    secondary_payer_id: UUID | None = None
    department_id: UUID | None = None
    rendering_staff_id: UUID | None = None
    claim_type: ClaimType = ClaimType.PROFESSIONAL
    control_number: str | None = None
    diagnoses: tuple[Code, ...] = ()
    form: ClaimForm = NOTHING_STATED
    coverage: Coverage | None = None
    secondary_coverage: Coverage | None = None


@command("claim_id")
class AmendClaim(Command):
    """Correct or complete what the claim says. What is left out stays as it is.

    Lines are corrected by taking their charge back and charging anew.
    """

    claim_id: UUID
    amended_on: date
    diagnoses: tuple[Code, ...] | None = None
    form: ClaimForm | None = None
    coverage: Coverage | None = None
    secondary_coverage: Coverage | None = None


@command("claim_id")
class ChargeClaim(Command):
    """Add a line. The amount is `units` times `unit_amount`.

    It is owed by the payer where the command does not say by whom, or by the patient without one.
    """

    claim_id: UUID
    procedure: Code
    unit_amount: Decimal
    service_on: date
    units: int = 1
    description: str | None = None
    modifiers: tuple[str, ...] = ()
    diagnosis_pointers: tuple[int, ...] = ()
    owed_by: Party | None = None
    department_id: UUID | None = None
    rendering_staff_id: UUID | None = None
    revenue_code: str | None = None
    place_of_service: str | None = None
    rendering_npi: str | None = None


# --- decisions ------------------------------------------------------------------------------------


@claim.decides
def draft(state: Claim, command: DraftClaim, at: Circumstances) -> Decision:
    if state.status is not ClaimStatus.ABSENT:
        raise Refused("claim.already_drafted", "This claim exists.", claim_id=command.claim_id)
    facility = at.open("facility", command.facility_id)
    _refers(command, command.facility_id, at)
    for named in ("payer_id", "secondary_payer_id"):
        payer_id: UUID | None = getattr(command, named)
        if payer_id not in (None, SELF_PAY):
            at.open("payer", payer_id, named=named)
    rules.happened("claim", "service_on", command.service_on, at)
    number = optional("control_number", command.control_number, 38)
    if number is not None:
        yield control_number_reserved(command.facility_id, number)
    yield ClaimDrafted(
        claim_id=command.claim_id,
        facility_id=command.facility_id,
        patient_id=command.patient_id,
        account_id=account_of(command.facility_id, command.patient_id),
        payer_id=command.payer_id or SELF_PAY,
        secondary_payer_id=command.secondary_payer_id,
        department_id=command.department_id,
        rendering_staff_id=command.rendering_staff_id,
        claim_type=command.claim_type,
        control_number=number,
        diagnoses=_diagnoses(command.diagnoses),
        service_on=command.service_on,
        currency=facility.currency or "",
        form=_form(command.form),
        coverage=_coverage(command.coverage),
        secondary_coverage=_coverage(command.secondary_coverage),
    )


@claim.decides
def amend(state: Claim, command: AmendClaim, at: Circumstances) -> Decision:
    facility_id = at_work(state)
    rules.happened("claim", "amended_on", command.amended_on, at)
    diagnoses, form, coverage = state.diagnoses, state.form, state.coverage
    second = state.secondary_coverage
    if command.diagnoses is not None:
        diagnoses = _diagnoses(command.diagnoses)
    if command.form is not None:
        form = _form(command.form)
    if command.coverage is not None:
        coverage = _coverage(command.coverage)
    if command.secondary_coverage is not None:
        second = _coverage(command.secondary_coverage)
    pointed_at = max((each for line in state.lines for each in line.diagnosis_pointers), default=0)
    if pointed_at > len(diagnoses):
        rule = f"must still be {pointed_at} or more: lines point at them"
        raise rules.refusal("claim.diagnosis_pointer", "diagnoses", len(diagnoses), rule)
    said = (state.diagnoses, state.form, state.coverage, state.secondary_coverage)
    if (diagnoses, form, coverage, second) != said:
        yield ClaimAmended(
            claim_id=command.claim_id,
            facility_id=facility_id,
            patient_id=state.patient_id,
            payer_id=state.payer_id,
            diagnoses=diagnoses,
            form=form,
            coverage=coverage,
            secondary_coverage=second,
            amended_on=command.amended_on,
        )


@claim.decides
def charge(state: Claim, command: ChargeClaim, at: Circumstances) -> Decision:
    facility_id = at_work(state)
    at.open("facility", facility_id)
    _refers(command, facility_id, at)
    rules.happened("claim", "service_on", command.service_on, at)
    rules.at_most("claim", "modifiers", command.modifiers, MOST_MODIFIERS)
    for pointer in command.diagnosis_pointers:
        if not 1 <= pointer <= len(state.diagnoses):
            rule = f"must point at one of the claim's {len(state.diagnoses)} diagnoses"
            raise rules.refusal("claim.diagnosis_pointer", "diagnosis_pointers", pointer, rule)
    units = rules.quantity("claim", "units", command.units)
    unit_amount = _charged(state, "unit_amount", command.unit_amount)
    amount = _charged(state, "amount", units * unit_amount)
    owed_by = asked(state, "owed_by", command.owed_by)
    line = len(state.lines) + 1
    entry = Entry(kind=EntryKind.CHARGE, line=line, amount=amount, from_party=owed_by)
    yield ClaimCharged(
        **posting(state, command.claim_id, entry),
        line=line,
        procedure=_code("procedure", command.procedure),
        description=optional("description", command.description, 500),
        modifiers=tuple(
            rules.shaped("claim", "modifiers", each, *MODIFIER) for each in command.modifiers
        ),
        diagnosis_pointers=command.diagnosis_pointers,
        units=units,
        unit_amount=unit_amount,
        owed_by=owed_by,
        department_id=command.department_id,
        rendering_staff_id=command.rendering_staff_id,
        service_on=command.service_on,
        revenue_code=_brief("revenue_code", command.revenue_code),
        place_of_service=_brief("place_of_service", command.place_of_service),
        rendering_npi=_brief("rendering_npi", command.rendering_npi),
    )


# --- rules ----------------------------------------------------------------------------------------


def _charged(state: Claim, named: str, amount: Decimal) -> Decimal:
    return rules.amount("claim", named, amount, state.currency, zero_allowed=True)


def _refers(command: DraftClaim | ChargeClaim, facility_id: UUID, at: Circumstances) -> None:
    """Refuses a department that is not at work here, and a staff member nobody knows."""
    if command.department_id is not None:
        at.open("department", command.department_id, within=facility_id)
    if command.rendering_staff_id is not None:
        at.known("staff_member", command.rendering_staff_id, named="rendering_staff_id")


def _diagnoses(codes: tuple[Code, ...]) -> tuple[Code, ...]:
    rules.at_most("claim", "diagnoses", codes, MOST_DIAGNOSES)
    return tuple(_code("diagnoses", each) for each in codes)


def _form(form: ClaimForm) -> ClaimForm:
    """The form with its texts trimmed. What they must look like is for the scrubber to say."""
    rules.plausible("claim", "service_through", form.service_through)
    texts = {
        each.name: _brief(each.name, getattr(form, each.name), _LONGEST.get(each.name, 10))
        for each in fields(form)
        if each.name != "service_through"
    }
    return replace(form, **cast(Any, texts))


def _coverage(coverage: Coverage | None) -> Coverage | None:
    """The policy with its texts trimmed. Refuses a dependent who is the subscriber."""
    if coverage is None:
        return None
    dependent = coverage.dependent
    if dependent is not None:
        if coverage.relationship is Relationship.SELF:
            rule = "must be left out where the patient is the subscriber"
            raise rules.refusal("claim.dependent", "dependent", None, rule)
        last_name = rules.text("claim", "last_name", dependent.last_name, longest=80)
        dependent = replace(_trimmed(dependent), last_name=last_name)
    return replace(_trimmed(coverage), dependent=dependent)


P = TypeVar("P", Coverage, Dependent)


def _trimmed(person: P) -> P:
    rules.plausible("claim", "birth_on", person.birth_on)
    texts = {
        each.name: optional(each.name, getattr(person, each.name), 80)
        for each in fields(person)
        if each.name not in ("birth_on", "sex", "relationship", "dependent")
    }
    return replace(person, **cast(Any, texts))


def _brief(named: str, value: str | None, longest: int = 10) -> str | None:
    return optional(named, value, longest)


def _code(named: str, code: Code) -> Code:
    return Code(
        system=rules.text("claim", f"{named}.system", code.system, longest=40),
        value=rules.text("claim", f"{named}.value", code.value, longest=40),
    )
