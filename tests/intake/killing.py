"""Kills pulls in the middle, with -9, and says whether what they leave is taken up as if nothing had been."""

import datetime as dt
import random
import subprocess
import sys
from contextlib import suppress

from app.database import Database
from app.funnel.application import Application
from app.intake.connection import SyncCursor, SyncRun
from tests.intake.town import Account
from tests.intake.vendor_towns import VendorTown
from tests.support.house import ROOT

MOST_SECONDS_IN_A_PAGE = 0.2
FIRST_PAGE = {"teamtailor": 3, "greenhouse": 8}
"""The first page that holds applications: stages, jobs and the like come before."""


def pull_and_kill(account: Account, pages: int, seconds: float = 0.0) -> bool:
    """Pull in a process of its own and kill it so long after it has committed so many pages; False if it was done
    before."""
    url = account.database.url.render_as_string(hide_password=False)
    said = (url, str(account.organisation_id), str(account.connection.id), account.now.isoformat())
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.intake.pulling", *said], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert process.stdout is not None
    with process:
        for _page in range(pages):
            if not process.stdout.readline():
                break
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        process.kill()
    return process.returncode == -9


def applied(account: Account) -> set[dt.datetime]:
    """The account's applications, by what tells them apart at any account of the town."""
    return {row.applied_at for row in account.rows(Application)}


def pull_the_rest(served: VendorTown, account: Account, database: Database) -> set[dt.datetime]:
    """The applications that the account's cursors still leave to be read: what an account without any row brings in
    that goes on from them."""
    rest = served.account(database, f"rest {account.connection.id} {len(account.rows(SyncRun))}")
    with database.writing(rest.organisation_id) as session:
        for row in account.rows(SyncCursor):
            connection = rest.connection.id
            session.add(
                SyncCursor(connection_id=connection, stream=row.stream, cursor=row.cursor, updated_at=row.updated_at)
            )
    rest.now = account.now
    rest.sync()
    return applied(rest)


def pull_through_kills(
    served: VendorTown, calm: Account, account: Account, chance: random.Random, kills: int, most_pages: int = 6
) -> tuple[int, int, int]:
    """Kill so many pulls at random pages of applications, then let one end. Returns how many were killed, how many
    applications they had taken by then, and how many are lost (which must be none): those of an undisturbed pull that
    the cursors say were taken and that are not there."""
    killed = taken = lost = 0
    for _try in range(kills):
        seconds = chance.uniform(0, MOST_SECONDS_IN_A_PAGE)
        pages = FIRST_PAGE[served.vendor] + chance.randrange(most_pages)
        killed += pull_and_kill(account, pages, seconds)
        passed = applied(calm) - pull_the_rest(served, account, calm.database)
        taken, lost = taken + len(passed), lost + len(passed - applied(account))
    account.sync()
    lost += len(applied(calm) - applied(account))
    assert [row.state for row in account.rows(SyncRun)].count("running") == 0
    return killed, taken, lost
