"""The ground the other tests stand on holds."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, StreamingResponse
from starlette.routing import Route

from tests.support.browser import Watch, barriers
from tests.support.client import TestClient
from tests.support.databases import Postgres
from tests.support.proofs import lines_of, read
from tests.support.server import serving

GOOD_PAGE = (
    '<!doctype html><html lang="en"><title>Good</title><link rel="icon" href="data:,"><main><h1>Good</h1></main>'
)


def answering(html: str) -> Starlette:
    return Starlette(routes=[Route("/", lambda _: HTMLResponse(html))])


def test_an_empty_database_holds_no_table_and_takes_one(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE thing (id INTEGER PRIMARY KEY)"))
        assert connection.execute(text("SELECT count(*) FROM thing")).scalar_one() == 0
    engine.dispose()


@pytest.mark.postgresql
def test_tests_are_no_superuser_of_postgresql(postgres: Postgres) -> None:
    with postgres.database() as name:
        engine = create_engine(postgres.url(name))
        with engine.connect() as connection:
            assert connection.execute(text("SHOW is_superuser")).scalar_one() == "off"
        engine.dispose()


@pytest.mark.postgresql
def test_a_lent_database_comes_back_without_a_row_and_not_at_all_once_its_schema_is_touched(postgres: Postgres) -> None:
    def run(name: str, *statements: str) -> None:
        engine = create_engine(postgres.url(name), poolclass=NullPool)
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    with postgres.database() as template:
        run(template, "CREATE TABLE thing (id INTEGER PRIMARY KEY)")
        with postgres.lent_database(template) as first:
            run(first, "INSERT INTO thing VALUES (1)")
        with postgres.lent_database(template) as second:
            assert second == first
            run(second, "INSERT INTO thing VALUES (1)", "ALTER TABLE thing ADD COLUMN more TEXT")
        with postgres.lent_database(template) as third:
            assert third != first
            run(third, "INSERT INTO thing VALUES (1)")


async def broken(_request: Request) -> HTMLResponse:
    raise LookupError("no page")


async def parts(request: Request) -> StreamingResponse:
    answer = StreamingResponse(iter([request.method.lower(), " ", (await request.body()).decode()]), 201)
    answer.set_cookie("seen", "yes")
    return answer


def test_a_client_asks_in_the_thread_of_the_test_and_in_another_where_a_loop_runs_already() -> None:
    app = Starlette(routes=[Route("/parts", parts, methods=["POST"]), Route("/broken", broken)])
    client = TestClient(app)

    def ask() -> None:
        client.cookies.clear()
        answer = client.post("/parts", content="a body")
        assert (answer.status_code, answer.text, client.cookies["seen"]) == (201, "post a body", "yes")
        assert TestClient(app, raise_server_exceptions=False).get("/broken").status_code == 500
        with pytest.raises(LookupError, match="no page"):
            client.get("/broken")

    async def ask_inside_a_loop() -> None:
        ask()

    ask()
    asyncio.run(ask_inside_a_loop())
    with client:
        ask()


def test_a_served_application_answers_on_loopback_and_stops() -> None:
    with serving(answering(GOOD_PAGE)) as base_url:
        assert base_url.startswith("http://127.0.0.1:")
        assert httpx.get(base_url).text == GOOD_PAGE
    with pytest.raises(httpx.ConnectError):
        httpx.get(base_url)


def test_an_application_that_cannot_start_says_so() -> None:
    @asynccontextmanager
    async def without_settings(app: Starlette) -> AsyncIterator[None]:
        raise LookupError("no settings")
        yield

    with pytest.raises(RuntimeError, match="did not start"), serving(Starlette(lifespan=without_settings)):
        pass


def test_a_sound_page_raises_no_complaint_and_no_barrier(watch: Watch) -> None:
    with serving(answering(GOOD_PAGE)) as base_url:
        page = watch.open()
        page.goto(base_url)
        assert page.title() == "Good"
        assert barriers(page) == []


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("<script>console.error('broken chart')</script>", "console error: broken chart"),
        ("<script>throw new Error('no data')</script>", "thrown: no data"),
        ("<img alt='' src='http://elsewhere.example/pixel.gif'>", "asked another machine: http://elsewhere"),
    ],
)
def test_a_page_that_complains_is_heard(watch: Watch, fault: str, complaint: str) -> None:
    with serving(answering(GOOD_PAGE + fault)) as base_url:
        watch.open().goto(base_url)
        assert any(seen.startswith(complaint) for seen in watch.complaints())
        watch.allow(".")
        assert watch.complaints() == []


def test_a_barrier_is_found(watch: Watch) -> None:
    with serving(answering(GOOD_PAGE + "<img src='data:,'>")) as base_url:
        page = watch.open()
        page.goto(base_url)
        assert any(found.startswith("image-alt") for found in barriers(page))


def test_pages_can_be_read_without_scripts(watch: Watch) -> None:
    with serving(answering(GOOD_PAGE + "<script>document.title = 'Changed'</script>")) as base_url:
        page = watch.open(java_script_enabled=False)
        page.goto(base_url)
        assert page.title() == "Good"


def test_the_figures_of_proofs_stand_in_one_table_and_in_the_file_that_keeps_them(pytester: pytest.Pytester) -> None:
    pytester.makeconftest('pytest_plugins = ["tests.support.proofs"]')
    pytester.makepyfile("""
        import pytest

        def test_one(proof):
            proof("doctors counted", ">= 10", 12)

        @pytest.mark.xfail
        def test_two(proof):
            proof("doctors hired", ">= 3", 2)
            assert False
    """)
    kept = pytester.path / "kept.md"
    kept.write_text(
        "\n".join(lines_of([("doctors hired", ">= 3", "1", "FAILS", "2026-01-01"), ("  asked", "0", "0", "", "")]))
    )
    result = pytester.runpytest("--proofs", "kept.md", "-p", "no:cacheprovider")
    today = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
    counted = ("doctors counted", ">= 10", "12", "holds", today)
    hired = ("doctors hired", ">= 3", "2", "falls short", today)
    result.stdout.fnmatch_lines_random(list(lines_of([counted, hired])))
    assert read(kept) == [hired, ("  asked", "0", "0", "", ""), counted]
