"""Fixtures that every test may ask for: databases, a browser, and how hard hypothesis tries."""

import fcntl
import gc
import os
import re
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import argon2
import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, Page

from app.access import password
from app.access.audit import OURSELVES, acting
from tests.support.browser import Watch, running_chromium
from tests.support.client import keeping_a_thread
from tests.support.databases import (
    Postgres,
    copy_sqlite,
    migrate,
    remember_statements,
    running_postgres,
    sqlite_url,
)

pytest_plugins = ["pytester", "tests.support.proofs"]

settings.register_profile("test", derandomize=True, max_examples=30, deadline=None, database=None)
settings.register_profile(
    "prove", max_examples=2000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("test")

ON_POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgresql)


LONG = {
    "test_applications.py", "test_browser.py", "test_charts.py", "test_counting.py", "test_data_in.py",
    "test_explain.py", "test_fault_grid.py", "test_openapi.py", "test_payloads.py", "test_plan_api.py", "test_races.py",
    "test_rights.py", "test_screens.py", "test_serving.py", "test_units.py", "test_verbs.py", "test_verdicts.py",
    "test_walks.py",
}  # fmt: skip
"""Files that take a third of a minute or more: begun last, they would keep one worker busy while the other waits."""

AGAIN = {
    "test_applications.py",
    "test_counting.py", "test_explain.py", "test_fault_grid.py", "test_faults.py", "test_hooks_killed.py",
    "test_openapi.py", "test_ownership.py", "test_payloads.py", "test_races.py", "test_rights.py", "test_verdicts.py",
}  # fmt: skip
"""Files that go once more, many times over, through lines that other tests count."""

ALIKE = {
    "web/pages/test_applications.py": r"monthly|/paths\?stage|/funnel\?(from|split|view=activity)|foretold.*stage",
    "web/pages/test_browser.py": r"longer_words\[(sv|nb)|narrow\[/(?!forecasts|examples)"
    r"|narrow.*(long-names|sixty|funnel/city|(funnel|verdicts)/empty)|look[12]|chain_of_a_placement"
    r"|twice_as_large|empty_page.*/(funnel|verdicts)",
    "web/pages/test_charts.py": r"people-sv|credit-nb|forest-en",
    "web/pages/test_data_in.py": r"without_barriers|focus_|stopped_where|long_work_is|counts_that_differ|is_renamed"
    r"|list_says_what_waits",
    "web/pages/test_machines.py": r"without_barriers",
    "web/pages/test_signing_in_browser.py": r"door_are_quiet|second_step_and_out_again\[False",
    "web/pages/test_units.py": r"without_barriers",
    "web/pages/test_walks.py": r"marketer|without JavaScript",
    "web/test_openapi.py": r"postgresql",
    "web/test_plan_api.py": r"(revision_it_was|not_there_is|only_planners|if_match|asker_has|made_up|no_sense"
    r"|broken_rule|code|no_months).*postgresql",
    "web/test_rights.py": r"(every_route|every_page|every_cookie|counts|only_administrators|declared).*postgresql",
    "intake/test_fault_grid.py": r"greenhouse-(503|no answer|an answer|a web page)|renames.*(prospect|current|sort)",
    "intake/test_sync.py": r"broken_off_anywhere.*postgresql",
    "reports/test_counting.py": r"^(?!.*(add_up|touched_counts)).*postgresql",
    "reports/test_ownership.py": r"add_up_to_the_totals.*postgresql",
    "reports/test_suppression.py": r"two_years",
    "tasks/test_races.py": r"done_once.*sqlite|(stopped_for_longer|killed_process).*postgresql",
    "tasks/test_serving.py": r"(stops_in_order|beside_the_server).*postgresql|several_servers",
    "prove/test_database_restarted.py": r"opens_again",
    "demo/test_verdicts.py": r"",
}
"""Of each file the tests, by their names, whose rule another ordinary test or the look at all screens shows too, on
another database, in another language or of another page: they are part of the proof."""

