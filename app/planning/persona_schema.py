"""A persona as it is written down: one schema for files and the API, and the rules that cross its fields."""

import enum
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from app.errors import Problem
from app.i18n import _
from app.planning.field import COMPOSED, ONE_LINE, Day, Given, Labels, Shown, Slug, Texts, Url

LATEST_VERSION = 9_999


class Specialty(enum.StrEnum):
    """What a doctor works in, as far as a job or a persona tells doctors apart."""

    GENERAL_PRACTICE = "general_practice"
    RESIDENT_GENERAL_PRACTICE = "resident_general_practice"
    UNSPECIALISED = "unspecialised"
    OTHER_SPECIALTY = "other_specialty"


class CareerStage(enum.StrEnum):
    """Where in the working life this group stands."""

    NEWLY_LICENSED = "newly_licensed"
    IN_TRAINING = "in_training"
    EXPERIENCED = "experienced"
    SENIOR = "senior"
    TRAINED_ABROAD = "trained_abroad"
    RESEARCHER = "researcher"


class MeetingKind(enum.StrEnum):
    """By what a persona is met: wider than the channels that are paid for."""

    ARTICLE = "article"
    DISPLAY = "display"
    EVENT = "event"
    JOB_BOARD = "job_board"
    NEWSLETTER = "newsletter"
    POSTER = "poster"
    PRINT = "print"
    RADIO = "radio"
    REFERRAL = "referral"
    SEARCH = "search"
    SOCIAL = "social"
    VIDEO = "video"
    WEBSITE = "website"


class Statement(Given):
    """A motivation or a question, in words."""

    text: Texts


class Reason(Given):
    """An attraction factor or a differentiator: what is said, and what proves it."""

    slug: Slug
    statement: Texts
    proof: Texts


class Worry(Given):
    """What this group fears, what answers it, and the differentiator that makes the answer true."""

    text: Texts
    answer: Texts
    differentiator: Slug = Field(description="The slug of one of this persona's differentiators.")


class MeetingPlace(Given):
    """Where this group is met, and why there."""

    kind: MeetingKind
    place: Texts
    why: Texts


class Evidence(Given):
    """A source that says something of this group; `verified` once somebody has read it and found it there."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), COMPOSED, ONE_LINE]
    publisher: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), COMPOSED, ONE_LINE
    ]
    published: Day
    url: Url | None = None
    status: Literal["claimed", "verified"]
    says: Texts


Version = Annotated[int, Field(strict=True, ge=1, le=LATEST_VERSION)]


class PersonaIn(Given):
    """One version of a persona; a change of content is a new version."""

    slug: Slug
    version: Version
    reviewed_on: Day
    specialty: Specialty
    career_stage: CareerStage
    name: Labels
    summary: Texts
    situation: Texts
    tone: Texts
    avoid: Texts
    motivations: Annotated[list[Statement], Field(min_length=1, max_length=20)]
    factors: Annotated[list[Reason], Field(min_length=1, max_length=20)]
    differentiators: Annotated[list[Reason], Field(min_length=1, max_length=20)]
    worries: Annotated[list[Worry], Field(min_length=3, max_length=20)]
    questions: Annotated[list[Statement], Field(min_length=1, max_length=20)]
    channels: Annotated[list[MeetingPlace], Field(min_length=1, max_length=20)]
    evidence: Annotated[list[Evidence], Field(min_length=2, max_length=40)]


class PersonaOut(PersonaIn, Shown):
    """One version of a persona as it is stored."""


def check_persona(given: PersonaIn) -> list[Problem]:
    """The rules that no field can know alone."""
    return [*_check_slugs(given), *_check_worries(given), *_check_languages(given), *_check_evidence(given)]


def _check_slugs(given: PersonaIn) -> Iterator[Problem]:
    seen: set[str] = set()
    for field, reasons in (("factors", given.factors), ("differentiators", given.differentiators)):
        for index, reason in enumerate(reasons):
            if reason.slug in seen:
                yield Problem(
                    f"{field}[{index}].slug",
                    _("The slug %(slug)s is there twice in this persona; rename one.", slug=reason.slug),
                )
            seen.add(reason.slug)


def _check_worries(given: PersonaIn) -> Iterator[Problem]:
    known = {reason.slug for reason in given.differentiators}
    for index, worry in enumerate(given.worries):
        if worry.differentiator not in known:
            yield Problem(
                f"worries[{index}].differentiator",
                _(
                    "This persona has no differentiator %(slug)s; it has %(known)s.",
                    slug=worry.differentiator,
                    known=", ".join(sorted(known)),
                ),
            )


def _check_languages(given: PersonaIn) -> Iterator[Problem]:
    wanted: set[str] = set(given.name)
    for field, texts in find_texts(given.model_dump(mode="json")):
        for language in sorted(wanted.difference(texts)):
            yield Problem(
                field,
                _("The name is given in %(language)s, this text is not; translate it.", language=language),
            )
        for language in sorted(set(texts) - wanted):
            yield Problem(
                f"{field}.{language}",
                _(
                    "The name is not given in %(language)s; translate it, or take this out.",
                    language=language,
                ),
            )


def find_texts(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Every text of a persona, wherever it is: the objects whose keys are languages."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from find_texts(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        if value and all(key in ("en", "fi", "sv", "nb") for key in value):
            yield path, value
        else:
            for key, item in value.items():
                yield from find_texts(item, f"{path}.{key}" if path else key)


def _check_evidence(given: PersonaIn) -> Iterator[Problem]:
    for index, evidence in enumerate(given.evidence):
        if evidence.published > given.reviewed_on:
            yield Problem(
                f"evidence[{index}].published",
                _("This was published after the persona was reviewed; review it again and move reviewed_on."),
            )
