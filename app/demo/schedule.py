"""The city's channels, campaigns, placements and vacancies, on days counted from the one it is built for."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from app.demo.plan import (
    CURRENCY,
    HOME,
    PlannedAlias,
    PlannedCampaign,
    PlannedChannel,
    PlannedJob,
    PlannedPlacement,
)
from app.planning.aim import Rates, Reckoning
from app.planning.campaign import CampaignKind, CampaignStatus
from app.planning.channel import ChannelKind, CostModel, Weekday
from app.planning.job import JobStatus
from app.planning.money import Money
from app.planning.placement import PlacementStatus
from app.planning.tracking import AliasKind

PlacementRow: TypeAlias = tuple[
    str, str, str, str, str, str, int, int | None, str, str, tuple[int | None, int | None, int | None]
]
"""Key, name, campaign, asset, channel and persona; how many days ago it begins and ends; place, audience, and cost as
planned, booked and invoiced, in cents."""

FOLLOWED = "3"
"""How many of a hundred who follow a link apply, as the city takes for granted."""
DAYS = 425
"""About 14 months: how far back the city's advertising and its applications go."""

_CHANNELS = (
    ("stops", "Tram and bus stops", ChannelKind.OUT_OF_HOME, CostModel.PER_PERIOD, 21, "Lahden Ulkomainos"),
    ("boards", "Notice boards of the hospital and campus", ChannelKind.OUT_OF_HOME, CostModel.FREE, 3, ""),
    ("linkedin", "LinkedIn", ChannelKind.SOCIAL, CostModel.PER_CLICK, 2, ""),
    ("meta", "Facebook and Instagram", ChannelKind.SOCIAL, CostModel.PER_THOUSAND, 2, ""),
    ("google", "Google search", ChannelKind.SEARCH, CostModel.PER_CLICK, 1, ""),
    ("news", "News sites", ChannelKind.DISPLAY, CostModel.PER_THOUSAND, 5, "Uutisverkko, media sales"),
    ("youtube", "YouTube", ChannelKind.VIDEO, CostModel.PER_THOUSAND, 3, ""),
    ("letters", "Own recruitment letters", ChannelKind.EMAIL, CostModel.FREE, 4, "Recruitment services"),
    (
        "training",
        "Training letter of the hospital",
        ChannelKind.EMAIL,
        CostModel.FIXED,
        14,
        "Training office",
    ),
    ("evenings", "Virtual evenings", ChannelKind.EVENT, CostModel.FIXED, 30, "Event desk"),
    ("colleagues", "Colleagues’ word", ChannelKind.REFERRAL, CostModel.FREE, 0, ""),
    (
        "board",
        "Lääkärinpaikat",
        ChannelKind.JOB_BOARD,
        CostModel.FIXED,
        2,
        "Customer service",
    ),
    ("radio", "Radio Lahdenranta", ChannelKind.RADIO, CostModel.FIXED, 10, "Radio Lahdenranta, sales"),
    ("journal", "Vastaanotto, the doctors’ journal", ChannelKind.PRINT, CostModel.FIXED, 28, "Advertising"),
    ("site", "The city’s career site", ChannelKind.OWN_SITE, CostModel.FREE, 0, "Communications"),
)

_BOOKING_CLOSES = {
    "stops": (18, Weekday.THURSDAY, "12:00"), "radio": (11, Weekday.THURSDAY, None),
    "journal": (28, Weekday.FRIDAY, "15:00"),
}  # fmt: skip
"""How many days ahead, on which weekday and at what time."""

_ALIASES = (
    (AliasKind.LABEL, "linkedin", "linkedin"),
    (AliasKind.HOST, "linkedin.com", "linkedin"),
    (AliasKind.LABEL, "facebook", "meta"),
    (AliasKind.LABEL, "instagram", "meta"),
    (AliasKind.HOST, "facebook.com", "meta"),
    (AliasKind.LABEL, "google ads", "google"),
    (AliasKind.LABEL, "lääkärinpaikat", "board"),
    (AliasKind.HOST, "laakarinpaikat.example", "board"),
    (AliasKind.LABEL, "youtube", "youtube"),
    (AliasKind.LABEL, "rekrytointikirje", "letters"),
    (AliasKind.LABEL, "koulutuskirje", "training"),
    (AliasKind.LABEL, "verkkoilta", "evenings"),
    (AliasKind.LABEL, "uutissivusto", "news"),
    (AliasKind.LABEL, "pysäkkimainos", "stops"),
    (AliasKind.LABEL, "ilmoitustaulu", "boards"),
    (AliasKind.LABEL, "työkaveri", "colleagues"),
    (AliasKind.LABEL, "radio lahdenranta", "radio"),
    (AliasKind.LABEL, "vastaanotto-lehti", "journal"),
    (AliasKind.LABEL, "artikkeli", "site"),
)

