"""What stages, splits, formats and rows are called in the reader's language."""

from collections.abc import Iterable, Sequence

from app.funnel.stage import STAGES, Stage
from app.i18n import _, current_language, ngettext
from app.planning.asset import Format
from app.planning.channel import ChannelKind, CostModel
from app.planning.persona_schema import MeetingKind, Specialty
from app.reports.scope import By, View

INNER_QUOTES = str.maketrans({"“": "‘", "”": "’", "„": "‚", "«": "‘", "»": "’"})
ALIKE_ON_BOTH_SIDES = ("fi", "sv")
"""Languages that open and close a quotation by the same mark."""


MOST_NAMED = 3
"""Of what a sentence names by way of example."""


def quotable(name: str) -> str:
    """A name as it stands inside quotation marks: the marks that it has itself become the language's single ones."""
    inner = name.translate(INNER_QUOTES)
    return inner.replace("‘", "’") if current_language() in ALIKE_ON_BOTH_SIDES else inner


def name_few(said: Sequence[str], most: int = MOST_NAMED) -> str:
    """The first of what is named, and whether there are others."""
    some = ", ".join(said[:most])
    return some if len(said) <= most else _("%(some)s and others", some=some)


def quote_few(names: Sequence[str]) -> str:
    """The same of names, each in quotation marks."""
    return name_few([_("“%(name)s”", name=quotable(name)) for name in names])


def stage_name(stage: Stage) -> str:
    """The stage as the head of a column."""
    return {
        Stage.APPLIED: _("Applied"),
        Stage.SCREENED: _("Screened"),
        Stage.INTERVIEW: _("Interview"),
        Stage.OFFER: _("Offer"),
        Stage.HIRED: _("Hired"),
        Stage.STARTED: _("Started"),
    }[stage]


def not_recorded_words(slugs: Iterable[str]) -> str:
    """Which stages are left out, and why; nothing where none is."""
    names = ", ".join(stage_name(STAGES[slug]) for slug in slugs)
    return _("Not recorded by any system: %(stages)s.", stages=names) if names else ""


def to_stage(stage: Stage) -> str:
    """Where an ad moved somebody: `to interview`."""
    return {
        Stage.APPLIED: _("to apply"),
        Stage.SCREENED: _("to screening"),
        Stage.INTERVIEW: _("to interview"),
        Stage.OFFER: _("to an offer"),
        Stage.HIRED: _("to a hire"),
        Stage.STARTED: _("to a first day at work"),
    }[stage]


def came_to_stage(stage: Stage) -> str:
    """What a number of people did: `came to interview`."""
    return {
        Stage.APPLIED: _("applied"),
        Stage.SCREENED: _("came to screening"),
        Stage.INTERVIEW: _("came to interview"),
        Stage.OFFER: _("got an offer"),
        Stage.HIRED: _("got hired"),
        Stage.STARTED: _("started work"),
    }[stage]


def by_name(by: By) -> str:
    """One thing that a row stands for."""
    return {
        By.PLACEMENT: _("Placement"),
        By.ASSET: _("Asset"),
        By.FORMAT: _("Format"),
        By.CHANNEL: _("Channel"),
        By.CAMPAIGN: _("Campaign"),
        By.PERSONA: _("Persona"),
        By.FACTOR: _("Factor"),
        By.CLAIM: _("Promise"),
        By.THEME: _("Theme"),
    }[by]


def persona_says() -> str:
    """Whom a persona stands for wherever applicants are counted by it."""
    return _("A persona's row counts the applicants of ads made for that persona, whoever they are.")


def of_all(by: By, n: int) -> str:
    """A number of what the rows stand for, as in `2 of 24 placements`."""
    return {
        By.PLACEMENT: ngettext("%(n)s placement", "%(n)s placements", n),
        By.ASSET: ngettext("%(n)s asset", "%(n)s assets", n),
        By.FORMAT: ngettext("%(n)s format", "%(n)s formats", n),
        By.CHANNEL: ngettext("%(n)s channel", "%(n)s channels", n),
        By.CAMPAIGN: ngettext("%(n)s campaign", "%(n)s campaigns", n),
        By.PERSONA: ngettext("%(n)s persona's ads", "%(n)s personas' ads", n),
        By.FACTOR: ngettext("%(n)s factor", "%(n)s factors", n),
        By.CLAIM: ngettext("%(n)s promise", "%(n)s promises", n),
        By.THEME: ngettext("%(n)s theme", "%(n)s themes", n),
    }[by]


