"""Naming presets, and the choice to share them with units.

Made on 2026-11-25.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "naming_preset"
down_revision: str | None = "small_counts"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OPERATOR = "(SELECT current_setting('kutsu.operator', true)) = 'on'"
SHARING = "SELECT o.id FROM organisation AS o WHERE o.id = ANY ({above}) AND o.shares_presets"


def upgrade() -> None:
    op.add_column("organisation", sa.Column("shares_presets", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.alter_column("shares_presets", server_default=None)
    op.create_table(
        "naming_preset",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("pattern", sa.String(length=200), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_naming_preset_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_naming_preset")),
        sa.UniqueConstraint("organisation_id", "name", name=op.f("uq_naming_preset_organisation_id_name")),
    )
    if op.get_bind().dialect.name == "postgresql":
        protect("naming_preset")


def downgrade() -> None:
    op.drop_table("naming_preset")
    op.drop_column("organisation", "shares_presets")


def protect(table: str) -> None:
    """Rows are read by those whose they are and those they are shared with, and written by the former."""
    own, written = (f"{OPERATOR} OR organisation_id = ANY ({setting(name)})" for name in ("organisations", "own"))
    read = f"{own} OR organisation_id IN ({SHARING.format(above=setting('above'))})"
    op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
    op.execute(f'CREATE POLICY kutsu_read ON "{table}" FOR SELECT USING ({read})')
    op.execute(f'CREATE POLICY kutsu_add ON "{table}" FOR INSERT WITH CHECK ({written})')
    op.execute(f'CREATE POLICY kutsu_change ON "{table}" FOR UPDATE USING ({written}) WITH CHECK ({written})')
    op.execute(f'CREATE POLICY kutsu_delete ON "{table}" FOR DELETE USING ({written})')


def setting(name: str) -> str:
    """A list of organisations that the transaction was told; in a query of its own, so that it is read once."""
    return f"(SELECT nullif(current_setting('kutsu.{name}', true), '')::uuid[])::uuid[]"
