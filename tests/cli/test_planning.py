"""The verbs of planning: placements from a sheet, invoices shared out and taken back, the plan against what came."""

import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.access.organisation import list_organisations
from app.cli import cli
from app.database import Database
from app.funnel.daily_click import DailyClick, Follower
from tests.support.plan import a_campaign, a_channel, a_persona, an_asset, name_hosts

Kutsu = Callable[..., Result]
HEAD = "asset,channel,place,persona,target_url,planned_cost\n"


@pytest.fixture
def kutsu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kutsu:
    """Runs a verb on a database with one organisation and a campaign to plan in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KUTSU_SECRET_KEY", raising=False)
    runner = CliRunner()

    def run_verb(*words: str, **options: Any) -> Result:
        return runner.invoke(cli, ["--database", "sqlite:///test.db", *words], **options)

    for words in (["migrate"], ["organisation", "create", "City", "--locale", "en"]):
        assert run_verb(*words).exit_code == 0
    database = Database("sqlite:///test.db")
    with database.reading() as session:
        (city,) = (one.id for one in list_organisations(session))
    with database.writing(city) as session:
        name_hosts(session)
        an_asset(session, name="Poster")
        a_channel(session, name="Stops")
        a_persona(session)
        a_campaign(session, name="Now we must")
    database.close()
    return run_verb


def sheet(path: Path, *places: str) -> str:
    line = "Poster,Stops,{},gp-young-family,https://jobs.example.org/doctor,100\n"
    path.write_text(HEAD + "".join(map(line.format, places)), encoding="utf-16")
    return str(path)


def test_placements_are_planned_from_a_sheet_once_a_rehearsal_finds_nothing_wrong(kutsu: Kutsu, tmp_path: Path) -> None:
    file = sheet(tmp_path / "plan.csv", "Kallio", "Vallila")
    rehearsed = kutsu("plan", "placements", "Now we must", file, "--dry-run")
    assert rehearsed.output == "2 placements can be planned; nothing was stored.\n"
    assert kutsu("plan", "placements", "Now we must", file).output == "2 placements planned.\n"
    again = kutsu("plan", "placements", "Now we must", file)
    assert "Row 1, Starts: “Poster, Kallio” is the same asset" in str(again.exception)


def test_a_sheet_that_cannot_be_read_is_named(kutsu: Kutsu, tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_bytes(b"asset\xff\xfe\xfd")
    assert "no text in UTF-8" in str(kutsu("plan", "placements", "Now we must", str(tmp_path / "odd.csv")).exception)
    missing = kutsu("plan", "placements", "Now we must", str(tmp_path / "none.csv"))
    assert "cannot be read" in str(missing.exception)
    file = sheet(tmp_path / "plan.csv", "Kallio")
    assert "No campaign has the name or id “Other”." in str(kutsu("plan", "placements", "Other", file).exception)


def test_an_invoice_is_shared_out_and_taken_back_by_the_id_that_was_printed(kutsu: Kutsu, tmp_path: Path) -> None:
    kutsu("plan", "placements", "Now we must", sheet(tmp_path / "plan.csv", "Kallio", "Vallila"))
    days = ("--from", "2026-03-01", "--to", "2026-03-31", "--reference", "JCDecaux")
    done = kutsu("plan", "invoice", "Now we must", *days, "--amount", "1 000,00", "--vat", "25.5")
    assert "shared out over the invoiced costs of 2 placements." in done.output
    (id,) = re.findall(r"take-back (\S+)", done.output)
    plan = json.loads(kutsu("report", "plan", "--format", "json").output)
    assert {one["basis"]: one["amount"]["amount"] for one in plan["campaigns"][0]["spent"]}["invoiced"] == "1000.00"
    reference, *_days, amount, vat, shares, listed = kutsu("plan", "invoices", "Now we must").output.strip().split("\t")
    assert (amount, vat, listed) == ("1000.00 EUR", "25.5", id) and reference and int(shares)
    assert json.loads(kutsu("plan", "invoices", "Now we must", "--format", "json").output)[0]["id"] == id
    assert kutsu("plan", "take-back", id).output.startswith("The invoice was taken back")
    assert "There is no such invoice." in str(kutsu("plan", "take-back", id).exception)
    assert "There is no invoice by this id." in str(kutsu("plan", "take-back", "that").exception)
    wrong = kutsu("plan", "invoice", "Now we must", *days, "--amount", "much")
    assert str(wrong.exception).startswith("--amount: ") and "is no amount" in str(wrong.exception)


def test_what_is_needed_this_week_is_planned_in_one_line_and_its_link_printed(kutsu: Kutsu) -> None:
    words = ["--channel", "Stops", "--to", "gp-young-family", "--target", "https://jobs.example.org/locums"]
    done = kutsu("plan", "urgent", "Locums", *words, "--from", "2026-12-29", "--cost", "300", "--place", "Kallio")
    said, link = done.stdout.splitlines()
    assert said == "Planned from 29 Dec 2026 to 4 Jan 2027; the asset is a draft."
    assert re.fullmatch(r"http://127.0.0.1:8600/k/[a-z0-9]{6}", link)
    (row,) = json.loads(kutsu("report", "plan", "--campaign", "Locums", "--format", "json").output)["campaigns"]
    assert (row["placements"], row["spent"][0]["amount"]["amount"]) == (1, "300.00")
    for option, other, remedy in (
        ("--channel", "Buses", "No channel has the name “Buses”."),
        ("--to", "nobody", "There is no persona “nobody”."),
        ("--cost", "much", "--cost: “much” is no amount"),
        ("--format", "hologram", "format: Choose one of"),
    ):
        refused = kutsu("plan", "urgent", "More locums", *words, option, other)
        assert remedy in str(refused.exception), option


def test_the_plan_is_told_as_table_json_and_csv(kutsu: Kutsu, tmp_path: Path) -> None:
    kutsu("plan", "placements", "Now we must", sheet(tmp_path / "plan.csv", "Kallio"))
    assert kutsu("report", "plan").exit_code == 0
    head, first, *_rest = kutsu("report", "plan", "--format", "csv").output.splitlines()
    assert head.startswith("campaign,name,kind,status,starts_on")
    assert "Now we must,burst,draft,2026-03-01" in first
    assert first.endswith(",applied,,0,0,,"), "nothing was expected, so between no ends"
    found = json.loads(kutsu("report", "plan", "--campaign", "Now we must", "--format", "json").output)
    assert [row["name"] for row in found["campaigns"]] == ["Now we must"]


def test_a_naming_preset_is_written_locked_and_unlocked(kutsu: Kutsu, tmp_path: Path) -> None:
    assert kutsu("naming", "list").output.startswith("There is no pattern yet")
    assert kutsu("naming", "write", "Rule", "{channel} {place}").output == (
        "Rule\t{channel} {place}\ta proposal\tTram stops Kallio\n"
    )
    assert "\tlocked: all of them\t" in kutsu("naming", "lock", "Rule").output
    kutsu("plan", "placements", "Now we must", sheet(tmp_path / "plan.csv", "Vallila"))
    assert "\tlocked: all of them\t" in kutsu("naming", "write", "Rule", "{format} {place}").output
    assert kutsu("naming", "list").output == "Rule\t{format} {place}\tlocked: all of them\tposter Vallila\n"
    assert "\ta proposal\t" in kutsu("naming", "unlock", "Rule").output
    assert "no naming preset “Other”" in str(kutsu("naming", "lock", "Other").exception)


def test_what_may_be_recorded_is_chosen_and_its_clicks_are_told_by_day(kutsu: Kutsu, tmp_path: Path) -> None:
    kutsu("plan", "placements", "Now we must", sheet(tmp_path / "plan.csv", "Kallio"))
    (code,) = (one["tracking_code"] for one in json.loads(kutsu("placement", "list", "--format", "json").output))
    assert kutsu("organisation", "tracking").output == "off\n"
    assert "We do not count how often it is followed" in kutsu("placement", "clicks", code).output
    assert "Choose one of off, aggregate, consented" in str(kutsu("organisation", "tracking", "all").exception)
    assert "what the law asks" in str(kutsu("organisation", "tracking", "consented").exception)
    assert kutsu("organisation", "tracking", "consented", "--agreed").output == "consented\n"
    assert kutsu("organisation", "tracking", "aggregate").output == "aggregate\n"
    assert "Nobody has followed this address yet" in kutsu("placement", "clicks", code).output
    database = Database("sqlite:///test.db")
    with database.reading() as session:
        (city,) = (one.id for one in list_organisations(session))
    with database.writing(city) as session:
        for day, follower, n in ((2, "person", 3), (2, "robot", 1), (2, "head", 1), (1, "person", 1)):
            session.add(DailyClick(code=code, day=dt.date(2026, 3, day), follower=Follower(follower), n=n))
    database.close()
    assert kutsu("placement", "clicks", code).output == "2026-03-01\t1\t0\n2026-03-02\t3\t2\n"


def test_what_a_campaign_costs_is_told_week_by_week(kutsu: Kutsu, tmp_path: Path) -> None:
    assert "No cost of this campaign is known yet" in kutsu("plan", "weeks", "Now we must").output
    kutsu("plan", "placements", "Now we must", sheet(tmp_path / "plan.csv", "Kallio"))
    lines = [line.split("\t") for line in kutsu("plan", "weeks", "Now we must").output.splitlines()]
    assert sum(round(float(cost.split()[0]) * 100) for _monday, cost in lines) == 10_000
    assert {cost.split()[1] for _monday, cost in lines} == {"EUR"}
    assert kutsu("plan", "weeks", "Now we must", "--format", "csv").output.startswith("monday,")
