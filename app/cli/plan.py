"""Verbs on who works here and what they plan: organisations and personas."""

import uuid
from pathlib import Path
from typing import Annotated

import typer

from app.cli import group
from app.cli.listing import Format, print_rows
from app.cli.runtime import Runtime
from app.i18n import _, ngettext

organisations = group("organisation", "The employers whose rows are kept apart.")
planning = group("plan", "What is planned: placements, invoices, the whole plan as a file.")
personas = group("personas", "The documented personas, from files and to files.")

FOLDER = typer.Argument(help="Folder of .toml files", file_okay=False)


@organisations.command("create")
def create_organisation(
    context: typer.Context,
    name: str,
    parent: Annotated[str | None, typer.Option(help="The organisation that this is a unit of")] = None,
    locale: Annotated[str | None, typer.Option(help="en, fi, sv or nb [default: the parent's, else fi]")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Where its days begin [default: as the parent]")] = None,
    tracking_mode: Annotated[str | None, typer.Option(help="off, aggregate or consented [default: as above]")] = None,
) -> None:
    """Found an organisation, or a unit of one."""
    from app.access.organisation import TrackingMode, choose_organisation, create_organisation
    from app.errors import Invalid, Problem

    runtime: Runtime = context.obj
    if tracking_mode is not None and tracking_mode not in set(TrackingMode):
        raise Invalid([Problem("--tracking-mode", _("Choose off, aggregate or consented."))])
    with runtime.database.writing() as session:
        create_organisation(
            session,
            name,
            now=runtime.now(),
            parent=choose_organisation(session, parent) if parent is not None else None,
            locale=locale,
            time_zone=time_zone,
            tracking_mode=TrackingMode(tracking_mode) if tracking_mode else None,
        )
    typer.echo(
        _(
            "%(name)s is founded. Next: kutsu serve, which prints a link for its first administrator; /start leads on.",
            name=name,
        )
    )


@organisations.command("list")
def list_organisations(context: typer.Context) -> None:
    """Every organisation of the installation, each unit with its parents before it."""
    from app.access.organisation import list_organisations, name_paths

    runtime: Runtime = context.obj
    with runtime.database.reading() as session:
        for path in sorted(name_paths(list_organisations(session)).values()):
            typer.echo(path)


@organisations.command("share")
def share(
    context: typer.Context,
    personas: Annotated[bool | None, typer.Option("--personas/--no-personas")] = None,
    claims: Annotated[bool | None, typer.Option("--claims/--no-claims")] = None,
    channels: Annotated[bool | None, typer.Option("--channels/--no-channels")] = None,
    presets: Annotated[bool | None, typer.Option("--presets/--no-presets")] = None,
    templates: Annotated[bool | None, typer.Option("--templates/--no-templates")] = None,
) -> None:
    """Choose what the units below may read and use."""
    from app.access.organisation import get_organisation
    from app.planning.sharing import change_above_units

    runtime: Runtime = context.obj
    said = {
        "shares_personas": personas, "shares_claims": claims, "shares_channels": channels, "shares_presets": presets,
        "shares_templates": templates,
    }  # fmt: skip
    changes = {name: value for name, value in said.items() if value is not None}
    with runtime.database.writing(runtime.organisation_id) as session:
        organisation = get_organisation(session, runtime.organisation_id)
        change_above_units(session, organisation, changes)
        shared = [name.removeprefix("shares_") for name in said if getattr(organisation, name)]
    typer.echo(_("Shared with the units: %(nouns)s.", nouns=", ".join(shared) or _("nothing")))


@organisations.command("hosts")
def hosts(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(help="All of them, .example.org for every host below it [default: show]")
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="Take all of them back")] = False,
) -> None:
    """Name the hosts that tracking links may lead to, in place of those named before."""
    from app.access.organisation import get_organisation, list_link_hosts
    from app.planning.sharing import change_above_units

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        if names or none:
            organisation = get_organisation(session, runtime.organisation_id)
            change_above_units(session, organisation, {"link_hosts": names or []})
        for host in list_link_hosts(session, runtime.organisation_id):
            typer.echo(host)


@organisations.command("tracking")
def tracking(
    context: typer.Context,
    mode: Annotated[
        str | None, typer.Argument(help="off, aggregate (clicks by code and day) or consented [default: show]")
    ] = None,
    agreed: Annotated[
        bool, typer.Option("--agreed", help="consented: the careers site asks visitors, and sends what they agreed to")
    ] = False,
) -> None:
    """Choose what may be recorded of people who meet an ad."""
    from app.access.organisation import TrackingMode, get_organisation
    from app.errors import Invalid, Problem
    from app.planning.sharing import change_above_units

    runtime: Runtime = context.obj
    if mode is not None and mode not in set(TrackingMode):
        raise Invalid([Problem("mode", _("Choose one of %(known)s.", known=", ".join(TrackingMode)))])
    with runtime.database.writing(runtime.organisation_id) as session:
        organisation = get_organisation(session, runtime.organisation_id)
        if mode == TrackingMode.CONSENTED != organisation.tracking_mode and not agreed:
            raise Invalid([Problem("--agreed", _("Confirm that what the law asks is so, or choose another way."))])
        if mode is not None:
            change_above_units(session, organisation, {"tracking_mode": TrackingMode(mode)})
        typer.echo(organisation.tracking_mode)


