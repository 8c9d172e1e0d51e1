"""Why we say what we say, in sentences: the model, what it takes for granted, and what would turn the verdict."""

from collections.abc import Sequence

from app.funnel.stage import Stage
from app.i18n import _, ngettext, number, percent
from app.measurement.explanation import Choice
from app.measurement.progress import FEWEST_ADVANCES, MOST_ADS
from app.measurement.thresholds import Thresholds
from app.reports.answers import Lift, Reason
from app.reports.explained import Counted, PriorCase, VerdictWord
from app.reports.names import came_to_stage
from app.reports.reason_words import plain_change
from app.reports.scope import By
from app.reports.wording import change_words


def verdict_name(verdict: str) -> str:
    """The verdict alone, without what is missing."""
    return {"moved": _("moved"), "did_not_move": _("did not move"), "cannot_tell": _("cannot tell")}[verdict]


def verdict_with_side(verdict: str, reason: Reason | None) -> str:
    """`did not move (not better)`: the verdict, and to which side it did not move, as rows say it."""
    side = {"worse": _("(worse)"), "no_different": _("(not better)")}.get(reason.code if reason else "", "")
    return f"{verdict_name(verdict)} {side}".strip()


def as_one_words(by: By) -> str:
    """What counts as one ad where a row is made of several; empty where each placement is a row."""
    return {
        By.PLACEMENT: "",
        By.ASSET: _("Here all placements of one asset count as one ad."),
        By.FORMAT: _("Here all ads of one format count as one ad."),
        By.CHANNEL: _("Here all ads in one channel count as one ad."),
        By.CAMPAIGN: _("Here all ads of one campaign count as one ad."),
        By.PERSONA: _("Here all ads for one persona count as one ad."),
        By.FACTOR: _("Here all ads with one factor count as one ad."),
        By.CLAIM: _("Here all ads with one promise count as one ad."),
        By.THEME: _("Here all ads with one theme count as one ad."),
    }[by]


def method_words(choice: Choice, by: By) -> str:
    """What is compared, by which model, and why this one."""
    return f"{as_one_words(by)} {_model_words(choice)}".strip()


def _model_words(choice: Choice) -> str:
    return {
        Choice.ENOUGH_ADVANCES: _(
            "Compared by how many will advance in the end. For those who still wait, the usual "
            "waiting times tell how many that will be. Specialty, job, the month of applying and whether an "
            "applicant can be traced are taken into account. This way is used since at least %(advances)s traced "
            "applicants advanced and at most %(ads)s ads are compared.",
            advances=FEWEST_ADVANCES, ads=MOST_ADS,
        ),
        Choice.FEW_ADVANCES: _(
            "Compared by counting among applicants of the same specialty and job. Months of applying are taken into "
            "account. Fewer than %(advances)s traced applicants advanced in weeks watched to their end: too few for "
            "a model of every ad.",
            advances=FEWEST_ADVANCES,
        ),
        Choice.MANY_ADS: _(
            "Compared by counting among applicants of the same specialty and job. Months of applying are taken into "
            "account. More than %(ads)s ads are compared. Of so many, counting calls fewer better or worse by mistake.",
            ads=MOST_ADS,
        ),
    }[choice]  # fmt: skip


def assumption_words(choice: Choice, lookback_days: int, stage: Stage, by: By, *, overlapping: bool) -> list[str]:
    """What the comparison takes for granted, a sentence each."""
    by_fates = choice is Choice.ENOUGH_ADVANCES
    drawn = (
        _("The more alike the results of ads look, the more each is drawn toward the usual one, and those "
          "of one format toward each other. A single strong ad therefore looks weaker than it is.")
        if by_fates and by in (By.PLACEMENT, By.ASSET)
        else _("The more alike the results of ads look, the more each is drawn toward the usual one. A single strong "
               "ad therefore looks weaker than it is.")
    )  # fmt: skip
    return [
        _("Applicants with the same specialty, job and month of applying are taken to be alike, apart from the ads "
          "they met. Whatever else leads people to an ad and helps them on is not taken into account."),
        _met_words(lookback_days, by, every=by_fates, overlapping=overlapping),
        _("We compare the share that ever %(came)s, not how fast.", came=came_to_stage(stage)),
        _("The applicants of each ad are taken to wait as long as others before they move on or are rejected. If one "
          "ad's applicants get their decisions faster or slower, the comparison is off.")
        if by_fates
        else _("People who were rejected or withdrew still count among those who could have come."),
        _("Only weeks that were watched to their end count, up to when each system was last read."),
        drawn,
        _("This is an association. Only an experiment can tell what the ad caused: places or weeks with and without "
          "it, chosen by lot."),
    ]  # fmt: skip


