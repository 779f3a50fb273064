"""Registers: items opened each once, under numbers allotted here; what came round, and what items asked for.

Whoever opens builds an item when its number is known, within the transaction: a number that is given belongs to an
item that is there, and two that open at once take turns.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, Engine, RowMapping, func, select, update
from sqlmodel import col

from duban.ledger.database.engine import reading, writing
from duban.ledger.database.writing import Row, table_of, upsert_rows
from duban.ledger.errors import NotInLedger
from duban.ledger.plans.registration import PlanStatus
from duban.ledger.registers.asks import count_without_order
from duban.ledger.registers.opening_items import open_item, settled
from duban.ledger.registers.opening_requests import asking, newest_of, unanswered
from duban.ledger.registers.register_rows import Asked, Build, ItemRow, ItemToOpen, OpenedItem, PeriodRow, item_row
from duban.ledger.tables.plan_tables import PlanKind, PlanTable, TaskTable
from duban.ledger.tables.register_tables import RegisterItemTable, RegisterPeriodTable
from duban.registers import RegisterClosure


class RegisterRepository:
    """Everything about registers; each method is one transaction.

    Every method raises ``LedgerUnavailable`` where the database cannot be reached.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open_items(
        self, code: str, wanted: Sequence[ItemToOpen], at: datetime, build: Build, after: int = 0
    ) -> tuple[OpenedItem, ...]:
        """Open items, each once: all of them or, where the database fails, none.

        Args:
            code: Of the register.
            at: Business moment.
            build: Called once for each that has not been dealt with, in order.
            after: No item gets this number or a lower one.

        Raises:
            NotInLedger: There is no such register.
        """
        with writing(self._engine) as connection:
            register = _locked(connection, code)
            if register["status"] == PlanStatus.CLOSED:
                reason = f"登记簿 {code} 已办结"
                return tuple(OpenedItem(key=item.key, reason=reason) for item in wanted)
            return tuple(open_item(connection, code, item, at, build, after) for item in wanted)

    def settled(self, code: str, key: str) -> OpenedItem | None:
        """What came of a wish; None where it has not been dealt with."""
        with reading(self._engine) as connection:
            return settled(connection, code, key)

    def keep_periods(self, code: str, periods: Sequence[PeriodRow]) -> None:
        """Keep what came of periods; what is there already stays as it is."""
        rows: list[Row] = [
            {"register_code": code, **period.model_dump(), "status": period.status.value} for period in periods
        ]
        with writing(self._engine) as connection:
            upsert_rows(connection, RegisterPeriodTable, rows, only=())

    def last_days(self, code: str) -> dict[str, date]:
        """The last day of the latest period that has been dealt with, by rhythm."""
        table = table_of(RegisterPeriodTable)
        query = select(table.c.rhythm, func.max(table.c.last_on)).where(table.c.register_code == code)
        with reading(self._engine) as connection:
            return dict(connection.execute(query.group_by(table.c.rhythm)).all())

    def asked(self, code: str, limit: int) -> tuple[Asked, ...]:
        """What items ask this register to open and nobody has dealt with, oldest task first.

        An item's own register opens it; where it has none that is open, the newest open register of its regime.
        """
        with reading(self._engine) as connection:
            register = _found(connection, code)
            asks = asking(register, newest_of(connection, register["regime"]))
            rows = connection.execute(unanswered().where(asks).limit(limit)).mappings().all()
        return tuple(
            Asked(**{name: row[name] for name in ("task_code", "round", "key", "procedure", "facts")}) for row in rows
        )

    def opener_for(self, plan_code: str) -> str | None:
        """The register that opens what an item of a plan or register asks for; None where there is none."""
        with reading(self._engine) as connection:
            plan = _found(connection, plan_code)
            if plan["kind"] == PlanKind.REGISTER and plan["status"] != PlanStatus.CLOSED:
                return plan_code
            return newest_of(connection, plan["regime"])

    def first_version(self, task_code: str) -> int:
        """The version of the last entry with which an item was registered; 0 where no register has it."""
        table = table_of(RegisterItemTable)
        with reading(self._engine) as connection:
            return connection.scalar(select(table.c.first_version).where(table.c.task_code == task_code)) or 0

    def count(self, code: str) -> int:
        """How many items a register has opened."""
        table = table_of(RegisterItemTable)
        query = select(func.count()).where(table.c.register_code == code, table.c.task_code.is_not(None))
        with reading(self._engine) as connection:
            return connection.scalar(query) or 0

    def highest(self, code: str) -> int:
        """The highest number that a register has given."""
        table = table_of(RegisterItemTable)
        with reading(self._engine) as connection:
            return connection.scalar(select(func.max(table.c.number)).where(table.c.register_code == code)) or 0

    def item_rows(self, code: str) -> tuple[ItemRow, ...]:
        """The items of a register in the order of their numbers, then what was refused."""
        items, tasks = table_of(RegisterItemTable), table_of(TaskTable)
        query = (
            select(items, tasks.c.status.label("task_status"), tasks.c.lead_body, tasks.c.due_on, tasks.c.closed_at)
            .join_from(items, tasks, tasks.c.code == items.c.task_code, isouter=True)
            .where(items.c.register_code == code)
            .order_by(items.c.number.is_(None), items.c.number, items.c.at, items.c.key)
        )
        with reading(self._engine) as connection:
            return tuple(item_row(row) for row in connection.execute(query).mappings())

    def period_rows(self, code: str) -> tuple[PeriodRow, ...]:
        """The periods that have been dealt with, by the moments at which they were due."""
        table = table_of(RegisterPeriodTable)
        query = select(table).where(table.c.register_code == code).order_by(table.c.due_at, table.c.rhythm)
        with reading(self._engine) as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(PeriodRow(**{name: row[name] for name in PeriodRow.model_fields}) for row in rows)

    def close(self, closure: RegisterClosure) -> str:
        """Close a register; the same closure again changes nothing.

        Returns:
            Why it is not closed; empty where it is.

        Raises:
            NotInLedger: There is no such register.
        """
        with writing(self._engine) as connection:
            register = _locked(connection, closure.code)
            if register["status"] == PlanStatus.CLOSED:
                return ""
            open_items = _count_open(connection, closure.code)
            asked = connection.scalar(
                select(func.count()).select_from(unanswered().where(asking(register, None)).subquery())
            )
            asked = (asked or 0) + count_without_order(connection, register)
            if (open_items or asked) and not closure.anyway:
                waits = f"，还有 {asked} 件提请的事项没有办理" if asked else ""
                return f"登记簿 {closure.code} 还有 {open_items} 件未办结{waits}；确需办结，请写明 --anyway"
            connection.execute(
                update(table_of(PlanTable))
                .where(col(PlanTable.code) == closure.code)
                .values(
                    status=PlanStatus.CLOSED.value,
                    closed_at=closure.at,
                    closed_by_body=closure.body,
                    closed_by_person=closure.person,
                    closing_decision=closure.reason,
                )
            )
            return ""


def _count_open(connection: Connection, code: str) -> int:
    query = select(func.count()).where(col(TaskTable.plan_code) == code, col(TaskTable.closed_at).is_(None))
    return connection.scalar(query) or 0


def _found(connection: Connection, code: str) -> RowMapping:
    table = table_of(PlanTable)
    row = connection.execute(select(table).where(table.c.code == code)).mappings().one_or_none()
    if row is None:
        raise NotInLedger(f"台账中没有 {code}")
    return row


def _locked(connection: Connection, code: str) -> RowMapping:
    table = table_of(PlanTable)
    found = connection.execute(
        select(table)
        .where(table.c.code == code, table.c.kind == PlanKind.REGISTER.value)
        .with_for_update(key_share=True)
    )
    row = found.mappings().one_or_none()
    if row is None:
        raise NotInLedger(f"台账中没有登记簿 {code}")
    return row
