"""What every row that people make has: a key, and a revision that moves with each change."""

import datetime as dt
import uuid

from sqlalchemy.orm import Mapped, mapped_column

from app.database import OfOrganisation, new_id


class PlanRow(OfOrganisation):
    """A row of the plan; `revision` is what an ETag names."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]
