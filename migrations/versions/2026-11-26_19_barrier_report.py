"""What visitors tell of barriers they met on the pages.

Made on 2026-11-26.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "barrier_report"
down_revision: str | None = "saved_view"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OPERATOR = "(SELECT current_setting('kutsu.operator', true)) = 'on'"


def upgrade() -> None:
    op.create_table(
        "barrier_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.String(length=200), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_barrier_report_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_barrier_report")),
    )
    if op.get_bind().dialect.name == "postgresql":
        protect("barrier_report")


def downgrade() -> None:
    op.drop_table("barrier_report")


def protect(table: str) -> None:
    """Rows are read and written by the organisation whose they are."""
    read, written = (f"{OPERATOR} OR organisation_id = ANY ({setting(name)})" for name in ("organisations", "own"))
    op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
    op.execute(f'CREATE POLICY kutsu_read ON "{table}" FOR SELECT USING ({read})')
    op.execute(f'CREATE POLICY kutsu_add ON "{table}" FOR INSERT WITH CHECK ({written})')
    op.execute(f'CREATE POLICY kutsu_change ON "{table}" FOR UPDATE USING ({written}) WITH CHECK ({written})')
    op.execute(f'CREATE POLICY kutsu_delete ON "{table}" FOR DELETE USING ({written})')


def setting(name: str) -> str:
    """A list of organisations that the transaction was told; in a query of its own, so that it is read once."""
    return f"(SELECT nullif(current_setting('kutsu.{name}', true), '')::uuid[])::uuid[]"
