"""`kutsu import ad-totals`, as it is typed."""

import json
from pathlib import Path

from app.database import Database
from app.funnel.daily_ad_total import sum_ads
from tests.cli.test_verbs import Kutsu, city, kutsu
from tests.intake.ad_files import GOOGLE
from tests.support.plan import a_placement, name_hosts

__all__ = ["city", "kutsu"]
MAP = 'currency = "SEK"\naccount = "Paper"\n[columns]\nday = "Pvm"\nspend = "Hinta"\n'


def spent() -> dict[str, int | None]:
    from app.access.organisation import list_organisations

    database = Database("sqlite:///test.db")
    with database.reading() as session:
        (town,) = list_organisations(session)
    with database.reading(town.id) as session:
        found = {f"{ad.account}{ad.campaign}": ad.spend_minor for ad in sum_ads(session)}
    database.close()
    return found


def test_a_file_is_rehearsed_and_taken_in(city: Kutsu, tmp_path: Path) -> None:
    file = tmp_path / "march.csv"
    file.write_text(GOOGLE)
    rehearsed = city("import", "ad-totals", str(file), "--dry-run")
    assert rehearsed.exit_code == 0, rehearsed.output
    assert "This was a rehearsal: nothing was stored." in rehearsed.output and spent() == {}
    assert "nothing was read" not in rehearsed.output
    wider = tmp_path / "wider.csv"
    wider.write_text(GOOGLE.replace("Conversions", "Reach"))
    assert "Of this column nothing was read: “Reach”." in city("import", "ad-totals", str(wider), "--dry-run").output
    taken = city("import", "ad-totals", str(file))
    assert "3 totals of 1 Mar 2026 – 2 Mar 2026, 1,254.50 € spent; they take the place of 0." in taken.output.replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert "or with kutsu ad-totals match: “Doctors | search”, “Nurses”." in taken.output
    assert spent() == {"Doctors | search": 125_450, "Nurses": None}
    assert "All of this is here already" in str(city("import", "ad-totals", str(file)).exception)


def test_a_map_says_what_a_file_does_not(city: Kutsu, tmp_path: Path) -> None:
    file, map = tmp_path / "paper.csv", tmp_path / "map.toml"
    file.write_text("Pvm;Kampanja;Hinta\n1.3.2026;Lääkärit;12,50\n")
    map.write_text(MAP)
    assert "currency" in str(city("import", "ad-totals", str(file)).exception)
    assert city("import", "ad-totals", str(file), "--map", str(map)).exit_code == 0
    assert spent() == {"PaperLääkärit": 1250}
    map.write_text("currency = ")
    assert "This is no TOML" in str(city("import", "ad-totals", str(file), "--map", str(map)).exception)
    map.write_text('colour = "red"')
    assert "colour: There is no such field" in str(city("import", "ad-totals", str(file), "--map", str(map)).exception)


def place_campaign() -> str:
    """Lay a placement that ads can be matched to, and give its code."""
    from app.access.organisation import list_organisations

    database = Database("sqlite:///test.db")
    with database.reading() as session:
        (town,) = list_organisations(session)
    with database.writing(town.id) as session:
        name_hosts(session)
        code = a_placement(session, name="Search").tracking_code
    database.close()
    return code


def test_a_file_is_listed_by_its_id_and_taken_back(city: Kutsu, tmp_path: Path) -> None:
    assert city("ad-totals", "list").output == "No file of an ad platform was taken in yet.\n"
    (tmp_path / "march.csv").write_text(GOOGLE)
    city("import", "ad-totals", str(tmp_path / "march.csv"))
    *told, id = city("ad-totals", "list").output.strip().split("\t")
    assert told == ["march.csv", "google", "2026-03-01", "2026-03-02", "3", "1254.50 EUR", "kept"]
    assert "\tundone\t" in city("ad-totals", "undo", id).output
    assert spent() == {}
    assert "cannot be taken back any more" in str(city("ad-totals", "undo", id).exception)
    assert "kutsu ad-totals list shows them" in str(city("ad-totals", "undo", "march.csv").exception)
    (one,) = json.loads(city("ad-totals", "list", "--format", "json").output)
    assert (one["id"], one["state"]) == (id, "undone")


def test_a_campaign_of_a_platform_is_matched_to_a_placement_and_forgotten_again(city: Kutsu, tmp_path: Path) -> None:
    (tmp_path / "march.csv").write_text(GOOGLE)
    city("import", "ad-totals", str(tmp_path / "march.csv"))
    code = place_campaign()
    first = city("ad-totals", "unmatched").output.splitlines()[0].split("\t")
    assert (first[0], first[-1]) == ("Doctors | search", "1254.50 EUR")
    assert city("ad-totals", "match", "Doctors | Search", code).output == f"doctors | search\t{code}\tSearch\n"
    assert {one["campaign"] for one in json.loads(city("ad-totals", "unmatched", "--format", "json").output)} == {
        "Nurses"
    }
    assert "“doctors | search” is taken" in str(city("ad-totals", "match", "Doctors | search", code).exception)
    assert "No file names “Docters”" in str(city("ad-totals", "match", "Docters", code).exception)
    assert "No placement has" in str(city("ad-totals", "match", "Nurses", "zzzzzz").exception)
    assert "leads to no placement any more" in city("ad-totals", "forget", "Doctors | search").output
    assert city("ad-totals", "unmatched").output.startswith("Doctors | search\t")
    assert "Nobody has said" in str(city("ad-totals", "forget", "Doctors | search").exception)


def test_verbs_of_ad_files_speak_the_organisations_language(kutsu: Kutsu, tmp_path: Path) -> None:
    kutsu("migrate")
    kutsu("organisation", "create", "Kaupunki", "--locale", "fi")
    (tmp_path / "march.csv").write_text(GOOGLE)
    taken = kutsu("import", "ad-totals", str(tmp_path / "march.csv")).output
    assert taken.startswith("3 lukua ajalta 1.3.2026"), taken
    again = str(kutsu("import", "ad-totals", str(tmp_path / "march.csv")).exception)
    assert again.startswith("Kaikki tämä on jo täällä"), again
    (tmp_path / "torn.csv").write_text(GOOGLE.replace("20.00", "twenty"))
    assert "ei ole luku" in str(kutsu("import", "ad-totals", str(tmp_path / "torn.csv")).exception)
