"""Further personas that a placement is for.

Made on 2026-11-27.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "placement_persona"
down_revision: str | None = "signed_day"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OPERATOR = "(SELECT current_setting('kutsu.operator', true)) = 'on'"


def upgrade() -> None:
    op.create_table(
        "placement_persona",
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("persona_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_placement_persona_organisation_id")
        ),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], name=op.f("fk_placement_persona_persona_id")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_placement_persona_placement_id")),
        sa.PrimaryKeyConstraint("placement_id", "persona_id", name=op.f("pk_placement_persona")),
    )
    op.create_index(op.f("ix_placement_persona_persona_id"), "placement_persona", ["persona_id"])
    if op.get_bind().dialect.name == "postgresql":
        protect("placement_persona")


def downgrade() -> None:
    op.drop_table("placement_persona")


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
