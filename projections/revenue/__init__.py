"""What the billing desks look at: payers, claims, every cent of them, and what is owed."""

from projections.revenue.claims import claim_list
from projections.revenue.ledger import claim_ledger
from projections.revenue.payers import payer_directory
from projections.revenue.receivables import payments_by_method, receivables

__all__ = [
    "claim_ledger",
    "claim_list",
    "payer_directory",
    "payments_by_method",
    "receivables",
]
