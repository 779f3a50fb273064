"""What outcomes of items ask of tasks and plans, and what came of it: wishes beside the orders that carry them out.

A wish is written with the entry of its outcome; a register gives it as a change order, once, under its identity.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Select,
    String,
    and_,
    cast,
    exists,
    literal,
    select,
)

from duban.contracts import unpack_state
from duban.ledger.database.engine import reading
from duban.ledger.database.writing import table_of
from duban.ledger.errors import NotInLedger
from duban.ledger.questions.agenda_rows import RefusedRow
from duban.ledger.registers.opening_requests import asking, newest_of
from duban.ledger.tables.change_tables import ChangeItemTable, ChangeOrderTable
from duban.ledger.tables.plan_tables import PlanTable, TaskTable
from duban.ledger.tables.register_tables import AskedActTable
from duban.ledger.tables.restart_tables import TaskStateTable
from duban.ledger.tables.task_tables import TimelineTable
from duban.orders import ItemOutcome, OrderKind
from duban.supervision.days.clock import TaskClock
from duban.supervision.model import Frozen
from duban.supervision.rules.asks import AskedAct
from duban.supervision.rules.parts import REFORM_OFFICE
from duban.supervision.tasks.entries import Said


class Wish(Frozen):
    """What an outcome asks for, as its item put it on record.

    Attributes:
        item: Code of the item.
        clock, regime: Of the item's plan or register.
        plans: Of each target that the ledger knows as a task: the plan to which it belongs.
    """

    item: str
    round: int
    key: str
    act: AskedAct
    targets: tuple[str, ...]
    fields: dict[str, Said]
    body: str
    person: str
    at: datetime
    clock: TaskClock
    regime: str
    plans: dict[str, str]

    @property
    def identity(self) -> str:
        """By which it is carried out once."""
        return f"item/{self.item}/{self.round}/{self.key}"


class AskedRow(Frozen):
    """What an outcome asks of one task or plan, and what came of it: ``register show --json``, ``status --json``.

    Attributes:
        item: Code of the item.
        at: Business moment at which its step was taken.
        order: The change order that carries it out; empty until a register has taken it up.
        version: Of the target's timeline, that shows it.
        reason: Why it is refused or still waits.
    """

    item: str
    act: AskedAct
    target: str
    body: str
    person: str
    at: datetime
    order: str = ""
    outcome: ItemOutcome = ItemOutcome.WAITING
    version: int | None = None
    reason: str = ""


class AskRepository:
    """Everything about what outcomes ask; each method is one transaction.

    Every method raises ``LedgerUnavailable`` where the database cannot be reached.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def without_order(self, register: str, limit: int) -> tuple[Wish, ...]:
        """What a register has to take up: as for openings, its own items' wishes and those of the homeless.

        Raises:
            NotInLedger: There is no such register.
        """
        with reading(self._engine) as connection:
            query = _wishes().where(_is_asked_of(connection, register), ~_has_order()).limit(limit)
            found = connection.execute(query).mappings().all()
            plans = _plans_of(connection, {target for row in found for target in row["targets"]})
        return tuple(_wish(row, plans) for row in found)

    def unfinished(self, register: str) -> tuple[str, ...]:
        """Orders that a register has given and of which something waits, in the order in which they were asked."""
        orders, items, wishes = table_of(ChangeOrderTable), table_of(ChangeItemTable), table_of(AskedActTable)
        waits = exists().where(items.c.order_id == orders.c.id, items.c.outcome == ItemOutcome.WAITING.value)
        with reading(self._engine) as connection:
            query = _joined(select(orders.c.id)).where(_is_asked_of(connection, register), waits)
            in_turn = (wishes.c.at, wishes.c.task_code, wishes.c["round"], wishes.c.key)
            return tuple(connection.scalars(query.order_by(*in_turn)))

    def wish(self, identity: str) -> Wish | None:
        """A wish by its identity."""
        with reading(self._engine) as connection:
            row = connection.execute(_wishes().where(_identity() == identity)).mappings().one_or_none()
            return _wish(row, {}) if row is not None else None

    def told(self, task_code: str, message: str) -> int | None:
        """The version of a task's timeline in which a message was handled; None where it has not been."""
        table = table_of(TimelineTable)
        query = select(table.c.version).where(table.c.task_code == task_code, table.c.message_id == message)
        with reading(self._engine) as connection:
            return connection.scalar(query.order_by(table.c.version.desc()).limit(1))

    def keepers(self, item: str) -> dict[str, tuple[str, ...]]:
        """Who keeps the register of an item, with the persons who may speak for them (empty: anyone)."""
        tasks, plans, states = table_of(TaskTable), table_of(PlanTable), table_of(TaskStateTable)
        query = (
            select(plans.c.supervising_body, states.c.content)
            .join_from(tasks, plans, plans.c.code == tasks.c.plan_code)
            .join(states, states.c.task_code == tasks.c.code)
            .where(tasks.c.code == item)
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return {}
        roles = unpack_state(row[1]).roles
        bodies = dict.fromkeys((row[0], *roles.of(REFORM_OFFICE)))
        return {body: roles.persons.get(body, ()) for body in bodies if body}

    def of_item(self, code: str) -> tuple[AskedRow, ...]:
        """What an item's outcomes have asked, in their order."""
        with reading(self._engine) as connection:
            return tuple(_rows(connection, table_of(AskedActTable).c.task_code == code))

    def of_register(self, code: str) -> tuple[AskedRow, ...]:
        """What the items of a register have asked, in their order."""
        with reading(self._engine) as connection:
            return tuple(_rows(connection, table_of(TaskTable).c.plan_code == code))


def refused_asks(connection: Connection, bodies: Collection[str]) -> tuple[RefusedRow, ...]:
    """What was refused and waits for those who keep the register: who supervises it, and the office."""
    tasks, plans, orders, items = (
        table_of(model) for model in (TaskTable, PlanTable, ChangeOrderTable, ChangeItemTable)
    )
    refused = exists().where(items.c.order_id == orders.c.id, items.c.outcome == ItemOutcome.REFUSED.value)
    asking_ones = _joined(
        select(tasks.c.code, tasks.c.title, tasks.c.plan_code, plans.c.supervising_body).distinct()
    ).where(refused)
    known = {row["code"]: row for row in connection.execute(asking_ones).mappings()}
    keeping = {code: {row["supervising_body"]: None} for code, row in known.items()}
    states = table_of(TaskStateTable)
    contents = select(states.c.task_code, states.c.content).where(states.c.task_code.in_(known))
    for code, content in connection.execute(contents) if known else ():
        keeping[code] |= dict.fromkeys(unpack_state(content).roles.of(REFORM_OFFICE))
    mine = {code: body for code, keepers in keeping.items() for body in keepers if body in bodies}
    by_order: dict[str, list[AskedRow]] = {}
    for row in _rows(connection, table_of(AskedActTable).c.task_code.in_(mine)) if mine else ():
        if row.outcome is ItemOutcome.REFUSED:
            by_order.setdefault(row.order, []).append(row)
    return tuple(
        RefusedRow(
            item=rows[0].item,
            title=known[rows[0].item]["title"],
            plan_code=known[rows[0].item]["plan_code"],
            body=mine[rows[0].item],
            act=rows[0].act,
            targets=tuple(row.target for row in rows),
            reasons=tuple(row.reason for row in rows),
            order=order,
        )
        for order, rows in by_order.items()
    )


def count_without_order(connection: Connection, register: RowMapping) -> int:
    """How many wishes of a register's own items nobody has taken up."""
    query = _wishes().where(asking(register, None), ~_has_order())
    return len(connection.execute(query).all())


def _identity() -> ColumnElement[str]:
    wishes = table_of(AskedActTable)
    number = cast(wishes.c["round"], String)
    return literal("item/") + wishes.c.task_code + literal("/") + number + literal("/") + wishes.c.key


def _carries_out() -> ColumnElement[bool]:
    orders = table_of(ChangeOrderTable)
    return and_(orders.c.basis == _identity(), orders.c.kind == literal(OrderKind.OUTCOME.value))


def _has_order() -> ColumnElement[bool]:
    return exists().where(_carries_out())


def _joined(query: Select[Any]) -> Select[Any]:
    """Wishes that are taken up, with their orders, items and registers."""
    wishes, tasks, plans = table_of(AskedActTable), table_of(TaskTable), table_of(PlanTable)
    return (
        query.select_from(wishes)
        .join(table_of(ChangeOrderTable), _carries_out())
        .join(tasks, tasks.c.code == wishes.c.task_code)
        .join(plans, plans.c.code == tasks.c.plan_code)
    )


def _wishes() -> Select[Any]:
    wishes, tasks, plans = table_of(AskedActTable), table_of(TaskTable), table_of(PlanTable)
    return (
        select(wishes, plans.c.regime, *(plans.c[name] for name in TaskClock.model_fields))
        .join_from(wishes, tasks, tasks.c.code == wishes.c.task_code)
        .join(plans, plans.c.code == tasks.c.plan_code)
        .order_by(wishes.c.at, wishes.c.task_code, wishes.c["round"], wishes.c.key)
    )


def _is_asked_of(connection: Connection, register: str) -> ColumnElement[bool]:
    plans = table_of(PlanTable)
    row = connection.execute(select(plans).where(plans.c.code == register)).mappings().one_or_none()
    if row is None:
        raise NotInLedger(f"台账中没有登记簿 {register}")
    return asking(row, newest_of(connection, row["regime"]))


def _plans_of(connection: Connection, codes: Collection[str]) -> dict[str, str]:
    tasks = table_of(TaskTable)
    query = select(tasks.c.code, tasks.c.plan_code).where(tasks.c.code.in_(codes))
    return dict(connection.execute(query).all()) if codes else {}


def _wish(row: RowMapping, plans: dict[str, str]) -> Wish:
    same = ("round", "key", "act", "targets", "fields", "body", "person", "at", "regime")
    return Wish(
        item=row["task_code"],
        **{name: row[name] for name in same},
        clock=TaskClock(**{name: row[name] for name in TaskClock.model_fields}),
        plans={target: plans[target] for target in row["targets"] if target in plans},
    )


def _rows(connection: Connection, wanted: ColumnElement[bool]) -> Iterator[AskedRow]:
    orders, items = table_of(ChangeOrderTable), table_of(ChangeItemTable)
    asked = (
        connection.execute(
            _wishes().add_columns(orders.c.id.label("order")).join(orders, _carries_out(), isouter=True).where(wanted)
        )
        .mappings()
        .all()
    )
    settled = select(items).where(items.c.order_id.in_([row["order"] for row in asked if row["order"]]))
    came_of = {(row["order_id"], row["target"]): row for row in connection.execute(settled).mappings()}
    for row in asked:
        same = {name: row[name] for name in ("act", "body", "person", "at")}
        for target in row["targets"]:
            found = came_of.get((row["order"], target))
            what = {name: found[name] for name in ("outcome", "version", "reason")} if found is not None else {}
            yield AskedRow(item=row["task_code"], target=target, order=row["order"] or "", **same, **what)
