"""Patient days are entered for a department and a day, and entered again where they were wrong."""

from __future__ import annotations

from dataclasses import replace

from domain.workforce.events.patient_days import PatientDaysEntered, patient_days_of
from domain.workforce.patient_days import EnterPatientDays, PatientDays
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
