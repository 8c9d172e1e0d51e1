"""Files of ad platforms: taken in under the reader's eyes, matched to placements, and taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import select

from app.access.signing_in import Member
from app.errors import Denied, Invalid, Problem
from app.funnel.daily_ad_total import AdImport, AdSum, ImportState, Platform, list_covered_days, sum_ads
from app.i18n import _, date, moment, ngettext, number, period
from app.intake.ad_totals.headers import Field
from app.intake.ad_totals.keeping import hold, list_imports
from app.intake.ad_totals.reading import AdFile, read_ad_file
from app.intake.ad_totals.settling import Hints
from app.intake.ad_totals.values import DayOrder
from app.planning.alias import SourceAliasIn, create_source_alias, delete_source_alias
from app.planning.placement import Placement
from app.planning.problem import read_as
from app.planning.tracking import AliasKind, fold_ad
from app.reports.costs import amount_of
from app.reports.likely import Likely
from app.reports.spending import load_flights, load_matching, load_unmatched
from app.reports.workbook import Sheet
from app.web.pages.administering import Form
from app.web.pages.door import go_to, read_id, require_own_form
from app.web.pages.files import file_links, sheet_file
from app.web.pages.meant import Meant, MeantList
from app.web.pages.meanwhile import require_whole
from app.web.pages.placement_link import PLANNERS
from app.web.pages.sources import Meaning, Sent, list_meanings
from app.web.pages.spending_words import import_spend, platform_name, spend_words
from app.web.pages.visit import Visit, answer, change
from app.web.uploads import Upload, read_upload, require_file

router = APIRouter(include_in_schema=False)

HERE = "/data/ad-totals"
File = Annotated[Upload | None, Depends(read_upload)]


@dataclass(frozen=True, slots=True)
class AdLine:
    """A campaign, or one ad of it, that leads to no placement yet."""

    observed: str
    name: str
    beside: str
    spend: str
    clicks: str
    days: str
    means: str
    """The placement that it is said or proposed to be, as a field takes it."""
    is_proposed: bool
    within: bool
    """Whether it is an ad of the campaign above it."""


@dataclass(frozen=True, slots=True)
class ImportLine:
    """A file that was taken in."""

    name: str
    address: str
    platform: str
    at: str
    days: str
    spend: str
    undone: bool


@router.get(HERE)
def ad_totals(request: Request) -> Response:
    """What is here, what leads nowhere yet, and the form that takes a file."""
    return answer(request, _page)


@router.post(HERE)
def upload(request: Request, file: File) -> Response:
    """Read a file and show what it would do; nothing of it counts before somebody says so."""
    read: list[AdFile] = []

    def first(member: Member) -> None:
        require_own_form(request)
        if member.place.role not in PLANNERS:
            raise Denied(_("Your role here does not open this page; ask an administrator."))
        given = require_file(file)
        hints = read_as(Hints, _hints(given.texts))
        read.append(read_ad_file(given.data, given.name, hints, request.app.state.clock().date()))

    def do(visit: Visit) -> Response:
        held = hold(visit.session, read[0], file.name if file else "", visit.now)
        return go_to(visit.address(f"{HERE}/{held.id}"))

    return change(request, do, lambda visit, problems: _page(visit, problems, file), first=first)


def _hints(texts: Mapping[str, str]) -> dict[str, Any]:
    columns = {field.value: texts[f"column-{field}"] for field in Field if f"column-{field}" in texts}
    said = {name: texts[name] for name in ("platform", "account", "decimal", "dates") if name in texts}
    return said | ({"currency": texts["currency"].upper()} if "currency" in texts else {}) | {"columns": columns}


@router.post(f"{HERE}/match")
def match(request: Request, sent: Sent) -> Response:
    """Keep which placement an ad is; it holds for what is imported later, too."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        require_whole(sent, "observed", "means")
        rows = zip(sent.get("observed", []), sent.get("means", []), strict=True)
        meant = MeantList(visit.session, placements_only=True)
        given = [_read(observed, meant.read(means)) for observed, means in rows if means]
        for one in given:
            create_source_alias(visit.session, one, now=visit.now)
        return go_to(visit.address(HERE, matched=len(given)))

    return change(request, do, lambda visit, problems: _page(visit, problems, sent=sent))


