"""What the demo city promises: its sizes, its order in time, its plan's rules, and its truth."""

import datetime as dt
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from app.demo.ad_files import ADVERTISED, TOLD_UNTIL
from app.demo.applicants import PERSONA_SPECIALTY
from app.demo.city import City, build_city
from app.demo.journeys import Step
from app.demo.records import STAGE_NAMES
from app.demo.truth import EFFECTS, Kind, read_truth
from app.demo.world import Application
from app.funnel.touchpoint import TRACKED_KINDS, TouchpointKind
from app.intake.ad_totals.reading import read_ad_file
from app.intake.ad_totals.settling import Hints
from app.measurement.reasons import Verdict
from app.planning.asset import AssetStatus, Format
from app.planning.tracking import AliasKind, ObservedSource, codes_in_name, fold_label, is_code, observe_source
from tests.demo.judging import judge_seeds

TODAY = dt.date(2026, 11, 22)
MORNING = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
PERSONAS = Path(__file__).parents[2] / "personas"
SEEDS = (0, 1, 2)


@pytest.fixture(scope="module", params=SEEDS)
def city(request: pytest.FixtureRequest) -> City:
    return build_city(request.param, TODAY)


def applications_of(city: City) -> list[Application]:
    return [one for one in city.world.applications if not one.sourced]


def sources_of(city: City) -> list[ObservedSource]:
    return [observe_source(one.referring_url, one.referring_site) for one in applications_of(city)]


def test_the_same_seed_and_day_give_the_same_city() -> None:
    assert build_city(7, TODAY) == build_city(7, TODAY)


def test_another_seed_gives_other_people_and_codes_but_the_same_plan_otherwise() -> None:
    one, other = build_city(7, TODAY), build_city(8, TODAY)
    assert one.world != other.world
    assert one.truth.placements.keys().isdisjoint(other.truth.placements)
    assert [placement.name for placement in one.plan.placements] == [
        placement.name for placement in other.plan.placements
    ]


def test_the_city_moves_with_the_day_it_is_built_for() -> None:
    later = build_city(7, dt.date(2027, 3, 1))
    first, last = later.plan.placements[0], later.world.applications[-1]
    assert first.starts_on == dt.date(2027, 3, 1) - dt.timedelta(days=405)
    assert dt.datetime(2027, 2, 20, tzinfo=dt.UTC) < last.created_at < dt.datetime(2027, 3, 1, tzinfo=dt.UTC)


def test_some_1200_doctors_apply_over_14_months(city: City) -> None:
    applications = applications_of(city)
    assert 1_150 <= len(applications) <= 1_320
    assert (applications[-1].created_at - applications[0].created_at).days > 390


def test_a_third_of_the_applications_leave_no_trace(city: City) -> None:
    known = {(alias.kind, alias.observed) for alias in city.plan.aliases}
    traceless = [
        source for source in sources_of(city)
        if source.code is None
        and (AliasKind.LABEL, source.label) not in known
        and (AliasKind.HOST, source.host) not in known
    ]  # fmt: skip
    assert 0.29 <= len(traceless) / len(applications_of(city)) <= 0.37


def test_most_codes_come_in_the_link_and_some_in_the_label(city: City) -> None:
    found = Counter(source.found_in for source in sources_of(city))
    assert set(found) == {"url:utm_content", "label", None}
    assert found["url:utm_content"] > 600
    assert 30 <= found["label"] <= 90


def test_some_applications_show_the_channel_only_and_some_a_code_of_nobody(city: City) -> None:
    known = {alias.observed for alias in city.plan.aliases if alias.kind is AliasKind.LABEL}
    sources = sources_of(city)
    partly = [source for source in sources if source.code is None and source.label in known]
    foreign = {source.code for source in sources if source.code} - city.truth.placements.keys()
    assert 40 <= len(partly) <= 100
    assert 2 <= len(foreign) <= 3


def test_every_placement_has_as_many_coded_applications_as_the_truth_says(city: City) -> None:
    coded = Counter(source.code for source in sources_of(city))
    for placement in city.plan.placements:
        least, most = EFFECTS[placement.key].coded
        assert least - 1 <= coded[placement.tracking_code] <= most + 3, placement.name
    for truth in city.truth.placements.values():
        if truth.kind is Kind.MOVER:
            assert coded[truth.code] >= 60
        if truth.kind is Kind.FEW:
            assert 3 <= coded[truth.code] <= 25


def test_there_are_three_strong_movers_and_enough_of_the_other_kinds(city: City) -> None:
    movers = city.truth.of_kind(Kind.MOVER)
    assert len(movers) == 3
    assert min(mover.relative_effect for mover in movers) >= 2.0
    assert len(city.truth.of_kind(Kind.HARMFUL)) >= 3
    assert len(city.truth.of_kind(Kind.NULL)) >= 4
    assert len(city.truth.of_kind(Kind.FEW)) >= 8
    assert all(truth.relative_effect <= 0.5 for truth in city.truth.of_kind(Kind.HARMFUL))


