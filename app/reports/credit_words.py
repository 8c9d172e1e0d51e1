"""Whom the ways of sharing credit put first, in a sentence."""

from collections import Counter
from collections.abc import Iterable, Sequence

from app.i18n import _, ngettext, number
from app.measurement.progress import FEWEST_ADVANCES
from app.reports.answers import ModelCredit, PathsAnswer
from app.reports.names import quotable

WHOLE = 1e-9
"""As near to a whole number is one: parts are added up in floating point."""
BLENDED = ("any",)
"""`any` counts the same application for several rows, so nobody comes first by it."""


def list_leaders(answer: PathsAnswer) -> dict[str, str]:
    """For each way of sharing that gives any to a known row, the row it gives most; of equals the one listed first."""
    leaders = {}
    for model, lines in answer.models.items():
        known = [line for line in lines if line.row == "known" and line.credit]
        if known and model not in BLENDED:
            leaders[model] = max(known, key=lambda line: line.credit or 0).label
    return leaders


def credit_digits(credits: Iterable[ModelCredit]) -> int:
    """Decimals that a way's credit is written with: none where it gives applications whole, which are then counts."""
    told = (one.credit for one in credits if one.credit is not None)
    return int(any(abs(credit - round(credit)) > WHOLE for credit in told))


def leaders_finding(answer: PathsAnswer) -> str:
    """`Every way of sharing puts “Newsletter” first.`, or that it depends; empty where nothing was shared."""
    leaders = Counter(list_leaders(answer).values())
    if not leaders:
        return ""
    (first, times), *others = ((quotable(name), times) for name, times in leaders.most_common())
    if not others:
        return _("Among the known ads, every way of sharing puts “%(name)s” first.", name=first)
    return _("Who comes first depends on the way of sharing: %(n)s of %(all)s put “%(name)s” first, others "
             "“%(other)s”.",
             name=first, n=number(times), all=number(leaders.total()), other=others[0][0])  # fmt: skip


def untraced_words(answer: PathsAnswer) -> str:
    """How much more a row could have than stands there; empty where everything can be traced."""
    if not answer.untraced:
        return ""
    return ngettext(
        "Of those who came, %(n)s cannot be traced to an ad. The row that it really came through has up to %(n)s "
        "more than shown.",
        "Of those who came, %(n)s cannot be traced to an ad. If all of them came through one row, that row has up to "
        "%(n)s more than shown.",
        answer.untraced,
    )


def sharing_words(answer: PathsAnswer) -> str:
    """That what an ad gets is divided, where it belongs to several rows; empty where each belongs to one."""
    if not answer.overlapping:
        return ""
    return _("An ad that belongs to several of these rows shares its part equally among them.")


def alike_words(*, followed: bool) -> str:
    """Why all ways of sharing agree where people are not followed from ad to ad; empty where they are."""
    if followed:
        return ""
    return _("Kutsu does not follow people from ad to ad here. Of most applicants it knows one ad, and every way of "
             "sharing credit gives that ad the same. The ways differ only where somebody came to an event or told of "
             "another ad as well.")  # fmt: skip


def hastening_words(answer: PathsAnswer) -> str:
    """What can be said of those who met something on the way; empty where nobody did, or it is not asked."""
    sooner = [quotable(one.label) for one in answer.hastened if one.verdict == "sooner"]
    if not answer.hastened:
        return ""
    said = _hastened_words(sooner)
    if answer.hastened[0].model == "weeks":
        return said
    few = _("Fewer than %(advances)s have gone on. So each was counted by itself and compared with people "
            "of the same specialty and job.", advances=FEWEST_ADVANCES)  # fmt: skip
    return f"{said} {few}"


def _hastened_words(sooner: Sequence[str]) -> str:
    if not sooner:
        return _("We cannot say of anything met on the way that people went on sooner after it.")
    return _("After meeting %(names)s on the way, people went on sooner than comparable applicants who had "
             "not met it, or not yet. Things that go together need not cause each other.",
             names=", ".join(sooner))  # fmt: skip
