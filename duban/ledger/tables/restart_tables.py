"""Tables of what it takes to start a task again where the ledger stands.

Apart from the tasks' own rows: the pages and figures of the ledger never read them, and would carry their weight.
"""

from sqlmodel import Field

from duban.ledger.tables.columns import LedgerTable


class TaskStateTable(LedgerTable, table=True):
    """All that a task knew after an entry, packed; written with that entry.

    Behind the task's own version where its release recorded no state, or between two pieces of a long list.
    """

    __tablename__ = "task_states"

    task_code: str = Field(primary_key=True, foreign_key="tasks.code")
    round: int
    version: int
    content: str


class PolicyTable(LedgerTable, table=True):
    """Rules that tasks run by, packed, under the name by which their states call them."""

    __tablename__ = "policies"

    digest: str = Field(primary_key=True)
    content: str
