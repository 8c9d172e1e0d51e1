"""What `kutsu doctor` looks at: first the installation, then the data of each organisation."""

import datetime as dt
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.organisation import Organisation, list_organisations
from app.cli.runtime import Runtime
from app.database import Database, from_micros
from app.errors import KutsuError
from app.funnel.application import Application, SystemProgress
from app.funnel.record import count_waiting
from app.i18n import LANGUAGES, LOCALE_DIRECTORY
from app.migration import require_current, shipped
from app.planning.placement import Placement
from app.reports.scope import Scope
from app.reports.unmatched import report_unmatched

LATE_AFTER = dt.timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, how it is, and what to do when it is not well."""

    what: str
    healthy: bool
    found: str
    remedy: str = ""


def examine(runtime: Runtime) -> list[Finding]:
    """Look at everything that can be looked at; what rests on something broken is left out."""
    findings = [_python(), _personas(), _languages(), _secret(runtime)]
    database = _database(runtime)
    findings.append(database)
    if database.healthy:
        with runtime.database.reading() as session:
            organisations = list_organisations(session)
        if not organisations:
            findings.append(Finding("organisation", False, "none yet", "kutsu organisation create NAME"))
        for organisation in organisations:
            with runtime.database.reading(organisation.id) as session:
                findings.extend(_data(session, organisation, runtime.now()))
    return findings


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", sys.version_info >= (3, 11), version, "Kutsu needs Python 3.11 or newer.")


def _personas() -> Finding:
    count = len(list(shipped("personas").glob("*.toml")))
    return Finding("persona library", count > 0, f"{count} files", "Install Kutsu anew; the wheel carries them.")


def _languages() -> Finding:
    there = ["en", *(one for one in LANGUAGES if (LOCALE_DIRECTORY / one).exists())]
    return Finding("languages", True, ", ".join(there))


def _secret(runtime: Runtime) -> Finding:
    try:
        runtime.settings.secret()
    except KutsuError as error:
        return Finding("secret key", False, "missing", str(error))
    if runtime.settings.secret_key is not None:
        return Finding("secret key", True, "from the environment")
    path = Path(runtime.settings.secret_path())
    open_to_others = os.name == "posix" and path.stat().st_mode & 0o077
    return Finding("secret key", not open_to_others, str(path), f"chmod 600 {path}" if open_to_others else "")


def _database(runtime: Runtime) -> Finding:
    database = Database(runtime.settings.database_url)
    shown = database.url.render_as_string()
    try:
        require_current(database)
    except KutsuError as error:
        return Finding("database", False, shown, str(error))
    except Exception as error:  # noqa: BLE001 (whatever a driver says, the doctor goes on)
        return Finding("database", False, shown, f"It cannot be opened: {error}".splitlines()[0])
    finally:
        database.close()
    return Finding("database", True, shown)


def _data(session: Session, organisation: Organisation, now: dt.datetime) -> Iterator[Finding]:
    name = organisation.name
    yield from _freshness(session, name, now)
    count = session.scalar(select(func.count()).select_from(Application)) or 0
    yield Finding(f"{name}: applications", True, str(count))
    waiting = count_waiting(session)
    remedy = "Their stages came first; send the applications."
    yield Finding(f"{name}: applications spoken of but not seen", waiting == 0, str(waiting), remedy)
    unmapped = session.scalar(select(func.count()).where(Application.unmapped > 0)) or 0
    yield Finding(
        f"{name}: applications in unmapped stages", unmapped == 0, str(unmapped), "Say what these stages mean."
    )
    without = session.scalar(select(func.count()).where(Placement.currency.is_(None))) or 0
    yield Finding(f"{name}: placements without a cost", without == 0, str(without), "Enter what they cost.")
    unmatched = report_unmatched(session, Scope(organisation_id=organisation.id, now=now))
    yield Finding(
        f"{name}: observed sources without a placement",
        not unmatched.sources,
        str(len(unmatched.sources)),
        "kutsu report unmatched lists them; name each in the API's source-aliases.",
    )


def _freshness(session: Session, name: str, now: dt.datetime) -> Iterator[Finding]:
    for progress in session.scalars(select(SystemProgress).order_by(SystemProgress.system)):
        through = from_micros(progress.through)
        late = now - through > LATE_AFTER
        found = f"read through {through:%Y-%m-%d %H:%M} UTC"
        yield Finding(f"{name}: {progress.system}", not late, found, "kutsu sync" if late else "")
