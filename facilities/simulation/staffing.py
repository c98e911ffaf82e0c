"""What belongs to a seat: its position, what its holders hold, and how they are evaluated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from domain import identifiers
from domain.identifiers import IdentifierKind
from domain.workforce.credential_requirements import EstablishRequirement
from domain.workforce.credentialing import RecordCredential, RenewCredential, VerifyCredential
from domain.workforce.evaluation import (
    AcknowledgeEvaluation,
    DraftEvaluation,
    SetEvaluationGoal,
    SubmitEvaluation,
)
from domain.workforce.events.evaluation import Rating
from domain.workforce.events.held import CredentialKind, ScreeningResult, credential_id_of
from domain.workforce.events.position import VacancyReason
from domain.workforce.position import BudgetPosition, FillPosition, VacatePosition
from domain.workforce.sanctions import ScreenForExclusion
from facilities.simulation.dice import Dice
from facilities.simulation.people import Seat, Tenure
from facilities.simulation.places import bearer
from facilities.simulation.run import DAY, Run, Story

OFFICE = "Medical staff office"
REQUIRED_SINCE = date(2020, 1, 1)
"""The same in every simulation: what is required is required throughout a health system."""
TERM = timedelta(days=730)
IN_TIME = timedelta(days=40)
"""How long before its end a license is renewed."""
MONTH = timedelta(days=31)

LICENSED = {
    "registered nurse": "RN",
    "physician": "MD",
    "midwife": "CNM",
    "nurse practitioner": "NP",
    "pharmacist": "RPh",
    "therapist": "PT",
}
"""The title of the license a job needs."""

AT_BEDSIDE = frozenset({"registered nurse", "physician", "midwife", "nurse practitioner"})
PRESCRIBE = frozenset({"physician", "nurse practitioner"})

GOALS = (
    "precept a colleague who is new",
    "take part in the falls round",
    "learn the new pumps",
    "write one procedure anew",
)


def requirements(first_day: date) -> Story:
    """What the work requires, throughout the health system."""
    for job, title in LICENSED.items():
        yield (
            first_day,
            EstablishRequirement(
                kind=CredentialKind.LICENSE, job=job, title=title, valid_from=REQUIRED_SINCE
            ),
        )
    for job in sorted(AT_BEDSIDE):
        yield (
            first_day,
            EstablishRequirement(
                kind=CredentialKind.LIFE_SUPPORT, job=job, valid_from=REQUIRED_SINCE
            ),
        )


def position_of_a_seat(seat: Seat) -> Story:
    """The position is budgeted, and held by one after the other."""
    run, number = seat.site.run, 0
    position_id = run.id("position", seat.site.index, seat.number)
    yield (
        run.first_day,
        BudgetPosition(
            position_id=position_id,
            facility_id=seat.site.facility_id,
            department_id=seat.ward.department_id,
            job=seat.job.title,
            budgeted_on=seat.tenure(0).since,
        ),
    )
    while True:
        tenure = seat.tenure(number)
        filled_on = _after_hire(seat, number, tenure)
        yield (
            filled_on,
            FillPosition(
                position_id=position_id,
                staff_id=tenure.staff_id,
                filled_on=filled_on if number else tenure.since,
            ),
        )
        yield (
            tenure.until,
            VacatePosition(
                position_id=position_id,
                vacated_on=tenure.until,
                reason=VacancyReason.SEPARATION,
            ),
        )
        number += 1


def credentials_of_a_seat(seat: Seat) -> Story:
    """What the holders of a seat show is verified, and renewed in time; they are screened."""
    if not _needs_any(seat):
        return
    number = 0
    while True:
        tenure = seat.tenure(number)
        begins = _after_hire(seat, number, tenure)
        told = [*_of_a_tenure(seat, number, tenure, begins)]
        # What goes on the same day stays in its order.
        for day, command in sorted(told, key=lambda each: each[0]):
            if day < tenure.until:
                yield day, command
        number += 1


@dataclass(frozen=True, slots=True)
class _Held:
    kind: CredentialKind
    issuer: str
    title: str = ""
    number: str | None = None
    state: str | None = None


def _of_a_tenure(seat: Seat, number: int, tenure: Tenure, begins: date) -> Story:
    dice = seat.site.run.dice("credentials", seat.site.index, seat.number, number)
    home = seat.site.facility_id
    for held in _held(seat, number, dice):
        valid_from = begins - timedelta(days=dice.between(100, 680))
        valid_to = valid_from + TERM - DAY
        credential_id = credential_id_of(
            tenure.staff_id,
            held.kind,
            issuer=held.issuer,
            title=held.title,
            state=held.state,
            number=held.number,
        )
        yield (
            begins,
            RecordCredential(
                staff_id=tenure.staff_id,
                facility_id=home,
                kind=held.kind,
                issuer=held.issuer,
                title=held.title,
                number=held.number,
                state=held.state,
                valid_from=valid_from,
                valid_to=valid_to,
            ),
        )

        yield begins, _verified(tenure, credential_id, begins)
        while (renewed_on := max(begins + DAY, valid_to - IN_TIME)) < tenure.until:
            valid_from, valid_to = valid_to + DAY, valid_to + TERM
            yield (
                renewed_on,
                RenewCredential(
                    staff_id=tenure.staff_id,
                    credential_id=credential_id,
                    valid_from=valid_from,
                    valid_to=valid_to,
                ),
            )
            confirmed_on = renewed_on + DAY
            yield confirmed_on, _verified(tenure, credential_id, confirmed_on)
    screened_on = begins
    while screened_on < tenure.until:
        yield (
            screened_on,
            ScreenForExclusion(
                staff_id=tenure.staff_id,
                facility_id=home,
                screened_on=screened_on,
                result=ScreeningResult.CLEAR,
            ),
        )
        screened_on += MONTH


def _verified(tenure: Tenure, credential_id: UUID, day: date) -> VerifyCredential:
    return VerifyCredential(
        staff_id=tenure.staff_id,
        credential_id=credential_id,
        verified_on=day,
        verified_by=OFFICE,
        source="the issuer's register",
    )


def _needs_any(seat: Seat) -> bool:
    """Whether the job needs anything."""
    return seat.job.title in LICENSED


def _held(seat: Seat, tenure: int, dice: Dice) -> Iterator[_Held]:
    job, whose = seat.job.title, bearer(seat.site, seat.number, tenure)
    if job in LICENSED:
        yield _Held(
            CredentialKind.LICENSE,
            "State licensing board",
            LICENSED[job],
            _license_number(seat, whose),
            "NY",
        )
    if job in AT_BEDSIDE:
        yield _Held(
            CredentialKind.LIFE_SUPPORT, "Resuscitation council", dice.one_of(("BLS", "ACLS"))
        )
    if job in PRESCRIBE:
        yield _Held(
            CredentialKind.DEA, "Drug Enforcement Administration", "", dea(seat.site.run, whose)
        )
    if job == "physician":
        yield _Held(CredentialKind.BOARD, "Board of medical specialties", seat.job.specialty or "")


def _license_number(seat: Seat, whose: int) -> str:
    return f"{seat.site.run.dice('licenses').below(10**8):08}-{whose:07}"


def dea(run: Run, whose: int) -> str:
    """The registration number of a bearer, with its check digit; each run has its own letters."""
    dice = run.dice("dea")
    million, rest = divmod(whose + dice.below(10**6), 10**6)
    letters = (dice.below(26 * 26) + million) % (26 * 26)
    six = f"{chr(65 + letters // 26)}{chr(65 + letters % 26)}{rest:06}"
    return next(
        six + digit for digit in "0123456789" if identifiers.valid(IdentifierKind.DEA, six + digit)
    )


def evaluations_of_a_seat(seat: Seat, lead: Seat) -> Story:
    """Every year whoever leads the department evaluates who holds the seat, but for their own."""
    if lead is seat:
        return
    run, number = seat.site.run, 0
    dice = run.dice("evaluations", seat.site.index, seat.number)
    while True:
        tenure = seat.tenure(number)
        first = max(tenure.since, run.first_day) + DAY
        day = first + timedelta(days=dice.between(5, 120))
        while day + 4 * DAY < tenure.until:
            evaluator = lead.holder_on(day)
            if evaluator is not None and evaluator != tenure.staff_id:
                yield from _evaluation(seat, tenure, evaluator, day, dice)
            day += timedelta(days=365)
        number += 1


def _evaluation(seat: Seat, tenure: Tenure, evaluator: UUID, day: date, dice: Dice) -> Story:
    evaluation_id = seat.site.run.id("evaluation", tenure.staff_id, day)
    yield (
        day,
        DraftEvaluation(
            evaluation_id=evaluation_id,
            facility_id=seat.site.facility_id,
            staff_id=tenure.staff_id,
            evaluator_staff_id=evaluator,
            period_from=max(tenure.since, day - timedelta(days=365)),
            period_to=day - DAY,
            drafted_on=day,
        ),
    )
    goal = SetEvaluationGoal(
        evaluation_id=evaluation_id,
        text=dice.one_of(GOALS),
        due_on=day + timedelta(days=180),
    )
    yield day, goal
    rating = dice.weighted([(Rating.MEETS, 7), (Rating.EXCEEDS, 3), (Rating.NEEDS_IMPROVEMENT, 1)])
    yield (
        day,
        SubmitEvaluation(
            evaluation_id=evaluation_id,
            rating=rating,
            summary="As agreed in the conversation.",
            submitted_on=day,
        ),
    )
    yield (
        day + 3 * DAY,
        AcknowledgeEvaluation(evaluation_id=evaluation_id, acknowledged_on=day + 3 * DAY),
    )


def _after_hire(seat: Seat, number: int, tenure: Tenure) -> date:
    """When something can be told of who was hired: the first of all are there when it begins."""
    first_day = seat.site.run.first_day
    return max(tenure.since + DAY, first_day) if number else max(tenure.since, first_day)
