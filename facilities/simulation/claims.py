"""Claims that never were: charged, scrubbed, submitted, cut to what is allowed, paid, denied, or
left to age.

One in six patients does not pay, some by a plan; one payer in twenty does not answer, one in forty
pays short or twice; postings go wrong and are reversed. What the billing desk does about it is told
in `facilities.simulation.billing`, and what becomes of what was paid twice in `credits`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from domain.kernel import Command
from domain.organization.events import DepartmentKind, FacilityKind
from domain.revenue.acknowledgment import RejectClaim
from domain.revenue.adjudication import AdjudicateClaim
from domain.revenue.drafting import ChargeClaim, DraftClaim
from domain.revenue.events.claim import ClaimType, Party, PaymentMethod
from domain.revenue.events.form import NOTHING_STATED
from domain.revenue.events.payer import PayerKind
from domain.revenue.submission import CloseClaim, ReopenClaim, SubmitClaim
from facilities.simulation.accounts import assistance, by_plan, compared, estimated
from facilities.simulation.billing import (
    Billed,
    BillingDesk,
    Posted,
    control_number,
    paid_back_after,
)
from facilities.simulation.charge_master import DIAGNOSES, FURTHER, VISITS, ChargeLine
from facilities.simulation.claim_book import ClaimBook, money
from facilities.simulation.contracts import fee
from facilities.simulation.credits import paid_again
from facilities.simulation.dice import Dice, working_day
from facilities.simulation.payers import Insurer, Payers
from facilities.simulation.people import Seat, clinician_on, patient
from facilities.simulation.places import Site
from facilities.simulation.run import DAY, Story

_CLAIMS_A_DAY = {
    FacilityKind.HOSPITAL: (9, 5), FacilityKind.CLINIC: (3, 0), FacilityKind.PRACTICE: (2, 0),
    FacilityKind.URGENT_CARE: (4, 5), FacilityKind.NURSING_HOME: (1, 0),
    FacilityKind.OFFICE: (0, 0),
}  # fmt: skip
"""How many claims begin on a working day and on a day of the weekend, about."""

_PATIENTS_MEANS = (
    (PaymentMethod.CARD, 7), (PaymentMethod.CHECK, 2), (PaymentMethod.CASH, 1),
)  # fmt: skip


def claims_of(site: Site, seats: Sequence[Seat], payers: Payers, day: date) -> Iterator[Story]:
    """The claims that begin at a facility on a day."""
    weekdays, weekends = _CLAIMS_A_DAY[site.kind]
    about = weekdays if day.weekday() < 5 else weekends
    if not about or not seats or not site.works_on(day):
        return
    dice = site.run.dice("claims", site.index, day)
    for number in range(dice.below(2 * about + 1)):
        seat = clinician_on(seats, day, dice)
        if seat is not None:
            yield _Care(site, seat, payers, day, number).life()


@dataclass(slots=True)
class _Care:
    """One patient's care, and the claim it comes to. Amounts are whole cents."""

    site: Site
    seat: Seat
    payers: Payers
    begun_on: date
    number: int
    claim_id: UUID = field(init=False)
    dice: Dice = field(init=False)
    insurer: Insurer | None = field(init=False)
    desk: BillingDesk | None = field(init=False)
    by_plan: bool = field(init=False)
    patient_id: UUID = field(init=False)
    secondary: bool = field(init=False, default=False)
    book: ClaimBook = field(init=False)

    def __post_init__(self) -> None:
        run, what = self.site.run, (self.site.index, self.begun_on, self.number)
        self.claim_id, self.dice = run.id("claim", *what), run.dice("claim", *what)
        self.book = ClaimBook(self.claim_id)
        insured = [(each, each.share) for each in self.payers.insurers]
        self.insurer = None if self.dice.chance(60) else self.dice.weighted(insured)
        # Who pays by a plan has one account for it, and is therefore somebody of their own.
        self.by_plan = self.dice.chance(60)
        regular = patient(run, self.site, self.dice)
        self.patient_id = run.id("planning", *what) if self.by_plan else regular
        self.desk = None
        if self.insurer is not None:
            payer_id = self.payers.id(self.insurer)
            self.desk = BillingDesk(self.site, self.insurer, payer_id, self.claim_id)
        # A supplement to Medicare, from the largest commercial payer.
        self.secondary = (
            self.insurer is not None
            and self.insurer.kind is PayerKind.MEDICARE
            and self.dice.chance(400)
        )

    def life(self) -> Story:
        """Drafted and charged, submitted within days, then paid by whoever pays, then closed."""
        yield self.begun_on, self._drafted()
        lines: list[Billed] = []
        day = self.begun_on
        charges = [(day, *self._charged(service, day)) for day, service in self._services()]
        told_before = self.insurer is None and {each for each, *_ in charges} == {day}
        if told_before:
            asked_for = [each for _, each, _ in charges]
            whose = self.patient_id, self.claim_id
            for each in estimated(self.site, *whose, asked_for, day, self.dice):
                yield day, each
        for day, charge, line in charges:
            lines.append(line)
            yield day, charge
        if self.dice.chance(20):
            last = lines[-1]
            yield (
                day,
                self.book.reversed(len(lines), last.cents, "charged to the wrong patient", day),
            )
            lines[-1] = Billed(last.service, last.units, 0)
        if not any(each.cents for each in lines):
            yield day, CloseClaim(claim_id=self.claim_id, closed_on=day)
            return
        if self.desk is not None:
            for prepared_on, command in self.desk.prepared(self.patient_id, lines, day):
                day = prepared_on
                yield day, command
        submitted_on = working_day(day + self._days(1, 3))
        asked = Party.PATIENT if self.insurer is None else Party.PAYER
        yield (
            submitted_on,
            SubmitClaim(claim_id=self.claim_id, submitted_on=submitted_on, submitted_to=asked),
        )
        if told_before:
            yield submitted_on, compared(self.site, self.claim_id, submitted_on)
        day, owed = submitted_on, self.book.balance
        if self.desk is not None:
            silent = self.dice.chance(50)
            if self.desk.insurer.electronic:
                for told_on, command in self.desk.acknowledged(submitted_on):
                    day = told_on
                    yield day, command
                    if isinstance(command, RejectClaim):
                        return
            if silent:
                return
            lag = max(5, self.desk.insurer.lag + self.dice.between(-7, 9))
            day = max(day, working_day(submitted_on + timedelta(days=lag)))
            if not self.desk.insurer.electronic:
                yield from ((day, each) for each in self._answered(self.desk, lines, day))
            elif self.desk.denies:
                won = False
                for told_on, command in self._denied(self.desk, lines, day):
                    day = told_on
                    yield day, command
                    won = won or (
                        isinstance(command, AdjudicateClaim) and command.remitted.paid > 0
                    )
                if not won:
                    return
            else:
                yield from ((day, each) for each in self._decided(self.desk, lines, day))
                if self.desk.mistaken:
                    return
            owed = self.book.patients
            if self.secondary and owed:
                day = working_day(day + self._days(1, 3))
                second = Party.SECONDARY_PAYER
                yield (
                    day,
                    SubmitClaim(claim_id=self.claim_id, submitted_on=day, submitted_to=second),
                )
                day = working_day(day + self._days(10, 30))
                yield day, self.book.paid(owed, second, PaymentMethod.CHECK, day)
                owed = 0
        if owed and self.by_plan:
            told = by_plan(self.site, self.patient_id, self.claim_id, owed, day, self.dice)
            for paid_on, command, cents in told:
                day = paid_on
                self.book.lowered(cents, entries=int(cents > 0))
                yield day, command
        elif owed:
            for paid_on, payment in self._patients_part(owed, day):
                day = paid_on
                yield day, payment
        if self.book.balance > 0:
            return
        if self.desk is not None and self.desk.insurer.electronic and self.book.balance == 0:
            most = max(each.cents for each in lines)
            kind = self.desk.insurer.kind
            for paid_on, command in paid_again(self.site, self.seat, self.book, kind, most, day):
                day = paid_on
                yield day, command
            if self.book.balance:
                return
        day = working_day(day + self._days(1, 5))
        yield day, CloseClaim(claim_id=self.claim_id, closed_on=day)
        if self.dice.chance(8):
            day = working_day(day + self._days(5, 60))
            yield (
                day,
                ReopenClaim(
                    claim_id=self.claim_id, reopened_on=day, why="the payer asks for the record"
                ),
            )
            day = working_day(day + self._days(3, 20))
            yield day, CloseClaim(claim_id=self.claim_id, closed_on=day)

    # --- care ------------------------------------------------------------------------------------

    def _drafted(self) -> DraftClaim:
        insurer, site, desk = self.insurer, self.site, self.desk
        inpatient = self.seat.ward.kind is DepartmentKind.INPATIENT
        return DraftClaim(
            claim_id=self.claim_id,
            facility_id=site.facility_id,
            patient_id=self.patient_id,
            service_on=self.begun_on,
            payer_id=None if insurer is None else self.payers.id(insurer),
            secondary_payer_id=(
                self.payers.id(self.payers.insurers[0]) if self.secondary else None
            ),
            department_id=self.seat.ward.department_id,
            rendering_staff_id=self.seat.holder_on(self.begun_on),
            claim_type=ClaimType.INSTITUTIONAL if inpatient else ClaimType.PROFESSIONAL,
            control_number=control_number(self.claim_id),
            form=NOTHING_STATED if desk is None else desk.form(self.seat.ward.kind),
            coverage=None if desk is None or desk.forgetful else desk.coverage(),
            diagnoses=tuple(
                dict.fromkeys(self.dice.one_of(DIAGNOSES) for _ in range(self._few(3)))
            ),
        )

    def _services(self) -> Iterator[tuple[date, ChargeLine]]:
        """What is done: a visit and what goes with it, or for some nights a bed."""
        kind, day = self.seat.ward.kind, self.begun_on
        stay = self._few(4) if kind is DepartmentKind.INPATIENT else 1
        visit = self.dice.one_of(VISITS[kind])
        for night in range(stay):
            day = self.begun_on + timedelta(days=night)
            if not self.site.works_on(day):
                return
            yield day, visit
            for _ in range(self.dice.below(4 if stay == 1 else 2)):
                yield day, self.dice.one_of(FURTHER)

    def _charged(self, service: ChargeLine, day: date) -> tuple[ChargeClaim, Billed]:
        units, cents = self._few(service.most_units), self.dice.skewed(service.cents)
        inpatient = self.seat.ward.kind is DepartmentKind.INPATIENT
        if self.insurer is not None:
            # Nobody agrees on a fee that is above what is asked of everybody.
            cents = max(cents, fee(self.insurer, service) or 0)
        self.book.charged(units * cents)
        command = ChargeClaim(
            claim_id=self.claim_id,
            procedure=service.code,
            unit_amount=money(cents),
            service_on=day,
            units=units,
            description=service.title,
            diagnosis_pointers=(1,),
            owed_by=Party.PATIENT if self.insurer is None else Party.PAYER,
            department_id=self.seat.ward.department_id,
            revenue_code="0300" if inpatient else None,
        )
        return command, Billed(service, units, units * cents)

    # --- money -----------------------------------------------------------------------------------

    def _decided(self, desk: BillingDesk, lines: Sequence[Billed], day: date) -> Iterator[Command]:
        """The payer's remittance, as it comes in a file."""
        commands, posted = desk.decided(lines, day, denies=False)
        self._posted(posted)
        yield from commands

    def _denied(self, desk: BillingDesk, lines: Sequence[Billed], day: date) -> Story:
        """All of it is denied; where that is appealed and won, the payer decides anew."""
        reason = desk.reason()
        commands, _denied = desk.decided(lines, day, denies=True, reason=reason)
        yield from ((day, each) for each in commands)
        yield from desk.denied(lines, day, reason)
        cases = sum(each.cents > 0 for each in lines)
        day, told, won = desk.appealed(cases, day)
        yield from told
        if won:
            day = paid_back_after(day)
            # What was adjusted away by the denial is taken back, entry by entry, by the new one.
            self.book.entries += 2 * cases
            yield from ((day, each) for each in self._decided(desk, lines, day))

    def _posted(self, posted: Posted) -> None:
        self.book.lowered(posted.lowered, posted.entries)
        self.book.patients = posted.patients

    def _answered(self, desk: BillingDesk, lines: Sequence[Billed], day: date) -> Iterator[Command]:
        """The payer's letter: line by line what is not allowed, paid, and the patient's."""
        reference = f"CHK{self.dice.below(10**8):08}"
        for line, billed in enumerate(lines, start=1):
            if not (cents := billed.cents):
                continue
            allowed, share = desk.allowed(billed)
            self.book.patients += share
            if cents > allowed:
                yield self.book.adjusted(cents - allowed, line, day)
            if self.dice.chance(12):
                wrong = (allowed - share) * 10
                yield self.book.paid(wrong, Party.PAYER, PaymentMethod.ELECTRONIC, day, line)
                yield self.book.reversed(
                    self.book.entries, -wrong, "posted with a digit too many", day
                )
            # Now and then it pays a tenth less than it ought to; the rest is left to age.
            pays = (allowed - share) * (9 if self.dice.chance(15) else 10) // 10
            if pays:
                method = PaymentMethod.ELECTRONIC
                yield self.book.paid(pays, Party.PAYER, method, day, line, reference)
                if self.dice.chance(8):
                    yield self.book.paid(pays, Party.PAYER, method, day, line, reference)
        if self.book.patients:
            to = Party.SECONDARY_PAYER if self.secondary else Party.PATIENT
            yield self.book.transferred(self.book.patients, to, day)

    def _patients_part(self, owed: int, day: date) -> Iterator[tuple[date, Command]]:
        """Some pay at once, some in instalments, one in six never; a few pay too much."""
        manner = self.dice.below(1000)
        if manner < 170:
            if manner < 30:
                day = working_day(day + self._days(20, 40))
                self.book.lowered(owed)
                yield day, assistance(self.site, self.patient_id, self.claim_id, owed, day)
            return
        instalments = self.dice.between(2, 4) if manner < 290 else 1
        method = self.dice.weighted(_PATIENTS_MEANS)
        for left in range(instalments, 0, -1):
            day = working_day(day + self._days(12, 55))
            part = owed // left
            owed -= part
            if manner > 990:
                part = part // 100 * 100 + 5_000
            if part:
                yield day, self.book.paid(part, Party.PATIENT, method, day)

    # --- chance ----------------------------------------------------------------------------------

    def _few(self, most: int) -> int:
        """One more often than two, two more often than three."""
        return 1 + min(self.dice.below(most), self.dice.below(most))

    def _days(self, least: int, most: int) -> timedelta:
        return self.dice.between(least, most) * DAY
