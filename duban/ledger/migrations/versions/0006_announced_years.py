"""The years whose holidays the office has taken over."""

import sqlalchemy as sa
from alembic import op

from duban.ledger.tables.columns import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "announced_years",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("source", "content", "body", "person")),
        sa.Column("adopted_at_real", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("year", "edition", name=op.f("pk_announced_years")),
    )


def downgrade() -> None:
    op.drop_table("announced_years")
