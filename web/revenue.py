"""Routes of revenue: payers, claims, and what is owed."""

from domain.revenue import acknowledgment, drafting, giving_up, payer, posting, submission
from projections.revenue import (
    claim_ledger,
    claim_list,
    payer_directory,
    payments_by_method,
    receivables,
)
from web.api import Does, Lists, Row, Shows, Sums

FACILITY = "/facilities/<uuid:facility_id>"
CLAIM = "/claims/<uuid:claim_id>"
PAYER = "/payers/<uuid:payer_id>"

ROUTES: tuple[Row, ...] = (
    Does("/payers", payer.RegisterPayer),
    Does(f"{PAYER}/name", payer.RenamePayer),
    Does(f"{PAYER}/retirement", payer.RetirePayer),
    Lists("/payers", payer_directory),
    Shows(PAYER, payer_directory, "payer_id"),
    Does(f"{FACILITY}/claims", drafting.DraftClaim),
    Does(f"{CLAIM}/amendments", drafting.AmendClaim),
    Does(f"{CLAIM}/charges", drafting.ChargeClaim),
    Does(f"{CLAIM}/submission", submission.SubmitClaim),
    Does(f"{CLAIM}/acceptance", acknowledgment.AcceptClaim),
    Does(f"{CLAIM}/rejection", acknowledgment.RejectClaim),
    Does(f"{CLAIM}/pending", acknowledgment.PendClaim),
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
    Sums(f"{FACILITY}/receivables", receivables),
    Sums("/system/receivables", receivables),
    Sums(f"{FACILITY}/payments-by-method", payments_by_method),
    Sums("/system/payments-by-method", payments_by_method),
)
