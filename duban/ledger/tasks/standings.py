"""How the ledger stands with each task, for whoever compares it with the workflows, and what a task is begun from."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Select, and_, func, select, update
from sqlmodel import col

from duban.contracts import RecordBatch, RecordReceipt, TaskInput, TimelineLine, unpack_state
from duban.ledger.database.engine import reading, writing
from duban.ledger.database.writing import in_chunks, table_of
from duban.ledger.proof import chain
from duban.ledger.tables.notice_tables import IS_PENDING, IS_UNFINISHED, DeliveryTable, NoticeStatus, NoticeTable
from duban.ledger.tables.plan_tables import PlanTable, StoredPlanTable, TaskTable
from duban.ledger.tables.restart_tables import PolicyTable, TaskStateTable
from duban.ledger.tables.task_tables import TimelineTable
from duban.ledger.tasks.recording import key_of, record_batch
from duban.supervision.days.clock import TaskClock
from duban.supervision.model import Frozen
from duban.supervision.rules.policy import Policy, decode, digest
from duban.supervision.tasks.entries import LedgerEntry, NoticeIntent

LINES_KEPT = 20
"""As many as a task shows of its timeline."""


class TaskStanding(Frozen):
    """A task as the ledger has it.

    Attributes:
        is_open, is_started: Not closed; with a proof that its workflow was started.
        state_version: The entry after which its state is on record; None where none is.
    """

    code: str
    plan_code: str
    round: int
    version: int
    status: str
    is_open: bool
    is_started: bool
    state_version: int | None


class Beginning(Frozen):
    """What a task is begun from, and the entries that are on record beyond it.

    Attributes:
        beyond: Empty but where the ledger stands in the middle of a list that was handed over piece by piece.
    """

    given: TaskInput
    beyond: tuple[LedgerEntry, ...] = ()


class Overdue(Frozen):
    """What could have gone to a body and has not. Real time."""

    recipient: str
    notices: int
    since: datetime


class StandingRepository:
    """What comparing and mending need; each method is one transaction.

    Every method raises ``LedgerUnavailable`` where the database cannot be reached.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def standings(self, plan: str | None = None, after: str = "", limit: int = 500) -> tuple[TaskStanding, ...]:
        """Tasks in the order of their codes.

        Args:
            plan: Only of this plan.
            after: The code after which to go on.
        """
        query = _standings().where(col(TaskTable.code) > after).order_by(col(TaskTable.code)).limit(limit)
        if plan is not None:
            query = query.where(col(TaskTable.plan_code) == plan)
        with reading(self._engine) as connection:
            return tuple(_standing(row) for row in connection.execute(query).mappings())

    def standing(self, code: str) -> TaskStanding | None:
        """A task as it stands now."""
        with reading(self._engine) as connection:
            row = connection.execute(_standings().where(col(TaskTable.code) == code)).mappings().one_or_none()
        return _standing(row) if row else None

    def unknown(self, codes: Sequence[str]) -> tuple[str, ...]:
        """Those of these codes that no plan and no task has."""
        known: set[str] = set()
        with reading(self._engine) as connection:
            for some in in_chunks(codes):
                for model in (TaskTable, PlanTable):
                    column = table_of(model).c.code
                    known.update(connection.scalars(select(column).where(column.in_(some))))
        return tuple(code for code in codes if code not in known)

    def beginning(self, code: str) -> Beginning | None:
        """What a task is begun from where the ledger stands; None where its state is not on record."""
        tasks, states, plans = table_of(TaskTable), table_of(TaskStateTable), table_of(PlanTable)
        query = (
            select(
                *(tasks.c[name] for name in ("code", "round", "plan_code")),
                *(plans.c[name] for name in (*TaskClock.model_fields, "zone", "digest")),
                states.c.version.label("state_version"),
                states.c.content,
            )
            .join_from(tasks, states, and_(states.c.task_code == tasks.c.code, states.c["round"] == tasks.c["round"]))
            .join(plans, plans.c.code == tasks.c.plan_code)
            .where(tasks.c.code == code)
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).mappings().one_or_none()
            if row is None:
                return None
            state = unpack_state(row["content"])
            policy = policy_of(connection, state.policy_digest, row["digest"])
            entries = _entries(connection, row)
        if policy is None:
            return None
        lines = [e for e in entries if e.version <= row["state_version"]][-LINES_KEPT:]
        given = TaskInput(
            state=state,
            policy=policy,
            clock=key_of(row).clock,
            timeline=tuple(TimelineLine(version=e.version, at=e.at, text=e.text) for e in lines),
        )
        return Beginning(given=given, beyond=tuple(e for e in entries if e.version > row["state_version"]))

    def rules(self, name: str, plan_code: str) -> Policy | None:
        """Rules by their name, as a task of a plan lived by them; None where they are not on record."""
        with reading(self._engine) as connection:
            issued = connection.scalar(select(col(PlanTable.digest)).where(col(PlanTable.code) == plan_code))
            return policy_of(connection, name, issued or "")

    def record_again(self, batch: RecordBatch, now_real: datetime) -> RecordReceipt:
        """Record what a workflow had recorded before the ledger was taken back; what is there already is skipped.

        Its notices may have gone out at that time: whoever receives them now is told so.

        Raises:
            LedgerConflict: The ledger holds other entries under these versions, or lacks some before them.
        """
        with writing(self._engine) as connection:
            before = connection.scalar(
                select(func.coalesce(func.max(col(NoticeTable.id)), 0)).where(
                    col(NoticeTable.task_code) == batch.task_code
                )
            )
            receipt = record_batch(connection, batch)
            keys = {
                f"{batch.task_code}/{batch.round}/{change.key}/{change.recipient}"
                for entry in batch.entries
                for change in entry.changes
                if isinstance(change, NoticeIntent)
            }
            notices = table_of(NoticeTable)
            connection.execute(
                update(notices)
                .where(
                    notices.c.idempotency_key.in_(keys),
                    notices.c.id > before,
                    notices.c.status == NoticeStatus.PENDING.value,
                    notices.c.deliver_not_before_real <= now_real,
                )
                .values(perhaps_sent_since=now_real)
            )
            return receipt

    def holds(self, batch: RecordBatch) -> bool:
        """Whether all entries of a batch are on record, word for word."""
        table = table_of(TimelineTable)
        query = select(table.c.version, table.c.content).where(
            table.c.task_code == batch.task_code,
            table.c["round"] == batch.round,
            table.c.version.between(batch.entries[0].version, batch.entries[-1].version),
        )
        with reading(self._engine) as connection:
            stored = dict(connection.execute(query).all())
        return all(e.version in stored and chain.is_same(stored[e.version], e) for e in batch.entries)

    def overdue(self, before_real: datetime, plan: str | None = None) -> tuple[Overdue, ...]:
        """What has been due since before a real moment and nobody delivers, by body."""
        notices, deliveries = table_of(NoticeTable), table_of(DeliveryTable)
        lying = select(notices.c.recipient, notices.c.deliver_not_before_real.label("since")).where(
            IS_PENDING, notices.c.deliver_not_before_real < before_real
        )
        if plan is not None:
            lying = lying.where(notices.c.plan_code == plan)
        ready = func.coalesce(deliveries.c.retry_at, deliveries.c.lease_until)
        broken_off = select(deliveries.c.recipient, ready.label("since")).where(IS_UNFINISHED, ready < before_real)
        found: dict[str, list[datetime]] = {}
        with reading(self._engine) as connection:
            for query in (lying, broken_off):
                for recipient, since in connection.execute(query):
                    found.setdefault(recipient, []).append(since)
        return tuple(
            Overdue(recipient=body, notices=len(moments), since=min(moments))
            for body, moments in sorted(found.items(), key=lambda item: min(item[1]))
        )


