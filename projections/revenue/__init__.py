"""What the billing desks look at: payers, claims, every cent of them, and what is owed."""

from projections.revenue.adjudications import adjudication_lines, adjudication_list
from projections.revenue.claims import claim_list
from projections.revenue.ledger import claim_ledger
from projections.revenue.payers import payer_directory
from projections.revenue.receivables import payments_by_method, receivables
from projections.revenue.remittances import remittance_list, remittance_quarantine

__all__ = [
    "adjudication_lines",
    "adjudication_list",
    "claim_ledger",
    "claim_list",
    "payer_directory",
    "payments_by_method",
    "receivables",
    "remittance_list",
    "remittance_quarantine",
]
