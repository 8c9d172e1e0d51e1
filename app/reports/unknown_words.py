"""What is not known, in words: what it is, why it is so, what would tell it, and when."""

from collections.abc import Sequence

from app.funnel.stage import Stage
from app.i18n import _, date, ngettext, number, percent
from app.reports.answers import Effectiveness, Funnel
from app.reports.names import quotable, quote_few, stage_name
from app.reports.not_known import Kind, Named, Span, Unit, Unknown
from app.reports.scope import Scope
from app.reports.tally import open_words, tally
from app.reports.tracing_words import traced_finding
from app.reports.wording import nothing_to_judge, pace_finding


def describe(one: Unknown, scope: Scope, funnel: Funnel) -> Unknown:
    """The same with its words."""
    words = {
        "what": _what(one, scope.stage), "why": _why(one, scope), "remedy": _remedy(one),
        "when": _when(one, scope.stage, funnel),
    }  # fmt: skip
    return one.model_copy(update=words)


def unknown_finding(found: Effectiveness, stage: Stage, unexplained: int) -> str:
    """`158 of 431 applications (37 %) cannot be traced to an ad. 40 of them name a source that nobody
    has explained. 125 (29 %) may still come to “Interview” or go out.
    Of 8 ads, for 1 we cannot tell yet, for 3 waiting will not tell.`"""
    totals, counts = found.totals, tally(found)
    if not totals.applications:
        return nothing_to_judge(found.scope)
    said = [traced_finding(found)]
    if unexplained:
        said.append(ngettext("%(n)s of them names a source that nobody has explained yet.",
                             "%(n)s of them name a source that nobody has explained yet.", unexplained))  # fmt: skip
    if totals.pending:
        share = percent(totals.pending / totals.applications)
        said.append(_("%(n)s (%(share)s) may still come to “%(stage)s” or go out.",
                      n=number(totals.pending), share=share, stage=stage_name(stage)))  # fmt: skip
    if counts.cannot_tell:
        said.append(ngettext("Of %(n)s ad, %(open)s.", "Of %(n)s ads, %(open)s.", counts.judged,
                             open=open_words(counts)))  # fmt: skip
    return " ".join(said)


def of_words(unit: Unit, all_: int | None, n: int) -> str:
    """`of 431 applications`, beside a number; where it is not known of how many, only what they are."""
    if all_ is None:
        return ngettext("delivery", "deliveries", n) if unit == "deliveries" else ""
    return {
        "applications": ngettext("of %(n)s application", "of %(n)s applications", all_),
        "ads": ngettext("of %(n)s ad", "of %(n)s ads", all_),
        "stages": ngettext("of %(n)s stage", "of %(n)s stages", all_),
        "systems": ngettext("of %(n)s system", "of %(n)s systems", all_),
    }.get(unit, "")


def _what(one: Unknown, stage: Stage) -> str:
    lacking = {
        Kind.TOO_EARLY: _("too early"),
        Kind.TOO_FEW: _("too few applicants"),
        Kind.ENDED: _("ended with too few applicants"),
        Kind.HARDLY_EVER: _("too few such applicants to ever be told"),
        Kind.TOO_SLOW: _("too few applicants a week"),
        Kind.UNCLEAR: _("the difference is too small to see"),
        Kind.NOBODY_CAME: _("nobody is known to have applied"),
        Kind.NOTHING_BESIDE: _("nothing to compare with"),
    }
    if one.kind in lacking:
        return _("Whether their applicants went further: %(lacking)s", lacking=lacking[one.kind])
    return {
        Kind.NOT_READ: _("What happened there since") if one.n else _("No system has been read yet"),
        Kind.DELIVERIES: _("What they say"),
        Kind.STAGES_UNMAPPED: _("How far they came: a stage has no meaning yet"),
        Kind.STAGES_UNHEARD: _("Whether anybody comes there"),
        Kind.NOT_FOLLOWED: _("Which ads people met on their way"),
        Kind.COST: _("What they cost"),
        Kind.SOURCE_NAME: _("What the name of their source means"),
        Kind.SOURCE: _("Where they came from"),
        Kind.AD_OF_CHANNEL: _("Which ad of the channel"),
        Kind.CODE: _("Whose code it is"),
        Kind.PENDING: _("Whether they come to “%(stage)s”", stage=stage_name(stage)),
        Kind.SHARE: _("What share comes there"),
        Kind.SPECIALTY: _("Their specialty"),
        Kind.BROUGHT: _("How many more applied with them than without"),
    }[one.kind]


