"""The chain of organisations: units, what is shared with them, where applications are placed; and on PostgreSQL
row-level security on every table with rows of organisations.

Made on 2026-11-22.

What PostgreSQL goes by is set for each transaction (`app.sight`). A session without it sees nothing, the
operator's sees everything. Row-level security is forced, so it binds the owner of the tables too; a superuser is
never bound, so Kutsu should not connect as one.
"""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "chain"
down_revision: str | None = "audit"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INTAKE_ROLE = "kutsu_intake"
OPERATOR = "(SELECT current_setting('kutsu.operator', true)) = 'on'"
PLACED = "SELECT placed.organisation_id, placed.{what} FROM application AS placed WHERE placed.unit_id = ANY ({units})"
SHARING = "SELECT o.id FROM organisation AS o WHERE o.id = ANY ({above}) AND o.{flag}"
PLACED_ROWS = {
    "stage_change": ("application_id", "id"),
    "outcome": ("application_id", "id"),
    "touchpoint": ("person_id", "person_id"),
    "observed_job": ("id", "job_id"),
    "system_progress": ("system", "system"),
    "stage_mapping": ("system", "system"),
}
SHARED_ROWS = {
    "persona": "shares_personas",
    "factor": "shares_personas",
    "claim": "shares_claims",
    "channel": "shares_channels",
    "source_alias": "shares_channels",
}


def upgrade() -> None:
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        for noun in ("personas", "claims", "channels"):
            batch_op.add_column(sa.Column(f"shares_{noun}", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.drop_constraint(batch_op.f("uq_organisation_name"), type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_organisation_parent_id_name"), ["parent_id", "name"])
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        for noun in ("personas", "claims", "channels"):
            batch_op.alter_column(f"shares_{noun}", server_default=None)
        batch_op.create_index(
            "uq_organisation_root",
            ["name"],
            unique=True,
            sqlite_where=sa.text("parent_id IS NULL"),
            postgresql_where=sa.text("parent_id IS NULL"),
        )
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unit_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_application_unit_id"), "organisation", ["unit_id"], ["id"])
        batch_op.create_index(
            "ix_application_unit_id",
            ["unit_id"],
            unique=False,
            sqlite_where=sa.text("unit_id IS NOT NULL"),
            postgresql_where=sa.text("unit_id IS NOT NULL"),
        )
    op.create_table(
        "unit_mapping",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("system", sa.String(length=80), nullable=False),
        sa.Column("department", sa.String(length=200), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_unit_mapping_organisation_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["organisation.id"], name=op.f("fk_unit_mapping_unit_id")),
        sa.PrimaryKeyConstraint("organisation_id", "system", "department", name=op.f("pk_unit_mapping")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in owned_tables():
            protect(table)
        prepare_intake_role()


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        forget_intake_role()
        for table in owned_tables():
            unprotect(table)
    op.drop_table("unit_mapping")
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.drop_index("ix_application_unit_id")
        batch_op.drop_constraint(batch_op.f("fk_application_unit_id"), type_="foreignkey")
        batch_op.drop_column("unit_id")
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_index("uq_organisation_root")
        batch_op.drop_constraint(batch_op.f("uq_organisation_parent_id_name"), type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_organisation_name"), ["name"])
        for noun in ("channels", "claims", "personas"):
            batch_op.drop_column(f"shares_{noun}")


def owned_tables() -> Iterator[str]:
    """Every table whose rows belong to an organisation, whichever migration before this one made it."""
    inspector = sa.inspect(op.get_bind())
    for table in sorted(inspector.get_table_names()):
        if any(column["name"] == "organisation_id" for column in inspector.get_columns(table)):
            yield table


def protect(table: str) -> None:
    """Rows are read by those who may see them, and written by those whose they are."""
    written = f"{OPERATOR} OR organisation_id = ANY ({setting('own')})"
    op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
    op.execute(f'CREATE POLICY kutsu_read ON "{table}" FOR SELECT USING ({read_by(table)})')
    op.execute(f'CREATE POLICY kutsu_add ON "{table}" FOR INSERT WITH CHECK ({written})')
    op.execute(f'CREATE POLICY kutsu_change ON "{table}" FOR UPDATE USING ({written}) WITH CHECK ({written})')
    op.execute(f'CREATE POLICY kutsu_delete ON "{table}" FOR DELETE USING ({written})')


def read_by(table: str) -> str:
    own = f"{OPERATOR} OR organisation_id = ANY ({setting('organisations')})"
    units, above = setting("organisations"), setting("above")
    if table == "application":  # a policy may not ask its own table
        return f"{own} OR unit_id = ANY ({units})"
    if table in PLACED_ROWS:
        column, what = PLACED_ROWS[table]
        return f"{own} OR (organisation_id, {column}) IN ({PLACED.format(what=what, units=units)})"
    if table in SHARED_ROWS:
        return f"{own} OR organisation_id IN ({SHARING.format(above=above, flag=SHARED_ROWS[table])})"
    return own


def setting(name: str) -> str:
    """A list of organisations that the transaction was told; in a query of its own, so that it is read once."""
    return f"(SELECT nullif(current_setting('kutsu.{name}', true), '')::uuid[])::uuid[]"


def unprotect(table: str) -> None:
    for policy in ("kutsu_read", "kutsu_add", "kutsu_change", "kutsu_delete"):
        op.execute(f'DROP POLICY {policy} ON "{table}"')
    op.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
    op.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')


def prepare_intake_role() -> None:
    """The role of the hot doors, which add rows and read none: each table that a door fills grants it INSERT and
    nothing else where the table is made. Left to the database's administrator where migrations may make no role."""
    may = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    there = f"SELECT 1 FROM pg_roles WHERE rolname = '{INTAKE_ROLE}'"  # noqa: S608 (a name of ours)
    bind = op.get_bind()
    if bind.scalar(sa.text(there)) is None and bind.scalar(sa.text(may)):
        op.execute(f"CREATE ROLE {INTAKE_ROLE} NOLOGIN")
    if bind.scalar(sa.text(there)):
        op.execute(f"GRANT USAGE ON SCHEMA public TO {INTAKE_ROLE}")
        op.execute(f"GRANT INSERT ON fact TO {INTAKE_ROLE}")


def forget_intake_role() -> None:
    """Take its rights here away; the role is the whole server's and may serve another database."""
    there = f"SELECT 1 FROM pg_roles WHERE rolname = '{INTAKE_ROLE}'"  # noqa: S608 (a name of ours)
    if op.get_bind().scalar(sa.text(there)):
        op.execute(f"REVOKE INSERT ON fact FROM {INTAKE_ROLE}")
        op.execute(f"REVOKE USAGE ON SCHEMA public FROM {INTAKE_ROLE}")