_CAMPAIGNS = (
    ("decides", "“Lääkäri päättää”", CampaignKind.BURST,
     "Said boldly from inside a doctor's day: every line names a decision that is the doctor's own.",
     "Make experienced GPs look up: 40 applications from specialists in general practice", 410, 255,
     7_500_000, (15, ("55", "25", "10", "8.3"), "410.00"), ("gp-harbour", "gp-church")),
    ("open", "“Vastaanotto on auki”", CampaignKind.CONTINUOUS,
     "The burst's voice at speaking volume, all year: one promise a month, each with its proof.",
     "Three hires a month for the health stations", 340, None,
     9_600_000, (36, ("60", "26.2", "11", "8.6"), "225.00"),
     ("gp-harbour", "gp-church", "gp-resident", "first-post")),
    ("months", "“Yhdeksän kuukautta”", CampaignKind.BURST,
     "Primary-care months as the part of training one is glad of; residents speak to residents.",
     "Fill every training place two months ahead", 300, 45,
     2_800_000, (24, ("70", "38.5", "22", "18.5"), "210.00"), ("months", "gp-resident")),
    ("path", "“Polku taloon”", CampaignKind.BURST,
     "The way in, drawn on one sheet: licence, language, supervision, post. No adjectives, only steps.",
     "Twenty doctors on a written path to a permanent post", 225, 8,
     3_400_000, (14, ("55", "23.5", "10", "8.2"), "195.00"), ("licence", "first-post")),
)  # fmt: skip
"""After the budget in cents: the hires wanted, how many of a hundred applicants were taken for granted to come to each
stage, what an application may cost, and the vacancies."""

_MADE = {
    "stop-sleep": 85_000, "stop-patient": 85_000, "tube-five": 980_000, "meta-alone": 140_000, "news-slot": 60_000,
    "radio-left": 45_000, "journal-pencil": 70_000, "linkedin-chain": 120_000, "board-rotation": 24_000,
    "card-colleague": 18_000, "tube-route": 460_000, "meta-steps": 90_000, "next-evening-all": 40_000,
}  # fmt: skip
"""What making some of them cost, in cents."""