def _read(observed: str, means: Meant) -> SourceAliasIn:
    noun, key = means
    try:
        return SourceAliasIn(kind=AliasKind.AD, observed=observed, **{f"{noun}_id": key})
    except ValueError:
        raise Invalid([Problem("means", _("Part of the form is missing; open the page and send it again."))]) from None


@router.post(f"{HERE}/{{source_alias_id}}/forget")
def forget(request: Request, source_alias_id: str) -> Response:
    """Let a name stand for nothing again."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        delete_source_alias(visit.session, read_id(source_alias_id), revision=None)
        return go_to(visit.address(HERE))

    return change(request, do, _page)


@router.get(f"{HERE}.csv")
def totals_file(request: Request) -> Response:
    """All totals, ad by ad, as a table of commas."""
    return answer(request, lambda visit: sheet_file(visit, "ad-totals.csv", totals_sheet(visit)))


@router.get(f"{HERE}.xlsx")
def totals_workbook(request: Request) -> Response:
    """All totals, ad by ad, as a spreadsheet."""
    return answer(request, lambda visit: sheet_file(visit, "ad-totals.xlsx", totals_sheet(visit)))


def _page(visit: Visit, problems: Sequence[str] = (), file: Upload | None = None, sent: Form | None = None) -> Response:
    return visit.page("ad_totals.html", ad_totals_view(visit, problems, file, sent), 422 if problems else 200)


def ad_totals_view(
    visit: Visit, problems: Sequence[str] = (), file: Upload | None = None, sent: Form | None = None
) -> dict[str, Any]:
    """All that the page shows; `file` and `sent` are what was refused, of which what was said stays said."""
    typed = file.texts if file else {}
    meant = MeantList(visit.session, placements_only=True)
    said = dict(zip(*((sent or {}).get(name, []) for name in ("observed", "means")), strict=False))
    lines = _unmatched(visit, meant, said)
    return {
        "title": _("Ad platforms' files"),
        "finding": _finding(visit, sum(not line.within for line in lines)),
        "problems": problems,
        "said": _said(visit.asked.get("matched", "")),
        "may_change": visit.member.place.role in PLANNERS,
        "typed": typed,
        "platforms": [(one.value, platform_name(one)) for one in Platform],
        "orders": [(DayOrder.DAY_FIRST.value, _("the day")), (DayOrder.MONTH_FIRST.value, _("the month"))],
        "decimals": [(",", _("a comma")), (".", _("a point"))],
        "columns": [(f"column-{field}", label) for field, label in _column_names()],
        "lines": lines,
        "meant": meant.texts,
        "meanings": _meanings(visit),
        "imports": [_line(visit, one) for one in list_imports(visit.session)],
        "files": file_links(visit, HERE) if visit.session.scalar(select(AdImport.id).limit(1)) else None,
    }


def _column_names() -> list[tuple[Field, str]]:
    return [
        (Field.DAY, _("Column of the day")), (Field.CAMPAIGN, _("Column of the campaign")),
        (Field.AD, _("Column of the ad")), (Field.URL, _("Column of the ad's address")),
        (Field.CODE, _("Column of the tracking code")), (Field.IMPRESSIONS, _("Column of impressions")),
        (Field.CLICKS, _("Column of clicks")), (Field.SPEND, _("Column of what was spent")),
    ]  # fmt: skip


def _finding(visit: Visit, unmatched: int) -> str:
    covered = list_covered_days(visit.session)
    if not covered:
        return _("No file is here yet: what was shown, clicked and spent comes from the files that platforms export.")
    last = max(days[-1] for days in covered.values())
    here = ngettext("%(n)s account's totals are here, up to %(day)s", "%(n)s accounts' totals are here, up to %(day)s",
                    len(covered), day=date(last))  # fmt: skip
    if not unmatched:
        return _("%(here)s; every campaign leads to a placement.", here=here)
    left = ngettext("%(n)s campaign leads to no placement yet", "%(n)s campaigns lead to no placement yet", unmatched)
    return f"{here}; {left}."


def _said(matched: str) -> str:
    if not (matched.isascii() and matched.isdecimal() and 0 < len(matched) < 6 and int(matched)):
        return ""
    return ngettext("Kept: %(n)s name leads to its placement from now on.",
                    "Kept: %(n)s names lead to their placements from now on.", int(matched))  # fmt: skip


def list_placements(visit: Visit) -> list[tuple[str, str]]:
    """Every placement by its key, in the order of names."""
    rows = visit.session.execute(select(Placement.id, Placement.name).order_by(Placement.name))
    return [(str(id), name) for id, name in rows]


def _meanings(visit: Visit) -> list[Meaning]:
    return list_meanings(visit, (AliasKind.AD,))


def _unmatched(visit: Visit, meant: MeantList, said: Mapping[str, str]) -> list[AdLine]:
    """Campaigns that lead nowhere, those that cost most first, each with its ads where it has several."""
    likely = Likely((id, name, "") for id, name in list_placements(visit))
    by_campaign: dict[str, list[AdSum]] = {}
    for ad in load_unmatched(visit.session, load_flights(visit.session)):
        by_campaign.setdefault(fold_ad(ad.campaign), []).append(ad)
    lines = []
    for ads in by_campaign.values():
        lines.append(_ad_line(ads, ads[0].campaign, "", likely, meant, said))
        by_ad: dict[str, list[AdSum]] = {}
        for ad in ads:
            by_ad.setdefault(fold_ad(ad.campaign, ad.ad), []).append(ad)
        if len(by_ad) > 1:
            named = [some for some in by_ad.values() if some[0].ad]
            lines += [_ad_line(some, some[0].campaign, some[0].ad, likely, meant, said) for some in named]
    return lines


def _ad_line(
    ads: Sequence[AdSum], campaign: str, ad: str, likely: Likely, meant: MeantList, said: Mapping[str, str]
) -> AdLine:
    spend: dict[str, int] = {}
    for one in ads:
        if one.currency and one.spend_minor is not None:
            spend[one.currency] = spend.get(one.currency, 0) + one.spend_minor
    clicks = [one.clicks for one in ads if one.clicks is not None]
    observed, proposed = fold_ad(campaign, ad), likely.propose(AliasKind.AD, ad or campaign)
    is_proposed = proposed is not None and observed not in said
    means = meant.write(proposed.noun, proposed.key) if proposed and is_proposed else said.get(observed, "")
    accounts = sorted({f"{platform_name(one.platform)}{f' · {one.account}' if one.account else ''}" for one in ads})
    return AdLine(
        observed, ad or campaign or _("without a name"), ", ".join(accounts), spend_words(spend),
        number(sum(clicks)) if clicks else "–",
        period(min(one.first_day for one in ads), max(one.last_day for one in ads)),
        means, is_proposed, bool(ad),
    )  # fmt: skip


def _line(visit: Visit, one: AdImport) -> ImportLine:
    return ImportLine(
        one.name or platform_name(one.platform), visit.address(f"{HERE}/{one.id}"), platform_name(one.platform),
        moment(one.at, visit.organisation.zone), period(one.first_day, one.last_day), import_spend(one),
        one.state == ImportState.UNDONE,
    )  # fmt: skip


def totals_sheet(visit: Visit) -> Sheet:
    """Every ad with what was counted of it, and the placement that it leads to."""
    matching, names = load_matching(visit.session, load_flights(visit.session)), dict(list_placements(visit))
    ads = sum_ads(visit.session)
    return Sheet(
        title=_("Ad platforms' files"),
        notes=[_("“Results” is the platform's own word; no verdict rests on it.")],
        heads=[_("Platform"), _("Account"), _("Campaign"), _("Ad"), _("Code"), _("Placement"), _("From"), _("Until"),
               _("Impressions"), _("Clicks"), _("Spent"), _("Currency"), _("Results, by the platform")],
        rows=[
            [platform_name(ad.platform), ad.account, ad.campaign, ad.ad, ad.code,
             names.get(str(matching.find(ad))), ad.first_day, ad.last_day, ad.impressions, ad.clicks,
             _decimal(ad), ad.currency, None if ad.results_hundredths is None else ad.results_hundredths / 100]
            for ad in ads
        ],
    )  # fmt: skip


def _decimal(ad: AdSum) -> float | None:
    return None if ad.spend_minor is None or ad.currency is None else float(amount_of(ad.spend_minor, ad.currency))
