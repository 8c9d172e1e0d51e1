"""What ad platforms call their columns, in the languages of their users, with the currency in the name or beside it.

Those of Google Ads and LinkedIn in English, and of Meta in English and Norwegian, were seen in files; the others are
what the platforms' pages say in that language, as Google's help does of its statistics tables. Whatever a file calls
a column else is named by hand (`Hints.columns`).
"""

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from app.intake.ad_totals.values import SHARED_SIGNS, read_currencies
from app.planning.field import compose
from app.planning.money import current_currencies
from app.spreadsheets import Cell


class Field(enum.StrEnum):
    """What a column says."""

    DAY = "day"
    END = "end"
    ACCOUNT = "account"
    CAMPAIGN = "campaign"
    GROUP = "group"
    AD = "ad"
    URL = "url"
    CODE = "code"
    IMPRESSIONS = "impressions"
    CLICKS = "clicks"
    SPEND = "spend"
    CURRENCY = "currency"
    RESULTS = "results"


LONGEST_HEADER = 80
MOST_LEFT_OUT = 100
NAMES = (Field.CAMPAIGN, Field.GROUP, Field.AD, Field.URL, Field.CODE)
MEASURES = (Field.IMPRESSIONS, Field.CLICKS, Field.SPEND)

REPORT_STARTS = (
    "reporting starts", "raportointi alkaa", "raportoinnin alku", "raportoinnin alkamispäivä", "rapportering startar",
    "rapporteringen startar", "rapporteringsstart", "rapportering starter", "rapporteringen starter",
)  # fmt: skip
"""What the first day of a report is called, which is the day of a row only where its last day is the same."""

