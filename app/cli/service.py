"""Verbs that run the service: migrate, serve, the demo, and the doctor."""

import errno
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import cli
from app.cli.people import demo_link, first_invitations
from app.cli.runtime import Runtime
from app.errors import NotReady
from app.i18n import _

if TYPE_CHECKING:
    from app.demo.city import City

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 (what to call us when we listen at every address)

Host = Annotated[str, typer.Option(help="Address to listen at")]
Port = Annotated[int, typer.Option(help="Port to listen at; 0 takes a free one", min=0, max=65535)]


@cli.command()
def migrate(context: typer.Context) -> None:
    """Bring the database's schema up to what this version needs."""
    from app.migration import migrate

    runtime: Runtime = context.obj
    migrate(runtime.settings.database_url)
    typer.echo(_("The database is up to date."))


@cli.command()
def serve(
    context: typer.Context,
    host: Host = "127.0.0.1",
    port: Port = 8600,
    workers: Annotated[int, typer.Option(help="Server processes; more than one need PostgreSQL", min=1, max=64)] = 1,
) -> None:
    """Serve the pages and the API, and do what is due."""
    _serve(context.obj, host, port, workers)


@cli.command()
def work(context: typer.Context) -> None:
    """Do what is due and what waits, beside a server on the same database, until told to stop."""
    import signal

    from app.worker.loop import Worker

    runtime: Runtime = context.obj
    worker = Worker(runtime.work)
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, lambda _signal, _frame: worker.stop())
    typer.echo(_("Kutsu works (Ctrl+C ends it)"))
    worker.run()


@cli.command()
def demo(
    context: typer.Context,
    seed: Annotated[int, typer.Option(help="Which city: the same seed makes the same one")] = 1,
    truth: Annotated[Path | None, typer.Option(help="Write what is really true of each ad to this file")] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Serve it afterwards")] = False,
    host: Host = "127.0.0.1",
    port: Port = 8600,
) -> None:
    """Fill a synthetic city, pulled over HTTP from a stand-in ATS, and say after which of its ads they got further."""
    from app.demo.plan import ORGANISATION
    from app.migration import migrate

    runtime: Runtime = context.obj
    runtime.organisation_name = runtime.organisation_name or ORGANISATION
    migrate(runtime.settings.database_url)
    city = _fill(runtime, runtime.organisation_name, seed, truth)
    _print_verdicts(runtime)
    if serve:
        _serve_demo(runtime, city, seed, host, port)


def _serve_demo(runtime: Runtime, city: "City", seed: int, host: str, port: int) -> None:
    """With the city's ATS beside it, so that its connection can be tried, broken and mended."""
    from app.demo.ats import KEY
    from app.demo.fill import Keys, serving_ats

    keys, name = Keys(runtime.pseudonym_key, runtime.sealer), runtime.organisation.name
    with serving_ats(runtime.database, name, city, seed=seed, now=runtime.now(), keys=keys) as runtime.open_account:
        typer.echo(_("A stand-in for its Teamtailor runs beside it; the key is %(key)s", key=KEY))
        _serve(runtime, host, port, for_demo=True)


def _fill(runtime: Runtime, name: str, seed: int, truth: Path | None) -> "City":
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from app.demo.fill import Keys, fill_city
    from app.demo.fill import Progress as Step

    columns = (TextColumn(_("Asking the city's ATS, week by week")), BarColumn(), TextColumn("{task.description}"))
    with Progress(*columns, TimeRemainingColumn()) as bar:
        task = bar.add_task("")

        def show(step: Step) -> None:
            bar.update(task, completed=step.done, total=step.total, description=step.doing)

        keys = Keys(runtime.pseudonym_key, runtime.sealer)
        return fill_city(
            runtime.database, name, seed=seed, now=runtime.now(), keys=keys, files=runtime.files, truth_file=truth,
            on_progress=show,
        )  # fmt: skip


def _print_verdicts(runtime: Runtime) -> None:
    from rich.console import Console

    from app.i18n import speaking
    from app.reports.effectiveness import report_effectiveness
    from app.reports.scope import Scope
    from app.reports.tables import effectiveness_table

    with speaking("en"), runtime.database.reading(runtime.organisation_id) as session:
        answer = report_effectiveness(session, Scope(organisation_id=runtime.organisation_id, now=runtime.now()))
        Console().print(effectiveness_table(answer))


def _require_free(host: str, port: int) -> None:
    """Refuse an address at which we cannot listen, with what to do: the server's library has a number for it."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise NotReady(
                _("Port %(port)s is taken, by another Kutsu or another program: end that one, or give a free port with "
                  "--port; --port 0 takes any.", port=port)
            ) from None  # fmt: skip
        raise NotReady(
            _("Kutsu cannot listen at %(host)s, port %(port)s: %(why)s. Give another with --host and --port.",
              host=host, port=port, why=error.strerror)
        ) from None  # fmt: skip


def _serve(runtime: Runtime, host: str, port: int, workers: int = 1, *, for_demo: bool = False) -> None:
    import gc

    gc.disable()  # until all is loaded: it would look through what stays, again and again
    from app.cli.serving import configure, run_servers

    def invite() -> None:
        for name, secret in first_invitations(runtime):
            typer.echo(_("%(name)s has no administrator. This link makes one, once and within an hour:", name=name))
            typer.echo(f"{address}/invitation/{secret}")

    config = configure(runtime, host, port, workers, loaded=(lambda: None) if for_demo else invite)
    _require_free(host, port)
    listener = config.bind_socket()
    listener.listen(config.backlog)  # so that whoever reads the next line may come at once
    address = f"http://{ANYWHERE.get(host, host)}:{listener.getsockname()[1]}"
    if for_demo:
        name = runtime.organisation.name
        typer.echo(_("Kutsu serves %(name)s. This link signs you in, once and within an hour:", name=name))
        typer.echo(_("%(link)s (Ctrl+C ends it)", link=f"{address}/sign-in/link/{demo_link(runtime)}"))
    else:
        typer.echo(_("Kutsu serves at %(address)s (Ctrl+C ends it)", address=f"{address}/"))
        if workers > 1:
            invite()
    run_servers(runtime, config, listener)


@cli.command()
def doctor(context: typer.Context) -> None:
    """Look over the installation and the data, and say what to mend."""
    from rich.console import Console
    from rich.table import Table

    from app.cli.doctor import examine

    findings = examine(context.obj)
    table = Table("", _("What"), _("Finding"), _("Remedy"), box=None, pad_edge=False)
    for finding in findings:
        table.add_row(_("ok") if finding.healthy else _("mend"), finding.what, finding.found, finding.remedy)
    Console().print(table)
    if not all(finding.healthy for finding in findings):
        raise typer.Exit(1)
