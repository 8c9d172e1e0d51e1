"""SQLite looks up applications by their keys, however many of them it is asked for at once.

Without figures of a table it takes an organisation to have a dozen applications: to find 2,000 of them by their keys
it went through all that the organisation had, three times in each step of a replay. With figures that are the same in
every installation its plans are too, and nothing has to be counted anew from time to time. PostgreSQL counts by itself.

Made on 2026-11-26.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "lookup_plans"
down_revision: str | None = "barrier_report"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROWS_FOR_EACH = {"ix_application_applied": "1000000 50000 2", "ix_application_person_id": "1000000 2"}
"""Of indices of applications: how many rows there are, and how many for each value of the first columns of the key."""


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    op.execute("ANALYZE organisation")  # there is no other way to make the table of figures
    op.execute("DELETE FROM sqlite_stat1")
    figures = sa.table("sqlite_stat1", sa.column("tbl"), sa.column("idx"), sa.column("stat"))
    for index, rows in ROWS_FOR_EACH.items():
        op.execute(figures.insert().values(tbl="application", idx=index, stat=rows))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DELETE FROM sqlite_stat1")
