"""Tasks: what is recorded of them, and the proof that they were started."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine, exists, select, update
from sqlmodel import col

from duban.contracts import RecordBatch, RecordReceipt
from duban.ledger.database.engine import reading, writing
from duban.ledger.database.writing import in_chunks, table_of
from duban.ledger.plans.registration import PlanStatus
from duban.ledger.tables.plan_tables import PlanTable, TaskTable
from duban.ledger.tasks.recording import record_batch
from duban.supervision.model import Frozen


class TaskVersion(Frozen):
    """How far the ledger has come with a task, for ``reconcile``."""

    task_code: str
    round: int
    version: int
    status: str


class TaskRepository:
    """Everything written about tasks; each method is one transaction.

    Every method raises ``LedgerUnavailable`` where the database cannot be reached.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, batch: RecordBatch) -> RecordReceipt:
        """Write a task's entries with the rows and notices that change with them.

        What is recorded already is skipped, so that a batch can be sent again as often as needed.

        Raises:
            NotInLedger: The task was never registered.
            LedgerConflict: A version is missing in between, or is recorded with another content.
        """
        with writing(self._engine) as connection:
            return record_batch(connection, batch)

    def mark_started(self, codes: Sequence[str], at: datetime) -> None:
        """Keep the proof that these tasks' workflows were started; a plan with no other task is under way.

        Args:
            at: Business moment; an earlier proof is kept.
        """
        plans = select(col(TaskTable.plan_code)).distinct()
        unstarted = exists().where(col(TaskTable.plan_code) == col(PlanTable.code), col(TaskTable.started_at).is_(None))
        with writing(self._engine) as connection:
            for some in in_chunks(codes):
                connection.execute(
                    update(table_of(TaskTable))
                    .where(col(TaskTable.code).in_(some), col(TaskTable.started_at).is_(None))
                    .values(started_at=at)
                )
                connection.execute(
                    update(table_of(PlanTable))
                    .where(
                        col(PlanTable.code).in_(plans.where(col(TaskTable.code).in_(some))),
                        col(PlanTable.status) == PlanStatus.REGISTERING.value,
                        ~unstarted,
                    )
                    .values(status=PlanStatus.UNDER_WAY.value)
                )

    def unstarted_tasks(self, plan_code: str, after: str | None = None, limit: int = 500) -> tuple[str, ...]:
        """Codes of tasks without proof of a start, in the order of the plan.

        Args:
            after: Code of the task after which to go on; None begins at the beginning.
        """
        query = (
            select(col(TaskTable.code))
            .where(col(TaskTable.plan_code) == plan_code, col(TaskTable.started_at).is_(None))
            .order_by(col(TaskTable.position))
            .limit(limit)
        )
        if after is not None:
            place = select(col(TaskTable.position)).where(col(TaskTable.code) == after)
            query = query.where(col(TaskTable.position) > place.scalar_subquery())
        with reading(self._engine) as connection:
            return tuple(connection.scalars(query))

    def versions_of(self, codes: Sequence[str]) -> dict[str, int]:
        """How far the ledger has come with these tasks; a code that is not registered is left out."""
        found: dict[str, int] = {}
        with reading(self._engine) as connection:
            for some in in_chunks(codes):
                query = select(col(TaskTable.code), col(TaskTable.version)).where(col(TaskTable.code).in_(some))
                found.update((code, version) for code, version in connection.execute(query))
        return found

    def versions(self, plan_code: str, after: str | None = None, limit: int = 500) -> tuple[TaskVersion, ...]:
        """How far the ledger has come with the tasks of a plan, in the order of the plan.

        Args:
            after: Code of the task after which to go on.
        """
        tasks = table_of(TaskTable)
        query = (
            select(tasks.c.code.label("task_code"), *(tasks.c[name] for name in ("round", "version", "status")))
            .where(col(TaskTable.plan_code) == plan_code)
            .order_by(col(TaskTable.position))
            .limit(limit)
        )
        if after is not None:
            place = select(col(TaskTable.position)).where(col(TaskTable.code) == after)
            query = query.where(col(TaskTable.position) > place.scalar_subquery())
        with reading(self._engine) as connection:
            return tuple(TaskVersion(**row) for row in connection.execute(query).mappings())
