"""Verbs on campaigns, and on the channels, claims and vacancies that they are planned with."""

import csv
import io
import json
from pathlib import Path

from sqlalchemy import select

from app.access.organisation import list_organisations
from app.database import Database
from app.planning.campaign import Campaign
from tests.cli.test_planning import Kutsu, kutsu, sheet
from tests.support.plan import a_campaign

__all__ = ["kutsu"]


def lay_campaign(**fields: object) -> None:
    database = Database("sqlite:///test.db")
    with database.reading() as session:
        (city,) = (one.id for one in list_organisations(session))
    with database.writing(city) as session:
        a_campaign(session, **fields)
    database.close()


def status_of(name: str) -> tuple[str, str]:
    """A campaign's status, and its last day."""
    database = Database("sqlite:///test.db")
    with database.reading() as session:
        (city,) = (one.id for one in list_organisations(session))
    with database.reading(city) as session:
        found = session.scalars(select(Campaign).where(Campaign.name == name)).one()
        said = found.status, str(found.ends_on)
    database.close()
    return said


def test_a_campaign_goes_live_only_once_what_is_not_in_order_was_put_right_or_yes_was_said(kutsu: Kutsu) -> None:
    assert kutsu("campaign", "status", "Now we must", "approved").output == "Now we must\tapproved\n"
    asked = kutsu("campaign", "status", "Now we must", "live")
    assert asked.exit_code == 1
    assert asked.stdout == (
        "Nothing is placed in this campaign yet. Plan its placements: until then nobody meets it.\n"
    )
    assert "go on with --yes" in asked.stderr
    assert status_of("Now we must")[0] == "approved"
    done = kutsu("campaign", "status", "Now we must", "live", "--yes")
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "Now we must\tlive")
    assert status_of("Now we must")[0] == "live"
    again = kutsu("campaign", "status", "Now we must", "live")
    assert (again.exit_code, again.output) == (0, "Now we must\tlive\n"), "it is live already, so nothing is asked"


def test_each_thing_that_is_not_in_order_is_named_and_in_the_language_that_is_asked_for(
    kutsu: Kutsu, tmp_path: Path
) -> None:
    kutsu("plan", "placements", "Now we must", sheet(tmp_path / "plan.csv", "Kallio"))
    kutsu("campaign", "status", "Now we must", "approved")
    kutsu("campaign", "status", "Now we must", "live", "--yes")
    asked = kutsu("campaign", "status", "Now we must", "ended", "--language", "fi")
    assert asked.exit_code == 1
    assert asked.stdout.startswith("1 mainospaikka ei ole päättynyt. ")
    assert "\n  Poster, Kallio (1.–31. maaliskuuta 2026)\n" in asked.stdout
    refused = kutsu("campaign", "status", "Now we must", "ended", "--yes")
    assert "cannot end before “Poster, Kallio”" in str(refused.exception), "that the plan itself refuses"


def test_a_campaign_without_an_end_ends_on_the_day_it_is_ended(kutsu: Kutsu) -> None:
    lay_campaign(name="Always", kind="continuous", starts_on="2026-01-01", ends_on=None, status="live")
    assert kutsu("campaign", "status", "Always", "ended").exit_code == 0
    status, last = status_of("Always")
    assert status == "ended" and last > "2026-01-01"


def test_a_step_back_and_a_step_that_is_none_are_refused_in_a_sentence(kutsu: Kutsu) -> None:
    kutsu("campaign", "status", "Now we must", "approved")
    assert "cannot go back" in str(kutsu("campaign", "status", "Now we must", "draft").exception)
    assert "Choose one of" in str(kutsu("campaign", "status", "Now we must", "flying").exception)
    assert "No campaign has the name or id “Other”." in str(kutsu("campaign", "status", "Other", "live").exception)


