"""By which secret the deliveries of a day came, and how it was read.

Made on 2026-11-27.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "signed_day"
down_revision: str | None = "ad_columns"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OPERATOR = "(SELECT current_setting('kutsu.operator', true)) = 'on'"
LIST = "(SELECT nullif(current_setting('kutsu.{name}', true), '')::uuid[])::uuid[]"


def upgrade() -> None:
    op.create_table(
        "signed_day",
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reading", sa.String(length=12), nullable=False),
        sa.Column("is_older", sa.Boolean(), nullable=False),
        sa.Column("deliveries", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name=op.f("fk_signed_day_connection_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_signed_day_organisation_id")),
        sa.PrimaryKeyConstraint("connection_id", "day", "since", "reading", "is_older", name=op.f("pk_signed_day")),
    )
    if op.get_bind().dialect.name == "postgresql":
        protect("signed_day")


def downgrade() -> None:
    op.drop_table("signed_day")


def protect(table: str) -> None:
    """Rows are read by those who may see them, and written by those whose they are."""
    read = f"{OPERATOR} OR organisation_id = ANY ({LIST.format(name='organisations')})"
    written = f"{OPERATOR} OR organisation_id = ANY ({LIST.format(name='own')})"
    op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
    op.execute(f'CREATE POLICY kutsu_read ON "{table}" FOR SELECT USING ({read})')
    op.execute(f'CREATE POLICY kutsu_add ON "{table}" FOR INSERT WITH CHECK ({written})')
    op.execute(f'CREATE POLICY kutsu_change ON "{table}" FOR UPDATE USING ({written}) WITH CHECK ({written})')
    op.execute(f'CREATE POLICY kutsu_delete ON "{table}" FOR DELETE USING ({written})')
