"""What campaigns aim at, how their expectation is reckoned, and who brought them to what they are.

Made on 2026-11-26.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "campaign_aim"
down_revision: str | None = "invoice"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COLUMNS = ("aim", "reckoning", "steps")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("campaign", sa.Column(name, sa.JSON(), nullable=True))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("campaign", name)