TESTS = Path(__file__).parent
MEMORY, ROOM = Path("/dev/shm"), 2 * 2**30  # noqa: S108 (whoever else writes there keeps out of pytest's directory)


def pytest_configure() -> None:
    """Keeps what tests write in memory, where there is room: waiting for the disk took a fifth of their time."""
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)  # of this process, and of those that it starts
    remember_statements()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Lets one worker collect first: on a clean checkout each would compile the same files beside the other."""
    with Path(__file__).open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(handle, fcntl.LOCK_SH)
        return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts long files first, and marks tests: those that need a browser, so that `-m "not browser"` leaves them out.
    These, those on PostgreSQL and those of `AGAIN` run the lines that others count already: counting takes half of a
    test's time."""
    items.sort(key=lambda item: item.path.name not in LONG)
    for item in items:
        alike = ALIKE.get(item.path.relative_to(TESTS).as_posix())
        if alike is not None and re.search(alike, item.name):
            item.add_marker(pytest.mark.prove)
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
        if item.path.name in AGAIN or item.get_closest_marker("postgresql") or item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.no_cover)


def pytest_collection_finish() -> None:
    """Lets the collector of garbage pass over what stays anyway; it took a sixth of the time of all tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Trying a password is dear on purpose, and tests try thousands; a test of its own says how dear."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(password, "hasher", argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield


@pytest.fixture(scope="session", autouse=True)
def _one_loop() -> Iterator[None]:
    """Applications that are asked in the thread of a test are asked in one loop, which ends with the last test."""
    with keeping_a_thread():
        yield


@pytest.fixture(autouse=True)
def _nobody_acts() -> None:
    """A command that an earlier test ran acts no more."""
    acting.set(OURSELVES)


@pytest.fixture(scope="session")
def postgres(testrun_uid: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """The PostgreSQL of this test run, one for all its workers."""
    directory = tmp_path_factory.getbasetemp()
    shared = directory if worker_id == "master" else directory.parent
    with running_postgres(testrun_uid, worker_id, shared) as server:
        yield server


@pytest.fixture(scope="session")
def _migrated_database(postgres: Postgres) -> Iterator[str]:
    with postgres.database() as name:
        migrate(postgres.url(name))
        yield name


@pytest.fixture(scope="session")
def _migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "migrated.db"
    migrate(sqlite_url(path))
    return path


@pytest.fixture
def postgresql_url(postgres: Postgres, _migrated_database: str) -> Iterator[str]:
    """A fresh, migrated, empty PostgreSQL database."""
    with postgres.lent_database(_migrated_database) as name:
        yield postgres.url(name)


@pytest.fixture
def sqlite_file_url(tmp_path: Path, _migrated_file: Path) -> str:
    """A fresh, migrated, empty SQLite file."""
    return copy_sqlite(_migrated_file, tmp_path / "kutsu.db")


@pytest.fixture(params=["sqlite", ON_POSTGRESQL])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated, empty database; the test runs once on SQLite and once on PostgreSQL."""
    name = "sqlite_file_url" if request.param == "sqlite" else "postgresql_url"
    return str(request.getfixturevalue(name))


@pytest.fixture(params=["sqlite", ON_POSTGRESQL])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table, for tests of the migrations; on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "empty.db")
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with postgres.database() as name:
        yield postgres.url(name)


# Playwright's synchronous driver keeps an event loop running in this thread, in which no test of another
# module could call asyncio.run: so it lives for one module only.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A running Chromium."""
    with running_chromium() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def _watching(browser: Browser) -> Watch:
    return Watch(browser)


@pytest.fixture
def watch(_watching: Watch) -> Iterator[Watch]:
    """Opens pages, and fails the test for what they complain of."""
    yield _watching
    complaints = _watching.complaints()
    _watching.clear()
    assert complaints == []


@pytest.fixture
def page(watch: Watch) -> Page:
    """One page in a context of its own, watched."""
    return watch.open()
