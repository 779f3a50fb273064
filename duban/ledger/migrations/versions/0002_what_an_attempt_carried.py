"""Which attempt of a message is the first without a notice that was withdrawn meanwhile."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("delivery_notices", sa.Column("left_out_from", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("delivery_notices", "left_out_from")
