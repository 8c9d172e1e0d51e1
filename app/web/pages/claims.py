"""The promises that assets make: each in words of every language, and the reason to come that it carries."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from app.i18n import LANGUAGES, _, ngettext, number, pick
from app.planning.asset import AssetClaim
from app.planning.claim import Claim, ClaimIn, create_claim, describe_claim, get_claim
from app.planning.persona import Persona, newest_personas
from app.planning.problem import read_as
from app.planning.removal import delete_claim
from app.planning.replacing import replace_claim
from app.planning.tracking import slugify
from app.web.pages.form_texts import Fields
from app.web.pages.rendering import language_name
from app.web.pages.row_form import RowForm, Texts
from app.web.pages.row_list import RowLine, list_view
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)
TEXTS = tuple(f"text_{language}" for language in LANGUAGES)
FIELDS = Fields(("slug", "factor", *TEXTS))


@router.get("/claims")
def claims(request: Request) -> Response:
    """All claims."""
    return answer(request, lambda visit: visit.page("row_list.html", claims_view(visit)))


def claims_view(visit: Visit) -> dict[str, Any]:
    """All that the list shows."""
    counted = visit.session.execute(select(AssetClaim.claim_id, func.count()).group_by(AssetClaim.claim_id))
    made = dict(iter(counted))
    reasons = dict(_list_reasons(visit))
    found = visit.session.scalars(select(Claim).order_by(Claim.slug)).all()
    columns = [_("Promise"), _("Reason to come"), _("Languages"), _("Assets")]
    lines = [
        RowLine(
            one,
            pick(one.text),
            [reasons.get(one.factor, one.factor), ", ".join(language_name(code) for code in one.text),
             number(made.get(one.id, 0))],
            _("Change “%(claim)s”", claim=pick(one.text)),
        )
        for one in found
    ]  # fmt: skip
    add, told = _("Add a promise"), visit.address("/messages")
    return list_view(visit, "/claims", _("Promises"), _finding(len(found)), columns, lines, add, told)


def _finding(n: int) -> str:
    if not n:
        return _("There is no promise yet. Each promise gives a persona one reason to come.")
    return ngettext("Assets may make %(n)s promise.", "Assets may make %(n)s promises.", n)


def _list_reasons(visit: Visit) -> Sequence[tuple[str, str]]:
    """The reasons to come of all personas, by slug, each once."""
    personas = newest_personas(visit.session, selectinload(Persona.factors))
    found = {factor.slug: pick(factor.statement) for persona in personas for factor in persona.factors}
    return sorted(found.items(), key=lambda one: one[1])


def write_claim(_visit: Visit, claim: Claim) -> dict[str, str]:
    """A claim in the texts of its form."""
    shown = describe_claim(claim).model_dump()
    return {
        "slug": shown["slug"],
        "factor": shown["factor"],
        **{f"text_{code}": shown["text"].get(code, "") for code in LANGUAGES},
    }


def read_claim(_visit: Visit, texts: Texts, _before: Claim | None) -> ClaimIn:
    """The claim that the texts say; without a slug it gets one of its words. Raises Invalid."""
    text = {code: texts[f"text_{code}"] for code in LANGUAGES if texts[f"text_{code}"]}
    slug = texts["slug"] or slugify(text.get("en") or next(iter(text.values()), ""))[:60].strip("-")
    given = {"slug": slug, "factor": texts["factor"], "text": text}
    return read_as(ClaimIn, {name: said for name, said in given.items() if said})


def _choices(visit: Visit, _claim: Claim | None, _texts: Texts) -> dict[str, Any]:
    return {
        "reasons": _list_reasons(visit),
        "worded": [(f"text_{code}", language_name(code)) for code in LANGUAGES],
    }


FORM = RowForm(
    path="/claims",
    template="claim_form.html",
    fields=FIELDS,
    get=get_claim,
    empty=lambda _visit: FIELDS.empty(),
    write=write_claim,
    read=read_claim,
    create=create_claim,
    replace=replace_claim,
    title=lambda one: _("Change “%(claim)s”", claim=pick(one.text)) if one is not None else _("A new promise"),
    more=_choices,
    delete=delete_claim,
)
router.routes += FORM.router().routes
