"""A task's timeline: read, and proved to be as it was written."""

from datetime import datetime

from sqlalchemy import Engine, ScalarSelect, select
from sqlmodel import col

from duban.ledger.database.engine import reading
from duban.ledger.database.writing import table_of
from duban.ledger.errors import NotInLedger
from duban.ledger.proof.links import follow_all
from duban.ledger.tables.plan_tables import TaskTable
from duban.ledger.tables.task_tables import TimelineTable
from duban.supervision.model import Frozen
from duban.supervision.tasks.entries import EntryKind, LedgerEntry


class TimelineRow(Frozen):
    """A step of a task as people read it. Moments are business time.

    Attributes:
        at: When it counts.
        recorded_at: When it was handled; later than ``at`` after an outage.
        hash: Seals this step and all before it.
        corrects: The version of an earlier step that this one puts right.
        corrected_by: The version of the newest step that puts this one right; this one stays as it was written.
    """

    round: int
    version: int
    kind: EntryKind
    at: datetime
    recorded_at: datetime
    body: str
    person: str
    message_id: str
    text: str
    hash: str
    corrects: int | None = None
    corrected_by: int | None = None


class TimelineRepository:
    """Reads timelines; ``TaskRepository.record`` writes them.

    Every method raises ``LedgerUnavailable`` where the database cannot be reached.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def timeline(
        self, task_code: str, *, round_number: int | None = None, after: int = 0, limit: int | None = None
    ) -> tuple[TimelineRow, ...]:
        """The steps of a task, oldest first; empty for a task that is not registered.

        Args:
            round_number: Which round; None means the present one.
            after: The version after which to go on.
        """
        present = round_number or _present_round(task_code)
        of_the_round = (col(TimelineTable.task_code) == task_code, col(TimelineTable.round) == present)
        columns = [name for name in TimelineRow.model_fields if name not in ("corrects", "corrected_by")]
        query = (
            select(*(col(getattr(TimelineTable, name)) for name in columns))
            .where(*of_the_round, col(TimelineTable.version) > after)
            .order_by(col(TimelineTable.version))
            .limit(limit)
        )
        corrections = (
            select(col(TimelineTable.version), col(TimelineTable.content))
            .where(*of_the_round, col(TimelineTable.kind) == EntryKind.CORRECTED.value)
            .order_by(col(TimelineTable.version))
        )
        with reading(self._engine) as connection:
            corrects = {
                version: LedgerEntry.model_validate_json(content).corrects
                for version, content in connection.execute(corrections)
            }
            corrected_by = {wrong: version for version, wrong in corrects.items()}
            return tuple(
                TimelineRow(**row, corrects=corrects.get(row["version"]), corrected_by=corrected_by.get(row["version"]))
                for row in connection.execute(query).mappings()
            )

    def entry(self, task_code: str, version: int) -> LedgerEntry | None:
        """A step of the present round with all that it changed, or None where there is none."""
        query = select(col(TimelineTable.content)).where(
            col(TimelineTable.task_code) == task_code,
            col(TimelineTable.round) == _present_round(task_code),
            col(TimelineTable.version) == version,
        )
        with reading(self._engine) as connection:
            content = connection.scalar(query)
        return LedgerEntry.model_validate_json(content) if content is not None else None

    def verify_chain(self, task_code: str, *, round_number: int | None = None) -> int | None:
        """Whether a timeline is as it was written.

        The end of an earlier round is not known to the task any more: there, steps cut off at the end
        go unseen.

        Args:
            round_number: Which round; None means the present one.

        Returns:
            The first version that is missing or was changed afterwards; None where the chain holds.

        Raises:
            NotInLedger: There is no such task.
        """
        table = table_of(TimelineTable)
        tasks = table_of(TaskTable)
        with reading(self._engine) as connection:
            task = (
                connection.execute(
                    select(tasks.c["round"], tasks.c["version"], tasks.c["chain_head"]).where(tasks.c.code == task_code)
                )
                .mappings()
                .one_or_none()
            )
            if task is None:
                raise NotInLedger(f"台账中没有任务 {task_code}")
            checked: int = round_number or task["round"]
            rows = connection.execute(
                select(table).where(table.c.task_code == task_code, table.c.round == checked).order_by(table.c.version)
            )
            link = follow_all(rows.mappings(), task_code, checked)
        followed = link.at if checked != task["round"] else link.end(task["version"], task["chain_head"])
        return followed.entry if followed.flaw else None


def _present_round(task_code: str) -> ScalarSelect[int]:
    return select(col(TaskTable.round)).where(col(TaskTable.code) == task_code).scalar_subquery()
