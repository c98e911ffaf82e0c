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
        ("ED002", "Emergency visit, low", 42_000, 1),
        ("ED004", "Emergency visit, high", 118_000, 1),
    ),
    DepartmentKind.INPATIENT: _master(
        ("RB001", "Room and board, semi-private", 162_000, 1),
        ("RB003", "Room and board, intensive", 388_000, 1),
    ),
    DepartmentKind.OUTPATIENT: _master(
        ("OV003", "Office visit, established patient", 14_500, 1),
        ("OV005", "Office visit, new patient", 23_800, 1),
    ),
}  # fmt: skip

FURTHER = _master(
    ("LB010", "Metabolic panel", 5_400, 1), ("LB022", "Blood count", 3_100, 2),
    ("LB031", "Urinalysis", 2_200, 1), ("RX005", "Intravenous fluid", 4_700, 4),
    ("RX017", "Antibiotic, injected", 6_900, 6), ("XR002", "Chest film, two views", 18_800, 1),
    ("XR040", "Computed tomography, head", 96_500, 1), ("CV001", "Electrocardiogram", 9_900, 1),
    ("SU008", "Wound closure", 31_500, 1), ("TH012", "Therapy, fifteen minutes", 5_200, 6),
)  # fmt: skip

SCANS = tuple(each for each in FURTHER if each.code.value.startswith("XR04"))
"""What payers want to be asked for before it is done."""
