"""Kills pulls in the middle, with -9, and says whether what they leave is taken up as if nothing had been."""

import random
import subprocess
import sys

from app.funnel.application import Application
from app.intake.connection import SyncRun
from tests.intake.town import Account
from tests.support.house import ROOT


def pull_and_kill(account: Account, pages: int) -> bool:
    """Pull in a process of its own and kill it once it has committed so many pages; False if it was done before."""
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
        process.kill()
    return process.returncode == -9


def pull_through_kills(account: Account, chance: random.Random, kills: int, most_pages: int) -> tuple[int, int]:
    """Kill so many pulls at random pages, then let one end; returns how many were killed, and how many of the
    applications that a killed one had committed were lost (which must be none)."""
    killed = lost = 0
    for _try in range(kills):
        killed += pull_and_kill(account, chance.randint(1, most_pages))
        there = {row.id for row in account.rows(Application)}
        lost += len(there - {row.id for row in account.rows(Application)})
    before = {row.id for row in account.rows(Application)}
    account.sync()
    lost += len(before - {row.id for row in account.rows(Application)})
    assert [row.state for row in account.rows(SyncRun)].count("running") == 0
    return killed, lost
