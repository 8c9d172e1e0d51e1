"""What people call what the audit names: fields of what changed, counts that were told, and files that left."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache

from app.i18n import _, current_language, number


def fields_words(fields: Iterable[str]) -> str:
    """The fields of an entry as people know them, each word once."""
    return ", ".join(dict.fromkeys(map(field_words, fields)))


def field_words(field: str) -> str:
    """A field as people know it, or a count that was told with its number; a new one keeps its technical name."""
    told, _colon, count = field.partition(":")
    if count.isdecimal() and told in _TOLD:
        return _TOLD[told](number(int(count)))
    return _fields(current_language()).get(field, field)


def file_words(name: str) -> str:
    """A file that left, as the page is called that it was taken from: `Funnel (CSV)`; others by their own name."""
    stem, _dot, ending = name.rpartition(".")
    words = _pages(current_language()).get(stem.partition("/")[0])
    return f"{words} ({ending.upper()})" if words else name


_TOLD: Mapping[str, Callable[[str], str]] = {
    "accepted": lambda n: _("%(n)s taken in", n=n),
    "failures": lambda n: _("%(n)s wrong in a row", n=n),
    "refused": lambda n: _("%(n)s turned down", n=n),
    "times": lambda n: _("%(n)s times", n=n),
}


@cache
def _pages(_language: str) -> Mapping[str, str]:
    """Each page in the reader's language, by what its file is called."""
    return {
        "ad-totals": _("Ad platforms' files"),
        "applications": _("Applications"),
        "audit": _("Audit"),
        "beside": _("Beside each other"),
        "calendar": _("Calendar"),
        "counts": _("Do the counts agree?"),
        "effectiveness": _("Verdicts"),
        "explain": _("Why we say this"),
        "forecasts": _("Forecasts"),
        "funnel": _("Funnel"),
        "messages": _("Who is told what"),
        "monthly": _("Months"),
        "paths": _("Paths"),
        "personas": _("Personas"),
        "plan": _("The plan as a file"),
        "shares": _("Share by days after applying"),
        "split": _("Funnel"),
        "unknown": _("Not known"),
        "unmatched": _("Sources without a meaning yet"),
        "verdicts": _("Verdicts"),
        "ways": _("How credit could be shared"),
        "weeks": _("Week by week"),
    }


@cache
def _fields(_language: str) -> Mapping[str, str]:
    """Each field's word in the reader's language; what a form shows as one thing is one word."""
    said = {
        "company company_name": _("account"),
        "base_url url": _("address on the web"),
        "amount_minor": _("amount"),
        "approved_at approved_by": _("approval"),
        "asset asset_id": _("asset"),
        "audience": _("audience"),
        "booked_cost_minor": _("booked cost"),
        "budget_minor": _("budget"),
        "actor_kind actor_name added_by invited_by user_id written_by": _("by whom"),
        "campaign campaign_id": _("campaign"),
        "career_stage": _("career stage"),
        "channel channel_id": _("channel"),
        "channels": _("channels"),
        "concept": _("concept"),
        "connection_id": _("connection"),
        "contact": _("contact"),
        "spend_minor": _("cost by the platform"),
        "currency": _("currency"),
        "paused_at disconnected_at": _("pause or disconnection"),
        "linked_on": _("day of its link"),
        "department": _("department"),
        "email": _("e-mail address"),
        "expected_funnel reckoning aim": _("expectation"),
        "factor factors": _("factor"),
        "first_day opens_on starts_on": _("first day"),
        "format": _("format"),
        "hook_scheme hook_settings": _("how deliveries are signed"),
        "cost_model": _("how it is paid"),
        "retention_days": _("how long data is kept"),
        "tone": _("how to speak"),
        "invoiced_cost_minor": _("invoiced cost"),
        "observed_jobs": _("jobs of your systems"),
        "credentials digest prefix secret_digest": _("key"),
        "kind media_type": _("kind"),
        "language locale": _("language"),
        "languages": _("languages"),
        "closes_on ends_on expires_at last_day until": _("last day"),
        "booking_closes_at booking_closes_days booking_closes_on": _("last day to book"),
        "reviewed_on": _("last review"),
        "last_used_at used_at": _("last use"),
        "lead_time_days": _("lead time"),
        "locked": _("lock"),
        "stages": _("meanings of stages"),
        "name": _("name"),
        "ats_source_ref observed": _("name of the source"),
        "count openings": _("number"),
        "reference": _("number of the invoice"),
        "objective": _("objective"),
        "parent_id": _("organisation above it"),
        "variant_of_id": _("original"),
        "shares": _("parts of the invoice"),
        "pattern": _("pattern"),
        "consent_expires_on shows_people": _("people shown"),
        "further_links persona persona_id": _("persona"),
        "place": _("place"),
        "placement_id": _("placement"),
        "planned_cost_minor": _("planned cost"),
        "platform": _("platform"),
        "production_cost_minor": _("production"),
        "claim_links claims": _("promises"),
        "path question": _("question"),
        "questions": _("questions"),
        "region": _("region"),
        "removed_at revoked_at": _("removal"),
        "sees_small_counts": _("right to small counts"),
        "scopes": _("rights"),
        "role": _("role"),
        "rows": _("rows"),
        "hook_secrets": _("secret"),
        "shared shares_channels shares_claims shares_personas shares_presets shares_templates": _("sharing"),
        "slug word": _("short name"),
        "situation": _("situation"),
        "height sha256 size width": _("size"),
        "evidence": _("sources and what they say"),
        "specialty": _("specialty"),
        "state status steps": _("status"),
        "system vendor": _("system"),
        "target_url": _("target"),
        "template": _("template"),
        "text": _("text"),
        "alt_text": _("text for those who cannot see or hear it"),
        "theme": _("theme"),
        "added_at at": _("time"),
        "time_zone": _("time zone"),
        "title": _("title"),
        "came_as tracking_code": _("tracking code"),
        "unit unit_id": _("unit"),
        "vat_hundredths": _("VAT rate"),
        "version": _("version"),
        "purpose": _("what it is for"),
        "motivations": _("what moves them"),
        "tracking_mode": _("what may be recorded"),
        "avoid": _("what not to say"),
        "columns_left_out sums_left_out": _("what was left out"),
        "link_hosts": _("where links may lead"),
        "summary": _("in a sentence"),
        "worries": _("worries"),
    }
    return {field: word for fields, word in said.items() for field in fields.split()}
