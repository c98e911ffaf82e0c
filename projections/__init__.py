"""What people look at: read models folded from facts, and what asks them.

`READ_MODELS` is every read model there is. The runner folds these, and nothing else.
"""

from __future__ import annotations

from typing import Any

from projections.kernel import ReadModel
from projections.organization import department_list, facility_directory
from projections.revenue import (
    claim_ledger,
    claim_list,
    payer_directory,
    payments_by_method,
    receivables,
)
from projections.scorecards import facility_scorecard
from projections.supply import stock_items, stock_movements, stock_on_hand
from projections.workforce import assignments_ending, staff_directory

READ_MODELS: tuple[ReadModel[Any], ...] = (
    facility_directory,
    department_list,
    staff_directory,
    assignments_ending,
    payer_directory,
    claim_list,
    claim_ledger,
    receivables,
    payments_by_method,
    stock_items,
    stock_on_hand,
    stock_movements,
    facility_scorecard,
)
