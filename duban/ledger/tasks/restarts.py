"""What a task is started again from: state and rules, written in the transaction of the entry they belong to."""

from collections.abc import Iterable

from sqlalchemy import Connection

from duban.contracts import AdoptedPolicy, RecordBatch
from duban.ledger.database.writing import Row, upsert_rows
from duban.ledger.tables.restart_tables import PolicyTable, TaskStateTable
from duban.supervision.rules.policy import pack


def keep_states(connection: Connection, batches: Iterable[RecordBatch]) -> None:
    """Keep the states of tasks after the last entries of these batches, one for each task."""
    kept: list[Row] = [
        {
            "task_code": batch.task_code,
            "round": batch.round,
            "version": batch.snapshot.version,
            "content": batch.state,
        }
        for batch in batches
        if batch.state is not None
    ]
    upsert_rows(connection, TaskStateTable, kept)


def keep_policies(connection: Connection, adopted: Iterable[AdoptedPolicy | None]) -> None:
    """Keep rules under their names; what is there already stays as it is."""
    # By name first: all tasks of a plan bring the same rules, and packing them takes milliseconds.
    named = {each.digest: each.policy for each in adopted if each is not None}
    rows: list[Row] = [{"digest": digest, "content": pack(policy)} for digest, policy in sorted(named.items())]
    upsert_rows(connection, PolicyTable, rows, only=())