def _met_words(lookback_days: int, by: By, *, every: bool, overlapping: bool) -> str:
    """For which ads an application counts: for each that was met, for its own, or for none where it has several."""
    days = ngettext("%(n)s day", "%(n)s days", lookback_days)
    if overlapping:
        said = _("An application counts for one ad only: the ad that is its own source, or else the last one that the "
                 "applicant met in the %(days)s before applying. An ad may belong to several rows. Its applicants are "
                 "counted in each of them, but compared in none: nobody is compared with themselves.",
                 days=days)  # fmt: skip
        since = _("So it is since an ad for several personas first brought somebody. Until then everybody was "
                  "compared, and the other ads that they met were taken into account. A verdict may have changed that "
                  "day though no ad did.")  # fmt: skip
        return f"{said} {since}" if by is By.PERSONA else said
    if every:
        return _(
            "An application counts for every ad that the applicant met in the %(days)s before applying.", days=days
        )
    return _("An application counts for one ad only: the ad that is its own source, or else the last "
             "one that the applicant met in the %(days)s before applying. Other ads they met are taken "
             "into account.", days=days)  # fmt: skip


def threshold_words(rules: Thresholds, version: str, better: float | None, level: float, *, guarded: bool) -> list[str]:
    """What a verdict needs, where that comes from, and how a bar of this level may reach what the verdict denies."""
    lift, small = percent(rules.notable_lift), percent(rules.surely_small, 1)
    if better is None:
        moved = _(
            "“Moved” needs two things: a rise of at least %(lift)s in the middle of the bar, and a high enough "
            "probability that its applicants go further. How high was found by trying the rules on simulated campaigns "
            "in which no ad works.",
            lift=lift,
        )
    elif guarded:
        moved = _(
            "“Moved” needs two things: a probability of %(better)s that its applicants go further, and a rise of at "
            "least %(lift)s in the middle of the bar. Few ads are compared, or one has most of the applicants. So "
            "the probability was found for this campaign: its applicants were shuffled among the ads %(times)s times.",
            better=percent(better, 1),
            lift=lift,
            times=rules.guard_permutations,
        )
    else:
        moved = _("“Moved” needs two things: a probability of %(better)s that its applicants go further, and a rise "
                  "of at least %(lift)s in the middle of the bar. The probability was found by trying the rules on "
                  "simulated campaigns in which no ad works.",
                  better=percent(better, 1), lift=lift)  # fmt: skip
    return [
        moved,
        _("“Did not move” needs a probability of %(small)s that the rise is under %(lift)s.", small=small, lift=lift),
        ngettext("With fewer than %(n)s traced applicant there is no verdict.",
                 "With fewer than %(n)s traced applicants there is no verdict.", rules.fewest_applicants),
        *_one_side(better, (1 - level) / 2),
        _("These rules are version %(version)s.", version=version),
    ]  # fmt: skip


def _one_side(better: float | None, left_out: float) -> list[str]:
    """That a bar may reach no difference, where it leaves out less on a side than a verdict may be wrong by."""
    if better is not None and 1 - better <= left_out:
        return []
    share = percent(left_out, 0 if round(left_out * 1000) % 10 == 0 else 1)
    return [
        _("A verdict looks at one direction only: did they go further, or did they go less far? The bar leaves "
          "%(share)s out on each side. So the bar may reach “no difference” although the verdict stands.",
          share=share)
    ]  # fmt: skip


def prior_words(cases: Sequence[PriorCase], usual_factor: float) -> str:
    """What is taken for granted of all ads before any is looked at, and whether the verdict hangs on it."""
    before = _("Before looking at any ad, we assume that ads usually differ by a factor of %(factor)s.",
               factor=number(usual_factor, 1))  # fmt: skip
    verdicts = [case.verdict for case in cases]
    if not verdicts:
        return before
    if len(set(verdicts)) == 1:
        return f"{before} " + _("If they differed half or twice as much, the verdict would be the same.")
    narrow, wide = verdict_name(verdicts[0]), verdict_name(verdicts[-1])
    return f"{before} " + _(
        "The verdict depends on it: if they differed half as much, it would be “%(narrow)s”; if twice as much, "
        "“%(wide)s”.",
        narrow=narrow, wide=wide,
    )  # fmt: skip


