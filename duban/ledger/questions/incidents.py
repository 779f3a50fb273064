"""What happened to tasks in a stretch of days, as far as it counts in the appraisal of bodies."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, Select, and_, or_, select
from sqlmodel import col

from duban.ledger.database.engine import reading
from duban.ledger.database.writing import table_of
from duban.ledger.questions.rows import business_today
from duban.ledger.tables.plan_tables import PlanTable, TaskBodyTable, TaskTable
from duban.ledger.tables.task_tables import MilestoneTable, ObligationTable, ReminderTable, ReportTable
from duban.supervision.days.calendar import Zone
from duban.supervision.days.clock import TaskClock
from duban.supervision.reckoning.appraisal import Counted, Incident
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import Role
from duban.supervision.tasks.state import RungStatus, Stage
from duban.supervision.words import DUTY_WORDS

Bodies: TypeAlias = dict[str, dict[Role, tuple[str, ...]]]
"""Bodies by role, by the code of the task."""
A_DAY = timedelta(days=1)


class IncidentRepository:
    """Reads incidents, plan by plan or of one body; each call is one transaction.

    Raises ``LedgerUnavailable`` where the database cannot be reached.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def plans_under(self, regime: str) -> tuple[str, ...]:
        """Codes of the plans that go by a regime, in their order."""
        query = select(col(PlanTable.code)).where(col(PlanTable.regime) == regime).order_by(col(PlanTable.code))
        with reading(self._engine) as connection:
            return tuple(connection.scalars(query))

    def incidents(self, plan: str, first: date, last: date, real_now: datetime) -> tuple[Incident, ...]:
        """What happened to the tasks of a plan from one local day to another, both included.

        Args:
            real_now: Real moment up to which is looked.
        """
        plans, parts = table_of(PlanTable), table_of(TaskBodyTable)
        with reading(self._engine) as connection:
            of_the_plan = _Choice(table_of(TaskTable).c.plan_code == plan, parts.c.plan_code == plan)
            return tuple(_Incidents(connection, plans.c.code == plan, of_the_plan, first, last, real_now).all())

    def of_body(
        self,
        regime: str,
        body: str,
        first: date,
        last: date,
        real_now: datetime,
        kinds: Collection[Counted] = tuple(Counted),
    ) -> tuple[Incident, ...]:
        """What happened to the tasks in which a body takes part, of all plans under a regime.

        Args:
            kinds: Only these; the rest is not looked for.
        """
        plans, parts, tasks = table_of(PlanTable), table_of(TaskBodyTable), table_of(TaskTable)
        own = tasks.c.code.in_(select(parts.c.task_code).where(parts.c.body == body))
        with reading(self._engine) as connection:
            of_the_body = _Choice(own, parts.c.body == body)
            found = _Incidents(connection, plans.c.regime == regime, of_the_body, first, last, real_now)
            return tuple(found.all(kinds))


@dataclass(frozen=True, slots=True)
class _Choice:
    """Whose incidents are looked for.

    Attributes:
        tasks: Which tasks.
        parts: Which rows of who is who.
    """

    tasks: ColumnElement[bool]
    parts: ColumnElement[bool]


