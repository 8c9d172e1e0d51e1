"""Row-level security on the organisations themselves, on PostgreSQL: whoever is of one knows those in one line with it.

Made on 2026-11-25.

The tables with rows of organisations had it from the beginning of the chain; the list of organisations had not, so a
statement past the sessions' filter could still read how every other employer is called.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "kin"
down_revision: str | None = "connection_state"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OPERATOR = "(SELECT current_setting('kutsu.operator', true)) = 'on'"
POLICIES = ("kutsu_read", "kutsu_add", "kutsu_change", "kutsu_delete")


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    own, below, above = setting("own"), setting("below"), setting("above")
    changed = f"{OPERATOR} OR id = ANY ({own}) OR id = ANY ({below})"
    # A unit that was founded in this transaction is in no list yet, but its parent is.
    founded = f"{OPERATOR} OR parent_id = ANY ({own}) OR parent_id = ANY ({below})"
    op.execute("ALTER TABLE organisation ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE organisation FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY kutsu_read ON organisation FOR SELECT USING ({changed} OR id = ANY ({above}) OR {founded})"
    )
    op.execute(f"CREATE POLICY kutsu_add ON organisation FOR INSERT WITH CHECK ({founded})")
    op.execute(f"CREATE POLICY kutsu_change ON organisation FOR UPDATE USING ({changed}) WITH CHECK ({changed})")
    op.execute(f"CREATE POLICY kutsu_delete ON organisation FOR DELETE USING ({OPERATOR})")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for policy in POLICIES:
        op.execute(f"DROP POLICY {policy} ON organisation")
    op.execute("ALTER TABLE organisation NO FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE organisation DISABLE ROW LEVEL SECURITY")


def setting(name: str) -> str:
    """A list of organisations that the transaction was told; in a query of its own, so that it is read once."""
    return f"(SELECT nullif(current_setting('kutsu.{name}', true), '')::uuid[])::uuid[]"
