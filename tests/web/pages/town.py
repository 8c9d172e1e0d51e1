"""A small town with a plan and a record in a real database, and an application that shows its pages."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.access.organisation import create_organisation
from app.database import Database, to_micros
from app.funnel.application import Application, StageChange, SystemProgress
from app.funnel.stage import Stage, StageMapping
from app.intake.connection import Connection
from app.planning.asset import Asset, AssetClaim, AssetStatus, Format
from app.planning.campaign import Campaign, CampaignKind, CampaignStatus
from app.planning.channel import Channel, ChannelKind, CostModel
from app.planning.claim import Claim
from app.planning.persona import Factor, FactorKind, Persona
from app.planning.placement import Placement, PlacementStatus
from app.web.application import create_app
from app.web.pages.visit import Visit, answer
from tests.support.people import add_person
from tests.web.answers_examples import NOW, key_of

MADE: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
SPECIALTIES = ("general_practice", "unspecialised", None)
LONG_AGO = dt.date(2025, 6, 1)


def text(en: str, fi: str) -> dict[str, str]:
    return {"en": en, "fi": fi}


def persona(slug: str, name: dict[str, str], **parts: Any) -> Persona:
    made: dict[str, Any] = {
        "version": 1, "specialty": "general_practice", "career_stage": "experienced",
        "summary": text("An experienced GP whose week is decided at the day-care gate at a quarter to five.",
                        "Kokenut yleislääkäri, jonka viikko ratkeaa päiväkodin portilla varttia vaille viisi."),
        "situation": text(
            "Children to day care at half past seven, first patient at eight. The day that stretches is no longer "
            "acceptable: with a partner who also works shifts, one unexpected evening on call overturns the week. "
            "So an advertisement is read first for what it leaves out.",
            "Puoli kahdeksalta lapset päiväkotiin, kahdeksalta ensimmäinen potilas. Venyvää päivää hän ei enää "
            "hyväksy: kun puolisokin tekee vuoroja, yksi yllättävä iltapäivystys kaataa koko viikon. Siksi hän lukee "
            "ilmoituksesta ensin sen, mitä siinä ei sanota."),
        "tone": text("Colleague to colleague, factual and direct. Give times and numbers.",
                     "Kollegalta kollegalle, asiallisesti ja suoraan. Sano kellonajat ja määrät."),
        "avoid": text("Do not ask about children or family plans. Do not promise flexibility in general; promise a "
                      "time of day.",
                      "Älä kysy lapsista tai perhesuunnitelmista. Älä lupaa pelkkää joustoa; lupaa kellonaika."),
        "motivations": [{"text": text("To know on Sunday evening when each working day will end.",
                                      "Tietää sunnuntai-iltana, milloin jokainen työpäivä loppuu.")},
                        {"text": text("To follow the same patients from year to year.",
                                      "Hoitaa samoja potilaita vuodesta toiseen.")}],
        "worries": [
            {"text": text("“Flexible hours” will mean that I stay until the work is done.",
                          "”Joustava työaika” tarkoittaa, että jään niin kauan kuin töitä riittää."),
             "answer": text("Your last appointment is at 15.30 and the list is closed after it.",
                            "Viimeinen aikasi on 15.30, ja lista sulkeutuu sen jälkeen. Kysy meillä työskenteleviltä."),
             "differentiator": "day-ends-at-four"},
            {"text": text("I will be called to night duty after all.", "Joudun kuitenkin yöpäivystämään."),
             "answer": text("No. Night duty is carried by the joint emergency service, and the contract says so.",
                            "Et joudu. Yöpäivystys kuuluu yhteispäivystykselle, ja se lukee sopimuksessa."),
             "differentiator": "no-night-duty"},
            {"text": text("Desk work will follow me home.", "Paperityöt seuraavat kotiin."),
             "answer": text("Desk work has its own hour in the booking template.",
                            "Kirjallisille töille on oma tunti ajanvarauspohjassa."),
             "differentiator": "day-ends-at-four"}],
        "questions": [{"text": text("How many patients are on one doctor's list?",
                                    "Kuinka monta potilasta on yhden lääkärin listalla?")},
                      {"text": text("Who handles the papers of a doctor who is away?",
                                    "Kuka hoitaa poissa olevan lääkärin paperit?")}],
        "channels": [{"kind": "newsletter", "place": text("The GPs' own newsletter", "Yleislääkärien uutiskirje"),
                      "why": text("Read in the evening, on the telephone.", "Luetaan illalla puhelimesta.")},
                     {"kind": "poster", "place": text("Tram stops", "Raitiovaunupysäkit"),
                      "why": text("Passed twice a day.", "Ohi kuljetaan kahdesti päivässä.")}],
        "evidence": [{"title": "Physician 2025, a working-conditions survey", "publisher": "A medical association",
                      "published": "2025-03-01", "url": "https://example.org/physician-2025", "status": "claimed",
                      "says": text("Half of GPs under 45 name predictable hours as the first reason to change jobs.",
                                   "Puolet alle 45-vuotiaista yleislääkäreistä pitää ennakoitavaa työaikaa tärkeimpänä "
                                   "syynä vaihtaa työpaikkaa.")},
                     {"title": "Interviews with eleven GPs of the city", "publisher": "The city",
                      "published": "2022-05-10", "status": "verified",
                      "says": text("The end of the day, not pay, is what they compare first.",
                                   "He vertaavat ensin päivän päättymistä, vasta sitten palkkaa.")}],
        "reviewed_on": dt.date(2026, 10, 15),
    }  # fmt: skip
    return Persona(slug=slug, name=name, **{**made, **parts}, **MADE)


def factor(slug: str, kind: FactorKind, position: int, statement: dict[str, str], proof: dict[str, str]) -> Factor:
    return Factor(slug=slug, kind=kind, position=position, statement=statement, proof=proof)


def lay_town(database: Database) -> uuid.UUID:
    """Found the town and lay out its plan and record; returns the organisation."""
    with database.writing() as session:
        organisation = create_organisation(
            session, "Kivikoski", now=NOW - dt.timedelta(days=400), link_hosts=["example.org"]
        ).id
    add_person(database, organisation)
    with database.writing(organisation) as session:
        _lay_plan(session)
        session.flush()
        _lay_plan_of_tomorrow(session)
        _lay_record(session)
    return organisation


def _lay_plan(session: Session) -> None:
    family = persona("gp-young-family", text("GP with a young family", "Yleislääkäri ruuhkavuosissa"))
    family.factors = [
        factor("no-night-duty", FactorKind.DIFFERENTIATOR, 0,
               text("Health-station doctors have no night duty.", "Terveysaseman lääkäri ei päivystä öisin."),
               text("The contract's paragraph on duties.", "Sopimuksen päivystyskohta.")),
        factor("day-ends-at-four", FactorKind.DIFFERENTIATOR, 1,
               text("The last appointment is at 15.30.", "Viimeinen vastaanottoaika on 15.30."),
               text("Days that ended on time.", "Ajallaan päättyneet päivät.")),
        factor("own-patients", FactorKind.ATTRACTION, 2,
               text("A list of one's own, kept over years.", "Oma potilaslista vuodesta toiseen."),
               text("The list size, published each month.", "Listan koko, julkaistaan kuukausittain.")),
    ]  # fmt: skip
    senior = persona("senior-part-time", text("Part-time senior", "Osa-aikainen seniori"), career_stage="senior",
                     reviewed_on=LONG_AGO)  # fmt: skip
    campaign = Campaign(name="Now we must", kind=CampaignKind.BURST, starts_on=dt.date(2026, 2, 1),
                        ends_on=dt.date(2026, 6, 30), status=CampaignStatus.ENDED, currency=None, **MADE)  # fmt: skip
    always = Campaign(name="All year round", kind=CampaignKind.CONTINUOUS, starts_on=dt.date(2026, 1, 1),
                      status=CampaignStatus.LIVE, **MADE)  # fmt: skip
    night = Claim(slug="no-night-duty", factor="no-night-duty", text=text("No night duty", "Ei yöpäivystystä"), **MADE)
    home = Claim(slug="home-by-five", factor="day-ends-at-four", text=text("Home by five", "Viideksi kotiin"), **MADE)
    session.add_all([family, senior, campaign, always, night, home])
    session.flush()
    plans = [
        (1, "Newsletter “No night duty”", Format.NEWSLETTER, "Newsletters", ChannelKind.EMAIL, 30000, [night], always),
        (2, "Tram-stop poster, Kallio", Format.POSTER, "Stops", ChannelKind.OUT_OF_HOME, 190000, [night], campaign),
        (3, "Search ad, brand", Format.SEARCH_AD, "Search", ChannelKind.SEARCH, None, [], always),
        (4, "Virtual evening with the health-station doctors, March", Format.EVENT, "Events", ChannelKind.EVENT, 240000,
         [night, home], campaign),
        (5, "“My first year”, video", Format.VIDEO, "Video", ChannelKind.VIDEO, 680000, [home], campaign),
    ]  # fmt: skip
    for n, name, format, channel_name, kind, cost, claims, in_campaign in plans:
        channel = Channel(name=channel_name, kind=kind, cost_model=CostModel.FIXED, **MADE)
        asset = Asset(name=name, format=format, languages=["fi"], alt_text={}, status=AssetStatus.APPROVED, **MADE)
        asset.claim_links = [AssetClaim(claim_id=claim.id) for claim in claims]
        session.add_all([channel, asset])
        session.flush()
        session.add(Placement(
            id=uuid.UUID(key_of(n)), name=name, campaign_id=in_campaign.id, asset_id=asset.id, channel_id=channel.id,
            persona_id=family.id, starts_on=dt.date(2026, 3, 3), ends_on=dt.date(2026, 3, 30) if n != 3 else None,
            place="Tram stops, Kallio" if n == 2 else "", invoiced_cost_minor=cost, currency="EUR" if cost else None,
            target_url="https://example.org/doctors", tracking_code=f"h7k2m{n + 1}",
            status=PlacementStatus.LIVE if n == 3 else PlacementStatus.ENDED, **MADE,
        ))  # fmt: skip


def _lay_plan_of_tomorrow(session: Session) -> None:
    """One more placement, like the second, that has not gone live and that nobody has applied through."""
    like = session.get_one(Placement, uuid.UUID(key_of(2)))
    session.add(Placement(
        id=uuid.UUID(key_of(6)), name="Tram-stop poster, Vallila", campaign_id=like.campaign_id, asset_id=like.asset_id,
        channel_id=like.channel_id, persona_id=like.persona_id, starts_on=dt.date(2026, 12, 1), ends_on=None,
        planned_cost_minor=120000, currency="EUR", target_url=like.target_url, tracking_code="h7k2m9",
        status=PlacementStatus.PLANNED, **MADE,
    ))  # fmt: skip


def _lay_record(session: Session) -> None:
    connection = Connection(vendor="teamtailor", name="Teamtailor", region="eu", credentials=b"sealed", **MADE)
    session.add(connection)
    session.flush()
    system = connection.system
    session.add(SystemProgress(system=system, through=to_micros(NOW - dt.timedelta(hours=7))))
    session.add(StageMapping(system=system, stage_ref="7", name="Talent review", stage=None))
    for n in range(90):
        _lay_application(session, system, n)


def _lay_application(session: Session, system: str, n: int) -> None:
    applied = NOW - dt.timedelta(days=260 - int(2.88 * n), hours=n % 5)
    code = (f"h7k2m{2 + n % 5}" if n % 3 else None) if n % 17 else "zz9zz9"
    furthest = Stage(min(4, (n * 7) % 5)) if n < 80 else Stage.APPLIED
    id = n.to_bytes(16, "big")
    session.add(Application(
        id=id, system=system, applied_at=to_micros(applied), time_quality=0, code=code,
        label="a friend told me" if n % 9 == 0 else None, specialty=SPECIALTIES[n % 3],
        furthest=int(furthest), current=int(furthest),
        outcome="rejected" if n % 4 == 1 else None, unmapped=1 if n % 30 == 0 else 0,
        observed_at=to_micros(applied), origin=1,
    ))  # fmt: skip
    session.flush()
    for step in range(furthest + 1):
        at = to_micros(min(NOW, applied + dt.timedelta(days=17 * step)))
        session.add(StageChange(id=(n * 10 + step).to_bytes(16, "big"), application_id=id, stage=step, occurred_at=at,
                                time_quality=0, observed_at=at, origin=1))  # fmt: skip


def lay_empty(database: Database) -> uuid.UUID:
    """Found a town that has nothing yet."""
    with database.writing() as session:
        organisation = create_organisation(session, "Uusikylä", now=NOW).id
    add_person(database, organisation)
    return organisation


def pages_of(database: Database) -> FastAPI:
    """The pages, on the morning of the examples."""
    return create_app(database, b"k" * 32, clock=lambda: NOW)


def show(app: FastAPI, path: str, template: str, view: Callable[[Visit], Any]) -> None:
    """Open one more page whose view is made from an example."""

    @app.get(path)
    def page(request: Request) -> Response:
        return answer(request, lambda visit: visit.page(template, view(visit)))