def test_the_codes_are_24_valid_ones(city: City) -> None:
    codes = [placement.tracking_code for placement in city.plan.placements]
    assert len(set(codes)) == 24
    assert all(is_code(code) for code in codes)
    assert set(codes) == set(city.truth.placements)


def test_every_flight_lies_in_its_campaign(city: City) -> None:
    campaigns = {campaign.key: campaign for campaign in city.plan.campaigns}
    for placement in city.plan.placements:
        campaign = campaigns[placement.campaign]
        assert campaign.starts_on <= placement.starts_on <= (placement.ends_on or TODAY), placement.name
        if campaign.ends_on is not None:
            assert placement.ends_on is not None
            assert placement.ends_on <= campaign.ends_on, placement.name


def test_every_claim_carries_a_factor_of_the_persona_it_is_placed_for(city: City) -> None:
    claims = {claim.slug: claim for claim in city.plan.claims}
    assets = {asset.key: asset for asset in city.plan.assets}
    for placement in city.plan.placements:
        persona = tomllib.loads((PERSONAS / f"{placement.persona}.toml").read_text(encoding="utf-8"))
        factors = {factor["slug"] for kind in ("factors", "differentiators") for factor in persona[kind]}
        carried = {claims[slug].factor for slug in assets[placement.asset].claims}
        assert carried, placement.name
        assert carried <= factors, placement.name


def test_the_placements_reach_all_personas_in_the_specialty_that_their_files_state(city: City) -> None:
    stated = {
        path.stem: tomllib.loads(path.read_text(encoding="utf-8"))["specialty"] for path in PERSONAS.glob("*.toml")
    }
    assert {placement.persona for placement in city.plan.placements} == set(stated)
    assert stated == PERSONA_SPECIALTY


def test_all_formats_are_there_and_everything_made_is_used(city: City) -> None:
    placed = {placement.asset for placement in city.plan.every_placement}
    assert {asset.format for asset in city.plan.assets} == set(Format)
    made = {asset.key for asset in city.plan.assets}
    variants = {asset.variant_of for asset in city.plan.assets} - {None}
    assert made == placed | variants
    assert {claim.slug for claim in city.plan.claims} == {slug for asset in city.plan.assets for slug in asset.claims}
    assert {placement.channel for placement in city.plan.placements} == {channel.key for channel in city.plan.channels}


def test_the_plan_has_the_poster_at_1900_euro_one_unknown_cost_and_one_placement_without_an_end(
    city: City,
) -> None:
    poster = next(placement for placement in city.plan.placements if placement.key == "stop-sleep")
    assert (poster.persona, poster.invoiced_cost_minor, poster.currency) == (
        "gp-young-family",
        190_000,
        "EUR",
    )
    assert [p.key for p in city.plan.placements if p.planned_cost_minor is None] == ["page-week"]
    assert [p.key for p in city.plan.placements if p.ends_on is None] == ["search-pay"]
    assert all((p.currency is None) == (p.planned_cost_minor is None) for p in city.plan.placements)


def test_every_asset_has_its_text_in_each_of_its_languages_and_all_but_one_are_approved(city: City) -> None:
    waiting = [asset.key for asset in city.plan.assets if asset.status is not AssetStatus.APPROVED]
    assert waiting == ["first-year-card"]
    for asset in city.plan.assets:
        assert set(asset.alt_text) == set(asset.languages), asset.name
        assert all(asset.alt_text.values()), asset.name


def test_what_is_planned_ahead_has_met_nobody_and_lies_in_its_campaign(city: City) -> None:
    campaigns = {one.key: one for one in (*city.plan.campaigns, city.plan.next_campaign)}
    assert city.plan.next_campaign.starts_on > TODAY
    for placement in city.plan.next_placements:
        campaign = campaigns[placement.campaign]
        assert placement.ends_on is not None
        assert max(TODAY + dt.timedelta(days=1), campaign.starts_on) <= placement.starts_on <= placement.ends_on
        assert campaign.ends_on is None or placement.ends_on <= campaign.ends_on
    codes = {placement.tracking_code for placement in city.plan.next_placements}
    assert len(codes) == 9
    assert all(is_code(code) for code in codes)
    assert codes.isdisjoint(source.code for source in sources_of(city))


