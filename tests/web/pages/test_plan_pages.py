"""Campaigns and assets as pages to read, and the ways that lead to them."""

import datetime as dt
import re
import uuid
from html import unescape

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.planning.asset import Asset
from app.planning.campaign import Campaign
from app.planning.channel import Channel
from app.planning.tracking import AliasKind, SourceAlias
from tests.support.client import TestClient
from tests.web.answers_examples import NOW, key_of
from tests.web.pages.conftest import visitor
from tests.web.pages.test_applications import listed, numbers
from tests.web.pages.town import MADE


def words(text: str) -> str:
    body = text[text.index("<main") : text.index("</main>")]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def page_of(town: FastAPI, model: type[Campaign] | type[Asset] | type[Channel], name: str) -> str:
    with town.state.database.writing() as session:
        key = session.scalars(select(model.id).where(model.name == name)).one()
    return f"/{model.__tablename__}s/{key}"


def page_with_ads(town: FastAPI, noun: str) -> str:
    """A page of the plan that has a table of placements."""
    if noun == "persona":
        return "/personas/gp-young-family"
    return {
        "campaign": lambda: page_of(town, Campaign, "Now we must"),
        "channel": lambda: page_of(town, Channel, "Stops"),
        "asset": lambda: page_of(town, Asset, "“My first year”, video"),
    }[noun]()


@pytest.fixture
def campaign(town: FastAPI) -> str:
    return page_of(town, Campaign, "Now we must")


def test_a_campaign_says_what_it_is_for_what_it_cost_and_what_came_of_what_was_expected(town: FastAPI) -> None:
    path = page_of(town, Campaign, "Now we must")
    with town.state.database.writing() as session:
        found = session.get_one(Campaign, uuid.UUID(path.rpartition("/")[2]))
        found.objective, found.budget_minor, found.currency = "Twenty doctors on a written path.", 1200000, "EUR"
        found.expected_funnel = {"applied": 40, "started": 2}
    text = words(visitor(town).get(path).text)
    assert "a burst · 1 Feb – 30 Jun 2026 · ended" in text.replace("\N{THIN SPACE}", " ")
    assert "Objective: Twenty doctors on a written path." in text
    assert "of a budget of 12,000 €" in text
    assert re.search(r"Applied 40 \d+", text)
    assert re.search(r"Started 2 ", text)
    assert "Verdict for “Interview”" in text


def test_a_campaign_says_by_how_much_it_is_over_its_budget(town: FastAPI, campaign: str) -> None:
    with town.state.database.writing() as session:
        found = session.get_one(Campaign, uuid.UUID(campaign.rpartition("/")[2]))
        was = found.budget_minor, found.currency
        found.budget_minor, found.currency = 100, "EUR"
    text = words(visitor(town).get(campaign).text)
    with town.state.database.writing() as session:
        found = session.get_one(Campaign, uuid.UUID(campaign.rpartition("/")[2]))
        found.budget_minor, found.currency = was
    said = re.search(r"Cost: ([\d,]+) €.*? so far and ([\d,]+) €.*? to come of a budget of 1 €: ([\d,]+) € more", text)
    assert said is not None
    spent, coming, over = (int(one.replace(",", "")) for one in said.groups())
    assert over == spent + coming - 1


def test_each_number_of_a_campaign_opens_what_it_counts(reader: TestClient, campaign: str) -> None:
    found = numbers(reader.get(f"{campaign}?stage=offer").text)
    assert found
    for n, address in found:
        assert listed(reader.get(address).text) == n, address


def test_a_campaign_lists_its_placements_and_no_others(reader: TestClient, campaign: str) -> None:
    text = reader.get(campaign).text
    assert "Tram-stop poster, Kallio" in text
    assert "Newsletter “No night duty”" not in text


def test_an_asset_says_what_it_promises_where_it_lies_and_until_when_it_may_be_shown(town: FastAPI) -> None:
    path = page_of(town, Asset, "“My first year”, video")
    with town.state.database.writing() as session:
        asset = session.get_one(Asset, uuid.UUID(path.rpartition("/")[2]))
        asset.shows_people, asset.consent_expires_on = True, NOW.date() - dt.timedelta(days=1)
        asset.url, asset.alt_text = "https://example.org/film", {"en": "Two doctors at one desk."}
    text = visitor(town).get(path).text
    assert "promise Video" not in words(text)
    assert "promise “Home by five”" in words(text)
    assert "their consent ended on 21 Nov 2026: take it down" in text
    assert "Two doctors at one desk." in text
    assert 'href="https://example.org/film" rel="noreferrer"' in text
    assert "Its variants" not in text


@pytest.mark.parametrize(
    ("shows", "until", "said"),
    [
        (False, None, "People shown none"),
        (True, None, "some, and their consent has no end date"),
        (True, NOW.date() + dt.timedelta(days=1), "some, with their consent until 23 Nov 2026"),
    ],
)
def test_an_asset_says_whom_it_shows_and_how_long_it_may(
    town: FastAPI, shows: bool, until: dt.date | None, said: str
) -> None:
    path = page_of(town, Asset, "Search ad, brand")
    with town.state.database.writing() as session:
        asset = session.get_one(Asset, uuid.UUID(path.rpartition("/")[2]))
        asset.shows_people, asset.consent_expires_on = shows, until
    assert said in words(visitor(town).get(path).text)


