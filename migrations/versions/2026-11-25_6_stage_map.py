"""The stage map as people change it: how often they did, and what the last change replaced.

Made on 2026-11-25.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "stage_map"
down_revision: str | None = "chain"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OPERATOR = "(SELECT current_setting('kutsu.operator', true)) = 'on'"


def upgrade() -> None:
    op.create_table(
        "stage_map",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("system", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_stage_map_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", "system", name=op.f("pk_stage_map")),
    )
    if op.get_bind().dialect.name == "postgresql":
        protect("stage_map")


def downgrade() -> None:
    op.drop_table("stage_map")


def protect(table: str) -> None:
    """Rows are read and written by those whose they are."""
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