def _why(one: Unknown, scope: Scope) -> str:
    days = ngettext("%(n)s day", "%(n)s days", scope.horizon_days)
    return {
        Kind.NOT_READ: _("Not read: %(names)s. What happened since then is not in any number.", names=_since(one.named))
        if one.n else _("Nothing from your systems is here yet."),
        Kind.DELIVERIES: _("Nobody has said what their stage means, or they could not be read."),
        Kind.STAGES_UNMAPPED: _("Nobody has said what it is, so how far they came may be understated: %(names)s.",
                                names=_quoted(one.named)),
        Kind.STAGES_UNHEARD: _("None of your systems has a stage for it, so nobody could be seen there: %(names)s.",
                               names=_quoted(one.named)),
        Kind.NOT_FOLLOWED: _not_followed(one),
        Kind.COST: _("Nothing was planned, booked or invoiced for them, and no file of a platform says what they "
                     "cost."),
        Kind.SOURCE_NAME: _("They name a source, by a label or a site, that nobody has said the meaning of."),
        Kind.SOURCE: _("No code, link or name of a source came with them. They typed the address, heard of it, or "
                       "lost the code on the way."),
        Kind.AD_OF_CHANNEL: _("Their source names a channel, but none of its ads."),
        Kind.CODE: _("No ad has this code: a misprint, or an ad that was never planned."),
        Kind.PENDING: _("They are in the process: they have neither come there nor gone out."),
        Kind.SHARE: _("Too few applicants were followed for %(days)s: %(names)s.", days=days, names=_quoted(one.named)),
        Kind.SPECIALTY: _("No system tells it, so they are compared with each other, not with others of "
                          "their specialty."),
        Kind.TOO_EARLY: _("There are enough applicants, but too many of them have not had the time yet") + ".",
        Kind.TOO_FEW: _("With so few, even an ad that doubles the rate could go unnoticed."),
        Kind.ENDED: _("With so few, even an ad that doubles the rate could go unnoticed, and no more will come."),
        Kind.HARDLY_EVER: _("It would take more than 1,000 applicants to notice an ad that doubles the rate."),
        Kind.TOO_SLOW: _("At the pace at which people apply through them, it would take more than two years."),
        Kind.UNCLEAR: _("There are enough applicants to notice an ad that doubles the rate; the difference is "
                        "smaller than that")
        + ".",
        Kind.NOBODY_CAME: _("Nobody applied through them, or their codes did not come back."),
        Kind.NOTHING_BESIDE: _("No other ad has comparable applicants, or nobody of any ad has come so far."),
        Kind.BROUGHT: _("Weeks with an ad must be compared with weeks without it. There are too few of one kind, or "
                        "several ads ran together."),
    }[one.kind]  # fmt: skip


def _not_followed(one: Unknown) -> str:
    """Which steps before applying are known all the same: attendance, self-report and referral are, in every mode."""
    said = _("Who clicked an ad is not recorded here, so of these at most the source of the application is known.")
    met = (one.all or 0) - (one.n or 0)
    if not met:
        return said
    more = ngettext("Of %(n)s other, an ad met before is known from an event, from their own words or from who sent "
                    "them.", "Of %(n)s others, an ad met before is known from an event, from their own words or from "
                    "who sent them.", met)  # fmt: skip
    return f"{said} {more}"


def _bring_rest(named: Sequence[Named]) -> str:
    """What brings what is missing, by how each system comes; a file does not come by itself."""
    said = {
        "synchronisation": _("Mend what keeps it from being read; the next synchronisation brings the rest."),
        "sender": _("See whether it still sends: it may have stopped, or nothing may have happened there."),
        "file": _("It was read from a file. Nothing more comes from it unless somebody gives a newer file."),
    }
    ways = [one.comes_by or "synchronisation" for one in named]
    return " ".join(text for way, text in said.items() if way in ways)


