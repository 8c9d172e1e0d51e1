"""Where placements led before their targets were corrected.

Made on 2026-11-26.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "past_target"
down_revision: str | None = "daily_click"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OPERATOR = "(SELECT current_setting('kutsu.operator', true)) = 'on'"
LIST = "(SELECT nullif(current_setting('kutsu.{name}', true), '')::uuid[])::uuid[]"


def upgrade() -> None:
    op.create_table(
        "past_target",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("target_url", sa.String(length=2000), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_past_target_placement_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_past_target_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_target")),
    )
    op.create_index("ix_past_target_placement_id", "past_target", ["placement_id"])
    if op.get_bind().dialect.name == "postgresql":
        protect("past_target")


def downgrade() -> None:
    op.drop_table("past_target")


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
