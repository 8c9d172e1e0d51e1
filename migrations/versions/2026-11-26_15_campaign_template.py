"""Campaigns that are templates, and the choice to share them with units.

Made on 2026-11-26.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "campaign_template"
down_revision: str | None = "naming_preset"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OPERATOR = "(SELECT current_setting('kutsu.operator', true)) = 'on'"
SHARING = "SELECT o.id FROM organisation AS o WHERE o.id = ANY ({above}) AND o.shares_templates"
FLAGS = (("organisation", "shares_templates"), ("campaign", "template"))


def upgrade() -> None:
    for table, flag in FLAGS:
        op.add_column(table, sa.Column(flag, sa.Boolean(), nullable=False, server_default=sa.false()))
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column(flag, server_default=None)
    own = f"{OPERATOR} OR organisation_id = ANY ({setting('organisations')})"
    let_read(f"{own} OR (template AND organisation_id IN ({SHARING.format(above=setting('above'))}))")


def downgrade() -> None:
    let_read(f"{OPERATOR} OR organisation_id = ANY ({setting('organisations')})")
    for table, flag in FLAGS:
        op.drop_column(table, flag)


def let_read(rule: str) -> None:
    """Say anew who reads campaigns; who writes them stays as it is."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP POLICY kutsu_read ON campaign")
        op.execute(f"CREATE POLICY kutsu_read ON campaign FOR SELECT USING ({rule})")


def setting(name: str) -> str:
    """A list of organisations that the transaction was told; in a query of its own, so that it is read once."""
    return f"(SELECT nullif(current_setting('kutsu.{name}', true), '')::uuid[])::uuid[]"