_PLACEMENTS = (
    ("stop-sleep", "Tram-stop poster “Yöllä nukutaan”", "decides", "sleep-poster", "stops", "gp-young-family",
     405, 375, "Tram stops Satama, Kirkkopuisto and Keskussairaala", "Doctors on their way home",
     (200_000, 190_000, 190_000)),
    ("stop-patient", "Bus-shelter poster “Sama potilas”", "decides", "patient-poster", "stops",
     "gp-leaving-private-chain", 400, 358, "Shelters by the private clinics", "Doctors of private chains",
     (240_000, 240_000, 252_000)),
    ("tube-five", "Film “Kello on viisi” on YouTube", "decides", "five-film", "youtube", "gp-young-family",
     400, 280, "", "Adults in the region who follow medical channels", (650_000, 600_000, 588_400)),
    ("meta-alone", "Picture series “Et ole yksin” on Instagram", "decides", "alone-carousel", "meta",
     "newly-licensed", 395, 262, "", "Medicine as a field of study", (900_000, 900_000, 941_250)),
    ("news-slot", "Banner “Tyhjä aika” on news sites", "decides", "slot-banner", "news",
     "gp-leaving-private-chain", 390, 285, "", "Readers of health and economy pages",
     (720_000, 720_000, 720_000)),
    ("radio-left", "Morning radio with the chief physician", "decides", "morning-radio", "radio",
     "specialist-in-general-practice-returning", 380, 350, "Radio Lahdenranta 7.40", "Morning commuters",
     (310_000, 295_000, 295_000)),
    ("journal-pencil", "Half page “Tässä on kynä” in Vastaanotto", "decides", "pencil-print", "journal",
     "senior-part-time", 370, 338, "Issues 3 and 4", "Subscribers", (480_000, 480_000, 480_000)),
    ("search-pay", "Search advertising on pay", "open", "pay-search", "google", "gp-leaving-private-chain",
     335, None, "", "Searches for a doctor's pay and for the city's name", (1_400_000, 1_260_000, 1_183_470)),
    ("linkedin-chain", "Interview “Takaisin omien potilaiden luo” on LinkedIn", "open", "chain-interview",
     "linkedin", "gp-leaving-private-chain", 330, 85, "", "Doctors of private chains within 80 km",
     (1_050_000, 1_050_000, 1_037_880)),
    ("board-part-time", "Part-time job advertisement on Lääkärinpaikat", "open", "part-time-ad", "board",
     "gp-young-family", 320, 12, "", "Visitors of the job board", (540_000, 540_000, 540_000)),
    ("letter-evening", "Recruitment letter, weekday evenings", "open", "evening-letter", "letters",
     "gp-young-family", 300, 40, "", "Doctors who have left their address", (90_000, 90_000, 84_000)),
    ("article-left", "Article “Miksi lähdettiin” on the career site", "open", "returners-article", "site",
     "specialist-in-general-practice-returning", 280, 60, "", "Former staff and their colleagues",
     (160_000, 160_000, 160_000)),
    ("page-week", "Landing page “Piirrä viikkosi”", "open", "week-page", "site", "senior-part-time",
     260, 15, "", "Doctors of sixty and over", (None, None, None)),
    ("card-colleague", "Staff card “Kerro kurssitoverille”", "open", "colleague-word", "colleagues",
     "gp-young-family", 250, 20, "Staff rooms of all stations", "Fellow students of our doctors",
     (45_000, 45_000, 41_300)),
    ("search-days", "Search advertising on part-time work", "open", "days-search", "google",
     "senior-part-time", 230, 30, "", "Searches for part-time doctor's work", (420_000, 420_000, 398_150)),
    ("letter-residents", "Training letter “Ohjaustunti on listassa”", "months", "resident-letter", "training",
     "resident-primary-care-months", 290, 80, "", "Residents at the university hospital",
     (360_000, 360_000, 360_000)),
    ("evening-residents", "Virtual evening “Kysy ohjaajalta”", "months", "resident-evening", "evenings",
     "resident-primary-care-months", 214, 186, "Online", "Residents planning their primary-care months",
     (280_000, 280_000, 265_500)),
    ("board-rotation", "Notice-board poster “Yhdeksän kuukautta”", "months", "rotation-poster", "boards",
     "resident-primary-care-months", 285, 240, "Staff rooms of the university hospital", "Residents",
     (38_000, 38_000, 38_000)),
    ("linkedin-certificate", "Card “Todistus kahdessa viikossa” on LinkedIn", "months", "certificate-card",
     "linkedin", "resident-primary-care-months", 270, 115, "", "Residents in any specialty",
     (380_000, 380_000, 371_900)),
    ("site-research", "Interview “Torstain väitöskirja”", "months", "research-interview", "site",
     "researcher-clinician", 240, 150, "", "Doctoral researchers in medicine", (120_000, 120_000, 120_000)),
    ("evening-licence", "Virtual evenings “Polku taloon”", "path", "licence-evening", "evenings",
     "doctor-trained-abroad", 220, 72, "Online", "Doctors preparing for the licensing examinations",
     (520_000, 520_000, 507_300)),
    ("tube-route", "Film “Näin minusta tuli kollega” on YouTube", "path", "route-film", "youtube",
     "doctor-trained-abroad", 200, 58, "", "Doctors trained abroad who live in Finland",
     (340_000, 340_000, 334_600)),
    ("meta-steps", "“Kolme porrasta” in 15 seconds on Instagram", "path", "steps-film-short", "meta",
     "newly-licensed", 90, 12, "", "Final-year students and new doctors", (260_000, 260_000, 251_700)),
    ("board-first-post", "First-post job advertisement on Lääkärinpaikat", "path", "first-post-ad", "board",
     "newly-licensed", 60, 10, "", "Visitors of the job board", (110_000, 110_000, None)),
)  # fmt: skip

_JOBS = (
    ("gp-harbour", "Terveyskeskuslääkäri, Satamapuisto", "general_practice",
     "Satamapuiston terveysasema", 6, 430, None),
    ("gp-church", "Yleislääketieteen erikoislääkäri, Kirkonmäki", "general_practice",
     "Kirkonmäen terveysasema", 4, 430, None),
    ("gp-resident", "Yleislääketieteeseen erikoistuva lääkäri", "resident_general_practice",
     "Myllyrannan terveysasema", 5, 430, None),
    ("months", "Erikoistuva lääkäri, terveyskeskusjakso", "other_specialty",
     "Myllyrannan terveysasema", 12, 430, None),
    ("first-post", "Terveyskeskuslääkäri, ensimmäinen virka", "unspecialised",
     "Itäharjun terveysasema", 6, 430, None),
    ("licence", "Lääkäri, laillistusharjoittelu", "unspecialised",
     "Satamapuiston terveysasema", 5, 430, None),
)  # fmt: skip


