"""What a task is started again from, which notices may have gone out before a restore, and what is late."""

import sqlalchemy as sa
from alembic import op

from duban.ledger.tables.columns import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policies",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_policies")),
    )
    op.create_table(
        "task_states",
        sa.Column("task_code", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["task_code"], ["tasks.code"], name=op.f("fk_task_states_task_code")),
        sa.PrimaryKeyConstraint("task_code", name=op.f("pk_task_states")),
    )
    op.create_index(
        "ix_tasks_next_moment",
        "tasks",
        ["next_moment_at"],
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.add_column("notices", sa.Column("perhaps_sent_since", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("notices", "perhaps_sent_since")
    op.drop_index("ix_tasks_next_moment", table_name="tasks")
    op.drop_table("task_states")
    op.drop_table("policies")