def _remedy(one: Unknown) -> str:
    more = _more(one.applicants)
    return {
        Kind.NOT_READ: _bring_rest(one.named)
        if one.n else _("Connect your applicant tracking system, or send a file."),
        Kind.DELIVERIES: _("Go to the system that sent them. Map their stages there, or see why they could not be "
                           "read."),
        Kind.STAGES_UNMAPPED: _("Map it to one of our stages. Everything is then counted anew by itself."),
        Kind.STAGES_UNHEARD: _("Map a stage of your systems to it, or give your sheet a column for it, if there is "
                               "one."),
        Kind.NOT_FOLLOWED: _("Those who consent can be followed, once an administrator allows it on the page of the "
                             "organisation, under Units; whether it is worth it is yours to decide."),
        Kind.COST: _("Enter what was invoiced, or booked, so that the cost of an interview can be told."),
        Kind.SOURCE_NAME: _("Say what the name means: all that came under it are counted there, those of the past "
                            "too."),
        Kind.SOURCE: _("For these, it is too late to find out. For later ones: publish each ad under its own link."),
        Kind.AD_OF_CHANNEL: _("Give each ad of the channel a code or a label of its own."),
        Kind.CODE: _("Say which placement it is if it is a misprint of its code; else look for a placement that was "
              "never planned."),
        Kind.PENDING: _("Time will tell. In your system, close applications that nobody will take further."),
        Kind.SHARE: _("Time will tell: five who have been followed for that long are enough for a first share."),
        Kind.SPECIALTY: _("Let your system, or the observations sent here, name the specialty of each application."),
        Kind.TOO_EARLY: _("Time will tell; there is nothing to do."),
        Kind.TOO_FEW: _("Let them run on: %(more)s.", more=more) if more else _("Let them run on."),
        Kind.ENDED: _("Repeat them, with %(more)s. Or compare by channel, where several are counted "
                      "together.", more=more)
        if more else _("Repeat them. Or compare by channel, where several are counted together."),
        Kind.HARDLY_EVER: _("Compare by channel or by form of advertising, where several are counted together."),
        Kind.TOO_SLOW: _("Compare by channel or by form of advertising, where several are counted together. Or ask "
                         "about an earlier stage, to which more people come."),
        Kind.UNCLEAR: _("More applicants narrow the bar; an experiment would settle it."),
        Kind.NOBODY_CAME: _("Follow the link of each yourself, and look whether its code arrives with an application."),
        Kind.NOTHING_BESIDE: _("Run another ad for the same doctors, or wait until somebody comes so far."),
        Kind.BROUGHT: _("Pause an ad for some weeks, or let ads take turns."),
    }[one.kind]  # fmt: skip


def _when(one: Unknown, stage: Stage, funnel: Funnel) -> str:
    if one.kind is Kind.PENDING:
        return pace_finding(funnel, stage)
    if one.weeks is None:
        return ""
    text = _weeks(one.weeks)
    if one.n is not None and one.weeks.n < one.n:
        text = _("For %(n)s of them %(when)s", n=number(one.weeks.n), when=text)
    return f"{text[0].upper()}{text[1:]}."


def _weeks(span: Span) -> str:
    if span.least == span.most:
        return ngettext("in about %(n)s week", "in about %(n)s weeks", span.most)
    return _("in about %(least)s to %(most)s weeks", least=number(span.least), most=number(span.most))


def _more(span: Span | None) -> str:
    if span is None:
        return ""
    if span.least == span.most:
        return ngettext("about %(n)s more applicant each", "about %(n)s more applicants each", span.most)
    return _("about %(least)s to %(most)s more applicants each", least=number(span.least), most=number(span.most))


def _quoted(named: list[Named]) -> str:
    return quote_few([one.label for one in named])


def _since(named: list[Named]) -> str:
    return ", ".join(
        _("“%(name)s” since %(day)s", name=quotable(one.label), day=date(one.since)) for one in named if one.since
    )
