"""How often the links of placements were followed, by code, day and who seems to have followed them.

Made on 2026-11-26.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "daily_click"
down_revision: str | None = "lookup_plans"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INTAKE_ROLE = "kutsu_intake"
OPERATOR = "(SELECT current_setting('kutsu.operator', true)) = 'on'"
LIST = "(SELECT nullif(current_setting('kutsu.{name}', true), '')::uuid[])::uuid[]"


def upgrade() -> None:
    op.create_table(
        "daily_click",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("follower", sa.String(length=8), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_daily_click_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", "code", "day", "follower", name=op.f("pk_daily_click")),
    )
    if op.get_bind().dialect.name == "postgresql":
        protect("daily_click")
        if knows_intake_role():
            # A count is read to be added to. It says nothing of anybody.
            op.execute(f"GRANT SELECT, INSERT, UPDATE (n) ON daily_click TO {INTAKE_ROLE}")


def downgrade() -> None:
    op.drop_table("daily_click")


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


def knows_intake_role() -> bool:
    """Whether the server has the role of the hot doors, which the chain's migration makes where it may."""
    there = sa.text(f"SELECT 1 FROM pg_roles WHERE rolname = '{INTAKE_ROLE}'")  # noqa: S608 (a name of ours)
    return op.get_bind().scalar(there) is not None
