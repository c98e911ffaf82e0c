"""What is done for patients, what for, and what it costs: codes of the house's own making."""

from __future__ import annotations

from dataclasses import dataclass

from domain.organization.events import DepartmentKind
from domain.revenue.events.claim import Code

DIAGNOSES = tuple(
    Code(system="ICD-10-CM", value=value)
    for value in """
    I10 E11.9 J06.9 M54.50 R07.9 N39.0 J18.9 S93.401A K21.9 F41.1 E78.5 J44.9 I50.9 M17.11 O80
    Z00.00
    """.split()
)


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """A line of the charge master: a code of the house, and what it costs (median, in cents)."""

    code: Code
    title: str
    cents: int
    most_units: int = 1


def _master(*lines: tuple[str, str, int, int]) -> tuple[ChargeLine, ...]:
    return tuple(
        ChargeLine(Code(system="CHARGE-MASTER", value=code), title, cents, most)
        for code, title, cents, most in lines
    )


VISITS = {
    DepartmentKind.EMERGENCY: _master(
        ("ED-2", "Emergency visit, low", 42_000, 1), ("ED-4", "Emergency visit, high", 118_000, 1),
    ),
    DepartmentKind.INPATIENT: _master(
        ("RB-1", "Room and board, semi-private", 162_000, 1),
        ("RB-3", "Room and board, intensive", 388_000, 1),
    ),
    DepartmentKind.OUTPATIENT: _master(
        ("OV-3", "Office visit, established patient", 14_500, 1),
        ("OV-5", "Office visit, new patient", 23_800, 1),
    ),
}  # fmt: skip

FURTHER = _master(
    ("LB-10", "Metabolic panel", 5_400, 1), ("LB-22", "Blood count", 3_100, 2),
    ("LB-31", "Urinalysis", 2_200, 1), ("RX-05", "Intravenous fluid", 4_700, 4),
    ("RX-17", "Antibiotic, injected", 6_900, 6), ("XR-02", "Chest film, two views", 18_800, 1),
    ("XR-40", "Computed tomography, head", 96_500, 1), ("CV-01", "Electrocardiogram", 9_900, 1),
    ("SU-08", "Wound closure", 31_500, 1), ("TH-12", "Therapy, fifteen minutes", 5_200, 6),
)  # fmt: skip
