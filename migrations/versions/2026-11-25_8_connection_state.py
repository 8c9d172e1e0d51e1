"""Connections that are paused or were disconnected.

Made on 2026-11-25.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "connection_state"
down_revision: str | None = "tasks"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COLUMNS = ("paused_at", "disconnected_at")


def upgrade() -> None:
    with op.batch_alter_table("connection", schema=None) as batch_op:
        for name in COLUMNS:
            batch_op.add_column(sa.Column(name, sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("connection", schema=None) as batch_op:
        for name in reversed(COLUMNS):
            batch_op.drop_column(name)
