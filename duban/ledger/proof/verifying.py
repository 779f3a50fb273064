"""Proving that the ledger is as it was written: every chain to its end, every row that follows from entries.

Read page by page, each page as it stands at one moment, so that a ledger of any size is checked beside the work that
goes on. A chain has no key: whoever may write to the database may seal it anew from any entry on. That shows only
against heads that were filed elsewhere before (``heads``, ``against``).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Select, exists, func, select
from sqlmodel import col

from duban.ledger.database.engine import reading
from duban.ledger.database.writing import in_chunks, table_of
from duban.ledger.delivery.intents import TaskKey
from duban.ledger.plans.change_orders import altered_orders
from duban.ledger.proof.folding import IDENTITY, compare_rows
from duban.ledger.proof.links import FLAW_WORDS, Flaw, Link
from duban.ledger.tables.columns import LedgerTable
from duban.ledger.tables.plan_tables import PlanTable, TaskTable
from duban.ledger.tables.task_tables import TimelineTable
from duban.ledger.tasks.changes import Changes
from duban.ledger.tasks.recording import key_of
from duban.ledger.tasks.task_rows import compare_tasks, missing_tasks
from duban.supervision.days.clock import TaskClock
from duban.supervision.model import Frozen
from duban.supervision.tasks.entries import LedgerEntry

TASKS_AT_ONCE = 100
TIMELINE = "timeline"
_TASK = ("code", "round", "plan_code", "version", "chain_head")

TABLE_WORDS: dict[str, str] = {
    "milestones": "节点",
    "reports": "进展报告",
    "reminders": "提醒",
    "obligations": "待办事项",
    "records": "办理记录",
    "decisions": "决定",
    "notices": "通知",
    "opening_requests": "提请开立的事项",
    "tasks": "任务",
    "stored_plans": "方案原文",
    "change_orders": "内容",
}
OWNER_WORDS: dict[str, str] = {"stored_plans": "方案", "change_orders": "变更单"}
"""Whose rows a table holds, where they are not a task's."""


class Finding(Frozen):
    """A place where the ledger is not as it was written.

    Attributes:
        round, version: Of the timeline entry; None where no single entry is meant.
        table: ``timeline``, or the table of a row that follows from entries.
        row: Name of that row within its task.
        columns: Which of its values differ.
    """

    task_code: str
    flaw: Flaw
    round: int | None = None
    version: int | None = None
    table: str = TIMELINE
    row: str = ""
    columns: tuple[str, ...] = ()

    def __str__(self) -> str:
        lap = f"（第{self.round}轮）" if self.round and self.round > 1 else ""
        what = FLAW_WORDS[self.flaw]
        if self.table == TIMELINE:
            step = f"时间线第 {self.version} 步" if self.version else "整条时间线"
            return f"任务 {self.task_code}{lap}：{step}{what}"
        values = f"（{'、'.join(self.columns)}）" if self.columns else ""
        owner = OWNER_WORDS.get(self.table, "任务")
        named = f" {self.row}" if self.row else ""
        return f"{owner} {self.task_code}{lap}：{TABLE_WORDS.get(self.table, self.table)}{named} {what}{values}"


class Head(Frozen):
    """The newest entry of a task and its hash, to be filed elsewhere: it seals all that came before."""

    task_code: str
    round: int
    version: int
    hash: str


