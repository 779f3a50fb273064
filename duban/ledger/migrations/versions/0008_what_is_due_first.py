"""Indexes by date: what is due first, of open tasks and obligations; of everybody's, and of each body's own."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OPEN_TASKS = sa.text("closed_at IS NULL")
OPEN_OBLIGATIONS = sa.text("status = 'open'")
INDEXES = (
    ("ix_tasks_due", "tasks", ["due_on", "plan_code"], OPEN_TASKS),
    ("ix_tasks_lead_due", "tasks", ["lead_body", "due_on"], OPEN_TASKS),
    ("ix_tasks_handling_due", "tasks", ["handling_body", "due_on"], OPEN_TASKS),
    ("ix_obligations_due", "obligations", ["due_on", "task_code"], OPEN_OBLIGATIONS),
)


def upgrade() -> None:
    for name, table, columns, which in INDEXES:
        op.create_index(name, table, columns, postgresql_where=which, sqlite_where=which)


def downgrade() -> None:
    for name, table, _, _ in reversed(INDEXES):
        op.drop_index(name, table_name=table)
