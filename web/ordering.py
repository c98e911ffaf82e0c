"""Routes of ordering: par levels, suppliers, requisitions, purchase orders."""

from domain.supply import (
    purchase_order_drafting,
    purchase_order_receiving,
    requisition_approval,
    requisition_items,
    stock_par,
    supplier,
)
from projections.supply.levels import stock_levels, stocked_to_plan
from projections.supply.purchase_orders import purchase_orders
from projections.supply.requisitions import requisition_list
from projections.supply.suppliers import supplier_directory, supplier_performance
from web.api import Does, Lists, Row, Shows, Sums

FACILITY = "/facilities/<uuid:facility_id>"
SUPPLIER = "/suppliers/<uuid:supplier_id>"
REQUISITION = "/requisitions/<uuid:requisition_id>"
ORDER = "/purchase-orders/<uuid:purchase_order_id>"
STOCK_ITEM = "<uuid:stock_item_id>"

ROUTES: tuple[Row, ...] = (
    Does("/stock-items/<uuid:stock_item_id>/par-levels", stock_par.SetParLevels),
    Lists(f"{FACILITY}/stock-levels", stock_levels),
    Lists("/system/stock-levels", stock_levels),
    Sums(f"{FACILITY}/stocked-to-plan", stocked_to_plan),
    Sums("/system/stocked-to-plan", stocked_to_plan),
    Does("/suppliers", supplier.RegisterSupplier),
    Does(f"{SUPPLIER}/terms", supplier.AgreeSupplierTerms),
    Does(f"{SUPPLIER}/suspension", supplier.SuspendSupplier),
    Does(f"{SUPPLIER}/reinstatement", supplier.ReinstateSupplier),
    Does(f"{SUPPLIER}/retirement", supplier.RetireSupplier),
    Lists("/suppliers", supplier_directory),
    Shows(SUPPLIER, supplier_directory, "supplier_id"),
    Does(f"{FACILITY}/requisitions", requisition_items.DraftRequisition),
    Does(f"{REQUISITION}/items", requisition_items.RequestItem),
    Does(f"{REQUISITION}/items/{STOCK_ITEM}/removal", requisition_items.DropRequestedItem),
    Does(f"{REQUISITION}/items/{STOCK_ITEM}/refusal", requisition_items.DeclineProposedItem),
    Does(f"{REQUISITION}/submission", requisition_approval.SubmitRequisition),
    Does(f"{REQUISITION}/authorization", requisition_approval.AuthorizeRequisition),
    Does(f"{REQUISITION}/approval-request", requisition_approval.PutRequisitionToApproval),
    Does(f"{REQUISITION}/items/{STOCK_ITEM}/approval", requisition_approval.ApproveQuantity),
    Does(f"{REQUISITION}/approval", requisition_approval.ApproveRequisition),
    Does(f"{REQUISITION}/rejection", requisition_approval.RejectRequisition),
    Does(f"{REQUISITION}/withdrawal", requisition_approval.WithdrawRequisition),
    Does(f"{REQUISITION}/release", requisition_approval.ReleaseRequisition),
    Does(f"{REQUISITION}/closure", requisition_approval.CloseRequisition),
    Lists(f"{FACILITY}/requisitions", requisition_list),
    Lists("/system/requisitions", requisition_list),
    Shows(REQUISITION, requisition_list, "requisition_id"),
    Does(f"{FACILITY}/purchase-orders", purchase_order_drafting.DraftPurchaseOrder),
    Does(f"{ORDER}/items", purchase_order_drafting.OrderItem),
    Does(f"{ORDER}/items/{STOCK_ITEM}/removal", purchase_order_drafting.DropOrderedItem),
    Does(f"{ORDER}/approval", purchase_order_drafting.ApprovePurchaseOrder),
    Does(f"{ORDER}/placement", purchase_order_receiving.PlacePurchaseOrder),
    Does(f"{ORDER}/receipts", purchase_order_receiving.ReceiveOrderedItem),
    Does(f"{ORDER}/closure", purchase_order_receiving.ClosePurchaseOrder),
    Does(f"{ORDER}/cancellation", purchase_order_receiving.CancelPurchaseOrder),
    Lists(f"{FACILITY}/purchase-orders", purchase_orders),
    Lists("/system/purchase-orders", purchase_orders),
    Shows(ORDER, purchase_orders, "purchase_order_id"),
    Sums(f"{FACILITY}/supplier-performance", supplier_performance),
    Sums("/system/supplier-performance", supplier_performance),
)
