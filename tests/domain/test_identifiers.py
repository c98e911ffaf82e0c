"""Which numbers can be identifiers."""

from __future__ import annotations

import pytest

from domain.identifiers import RULES, IdentifierKind, valid

NPI, CCN, CLIA, TIN, DEA = IdentifierKind


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (NPI, "1234567893"),
        (NPI, "1245319599"),
        (NPI, "2000000002"),
        (CCN, "330101"),
        (CCN, "05D0642827"),
        (CCN, "45T123"),
        (CLIA, "05D0642827"),
        (TIN, "123456789"),
        (DEA, "AB1234563"),
        (DEA, "F91234563"),
    ],
)
def test_a_number_of_the_right_shape_and_check_digit_can_be_one(
    kind: IdentifierKind, value: str
) -> None:
    assert valid(kind, value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (NPI, "1234567890"),
        (NPI, "3234567893"),
        (NPI, "123456789"),
        (NPI, "1234567893\n"),
        (NPI, "١٢٣٤٥٦٧٨٩٣"),
        (CCN, "33010"),
        (CCN, "3301011"),
        (CCN, "33o101"),
        (CLIA, "05E0642827"),
        (TIN, "12-3456789"),
        (DEA, "AB1234564"),
        (DEA, "1B1234563"),
    ],
)
def test_any_other_cannot(kind: IdentifierKind, value: str) -> None:
    assert not valid(kind, value)


def test_one_wrong_or_swapped_digit_is_noticed() -> None:
    npi = "1234567893"
    for place in range(1, 10):
        wrong = npi[:place] + str((int(npi[place]) + 1) % 10) + npi[place + 1 :]
        assert not valid(NPI, wrong)
    assert not valid(NPI, "1324567893")


@pytest.mark.parametrize("kind", IdentifierKind)
def test_every_kind_says_what_it_must_look_like(kind: IdentifierKind) -> None:
    assert RULES[kind]