def test_a_campaign_is_copied_with_its_placements_or_without_or_as_a_template(kutsu: Kutsu, tmp_path: Path) -> None:
    kutsu("plan", "placements", "Now we must", sheet(tmp_path / "plan.csv", "Kallio"))
    head, placed = kutsu("campaign", "copy", "Now we must", "Again", "--from", "2026-05-01").output.splitlines()
    assert head == "Again\tdraft"
    assert placed.endswith(": Poster, Kallio")
    assert status_of("Again") == ("draft", "2026-05-31")
    bare = kutsu("campaign", "copy", "Now we must", "Bare", "--from", "2026-05-01", "--no-placements")
    assert bare.output == "Bare\tdraft\n"
    pattern = kutsu("campaign", "copy", "Now we must", "Pattern", "--from", "2026-05-01", "--template")
    assert pattern.output.endswith("Not copied, for nothing is placed in a template: “Poster, Kallio”.\n")
    taken = kutsu("campaign", "copy", "Pattern", "Again", "--from", "2026-06-01")
    assert "“Again” is taken" in str(taken.exception)


def test_a_channel_is_added_listed_and_changed_in_what_is_said_alone(kutsu: Kutsu) -> None:
    added = kutsu("channel", "add", "Trams", "--kind", "out_of_home", "--paid", "per_period", "--lead-time", "14",
                  "--booking-closes", "11", "--booking-closes-on", "thursday", "--booking-closes-at", "12:00",
                  "--contact", "Ada")  # fmt: skip
    assert added.output == "Trams\tout_of_home\tper_period\t14\t11\tthursday\t12:00\tAda\n"
    changed = kutsu("channel", "change", "Trams", "--name", "Metro", "--booking-closes", "none")
    assert changed.output == "Metro\tout_of_home\tper_period\t14\t-\t-\t-\tAda\n"
    assert changed.output in kutsu("channel", "list").output
    assert kutsu("channel", "change", "Metro", "--booking-closes", "7").output.split("\t")[4] == "7"
    assert "Give a whole number" in str(kutsu("channel", "change", "Metro", "--booking-closes", "soon").exception)
    assert "Say what is to change" in str(kutsu("channel", "change", "Metro").exception)
    assert "No channel has the name “Trams”." in str(kutsu("channel", "change", "Trams", "--paid", "free").exception)
    wrong = kutsu("channel", "add", "Odd", "--kind", "pigeon", "--paid", "free")
    assert "kind: Choose one of out_of_home" in str(wrong.exception)


def test_a_claim_is_added_in_languages_and_listed(kutsu: Kutsu) -> None:
    assert kutsu("claim", "list").output.startswith("There is no promise yet.")
    said = ("--text", "en=No nights=none", "--text", "fi=Ei öitä")
    added = kutsu("claim", "add", "no-nights", "--reason", "no-night-duty", *said)
    assert added.output == "no-nights\tno-night-duty\ten, fi\tNo nights=none\n"
    assert kutsu("claim", "list").output == added.output
    missing = kutsu("claim", "add", "free-beer", "--reason", "free-beer", "--text", "en=Beer")
    assert "No persona has a factor free-beer" in str(missing.exception)
    unsaid = kutsu("claim", "add", "odd", "--reason", "no-night-duty", "--text", "No nights")
    assert "text" in str(unsaid.exception)


def test_a_vacancy_is_added_listed_and_changed_by_its_title_or_its_id(kutsu: Kutsu) -> None:
    assert kutsu("vacancy", "list").output == "No vacancy is there yet; kutsu vacancy add makes one.\n"
    wanted = ("vacancy", "add", "GP, Kallio", "--specialty", "general_practice", "--from", "2026-03-02")
    *told, id = kutsu(*wanted, "--place", "Kallio", "--openings", "2").output.strip().split("\t")
    assert told == ["GP, Kallio", "general_practice", "Kallio", "2", "2026-03-02", "-", "open"]
    changed = kutsu("vacancy", "change", "GP, Kallio", "--status", "filled", "--until", "2026-04-01")
    assert changed.output.split("\t")[3:7] == ["2", "2026-03-02", "2026-04-01", "filled"]
    assert kutsu("vacancy", "change", id, "--until", "none").output.split("\t")[5] == "-"
    kutsu(*wanted)
    several = str(kutsu("vacancy", "change", "GP, Kallio", "--status", "open").exception)
    assert "Several vacancies are called “GP, Kallio”" in several and id in several
    assert "No vacancy has the title or id “Nurse”." in str(
        kutsu("vacancy", "change", "Nurse", "--place", "x").exception
    )


