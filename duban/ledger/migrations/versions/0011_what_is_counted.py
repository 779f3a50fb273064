"""Indexes for what is counted: items of a procedure, steps taken in a stretch of time, and what inspections found."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

STEPS = sa.text("kind = 'step'")
INSPECTIONS = sa.text("kind = 'inspection'")


def upgrade() -> None:
    op.create_index("ix_register_items_procedure", "register_items", ["procedure", "register_code"])
    op.create_index(
        "ix_records_steps", "records", ["at", "subject", "task_code"], postgresql_where=STEPS, sqlite_where=STEPS
    )
    op.create_index(
        "ix_records_inspections", "records", ["task_code"], postgresql_where=INSPECTIONS, sqlite_where=INSPECTIONS
    )


def downgrade() -> None:
    op.drop_index("ix_records_inspections", table_name="records")
    op.drop_index("ix_records_steps", table_name="records")
    op.drop_index("ix_register_items_procedure", table_name="register_items")
