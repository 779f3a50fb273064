"""Change orders: kept once under the digest of their content, and settled message by message.

What was ordered is never changed; only what came of it is. An outcome that is final stays, whichever of two machines
tells it first.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Connection, Engine, RowMapping, Select, case, func, select, update
from sqlmodel import col

from duban.ledger.database.engine import reading, writing
from duban.ledger.database.writing import Row, insert_rows, table_of, upserting
from duban.ledger.errors import NotInLedger
from duban.ledger.tables.change_tables import ChangeItemTable, ChangeOrderTable
from duban.ledger.tables.columns import canonical_json
from duban.orders import ChangeOrder, ItemOutcome, ItemSettled, OrderItem, OrderKind, TargetKind, undone_by
from duban.supervision.model import Frozen
from duban.supervision.packing import packed, unpacked

MOST_BYTES_OF_PARTS = 20_000_000
FINAL = (ItemOutcome.DONE, ItemOutcome.NOT_CONCERNED, ItemOutcome.DROPPED)
_UNKNOWN = "台账中没有变更单 {}，请核对编号（starter.py changes 列出全部）"
_HEAD = ("kind", "title", "reason", "body", "person", "basis", "ordered_at", "ordered_at_real")


class OrderRow(Frozen):
    """An order and how far it is carried out.

    Attributes:
        ordered_at, ordered_at_real: Business and real moment.
        undoes: The order that it takes back; empty where it takes none back.
        items: How many messages it has; the other figures say what came of them.
    """

    id: str
    kind: OrderKind
    title: str
    reason: str
    body: str
    person: str
    ordered_at: datetime
    ordered_at_real: datetime
    undoes: str = ""
    items: int
    done: int
    refused: int
    not_concerned: int
    waiting: int
    dropped: int = 0

    @property
    def is_carried_out(self) -> bool:
        """Whether nothing of it waits or was refused."""
        return self.waiting == self.refused == 0


class ItemRow(Frozen):
    """A message of an order, and what came of it."""

    target: str
    target_kind: TargetKind
    plan_code: str
    act: str
    outcome: ItemOutcome
    version: int | None
    reason: str
    settled_at_real: datetime | None


class Told(Frozen):
    """A message that a target has accepted.

    Attributes:
        ordered_at_real: Real moment.
    """

    order_id: str
    fields: dict[str, JsonValue]
    ordered_at_real: datetime


class ChangeOrderRepository:
    """Everything about change orders; each method is one transaction.

    Every method raises ``LedgerUnavailable`` where the database cannot be reached.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def give(self, order: ChangeOrder) -> bool:
        """Keep an order with all its messages; the same order again, or another for the same outcome, changes nothing.

        Returns:
            Whether it is new.
        """
        row = {
            "id": order.id,
            **{name: getattr(order, name) for name in _HEAD},
            "kind": order.kind.value,
            "parts": packed(canonical_json(order.parts)),
        }
        with writing(self._engine) as connection:
            statement = upserting(connection, ChangeOrderTable).values(row)
            statement = statement.on_conflict_do_nothing()
            if connection.scalar(statement.returning(statement.table.c.id)) is None:
                return False
            insert_rows(connection, ChangeItemTable, list(_item_rows(order)))
            return True

    def order_rows(self) -> tuple[OrderRow, ...]:
        """All orders, the newest first."""
        with reading(self._engine) as connection:
            return tuple(_order_row(row) for row in connection.execute(_counted()).mappings())

    def order_row(self, order_id: str) -> OrderRow:
        """An order and how far it is carried out.

        Raises:
            NotInLedger: There is none of this name.
        """
        orders = table_of(ChangeOrderTable)
        with reading(self._engine) as connection:
            row = connection.execute(_counted().where(orders.c.id == order_id)).mappings().one_or_none()
        if row is None:
            raise NotInLedger(_UNKNOWN.format(order_id))
        return _order_row(row)

    def named(self, beginning: str) -> str:
        """The whole name of an order, from as much of its beginning as a person types.

        Raises:
            NotInLedger: No order is called so, or several are.
        """
        column = table_of(ChangeOrderTable).c.id
        query = select(column).where(column.startswith(beginning, autoescape=True)).order_by(column).limit(2)
        with reading(self._engine) as connection:
            found = connection.scalars(query).all()
        if not found or not beginning:
            raise NotInLedger(_UNKNOWN.format(beginning))
        if len(found) > 1 and found[0] != beginning:
            raise NotInLedger(f"以 {beginning} 开头的变更单不止一份，请把编号写全")
        return str(found[0])

    def item_rows(self, order_id: str) -> tuple[ItemRow, ...]:
        """The messages of an order, in its order."""
        items = table_of(ChangeItemTable)
        columns = [items.c[name] for name in ItemRow.model_fields]
        query = select(*columns).where(items.c.order_id == order_id).order_by(items.c.position)
        with reading(self._engine) as connection:
            return tuple(ItemRow(**row) for row in connection.execute(query).mappings())

    def order(self, order_id: str) -> ChangeOrder:
        """An order as it was given.

        Raises:
            NotInLedger: There is none of this name.
        """
        with reading(self._engine) as connection:
            return _load(connection, order_id)

    def unsettled(self, order_id: str, *, refused: bool = True) -> tuple[str, ...]:
        """Whom an order still has to tell: what waits, and what was refused and may be told again.

        Args:
            refused: Whether the latter are among them.
        """
        items = table_of(ChangeItemTable)
        final = [outcome.value for outcome in (FINAL if refused else (*FINAL, ItemOutcome.REFUSED))]
        query = select(items.c.target).where(items.c.order_id == order_id, items.c.outcome.not_in(final))
        with reading(self._engine) as connection:
            return tuple(connection.scalars(query.order_by(items.c.position)))

    def all_told(self, target: str, act: str) -> tuple[Told, ...]:
        """What a target has been told of a kind and has accepted, oldest first."""
        orders, items = table_of(ChangeOrderTable), table_of(ChangeItemTable)
        query = (
            select(items.c.order_id, items.c.fields, orders.c.ordered_at_real)
            .join_from(items, orders, orders.c.id == items.c.order_id)
            .where(items.c.target == target, items.c.act == act, items.c.outcome == ItemOutcome.DONE.value)
            .order_by(orders.c.ordered_at_real, orders.c.id.desc())
        )
        with reading(self._engine) as connection:
            return tuple(
                Told(order_id=order_id, fields=json.loads(fields), ordered_at_real=at)
                for order_id, fields, at in connection.execute(query)
            )

    def told_last(self, target: str, act: str) -> dict[str, JsonValue] | None:
        """The fields of the newest message of its kind that a target has accepted; None where there was none."""
        orders, items = table_of(ChangeOrderTable), table_of(ChangeItemTable)
        query = (
            select(items.c.fields)
            .join_from(items, orders, orders.c.id == items.c.order_id)
            .where(items.c.target == target, items.c.act == act, items.c.outcome == ItemOutcome.DONE.value)
            .order_by(orders.c.ordered_at_real.desc(), orders.c.id)
            .limit(1)
        )
        with reading(self._engine) as connection:
            fields = connection.scalar(query)
        return json.loads(fields) if fields is not None else None

    def undone_by(self, order_id: str) -> OrderRow | None:
        """The order that takes an order back; None where there is none."""
        return next((row for row in self.order_rows() if row.undoes == order_id), None)

    def settle(self, order_id: str, settled: Sequence[ItemSettled]) -> None:
        """Keep what came of telling these targets; what is final already stays."""
        items = table_of(ChangeItemTable)
        with writing(self._engine) as connection:
            for each in settled:
                connection.execute(
                    update(items)
                    .where(items.c.order_id == order_id, items.c.target == each.target)
                    .where(items.c.outcome.not_in([outcome.value for outcome in FINAL]))
                    .values(
                        outcome=each.outcome.value,
                        version=each.version,
                        reason=each.reason,
                        settled_at_real=each.at_real,
                    )
                )

    def drop(self, order_id: str, said: str, at_real: datetime) -> int:
        """Leave it at what was refused: nobody is asked again, and why stands beside the refusal.

        Args:
            said: Who decided that, and why.

        Returns:
            How many messages that concerns.
        """
        items = table_of(ChangeItemTable)
        refused = select(items.c.target, items.c.reason).where(
            items.c.order_id == order_id, items.c.outcome == ItemOutcome.REFUSED.value
        )
        with writing(self._engine) as connection:
            found = connection.execute(refused).all()
            for target, reason in found:
                connection.execute(
                    update(items)
                    .where(items.c.order_id == order_id, items.c.target == target)
                    .where(items.c.outcome == ItemOutcome.REFUSED.value)
                    .values(
                        outcome=ItemOutcome.DROPPED.value,
                        reason=f"{reason}；{said}",
                        settled_at_real=at_real,
                    )
                )
        return len(found)


