"""The hosts that an organisation's tracking links may lead to.

Made on 2026-11-25.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "link_hosts"
down_revision: str | None = "kin"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("organisation", sa.Column("link_hosts", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.alter_column("link_hosts", server_default=None)


def downgrade() -> None:
    op.drop_column("organisation", "link_hosts")