def test_ad_platforms_files_say_what_is_invoiced_day_by_day_and_one_ad_that_is_nobodys(city: City) -> None:
    spent: Counter[str | None] = Counter()
    days: dict[str | None, set[dt.date]] = {}
    for name, content in city.ad_files.items():
        for row in read_ad_file(content, name, Hints(), TODAY).rows:
            code = next(iter([*codes_in_name(row.ad), *codes_in_name(row.campaign)]), None)
            spent[code] += row.spend_minor or 0
            days.setdefault(code, set()).add(row.day)
    placements = {placement.key: placement for placement in city.plan.placements}
    told = {placements[key].tracking_code: placements[key] for key in ADVERTISED}
    assert spent == {None: 172_000} | {code: one.invoiced_cost_minor for code, one in told.items()}
    for code, one in told.items():
        last = min(one.ends_on or TODAY, TODAY - dt.timedelta(days=TOLD_UNTIL))
        assert len(days[code]) == (last - one.starts_on).days + 1


def test_a_campaign_expects_fewer_at_each_stage_as_many_hires_as_it_wants_and_serves_vacancies(city: City) -> None:
    jobs = {job.key for job in city.plan.jobs}
    for campaign in (*city.plan.campaigns, city.plan.next_campaign):
        expected = campaign.expected_funnel
        assert list(expected) == ["applied", "screened", "interview", "offer", "hired"]
        assert list(expected.values()) == sorted(expected.values(), reverse=True)
        assert campaign.reckoning is not None
        assert expected["hired"] == campaign.reckoning.hires_wanted
        assert campaign.jobs
        assert jobs.issuperset(campaign.jobs)


def test_aliases_are_written_as_sources_are_compared(city: City) -> None:
    channels = {channel.key for channel in city.plan.channels}
    assert all(alias.observed == fold_label(alias.observed) for alias in city.plan.aliases)
    assert {alias.channel for alias in city.plan.aliases} <= channels


def test_nothing_happens_before_its_application_or_after_today(city: City) -> None:
    for one in city.world.applications:
        times = [at for at in (one.changed_stage_at, one.rejected_at, one.updated_at) if at is not None]
        assert all(one.created_at <= at <= MORNING for at in times)
    assert all(touchpoint.at < MORNING for touchpoint in city.touchpoints)


def test_an_application_moves_on_and_not_backwards_in_time(city: City) -> None:
    for filed in city.archive.filed:
        times = [filed.journey.applied_at, *(move.at for move in filed.journey.moves)]
        assert times == sorted(set(times))
        assert all(some.undone_at is None or some.undone_at > some.at for some in filed.journey.rejections)


def test_the_world_is_whole(city: City) -> None:
    candidates = {candidate.id for candidate in city.world.candidates}
    stages = {job.id: {stage.id for stage in job.stages} for job in city.world.jobs}
    reasons = {reason.id for reason in city.world.reject_reasons}
    assert len({one.id for one in city.world.applications}) == len(city.world.applications)
    pool = {candidate.id for candidate in city.world.candidates if candidate.connected}
    assert {one.candidate_id for one in city.world.applications} | pool == candidates
    for one in city.world.applications:
        assert one.stage_id in stages[one.job_id]
        assert (one.rejected_at is None) == (one.reject_reason_id is None)
        assert one.reject_reason_id is None or one.reject_reason_id in reasons
    assert len({candidate.email for candidate in city.world.candidates}) == len(candidates)
    assert {name for job in city.world.jobs for name in [stage.name for stage in job.stages]} == {
        name for name, _ in STAGE_NAMES.values()
    }


def test_recent_journeys_are_unfinished_and_old_ones_are_decided(city: City) -> None:
    pending = {True: [0, 0], False: [0, 0]}
    for one in applications_of(city):
        count = pending[one.created_at > MORNING - dt.timedelta(days=45)]
        count[0] += one.rejected_at is None and one.stage_id % 10 < Step.HIRED
        count[1] += 1
    (new_open, new), (old_open, old) = pending[True], pending[False]
    assert new > 20
    assert new_open / new > 0.6
    assert old_open / old < 0.25


def test_some_apply_twice_are_moved_back_or_let_in_again(city: City) -> None:
    per_candidate = Counter(one.candidate_id for one in applications_of(city))
    assert 30 <= sum(count == 2 for count in per_candidate.values()) <= 120
    journeys = [filed.journey for filed in city.archive.filed]
    steps = [[move.step for move in journey.moves] for journey in journeys]
    back = [some for some in steps if some != sorted(some)]
    assert len(back) >= 5
    assert any(some.undone_at is not None for journey in journeys for some in journey.rejections)


def test_leads_are_marked_as_sourced_and_carry_no_source(city: City) -> None:
    leads = [one for one in city.world.applications if one.sourced]
    assert len(leads) == 40
    assert all(one.referring_url is None and one.referring_site is None for one in leads)