def test_lists_come_as_json_and_csv_in_the_words_of_the_api(kutsu: Kutsu) -> None:
    kutsu("claim", "add", "no-nights", "--reason", "no-night-duty", "--text", "en=No nights")
    kutsu("vacancy", "add", "=GP", "--specialty", "general_practice")
    for noun, name in (("channel", "name"), ("claim", "slug"), ("vacancy", "title")):
        told = json.loads(kutsu(noun, "list", "--format", "json").output)
        rows = list(csv.DictReader(io.StringIO(kutsu(noun, "list", "--format", "csv").output)))
        assert [row["id"] for row in rows] == [one["id"] for one in told] != []
        assert rows[0][name].lstrip("'") == told[0][name]
        assert "Choose table, json or csv." in str(kutsu(noun, "list", "--format", "xml").exception)
    assert ",'=GP," in kutsu("vacancy", "list", "--format", "csv").output, "a spreadsheet runs nothing of it"


def test_a_vacancy_is_said_to_be_a_job_of_a_system_and_its_applicants_are_reported(
    kutsu: Kutsu, tmp_path: Path
) -> None:
    assert kutsu("vacancy", "jobs").output == "No system has named a job that waits.\n"
    kutsu("vacancy", "add", "GP", "--specialty", "general_practice", "--from", "2026-03-02")
    told = [
        {
            "id": f"a{n}",
            "kind": "application",
            "at": "2026-03-01T09:00:00Z",
            "person": f"p{n}",
            "application": f"x{n}",
            "job": job,
            "job_title": job,
        }
        for n, job in enumerate(["GP", "Nurse"])
    ]
    (tmp_path / "told.json").write_text(json.dumps(told))
    assert kutsu("import", "observations", str(tmp_path / "told.json")).exit_code == 0
    key, *proposed = kutsu("vacancy", "jobs").output.splitlines()[0].split("\t")
    assert (proposed[0], proposed[2:]) == ("GP", ["1", "called like “GP”"])
    assert kutsu("vacancy", "match", "GP", key).output == f"GP\t{key}\n"
    assert [one["title"] for one in json.loads(kutsu("vacancy", "jobs", "--waiting", "--format", "json").output)] == [
        "Nurse"
    ]
    answer = json.loads(kutsu("report", "funnel", "--vacancy", "GP", "--format", "json").output)
    assert answer["totals"]["applications"] == 1 and "vacancy" in answer["scope"]["filters"]
    assert "named already" in str(kutsu("vacancy", "match", "GP", key).exception)
    assert kutsu("vacancy", "match", "GP", key, "--undo").output == "GP\t-\n"
    assert "No system names a job" in str(kutsu("vacancy", "match", "GP", "0" * 32).exception)


def test_what_a_name_means_is_said_listed_and_forgotten(kutsu: Kutsu, tmp_path: Path) -> None:
    assert kutsu("alias", "list").output == "Nobody has said what a name means yet.\n"
    kutsu("plan", "placements", "Now we must", sheet(tmp_path / "plan.csv", "Kallio"))
    (placed,) = json.loads(kutsu("calendar", "show", "--month", "2026-03", "--format", "json").output)["flights"]
    assert kutsu("alias", "say", "label", "Tram  Stops", "--channel", "Stops").output == "label\ttram stops\tStops\n"
    code = kutsu("alias", "say", "code", "zzz999", "--placement", placed["tracking_code"])
    assert code.output == "code\tzzz999\tPoster, Kallio\n"
    assert "the one that “yyy888” stands for" in str(
        kutsu("alias", "say", "code", "yyy888", "--channel", "Stops").exception
    )
    listed = kutsu("alias", "list").output.splitlines()
    assert listed == ["code\tzzz999\tplacement\tPoster, Kallio", "label\ttram stops\tchannel\tStops"]
    rows = list(csv.DictReader(io.StringIO(kutsu("alias", "list", "--format", "csv").output)))
    assert rows[0]["placement_id"] == placed["placement_id"]
    assert "stands for nothing" in kutsu("alias", "forget", "code", "zzz999").output
    assert "Nobody has said" in str(kutsu("alias", "forget", "code", "zzz999").exception)


