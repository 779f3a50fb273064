"""Figures and pages of a ledger of a million tasks, on a private PostgreSQL with durability off."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from sqlalchemy import Connection, text

from bench.plans import ISSUED_ON, clock_from, plan_of
from duban.contracts import RecordBatch, pack_state
from duban.ledger import Ledger, PlanRegistration, migrate
from duban.ledger.database.engine import writing
from duban.ledger.database.writing import table_of
from duban.ledger.tables.columns import LedgerTable
from duban.ledger.tables.notice_tables import NoticeStatus, NoticeTable
from duban.ledger.tables.plan_tables import PlanTable, TaskBodyTable, TaskTable
from duban.ledger.tables.restart_tables import TaskStateTable
from duban.ledger.tables.task_tables import ObligationTable
from duban.supervision.tasks.begin import begin
from duban.supervision.tasks.views import snapshot
from tests.postgres import private_postgres

TASKS_IN_A_PLAN = 5_000
BODIES = 200
PAGE = 100
TIMES = 15
BUDGET_MS = 100
OFFICE, LEADERS = "市委改革办", "市委全面深化改革领导小组"
"""As the bundled regime of Kunming calls them."""
SEED = "SEED"
"""The plan whose rows the others are copied from."""


def statistics(tasks: int) -> None:
    """Print the median and the worst of each question, in milliseconds, with the budget.

    Args:
        tasks: How many there are; a multiple of ``TASKS_IN_A_PLAN``.
    """
    plans = max(tasks // TASKS_IN_A_PLAN, 1)
    with private_postgres() as url:
        migrate(url)
        ledger = Ledger.open(url, connections=2)
        try:
            began = time.monotonic()
            _fill(ledger, plans)
            print(f"ledger with {plans * TASKS_IN_A_PLAN:,} tasks, filled in {time.monotonic() - began:.0f} s")
            for question, ask in _questions(ledger, plans).items():
                print(f"  {question:<44} {_measured(ask)} (budget < {BUDGET_MS} ms)")
        finally:
            ledger.close()


@dataclass(frozen=True, slots=True)
class Measured:
    """What a question took, in milliseconds."""

    median_ms: float
    worst_ms: float

    def __str__(self) -> str:
        return f"median {self.median_ms:6.1f}  worst {self.worst_ms:6.1f} ms"


def _measured(ask: Callable[[], object]) -> Measured:
    assert ask(), "a question that finds nothing measures nothing"
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1_000)
    return Measured(median(took), max(took))


def _questions(ledger: Ledger, plans: int) -> dict[str, Callable[[], object]]:
    now = datetime.now(UTC)
    rows, middle, last = ledger.rows, plans // 2, plans - 1
    asked: dict[str, Callable[[], object]] = {
        "statistics of everything": rows.statistics,
        "statistics of one plan": lambda: rows.statistics(plan=_plan(middle)),
        "all plans": ledger.plans.plan_rows,
        "one task": lambda: rows.task_row(_task(middle, 1), now),
        "bodies with due notices": lambda: ledger.deliveries.bodies_with_due_notices(now + timedelta(days=9_000)),
        "first page of a plan's late tasks": lambda: rows.ledger_rows(
            now, plan=_plan(middle), level="phone", limit=PAGE
        ),
    }
    for who, bodies in {"a body": ("单位8",), "who supervises all": (OFFICE,), "leaders": (LEADERS,)}.items():

        def agenda(bodies: tuple[str, ...] = bodies) -> object:
            found = ledger.agendas.agenda(bodies, now)
            return found if found.owed else None

        asked[f"today of {who}"] = agenda
    asked["bodies of an office"] = lambda: ledger.agendas.bodies_of("leading_group")
    places = {"first": None, "middle": (middle, 1), "last": (last, TASKS_IN_A_PLAN // 2)}
    for name, place in places.items():
        after = _task(*place) if place else None
        notice = _notice(*place) if place else None

        def pages(after: str | None = after, notice: str | None = notice) -> dict[str, Callable[[], object]]:
            return {
                "page of the ledger": lambda: rows.ledger_rows(now, after=after, limit=PAGE),
                "page of a status": lambda: rows.ledger_rows(now, status="under_way", after=after, limit=PAGE),
                "page of a level": lambda: rows.ledger_rows(now, level="phone", after=after, limit=PAGE),
                "page of a body": lambda: rows.ledger_rows(now, body="单位7", after=after, limit=PAGE),
                "page of the notices": lambda: rows.notice_rows(after=notice, limit=PAGE),
                "page of a body's notices": lambda: rows.notice_rows(body="单位7", after=notice, limit=PAGE),
                "page of what was delivered": lambda: rows.notice_rows(
                    status=NoticeStatus.DELIVERED, after=notice, limit=PAGE
                ),
            }

        asked |= {f"{name} {what}": ask for what, ask in pages().items()}
    return asked


def _plan(number: int) -> str:
    return f"B{number:04}"


def _task(plan: int, place: int) -> str:
    return f"{_plan(plan)}-{place:05}"


def _notice(plan: int, place: int) -> str:
    return f"{_task(plan, place)}/1/assignment/单位"


def _fill(ledger: Ledger, plans: int) -> None:
    """Plans, tasks, their bodies and one notice for each, copied from one registered plan of one task."""
    _register_seed(ledger)
    place = f"generate_series(0, {plans - 1}) AS p, generate_series(1, {TASKS_IN_A_PLAN}) AS n"
    code, plan = "'B' || lpad(p::text, 4, '0') || '-' || lpad(n::text, 5, '0')", "'B' || lpad(p::text, 4, '0')"
    number, own = f"(p * {TASKS_IN_A_PLAN} + n)", "(n * 7 + p)"
    body = f"'单位' || ({own} % {BODIES})"
    due = f"DATE '{ISSUED_ON}' + CASE WHEN {own} % 20 < 3 THEN -1 - {number} % 90 ELSE {number} % 400 END"
    with writing(ledger.engine) as connection:
        connection.execute(
            text(
                "INSERT INTO bodies (name, tier, supervised_by, aliases)"  # noqa: S608 - made of our own names and numbers
                f" SELECT '单位' || b, 3, NULL, '[]' FROM generate_series(0, {BODIES - 1}) AS b"
            )
        )
        _copy(connection, PlanTable, f"generate_series(0, {plans - 1}) AS p", code=plan)
        _copy(
            connection,
            TaskTable,
            place,
            code=code,
            plan_code=plan,
            position="n",
            started_at=f"CASE WHEN p < {plans - 1} THEN seed.registered_at END",
            lead_body=body,
            status=f"(ARRAY['assigned', 'accepted', 'under_way', 'struck_off'])[1 + {own} % 4]",
            reminder_level=f"(ARRAY['phone', 'written', 'onsite'])[1 + {own} % 20]",
            behind_since=f"CASE WHEN {own} % 20 < 3 THEN {due} END",
            due_on=due,
            closed_at=f"CASE WHEN {own} % 4 = 3 THEN registered_at END",
        )
        for role, who in (("lead_body", body), ("supporting_bodies", f"'单位' || (({own} + 1) % {BODIES})")):
            _copy(
                connection, TaskBodyTable, place, body=who, task_code=code, plan_code=plan, position="n",
                roles=f"""'["{role}"]'::jsonb""",
            )  # fmt: skip
        _copy(
            connection,
            NoticeTable,
            place,
            id=f"1000000 + {number}",
            idempotency_key=f"{code} || '/1/assignment/单位'",
            task_code=code,
            plan_code=plan,
            recipient=body,
            status=f"CASE WHEN {own} % 50 = 0 THEN 'pending' ELSE 'delivered' END",
        )
        _owe(connection, place, code, own, number, body)
        is_open, is_behind = "closed_at IS NULL", "closed_at IS NULL AND behind_since IS NOT NULL"
        level = "coalesce(reminder_level, '')"
        connection.execute(
            text(
                f"INSERT INTO plan_counts SELECT plan_code, status, {level}, {is_open}, {is_behind}, count(*)"  # noqa: S608 - made of our own names and numbers
                f" FROM tasks WHERE plan_code <> '{SEED}' GROUP BY 1, 2, 3, 4, 5"
            )
        )
        connection.execute(
            text(
                f"INSERT INTO body_counts SELECT lead_body, {is_open}, {is_behind}, count(*) FROM tasks"  # noqa: S608 - made of our own names and numbers
                f" WHERE plan_code <> '{SEED}' GROUP BY 1, 2, 3"
            )
        )
    with ledger.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _owe(connection: Connection, place: str, code: str, own: str, number: str, body: str) -> None:
    """What is owed on half of the open tasks, by everybody who may; and what the first of every plan know."""
    _copy(
        connection,
        ObligationTable,
        f"{place} WHERE {own} % 4 < 2",
        task_code=code,
        id=f"'e1/' || {number}",
        duty=f"(ARRAY['feedback', 'confirmation', 'call_record', 'verification'])[1 + {number} % 4]",
        owed_by=f"(ARRAY[{body}, '{LEADERS}', '{OFFICE}', '{OFFICE}'])[1 + {number} % 4]",
        due_on=f"DATE '{ISSUED_ON}' - 20 + {number} % 40",
    )
    _copy(connection, TaskStateTable, f"{place} WHERE n <= 100", task_code=code)


def _copy(connection: Connection, model: type[LedgerTable], places: str, **changed: str) -> None:
    """As many rows as there are places, like the seed's but for some columns."""
    table = table_of(model)
    names = [column.name for column in table.columns]
    values = ", ".join(changed.get(name, f"seed.{name}") for name in names)
    connection.execute(
        text(
            f"INSERT INTO {table.name} ({', '.join(names)})"  # noqa: S608 - made of our own names and numbers
            f" SELECT {values} FROM (SELECT * FROM {table.name} LIMIT 1) AS seed, {places}"
        )
    )


def _register_seed(ledger: Ledger) -> None:
    plan = plan_of(SEED, 1)
    [task], clock = plan.definition.tasks, clock_from(plan, 1.0)
    regime = plan.policy.regime
    supervising = plan.organisation.supervising_body(plan.definition.supervising_body, regime)
    roles = plan.organisation.roles_for(task, supervising, regime)
    begun = begin(task, plan.definition, roles, plan.policy, clock.business_epoch)
    batch = RecordBatch(
        task_code=task.code,
        plan_code=SEED,
        round=1,
        entries=begun.entries,
        snapshot=snapshot(begun.state, plan.policy),
        clock=clock,
        state=pack_state(begun.state),
    )
    ledger.plans.register_plan(
        PlanRegistration(
            digest=ledger.plans.store_plan(plan),
            plan=plan,
            clock=clock,
            registered_at=clock.business_epoch,
            batches=(batch,),
        )
    )