# Of two columns that say the same, the one that is named first here is taken: `day` before the day on which the
# report starts, clicks on the link before clicks on anything.
HEADERS: Mapping[Field, Sequence[str]] = {
    Field.DAY: (
        "day", "date", "päivä", "päivämäärä", "pvm", "dag", "datum", "dato",
        "start date (in utc)", "aloituspäivä (utc)", "startdatum (i utc)", "startdatum (utc)", "startdato (i utc)",
        "startdato (utc)", "start date", "aloituspäivä", "startdatum", "startdato",
        *REPORT_STARTS,
    ),
    Field.END: (
        "end date (in utc)", "lopetuspäivä (utc)", "slutdatum (i utc)", "slutdatum (utc)", "sluttdato (i utc)",
        "sluttdato (utc)", "reporting ends", "raportointi päättyy", "raportoinnin loppu", "raportoinnin päättymispäivä",
        "rapportering slutar", "rapporteringen slutar", "rapporteringsslut", "rapporteringsslutt",
        "rapportering slutter",
        "rapporteringen slutter", "rapportering avsluttes",
    ),
    Field.ACCOUNT: (
        "account name", "account", "customer id", "account id", "tilin nimi", "tili", "asiakastunnus", "tilin tunnus",
        "kontonamn", "kontots namn", "konto", "kund-id", "konto-id", "kontonavn", "navn på konto", "kunde-id",
        "kundenummer",
    ),
    Field.CAMPAIGN: (
        "campaign name", "campaign", "kampanjan nimi", "kampanja", "kampanjnamn", "kampanjens namn", "kampanj",
        "kampanjenavn", "kampanjens navn", "navn på kampanje", "kampanje",
    ),
    Field.GROUP: (
        "ad set name", "ad set", "ad group", "ad group name", "mainosjoukon nimi", "mainossarjan nimi", "mainosryhmä",
        "annonsuppsättningens namn", "annonsuppsättning", "annonsgrupp", "annonsesettets navn", "annonsesettnavn",
        "navn på annonsesett", "annonsegruppe",
    ),
    Field.AD: (
        "ad name", "ad", "creative name", "mainoksen nimi", "mainos", "mainossisällön nimi", "annonsens namn",
        "annonsnamn", "annons", "annonsenavn", "annonsens navn", "navn på annonse", "annonse",
    ),
    Field.URL: (
        "final url", "destination url", "landing page", "landing page url", "click url", "website url", "ad url",
        "link", "url", "url parameters", "final url suffix", "tracking template", "lopullinen url-osoite",
        "lopullinen url", "url-osoite", "verkkosivuston url", "laskeutumissivu", "linkki", "url-parametrit",
        "slutlig webbadress", "slutlig url", "webbadress", "målsida", "länk", "url-parametrar",
        "endelig nettadresse", "endelig url", "nettadresse", "landingsside", "lenke", "url-parametere",
    ),
    Field.CODE: ("tracking code", "code", "seurantakoodi", "koodi", "spårningskod", "kod", "sporingskode", "kode"),
    Field.IMPRESSIONS: (
        "impressions", "impr.", "impressiot", "näyttökerrat", "näytöt", "näyttökertoja", "visningar", "visn.",
        "exponeringar", "visninger", "eksponeringer",
    ),
    Field.CLICKS: (
        "link clicks", "clicks", "clicks (all)", "linkin klikkaukset", "linkkien klikkaukset", "klikkaukset", "klikit",
        "klikkaukset (kaikki)", "länkklick", "klick på länk", "klick på länkar", "klick", "klick (alla)",
        "klikk på lenke", "klikk på lenken", "lenkeklikk", "klikk", "klikk (alle)",
    ),
    Field.SPEND: (
        "amount spent", "total spent", "cost", "spend", "spent", "käytetty summa", "käytetty yhteensä", "kustannus",
        "kustannukset", "kulut", "hinta", "spenderat belopp", "använt belopp", "totalt spenderat", "kostnad",
        "beløp brukt", "brukt beløp", "totalt brukt",
    ),
    Field.CURRENCY: (
        "currency code", "currency", "valuuttakoodi", "valuutta", "valutakod", "valuta", "valutakode",
    ),
    Field.RESULTS: (
        "results", "conversions", "tulokset", "konversiot", "resultat", "konverteringar", "resultater",
        "konverteringer",
    ),
}  # fmt: skip
TOTALS = ("total", "totals", "grand total", "yhteensä", "kaikki yhteensä", "totalt", "summa", "sum", "sammanlagt")
_IN_BRACKETS = re.compile(r"(.+?)\s*[(\[]([a-z]{3}|[$€£]|kr\.?)[)\]]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is understood: where it stands, what it is called in the file, the currency in its name, or the
    sign that several have."""

    place: int
    header: str
    currency: str | None = None


def fold(text: object) -> str:
    """A name as it is compared: one Unicode form, one case, single blanks."""
    return " ".join(str(compose(text)).casefold().split())


@cache
def _fields() -> Mapping[str, tuple[Field, int]]:
    return {name: (field, rank) for field, names in HEADERS.items() for rank, name in enumerate(names)}


def find_columns(cells: Sequence[Cell], named: Mapping[Field, str]) -> dict[Field, Column]:
    """What the columns of a row of headers say; `named` are those that somebody named by hand."""
    by_hand = {fold(header): field for field, header in named.items()}
    best: dict[Field, tuple[int, Column]] = {}
    for place, cell in enumerate(cells):
        header = fold(cell)
        bare, currency = _split_currency(header)
        field, rank = (by_hand[header], -1) if header in by_hand else _find(header, bare, named)
        if field is not None and (field not in best or rank < best[field][0]):
            best[field] = rank, Column(place, str(cell).strip(), currency)
    return {field: column for field, (_rank, column) in best.items()}


def list_currencies(cells: Sequence[Cell], named: Mapping[Field, str]) -> set[str]:
    """The currencies of all columns that say what was spent; of one that somebody named by hand, its own."""
    spent = (find_columns([cell], named).get(Field.SPEND) for cell in cells)
    return {column.currency for column in spent if column is not None and column.currency}


def list_left_out(cells: Sequence[Cell], columns: Mapping[Field, Column]) -> tuple[str, ...]:
    """What the columns are called that nothing is read of, in the file's order."""
    taken = {column.place for column in columns.values()}
    named = (str(cell).strip()[:LONGEST_HEADER] for place, cell in enumerate(cells) if place not in taken)
    return tuple(name for name in named if name)[:MOST_LEFT_OUT]


def _find(header: str, bare: str, named: Mapping[Field, str]) -> tuple[Field | None, int]:
    field, rank = _fields().get(header) or _fields().get(bare) or (None, 0)
    return (None, 0) if field in named else (field, rank)


def _split_currency(header: str) -> tuple[str, str | None]:
    """`amount spent (eur)` as `amount spent` and EUR; `kr` and `$` for themselves, as they are those of several."""
    found = _IN_BRACKETS.fullmatch(header)
    said = next(iter(read_currencies(found[2].upper())), None) if found is not None else None
    if found is None or said not in current_currencies() | SHARED_SIGNS.keys():
        return header, None
    return found[1], said


def is_total(cells: Sequence[Cell]) -> bool:
    """Whether a row adds others up: `Total: Account` and the like in the first cell that says something."""
    first = next((fold(cell) for cell in cells if fold(cell)), "")
    return first.partition(":")[0].strip() in TOTALS
