"""A town's plan with a row of each noun, every text of it marked, for sweeps over all routes to meet."""

import uuid
from typing import Any

from sqlalchemy.orm import Session

from app.access.barrier_report import BarrierReport
from app.access.token import Role, issue_token
from app.access.user import create_user
from app.database import Database
from app.files.store import FileStore, beside
from app.funnel.daily_ad_total import AdImport, ImportState, Platform
from app.funnel.stage import StageMapping
from app.intake.connection import Connection
from app.intake.sealing import Sealer
from app.intake.vendors import connect
from app.planning.alias import SourceAliasIn, create_source_alias
from app.planning.calendar_share import CalendarShareIn, share_calendar
from app.planning.invoice import InvoiceIn, record_invoice
from app.planning.job import JobIn, create_job
from app.planning.naming import NamingPresetIn, create_naming_preset
from app.reports.saved_view import keep_view
from app.settings import derive_key
from app.tasks.task import enqueue
from tests.files.holding import bring
from tests.files.samples import CAPTIONS
from tests.support.plan import NOW, a_campaign, a_channel, a_claim, a_persona, a_placement, an_asset, text

SEALER = Sealer([derive_key(b"k" * 32, "credentials")])
"""What the applications of these tests seal with."""
NOUNS = (
    "persona", "claim", "campaign", "asset", "channel", "placement", "job", "source_alias", "naming_preset",
    "connection",
)  # fmt: skip


def lay_plan(database: Database, organisation: uuid.UUID, mark: str, files: FileStore | None = None) -> dict[str, str]:
    """Lay the plan; gives each row's key by the name that paths give it."""
    with database.writing(organisation) as session:
        return _lay(session, mark, files or FileStore(beside(database.url)))


def _connect(session: Session, mark: str) -> Connection:
    connection = connect(session, "teamtailor", f"{mark} ATS", "eu", {"key": "k"}, sealer=SEALER, now=NOW)
    session.add(StageMapping(system=connection.system, stage_ref="1", name=f"{mark} stage", stage=None))
    return connection


def _lay(session: Session, mark: str, files: FileStore) -> dict[str, str]:
    slug = mark.lower()
    persona = a_persona(session, slug=f"{slug}-persona", name=text(mark), summary=text(mark))
    claim = a_claim(session, slug=f"{slug}-claim", text=text(mark))
    asset = an_asset(session, name=f"{mark} asset", claim_ids=[claim.id])
    campaign = a_campaign(session, name=f"{mark} campaign", status="live")
    channel = a_channel(session, name=f"{mark} channel")
    placement = a_placement(
        session, name=f"{mark} placement", asset_id=asset.id, persona_id=persona.id, campaign_id=campaign.id,
        channel_id=channel.id, status="live",
    )  # fmt: skip
    job = {"title": f"{mark} job", "specialty": "general_practice", "opens_on": "2026-03-01"}
    alias = {"kind": "label", "observed": f"{slug} label", "channel_id": channel.id}
    preset = {"name": f"{mark} preset", "pattern": f"{mark} {{campaign}}"}
    user = create_user(session, f"{slug}@sweep.example", mark, None, now=NOW)
    view = keep_view(session, user.id, f"{mark} view", "/funnel", "", shared=True, now=NOW)
    report = BarrierReport(text=f"{mark} barrier", page="", told_at=NOW)
    session.add(report)
    held = AdImport(
        name=f"{mark} file", platform=Platform.META, state=ImportState.HELD, at=NOW, first_day=NOW.date(),
        last_day=NOW.date(), count=1, sums_left_out=0, currency="EUR", spend_minor=100,
        rows=[["2026-03-01", "", f"{mark} campaign", "", None, 1, 1, 100, None]],
    )  # fmt: skip
    session.add(held)
    session.flush()
    invoice = {
        "campaign_id": campaign.id, "reference": f"{mark} invoice", "starts_on": "2026-03-03", "ends_on": "2026-03-30",
        "amount": {"amount": "10", "currency": "EUR"},
    }  # fmt: skip
    rows: dict[str, Any] = {
        "invoice": record_invoice(session, InvoiceIn.model_validate(invoice), now=NOW),
        "report": report,
        "share": share_calendar(session, CalendarShareIn(name=f"{mark} share"), now=NOW)[0],
        "import": held,
        "file": bring(session, files, asset, CAPTIONS + mark.encode(), f"{mark} file.vtt", language="fi"),
        "view": view,
        "naming_preset": create_naming_preset(session, NamingPresetIn.model_validate(preset), now=NOW),
        "persona": persona, "claim": claim, "campaign": campaign, "asset": asset, "channel": channel,
        "placement": placement, "job": create_job(session, JobIn.model_validate(job), now=NOW),
        "source_alias": create_source_alias(session, SourceAliasIn.model_validate(alias), now=NOW),
        "token": issue_token(session, f"{mark} system", Role.VIEWER, now=NOW)[0],
        "connection": _connect(session, mark),
        "task": enqueue(session, "sweep", f"{mark} task", now=NOW),
    }  # fmt: skip
    return {f"{noun}_id": str(row.id) for noun, row in rows.items()} | {
        "id": str(placement.id), "slug": persona.slug, "name": "nothing.css", "word": view.word, "check": "sources",
        "format": "json", "which": "older",
    }  # fmt: skip
