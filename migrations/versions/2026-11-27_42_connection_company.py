"""Whose account a connection reads, as the vendor says it, so that another company's key is told from a new one.

Made on 2026-11-27.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "connection_company"
down_revision: str | None = "came_as"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("connection", sa.Column("company", sa.String(length=80), nullable=True))
    op.add_column("connection", sa.Column("company_name", sa.String(length=200), nullable=True))


def downgrade() -> None:
    op.drop_column("connection", "company_name")
    op.drop_column("connection", "company")
