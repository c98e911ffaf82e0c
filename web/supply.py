"""Routes of supply: what is in stock and how it moved."""

from domain.supply import (
    catalog_item,
    stock_bins,
    stock_closing,
    stock_exceptions,
    stock_holds,
    stock_item,
    stock_listing,
)
from projections.supply import (
    catalog,
    effective_stock,
    item_codes,
    stock_closings,
    stock_in_quarantine,
    stock_items,
    stock_lots,
    stock_movements,
    stock_on_hand,
    stock_outs,
    stock_reservations,
    stock_use,
    unrecorded_receipts,
)
from web import foresight
from web.api import Does, Foresees, Lists, Row, Shows, Sums

FACILITY = "/facilities/<uuid:facility_id>"
STOCK_ITEM = "/stock-items/<uuid:stock_item_id>"

CATALOG_ITEM = "/catalog-items/<uuid:catalog_item_id>"

ROUTES: tuple[Row, ...] = (
    Does("/catalog-items", catalog_item.ListCatalogItem),
    Does(f"{CATALOG_ITEM}/label", catalog_item.ReviseCatalogItem),
    Does(f"{CATALOG_ITEM}/codes", catalog_item.IdentifyCatalogItem),
    Does(f"{CATALOG_ITEM}/class", catalog_item.ClassCatalogItem),
    Does(f"{CATALOG_ITEM}/substitutes", catalog_item.NameCatalogItemSubstitutes),
    Does(f"{CATALOG_ITEM}/retirement", catalog_item.RetireCatalogItem),
    Lists("/catalog-items", catalog),
    Shows(CATALOG_ITEM, catalog, "catalog_item_id"),
    Lists("/item-codes", item_codes),
    Does(f"{FACILITY}/stock-items", stock_listing.ListStockItem),
    Does(f"{STOCK_ITEM}/opening-balance", stock_item.OpenStockBooks),
    Does(f"{STOCK_ITEM}/receipts", stock_item.ReceiveStock),
    Does(f"{STOCK_ITEM}/issues", stock_item.IssueStock),
    Does(f"{STOCK_ITEM}/adjustments", stock_item.AdjustStock),
    Does(f"{STOCK_ITEM}/counts", stock_item.CountStock),
    *(
        Foresees(f"{STOCK_ITEM}/{entries}/preview", command, foresight.of_stock, foresight.OF_STOCK)
        for entries, command in (
            ("receipts", stock_item.ReceiveStock),
            ("issues", stock_item.IssueStock),
            ("adjustments", stock_item.AdjustStock),
            ("counts", stock_item.CountStock),
        )
    ),
    Does(f"{STOCK_ITEM}/reservations", stock_holds.ReserveStock),
    Does(f"{STOCK_ITEM}/reservation-releases", stock_holds.ReleaseReservation),
    Does(f"{STOCK_ITEM}/quarantine", stock_holds.QuarantineStock),
    Does(f"{STOCK_ITEM}/quarantine-releases", stock_holds.ReleaseQuarantine),
    Does(f"{STOCK_ITEM}/write-offs", stock_holds.WriteOffStock),
    Does(f"{STOCK_ITEM}/unrecorded-receipts", stock_exceptions.OpenUnrecordedReceipt),
    Does(
        f"{STOCK_ITEM}/unrecorded-receipts/withdrawal", stock_exceptions.WithdrawUnrecordedReceipt
    ),
    Does(f"{STOCK_ITEM}/bin", stock_bins.PutStockAway),
    Does(f"{STOCK_ITEM}/year-closings", stock_closing.CloseStockYear),
    Lists(f"{STOCK_ITEM}/year-closings", stock_closings),
    Lists(f"{FACILITY}/stock-closings", stock_closings),
    Lists("/system/stock-closings", stock_closings),
    Lists(f"{FACILITY}/stock-items", stock_items),
    Lists("/system/stock-items", stock_items),
    Shows(STOCK_ITEM, stock_items, "stock_item_id"),
    Lists(f"{STOCK_ITEM}/lots", stock_lots),
    Lists(f"{FACILITY}/stock-lots", stock_lots),
    Lists("/system/stock-lots", stock_lots),
    Sums(f"{FACILITY}/stock-on-hand", stock_on_hand),
    Sums("/system/stock-on-hand", stock_on_hand),
    Sums(f"{FACILITY}/effective-stock", effective_stock, through="effective_on"),
    Sums("/system/effective-stock", effective_stock, through="effective_on"),
    Lists(f"{STOCK_ITEM}/movements", stock_movements),
    Lists(f"{FACILITY}/stock-movements", stock_movements),
    Lists("/system/stock-movements", stock_movements),
    Lists(f"{FACILITY}/stock-reservations", stock_reservations),
    Lists("/system/stock-reservations", stock_reservations),
    Lists(f"{FACILITY}/unrecorded-receipts", unrecorded_receipts),
    Lists("/system/unrecorded-receipts", unrecorded_receipts),
    Lists(f"{FACILITY}/stock-outs", stock_outs),
    Lists("/system/stock-outs", stock_outs),
    Sums(f"{FACILITY}/stock-use", stock_use),
    Sums("/system/stock-use", stock_use),
    Lists(f"{FACILITY}/stock-in-quarantine", stock_in_quarantine),
    Lists("/system/stock-in-quarantine", stock_in_quarantine),
)
