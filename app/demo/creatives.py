"""The city's claims and the assets that make them."""

import datetime as dt

from app.demo.plan import HOME, PlannedAsset, PlannedClaim
from app.planning.asset import AssetStatus, Format

_CLAIMS = (
    ("sleep-at-night", "no-night-duty",
     "Yöllä nukutaan. Meillä lääkärin työhön ei kuulu yöpäivystystä.",
     "Nights are for sleeping. A doctor's post with us has no night duty."),
    ("home-by-five", "day-that-ends",
     "Kirjallisille töille on aika. Siksi päivä loppuu silloin kun sovittiin.",
     "Desk work has its own time. That is why the day ends when it was meant to."),
    ("shorter-week-shorter-list", "part-time-smaller-list",
     "Lyhyempi viikko, lyhyempi lista. Samassa suhteessa.",
     "A shorter week, a shorter list. In the same proportion."),
    ("somebody-covers", "named-cover",
     "Kun olet poissa, nimetty työpari vastaa. Ja hänellä on siihen aika.",
     "When you are away a named colleague answers, and has the time for it."),
    ("same-patient-next-year", "own-patients-over-years",
     "Sama potilas. Ensi vuonnakin.",
     "The same patient. Next year too."),
    ("pay-without-empty-slots", "steady-pay",
     "Tyhjä aika ei ole sinun laskusi.",
     "An empty slot is not your bill."),
    ("pay-on-paper", "pay-in-writing-first",
     "Palkka kirjallisena ennen ensimmäistä haastattelua.",
     "The pay in writing before the first interview."),
    ("supervision-is-kept", "supervision-on-roster",
     "Ohjaustunti on vuorolistassa. Myös flunssaviikolla.",
     "Your hour of supervision is on the roster. In the week of flu as well."),
    ("advice-next-door", "specialist-in-the-building",
     "Kysymykseen vastataan viereisessä huoneessa, tänään.",
     "Your question is answered in the next room, today."),
    ("more-than-the-surgery", "broad-rotation",
     "Vastaanotto ja kolme muuta työtä yhdeksässä kuukaudessa.",
     "The surgery and three other kinds of work in nine months."),
    ("certificate-on-time", "certificate-in-two-weeks",
     "Todistus kahdessa viikossa, ei kahdessa puhelussa.",
     "The certificate in two weeks, not after two telephone calls."),
    ("thursday-is-research", "research-day-in-contract",
     "Torstai on tutkimuspäivä. Se lukee sopimuksessa.",
     "Thursday is for research. It says so in the contract."),
    ("the-way-on-paper", "path-to-post-on-paper",
     "Polku harjoittelusta virkaan yhdellä paperilla.",
     "The way from training post to permanent post on one sheet."),
    ("first-weeks-together", "side-by-side-start",
     "Ensimmäiset viikot kahden, ei yksin suljetun oven takana.",
     "The first weeks in twos, not alone behind a closed door."),
    ("senior-in-the-house", "never-alone-on-duty",
     "Ensimmäisenä vuonna kukaan ei päivystä yksin.",
     "In the first year nobody is on duty alone."),
    ("three-steps", "load-in-steps",
     "Kolme porrasta. Seuraavalle noustaan, kun sinä olet valmis.",
     "Three steps. The next one comes when you are ready."),
    ("counts-from-day-one", "yek-from-day-one",
     "Jokainen päivä on yleislääketieteen erityiskoulutusta.",
     "Every day counts towards specific training in general practice."),
    ("draw-your-week", "week-you-draw",
     "Tässä on kynä. Piirrä viikkosi.",
     "Here is a pencil. Draw your week."),
    ("two-days-stay-two", "days-do-not-grow",
     "Kaksi päivää on kaksi päivää.",
     "Two days means two days."),
    ("why-they-left", "reasons-for-leaving-answered",
     "Kysyimme, miksi lähdettiin. Tässä on, mitä teimme.",
     "We asked why people left. Here is what we did."),
)  # fmt: skip

POSTER, VIDEO, SOCIAL, DISPLAY = Format.POSTER, Format.VIDEO, Format.SOCIAL_AD, Format.DISPLAY_AD
SEARCH, LETTER, EVENT, ARTICLE = Format.SEARCH_AD, Format.NEWSLETTER, Format.EVENT, Format.ARTICLE
INTERVIEW, PAGE, RADIO, PRINT, JOB_AD = (
    Format.INTERVIEW, Format.LANDING_PAGE, Format.RADIO, Format.PRINT, Format.JOB_AD,
)  # fmt: skip

