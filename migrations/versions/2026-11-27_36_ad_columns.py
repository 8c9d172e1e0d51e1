"""Which columns of an ad platform's file were not read.

Made on 2026-11-27.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "ad_columns"
down_revision: str | None = "campaign_pattern"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("ad_import", sa.Column("columns_left_out", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("ad_import", "columns_left_out")
