"""What hires say beside the verdicts on an earlier stage: by one stage alone what brings most hires may be stopped."""

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy.orm import Session

from app.funnel.stage import Stage
from app.i18n import _, ngettext, number
from app.reports.answers import Effectiveness, Row
from app.reports.effectiveness import report_effectiveness
from app.reports.names import MOST_NAMED, name_few, quote_few
from app.reports.scope import Scope
from app.reports.wording import verdict_words


def find_at_hire(session: Session, scope: Scope, found: Effectiveness) -> Effectiveness | None:
    """The same question about hires; none where it is asked already, or nobody was hired, or none can be."""
    if scope.stage >= Stage.HIRED or not found.totals.hired:
        return None
    return report_effectiveness(session, replace(scope, stage=Stage.HIRED))


def hire_finding(found: Effectiveness, at_hire: Effectiveness | None) -> str:
    """By which row most were hired, and the rows whose verdict on hires is another than the one that stands here."""
    if at_hire is None:
        return ""
    return " ".join([*_most_hired(found), *_other_verdicts(found, at_hire)])


def _most_hired(found: Effectiveness) -> Iterator[str]:
    most = max((row.hired or 0 for row in _known(found)), default=0)
    names = [row.label for row in _known(found) if row.hired == most]
    if most and most == found.totals.hired:
        yield ngettext("The only hire so far is attributed to %(names)s.",
                       "All %(n)s hires so far are attributed to %(names)s.", most, names=quote_few(names))  # fmt: skip
    elif most and len(names) <= MOST_NAMED:
        yield _("Most hires so far are attributed to %(names)s: %(n)s of %(all)s.", names=quote_few(names),
                n=number(most), all=number(found.totals.hired or 0))  # fmt: skip
        if any(row.verdict != "moved" for row in _known(found) if row.hired == most):
            yield _("That is a count, and it compares nobody: many hires may come of many applicants.")


def _other_verdicts(found: Effectiveness, at_hire: Effectiveness) -> Iterator[str]:
    later = {row.key: row for row in _known(at_hire)}
    others = [row for row in _known(found) if row.verdict != "cannot_tell" and row.key in later
              and _stands(row) != _stands(later[row.key])]  # fmt: skip
    others.sort(key=lambda row: -(row.hired or 0))
    if others:
        noted = [f"{quote_few([row.label])} ({verdict_words(later[row.key]).head})" for row in others]
        yield _("By hires, the verdict is another for %(names)s.", names=name_few(noted))


def _known(found: Effectiveness) -> list[Row]:
    return [row for row in found.rows if row.row == "known"]


def _stands(row: Row) -> tuple[str | None, bool]:
    """A verdict, told apart by whether it says worse."""
    return row.verdict, row.reason is not None and row.reason.code == "worse"
