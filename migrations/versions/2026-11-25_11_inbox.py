"""The inbox of webhook deliveries, the keys their bodies are sealed with, what was counted of them, and the
secrets that they are signed with.

Made on 2026-11-25.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "inbox"
down_revision: str | None = "link_hosts"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INTAKE_ROLE = "kutsu_intake"
TABLES = ("inbox", "inbox_reference", "inbox_key", "hook_day")
OPERATOR = "(SELECT current_setting('kutsu.operator', true)) = 'on'"
LIST = "(SELECT nullif(current_setting('kutsu.{name}', true), '')::uuid[])::uuid[]"


def upgrade() -> None:
    with op.batch_alter_table("connection", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hook_scheme", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("hook_secrets", sa.LargeBinary(), nullable=True))
    op.create_table(
        "inbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("trust", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("projected_at", sa.BigInteger(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name=op.f("fk_inbox_connection_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_inbox_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint(
            "connection_id", "delivery_key", "body_digest", name=op.f("uq_inbox_connection_id_delivery_key_body_digest")
        ),
    )
    received, unsettled = sa.text("state = 'received'"), sa.text("state IN ('needs_mapping', 'dead')")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index("ix_inbox_due_at", ["due_at"], sqlite_where=received, postgresql_where=received)
        batch_op.create_index(
            "ix_inbox_state", ["organisation_id", "state"], sqlite_where=unsettled, postgresql_where=unsettled
        )
    op.create_table(
        "inbox_reference",
        sa.Column("inbox_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.LargeBinary(length=16), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inbox_id"], ["inbox.id"], name=op.f("fk_inbox_reference_inbox_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_inbox_reference_organisation_id")
        ),
        sa.PrimaryKeyConstraint("inbox_id", "reference", name=op.f("pk_inbox_reference")),
    )
    with op.batch_alter_table("inbox_reference", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inbox_reference_reference"), ["reference"], unique=False)
    op.create_table(
        "inbox_key",
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name=op.f("fk_inbox_key_connection_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_inbox_key_organisation_id")),
        sa.PrimaryKeyConstraint("connection_id", "day", name=op.f("pk_inbox_key")),
    )
    counts = ("received", "duplicate", "late", "refused", "oversize", "conflict", "dead")
    op.create_table(
        "hook_day",
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        sa.Column("last_refused_at", sa.BigInteger(), nullable=True),
        sa.Column("last_refused", sa.LargeBinary(length=32), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name=op.f("fk_hook_day_connection_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_hook_day_organisation_id")),
        sa.PrimaryKeyConstraint("connection_id", "day", name=op.f("pk_hook_day")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            protect(table)
        if knows_intake_role():
            op.execute(f"GRANT INSERT ON inbox TO {INTAKE_ROLE}")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    with op.batch_alter_table("connection", schema=None) as batch_op:
        batch_op.drop_column("hook_secrets")
        batch_op.drop_column("hook_scheme")


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
