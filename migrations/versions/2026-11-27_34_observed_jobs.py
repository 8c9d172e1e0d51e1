"""Which jobs of connected systems a vacancy is.

Made on 2026-11-27.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "observed_jobs"
down_revision: str | None = "booking_time"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("job", sa.Column("observed_jobs", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("job", "observed_jobs")
