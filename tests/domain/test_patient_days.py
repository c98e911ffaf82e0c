"""Patient days are entered for a department and a day, and entered again where they were wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from domain.kernel import UPCASTERS
from domain.workforce.events.patient_days import (
    NursingTargetSet,
    PatientDaysEntered,
    TargetedDay,
    patient_days_of,
)
from domain.workforce.patient_days import EnterPatientDays, PatientDays, SetNursingTarget
from tests.domain.places import CARDIOLOGY, MARCH_1, RIVERSIDE, TOMORROW_EVERYWHERE
from tests.grammar import an_open, given

entering = EnterPatientDays(
    department_id=CARDIOLOGY, facility_id=RIVERSIDE, on=MARCH_1, patient_days=24
)
entered = PatientDaysEntered(
    department_id=CARDIOLOGY,
    facility_id=RIVERSIDE,
    on=MARCH_1,
    patient_days=24,
    before=None,
    change=24,
    target_minutes=0,
)
cardiology = an_open("department", CARDIOLOGY, facility_id=RIVERSIDE)


def test_patient_days_are_entered_once_and_corrected() -> None:
    given(PatientDays).knowing(cardiology).when(entering).records(entered)
    assert entered.patient_days_id == entering.patient_days_id == patient_days_of(CARDIOLOGY)
    again = given(PatientDays, entered).knowing(cardiology)
    again.when(entering).records_nothing()
    corrected = replace(entered, patient_days=22, before=24, change=-2)
    again.when(replace(entering, patient_days=22)).records(corrected)


def test_patient_days_that_cannot_be() -> None:
    here = given(PatientDays).knowing(cardiology)
    here.when(replace(entering, patient_days=-1)).refused("patient_days.count")
    here.when(replace(entering, patient_days=10_001)).refused("patient_days.count")
    here.when(replace(entering, on=TOMORROW_EVERYWHERE)).refused("patient_days.date")
    given(PatientDays).when(entering).refused("department.unknown")


# --- targets -------------------------------------------------------------------------------------

DAY = timedelta(days=1)
aiming = SetNursingTarget(
    department_id=CARDIOLOGY, facility_id=RIVERSIDE, valid_from=MARCH_1, minutes=500
)
aimed = NursingTargetSet(
    department_id=CARDIOLOGY, facility_id=RIVERSIDE, valid_from=MARCH_1, minutes=500, days=()
)


def test_a_target_is_meant_for_each_patient_day_from_its_first_day_on() -> None:
    given(PatientDays).knowing(cardiology).when(aiming).records(aimed)
    here = given(PatientDays, aimed).knowing(cardiology)
    here.when(aiming).records_nothing()
    here.when(entering).records(replace(entered, target_minutes=24 * 500))
    day_before = replace(entering, on=MARCH_1 - DAY)
    here.when(day_before).records(replace(entered, on=MARCH_1 - DAY))


def test_a_target_counts_for_days_that_were_entered_before_it_was_set() -> None:
    day_before = replace(entered, on=MARCH_1 - DAY, patient_days=10, change=10)
    here = given(PatientDays, entered, day_before).knowing(cardiology)
    told = TargetedDay(on=MARCH_1, target_minutes=24 * 500)
    here.when(aiming).records(replace(aimed, days=(told,)))
    known = given(PatientDays, entered, day_before, replace(aimed, days=(told,)))
    less = replace(aiming, minutes=480)
    told = TargetedDay(on=MARCH_1, target_minutes=24 * -20)
    known.knowing(cardiology).when(less).records(replace(aimed, minutes=480, days=(told,)))
    # One for later days, and one from earlier on that ends where the next one begins.
    later = replace(aiming, valid_from=MARCH_1 + DAY, minutes=0)
    known.knowing(cardiology).when(later).records_a(NursingTargetSet, days=())
    earlier = replace(aiming, valid_from=MARCH_1 - DAY, minutes=300)
    told = TargetedDay(on=MARCH_1 - DAY, target_minutes=10 * 300)
    known.knowing(cardiology).when(earlier).records_a(NursingTargetSet, days=(told,))


def test_a_target_that_cannot_be() -> None:
    here = given(PatientDays).knowing(cardiology)
    here.when(replace(aiming, minutes=-1)).refused("patient_days.target")
    here.when(replace(aiming, minutes=2881)).refused("patient_days.target")
    given(PatientDays).when(aiming).refused("department.unknown")


def test_patient_days_that_were_entered_before_there_were_targets_have_none() -> None:
    assert UPCASTERS["patient_days.entered", 1]({}) == {"target_minutes": 0}
