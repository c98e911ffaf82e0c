"""Routes of transfers: each facility acts on its own side.

What the process tells the other side has no route.
"""

from domain.supply import inbound_transfer, transfer
from projections.supply.transfers import (
    inbound_transfers,
    outbound_transfers,
    stock_in_transit,
    transfer_discrepancies,
)
from web.api import Does, Lists, Row, Shows, Sums

FACILITY = "/facilities/<uuid:facility_id>"
INBOUND = "/inbound-transfers/<uuid:inbound_transfer_id>"
OUTBOUND = "/transfers/<uuid:transfer_id>"

ROUTES: tuple[Row, ...] = (
    Does(f"{FACILITY}/inbound-transfers", inbound_transfer.RequestTransfer),
    Does(f"{INBOUND}/acceptance", inbound_transfer.AcceptProposal),
    Does(f"{INBOUND}/dismissal", inbound_transfer.DismissProposal),
    Does(f"{INBOUND}/withdrawal", inbound_transfer.WithdrawRequest),
    Does(f"{INBOUND}/receipt", inbound_transfer.ReceiveTransfer),
    Lists(f"{FACILITY}/inbound-transfers", inbound_transfers),
    Lists("/system/inbound-transfers", inbound_transfers),
    Shows(INBOUND, inbound_transfers, "inbound_transfer_id"),
    Does(f"{OUTBOUND}/approval", transfer.ApproveTransfer),
    Does(f"{OUTBOUND}/refusal", transfer.DeclineTransfer),
    Does(f"{OUTBOUND}/cancellation", transfer.CancelTransfer),
    Does(f"{OUTBOUND}/dispatch", transfer.DispatchTransfer),
    Does(f"{OUTBOUND}/resolutions", transfer.ResolveDiscrepancy),
    Lists(f"{FACILITY}/transfers", outbound_transfers),
    Lists("/system/transfers", outbound_transfers),
    Shows(OUTBOUND, outbound_transfers, "transfer_id"),
    Lists(f"{FACILITY}/transfer-discrepancies", transfer_discrepancies),
    Lists("/system/transfer-discrepancies", transfer_discrepancies),
    Sums(f"{FACILITY}/stock-in-transit", stock_in_transit),
    Sums("/system/stock-in-transit", stock_in_transit),
)
