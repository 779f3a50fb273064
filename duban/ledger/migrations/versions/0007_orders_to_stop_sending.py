"""Orders that all sending stop or go on, and how many messages a body has had in a week."""

import sqlalchemy as sa
from alembic import op

from duban.ledger.tables.columns import RowNumber, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sending_orders",
        sa.Column("id", RowNumber(), nullable=False),
        sa.Column("stops", sa.Boolean(), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sending_orders")),
    )
    op.create_index("ix_deliveries_week", "deliveries", ["recipient", "claimed_at"])


def downgrade() -> None:
    op.drop_index("ix_deliveries_week", table_name="deliveries")
    op.drop_table("sending_orders")
