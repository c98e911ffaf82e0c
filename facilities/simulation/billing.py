"""The billing desk of a simulated facility: forms, scrubs, authorizations, remittances, appeals.

One claim in twelve goes out late because its form lacked something, one scan in six without the
authorization it needs. Payers that answer electronically deny one claim in eleven; six in ten of
these are appealed, and half of the appeals are won.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from domain.kernel import Command
from domain.organization.events import DepartmentKind
from domain.revenue.acknowledgment import AcceptClaim, PendClaim, RejectClaim
from domain.revenue.adjudication import AdjudicateClaim
from domain.revenue.denial import AppealClaim, DecideAppeal, DenyClaim, ResolveDenial
from domain.revenue.drafting import AmendClaim
from domain.revenue.events.claim import AdjustmentGroup
from domain.revenue.events.denial import AppealOutcome, DenialResolution
from domain.revenue.events.form import ClaimForm, Coverage
from domain.revenue.events.remittance import RemittedAdjustment, RemittedClaim, RemittedLine
from domain.revenue.preparation import AuthorizeClaim, ScrubClaim
from domain.revenue.prior_authorization import ApproveAuthorization, RequestAuthorization
from domain.revenue.quarantine import QuarantineRemittedClaim
from domain.revenue.remittance import CompleteRemittance, ReceiveRemittance
from facilities.simulation.charge_master import ChargeLine
from facilities.simulation.contracts import asks_first, fee
from facilities.simulation.dice import Dice, working_day
from facilities.simulation.payers import Insurer
from facilities.simulation.places import Site, bearer, npi
from facilities.simulation.run import DAY, Story

CO, PR = AdjustmentGroup.CONTRACTUAL_OBLIGATION, AdjustmentGroup.PATIENT_RESPONSIBILITY

_REASONS = (("16", 5), ("197", 4), ("50", 4), ("27", 3), ("97", 2), ("29", 1))
"""Why payers deny (X12 code list 139), and how often."""

_PLACES = {
    DepartmentKind.EMERGENCY: "23", DepartmentKind.INPATIENT: "21", DepartmentKind.OUTPATIENT: "11",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Billed:
    """A line of a claim: what was done, how often, and what is asked for it, in cents. Nothing is
    asked for what was charged by mistake."""

    service: ChargeLine
    units: int
    cents: int


@dataclass(frozen=True, slots=True)
class Posted:
    """What a payer's decision came to: entries in the claim's ledger, by how many cents it lowered
    what is owed, and what of the rest is the patient's."""

    entries: int
    lowered: int
    patients: int


