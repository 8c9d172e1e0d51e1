"""The verbs that open the way in for webhooks, and look after what came by it."""

import re

from typer.testing import CliRunner

from app.access.organisation import create_organisation
from app.cli import cli
from app.database import Database
from app.errors import Conflict, Missing
from tests.intake.town import START


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