class VerificationRepository:
    """Checks what is recorded; changes nothing.

    Every method raises ``LedgerUnavailable`` where the database cannot be reached.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def count(self, codes: Sequence[str] | None = None, *, plan: str | None = None) -> int:
        """How many tasks there are to check."""
        query = _chosen(select(func.count()).select_from(table_of(TaskTable)), codes, plan)
        with reading(self._engine) as connection:
            return connection.scalar(query) or 0

    def check(
        self, codes: Sequence[str] | None = None, *, plan: str | None = None, rows: bool = False
    ) -> Iterator[tuple[int, tuple[Finding, ...]]]:
        """Check tasks, page by page.

        Args:
            codes: Only these tasks.
            plan: Only the tasks of this plan.
            rows: Also whether the rows that follow from entries are what the entries make of them.

        Yields:
            How many tasks a page had, and what was found in it.
        """
        after = ""
        while True:
            with reading(self._engine) as connection:
                tasks = _page(connection, after, codes, plan)
                if not tasks:
                    return
                found = tuple(_check_page(connection, tasks, rows=rows))
            yield len(tasks), found
            after = tasks[-1]["code"]

    def check_strangers(self) -> tuple[Finding, ...]:
        """Rows of tasks that are not there, tasks that plans name and that are not there, orders that were altered."""
        found: list[Finding] = []
        with reading(self._engine) as connection:
            models: tuple[type[LedgerTable], ...] = (TimelineTable, *IDENTITY)
            for model in models:
                owner = table_of(model).c.task_code
                orphans = select(owner).where(~exists().where(col(TaskTable.code) == owner)).distinct().order_by(owner)
                table = str(model.__tablename__)
                found.extend(
                    Finding(task_code=code, flaw=Flaw.ADDED, table=table) for code in connection.scalars(orphans)
                )
            found.extend(
                Finding(task_code=order, flaw=Flaw.CHANGED, table="change_orders")
                for order in altered_orders(connection)
            )
        return (*found, *self._missing())

    def _missing(self) -> Iterator[Finding]:
        with reading(self._engine) as connection:
            codes = connection.scalars(select(col(PlanTable.code)).order_by(col(PlanTable.code))).all()
        for code in codes:
            with reading(self._engine) as connection:
                for missing in missing_tasks(connection, code):
                    yield Finding(task_code=missing.task_code, flaw=missing.flaw, table=missing.table)

    def heads(self) -> Iterator[Head]:
        """The newest entry of every task, in the order of their codes."""
        after = ""
        while True:
            with reading(self._engine) as connection:
                tasks = _page(connection, after, None, None)
            if not tasks:
                return
            yield from (
                Head(task_code=row["code"], round=row["round"], version=row["version"], hash=row["chain_head"])
                for row in tasks
            )
            after = tasks[-1]["code"]

    def against(self, heads: Iterable[Head]) -> Iterator[Finding]:
        """Heads that are no longer in the chains they were taken from."""
        table = table_of(TimelineTable)
        for some in in_chunks(tuple(heads)):
            with reading(self._engine) as connection:
                rows = connection.execute(
                    select(table.c.task_code, table.c["round"], table.c.version, table.c.hash).where(
                        table.c.task_code.in_({head.task_code for head in some}),
                        table.c.version.in_({head.version for head in some}),
                    )
                )
                there = {(code, lap, version): own_hash for code, lap, version, own_hash in rows}
            for head in some:
                now = there.get((head.task_code, head.round, head.version))
                if now != head.hash:
                    flaw = Flaw.CUT_OFF if now is None else Flaw.CHANGED
                    yield Finding(task_code=head.task_code, flaw=flaw, round=head.round, version=head.version)


def _chosen(query: Select[Any], codes: Sequence[str] | None, plan: str | None) -> Select[Any]:
    if codes is not None:
        query = query.where(col(TaskTable.code).in_(codes))
    return query if plan is None else query.where(col(TaskTable.plan_code) == plan)


def _page(connection: Connection, after: str, codes: Sequence[str] | None, plan: str | None) -> Sequence[RowMapping]:
    tasks, plans = table_of(TaskTable), table_of(PlanTable)
    query = (
        select(*(tasks.c[name] for name in _TASK), *(plans.c[name] for name in (*TaskClock.model_fields, "zone")))
        .join_from(tasks, plans)
        .where(tasks.c.code > after)
        .order_by(tasks.c.code)
        .limit(TASKS_AT_ONCE)
    )
    return connection.execute(_chosen(query, codes, plan)).mappings().all()


def _check_page(connection: Connection, tasks: Sequence[RowMapping], *, rows: bool) -> Iterator[Finding]:
    """Chains first, then rows; of a chain that does not hold no rows are folded."""
    present = _present(connection, [task["code"] for task in tasks]) if rows else {}
    folded: set[tuple[str, int]] = set()
    reached: set[str] = set()
    by_code = {task["code"]: task for task in tasks}
    table = table_of(TimelineTable)
    steps = (
        select(table)
        .where(table.c.task_code.in_(list(by_code)))
        .order_by(table.c.task_code, table.c["round"], table.c.version)
        .execution_options(yield_per=500)
    )
    for (code, lap), entries in groupby(connection.execute(steps).mappings(), itemgetter("task_code", "round")):
        task = by_code[code]
        reached |= {code} if lap == task["round"] else set()
        folded.add((code, lap))
        yield from _check_round(task, lap, entries, present.get((code, lap), {}) if rows else None)
    for task in tasks:
        if task["code"] not in reached:
            yield Finding(task_code=task["code"], flaw=Flaw.CUT_OFF, round=task["round"], version=1)
    for (code, lap), tables in present.items():
        if (code, lap) not in folded:
            yield from _findings(code, lap, Changes(), tables)
    if rows:
        for flaw in compare_tasks(connection, list(by_code)):
            yield Finding(task_code=flaw.row, flaw=flaw.flaw, table=flaw.table, columns=flaw.columns)


def _check_round(task: RowMapping, lap: int, entries: Iterable[RowMapping], present: Any) -> Iterator[Finding]:
    link, changes = Link(task["code"], lap), Changes()
    key = _key(task, lap)
    for row in entries:
        entry: LedgerEntry | None = link.follow(row)
        if entry is not None and present is not None:
            changes.add(key, entry, row["previous_hash"])
            changes.timeline.clear()
    # Of an earlier round no row tells the end.
    followed = link.end(task["version"], task["chain_head"]) if lap == task["round"] else link.at
    if lap > task["round"]:
        yield Finding(task_code=task["code"], flaw=Flaw.ADDED, round=lap, version=1)
    elif followed.flaw is not None:
        yield Finding(task_code=task["code"], flaw=followed.flaw, round=lap, version=followed.entry)
    elif present is not None:
        yield from _findings(task["code"], lap, changes, present)


def _findings(code: str, lap: int, folded: Changes, present: Any) -> Iterator[Finding]:
    for flaw in compare_rows(folded, present):
        yield Finding(task_code=code, flaw=flaw.flaw, round=lap, table=flaw.table, row=flaw.row, columns=flaw.columns)


def _key(task: RowMapping, lap: int) -> TaskKey:
    present = key_of(task)
    return TaskKey(present.code, lap, present.plan_code, present.clock, present.zone)


def _present(
    connection: Connection, codes: Sequence[str]
) -> dict[tuple[str, int], dict[type[LedgerTable], dict[str, RowMapping]]]:
    """The rows of these tasks that follow from entries, by task, round, table and name."""
    found: dict[tuple[str, int], dict[type[LedgerTable], dict[str, RowMapping]]] = {}
    for model, name in IDENTITY.items():
        table = table_of(model)
        for row in connection.execute(select(table).where(table.c.task_code.in_(codes))).mappings():
            found.setdefault((row["task_code"], row["round"]), {}).setdefault(model, {})[str(row[name])] = row
    return found
