"""What a claim form says beside its lines: whose policy it is, and the codes of the bill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Relationship(StrEnum):
    """What a patient is to the subscriber (X12 code list 1069, the values of SBR02 and PAT01)."""

    SELF = "18"
    SPOUSE = "01"
    CHILD = "19"
    OTHER = "G8"


class Sex(StrEnum):
    """As insurers know it (X12 837, DMG03)."""

    FEMALE = "F"
    MALE = "M"
    UNKNOWN = "U"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependent:
    """The patient, where that is not the subscriber (X12 837, 2010CA)."""

    last_name: str
    first_name: str | None = None
    birth_on: date | None = None
    sex: Sex = Sex.UNKNOWN
    address: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Whose policy the payer is asked under: the subscriber as the payer knows them (2010BA).

    `dependent` is the patient, where `relationship` says that the subscriber is somebody else.
    `insurance_type` tells why Medicare pays a professional claim after another payer (X12 code list
    1336, 837P SBR05: ``12`` working aged, ``43`` disabled).
    """

    member_id: str
    last_name: str | None = None
    first_name: str | None = None
    birth_on: date | None = None
    sex: Sex = Sex.UNKNOWN
    relationship: Relationship = Relationship.SELF
    group_number: str | None = None
    address: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    dependent: Dependent | None = None
    insurance_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimForm:
    """What a claim form says beside its lines and its diagnoses (CMS-1500, UB-04).

    `service_through` is the last day of care, where there is more than one. `place_of_service` has
    two digits (CMS place of service code set), `type_of_bill` four with the leading zero (UB-04
    locator 4). `admission_type`, `admission_source` and `discharge_status` are UB-04 locators 14,
    15 and 17. `authorization_number` is what the payer calls its prior authorization (837 REF*G1).
    """

    service_through: date | None = None
    place_of_service: str | None = None
    type_of_bill: str | None = None
    admission_type: str | None = None
    admission_source: str | None = None
    discharge_status: str | None = None
    rendering_npi: str | None = None
    attending_npi: str | None = None
    referring_npi: str | None = None
    authorization_number: str | None = None


NOTHING_STATED = ClaimForm()