_ASSETS = (
    ("sleep-poster", "“Yöllä nukutaan” poster", POSTER, ("sleep-at-night",), "time",
     "Tumma ikkunarivi, jossa mikään ei ole valaistu.", "A row of dark windows, none of them lit."),
    ("patient-poster", "“Sama potilas” poster", POSTER, ("same-patient-next-year",), "continuity",
     "Sama tuoli kahtena vuodenaikana.", "The same chair in two seasons."),
    ("rotation-poster", "“Yhdeksän kuukautta” poster", POSTER, ("more-than-the-surgery",), "training",
     "Neljä ovea, joista yksi on raollaan.", "Four doors, one of them ajar."),
    ("five-film", "“Kello on viisi” film", VIDEO, ("home-by-five",), "time",
     "Lääkäri lukitsee oven kello 16.58. Tekstitetty.", "A doctor locks the door at 16.58. With captions."),
    ("route-film", "“Näin minusta tuli kollega” short film", VIDEO, ("first-weeks-together",), "belonging",
     "Kaksi lääkäriä saman pöydän ääressä. Tekstitetty.", "Two doctors at one desk. With captions."),
    ("steps-film", "“Kolme porrasta” film for a telephone", SOCIAL, ("three-steps",), "start",
     "Portaat, joilla numerot 1, 2 ja 3. Tekstitetty.", "Stairs numbered 1, 2 and 3. With captions."),
    ("steps-film-short", "“Kolme porrasta”, 15 seconds", SOCIAL, ("three-steps",), "start",
     "Portaat, joilla numerot 1, 2 ja 3.", "Stairs numbered 1, 2 and 3."),
    ("alone-carousel", "“Et ole yksin” picture series", SOCIAL, ("senior-in-the-house",), "start",
     "Käytävä, jonka päässä on valo.", "A corridor with a light at its end."),
    ("certificate-card", "“Todistus kahdessa viikossa” card", SOCIAL, ("certificate-on-time",), "training",
     "Kalenteri, jossa on ympyröity kaksi viikkoa.", "A calendar with two weeks ringed."),
    ("slot-banner", "“Tyhjä aika” banner", DISPLAY, ("pay-without-empty-slots",), "pay",
     "Tyhjä ajanvarausrivi.", "An empty line of a booking list."),
    ("pay-search", "Search text on pay", SEARCH, ("pay-on-paper",), "pay",
     "Lääkärin palkka kirjallisena ennen haastattelua.", "A doctor's pay in writing before the interview."),
    ("days-search", "Search text on part-time work", SEARCH, ("two-days-stay-two",), "time",
     "Lääkärin osa-aikatyö, joka pysyy osa-aikaisena.", "A doctor's part-time work that stays part-time."),
    ("resident-letter", "Training letter to residents", LETTER, ("supervision-is-kept",), "training",
     "Kirje, jonka otsikko on lupaus ohjaustunnista.", "A letter headed with the promise of supervision."),
    ("evening-letter", "Recruitment letter, weekday evening", LETTER, ("home-by-five", "sleep-at-night"),
     "time", "Kirje, jossa on yksi lupaus ja yksi linkki.", "A letter with one promise and one link."),
    ("resident-evening", "Virtual evening “Kysy ohjaajalta”", EVENT, ("advice-next-door",), "training",
     "Neljä lääkäriä ruudulla.", "Four doctors on a screen."),
    ("licence-evening", "Virtual evenings “Polku taloon”", EVENT, ("the-way-on-paper",), "belonging",
     "Lääkäri näyttää polkua taululla.", "A doctor shows the way on a board."),
    ("returners-article", "Article “Miksi lähdettiin”", ARTICLE, ("why-they-left",), "trust",
     "Kahvihuoneen pöytä ja kaksi kuppia.", "A coffee-room table and two cups."),
    ("chain-interview", "Interview “Takaisin omien potilaiden luo”", INTERVIEW, ("same-patient-next-year",),
     "continuity", "Lääkäri vastaanottohuoneen ovella.", "A doctor at the door of the surgery."),
    ("research-interview", "Interview “Torstain väitöskirja”", INTERVIEW, ("thursday-is-research",),
     "research", "Tutkija terveysaseman kahvihuoneessa.", "A researcher in a health station's coffee room."),
    ("week-page", "Landing page “Piirrä viikkosi”", PAGE, ("draw-your-week", "two-days-stay-two"), "time",
     "Tyhjä viikko ja lyijykynä.", "An empty week and a pencil."),
    ("morning-radio", "Radio talk with the chief physician", RADIO, ("why-they-left",), "trust",
     "Haastattelu tekstinä.", "The talk in writing."),
    ("pencil-print", "“Tässä on kynä” half page", PRINT, ("draw-your-week",), "time",
     "Lyijykynä puolikkaalla sivulla.", "A pencil on half a page."),
    ("part-time-ad", "Job advertisement, part time", JOB_AD, ("shorter-week-shorter-list",), "time",
     "Työpaikkailmoitus tekstinä.", "The job advertisement as text."),
    ("first-post-ad", "Job advertisement, first post", JOB_AD, ("counts-from-day-one",), "start",
     "Työpaikkailmoitus tekstinä.", "The job advertisement as text."),
    ("colleague-word", "Card for staff: “Kerro kurssitoverille”", SOCIAL, ("somebody-covers",), "trust",
     "Kortti, jossa on QR-koodi.", "A card with a QR code."),
    ("winter-evening", "Virtual evening “Oma työ, oma viikko”", EVENT,
     ("sleep-at-night", "senior-in-the-house", "draw-your-week", "thursday-is-research"), "time",
     "Neljä lääkäriä ruudulla.", "Four doctors on a screen."),
    ("pool-page", "Page “Ei vielä, mutta kohta”", PAGE, ("three-steps", "counts-from-day-one"), "start",
     "Lomake, jossa on yksi rivi osoitteelle.", "A form with one line for an address."),
    ("pool-poster", "“Ei vielä, mutta kohta” poster", POSTER, ("supervision-is-kept",), "training",
     "Postilaatikko, josta pilkistää kirje.", "A letter box with a letter in it."),
    ("pool-card", "“Ei vielä, mutta kohta” card", SOCIAL, ("three-steps",), "start",
     "Lomake, jossa on yksi rivi osoitteelle.", "A form with one line for an address."),
    ("first-year-card", "“Kukaan ei päivystä yksin” card", SOCIAL, ("senior-in-the-house",), "start",
     "Käytävä, jonka päässä on valo.", "A corridor with a light at its end."),
)  # fmt: skip

