"""What awaits a body today: what it owes, what lags, what is due soon, whom it has to chase, what has not arrived.

Every question stops when it has enough, so that what a page costs does not grow with the ledger.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, RowMapping, Select, and_, func, select
from sqlmodel import col

from duban.contracts import unpack_state
from duban.ledger.database.engine import reading
from duban.ledger.database.writing import table_of
from duban.ledger.plans.plan_days import PlanDays, plan_days
from duban.ledger.questions.agenda_queries import IS_OWED, AgendaQueries
from duban.ledger.questions.agenda_rows import Agenda, AgendaCounts, DeadLetterRow, DueTaskRow, OwedRow, UndeliveredRow
from duban.ledger.questions.rows import lagging
from duban.ledger.registers.asks import refused_asks
from duban.ledger.tables.notice_tables import NoticeStatus
from duban.ledger.tables.plan_tables import BodyTable, PlanTable, TaskTable
from duban.ledger.tables.restart_tables import TaskStateTable
from duban.ledger.tables.task_tables import ObligationTable
from duban.ledger.tasks.standings import policy_of
from duban.supervision.days.calendar import ONE_DAY
from duban.supervision.levels.ladder import next_rung
from duban.supervision.rules.owed import Duty
from duban.supervision.rules.parts import REFORM_OFFICE, SUPERVISING_BODY, Role
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.decisions import DECIDED_BY_MESSAGE
from duban.supervision.tasks.state import TaskState
from duban.supervision.words import owed_words

COUNTED_AT_MOST = 500
"""Whoever has five hundred things to do need not know whether it is a thousand."""
TODAY = timedelta()


class AgendaRepository:
    """Reads what awaits a body; each method is one transaction.

    Every method raises ``LedgerUnavailable`` where the database cannot be reached.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def agenda(
        self, bodies: Collection[str], real_now: datetime, *, role: Role | None = None, days: int = 7, limit: int = 20
    ) -> Agenda:
        """What awaits some bodies at a real moment.

        Args:
            bodies: Together; usually one.
            real_now: Real moment.
            role: Only what awaits them in this role; None for all.
            days: How far ahead a deadline is soon.
            limit: Rows of each kind.
        """
        with reading(self._engine) as connection:
            plans = plan_days(connection, real_now)
            queries, rows = AgendaQueries(bodies, role, plans), _Rows(connection, plans, limit)
            owed, chased, notices = queries.owed(), queries.chased(), queries.undelivered()
            late = rows.said_once(rows.deadlines(queries.tasks(None, -ONE_DAY)))
            soon = rows.said_once(rows.deadlines(queries.tasks(TODAY, timedelta(days=days))), bodies)
            dead = rows.dead_letters(queries.dead_letters(COUNTED_AT_MOST))
            by_duty = rows.counted_by_duty(owed)
            refused = refused_asks(connection, bodies) if role in (None, SUPERVISING_BODY, REFORM_OFFICE) else ()
            return Agenda(
                days=tuple(sorted(set(plans.today.values()))),
                counts=AgendaCounts(
                    owed=sum(count for count, _ in by_duty.values()),
                    overdue=sum(overdue for _, overdue in by_duty.values()),
                    decisions=sum(count for duty, (count, _) in by_duty.items() if duty in DECIDED_BY_MESSAGE),
                    verifications=by_duty.get(Duty.VERIFICATION, (0, 0))[0],
                    late=min(len(late), COUNTED_AT_MOST),
                    due_soon=min(len(soon), COUNTED_AT_MOST),
                    to_chase=rows.counted(chased),
                    undelivered=rows.counted(notices),
                    refused=min(len(refused), COUNTED_AT_MOST),
                    dead_letters=len(dead),
                ),
                owed=rows.owed([owed]),
                late=rows.tasks(late),
                due_soon=rows.tasks(soon),
                to_chase=rows.owed(chased),
                undelivered=rows.undelivered(notices),
                refused=refused[:limit],
                dead_letters=dead[:limit],
            )

    def bodies_of(self, role: Role) -> tuple[str, ...]:
        """The bodies of an office over all plans that are not closed."""
        with reading(self._engine) as connection:
            if role == SUPERVISING_BODY:
                plans = table_of(PlanTable)
                held = select(plans.c.supervising_body).where(plans.c.closed_at.is_(None)).distinct()
                return tuple(sorted(connection.scalars(held)))
            return tuple(sorted({body for roles in _offices(connection) for body in roles.get(role, ())}))

    def names_like(self, name: str) -> tuple[str, ...] | None:
        """All names of bodies, for whoever mistyped one; None where the name is one of them."""
        bodies = table_of(BodyTable)
        with reading(self._engine) as connection:
            known = set(connection.scalars(select(bodies.c.name)))
            if name not in known:
                known.update(body for roles in _offices(connection) for held in roles.values() for body in held)
        return None if name in known else tuple(sorted(known))


