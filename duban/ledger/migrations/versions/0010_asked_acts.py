"""What outcomes of items ask of tasks and plans; which item a plan was closed by."""

import sqlalchemy as sa
from alembic import op

from duban.ledger.tables.columns import JsonValue, UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("plans", sa.Column("closed_by_item", sa.String(), nullable=True))
    op.create_table(
        "asked_acts",
        sa.Column("task_code", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("key", "act")),
        *(sa.Column(name, JsonValue(), nullable=False) for name in ("targets", "fields")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("body", "person")),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["task_code"], ["tasks.code"], name=op.f("fk_asked_acts_task_code")),
        sa.PrimaryKeyConstraint("task_code", "round", "key", name=op.f("pk_asked_acts")),
    )
    op.create_index(
        "uq_change_orders_asked",
        "change_orders",
        ["basis"],
        unique=True,
        postgresql_where=sa.text("kind = 'outcome'"),
        sqlite_where=sa.text("kind = 'outcome'"),
    )


def downgrade() -> None:
    # An earlier release knows no orders of this kind; what was done stands in the timelines of the tasks.
    op.execute("DELETE FROM change_items WHERE order_id IN (SELECT id FROM change_orders WHERE kind = 'outcome')")
    op.execute("DELETE FROM change_orders WHERE kind = 'outcome'")
    op.drop_index("uq_change_orders_asked", table_name="change_orders")
    op.drop_table("asked_acts")
    op.drop_column("plans", "closed_by_item")
