"""`kutsu import ad-totals`, as it is typed."""

from pathlib import Path

from app.database import Database
from app.funnel.daily_ad_total import sum_ads
from tests.cli.test_verbs import Kutsu, city, kutsu
from tests.intake.ad_files import GOOGLE

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
    taken = city("import", "ad-totals", str(file))
    assert "3 totals of 1 Mar 2026 – 2 Mar 2026, 1,254.50 € spent; they take the place of 0." in taken.output.replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert "To be matched to placements, under Data in › Ad platforms: “Doctors | search”, “Nurses”." in taken.output
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
