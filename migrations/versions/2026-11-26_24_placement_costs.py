"""What placements cost beside their flights, the tax on top, and since when their links are there.

Made on 2026-11-26.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "placement_costs"
down_revision: str | None = "daily_ad_total"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COLUMNS = {"vat_hundredths": sa.Integer(), "production_cost_minor": sa.BigInteger(), "linked_on": sa.Date()}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("placement", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("placement", name)
