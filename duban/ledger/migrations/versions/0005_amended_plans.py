"""Amended plans: under which content a plan goes on, and milestones that were taken out."""

import sqlalchemy as sa
from alembic import op

from duban.ledger.tables.columns import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("milestones", sa.Column("withdrawn_at", UtcDateTime(), nullable=True))
    op.create_table(
        "plan_amendments",
        sa.Column("plan_code", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("id", "digest", "body", "person", "reason", "document")
        ),
        sa.Column("tasks_added", sa.Integer(), nullable=False),
        sa.Column("amended_at", UtcDateTime(), nullable=False),
        sa.Column("was_finished_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["plan_code"], ["plans.code"], name=op.f("fk_plan_amendments_plan_code")),
        sa.ForeignKeyConstraint(["digest"], ["stored_plans.digest"], name=op.f("fk_plan_amendments_digest")),
        sa.PrimaryKeyConstraint("plan_code", "number", name=op.f("pk_plan_amendments")),
    )
    op.create_index("uq_plan_amendments_id", "plan_amendments", ["plan_code", "id"], unique=True)


def downgrade() -> None:
    op.drop_table("plan_amendments")
    op.drop_column("milestones", "withdrawn_at")
