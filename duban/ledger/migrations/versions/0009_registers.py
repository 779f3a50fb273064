"""Registers: the home of items that come by no plan, what comes round in them, and what items ask them to open."""

import sqlalchemy as sa
from alembic import op

from duban.ledger.tables.columns import JsonValue, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("plans", sa.Column("kind", sa.String(), nullable=False, server_default="plan"))
    op.create_table(
        "register_items",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("register_code", "key", "status")),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("task_code", sa.String(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("procedure", "title", "definition")),
        sa.Column("first_version", sa.Integer(), nullable=False),
        sa.Column("asked_task", sa.String(), nullable=True),
        sa.Column("asked_round", sa.Integer(), nullable=True),
        sa.Column("asked_key", sa.String(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("body", "person", "anyway")),
        sa.Column("alike", JsonValue(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["register_code"], ["plans.code"], name=op.f("fk_register_items_register_code")),
        sa.ForeignKeyConstraint(["task_code"], ["tasks.code"], name=op.f("fk_register_items_task_code")),
        sa.PrimaryKeyConstraint("register_code", "key", name=op.f("pk_register_items")),
    )
    op.create_index("uq_register_items_number", "register_items", ["register_code", "number"], unique=True)
    op.create_index("uq_register_items_task", "register_items", ["task_code"], unique=True)
    op.create_index(
        "uq_register_items_asked", "register_items", ["asked_task", "asked_round", "asked_key"], unique=True
    )
    op.create_table(
        "register_periods",
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("register_code", "rhythm", "period", "status", "title")
        ),
        *(sa.Column(name, sa.Date(), nullable=False) for name in ("first_on", "last_on")),
        *(sa.Column(name, UtcDateTime(), nullable=False) for name in ("due_at", "at")),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["register_code"], ["plans.code"], name=op.f("fk_register_periods_register_code")),
        sa.PrimaryKeyConstraint("register_code", "rhythm", "period", name=op.f("pk_register_periods")),
    )
    op.create_table(
        "opening_requests",
        sa.Column("task_code", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("key", "procedure")),
        sa.Column("facts", JsonValue(), nullable=False),
        sa.ForeignKeyConstraint(["task_code"], ["tasks.code"], name=op.f("fk_opening_requests_task_code")),
        sa.PrimaryKeyConstraint("task_code", "round", "key", name=op.f("pk_opening_requests")),
    )


def downgrade() -> None:
    op.drop_table("opening_requests")
    op.drop_table("register_periods")
    op.drop_table("register_items")
    op.drop_column("plans", "kind")