def _offices(connection: Connection) -> Iterator[dict[Role, tuple[str, ...]]]:
    """Who is who in each plan that is not closed, by its first task."""
    tasks, plans, states = table_of(TaskTable), table_of(PlanTable), table_of(TaskStateTable)
    query = (
        select(states.c.content)
        .join_from(plans, tasks, and_(tasks.c.plan_code == plans.c.code, tasks.c.position == 1))
        .join(states, states.c.task_code == tasks.c.code)
        .where(plans.c.closed_at.is_(None))
    )
    for content in connection.scalars(query):
        yield unpack_state(content).roles.bodies


class _Deadline(NamedTuple):
    """An open task by its earliest deadline."""

    code: str
    plan_code: str
    due_on: date


class _Rows:
    """Carries queries out, in one transaction."""

    def __init__(self, connection: Connection, plans: PlanDays, limit: int) -> None:
        self._connection, self._plans, self._limit = connection, plans, limit
        self._policies: dict[str, Policy | None] = {}

    def counted_by_duty(self, query: Select[Any]) -> dict[Duty, tuple[int, int]]:
        """How much of each duty, and how much of it is past its limit."""
        some = query.limit(COUNTED_AT_MOST).subquery()
        overdue = self._plans.between(some.c.plan_code, some.c.due_on, None, -ONE_DAY)
        counts = select(some.c.duty, func.count(), func.count().filter(overdue)).group_by(some.c.duty)
        return {Duty(duty): (count, late) for duty, count, late in self._connection.execute(counts)}

    def counted(self, queries: Sequence[Select[Any]]) -> int:
        """How many rows, up to `COUNTED_AT_MOST` of each."""
        return sum(
            self._connection.scalar(select(func.count()).select_from(query.limit(COUNTED_AT_MOST).subquery())) or 0
            for query in queries
        )

    def owed(self, queries: Sequence[Select[Any]]) -> tuple[OwedRow, ...]:
        """Obligations, those first that are due first."""
        found = [
            row
            for query in queries
            for row in self._connection.execute(query.limit(self._limit)).mappings()
            if row["plan_code"] in self._plans.today
        ]
        steps = self._steps({row["task_code"] for row in found if row["duty"] == Duty.STEP.value})
        return tuple(
            OwedRow(
                **{name: row[name] for name in ("task_code", "plan_code", "title", "owed_by", "due_on", "chases")},
                request=row["id"],
                duty=row["duty"],
                today=self._plans.today[row["plan_code"]],
                step=steps.get((row["task_code"], row["id"]), ""),
            )
            for row in found
        )

    def _steps(self, codes: Collection[str]) -> dict[tuple[str, str], str]:
        """The titles of the steps that wait in these tasks, by task and what is owed."""
        states = table_of(TaskStateTable)
        query = select(states.c.task_code, states.c.content).where(states.c.task_code.in_(codes))
        titles: dict[tuple[str, str], str] = {}
        for code, content in self._connection.execute(query) if codes else ():
            state = unpack_state(content)
            titles |= {(code, owed.id): owed_words(state, owed) for owed in state.owing(Duty.STEP)}
        return titles

    def deadlines(self, queries: Sequence[Select[Any]]) -> list[_Deadline]:
        """Tasks by their deadlines, up to `COUNTED_AT_MOST` of each query."""
        return [_Deadline(*row) for query in queries for row in self._connection.execute(query.limit(COUNTED_AT_MOST))]

    def said_once(self, found: Sequence[_Deadline], bodies: Collection[str] | None = None) -> list[_Deadline]:
        """Without those whose deadline is that of a step: what is owed says it already.

        Args:
            found: Tasks by their deadlines.
            bodies: Only what these owe; None for everything owed.
        """
        owed = table_of(ObligationTable)
        query = select(owed.c.task_code).where(
            owed.c.task_code.in_([one.code for one in found]), owed.c.duty == Duty.STEP.value, IS_OWED
        )
        if bodies is not None:
            query = query.where(owed.c.owed_by.in_(tuple(bodies)))
        said = set(self._connection.scalars(query)) if found else set()
        return [one for one in found if one.code not in said]

    def tasks(self, found: Sequence[_Deadline]) -> tuple[DueTaskRow, ...]:
        """Tasks, those first that are due first, each with what comes next."""
        codes = [one.code for one in sorted(found, key=lambda one: (one.due_on, one.code))[: self._limit]]
        tasks, plans, states = table_of(TaskTable), table_of(PlanTable), table_of(TaskStateTable)
        query = (
            select(tasks, plans.c.digest, states.c.content)
            .join_from(tasks, plans, plans.c.code == tasks.c.plan_code)
            .join(states, and_(states.c.task_code == tasks.c.code, states.c["round"] == tasks.c["round"]), isouter=True)
            .where(tasks.c.code.in_(codes))
        )
        rows = {row["code"]: self._task_row(row) for row in self._connection.execute(query).mappings().all()}
        return tuple(rows[code] for code in codes)

    def _task_row(self, row: RowMapping) -> DueTaskRow:
        today = self._plans.today[row["plan_code"]]
        lag, since = lagging(row, today)
        kept = ("plan_code", "title", "lead_body", "handling_body", "status", "due_on", "reminder_level")
        return DueTaskRow(
            **{name: row[name] for name in kept},
            task_code=row["code"],
            supervised_by=self._plans.supervised_by[row["plan_code"]],
            lag_days=lag,
            behind_since=since,
            today=today,
            **self._what_comes(row),
        )

    def _what_comes(self, row: RowMapping) -> dict[str, Any]:
        """The node that is due, and the level that follows; nothing where the ledger has no state of the task."""
        if row["content"] is None:
            return {}
        state = unpack_state(row["content"])
        facts: dict[str, Any] = {}
        for node in state.unmet[:1]:
            facts |= {"node": node.number, "node_phrase": node.phrase, "is_final": node.final}
        for owed in state.owing(Duty.STEP):
            facts |= {"step": owed_words(state, owed), "step_by": owed.owed_by}
        policy = self._policy(state, row["digest"])
        rung = next_rung(state, policy) if policy else None
        if policy and rung:
            facts |= {"next_level": rung.rung.title, "next_level_on": rung.due_on}
            facts["provisional"] = policy.calendar.is_provisional(rung.due_on)
        return facts

    def undelivered(self, queries: Sequence[Select[Any]]) -> tuple[UndeliveredRow, ...]:
        """Notices, those first that met with trouble."""
        found = (self._connection.execute(query.limit(self._limit)).mappings().all() for query in queries)
        rows = [row for some in found for row in some][: self._limit]
        codes = {row["task_code"] for row in rows}
        named = select(col(TaskTable.code), col(TaskTable.title)).where(col(TaskTable.code).in_(codes))
        titles = dict(self._connection.execute(named).all())
        kept = ("task_code", "plan_code", "kind", "level", "recipient", "issuer")
        return tuple(
            UndeliveredRow(
                **{name: row[name] for name in kept},
                title=titles[row["task_code"]],
                status=NoticeStatus(row["status"]),
                deliver_from=self._plans.zones[row["plan_code"]].local(row["deliver_not_before"]),
                delivery=row["delivery"] or "",
            )
            for row in rows
            if row["plan_code"] in self._plans.zones
        )

    def dead_letters(self, query: Select[Any] | None) -> tuple[DeadLetterRow, ...]:
        """What could not be delivered to others, earliest first: counted and read at once."""
        found = self._connection.execute(query).mappings() if query is not None else ()
        return tuple(DeadLetterRow(**row) for row in found if row["plan_code"] in self._plans.zones)

    def _policy(self, state: TaskState, plan_digest: str) -> Policy | None:
        """The rules of a task; looked for once, for they may stand in a plan of megabytes."""
        name = state.policy_digest
        if name not in self._policies:
            self._policies[name] = policy_of(self._connection, name, plan_digest)
        return self._policies[name]