def _standings() -> Select[Any]:
    tasks, states = table_of(TaskTable), table_of(TaskStateTable)
    return select(
        *(tasks.c[name] for name in ("code", "plan_code", "round", "version", "status", "closed_at", "started_at")),
        states.c.version.label("state_version"),
    ).join_from(tasks, states, states.c.task_code == tasks.c.code, isouter=True)


def _standing(row: RowMapping) -> TaskStanding:
    return TaskStanding(
        **{name: row[name] for name in ("code", "plan_code", "round", "version", "status", "state_version")},
        is_open=row["closed_at"] is None,
        is_started=row["started_at"] is not None,
    )


def policy_of(connection: Connection, wanted: str, plan_digest: str) -> Policy | None:
    """The rules of a name; those that the plan was issued with where they are the ones."""
    kept = connection.scalar(select(col(PolicyTable.content)).where(col(PolicyTable.digest) == wanted))
    if kept is not None:
        return decode(kept)
    stored = connection.scalar(select(col(StoredPlanTable.content)).where(col(StoredPlanTable.digest) == plan_digest))
    issued: str = json.loads(stored)["policy"] if stored else ""
    return decode(issued) if digest(issued) == wanted else None


def _entries(connection: Connection, row: RowMapping) -> list[LedgerEntry]:
    """The newest entries of a task: the lines that it shows, and all beyond its state."""
    table = table_of(TimelineTable)
    query = (
        select(table.c.content)
        .where(
            table.c.task_code == row["code"],
            table.c["round"] == row["round"],
            table.c.version > row["state_version"] - LINES_KEPT,
        )
        .order_by(table.c.version)
    )
    return [LedgerEntry.model_validate_json(content) for content in connection.scalars(query)]
