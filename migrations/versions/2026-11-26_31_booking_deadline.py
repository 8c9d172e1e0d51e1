"""When booking a channel closes, beside its lead time.

Made on 2026-11-26.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "booking_deadline"
down_revision: str | None = "calendar_share"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("channel", sa.Column("booking_closes_days", sa.Integer(), nullable=True))
    op.add_column("channel", sa.Column("booking_closes_on", sa.String(length=9), nullable=True))


def downgrade() -> None:
    op.drop_column("channel", "booking_closes_on")
    op.drop_column("channel", "booking_closes_days")