def specialty_name(specialty: str) -> str:
    """What a doctor works in; a word of the sending system's own stands for itself."""
    return {
        Specialty.GENERAL_PRACTICE.value: _("General practice"),
        Specialty.RESIDENT_GENERAL_PRACTICE.value: _("Resident in general practice"),
        Specialty.UNSPECIALISED.value: _("Not specialised"),
        Specialty.OTHER_SPECIALTY.value: _("Another specialty"),
    }.get(specialty, specialty)


def format_name(format: str) -> str:
    """The kind of creative."""
    return {
        Format.POSTER: _("Poster"),
        Format.VIDEO: _("Video"),
        Format.SOCIAL_AD: _("Social ad"),
        Format.DISPLAY_AD: _("Display ad"),
        Format.SEARCH_AD: _("Search ad"),
        Format.NEWSLETTER: _("Newsletter"),
        Format.EVENT: _("Event"),
        Format.ARTICLE: _("Article"),
        Format.INTERVIEW: _("Interview with a doctor"),
        Format.LANDING_PAGE: _("Landing page"),
        Format.RADIO: _("Radio"),
        Format.PRINT: _("Print"),
        Format.JOB_AD: _("Job advertisement"),
    }[Format(format)]


def channel_kind_name(kind: str) -> str:
    """The kind of channel, or of place where a persona is met."""
    names: dict[str, str] = {
        ChannelKind.OUT_OF_HOME: _("Out of home"),
        ChannelKind.SOCIAL: _("Social media"),
        ChannelKind.SEARCH: _("Search"),
        ChannelKind.DISPLAY: _("Display"),
        ChannelKind.VIDEO: _("Video"),
        ChannelKind.EMAIL: _("E-mail"),
        ChannelKind.EVENT: _("Event"),
        ChannelKind.REFERRAL: _("Referral"),
        ChannelKind.JOB_BOARD: _("Job board"),
        ChannelKind.RADIO: _("Radio"),
        ChannelKind.PRINT: _("Print"),
        ChannelKind.OWN_SITE: _("Own site"),
        MeetingKind.WEBSITE: _("Website"),
        MeetingKind.ARTICLE: _("Article"),
        MeetingKind.NEWSLETTER: _("Newsletter"),
        MeetingKind.POSTER: _("Poster"),
    }
    return names[kind]


def cost_model_name(model: str) -> str:
    """What is paid for in a channel."""
    return {
        CostModel.PER_CLICK: _("paid by the click"),
        CostModel.PER_THOUSAND: _("paid by the thousand views"),
        CostModel.PER_PERIOD: _("paid by the period"),
        CostModel.FIXED: _("paid at a fixed price"),
        CostModel.FREE: _("free of charge"),
    }[CostModel(model)]


def model_name(model: str) -> str:
    """One way of sharing credit, as the head of a column."""
    return {
        "first": _("First touch"),
        "last": _("Last touch"),
        "linear": _("Equal parts"),
        "time_decay": _("The later the more"),
        "position": _("Ends more"),
        "shapley": _("Shapley"),
        "any": _("Any touch"),
        "markov": _("Markov"),
    }[model]


def view_name(view: View) -> str:
    """How the funnel counts, in a word."""
    return {
        View.COHORT: _("By application date"),
        View.ACTIVITY: _("By event date"),
        View.SNAPSHOT: _("Now"),
    }[view]


def days_name(view: View) -> str:
    """The field with the first day of the period that this way of counting is limited to."""
    return _("Happened from") if view is View.ACTIVITY else _("Applied from")


def counted_by(view: View) -> str:
    """How the funnel counts, as part of the line that says what was read."""
    return {
        View.COHORT: _("by date of application"),
        View.ACTIVITY: _("activity by event date"),
        View.SNAPSHOT: _("where everybody stands now"),
    }[view]
