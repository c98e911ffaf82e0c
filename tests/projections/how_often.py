"""How often which thing happens in the health system in which anything may happen."""

from __future__ import annotations

from datetime import timedelta

from domain.kernel import Command
from domain.supply import (
    controlled_code,
    controlled_transfers,
    inbound_receipt,
    inbound_request,
    recall_response,
    register_receipt,
    requisition_items,
    stock_control,
    stock_listing,
    stock_recall,
    stock_transfers,
    transfer_case,
    transfer_sending,
)
from tests.projections import made_up_rosters, personal_files

AT_MOST = {
    **made_up_rosters.AT_MOST,
    "facility": 5,
    "department": 6,
    "staff_member": 12,
    "payer": 3,
    "claim": 6,
    "supplier": 2,
    "account": 4,
    "grant": 8,
    "remittance": 4,
}
"""How many there are of each kind; the rest of what happens, happens to them."""

OFTEN = {
    **personal_files.OFTEN,
    **made_up_rosters.OFTEN,
    "claim": 24,
    "payer_contract": 4,
    "stock_item": 4,
    "staff_member": 4,
    "grant": 4,
    "account": 1,
    "erasure": 1,
    "legal_hold": 1,
    "retention_rule": 1,
    "transfer": 4,
    "inbound_transfer": 6,
    "controlled_register": 1,
    "estimate": 6,
}
"""How often something happens to an aggregate of a kind."""

TOLD: set[type[Command]] = {
    stock_transfers.DispatchStock,
    stock_transfers.DeliverStock,
    transfer_sending.AskForTransfer,
    transfer_case.NoteArrival,
    transfer_case.NoteLateRefusal,
    inbound_receipt.AnnounceTransfer,
    inbound_request.NoteApproval,
    inbound_request.NoteRefusal,
    inbound_receipt.NoteSettlement,
    inbound_receipt.ReceiveLateArrival,
    inbound_request.WithdrawProposal,
    requisition_items.WithdrawProposedItem,
    recall_response.NotifyOfRecall,
    register_receipt.EnterReceipt,
    controlled_code.ScheduleCode,
    stock_control.PutUnderControl,
    stock_listing.ScheduleStockItem,
    stock_control.IssueControlled,
    stock_control.AdjustControlled,
    stock_control.WriteOffControlled,
    stock_control.DispatchControlled,
    stock_control.DeliverControlled,
    controlled_transfers.SendControlled,
    controlled_transfers.TakeInControlled,
    controlled_transfers.LoseInTransit,
    stock_recall.RecallLot,
    *made_up_rosters.ENTAILED,
}
"""What only a process says, or another decision entails: it is not made up."""

EAGER = {
    "erasure",
    "requisition",
    "purchase_order",
    "transfer",
    "inbound_transfer",
    "prior_authorization",
    "payer_contract",
    "patient_account",
    "estimate",
    "recall_response",
    "stock_count",
    "controlled_register",
} | personal_files.EAGER
"""Whose lives are long: where one of their commands is tried and refused, the others are, until
something happens. All of it happens today: each step comes after the last."""

SELDOM = {
    **personal_files.SELDOM,
    **made_up_rosters.SELDOM,
    "SuspendFacility": 4,
    "CloseFacility": 4,
    "CloseDepartment": 4,
    "MergeDepartment": 2,
    "SeparateStaffMember": 24,
    "RetirePayer": 4,
    "CloseClaim": 4,
    "ResolveDenial": 8,
    "TakeBackDenials": 8,
    "RetireSupplier": 24,
    "SuspendSupplier": 8,
    "WithdrawRequisition": 8,
    "RejectRequisition": 8,
    "CancelPurchaseOrder": 8,
    "WithdrawErasure": 8,
    "CloseAccount": 24,
    "RevokeGrant": 12,
    "ClosePurchaseOrder": 4,
    "DropOrderedItem": 4,
    "DropRequestedItem": 4,
    "DismissProposal": 4,
    "WithdrawRequest": 8,
    "DeclineTransfer": 8,
    "CancelTransfer": 8,
    "TerminateRecall": 12,
    "AbandonStockCount": 8,
    "WithdrawEstimate": 8,
    "QuarantineStock": 4,
}
"""What stops the work is tried once where other things are tried so many times."""

LATER = {"ExpireGrant": timedelta(days=30)}
"""What is decided on when so much time has passed."""

EVERYWHERE = {"organization"}
"""The contexts whose desks are busy in every system; of the others it is one."""

BUSY = 8
"""So many times more happens at a desk that is busy."""
