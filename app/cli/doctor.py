"""What `kutsu doctor` looks at: first the installation, then the data of each organisation."""

import datetime as dt
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.organisation import Organisation, list_link_hosts, list_organisations
from app.cli.runtime import Runtime
from app.database import Database, from_micros
from app.errors import KutsuError
from app.files.store import FileStore
from app.funnel.application import Application, SystemProgress
from app.funnel.record import count_waiting
from app.i18n import LANGUAGES, LOCALE_DIRECTORY, _
from app.intake.inbox import State
from app.intake.inbox_projection import count_states
from app.migration import require_current, shipped
from app.planning.filing import count_named, find_faulty
from app.planning.placement import Placement
from app.reports.scope import Scope
from app.reports.unmatched import report_unmatched
from app.tasks.reading import oldest_wait, read_queues
from app.tasks.sign import list_alive

LATE_AFTER = dt.timedelta(days=2)
WAITS_TOO_LONG = dt.timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, how it is, and what to do when it is not well."""

    what: str
    healthy: bool
    found: str
    remedy: str = ""


def examine(runtime: Runtime) -> list[Finding]:
    """Look at everything that can be looked at; what rests on something broken is left out."""
    findings = [_python(), _personas(), _languages(), _secret(runtime), _folder(runtime)]
    database = _database(runtime)
    findings.append(database)
    if database.healthy:
        with runtime.database.reading() as session:
            organisations = list_organisations(session)
            findings.extend(_work(session, runtime.now()))
        if not organisations:
            findings.append(Finding(_("organisation"), False, _("none yet"), "kutsu organisation create NAME"))
        for organisation in organisations:
            with runtime.database.reading(organisation.id) as session:
                findings.extend(_data(session, organisation, runtime.now()))
                findings.extend(_files(session, organisation.name, runtime.files))
    return findings


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", sys.version_info >= (3, 11), version, _("Kutsu needs Python 3.11 or newer."))


def _personas() -> Finding:
    count = len(list(shipped("personas").glob("*.toml")))
    return Finding(_("persona library"), count > 0, str(count), _("Install Kutsu anew; the wheel carries the files."))


def _languages() -> Finding:
    there = ["en", *(one for one in LANGUAGES if (LOCALE_DIRECTORY / one).exists())]
    remedy = _("Install Kutsu anew; the wheel carries the files.")
    return Finding(_("languages"), len(there) == len(LANGUAGES), ", ".join(there), remedy)


def _secret(runtime: Runtime) -> Finding:
    try:
        runtime.settings.secret()
    except KutsuError as error:
        return Finding(_("secret key"), False, _("missing"), str(error))
    if runtime.settings.secret_key is not None:
        return Finding(_("secret key"), True, _("from the environment"))
    path = Path(runtime.settings.secret_path())
    open_to_others = os.name == "posix" and path.stat().st_mode & 0o077
    return Finding(_("secret key"), not open_to_others, str(path), f"chmod 600 {path}" if open_to_others else "")


def _folder(runtime: Runtime) -> Finding:
    """Where files of assets lie, made at the first one."""
    folder = runtime.files.folder
    if folder is None:
        remedy = _("Set KUTSU_FILES to a folder for the files of assets, outside the database.")
        return Finding(_("file folder"), False, _("missing"), remedy)
    nearest = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    remedy = _("Let Kutsu write to %(folder)s.", folder=nearest)
    healthy = nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
    return Finding(_("file folder"), healthy, str(folder), "" if healthy else remedy)


def _files(session: Session, name: str, store: FileStore) -> Iterator[Finding]:
    """Whether every file that is named is there, without reading what is in them."""
    if count := count_named(session):
        faulty = [] if store.folder is None else list(find_faulty(session, store, thorough=False))
        remedy = _("Put them back from a backup of the folder; `kutsu files check` names them.")
        found = _("%(n)s of %(all)s not there, or not whole", n=len(faulty), all=count)
        yield Finding(_("%(name)s: files of assets", name=name), not faulty, found, remedy)


def _database(runtime: Runtime) -> Finding:
    database = Database(runtime.settings.database_url)
    shown = database.url.render_as_string()
    try:
        require_current(database)
    except KutsuError as error:
        return Finding(_("database"), False, shown, str(error))
    except Exception as error:  # noqa: BLE001 (whatever a driver says, the doctor goes on)
        return Finding(
            _("database"), False, shown, _("It cannot be opened: %(error)s", error=str(error).partition("\n")[0])
        )
    finally:
        database.close()
    return Finding(_("database"), True, shown)


def _work(session: Session, now: dt.datetime) -> Iterator[Finding]:
    workers, wait = list_alive(session, now), oldest_wait(read_queues(session, now), now)
    started = _("`kutsu serve` works too; beside it on PostgreSQL, `kutsu work`.")
    yield Finding(_("workers"), bool(workers) or not wait, ", ".join(one.name for one in workers) or _("none"), started)
    minutes = int(wait / dt.timedelta(minutes=1))
    found = _("%(n)s minutes", n=minutes)
    yield Finding(_("longest wait of a task"), wait < WAITS_TOO_LONG, found, "kutsu tasks list")


def _data(session: Session, organisation: Organisation, now: dt.datetime) -> Iterator[Finding]:
    name = organisation.name
    yield from _freshness(session, name, now)
    count = session.scalar(select(func.count()).select_from(Application)) or 0
    yield Finding(_("%(name)s: applications", name=name), True, str(count))
    waiting = count_waiting(session)
    remedy = _("Their stages came first; send the applications.")
    yield Finding(_("%(name)s: applications spoken of but not seen", name=name), waiting == 0, str(waiting), remedy)
    unmapped = session.scalar(select(func.count()).where(Application.unmapped > 0)) or 0
    yield Finding(
        _("%(name)s: applications in unmapped stages", name=name),
        unmapped == 0,
        str(unmapped),
        _("Say what these stages mean."),
    )
    yield from _deliveries(session, name)
    without = session.scalar(select(func.count()).where(Placement.currency.is_(None))) or 0
    yield Finding(
        _("%(name)s: placements without a cost", name=name), without == 0, str(without), _("Enter what they cost.")
    )
    named = list_link_hosts(session, organisation.id)
    yield Finding(
        _("%(name)s: hosts for tracking links", name=name),
        bool(named),
        ", ".join(named) or _("none named: no placement can go live"),
        "" if named else "kutsu organisation hosts jobs.example.org",
    )
    unmatched = report_unmatched(session, Scope(organisation_id=organisation.id, now=now))
    yield Finding(
        _("%(name)s: observed sources without a placement", name=name),
        not unmatched.sources,
        str(len(unmatched.sources)),
        _("`kutsu report unmatched` lists them; say through the API what each is."),
    )


def _deliveries(session: Session, name: str) -> Iterator[Finding]:
    """What came by webhooks and waits for somebody."""
    counts = count_states(session)
    for state, what, remedy in (
        (State.NEEDS_MAPPING, _("%(name)s: deliveries not mapped", name=name), _("Say what these stages mean.")),
        (State.DEAD, _("%(name)s: deliveries that could not be read", name=name), "kutsu inbox list"),
    ):
        count = counts.get(state, 0)
        yield Finding(what, count == 0, str(count), remedy)


def _freshness(session: Session, name: str, now: dt.datetime) -> Iterator[Finding]:
    for progress in session.scalars(select(SystemProgress).order_by(SystemProgress.system)):
        through = from_micros(progress.through)
        late = now - through > LATE_AFTER
        found = _("read through %(instant)s UTC", instant=f"{through:%Y-%m-%d %H:%M}")
        yield Finding(f"{name}: {progress.system}", not late, found, "kutsu sync" if late else "")
