"""At what time of its last day booking a channel closes.

Made on 2026-11-27.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "booking_time"
down_revision: str | None = "asset_file"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("channel", sa.Column("booking_closes_at", sa.String(length=5), nullable=True))


def downgrade() -> None:
    op.drop_column("channel", "booking_closes_at")
