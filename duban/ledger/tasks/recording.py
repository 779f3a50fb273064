"""Writing entries: in order, each once, all or nothing.

The task's row is locked from the first look to the commit, so two writers of one task take turns.
An entry that is there already is skipped whole; that makes the retry of an activity harmless.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, exists, select, update
from sqlmodel import col

from duban.contracts import RecordBatch, RecordReceipt
from duban.ledger.database.writing import Row, table_of
from duban.ledger.delivery.intents import TaskKey
from duban.ledger.errors import LedgerConflict, NotInLedger
from duban.ledger.proof import chain
from duban.ledger.tables.plan_tables import PlanKind, PlanTable, TaskTable
from duban.ledger.tables.task_tables import TimelineTable
from duban.ledger.tasks.changes import Changes
from duban.ledger.tasks.counting import Tally
from duban.ledger.tasks.parts import put_parts, reissued_columns
from duban.ledger.tasks.restarts import keep_policies, keep_states
from duban.supervision.days.calendar import Zone
from duban.supervision.days.clock import TaskClock
from duban.supervision.tasks.entries import LedgerEntry, TaskSnapshot

_LOOKED_AT = (
    *("code", "round", "plan_code", "position", "version", "chain_head"),
    *("lead_body", "status", "reminder_level", "behind_since", "closed_at"),  # what the counts are kept by
    "next_moment_at",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a task's timeline has come: its newest version and that entry's hash."""

    version: int
    chain_head: str


def take_in(changes: Changes, task: TaskKey, standing: Standing, entries: tuple[LedgerEntry, ...]) -> Standing:
    """Take new entries in, one after another.

    Raises:
        LedgerConflict: A version is missing between what is recorded and these entries.
    """
    for entry in entries:
        if entry.version != standing.version + 1:
            raise LedgerConflict(f"任务 {task.code} 的台账已记到第{standing.version}条，不能跳到第{entry.version}条")
        standing = Standing(entry.version, changes.add(task, entry, standing.chain_head))
    return standing


def snapshot_columns(snapshot: TaskSnapshot, standing: Standing) -> Row:
    """The columns of a task's row that change with its entries.

    A snapshot may be ahead of the entries, where a task hands over a long list piece by piece; then it waits
    for the last piece, and only the timeline's position moves. The row never says what no entry tells.

    Raises:
        LedgerConflict: The snapshot is older than the newest entry.
    """
    if snapshot.version < standing.version:
        raise LedgerConflict(f"任务快照的版本（{snapshot.version}）早于台账的版本（{standing.version}）")
    position: Row = {"version": standing.version, "chain_head": standing.chain_head}
    return position if snapshot.version > standing.version else {**snapshot.model_dump(), **position}


def record_batch(connection: Connection, batch: RecordBatch) -> RecordReceipt:
    """Write a batch within the caller's transaction; see ``TaskRepository.record``."""
    row = _locked(connection, batch)
    task = key_of(row)
    standing = Standing(row["version"], row["chain_head"])
    if batch.round > row["round"]:
        raise LedgerConflict(f"任务 {batch.task_code} 现处第{row['round']}轮，第{batch.round}轮尚未开启")
    # An earlier round is over: what comes from it can only be a repetition.
    is_over = batch.round < row["round"]
    repeated = tuple(entry for entry in batch.entries if is_over or entry.version <= row["version"])
    fresh = tuple(entry for entry in batch.entries if not is_over and entry.version > row["version"])
    _check_recorded(connection, batch, repeated)
    if fresh:
        changes = Changes()
        standing = take_in(changes, task, standing, fresh)
        columns = {**snapshot_columns(batch.snapshot, standing), **reissued_columns(changes.reissued.get(task.code))}
        if batch.closes and columns.get("closed_at") is None:
            columns["closed_at"] = fresh[-1].recorded_at
        changes.write(connection)
        put_parts(connection, task, row["position"], changes.reissued.get(task.code))
        keep_policies(connection, [batch.adopted])
        if batch.snapshot.version == standing.version:
            keep_states(connection, [batch])
        connection.execute(update(table_of(TaskTable)).where(col(TaskTable.code) == batch.task_code).values(columns))
        tally = Tally()
        tally.move(row, {**row, **columns})
        tally.write(connection)
    finished = batch.closes and _no_task_is_open(connection, batch.plan_code)
    return RecordReceipt(version=standing.version, plan_finished=finished, late_by=_late_by(task, row, fresh))


def _late_by(task: TaskKey, before: RowMapping, fresh: tuple[LedgerEntry, ...]) -> timedelta:
    """By how much real time the task woke after the moment that its row had announced."""
    due: datetime | None = before["next_moment_at"]
    if due is None or not fresh or fresh[0].recorded_at <= due:
        return timedelta()
    return task.clock.real_span(fresh[0].recorded_at - due)


def key_of(row: RowMapping) -> TaskKey:
    """The key of a task from a row with its own and its plan's columns."""
    return TaskKey(
        code=row["code"],
        round=row["round"],
        plan_code=row["plan_code"],
        clock=TaskClock(**{name: row[name] for name in TaskClock.model_fields}),
        zone=Zone.model_validate(row["zone"]),
    )


def _locked(connection: Connection, batch: RecordBatch) -> RowMapping:
    """The task's row with its plan's clock, locked until the transaction ends."""
    tasks, plans = table_of(TaskTable), table_of(PlanTable)
    found = (
        connection.execute(
            select(
                *(tasks.c[name] for name in _LOOKED_AT),
                *(plans.c[name] for name in (*TaskClock.model_fields, "zone")),
            )
            .join_from(tasks, plans)
            .where(tasks.c.code == batch.task_code)
            # key_share: rows that refer to the task may be inserted meanwhile.
            .with_for_update(of=tasks, key_share=True)
        )
        .mappings()
        .one_or_none()
    )
    if found is None:
        raise NotInLedger(f"台账中没有任务 {batch.task_code}")
    if found["plan_code"] != batch.plan_code:
        raise LedgerConflict(f"任务 {batch.task_code} 属于方案 {found['plan_code']}，不属于 {batch.plan_code}")
    return found


def _check_recorded(connection: Connection, batch: RecordBatch, repeated: tuple[LedgerEntry, ...]) -> None:
    """A retry repeats what is recorded, word for word."""
    if not repeated:
        return
    stored = dict(
        connection.execute(
            select(col(TimelineTable.version), col(TimelineTable.content)).where(
                col(TimelineTable.task_code) == batch.task_code,
                col(TimelineTable.round) == batch.round,
                col(TimelineTable.version).between(repeated[0].version, repeated[-1].version),
            )
        ).all()
    )
    for entry in repeated:
        if entry.version not in stored or not chain.is_same(stored[entry.version], entry):
            raise LedgerConflict(f"任务 {batch.task_code} 的第{entry.version}条记录已在台账中，内容与这一次的不同")


def _no_task_is_open(connection: Connection, plan_code: str) -> bool:
    """Whether a plan has come to its end; a register never does by itself."""
    # The plan's row is locked first: of two tasks that close at once, the later one then sees the earlier one's end.
    kind = connection.scalar(
        select(col(PlanTable.kind)).where(col(PlanTable.code) == plan_code).with_for_update(key_share=True)
    )
    if kind == PlanKind.REGISTER:
        return False
    an_open_one = exists().where(col(TaskTable.plan_code) == plan_code, col(TaskTable.closed_at).is_(None))
    return not connection.scalar(select(an_open_one))
