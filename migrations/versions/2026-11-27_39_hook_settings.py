"""How the deliveries of a connection are signed, where its vendor leaves that open.

Made on 2026-11-27.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "hook_settings"
down_revision: str | None = "placement_persona"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("connection", sa.Column("hook_settings", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("connection", "hook_settings")