def altered_orders(connection: Connection) -> Iterator[str]:
    """Orders whose content does not bear their names."""
    for identity in connection.scalars(select(col(ChangeOrderTable.id)).order_by(col(ChangeOrderTable.id))).all():
        try:
            is_same = _load(connection, identity).id == identity
        except ValueError:
            is_same = False
        if not is_same:
            yield identity


def _item_rows(order: ChangeOrder) -> Iterator[Row]:
    for position, item in enumerate(order.items, start=1):
        yield {
            "order_id": order.id,
            "position": position,
            **item.model_dump(include={"target", "plan_code", "act"}),
            "target_kind": item.target_kind.value,
            "fields": canonical_json(item.fields),
            "parts": canonical_json(list(item.parts)),
            "outcome": ItemOutcome.WAITING.value,
            "version": None,
            "reason": "",
            "settled_at_real": None,
        }


def _load(connection: Connection, order_id: str) -> ChangeOrder:
    orders, items = table_of(ChangeOrderTable), table_of(ChangeItemTable)
    row = connection.execute(select(orders).where(orders.c.id == order_id)).mappings().one_or_none()
    if row is None:
        raise NotInLedger(_UNKNOWN.format(order_id))
    query = select(items).where(items.c.order_id == order_id).order_by(items.c.position)
    return ChangeOrder(
        **{name: row[name] for name in _HEAD},
        parts=json.loads(unpacked(row["parts"], most_bytes=MOST_BYTES_OF_PARTS)),
        items=tuple(_item(item) for item in connection.execute(query).mappings()),
    )


def _item(row: RowMapping) -> OrderItem:
    return OrderItem(
        **{name: row[name] for name in ("target", "target_kind", "plan_code", "act")},
        fields=json.loads(row["fields"]),
        parts=tuple(json.loads(row["parts"])),
    )


def _counted() -> Select[Any]:
    orders, items = table_of(ChangeOrderTable), table_of(ChangeItemTable)
    figures = (func.count(case((items.c.outcome == outcome.value, 1))).label(outcome.value) for outcome in ItemOutcome)
    counted = (
        select(items.c.order_id, func.count().label("items"), *figures).group_by(items.c.order_id).subquery("counted")
    )
    columns = [counted.c[name] for name in ("items", *(outcome.value for outcome in ItemOutcome))]
    return (
        select(orders, *(func.coalesce(column, 0).label(column.name) for column in columns))
        .join_from(orders, counted, counted.c.order_id == orders.c.id, isouter=True)
        .order_by(orders.c.ordered_at_real.desc(), orders.c.id)
    )


def _order_row(row: RowMapping) -> OrderRow:
    columns = {name: row[name] for name in OrderRow.model_fields if name != "undoes"}
    return OrderRow(**columns, undoes=undone_by(row["basis"]))
