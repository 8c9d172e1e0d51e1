"""Files of assets, whose bytes lie in a folder beside the database.

Made on 2026-11-26.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "asset_file"
down_revision: str | None = "booking_deadline"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OPERATOR = "(SELECT current_setting('kutsu.operator', true)) = 'on'"


def upgrade() -> None:
    op.create_table(
        "asset_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.String(length=120), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_asset_file_asset_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_asset_file_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset_file")),
    )
    op.create_index(op.f("ix_asset_file_asset_id"), "asset_file", ["asset_id"])
    if op.get_bind().dialect.name == "postgresql":
        protect("asset_file")


def downgrade() -> None:
    op.drop_table("asset_file")


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
