"""The verbs that open the way in for webhooks, and look after what came by it."""

import re

import pytest
import typer
from typer.testing import CliRunner, Result

from app.access.organisation import create_organisation
from app.cli import cli
from app.cli.connecting import try_first
from app.cli.data import rekey
from app.cli.runtime import Runtime
from app.database import Database
from app.demo.ats import KEY
from app.errors import Conflict, Invalid, Missing
from app.intake.connection import Connection
from app.intake.vendors import connect, get_connection, open_secrets
from tests.intake.conftest import base_url, faults, town
from tests.intake.town import START, Town
from tests.support.accounts import through

__all__ = ["base_url", "faults", "town"]


def test_a_way_in_is_opened_changed_used_and_closed(sqlite_file_url: str) -> None:
    database = Database(sqlite_file_url)
    with database.writing() as session:
        create_organisation(session, "City", now=START)

    def kutsu(*words: str) -> str:
        result = CliRunner().invoke(cli, ["--database", sqlite_file_url, *words])
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output

    kutsu("connect", "standard", "--name", "Own")
    said = kutsu("hook", "open", "Own")
    assert re.search(r"/hooks/[0-9a-f-]{36}", said) and "whsec_" in said
    assert "whsec_" in kutsu("hook", "open", "Own")
    assert isinstance(
        CliRunner().invoke(cli, ["--database", sqlite_file_url, "hook", "open", "Own"]).exception, Conflict
    )
    assert "keep both" in kutsu("hook", "show", "Own")
    kutsu("hook", "drop-newer", "Own")
    kutsu("hook", "open", "Own")
    kutsu("hook", "drop-older", "Own")
    assert kutsu("hook", "show", "Own") == "1 secret is live.\n"
    assert kutsu("inbox", "list") == ""
    assert "0 deliveries" in kutsu("inbox", "project")
    assert "0 deliveries" in kutsu("inbox", "retry")
    lost = CliRunner().invoke(cli, ["--database", sqlite_file_url, "inbox", "retry", "x"])
    assert isinstance(lost.exception, Missing)
    assert "0 applications" in kutsu("replay", "--from-inbox")
    assert "deliveries" in CliRunner().invoke(cli, ["--database", sqlite_file_url, "doctor"]).output
    kutsu("hook", "close", "Own")
    database.close()


def test_a_signature_is_described_and_changed_word_by_word(sqlite_file_url: str) -> None:
    database = Database(sqlite_file_url)
    with database.writing() as session:
        create_organisation(session, "City", now=START)
    database.close()

    def kutsu(*words: str) -> Result:
        return CliRunner().invoke(cli, ["--database", sqlite_file_url, *words])

    assert "signature_header" in str(kutsu("connect", "signed", "--name", "Own").exception)
    said = kutsu("connect", "signed", "--name", "Own", "--signing", "signature_header=X-Sig", "--signing", "prefix=v1=")
    assert "kutsu hook open" in said.output
    assert kutsu("hook", "settings", "Own").output == "signature_header=x-sig\nprefix=v1=\n"
    assert kutsu("hook", "settings", "Own", "signature_header=Y").output == "signature_header=y\n"
    assert "NAME=VALUE" in str(kutsu("hook", "settings", "Own", "signature_header").exception)
    assert "success_status" in str(
        kutsu("hook", "settings", "Own", "signature_header=Y", "success_status=404").exception
    )


def test_an_account_is_tried_before_it_is_connected(
    base_url: str, town: Town, sqlite_file_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    town.apply(1)
    runtime = Runtime(sqlite_file_url, None)
    runtime.open_account = lambda connection, secrets, **_limits: through({"eu": base_url})(connection, secrets)
    assert [one.name for one in try_first(runtime, account("eu"), {"key": KEY}).seen]
    assert "application can be read" in capsys.readouterr().out
    with pytest.raises(typer.Exit):
        try_first(runtime, account("eu"), {"key": "another"})
    said = capsys.readouterr().err
    assert "refuses the key" in said and "--untried" in said
    with pytest.raises(Invalid, match="region"):
        try_first(runtime, account("moon"), {"key": KEY})


def test_a_connection_is_given_another_key_once_that_was_tried_or_all_the_same(
    base_url: str, town: Town, sqlite_file_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    runtime = Runtime(sqlite_file_url, None)
    runtime.open_account = lambda connection, secrets, **_limits: through({"eu": base_url})(connection, secrets)
    with runtime.database.writing() as session:
        organisation = create_organisation(session, "City", now=START).id
    with runtime.database.writing(organisation) as session:
        made = connect(session, "teamtailor", "Our ATS", "eu", {"key": "first"}, sealer=runtime.sealer, now=START)
        id = made.id

    def key() -> str:
        with runtime.database.reading(organisation) as session:
            return open_secrets(get_connection(session, id), runtime.sealer)["key"]

    context = typer.Context(typer.main.get_command(cli), obj=runtime)
    with pytest.raises(typer.Exit):
        rekey(context, "Our ATS", key="another")
    assert "Nothing was stored" in capsys.readouterr().err
    assert key() == "first"
    rekey(context, "Our ATS", key=KEY)
    assert capsys.readouterr().out.endswith("Our ATS has another key. Next: kutsu sync 'Our ATS'.\n")
    assert key() == KEY
    rekey(context, str(id), key="third", untried=True)
    assert key() == "third"


def account(region: str) -> Connection:
    return Connection(vendor="teamtailor", name="ATS", region=region, base_url=None, credentials=b"")
