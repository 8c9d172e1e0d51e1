"""What ad platforms' files say, in words; what a platform calls results is its own word, and judged by nowhere."""

from collections.abc import Iterable, Mapping, Sequence

from app.funnel.daily_ad_total import AdImport, Platform
from app.i18n import _, money, ngettext, number, period
from app.reports.spending import Spending


def platform_name(platform: str) -> str:
    """What people call a platform."""
    return {Platform.GOOGLE: "Google Ads", Platform.META: "Meta", Platform.LINKEDIN: "LinkedIn"}.get(
        Platform(platform), _("another platform")
    )


def spend_words(spend: Mapping[str, int]) -> str:
    """What was spent, each currency for itself, to the last cent."""
    return " + ".join(exact_money(minor, currency) for currency, minor in sorted(spend.items())) or "–"


def exact_money(minor: int, currency: str) -> str:
    """An amount to its last decimal, never broken over two lines."""
    return money(minor, currency, cents=True).replace(" ", "\N{NO-BREAK SPACE}")


def import_spend(one: AdImport) -> str:
    """What a file says was spent."""
    return exact_money(one.spend_minor, one.currency) if one.spend_minor is not None and one.currency else "–"


def left_out_words(columns: Sequence[str]) -> str:
    """The columns that nothing was read of, by their names; nothing where all were read."""
    names = ", ".join(_("“%(name)s”", name=name) for name in columns)
    return ngettext("Of this column nothing was read: %(names)s.", "Of these columns nothing was read: %(names)s.",
                    len(columns), names=names) if columns else ""  # fmt: skip


def result_words(hundredths: int | None) -> str:
    """How many results a platform claims; it counts parts of one."""
    if hundredths is None:
        return "–"
    whole, parts = divmod(hundredths, 100)
    return number(hundredths / 100, 2) if parts else number(whole)


def platform_sentence(spending: Spending) -> str:
    """All that the files say of one placement."""
    shown, clicks = spending.impressions, spending.clicks
    parts = [
        ngettext("shown %(n)s time", "shown %(n)s times", shown) if shown is not None else "",
        ngettext("clicked %(n)s time", "clicked %(n)s times", clicks) if clicks is not None else "",
        _("%(n)s results as the platform counts them", n=result_words(spending.results_hundredths))
        if spending.results_hundredths is not None
        else "",
    ]
    said = _join(parts)
    names = ", ".join(platform_name(one) for one in spending.platforms)
    days = period(spending.first_day, spending.last_day)
    if not said:
        return _("%(platform)s, %(days)s.", platform=names, days=days)
    return _("%(platform)s, %(days)s: %(said)s.", platform=names, days=days, said=said)


def _join(parts: Iterable[str]) -> str:
    return ", ".join(part for part in parts if part)
