"""What the city plans for the coming weeks: a campaign in which nothing has run yet."""

import datetime as dt

from app.demo.plan import CURRENCY, PlannedCampaign
from app.demo.schedule import PlacementRow, make_reckoning
from app.planning.campaign import CampaignKind, CampaignStatus

BEGINS, ENDS = 12, 96
"""In how many days the campaign begins and ends."""

AHEAD: tuple[PlacementRow, ...] = (
    ("next-linkedin", "Interview “Takaisin omien potilaiden luo” on LinkedIn, winter", "next", "chain-interview",
     "linkedin", "gp-leaving-private-chain", -12, -40, "", "Doctors of private chains within 80 km",
     (320_000, None, None)),
    ("next-stop-sleep", "Tram-stop poster “Yöllä nukutaan”, winter", "next", "sleep-poster", "stops",
     "gp-young-family", -14, -41, "Tram stops Satama and Kirkkopuisto", "Doctors on their way home",
     (190_000, None, None)),
    ("next-letter", "Recruitment letter, winter", "next", "evening-letter", "letters",
     "gp-young-family", -20, -20, "", "Doctors who have left their address", (12_000, None, None)),
    ("next-evening", "Virtual evening “Kysy ohjaajalta”, winter", "next", "resident-evening", "evenings",
     "resident-primary-care-months", -33, -33, "Online", "Residents planning their primary-care months",
     (95_000, 95_000, None)),
    ("next-radio", "Morning radio with the chief physician, winter", "next", "morning-radio", "radio",
     "specialist-in-general-practice-returning", -36, -49, "Radio Lahdenranta 7.40", "Morning commuters",
     (160_000, None, None)),
    ("next-stop-patient", "Bus-shelter poster “Sama potilas”, winter", "next", "patient-poster", "stops",
     "gp-leaving-private-chain", -42, -69, "Shelters by the private clinics", "Doctors of private chains",
     (240_000, None, None)),
    ("next-journal", "Half page “Tässä on kynä” in Vastaanotto, winter", "next", "pencil-print", "journal",
     "senior-part-time", -56, -83, "Issue 2", "Subscribers", (240_000, 240_000, None)),
    ("next-evening-all", "Virtual evening “Oma työ, oma viikko”", "next", "winter-evening", "evenings",
     "gp-young-family", -61, -61, "Online", "Doctors of all stations and whoever they bring", (95_000, None, None)),
    ("next-card", "Card “Kukaan ei päivystä yksin” on Instagram", "open", "first-year-card", "meta",
     "newly-licensed", -5, -40, "", "Final-year students and new doctors", (48_000, 48_000, None)),
)  # fmt: skip
"""Of the two posters the booking of one is late; a card of the campaign that always runs waits to be approved."""


def make_next_campaign(today: dt.date) -> PlannedCampaign:
    """The campaign that is approved and not live."""
    return PlannedCampaign(
        key="next", name="“Talvi on lääkärin”", kind=CampaignKind.BURST,
        concept="What held last year, said again when the year is planned: a promise, its proof, a date.",
        objective="Eight doctors before summer, half of them specialists in general practice",
        starts_on=today + dt.timedelta(days=BEGINS), ends_on=today + dt.timedelta(days=ENDS),
        budget_minor=1_500_000, currency=CURRENCY, reckoning=make_reckoning(8, ("60", "29", "11", "8.9"), "160.00"),
        jobs=("gp-harbour", "gp-church", "gp-resident"), status=CampaignStatus.APPROVED,
    )  # fmt: skip