class BillingDesk:
    """Works on one claim; all that it does by chance it throws its own dice for."""

    def __init__(self, site: Site, insurer: Insurer, payer_id: UUID, claim_id: UUID) -> None:
        self.site, self.insurer, self.payer_id, self.claim_id = site, insurer, payer_id, claim_id
        self.dice: Dice = site.run.dice("billing", claim_id)
        self.forgetful = self.dice.chance(80)
        self.denies = insurer.electronic and self.dice.chance(90)
        self.mistaken = insurer.electronic and not self.denies and self.dice.chance(12)
        self.decisions = 0

    # --- before it goes out ----------------------------------------------------------------------

    def coverage(self) -> Coverage:
        return Coverage(member_id=f"M{self.claim_id.hex[:10].upper()}")

    def form(self, kind: DepartmentKind) -> ClaimForm:
        """The form of a stay, or of a visit."""
        number = npi(self.site.run, bearer(self.site))
        if kind is DepartmentKind.INPATIENT:
            return ClaimForm(type_of_bill="0111", discharge_status="01", attending_npi=number)
        return ClaimForm(place_of_service=_PLACES[kind], rendering_npi=number)

    def prepared(self, patient_id: UUID, lines: Sequence[Billed], day: date) -> Story:
        """The claim is authorized where that is needed, scrubbed, and put right."""
        scans = [each for each in lines if each.cents and asks_first(self.insurer, each.service)]
        if scans and not self.dice.chance(170):
            yield from ((day, each) for each in self._authorized(patient_id, scans, day))
        yield day, ScrubClaim(claim_id=self.claim_id)
        if self.forgetful:
            day += DAY
            completed = AmendClaim(claim_id=self.claim_id, amended_on=day, coverage=self.coverage())
            yield day, completed
            yield day, ScrubClaim(claim_id=self.claim_id)

    def _authorized(
        self, patient_id: UUID, scans: Sequence[Billed], day: date
    ) -> Iterator[Command]:
        authorization_id = self.site.run.id("authorization", self.claim_id)
        units = sum(each.units for each in scans)
        yield RequestAuthorization(
            authorization_id=authorization_id,
            facility_id=self.site.facility_id,
            patient_id=patient_id,
            payer_id=self.payer_id,
            procedures=tuple(dict.fromkeys(each.service.code for each in scans)),
            requested_at=datetime.combine(day, time(9), UTC),
            units=units,
            expedited=True,
        )
        yield ApproveAuthorization(
            authorization_id=authorization_id,
            number=f"PA{self.dice.below(10**7):07}",
            units=units + self.dice.below(2),
            valid_from=day - 7 * DAY,
            valid_to=day + 60 * DAY,
            approved_on=day,
        )
        yield AuthorizeClaim(
            claim_id=self.claim_id, authorization_id=authorization_id, authorized_on=day
        )

    # --- on its way ------------------------------------------------------------------------------

    def acknowledged(self, day: date) -> Story:
        """What an electronic payer says before it decides. The story ends with a rejection."""
        throw = self.dice.below(1000)
        day = working_day(day + DAY)
        if throw < 15:
            message = "The subscriber is not found."
            yield day, RejectClaim(claim_id=self.claim_id, rejected_on=day, message=message)
            return
        number = f"ICN{self.dice.below(10**9):09}"
        accepted = AcceptClaim(claim_id=self.claim_id, accepted_on=day, payer_control_number=number)
        yield day, accepted
        if throw > 975:
            day = working_day(day + 3 * DAY)
            yield day, PendClaim(claim_id=self.claim_id, pended_on=day, wanted="the record")

    # --- decided ---------------------------------------------------------------------------------

    def decided(
        self, lines: Sequence[Billed], day: date, *, denies: bool, reason: str = ""
    ) -> tuple[list[Command], Posted]:
        """The payer's remittance for the claim, and what it comes to."""
        told, posted = [], Posted(0, 0, 0)
        for number, line in enumerate(lines, 1):
            if line.cents:
                allowed, share = (0, 0) if denies else self.allowed(line)
                told.append(_line(number, line, allowed, share, reason or "45"))
                moved = sum(each > 0 for each in (allowed - share, line.cents - allowed, share))
                posted = Posted(
                    posted.entries + moved,
                    posted.lowered + line.cents - share,
                    posted.patients + share,
                )
        self.decisions += 1
        remitted = RemittedClaim(
            control_number=control_number(self.claim_id),
            status_code="4" if denies else "1",
            charge=sum((each.charge for each in told), Decimal(0)),
            paid=sum((each.paid for each in told), Decimal(0)),
            lines=tuple(told),
        )
        remittance_id = self.site.run.id("remittance", self.claim_id, self.decisions)
        trace = f"EFT{remittance_id.hex[:12].upper()}"
        received = ReceiveRemittance(
            remittance_id=remittance_id,
            facility_id=self.site.facility_id,
            payer_name=self.insurer.name,
            payer_id=self.payer_id,
            trace_number=trace,
            payment=remitted.paid,
            billed=remitted.charge,
            paid=remitted.paid,
            claims=1,
            paid_on=day,
            content=remittance_id.hex,
        )
        adjudicated = AdjudicateClaim(
            claim_id=self.claim_id,
            remittance_id=remittance_id,
            place=1,
            remitted=remitted,
            adjudicated_on=day,
            reference=trace,
        )
        completed = CompleteRemittance(remittance_id=remittance_id)
        if self.mistaken and self.decisions == 1:
            # The payer quotes a claim that is not ours: somebody has to look for it.
            unknown = QuarantineRemittedClaim(
                remittance_id=remittance_id,
                place=1,
                remitted=replace(remitted, control_number=f"X{remittance_id.hex[:12].upper()}"),
                rule="remittance.claim_unknown",
                found="no claim of this number",
                expected="a claim that was sent",
            )
            return [received, unknown, completed], Posted(0, 0, 0)
        return [received, adjudicated, completed], posted

    def allowed(self, line: Billed) -> tuple[int, int]:
        """What the payer allows for a line, and what of it is the patient's. Now and then it allows
        a tenth less than it ought to."""
        agreed = fee(self.insurer, line.service)
        if agreed is None:
            percent = self.insurer.allows * 10 + self.dice.between(-60, 60)
            allowed = line.cents * percent // 1000
        else:
            allowed = agreed * line.units * (9 if self.dice.chance(40) else 10) // 10
        allowed = max(1, min(line.cents, allowed))
        return allowed, allowed * self.insurer.patients // 100

    # --- denied ----------------------------------------------------------------------------------

    def reason(self) -> str:
        return self.dice.weighted(_REASONS)

    def denied(self, lines: Sequence[Billed], day: date, reason: str) -> Story:
        """A case for each line, as the process opens them that follows remittances."""
        cases = [(number, each) for number, each in enumerate(lines, 1) if each.cents]
        for number, each in cases:
            case = DenyClaim(
                claim_id=self.claim_id,
                amount=_money(each.cents),
                group=CO,
                reason_code=reason,
                denied_on=day,
                line=number,
                adjudication=1,
            )
            yield day, case

    def appealed(self, cases: int, day: date) -> tuple[date, list[tuple[date, Command]], bool]:
        """What becomes of the denials: when it is decided, by which commands, and whether the
        payer thinks better of it. Without an appeal they stay open, or are written off."""
        throw = self.dice.below(1000)
        told: list[tuple[date, Command]] = []
        if throw >= 600:
            if throw >= 850:
                day = working_day(day + self.dice.between(8, 25) * DAY)
                written_off = DenialResolution.WRITTEN_OFF
                told = [
                    (day, self._resolved(each, written_off, day)) for each in range(1, cases + 1)
                ]
            return day, told, False
        day = working_day(day + self.dice.between(2, 12) * DAY)
        for number in range(1, cases + 1):
            appeal = AppealClaim(
                claim_id=self.claim_id, denial=number, grounds="The record", appealed_on=day
            )
            told.append((day, appeal))
        day = working_day(day + self.dice.between(10, 35) * DAY)
        won = throw < 300
        outcome = AppealOutcome.OVERTURNED if won else AppealOutcome.UPHELD
        for number in range(1, cases + 1):
            decided = DecideAppeal(
                claim_id=self.claim_id, denial=number, outcome=outcome, decided_on=day
            )
            told.append((day, decided))
        return day, told, won

    def _resolved(self, number: int, resolution: DenialResolution, day: date) -> ResolveDenial:
        return ResolveDenial(
            claim_id=self.claim_id, denial=number, resolution=resolution, resolved_on=day
        )


def control_number(claim_id: UUID) -> str:
    """What a claim is called towards its payer."""
    return f"S{claim_id.hex[-15:].upper()}"


def _line(number: int, line: Billed, allowed: int, share: int, reason: str) -> RemittedLine:
    adjustments = [
        RemittedAdjustment(group=group, reason_code=code, amount=_money(cents))
        for group, code, cents in ((CO, reason, line.cents - allowed), (PR, "2", share))
        if cents
    ]
    return RemittedLine(
        charge=_money(line.cents),
        paid=_money(allowed - share),
        procedure=line.service.code,
        line=number,
        adjustments=tuple(adjustments),
    )


def _money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def paid_back_after(day: date) -> date:
    """When a payer that thought better of a denial pays."""
    return working_day(day + timedelta(days=5))
