"""All tables of the ledger, gathered so that migrations can be compared with them."""

from duban.ledger.tables import (
    amendment_tables,
    calendar_tables,
    change_tables,
    notice_tables,
    plan_tables,
    register_tables,
    restart_tables,
    task_tables,
)
from duban.ledger.tables.columns import LedgerTable

MODULES = (
    *(plan_tables, task_tables, notice_tables, restart_tables),
    *(change_tables, calendar_tables, amendment_tables, register_tables),
)
"""Importing them declares their tables."""

METADATA = LedgerTable.metadata
