"""Routes of recalls and counts.

Notifying facilities has no route: the process does it.
"""

from domain.supply import recall, recall_response, stock_count
from projections.supply.counts import count_accuracy, count_sheets, stock_counts
from projections.supply.recalls import recall_board, recall_list, recall_progress
from web.api import Does, Lists, Row, Shows, Sums

FACILITY = "/facilities/<uuid:facility_id>"
RECALL = "/recalls/<uuid:recall_id>"
RESPONSE = "/recall-responses/<uuid:recall_response_id>"
COUNT = "/stock-counts/<uuid:stock_count_id>"

ROUTES: tuple[Row, ...] = (
    Does("/recalls", recall.IssueRecall),
    Does(f"{RECALL}/termination", recall.TerminateRecall),
    Lists("/recalls", recall_list),
    Shows(RECALL, recall_list, "recall_id"),
    Lists(f"{RECALL}/responses", recall_board),
    Lists(f"{FACILITY}/recalls", recall_board),
    Lists("/system/recall-board", recall_board),
    Does(f"{RESPONSE}/acknowledgement", recall_response.AcknowledgeRecall),
    Does(f"{RESPONSE}/accounting", recall_response.AccountForUnits),
    Shows(RESPONSE, recall_board, "recall_response_id"),
    Sums(f"{FACILITY}/recall-progress", recall_progress),
    Sums("/system/recall-progress", recall_progress),
    Does(f"{FACILITY}/stock-counts", stock_count.OpenStockCount),
    Does(f"{COUNT}/items", stock_count.PutItemOnCount),
    Does(f"{COUNT}/entries", stock_count.EnterCount),
    Does(f"{COUNT}/investigations", stock_count.InvestigateDifference),
    Does(f"{COUNT}/approval", stock_count.ApproveStockCount),
    Does(f"{COUNT}/abandonment", stock_count.AbandonStockCount),
    Lists(f"{FACILITY}/stock-counts", stock_counts),
    Lists("/system/stock-counts", stock_counts),
    Shows(COUNT, stock_counts, "stock_count_id"),
    Lists(f"{COUNT}/sheet", count_sheets),
    Sums(f"{FACILITY}/count-accuracy", count_accuracy),
    Sums("/system/count-accuracy", count_accuracy),
)
