"""The list of leads: best first under one model, narrowed, by pages or as a file, with columns of choice."""

from scoring.ranking.columns import Cell, Column, cells_of, columns_chosen, columns_on_offer, lead_name
from scoring.ranking.filters import SIZES, AttributeIs, LeadFilters
from scoring.ranking.order import Order
from scoring.ranking.page import COUNT_CAP, PAGE_SIZE, RankedLead, RankedPage, leads_ranked, ranked_rows
from scoring.ranking.table import Table, table_header, table_of, table_rows
from scoring.ranking.workbook import MOST_ROWS, workbook_file

__all__ = [
    "COUNT_CAP",
    "MOST_ROWS",
    "PAGE_SIZE",
    "SIZES",
    "AttributeIs",
    "Cell",
    "Column",
    "LeadFilters",
    "Order",
    "RankedLead",
    "RankedPage",
    "Table",
    "cells_of",
    "columns_chosen",
    "columns_on_offer",
    "lead_name",
    "leads_ranked",
    "ranked_rows",
    "table_header",
    "table_of",
    "table_rows",
    "workbook_file",
]