def test_whoever_joins_the_talent_pool_did_so_while_its_campaign_ran_and_some_apply_long_after(city: City) -> None:
    pool = [one for one in city.world.candidates if one.connected]
    codes = {placement.tracking_code for placement in city.plan.pool_placements}
    coded = [one for one in pool if observe_source(one.referring_url, one.referring_site).code in codes]
    assert (len(pool), len(coded)) == (53, 40)
    assert all(city.plan.pool_campaign.starts_on <= one.created_at.date() < TODAY for one in pool)
    applied = {one.candidate_id: one.created_at for one in applications_of(city)}
    since = [applied[one.id] - one.created_at for one in coded if one.id in applied]
    assert len(since) == len(applied.keys() & {one.id for one in pool}) == 6
    assert min(since) > dt.timedelta(days=10)


def test_what_asks_for_an_address_changes_nothing_of_who_applies(city: City) -> None:
    codes = {placement.tracking_code for placement in city.plan.pool_placements}
    assert codes.isdisjoint({source.code for source in sources_of(city)} | city.truth.placements.keys())


def test_about_a_third_of_those_who_go_out_withdraw_themselves(city: City) -> None:
    own_wish = {reason.id for reason in city.world.reject_reasons if not reason.rejected_by_company}
    out = [one.reject_reason_id in own_wish for one in applications_of(city) if one.rejected_at is not None]
    assert 0.2 < sum(out) / len(out) < 0.4


def test_meetings_are_of_kinds_that_need_no_tracking_and_carry_a_code_or_a_label(city: City) -> None:
    kinds = {touchpoint.kind for touchpoint in city.touchpoints}
    assert kinds == {TouchpointKind.ATTENDANCE, TouchpointKind.SELF_REPORT, TouchpointKind.REFERRAL}
    assert not kinds & TRACKED_KINDS
    codes = city.truth.placements
    assert all((one.tracking_code in codes) != (one.label is not None) for one in city.touchpoints)


def test_some_met_an_evening_before_another_placement_brought_them(city: City) -> None:
    own = {
        one.candidate_id: observe_source(one.referring_url, one.referring_site).code for one in applications_of(city)
    }
    came = [one for one in city.touchpoints if one.kind is TouchpointKind.ATTENDANCE]
    both = [one for one in came if own.get(one.candidate_id or 0) not in (None, one.tracking_code)]
    strangers = [one for one in city.touchpoints if one.candidate_id is None]
    assert len(both) >= 5
    assert len(strangers) == 60


def test_nobody_has_an_address_that_could_exist(city: City) -> None:
    addresses = [candidate.email for candidate in city.world.candidates]
    addresses += [touchpoint.email for touchpoint in city.touchpoints]
    assert all(address is not None and address.endswith(".example") for address in addresses)


def test_an_earlier_picture_shows_what_was_left_since() -> None:
    city = build_city(0, TODAY)
    earlier = city.world_at(MORNING - dt.timedelta(weeks=20))
    now = {one.id: one for one in city.world.applications}
    assert 0 < len(earlier.applications) < len(city.world.applications)
    assert all(one.updated_at <= MORNING - dt.timedelta(weeks=20) for one in earlier.applications)
    assert any(one.stage_id < now[one.id].stage_id for one in earlier.applications)
    assert any(one.rejected_at and now[one.id].rejected_at is None for day in range(1, 400)
               for one in city.world_at(MORNING - dt.timedelta(days=day)).applications)  # fmt: skip


def test_the_truth_comes_back_from_its_text() -> None:
    truth = build_city(3, TODAY).truth
    assert read_truth(truth.to_json()) == truth


def test_an_effect_changes_how_many_come_to_an_interview_and_not_how_fast() -> None:
    reached: dict[Kind, list[int]] = {kind: [] for kind in Kind}
    days: dict[Kind, list[float]] = {kind: [] for kind in Kind}
    kinds = {key: effect.kind for key, effect in EFFECTS.items()}
    for seed in range(10):
        for filed in build_city(seed, TODAY).archive.filed:
            if filed.applicant.placement is not None:
                kind = kinds[filed.applicant.placement]
                at = filed.journey.reached_at(Step.INTERVIEW)
                reached[kind].append(at is not None)
                days[kind] += [(at - filed.journey.applied_at).days] if at else []
    share = {kind: sum(some) / len(some) for kind, some in reached.items()}
    median = {kind: sorted(some)[len(some) // 2] for kind, some in days.items()}
    assert share[Kind.MOVER] > 1.8 * share[Kind.NULL] > 3 * share[Kind.HARMFUL]
    assert abs(median[Kind.MOVER] - median[Kind.NULL]) <= 5
    assert 40 <= median[Kind.NULL] <= 60


def test_the_strong_movers_are_found_and_the_harmful_are_not_praised() -> None:
    verdicts = judge_seeds(range(2), TODAY, pictures=1)
    assert verdicts[Kind.MOVER][Verdict.MOVED] >= 5
    assert verdicts[Kind.HARMFUL][Verdict.MOVED] == 0
