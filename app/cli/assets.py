"""Verbs on assets: written, approved by somebody else, and retired. Their files have verbs of their own."""

from typing import Annotated

import typer

from app.cli import group
from app.cli.listing import Format
from app.cli.plan_fields import Revision, Set, Sort, Where, add_row, change_row, list_rows, pairs, show_row
from app.cli.plan_kinds import asset_kind
from app.cli.reports import Language
from app.i18n import _

assets = group(
    "asset", "The creatives: what they say, in which languages, who is shown, and whether they are approved."
)

Named = Annotated[str, typer.Argument(help="Its name or id")]
Claims = Annotated[list[str] | None, typer.Option("--claim", help="The slug of a promise it makes; all of them")]
Languages = Annotated[str | None, typer.Option(help="With commas between: fi,sv")]
Alt = Annotated[
    list[str] | None,
    typer.Option(metavar="LANGUAGE=WORDS", help="Alternative text or captions, once for each language"),
]
Consent = Annotated[
    str | None,
    typer.Option(metavar="YYYY-MM-DD", help="Until when the people shown have agreed; none: it shows nobody"),
]
Url = Annotated[str | None, typer.Option(help="Its address on the web")]
Theme = Annotated[str | None, typer.Option(help="What it is about")]
VariantOf = Annotated[str | None, typer.Option(help="The name of the original that it differs from")]


@assets.command("list")
def list_assets(
    context: typer.Context,
    status: Annotated[str | None, typer.Option(help="draft, approved or retired")] = None,
    where: Where = None,
    sort: Sort = None,
    format: Format = "table",
    language: Language = None,
) -> None:
    """Every asset, or those of a format, status, theme, claim or variant_of."""

    def nothing() -> str:
        return _("No such asset is there; kutsu asset add makes one.")

    wanted = {"status": status, **pairs("--where", where)}
    list_rows(context.obj, asset_kind(), wanted, sort, format, language, nothing)


@assets.command("show")
def show(context: typer.Context, asset: Named, format: Format = "table", language: Language = None) -> None:
    """All that an asset says of itself, and who wrote and approved it."""
    show_row(context.obj, asset_kind(), asset, format, language)


@assets.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is called")],
    format: Annotated[str, typer.Option(help="poster, video, social_ad …")],
    languages: Annotated[str, typer.Option(help="With commas between: fi,sv")],
    claim: Claims = None,
    alt: Alt = None,
    consent: Consent = None,
    url: Url = None,
    theme: Theme = None,
    variant_of: VariantOf = None,
    set_: Set = None,
    language: Language = None,
) -> None:
    """Add a draft; its files come by kutsu files add."""
    fields = _fields(claim, alt, consent, name=name, format=format, languages=languages, url=url, theme=theme,
                     variant_of=variant_of)  # fmt: skip
    add_row(context.obj, asset_kind(), fields, set_, language)


@assets.command("change")
def change(
    context: typer.Context,
    asset: Named,
    name: Annotated[str | None, typer.Option(help="What it is called from now on")] = None,
    format: Annotated[str | None, typer.Option(help="poster, video, social_ad …")] = None,
    languages: Languages = None,
    claim: Claims = None,
    alt: Alt = None,
    consent: Consent = None,
    url: Url = None,
    theme: Theme = None,
    variant_of: VariantOf = None,
    set_: Set = None,
    revision: Revision = None,
    language: Language = None,
) -> None:
    """Change what is said of an asset; the rest stays, and so does what was approved."""
    fields = _fields(claim, alt, consent, name=name, format=format, languages=languages, url=url, theme=theme,
                     variant_of=variant_of)  # fmt: skip
    change_row(context.obj, asset_kind(), asset, fields, set_, revision, language)


@assets.command("approve")
def approve(context: typer.Context, asset: Named, revision: Revision = None, language: Language = None) -> None:
    """Approve what somebody wrote who signs in; what a command wrote, somebody who signs in approves."""
    change_row(context.obj, asset_kind(), asset, {"status": "approved"}, None, revision, language)


@assets.command("retire")
def retire(context: typer.Context, asset: Named, revision: Revision = None, language: Language = None) -> None:
    """Let an asset be placed no more."""
    change_row(context.obj, asset_kind(), asset, {"status": "retired"}, None, revision, language)


def _fields(
    claims: list[str] | None, alt: list[str] | None, consent: str | None, **plain: str | None
) -> dict[str, str | None]:
    """All that the options say of an asset, as cells: what it promises, says to whom cannot see it, and who is shown
    beside what is plain."""
    cells = {f"alt_text.{language}": words for language, words in pairs("--alt", alt).items()}
    if consent is not None:
        cells |= {"shows_people": "false" if consent == "none" else "true"}
        cells |= {"consent_expires_on": "" if consent == "none" else consent}
    return {**plain, "claims": ", ".join(claims) if claims else None, **cells}