def period_doubt_words(estimate: float, limit: float) -> str:
    """The same of two periods: whom something unrecorded would have to bring in the one."""
    if limit <= 1:
        return confounding_words(estimate, limit)
    return _(
        "Something that is not recorded could explain the whole difference only if it were %(estimate)s times as "
        "common in one period as in the other and made advancing as many times as likely, beyond specialty and job. "
        "From %(limit)s times on it would no longer be certain that there is a difference.",
        estimate=number(estimate, 1), limit=number(limit, 1),
    )  # fmt: skip


def confounding_words(estimate: float, limit: float) -> str:
    """How strong something unmeasured would have to be to explain the difference away."""
    if limit <= 1:
        return _("The interval includes “no difference”, so nothing unrecorded is needed to explain the difference.")
    return _(
        "Something that is not recorded could explain the whole difference only if it made two things "
        "%(estimate)s times as likely: meeting the ad and advancing, beyond specialty, job and month. From "
        "%(limit)s times on it would no longer be certain that there is a difference.",
        estimate=number(estimate, 1), limit=number(limit, 1),
    )  # fmt: skip


def flip_words(change: int, verdict: VerdictWord, stage: Stage) -> str:
    """`With 3 fewer who came to interview the verdict would be “cannot tell”.`"""
    came, name = came_to_stage(stage), verdict_name(verdict)
    if change < 0:
        return ngettext("With %(n)s fewer who %(came)s, the verdict would be “%(verdict)s”.",
                        "With %(n)s fewer who %(came)s, the verdict would be “%(verdict)s”.",
                        -change, came=came, verdict=name)  # fmt: skip
    return ngettext("With %(n)s more of its applicants who %(came)s, the verdict would be “%(verdict)s”.",
                    "With %(n)s more of its applicants who %(came)s, the verdict would be “%(verdict)s”.",
                    change, came=came, verdict=name)  # fmt: skip


def no_flip_words() -> str:
    """That the way its applicants ended does not decide."""
    return _("Whatever had become of its applicants, the verdict would be the same: there are too few of "
             "them, or nobody to compare them with.")  # fmt: skip


def case_words(case: PriorCase) -> tuple[str, str, str]:
    """One line of the table of priors: the factor, the verdict, and the lift."""
    factor = _("factor %(factor)s", factor=number(case.factor, 1))
    name = _("%(factor)s (used here)", factor=factor) if case.usual else factor
    return name, verdict_name(case.verdict), lift_words(case.lift)


def lift_words(lift: Lift | None) -> str:
    """The change against comparable applicants, or a dash."""
    return "–" if lift is None else change_words(lift)


def untraced_note(untraced: int) -> str:
    """What its number at most takes for its own."""
    if not untraced:
        return _("everybody who came can be traced")
    return ngettext("if the %(n)s who came, cannot be traced and may be its own belonged to it, too",
                    "if all %(n)s who came, cannot be traced and may be its own belonged to it, too",
                    untraced)  # fmt: skip


def at_most_note(counts: Counted) -> str:
    """What its number at most takes for its own, which is another doubt than how the pending will end."""
    if not counts.untraced or not counts.pending:
        return untraced_note(counts.untraced)
    apart = _("the pending are not among them")
    return f"{untraced_note(counts.untraced)}; {apart}"


def usual_note(counts: Counted) -> str:
    """Where the usual number comes from, and how the plain count stands to it."""
    note = _("how many would be usual among comparable applicants, judged by the other ads")
    plain = plain_change(counts.observed, counts.expected)
    if not plain:
        return note
    return f"{note}; " + _("counted plainly, %(advanced)s against it is %(plain)s",
                           advanced=number(counts.observed), plain=plain)  # fmt: skip


def counted_name(counted: str) -> str:
    """How an application was counted for the stage."""
    return {"reached": _("reached"), "out": _("out"), "pending": _("pending")}[counted]


def use_name(use: str | None) -> str:
    """What an application was to the comparison."""
    return {
        "advanced": _("advanced"),
        "at_risk": _("followed a week or longer, not advanced"),
        "unwatched": _("followed less than a week so far"),
        "alone": _("no other ad has comparable applicants"),
        "several": _("not compared: its ad belongs to several rows"),
        None: _("not compared"),
    }[use]
