"""Routes of revenue: payers, claims, and what is owed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domain.revenue import (
    accounting_period,
    acknowledgment,
    adjudication,
    code_table,
    denial,
    drafting,
    giving_up,
    patient_account,
    payer,
    payer_contract,
    posting,
    preparation,
    prior_authorization,
    remittance,
    submission,
    trading_partner,
)
from domain.revenue.events.contract import contract_of
from domain.revenue.events.patient_account import account_of
from domain.revenue.events.period import period_of
from projections.revenue import (
    adjudication_lines,
    adjudication_list,
    authorization_list,
    cash_by_day,
    claim_ledger,
    claim_list,
    claim_receivables,
    claims_against_contract,
    closed_months,
    code_table_list,
    contract_terms,
    credit_balances,
    denial_list,
    denial_worklist,
    expected_claims,
    fee_schedules,
    interchange_list,
    patient_accounts,
    payer_directory,
    payer_months,
    payment_plans,
    payments_by_method,
    receivables,
    remittance_list,
    remittance_quarantine,
    revenue_months,
    scrubbed_claims,
    unanswered_claims,
    unbilled_claims,
)
from web.api import Does, Lists, Row, Shows, Sums

FACILITY = "/facilities/<uuid:facility_id>"
CLAIM = "/claims/<uuid:claim_id>"
REMITTANCE = "/remittances/<uuid:remittance_id>"
PAYER = "/payers/<uuid:payer_id>"
PATIENT = f"{FACILITY}/patients/<uuid:patient_id>"
ACCOUNT = "/patient-accounts/<uuid:account_id>"
AUTHORIZATION = "/authorizations/<uuid:authorization_id>"


def _contract(known: Mapping[str, Any]) -> UUID:
    return contract_of(known["payer_id"])


def _period(known: Mapping[str, Any]) -> UUID:
    return period_of(known["facility_id"], known["month"])


def _account(known: Mapping[str, Any]) -> UUID:
    return account_of(known["facility_id"], known["patient_id"])


ROUTES: tuple[Row, ...] = (
    Does("/payers", payer.RegisterPayer),
    Does(f"{PAYER}/name", payer.RenamePayer),
    Does(f"{PAYER}/retirement", payer.RetirePayer),
    Lists("/payers", payer_directory),
    Shows(PAYER, payer_directory, "payer_id"),
    Does(f"{PAYER}/contract-terms", payer_contract.AgreeContractTerms, _contract),
    Does(f"{PAYER}/fees", payer_contract.ListFees, _contract),
    Does(f"{PAYER}/fee-schedules", payer_contract.PublishFeeSchedule, _contract),
    Lists(f"{PAYER}/contract-terms", contract_terms),
    Lists("/contract-terms", contract_terms),
    Lists(f"{PAYER}/fee-schedules", fee_schedules),
    Lists("/fee-schedules", fee_schedules),
    Does("/code-pages", code_table.ListCodes),
    Does("/code-tables", code_table.PublishCodeTable),
    Lists("/code-tables", code_table_list),
    Does(f"{FACILITY}/authorizations", prior_authorization.RequestAuthorization),
    Does(f"{AUTHORIZATION}/pending", prior_authorization.PendAuthorization),
    Does(f"{AUTHORIZATION}/approval", prior_authorization.ApproveAuthorization),
    Does(f"{AUTHORIZATION}/denial", prior_authorization.DenyAuthorization),
    Does(f"{AUTHORIZATION}/appeals", prior_authorization.AppealAuthorization),
    Lists(f"{FACILITY}/authorizations", authorization_list),
    Lists("/system/authorizations", authorization_list),
    Shows(AUTHORIZATION, authorization_list, "authorization_id"),
    Does(f"{FACILITY}/claims", drafting.DraftClaim),
    Does(f"{CLAIM}/amendments", drafting.AmendClaim),
    Does(f"{CLAIM}/charges", drafting.ChargeClaim),
    Does(f"{CLAIM}/authorization", preparation.AuthorizeClaim),
    Does(f"{CLAIM}/scrub", preparation.ScrubClaim),
    Shows(f"{CLAIM}/findings", scrubbed_claims, "claim_id"),
    Lists(f"{FACILITY}/scrubbed-claims", scrubbed_claims),
    Lists("/system/scrubbed-claims", scrubbed_claims),
    Shows(f"{CLAIM}/expectation", expected_claims, "claim_id"),
    Does(f"{CLAIM}/submission", submission.SubmitClaim),
    Does(f"{CLAIM}/acceptance", acknowledgment.AcceptClaim),
    Does(f"{CLAIM}/rejection", acknowledgment.RejectClaim),
    Does(f"{CLAIM}/pending", acknowledgment.PendClaim),
    Does(f"{CLAIM}/status-reports", acknowledgment.ReportClaimStatus),
    Does(f"{CLAIM}/denials", denial.DenyClaim),
    Does(f"{CLAIM}/appeals", denial.AppealClaim),
    Does(f"{CLAIM}/appeal-decisions", denial.DecideAppeal),
    Does(f"{CLAIM}/denial-resolutions", denial.ResolveDenial),
    Lists(f"{CLAIM}/denials", denial_list),
    Lists(f"{FACILITY}/denials", denial_worklist),
    Lists("/system/denials", denial_worklist),
    Lists(f"{FACILITY}/denial-history", denial_list),
    Lists("/system/denial-history", denial_list),
    Does(f"{CLAIM}/payments", posting.PayClaim),
    Does(f"{CLAIM}/adjustments", posting.AdjustClaim),
    Does(f"{CLAIM}/transfers", posting.TransferClaim),
    Does(f"{CLAIM}/write-offs", giving_up.WriteOffClaim),
    Does(f"{CLAIM}/refunds", giving_up.RefundClaim),
    Does(f"{CLAIM}/reversals", posting.ReverseClaimEntry),
    Does(f"{CLAIM}/closure", submission.CloseClaim),
    Does(f"{CLAIM}/reopening", submission.ReopenClaim),
    Lists(f"{FACILITY}/claims", claim_list),
    Lists("/system/claims", claim_list),
    Shows(CLAIM, claim_list, "claim_id"),
    Lists(f"{CLAIM}/entries", claim_ledger),
    Lists(f"{FACILITY}/claim-entries", claim_ledger),
    Lists("/system/claim-entries", claim_ledger),
    Does(
        f"{FACILITY}/patients/<uuid:patient_id>/statements",
        patient_account.IssueStatement,
        _account,
    ),
    Does(
        f"{FACILITY}/patients/<uuid:patient_id>/payment-plans",
        patient_account.AgreePaymentPlan,
        _account,
    ),
    Does(
        f"{FACILITY}/patients/<uuid:patient_id>/assistance",
        patient_account.GrantAssistance,
        _account,
    ),
    Does(f"{ACCOUNT}/installments", patient_account.PayInstallment),
    Does(f"{ACCOUNT}/missed-installments", patient_account.MissInstallment),
    Lists(f"{FACILITY}/payment-plans", payment_plans),
    Lists("/system/payment-plans", payment_plans),
    Lists(f"{FACILITY}/patient-accounts", patient_accounts),
    Lists("/system/patient-accounts", patient_accounts),
    Lists(f"{FACILITY}/unbilled-claims", unbilled_claims),
    Lists("/system/unbilled-claims", unbilled_claims),
    Lists(f"{FACILITY}/unanswered-claims", unanswered_claims),
    Lists("/system/unanswered-claims", unanswered_claims),
    Lists(f"{FACILITY}/credit-balances", credit_balances),
    Lists("/system/credit-balances", credit_balances),
    Lists(f"{FACILITY}/claims-against-contract", claims_against_contract),
    Lists("/system/claims-against-contract", claims_against_contract),
    Sums(f"{FACILITY}/cash-by-day", cash_by_day),
    Sums("/system/cash-by-day", cash_by_day),
    Does(f"{FACILITY}/months/closure", accounting_period.ClosePeriod, _period),
    Sums(f"{FACILITY}/months", revenue_months),
    Sums("/system/months", revenue_months),
    Lists(f"{FACILITY}/closed-months", closed_months),
    Lists("/system/closed-months", closed_months),
    Sums(f"{FACILITY}/payer-months", payer_months),
    Sums("/system/payer-months", payer_months),
    Lists(f"{FACILITY}/claim-receivables", claim_receivables),
    Lists("/system/claim-receivables", claim_receivables),
    Sums(f"{FACILITY}/receivables", receivables),
    Sums("/system/receivables", receivables),
    Sums(f"{FACILITY}/payments-by-method", payments_by_method),
    Sums("/system/payments-by-method", payments_by_method),
    Does(f"{FACILITY}/remittances", remittance.ReceiveRemittance),
    Does(f"{REMITTANCE}/release", remittance.ReleaseRemittance),
    Does(f"{REMITTANCE}/quarantine", remittance.QuarantineRemittedClaim),
    Does(f"{REMITTANCE}/postings", remittance.PostRemittedClaim),
    Does(f"{REMITTANCE}/dismissals", remittance.DismissRemittedClaim),
    Does(f"{REMITTANCE}/completion", remittance.CompleteRemittance),
    Does(f"{CLAIM}/adjudications", adjudication.AdjudicateClaim),
    Does(f"{FACILITY}/remitted-claims", adjudication.OpenRemittedClaim),
    Shows(REMITTANCE, remittance_list, "remittance_id"),
    Lists(f"{FACILITY}/remittances", remittance_list),
    Lists("/system/remittances", remittance_list),
    Does("/interchanges", trading_partner.SendInterchange),
    Does("/status-requests", trading_partner.AskStatus),
    Does(
        "/trading-partners/<uuid:partner_id>/acknowledgments",
        trading_partner.AcknowledgeInterchange,
    ),
    Lists("/system/interchanges", interchange_list),
    Lists(f"{FACILITY}/remittance-quarantine", remittance_quarantine),
    Lists("/system/remittance-quarantine", remittance_quarantine),
    Lists(f"{CLAIM}/adjudications", adjudication_list),
    Lists(f"{FACILITY}/adjudications", adjudication_list),
    Lists("/system/adjudications", adjudication_list),
    Lists(f"{CLAIM}/adjudication-lines", adjudication_lines),
    Lists(f"{FACILITY}/adjudication-lines", adjudication_lines),
    Lists("/system/adjudication-lines", adjudication_lines),
)
