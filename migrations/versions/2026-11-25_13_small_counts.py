"""The right to see small counts: of members, of those who are invited, and of tokens.

Made on 2026-11-25.

Whoever only reads has it no longer until an administrator gives it; all others keep what they saw.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "small_counts"
down_revision: str | None = "count_check"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("membership", "invitation", "api_token")


def upgrade() -> None:
    for name in TABLES:
        op.add_column(name, sa.Column("sees_small_counts", sa.Boolean(), nullable=False, server_default=sa.true()))
        table = sa.table(name, sa.column("role", sa.String()), sa.column("sees_small_counts", sa.Boolean()))
        op.execute(sa.update(table).where(table.c.role == "viewer").values(sees_small_counts=False))
        with op.batch_alter_table(name, schema=None) as batch_op:
            batch_op.alter_column("sees_small_counts", server_default=None)


def downgrade() -> None:
    for name in TABLES:
        op.drop_column(name, "sees_small_counts")
