"""Sources that were made by hand in connected systems, one for each placement.

Made on 2026-11-26.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "made_source"
down_revision: str | None = "put_aside"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OPERATOR = "(SELECT current_setting('kutsu.operator', true)) = 'on'"
LIST = "(SELECT nullif(current_setting('kutsu.{name}', true), '')::uuid[])::uuid[]"


def upgrade() -> None:
    op.create_table(
        "made_source",
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name=op.f("fk_made_source_connection_id")),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_made_source_placement_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_made_source_organisation_id")),
        sa.PrimaryKeyConstraint("connection_id", "placement_id", name=op.f("pk_made_source")),
    )
    if op.get_bind().dialect.name == "postgresql":
        protect("made_source")


def downgrade() -> None:
    op.drop_table("made_source")


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