class _Incidents:
    """Some plans in one transaction."""

    def __init__(
        self,
        connection: Connection,
        plans: ColumnElement[bool],
        chosen: _Choice,
        first: date,
        last: date,
        real_now: datetime,
    ) -> None:
        self._connection, self._chosen, self._first, self._asked_until = connection, chosen, first, last
        table = table_of(PlanTable)
        names = ("code", *TaskClock.model_fields, "zone")
        rows = connection.execute(select(*(table.c[name] for name in names)).where(plans)).mappings().all()
        self._zones = {row["code"]: Zone.model_validate(row["zone"]) for row in rows}
        self._last = {row["code"]: min(last, business_today(row, real_now)) for row in rows}
        self._bodies = self._who_is_who()

    def _who_is_who(self) -> Bodies:
        parts = table_of(TaskBodyTable)
        found: Bodies = {}
        query = select(parts.c.task_code, parts.c.body, parts.c.roles).where(self._chosen.parts)
        for code, body, roles in self._connection.execute(query.order_by(parts.c.task_code, parts.c.body)):
            for role in roles:
                own = found.setdefault(code, {})
                own[role] = (*own.get(role, ()), body)
        return found

    def all(self, kinds: Collection[Counted] = tuple(Counted)) -> Iterator[Incident]:
        """Every incident of these kinds; steps of items are read elsewhere."""
        found: dict[Counted, Callable[[], Iterator[Incident]]] = {
            Counted.REMINDER: self._reminders,
            Counted.LATE_NODE: self._late_nodes,
            Counted.RETURNED: self._returned,
            Counted.OWED_LATE: self._owed_late,
            Counted.IN_TIME: self._in_time,
        }
        for kind, read in found.items():
            if kind in kinds:
                yield from read()

    def _incident(self, counted: Counted, code: str, on: date, text: str, *, of: str = "", body: str = "") -> Incident:
        return Incident(
            counted=counted, of=of, task_code=code, on=on, text=text, body=body, bodies=self._bodies.get(code, {})
        )

    def _of(self, table: Any, *columns: str) -> Select[Any]:
        """Rows of this plan's tasks in their present round."""
        of, tasks = table_of(table), table_of(TaskTable)
        present = and_(tasks.c.code == of.c.task_code, tasks.c["round"] == of.c["round"])
        own = (tasks.c.code, tasks.c.plan_code, tasks.c.status, tasks.c.behind_since)
        return select(*(of.c[name] for name in columns), *own).join_from(of, tasks, present).where(self._chosen.tasks)

    def _rows(self, query: Select[Any]) -> Iterator[RowMapping]:
        for row in self._connection.execute(query).mappings():
            if row["plan_code"] in self._zones:  # a body takes part in plans of other regimes, too
                yield row

    def _local(self, row: RowMapping, moment: datetime) -> date:
        return self._zones[row["plan_code"]].local_date(moment)

    def _within(self, row: RowMapping, moment: datetime) -> date | None:
        day = self._local(row, moment)
        return day if self._first <= day <= self._last[row["plan_code"]] else None

    def _reminders(self) -> Iterator[Incident]:
        query = self._of(ReminderTable, "level", "issued_at", "lag_days", "episode")
        for row in self._rows(query.where(col(ReminderTable.status) == RungStatus.ISSUED.value)):
            if row["issued_at"] is not None and (day := self._within(row, row["issued_at"])) is not None:
                text = f"第{row['episode']}次滞后，滞后{row['lag_days']}天时发出" if row["episode"] else "发出"
                yield self._incident(Counted.REMINDER, row["code"], day, text, of=row["level"])

    def _late_nodes(self) -> Iterator[Incident]:
        query = self._of(MilestoneTable, "number", "phrase", "due_on", "met_at").where(
            col(MilestoneTable.withdrawn_at).is_(None),
            col(MilestoneTable.due_on) >= self._first,
            col(MilestoneTable.due_on) < self._asked_until,
        )
        for row in self._rows(query):
            if row["due_on"] >= self._last[row["plan_code"]]:
                continue
            met_on = self._local(row, row["met_at"]) if row["met_at"] is not None else None
            still_late = met_on is None and row["behind_since"] is not None and row["behind_since"] <= row["due_on"]
            if still_late or (met_on is not None and met_on > row["due_on"]):
                how = f"{met_on}才完成" if met_on else "至今未完成"
                text = f"第{row['number']}个节点（{row['phrase']}）应于{row['due_on']}前完成，{how}"
                yield self._incident(Counted.LATE_NODE, row["code"], row["due_on"] + A_DAY, text)

    def _returned(self) -> Iterator[Incident]:
        query = self._of(ReportTable, "body", "returned_at", "return_reason")
        for row in self._rows(query.where(col(ReportTable.returned_at).is_not(None))):
            if (day := self._within(row, row["returned_at"])) is not None:
                text = f"报告被退回重办：{row['return_reason']}"
                yield self._incident(Counted.RETURNED, row["code"], day, text, body=row["body"])

    def _owed_late(self) -> Iterator[Incident]:
        query = self._of(ObligationTable, "duty", "owed_by", "due_on", "chases", "closed_at", "status").where(
            col(ObligationTable.due_on) >= self._first,
            col(ObligationTable.due_on) < self._asked_until,
            or_(col(ObligationTable.status) == "met", col(ObligationTable.status) == "open"),
        )
        for row in self._rows(query):
            met_on = self._local(row, row["closed_at"]) if row["closed_at"] is not None else None
            if row["due_on"] >= self._last[row["plan_code"]] or (met_on is not None and met_on <= row["due_on"]):
                continue
            how = f"{met_on}才完成" if met_on else "至今未完成"
            chased = f"，催报{row['chases']}次" if row["chases"] else ""
            text = f"{DUTY_WORDS[Duty(row['duty'])]}应于{row['due_on']}前完成，{how}{chased}"
            yield self._incident(
                Counted.OWED_LATE, row["code"], row["due_on"] + A_DAY, text, of=row["duty"], body=row["owed_by"]
            )

    def _in_time(self) -> Iterator[Incident]:
        tasks = table_of(TaskTable)
        query = select(tasks.c.code, tasks.c.plan_code, tasks.c.closed_at).where(
            self._chosen.tasks, tasks.c.status == Stage.STRUCK_OFF.value
        )
        struck_off = {row["code"]: day for row in self._rows(query) if (day := self._within(row, row["closed_at"]))}
        late = set()
        for row in self._rows(self._of(MilestoneTable, "due_on", "met_at", "withdrawn_at")):
            met = row["met_at"]
            if row["withdrawn_at"] is None and (met is None or self._local(row, met) > row["due_on"]):
                late.add(row["code"])
        for code, day in struck_off.items():
            if code not in late:
                yield self._incident(Counted.IN_TIME, code, day, "各节点均按时完成，已销号")
