"""By which pattern a campaign was planned, so that the first hour stays with its own.

Made on 2026-11-27.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "campaign_pattern"
down_revision: str | None = "observed_jobs"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("campaign", sa.Column("pattern", sa.String(length=12), nullable=True))


def downgrade() -> None:
    op.drop_column("campaign", "pattern")