def test_an_asset_that_never_ran_is_not_judged(town: FastAPI) -> None:
    first = page_of(town, Asset, "“My first year”, video")
    with town.state.database.writing() as session:
        owner = session.scalars(select(Asset.organisation_id)).first()
    with town.state.database.writing(owner) as session:
        like = session.get_one(Asset, uuid.UUID(first.rpartition("/")[2]))
        made = {name: getattr(like, name) for name in ("format", "languages", "alt_text", "status", *MADE)}
        session.add(Asset(name="“My first year”, cut", variant_of_id=like.id, **made))
    cut = page_of(town, Asset, "“My first year”, cut")
    text = words(visitor(town).get(cut).text)
    assert "has not run Nothing of it has run yet, so nobody can have come by it." in text
    assert re.search(r"Its variants .*“My first year”, video", text)
    assert re.search(r"“My first year”, cut\s*: has not run", words(visitor(town).get(first).text))


def test_variants_of_one_original_stand_beside_each_other(town: FastAPI) -> None:
    first = page_of(town, Asset, "Search ad, brand")
    second = page_of(town, Asset, "Newsletter “No night duty”")
    with town.state.database.writing() as session:
        session.get_one(Asset, uuid.UUID(second.rpartition("/")[2])).variant_of_id = uuid.UUID(first.rpartition("/")[2])
    for path, other in ((first, second), (second, first)):
        text = visitor(town).get(path).text
        assert f'<li><p><a href="{other}">' in text


@pytest.mark.parametrize("noun", ["campaigns", "assets", "channels"])
@pytest.mark.parametrize("key", ["nonsense", key_of(99)])
def test_what_is_not_in_the_plan_has_no_page(reader: TestClient, noun: str, key: str) -> None:
    assert reader.get(f"/{noun}/{key}").status_code == 404


def test_a_channel_says_what_it_is_who_came_through_it_and_what_nobody_knows(town: FastAPI) -> None:
    path = page_of(town, Channel, "Stops")
    key = uuid.UUID(path.rpartition("/")[2])
    with town.state.database.writing() as session:
        owner = session.get_one(Channel, key).organisation_id
    with town.state.database.writing(owner) as session:
        channel = session.get_one(Channel, key)
        channel.lead_time_days, channel.contact = 21, "Street furniture, sales"
        alias = SourceAlias(
            kind=AliasKind.LABEL, observed="a friend told me", channel_id=key, created_at=NOW, updated_at=NOW
        )
        session.add(alias)
    text = visitor(town).get(f"{path}?stage=offer").text
    said = words(text)
    assert "Out of home · paid at a fixed price · 21 days of lead time" in said
    assert "Contact: Street furniture, sales" in said
    assert "came through this channel; which of its placements it was is not known" in said
    assert "came from an unknown source" in said
    assert "Tram-stop poster, Kallio" in said
    assert "Newsletter “No night duty”" not in said
    found = numbers(text)
    assert len(found) == 7
    for n, address in found:
        assert listed(visitor(town).get(address).text) == n, address
    with town.state.database.writing(owner) as session:
        session.delete(session.scalars(select(SourceAlias)).one())


def test_a_channel_leads_those_who_plan_to_its_form(town: FastAPI, reader: TestClient) -> None:
    channel = page_of(town, Channel, "Stops")
    assert f'<a class="action" href="{channel}/edit">Change it</a>' in reader.get(channel).text


def test_assets_that_wait_for_approval_are_shown_alone(town: FastAPI, reader: TestClient) -> None:
    every, waiting = (words(reader.get(f"/assets{asked}").text) for asked in ("", "?status=draft"))
    assert "approved" in every and "Those that wait for approval" in every
    assert "· approved" not in waiting and "retired" not in waiting


def test_wherever_a_channel_is_named_it_is_linked(town: FastAPI, reader: TestClient) -> None:
    channel = page_of(town, Channel, "Stops")
    for path in (
        f"/placements/{key_of(2)}", "/verdicts?by=channel", "/paths?by=channel", "/search?q=stops", "/monthly",
        page_of(town, Campaign, "Now we must"), page_of(town, Asset, "Tram-stop poster, Kallio"),
    ):  # fmt: skip
        assert f'href="{channel}"' in reader.get(path).text, path


def test_wherever_they_are_named_campaigns_and_assets_are_linked(town: FastAPI, reader: TestClient) -> None:
    campaign, asset = page_of(town, Campaign, "Now we must"), page_of(town, Asset, "Tram-stop poster, Kallio")
    placement = reader.get(f"/placements/{key_of(2)}").text
    assert f'href="{campaign}"' in placement
    assert f'href="{asset}"' in placement
    assert f'href="{campaign}"' in reader.get("/verdicts?by=campaign").text
    assert f'href="{asset}"' in reader.get("/verdicts?by=asset").text
    assert f'href="{asset}"' in reader.get("/search?q=kallio").text


def test_what_an_urgent_request_needs_first_is_linked(newcomer: TestClient) -> None:
    text = newcomer.get("/campaigns/urgent").text.partition("</h1>")[2]
    for needed in ("/channels", "/personas"):
        assert f'<a class="action" href="{needed}">' in text
