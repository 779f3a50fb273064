"""Indexes by date: what of everybody's is due first, of open tasks and of open obligations."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0003"
branch_labels = None
depends_on = None

TASKS, OBLIGATIONS = "ix_tasks_due", "ix_obligations_due"
OPEN_TASKS, OPEN = sa.text("closed_at IS NULL"), sa.text("status = 'open'")


def upgrade() -> None:
    op.create_index(TASKS, "tasks", ["due_on", "plan_code"], postgresql_where=OPEN_TASKS, sqlite_where=OPEN_TASKS)
    op.create_index(OBLIGATIONS, "obligations", ["due_on", "task_code"], postgresql_where=OPEN, sqlite_where=OPEN)


def downgrade() -> None:
    op.drop_index(OBLIGATIONS, table_name="obligations")
    op.drop_index(TASKS, table_name="tasks")