@organisations.command("departments")
def departments(context: typer.Context) -> None:
    """The departments that systems spoke of, and the unit that each is placed in."""
    from app.access.organisation import list_descendants, name_paths
    from app.intake.unit_rule import list_departments

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        paths = name_paths(list_descendants(session, runtime.organisation_id))
        for one in list_departments(session):
            unit = paths[one.unit_id] if one.unit_id else "-"
            typer.echo(f"{one.system}\t{one.name}\t{one.applications}\t{unit}")


@organisations.command("place")
def place(
    context: typer.Context,
    system: Annotated[str, typer.Argument(help="As `kutsu organisation departments` names it")],
    rules: Annotated[list[str] | None, typer.Argument(metavar="DEPARTMENT=UNIT", help="All of them")] = None,
) -> None:
    """Give a system its unit rule in place of the one it has, and place its applications anew."""
    from app.access.organisation import list_descendants, name_paths
    from app.errors import Invalid, Problem
    from app.intake.unit_rule import place_in_units

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        units = {path: id for id, path in name_paths(list_descendants(session, runtime.organisation_id)).items()}
        said = [rule.rpartition("=") for rule in rules or []]
        wrong = [unit for _department, _is, unit in said if unit not in units]
        if wrong:
            remedy = _("No such unit; there are: %(names)s.", names=", ".join(sorted(units)))
            raise Invalid([Problem(unit, remedy) for unit in wrong])
        count = place_in_units(session, system, {department: units[unit] for department, _is, unit in said})
    typer.echo(ngettext("%(n)s application placed anew.", "%(n)s applications placed anew.", count))


@personas.command("load")
def load(context: typer.Context, directory: Annotated[Path | None, FOLDER] = None) -> None:
    """Load personas from files: all of them, or none when one is wrong."""
    from app.migration import shipped
    from app.planning.library import load_personas

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        result = load_personas(session, directory or shipped("personas"), runtime.now())
    counts = {"added": len(result.added), "changed": len(result.changed), "unchanged": len(result.unchanged)}
    typer.echo(_("%(added)s added, %(changed)s changed, %(unchanged)s unchanged.", **counts))


@personas.command("export")
def export(context: typer.Context, directory: Annotated[Path, FOLDER] = Path("personas")) -> None:
    """Write the newest version of each persona to a file of its own."""
    from app.planning.library import export_personas

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        count = len(export_personas(session, directory))
    typer.echo(_("%(n)s personas written to %(folder)s.", n=count, folder=directory))


@planning.command("placements")
def plan_placements(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="Its name or its id")],
    file: Annotated[Path, typer.Argument(help="A sheet parted by tabs, semicolons or commas", dir_okay=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be stored, and store nothing")] = False,
) -> None:
    """Plan a campaign's placements from a sheet, all of them or none."""
    from app.planning.campaign import get_campaign_named
    from app.planning.lines import refuse_lines, store_lines
    from app.planning.sheet import read_sheet_file

    runtime: Runtime = context.obj
    lines = read_sheet_file(file)
    opening = runtime.database.rehearsing if dry_run else runtime.database.writing
    with opening(runtime.organisation_id) as session:
        found = get_campaign_named(session, campaign)
        stored = store_lines(session, found, [(None, line) for line in lines], now=runtime.now())
        refuse_lines(stored.problems)
    n = len(stored.placements)
    if dry_run:
        typer.echo(ngettext("%(n)s placement can be planned; nothing was stored.",
                            "%(n)s placements can be planned; nothing was stored.", n))  # fmt: skip
    else:
        typer.echo(ngettext("%(n)s placement planned.", "%(n)s placements planned.", n))


@planning.command("invoice")
def record_invoice(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="Its name or its id")],
    reference: Annotated[str, typer.Option(help="From whom, and its number or name")],
    amount: Annotated[str, typer.Option(help="Without VAT, for example 1900.00")],
    starts_on: Annotated[str, typer.Option("--from", help="First day it is for")],
    ends_on: Annotated[str, typer.Option("--to", help="Last day it is for")],
    vat: Annotated[str | None, typer.Option(help="Rate in percent, for example 25.5")] = None,
    placement: Annotated[list[str] | None, typer.Option(help="Tracking code [default: all that ran]")] = None,
) -> None:
    """Share an invoice out over a campaign's placements by the days they ran."""
    from app.planning.campaign import get_campaign_named
    from app.planning.invoice import InvoiceIn, record_invoice
    from app.planning.lines import read_cost
    from app.planning.neighbours import get_currency
    from app.planning.placement import get_placement_named
    from app.planning.problem import read_as
    from app.reports.invoice_words import invoice_words

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        found = get_campaign_named(session, campaign)
        given = {
            "campaign_id": found.id, "reference": reference, "vat_percent": vat, "starts_on": starts_on,
            "ends_on": ends_on,
            "amount": read_cost("--amount", amount, get_currency(session, found)),
            "placement_ids": [get_placement_named(session, code).id for code in placement or ()],
        }  # fmt: skip
        invoice = record_invoice(session, read_as(InvoiceIn, given), now=runtime.now())
        said, id = invoice_words(invoice), invoice.id
    typer.echo(f"{said} {_('To take it back: kutsu plan take-back %(id)s', id=id)}")


