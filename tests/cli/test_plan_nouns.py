"""Claims, campaigns, assets and placements by command: listed, shown, added, changed, approved."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from app.access.audit import Actor, ActorKind, acting
from app.access.organisation import create_organisation, list_organisations
from app.cli.plan_fields import change_row, list_rows
from app.cli.plan_kinds import placement_kind
from app.cli.runtime import Runtime
from app.database import Database, new_id
from app.errors import Invalid
from app.planning.asset import Asset
from tests.cli.test_planning import Kutsu, kutsu
from tests.support.plan import NOW, a_channel, a_placement, an_asset

__all__ = ["kutsu"]

PLACED = ("--campaign", "Now we must", "--asset", "Poster", "--channel", "Stops", "--to", "gp-young-family", "--target",
          "https://jobs.example.org/doctor", "--from", "2026-03-02", "--until", "2026-03-15")  # fmt: skip


def cells(output: str) -> dict[str, str]:
    """What show prints, by field."""
    return dict(line.split("\t", 1) for line in output.splitlines())


def write_as_person(name: str) -> None:
    """Lay a described draft of an asset that somebody wrote who signs in."""
    database = Database("sqlite:///test.db")
    with database.reading() as session:
        (city,) = (one.id for one in list_organisations(session))
    before = acting.set(Actor(ActorKind.USER, "Bo Berg", new_id()))
    with database.writing(city) as session:
        an_asset(session, name=name, languages=["fi"], alt_text={"fi": "Lääkäri"}, status="draft")
    acting.reset(before)
    database.close()


def test_an_asset_is_added_with_what_is_quick_to_type_and_shown_whole(kutsu: Kutsu) -> None:
    kutsu("claim", "add", "no-nights", "--reason", "no-night-duty", "--text", "en=No nights")
    added = kutsu("asset", "add", "Film", "--format", "video", "--languages", "fi,sv", "--claim", "no-nights",
                  "--alt", "fi=Lääkäri, kotona", "--consent", "2027-01-31", "--set", "theme=family")  # fmt: skip
    *told, id = added.output.strip().split("\t")
    assert told == ["Film", "video", "fi, sv", "no-nights", "-", "2027-01-31", "draft"]
    shown = cells(kutsu("asset", "show", "Film").output)
    assert shown["alt_text.fi"] == "Lääkäri, kotona"
    assert (shown["theme"], shown["shows_people"], shown["revision"], shown["id"]) == ("family", "true", "1", id)
    assert shown["written_by"] == "kutsu asset"
    assert json.loads(kutsu("asset", "show", id, "--format", "json").output)["consent_expires_on"] == "2027-01-31"
    (row,) = csv.DictReader(io.StringIO(kutsu("asset", "show", "Film", "--format", "csv").output))
    assert row["name"] == "Film"
    assert "Choose table, json or csv." in str(kutsu("asset", "show", "Film", "--format", "xml").exception)


def test_a_change_leaves_the_rest_and_nothing_after_the_sign_takes_a_field_away(kutsu: Kutsu) -> None:
    kutsu("claim", "add", "no-nights", "--reason", "no-night-duty", "--text", "en=No nights", "--text", "fi=Ei öitä")
    kutsu("asset", "add", "Film", "--format", "video", "--languages", "fi,sv", "--claim", "no-nights", "--alt", "fi=A",
          "--alt", "sv=B", "--consent", "2027-01-31", "--theme", "family")  # fmt: skip
    changed = kutsu("asset", "change", "Film", "--consent", "none", "--set", "claims=", "--set", "alt_text.sv=",
                    "--set", "theme=")  # fmt: skip
    assert changed.output.split("\t")[2:7] == ["fi, sv", "-", "-", "-", "draft"]
    shown = cells(kutsu("asset", "show", "Film").output)
    assert (shown["alt_text.fi"], shown["shows_people"]) == ("A", "false")
    assert not {"alt_text.sv", "theme", "consent_expires_on", "claims"} & shown.keys()
    assert kutsu("claim", "change", "no-nights", "--text", "fi=", "--text", "en=No night").output == (
        "no-nights\tno-night-duty\tNo night\n"
    )
    assert cells(kutsu("claim", "show", "no-nights").output)["text.en"] == "No night"


def test_what_is_wrong_is_named_by_its_field_and_nothing_is_changed(kutsu: Kutsu) -> None:
    kutsu("asset", "add", "Film", "--format", "video", "--languages", "fi")
    before = kutsu("asset", "show", "Film").output
    for words, remedy in (
        (("--set", "claims=none-such"), "claims: There is no “none-such” among the claims; add it."),
        (("--set", "colour=red"), "colour: There is no such field"),
        (("--set", "theme"), "--set: “theme” has no =; write it as NAME=VALUE."),
        (("--languages", "de"), "languages[0]: Choose one of en, fi, sv, nb."),
        (("--alt", "sv=x"), "alt_text.sv: The asset is not in this language"),
        (("--variant-of", "Film"), "variant_of: An asset cannot be a variant of itself"),
        (("--revision", "7", "--theme", "x"), "it is at revision 1, yours is 7"),
        ((), "Say what is to change"),
    ):
        assert remedy in str(kutsu("asset", "change", "Film", *words).exception), words
    assert "No asset has the name or id “None”." in str(kutsu("asset", "show", "None").exception)
    assert kutsu("asset", "show", "Film").output == before
    spoken = kutsu("asset", "change", "Film", "--alt", "sv=x", "--language", "fi")
    assert "Aineisto ei ole tällä kielellä" in str(spoken.exception)


def test_a_command_approves_what_somebody_wrote_who_signs_in_and_nothing_that_a_command_wrote(kutsu: Kutsu) -> None:
    kutsu("asset", "add", "Ours", "--format", "poster", "--languages", "fi", "--alt", "fi=Lääkäri")
    refused = kutsu("asset", "approve", "Ours")
    assert "status: It was written by a command; somebody approves it who signs in" in str(refused.exception)
    assert "status: It was written by a command" in str(
        kutsu("asset", "change", "Ours", "--set", "status=approved").exception
    )
    born = ("asset", "add", "Born", "--format", "poster", "--languages", "fi", "--alt", "fi=x")
    assert "status: It was written by a command" in str(kutsu(*born, "--set", "status=approved").exception)
    write_as_person("Theirs")
    assert kutsu("asset", "approve", "Theirs").output.split("\t")[6] == "approved"
    assert cells(kutsu("asset", "show", "Theirs").output)["approved_by"] == "kutsu asset"
    anew = kutsu("asset", "change", "Theirs", "--alt", "fi=Another")
    assert "It was approved as it is" in str(anew.exception)
    assert kutsu("asset", "retire", "Theirs").output.split("\t")[6] == "retired"
    write_as_person("Bo's")
    kutsu("asset", "change", "Bo's", "--set", "languages=fi,sv")
    assert "It was written by a command" in str(kutsu("asset", "approve", "Bo's").exception)


def test_rows_are_listed_by_what_the_api_lists_them_by_with_names_for_keys(kutsu: Kutsu) -> None:
    kutsu("asset", "add", "Film", "--format", "video", "--languages", "fi")
    kutsu("asset", "add", "Film B", "--format", "video", "--languages", "fi", "--variant-of", "Film")

    def names(*words: str) -> list[str]:
        return [row["name"] for row in json.loads(kutsu(*words, "--format", "json").output)]

    assert names("asset", "list") == ["Film", "Film B", "Poster"]
    assert names("asset", "list", "--where", "format=video", "--sort", "-name") == ["Film B", "Film"]
    assert names("asset", "list", "--where", "variant_of=Film") == ["Film B"]
    nothing = kutsu("asset", "list", "--status", "retired").output
    assert nothing == "No such asset is there; kutsu asset add makes one.\n"
    for noun in ("asset", "campaign", "placement"):
        none = kutsu(noun, "list", "--status", "retired" if noun == "asset" else "ended", "--language", "sv")
        assert none.output.startswith("Det finns"), f"of {noun} in the reader's language: {none.output}"
    assert "“colour” is none of format, status" in str(kutsu("asset", "list", "--where", "colour=red").exception)
    assert "status: Choose one of" in str(kutsu("asset", "list", "--status", "lost").exception)
    assert "There is no “None” among the assets" in str(kutsu("asset", "list", "--where", "variant_of=None").exception)
    rows = csv.DictReader(io.StringIO(kutsu("asset", "list", "--format", "csv").output))
    assert [row["name"] for row in rows] == ["Film", "Film B", "Poster"]


def test_a_list_is_whole_however_long_it_is(kutsu: Kutsu) -> None:
    database = Database("sqlite:///test.db")
    with database.reading() as session:
        (city,) = (one.id for one in list_organisations(session))
    with database.writing(city) as session:
        for n in range(205):
            an_asset(session, name=f"Ad {n:03}")
        count = len(session.scalars(select(Asset)).all())
    database.close()
    assert len(kutsu("asset", "list").output.splitlines()) == count > 200


def test_a_campaign_is_added_listed_and_changed_and_takes_its_steps_by_their_own_verb(kutsu: Kutsu) -> None:
    added = kutsu("campaign", "add", "Spring", "--from", "2026-04-01", "--until", "2026-05-31", "--budget", "1 000,50",
                  "--to", "gp-young-family", "--objective", "Two doctors")  # fmt: skip
    *told, _id = added.output.strip().split("\t")
    assert told == ["Spring", "burst", "2026-04-01", "2026-05-31", "1000.50 EUR", "draft"]
    assert added.output in kutsu("campaign", "list", "--where", "running_on=2026-04-02").output
    assert cells(kutsu("campaign", "show", "Spring").output)["aim.personas.0"] == "gp-young-family"
    kutsu("campaign", "add", "Always", "--from", "2026-04-01")
    changed = kutsu("campaign", "change", "Spring", "--until", "2026-06-30", "--set", "budget=", "--revision", "1")
    assert changed.output.split("\t")[3:5] == ["2026-06-30", "-"]
    assert cells(kutsu("campaign", "show", "Spring").output)["objective"] == "Two doctors"
    stepped = kutsu("campaign", "change", "Spring", "--set", "status=live")
    assert "status: kutsu campaign status brings" in str(stepped.exception)
    open_ended = kutsu("campaign", "change", "Spring", "--until", "none")
    assert "ends_on: A burst has an end" in str(open_ended.exception)
    kutsu("campaign", "add", "Pattern", "--from", "2026-04-01", "--until", "2026-05-31", "--template")
    assert kutsu("campaign", "list", "--templates").output.startswith("Pattern\t")
    assert "Pattern" not in kutsu("campaign", "list").output


def test_a_placement_is_planned_booked_brought_live_and_ended(kutsu: Kutsu) -> None:
    added = kutsu("placement", "add", "Kallio", *PLACED, "--planned", "300", "--place", "Kallio")
    code, *told = added.output.strip().split("\t")
    assert re.fullmatch("[a-z0-9]{6}", code)
    assert told[:-1] == ["Kallio", "Now we must", "Poster", "Stops", "gp-young-family@1", "Kallio", "2026-03-02",
                         "2026-03-15", "300.00 EUR", "-", "-", "planned"]  # fmt: skip
    booked = kutsu("placement", "change", code, "--booked", "280,50 €", "--set", "vat_percent=25,5 %")
    assert booked.output.split("\t")[10] == "280.50 EUR"
    shown = cells(kutsu("placement", "show", code).output)
    assert shown["cost_with_vat.amount"] == "352.03" and shown["vat_percent"] == "25.5"
    assert f"utm_content={code}" in shown["link"]
    assert "status: The campaign is draft" in str(kutsu("placement", "change", code, "--status", "live").exception)
    kutsu("campaign", "status", "Now we must", "approved")
    kutsu("campaign", "status", "Now we must", "live", "--yes")
    write_as_person("Film")
    draft = kutsu("placement", "change", code, "--set", "asset=Film", "--status", "live")
    assert "status: The asset is a draft" in str(draft.exception)
    kutsu("asset", "approve", "Film")
    live = kutsu("placement", "change", code, "--set", "asset=Film", "--status", "live")
    assert live.output.split("\t")[12] == "live"
    ended = kutsu("placement", "change", code, "--status", "ended", "--invoiced", "281", "--until", "2026-03-14")
    assert ended.output.split("\t")[8:13] == ["2026-03-14", "300.00 EUR", "280.50 EUR", "281.00 EUR", "ended"]


def test_placements_are_found_by_the_names_of_what_they_bring_together(kutsu: Kutsu, tmp_path: Path) -> None:
    kutsu("placement", "add", "Kallio", *PLACED, "--place", "Kallio")
    kutsu("placement", "add", "Vallila", *PLACED, "--place", "Vallila", "--set", "starts_on=2026-03-08")
    for words in (
        ("--campaign", "Now we must"), ("--where", "asset=Poster"), ("--where", "persona=gp-young-family"),
        ("--where", "persona=gp-young-family@1"),
    ):  # fmt: skip
        assert len(kutsu("placement", "list", *words).output.splitlines()) == 2, words
    early = kutsu("placement", "list", "--where", "running_to=2026-03-05").output
    assert [line.split("\t")[1] for line in early.splitlines()] == ["Kallio"]
    again = kutsu("placement", "add", "Kallio", *PLACED, "--place", "Kallio")
    assert "starts_on: “Kallio” is the same asset" in str(again.exception)
    assert "campaign: There is no" in str(kutsu("placement", "add", "X", *PLACED, "--campaign", "No").exception)


def test_one_round_names_all_that_is_wrong_with_a_placement(kutsu: Kutsu) -> None:
    code = kutsu("placement", "add", "Kallio", *PLACED).output.partition("\t")[0]
    before = kutsu("placement", "show", code).output
    wrong = ("--set", "vat_percent=many", "--from", "2020-01-01", "--set", "target_url=https://10.0.0.1:80/")
    told = [one.field for one in kutsu("placement", "change", code, *wrong).exception.problems]  # type: ignore[union-attr]
    assert told == ["vat_percent", "starts_on", "target_url"]
    added = kutsu("placement", "add", "Again", *PLACED, "--place", "x" * 201, *wrong[2:]).exception
    assert [one.field for one in added.problems] == ["place", "starts_on", "target_url"]  # type: ignore[union-attr]
    nowhere = kutsu("placement", "add", "Again", *PLACED, "--campaign", "None", "--planned", "many", *wrong).exception
    told = [one.field for one in nowhere.problems]  # type: ignore[union-attr]
    assert told == ["campaign", "planned_cost.amount", "vat_percent", "target_url", "starts_on"]
    assert kutsu("placement", "show", code).output == before


@pytest.mark.parametrize("noun", ["asset", "campaign", "placement"])
def test_a_row_is_named_by_its_key_too(kutsu: Kutsu, noun: str) -> None:
    kutsu("placement", "add", "Kallio", *PLACED)
    ((*_told, id), *_others) = (line.split("\t") for line in kutsu(noun, "list").output.splitlines())
    assert cells(kutsu(noun, "show", id).output)["id"] == id


def test_a_row_is_planned_found_and_changed_on_either_store(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    runtime, kind = Runtime(database_url, None, "placement"), placement_kind()
    try:
        with runtime.database.writing() as session:
            city = create_organisation(session, "City", now=NOW, locale="en").id
        with runtime.database.writing(city) as session:
            placed = a_placement(session, name="Kallio", channel_id=a_channel(session, name="Stops").id)
            code = placed.tracking_code
        with pytest.raises(Invalid) as refused:
            change_row(runtime, kind, code, {"ends_on": "2030-12-31", "vat_percent": "many"}, None, 1, None)
        assert [one.field for one in refused.value.problems] == ["vat_percent", "ends_on"]
        change_row(runtime, kind, code, {"booked_cost": "280"}, ["audience=Doctors"], 1, None)
        assert capsys.readouterr().out.split("\t")[10] == "280.00 EUR"
        list_rows(runtime, kind, {"channel": "Stops"}, None, "json", None, str)
        (row,) = json.loads(capsys.readouterr().out)
        assert (row["name"], row["audience"], row["revision"]) == ("Kallio", "Doctors", 2)
    finally:
        runtime.database.close()
