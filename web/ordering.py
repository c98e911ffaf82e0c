"""Routes of ordering: par levels, suppliers, requisitions, purchase orders."""

from domain.supply import purchase_order, requisition, stock_par, supplier
from projections.supply.levels import stock_levels, stocked_to_plan
from projections.supply.ordering import (
    purchase_orders,
    requisition_list,
    supplier_directory,
    supplier_performance,
)
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
    Does(f"{FACILITY}/requisitions", requisition.DraftRequisition),
    Does(f"{REQUISITION}/items", requisition.RequestItem),
    Does(f"{REQUISITION}/items/{STOCK_ITEM}/removal", requisition.DropRequestedItem),
    Does(f"{REQUISITION}/submission", requisition.SubmitRequisition),
    Does(f"{REQUISITION}/authorization", requisition.AuthorizeRequisition),
    Does(f"{REQUISITION}/approval-request", requisition.PutRequisitionToApproval),
    Does(f"{REQUISITION}/items/{STOCK_ITEM}/approval", requisition.ApproveQuantity),
    Does(f"{REQUISITION}/approval", requisition.ApproveRequisition),
    Does(f"{REQUISITION}/rejection", requisition.RejectRequisition),
    Does(f"{REQUISITION}/withdrawal", requisition.WithdrawRequisition),
    Does(f"{REQUISITION}/release", requisition.ReleaseRequisition),
    Does(f"{REQUISITION}/closure", requisition.CloseRequisition),
    Lists(f"{FACILITY}/requisitions", requisition_list),
    Lists("/system/requisitions", requisition_list),
    Shows(REQUISITION, requisition_list, "requisition_id"),
    Does(f"{FACILITY}/purchase-orders", purchase_order.DraftPurchaseOrder),
    Does(f"{ORDER}/items", purchase_order.OrderItem),
    Does(f"{ORDER}/items/{STOCK_ITEM}/removal", purchase_order.DropOrderedItem),
    Does(f"{ORDER}/approval", purchase_order.ApprovePurchaseOrder),
    Does(f"{ORDER}/placement", purchase_order.PlacePurchaseOrder),
    Does(f"{ORDER}/receipts", purchase_order.ReceiveOrderedItem),
    Does(f"{ORDER}/closure", purchase_order.ClosePurchaseOrder),
    Does(f"{ORDER}/cancellation", purchase_order.CancelPurchaseOrder),
    Lists(f"{FACILITY}/purchase-orders", purchase_orders),
    Lists("/system/purchase-orders", purchase_orders),
    Shows(ORDER, purchase_orders, "purchase_order_id"),
    Sums(f"{FACILITY}/supplier-performance", supplier_performance),
    Sums("/system/supplier-performance", supplier_performance),
)