def test_rows_of_the_plan_are_deleted_unless_something_stands_on_them(kutsu: Kutsu, tmp_path: Path) -> None:
    kutsu("plan", "placements", "Now we must", sheet(tmp_path / "plan.csv", "Kallio"))
    hindered = kutsu("plan", "delete", "channel", "Stops")
    assert "used by placement “Poster, Kallio”" in str(hindered.exception)
    (placed,) = json.loads(kutsu("calendar", "show", "--month", "2026-03", "--format", "json").output)["flights"]
    for noun, name in (("placement", placed["tracking_code"]), ("channel", "Stops"), ("asset", "Poster"),
                       ("campaign", "Now we must"), ("persona", "gp-young-family")):  # fmt: skip
        assert kutsu("plan", "delete", noun, name).output == f"“{name}” is deleted.\n"
    for noun in ("claim", "vacancy", "preset", "persona", "campaign"):
        assert "nothing-here" in str(kutsu("plan", "delete", noun, "nothing-here").exception)
    assert "Choose one of asset" in str(kutsu("plan", "delete", "weather", "rain").exception)


def test_of_a_persona_the_version_is_said_where_there_are_several_and_two_are_compared(
    kutsu: Kutsu, tmp_path: Path
) -> None:
    assert kutsu("personas", "compare", "gp-young-family", "--from", "1", "--to", "1").output == "They say the same.\n"
    kutsu("personas", "export", str(tmp_path / "out"))
    file = tmp_path / "out" / "gp-young-family.toml"
    file.write_text(file.read_text().replace("version = 1", "version = 2").replace("Summary", "In short"))
    assert kutsu("personas", "load", str(tmp_path / "out")).exit_code == 0
    told = kutsu("personas", "compare", "gp-young-family").output.splitlines()
    assert told and all("Summary" in line and "In short" in line for line in told)
    shown = kutsu("personas", "compare", "gp-young-family", "--format", "json").output
    assert [(one["before"], one["after"]) for one in json.loads(shown)] == [
        tuple(line.split("\t")[1:]) for line in told
    ]
    assert {one["field"].partition(".")[0] for one in json.loads(shown)} == {"summary"}
    assert kutsu("personas", "compare", "gp-young-family", "--format", "csv").output.startswith("field,before,after\n")
    unsaid = str(kutsu("plan", "delete", "persona", "gp-young-family").exception)
    assert unsaid == "Say which version of it: gp-young-family@1, gp-young-family@2."
    assert kutsu("plan", "delete", "persona", "gp-young-family@2").exit_code == 0
    assert "no persona" in str(kutsu("personas", "compare", "nobody").exception)


def test_the_calendar_is_shown_taken_to_calendar_programs_and_shared_of_one_channel(
    kutsu: Kutsu, tmp_path: Path
) -> None:
    kutsu("plan", "placements", "Now we must", sheet(tmp_path / "plan.csv", "Kallio"))
    asked = ("calendar", "show", "--month", "2026-03")
    assert "Poster, Kallio" in kutsu(*asked).output
    assert kutsu(*asked, "--format", "csv").output.splitlines()[1].startswith("Poster, Kallio".join('""'))
    feed = kutsu(*asked, "--ics").output
    assert feed.startswith("BEGIN:VCALENDAR") and "SUMMARY:Poster\\, Kallio" in feed
    assert "/shared/calendar/" in kutsu("calendar", "share", "Agency", "--channel", "Stops").output
    assert "No channel" in str(kutsu("calendar", "share", "Agency", "--channel", "Air").exception)
