"""What a persona is, and how it goes from version to version."""

import copy
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.errors import Conflict, Invalid
from app.planning.listing import Window
from app.planning.persona import (
    PersonaFilter,
    create_persona,
    describe_persona,
    find_newest_persona,
    list_personas,
    persona_as_given,
    replace_persona,
)
from app.planning.persona_schema import LATEST_VERSION, PersonaIn, check_persona
from tests.support.plan import LATER, NOW, a_persona, persona_fields, reason, text


def given(**changes: Any) -> PersonaIn:
    return PersonaIn.model_validate(persona_fields(**changes))


def problems(**changes: Any) -> dict[str, str]:
    return {problem.field: problem.message for problem in check_persona(given(**changes))}


def test_a_persona_comes_back_as_it_was_given(session: Session) -> None:
    persona = a_persona(session)
    session.flush()
    session.expire(persona)
    assert persona_as_given(persona) == given()
    assert describe_persona(persona).revision == 1


def test_a_worry_is_answered_by_a_differentiator_of_the_same_persona() -> None:
    worries = copy.deepcopy(persona_fields()["worries"])
    worries[1]["differentiator"] = "no-night-duty"  # an attraction factor answers nothing
    assert problems(worries=worries) == {
        "worries[1].differentiator": "This persona has no differentiator no-night-duty; it has list-size-cap."
    }


def test_a_slug_is_used_once_in_a_persona() -> None:
    assert list(problems(factors=[reason("list-size-cap")])) == ["differentiators[0].slug"]


def test_every_text_is_in_the_languages_of_the_name() -> None:
    assert problems(tone={"fi": "Suoraan"}) == {"tone": "The name is given in en, this text is not; translate it."}
    assert list(problems(questions=[{"text": text("When?") | {"sv": "När?"}}])) == ["questions[0].text.sv"]


def test_evidence_is_older_than_the_review() -> None:
    assert list(problems(reviewed_on="2024-04-30")) == ["evidence[0].published", "evidence[1].published"]


@pytest.mark.parametrize(("field", "kept"), [("worries", 2), ("factors", 0), ("evidence", 1)])
def test_a_persona_has_three_worries_a_factor_and_two_sources(field: str, kept: int) -> None:
    with pytest.raises(ValueError, match=field):
        given(**{field: persona_fields()[field][:kept]})


def test_a_changed_persona_is_a_new_version_and_the_old_one_stays(session: Session) -> None:
    first = a_persona(session)
    second = replace_persona(session, first.id, given(tone=text("Warm")), revision=1, now=LATER)
    assert (second.version, second.id == first.id, first.tone) == (2, False, text("Plain"))
    assert find_newest_persona(session, "gp-young-family") is second
    assert replace_persona(session, second.id, given(version=7), revision=1, now=LATER).version == 7


def test_the_same_content_is_no_new_version(session: Session) -> None:
    first = a_persona(session)
    assert replace_persona(session, first.id, given(), revision=1, now=LATER) is first


def test_only_the_newest_version_is_changed(session: Session) -> None:
    first = a_persona(session)
    replace_persona(session, first.id, given(tone=text("Warm")), revision=1, now=LATER)
    with pytest.raises(Conflict, match="Version 2 is newer"):
        replace_persona(session, first.id, given(tone=text("Cool")), revision=1, now=LATER)


def test_a_version_is_stored_once_and_only_above_the_newest(session: Session) -> None:
    a_persona(session, version=3)
    for version in (2, 3):
        with pytest.raises(Conflict, match="give a change the version 4 or higher"):
            a_persona(session, version=version)
    assert a_persona(session, version=4).version == 4


def test_a_persona_keeps_its_slug_and_does_not_go_back(session: Session) -> None:
    persona = a_persona(session, version=3)
    for change in ({"slug": "other", "version": 3}, {"version": 2}):
        with pytest.raises(Invalid):
            replace_persona(session, persona.id, given(**change), revision=1, now=LATER)


def test_versions_come_to_an_end(session: Session) -> None:
    persona = a_persona(session, version=LATEST_VERSION)
    with pytest.raises(Conflict, match="at most"):
        replace_persona(session, persona.id, given(version=LATEST_VERSION, tone=text("Warm")), revision=1, now=LATER)


def test_a_wrong_persona_is_not_stored(session: Session) -> None:
    with pytest.raises(Invalid):
        create_persona(session, given(factors=[reason("list-size-cap")]), now=NOW)
    assert find_newest_persona(session, "gp-young-family") is None


def test_lists_hold_the_newest_versions_unless_all_are_asked_for(session: Session) -> None:
    a_persona(session)
    a_persona(session, version=2)
    a_persona(session, slug="senior", career_stage="senior", factors=[reason("short-weeks")])

    def found(**wanted: Any) -> list[tuple[str, int]]:
        rows = list_personas(session, PersonaFilter(**wanted), Window(sort="slug")).rows
        return [(row.slug, row.version) for row in rows]

    assert found() == [("gp-young-family", 2), ("senior", 1)]
    assert len(found(all_versions=True)) == 3
    assert found(career_stage="senior") == found(slug="senior") == found(factor="short-weeks") == [("senior", 1)]
    assert found(specialty="unspecialised") == []
