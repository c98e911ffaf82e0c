"""Routes of transfers: each facility acts on its own side.

What the process tells the other side has no route.
"""

from domain.supply import inbound_receipt, inbound_request, transfer_case, transfer_sending
from projections.supply.inbound_transfers import inbound_transfers
from projections.supply.transfers import outbound_transfers
from projections.supply.transit import stock_in_transit, transfer_discrepancies
from web.api import Does, Lists, Row, Shows, Sums

FACILITY = "/facilities/<uuid:facility_id>"
INBOUND = "/inbound-transfers/<uuid:inbound_transfer_id>"
OUTBOUND = "/transfers/<uuid:transfer_id>"

ROUTES: tuple[Row, ...] = (
    Does(f"{FACILITY}/inbound-transfers", inbound_request.RequestTransfer),
    Does(f"{INBOUND}/acceptance", inbound_request.AcceptProposal),
    Does(f"{INBOUND}/dismissal", inbound_request.DismissProposal),
    Does(f"{INBOUND}/withdrawal", inbound_request.WithdrawRequest),
    Does(f"{INBOUND}/receipt", inbound_receipt.ReceiveTransfer),
    Lists(f"{FACILITY}/inbound-transfers", inbound_transfers),
    Lists("/system/inbound-transfers", inbound_transfers),
    Shows(INBOUND, inbound_transfers, "inbound_transfer_id"),
    Does(f"{OUTBOUND}/approval", transfer_sending.ApproveTransfer),
    Does(f"{OUTBOUND}/refusal", transfer_sending.DeclineTransfer),
    Does(f"{OUTBOUND}/cancellation", transfer_sending.CancelTransfer),
    Does(f"{OUTBOUND}/dispatch", transfer_sending.DispatchTransfer),
    Does(f"{OUTBOUND}/resolutions", transfer_case.ResolveDiscrepancy),
    Lists(f"{FACILITY}/transfers", outbound_transfers),
    Lists("/system/transfers", outbound_transfers),
    Shows(OUTBOUND, outbound_transfers, "transfer_id"),
    Lists(f"{FACILITY}/transfer-discrepancies", transfer_discrepancies),
    Lists("/system/transfer-discrepancies", transfer_discrepancies),
    Sums(f"{FACILITY}/stock-in-transit", stock_in_transit),
    Sums("/system/stock-in-transit", stock_in_transit),
)
