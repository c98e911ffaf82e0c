"""What the billing desks look at: payers, claims, every cent of them, and what is owed."""

from projections.revenue.accounts import patient_accounts, payment_plans
from projections.revenue.adjudications import adjudication_lines, adjudication_list
from projections.revenue.authorizations import authorization_list
from projections.revenue.claim_receivables import claim_receivables
from projections.revenue.claims import claim_list
from projections.revenue.code_tables import code_table_list
from projections.revenue.contracts import contract_terms, fee_schedules
from projections.revenue.credits import credit_balances, overpayment_list
from projections.revenue.denials import denial_list, denial_worklist
from projections.revenue.estimates import estimate_list
from projections.revenue.follow_up import unanswered_claims
from projections.revenue.interchanges import interchange_list
from projections.revenue.ledger import claim_ledger
from projections.revenue.months import closed_months, revenue_months
from projections.revenue.payer_months import payer_months
from projections.revenue.payers import payer_directory
from projections.revenue.preparation import expected_claims, scrubbed_claims
from projections.revenue.receivables import payments_by_method, receivables
from projections.revenue.remittances import remittance_list, remittance_quarantine
from projections.revenue.steps import claim_steps
from projections.revenue.worklists import cash_by_day, claims_against_contract, unbilled_claims

__all__ = [
    "adjudication_lines",
    "adjudication_list",
    "authorization_list",
    "cash_by_day",
    "claim_ledger",
    "claim_list",
    "claim_receivables",
    "claim_steps",
    "claims_against_contract",
    "closed_months",
    "code_table_list",
    "contract_terms",
    "credit_balances",
    "denial_list",
    "denial_worklist",
    "estimate_list",
    "expected_claims",
    "fee_schedules",
    "interchange_list",
    "overpayment_list",
    "patient_accounts",
    "payer_directory",
    "payer_months",
    "payment_plans",
    "payments_by_method",
    "receivables",
    "remittance_list",
    "remittance_quarantine",
    "revenue_months",
    "scrubbed_claims",
    "unanswered_claims",
    "unbilled_claims",
]
