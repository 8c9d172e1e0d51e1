"""Under which code a placement stands in the file that it was read from, where that code is another organisation's.

Made on 2026-11-27.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "came_as"
down_revision: str | None = "sender_day"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("placement", sa.Column("came_as", sa.String(length=16), nullable=True))
    op.create_index("ix_placement_came_as", "placement", ["came_as"])


def downgrade() -> None:
    op.drop_index("ix_placement_came_as", table_name="placement")
    op.drop_column("placement", "came_as")