@planning.command("invoices")
def list_invoices(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="Its name or its id")],
    format: Format = "table",
) -> None:
    """The invoices of a campaign, the latest period first, each with its id and what it comes to."""
    from app.planning.campaign import get_campaign_named
    from app.planning.invoice import InvoiceOut, describe_invoice, list_invoices

    def cells(one: InvoiceOut) -> tuple[object, ...]:
        amount = f"{one.amount.amount} {one.amount.currency}"
        return one.reference, one.starts_on, one.ends_on, amount, one.vat_percent, len(one.shares), one.id

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        shown = [describe_invoice(one) for one in list_invoices(session, get_campaign_named(session, campaign).id)]
    print_rows(InvoiceOut, shown, format, cells, _("This campaign has no invoice."))


@planning.command("weeks")
def weeks(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="Its name or its id")],
    format: Format = "table",
) -> None:
    """What a campaign costs in each week from its Monday on, spread over the days of flights and invoices."""
    from app.planning.campaign import get_campaign_named
    from app.planning.invoice import list_weekly_costs
    from app.planning.money import to_money
    from app.web.api.invoices import WeekOut

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        found = list_weekly_costs(session, get_campaign_named(session, campaign))
    shown = [WeekOut(monday=monday, cost=to_money(minor, currency)) for monday, currency, minor in found]
    print_rows(WeekOut, shown, format, lambda one: (one.monday, f"{one.cost.amount} {one.cost.currency}"),
               _("No cost of this campaign is known yet."))  # fmt: skip


@planning.command("take-back")
def take_back_invoice(context: typer.Context, invoice: Annotated[str, typer.Argument(help="Its id")]) -> None:
    """Take an invoice back, and its parts out of what is invoiced."""
    from app.errors import Missing
    from app.planning.invoice import take_back_invoice

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        try:
            take_back_invoice(session, uuid.UUID(invoice), revision=None, now=runtime.now())
        except ValueError:
            raise Missing(_("There is no invoice by this id.")) from None
    typer.echo(_("The invoice was taken back, and its parts are out of what is invoiced."))


@personas.command("compare")
def compare(
    context: typer.Context,
    slug: Annotated[str, typer.Argument(help="Which persona")],
    from_: Annotated[int | None, typer.Option("--from", help="A version [default: the one before the newest]")] = None,
    to: Annotated[int | None, typer.Option(help="A version [default: the newest]")] = None,
    format: Format = "table",
) -> None:
    """Where two versions of a persona differ, and what each says there."""
    from app.errors import Missing
    from app.planning.library import DifferenceOut, compare_with
    from app.planning.persona import find_newest_persona, get_persona_named
    from app.web.pages.persona_edit import difference_words

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        newest = find_newest_persona(session, slug)
        if newest is None:
            raise Missing(_("There is no persona “%(slug)s”.", slug=slug))
        after = get_persona_named(session, f"{slug}@{to}") if to else newest
        before, found = compare_with(session, after, from_)
        nothing = _("They say the same.") if before else _("There is no version before this one.")
        print_rows(DifferenceOut, found, format, difference_words, nothing)


@personas.command("messages")
def messages(
    context: typer.Context,
    persona: Annotated[str | None, typer.Option(help="The slug of one [default: all]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As the API gives it")] = False,
) -> None:
    """Each reason that a persona has to come, and the assets that speak of it."""
    import json

    from app.planning.messages import describe_messages, list_messages

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        found = [describe_messages(one) for one in list_messages(session, slug=persona)]
    if as_json:
        typer.echo(json.dumps([one.model_dump(mode="json") for one in found], ensure_ascii=False, indent=2))
        return
    for one in found:
        for said in one.messages:
            carriers = ", ".join(f"{each.asset} ({each.step or '-'})" for each in said.carriers)
            typer.echo(f"{one.persona}\t{said.factor}\t{'silent' if said.silent else 'said'}\t{carriers or '-'}")
