"""Who opens what an item's outcome asks for, and what nobody has dealt with yet."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, exists, select

from duban.ledger.database.writing import table_of
from duban.ledger.plans.registration import PlanStatus
from duban.ledger.tables.plan_tables import PlanKind, PlanTable, TaskTable
from duban.ledger.tables.register_tables import OpeningRequestTable, RegisterItemTable


def unanswered() -> Select[Any]:
    """Requests that no register has dealt with, with the plan of the item that asks."""
    requests, items = table_of(OpeningRequestTable), table_of(RegisterItemTable)
    tasks, plans = table_of(TaskTable), table_of(PlanTable)
    answered = exists().where(
        items.c.asked_task == requests.c.task_code,
        items.c.asked_round == requests.c["round"],
        items.c.asked_key == requests.c.key,
    )
    return (
        select(requests)
        .join_from(requests, tasks, tasks.c.code == requests.c.task_code)
        .join(plans, plans.c.code == tasks.c.plan_code)
        .where(~answered)
        .order_by(requests.c.task_code, requests.c["round"], requests.c.key)
    )


def asking(register: RowMapping, newest: str | None) -> ColumnElement[bool]:
    """Whose requests a register opens: its own items' and, as the newest of its regime, those of all without one."""
    plans = table_of(PlanTable)
    own: ColumnElement[bool] = plans.c.code == register["code"]
    if newest != register["code"]:
        return own
    homeless = (plans.c.kind != PlanKind.REGISTER.value) | (plans.c.status == PlanStatus.CLOSED.value)
    return own | and_(plans.c.regime == register["regime"], homeless)


def newest_of(connection: Connection, regime: str) -> str | None:
    """The newest open register of a regime."""
    plans = table_of(PlanTable)
    return connection.scalar(
        select(plans.c.code)
        .where(
            plans.c.kind == PlanKind.REGISTER.value,
            plans.c.status != PlanStatus.CLOSED.value,
            plans.c.regime == regime,
        )
        .order_by(plans.c.issued_on.desc(), plans.c.registered_at.desc(), plans.c.code.desc())
        .limit(1)
    )
