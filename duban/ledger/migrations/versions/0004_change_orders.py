"""Change orders: what was ordered for many tasks at once, and what came of each message."""

import sqlalchemy as sa
from alembic import op

from duban.ledger.tables.columns import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "change_orders",
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("id", "kind", "title", "reason", "body", "person", "basis", "parts")
        ),
        sa.Column("ordered_at", UtcDateTime(), nullable=False),
        sa.Column("ordered_at_real", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_orders")),
    )
    op.create_index("ix_change_orders_given", "change_orders", ["ordered_at_real", "id"])
    op.create_table(
        "change_items",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("target_kind", "plan_code", "act", "fields", "parts", "outcome")
        ),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("settled_at_real", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["change_orders.id"], name=op.f("fk_change_items_order_id")),
        sa.PrimaryKeyConstraint("order_id", "target", name=op.f("pk_change_items")),
    )
    op.create_index("uq_change_items_position", "change_items", ["order_id", "position"], unique=True)
    op.create_index("ix_change_items_target", "change_items", ["target"])


def downgrade() -> None:
    op.drop_table("change_items")
    op.drop_table("change_orders")