_VARIANT_OF = {"steps-film-short": "steps-film"}
_CONSENT_DAYS = {
    "five-film": 410, "route-film": 320, "chain-interview": 45, "research-interview": 280,
    "resident-evening": 200, "licence-evening": 190,
}  # fmt: skip
"""Whose picture is shown, and in how many days the consent runs out; one is about to."""
WAITING = frozenset({"first-year-card"})
"""What somebody has written and nobody has approved yet."""
_IN_ENGLISH_TOO = frozenset({"route-film", "licence-evening", "research-interview"})


def make_claims() -> tuple[PlannedClaim, ...]:
    """The promises the city makes, each carrying one factor of a persona."""
    return tuple(
        PlannedClaim(slug=slug, factor=factor, text={"fi": finnish, "en": english})
        for slug, factor, finnish, english in _CLAIMS
    )


def make_assets(today: dt.date) -> tuple[PlannedAsset, ...]:
    """The creatives, in at least one of every format."""
    return tuple(
        PlannedAsset(
            key=key, name=name, format=kind, claims=claims, theme=theme,
            languages=tuple(_alt_text(key, finnish, english)),
            url=f"{HOME}/aineisto/{key}",
            alt_text=_alt_text(key, finnish, english),
            variant_of=_VARIANT_OF.get(key),
            shows_people=key in _CONSENT_DAYS,
            consent_expires_on=_days_from(today, _CONSENT_DAYS.get(key)),
            status=AssetStatus.DRAFT if key in WAITING else AssetStatus.APPROVED,
        )
        for key, name, kind, claims, theme, finnish, english in _ASSETS
    )  # fmt: skip


def _alt_text(key: str, finnish: str, english: str) -> dict[str, str]:
    """What is in the asset, in each language that the asset is in."""
    return {"fi": finnish} | ({"en": english} if key in _IN_ENGLISH_TOO else {})


def _days_from(today: dt.date, days: int | None) -> dt.date | None:
    return None if days is None else today + dt.timedelta(days=days)
