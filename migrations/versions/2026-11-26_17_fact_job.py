"""The facts of a job are found without going through all: its title is read anew whenever one of them is taken back.

Made on 2026-11-26.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "fact_job"
down_revision: str | None = "refusal_count"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    of_job = sa.text("job IS NOT NULL")
    op.create_index("ix_fact_job", "fact", ["job"], sqlite_where=of_job, postgresql_where=of_job)


def downgrade() -> None:
    op.drop_index("ix_fact_job", "fact")