ALSO_FOR = {"next-evening-all": ("newly-licensed", "senior-part-time", "researcher-clinician")}
"""For whom some are beside their first persona."""


def make_channels() -> tuple[PlannedChannel, ...]:
    return tuple(
        PlannedChannel(
            key=key, name=name, kind=kind, cost_model=model, lead_time_days=lead, contact=contact,
            booking_closes_days=closes[0], booking_closes_on=closes[1], booking_closes_at=closes[2],
        )
        for key, name, kind, model, lead, contact in _CHANNELS
        for closes in (_BOOKING_CLOSES.get(key, (None, None, None)),)
    )  # fmt: skip


def make_aliases() -> tuple[PlannedAlias, ...]:
    """What the ATS calls the channels."""
    return tuple(PlannedAlias(kind=kind, observed=observed, channel=channel) for kind, observed, channel in _ALIASES)


def make_campaigns(today: dt.date) -> tuple[PlannedCampaign, ...]:
    return tuple(
        PlannedCampaign(
            key=key, name=name, kind=kind, concept=concept, objective=objective,
            starts_on=_ago(today, begin), ends_on=_ago_or_open(today, end),
            budget_minor=budget, currency=CURRENCY, reckoning=make_reckoning(*reckoning), jobs=jobs,
            status=CampaignStatus.LIVE if end is None else CampaignStatus.ENDED,
        )
        for key, name, kind, concept, objective, begin, end, budget, reckoning, jobs in _CAMPAIGNS
    )  # fmt: skip


def make_reckoning(hires: int, shares: tuple[str, str, str, str], cost: str) -> Reckoning:
    """What a planner types: hires, and the rates and the cost that are taken for granted."""
    rates = Rates(applied=FOLLOWED, **dict(zip(("screened", "interview", "offer", "hired"), shares, strict=True)))
    return Reckoning(hires_wanted=hires, rates=rates, cost_per_application=Money(amount=cost, currency=CURRENCY))


def make_placements(today: dt.date, codes: Mapping[str, str]) -> tuple[PlannedPlacement, ...]:
    """The placements, each with the code of its key."""
    return place(_PLACEMENTS, today, codes)


def place(rows: Iterable[PlacementRow], today: dt.date, codes: Mapping[str, str]) -> tuple[PlannedPlacement, ...]:
    """Placements of rows like those above; what begins fewer than no days ago is planned."""
    return tuple(
        PlannedPlacement(
            key=key, name=name, campaign=campaign, asset=asset, channel=channel, persona=persona,
            starts_on=_ago(today, begin), ends_on=_ago_or_open(today, end), place=where, audience=audience,
            planned_cost_minor=costs[0], booked_cost_minor=costs[1], invoiced_cost_minor=costs[2],
            production_cost_minor=_MADE.get(key), also_for=ALSO_FOR.get(key, ()),
            target_url=f"{HOME}/lahde/{asset}", tracking_code=codes[key],
            status=_status(begin, end), currency=None if costs[0] is None else CURRENCY,
        )
        for key, name, campaign, asset, channel, persona, begin, end, where, audience, costs in rows
    )  # fmt: skip


def _status(begin: int, end: int | None) -> PlacementStatus:
    if begin < 0:
        return PlacementStatus.PLANNED
    return PlacementStatus.LIVE if end is None else PlacementStatus.ENDED


def placement_keys() -> tuple[str, ...]:
    return tuple(row[0] for row in _PLACEMENTS)


def make_jobs(today: dt.date) -> tuple[PlannedJob, ...]:
    """The vacancies, each for one specialty at one of the city's stations."""
    return tuple(
        PlannedJob(
            key=key, title=title, specialty=specialty, unit=unit, openings=openings,
            opens_on=_ago(today, begin), closes_on=_ago_or_open(today, end), status=JobStatus.OPEN,
        )
        for key, title, specialty, unit, openings, begin, end in _JOBS
    )  # fmt: skip


def _ago(today: dt.date, days: int) -> dt.date:
    return today - dt.timedelta(days=days)


def _ago_or_open(today: dt.date, days: int | None) -> dt.date | None:
    return None if days is None else _ago(today, days)
