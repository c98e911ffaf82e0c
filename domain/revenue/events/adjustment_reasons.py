"""What an adjustment is for: to price what is owed, to share it, or to deny it."""

from __future__ import annotations

from domain.revenue.events.claim import AdjustmentGroup

SHARES = {
    AdjustmentGroup.PATIENT_RESPONSIBILITY: frozenset({"1", "2", "3", "66", "187", "241"}),
    AdjustmentGroup.CONTRACTUAL_OBLIGATION: frozenset(
        {"24", "45", "59", "90", "94", "102", "104", "105", "131", "144", "161", "237", "253", "A2"}
    ),
    AdjustmentGroup.OTHER_ADJUSTMENT: frozenset({"23", "94", "100"}),
    AdjustmentGroup.PAYER_INITIATED: frozenset(),
}
"""Reasons (X12 code list 139) that say how what is owed is shared or priced, and deny nothing:
deductible, coinsurance, copayment, fee schedules, capitation, an earlier payer's part (c)."""


def is_contractual(group: AdjustmentGroup | None, reason_code: str | None) -> bool:
    """Whether an adjustment is what the contract with the payer takes off the charge: of group CO,
    for a reason that prices. What is denied under CO (filed too late, say) is not."""
    contractual = AdjustmentGroup.CONTRACTUAL_OBLIGATION
    return group is contractual and reason_code in SHARES[contractual]
