"""The closed sets of codes in which measurement says what it concluded, and why it could not."""

from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """Why an estimate is missing."""

    TOO_EARLY = "too_early"
    TOO_FEW = "too_few"
    NOT_RECORDED = "not_recorded"


class Verdict(StrEnum):
    """Whether applicants who met this ad went further than comparable ones."""

    MOVED = "moved"
    DID_NOT_MOVE = "did_not_move"
    CANNOT_TELL = "cannot_tell"


class ReasonCode(StrEnum):
    """What a verdict rests on. One code belongs to one verdict only."""

    BETTER = "better"
    """moved: its applicants went further than comparable ones."""
    WORSE = "worse"
    """did_not_move: its applicants went less far than comparable ones."""
    NO_DIFFERENT = "no_different"
    """did_not_move: a lift worth the name is improbable."""
    UNCLEAR = "unclear"
    """cannot_tell: there are enough applicants to notice a doubling; what there is, is smaller than that."""
    TOO_FEW = "too_few"
    """cannot_tell: more applicants are needed than there are."""
    TOO_EARLY = "too_early"
    """cannot_tell: there are enough applicants, but too many of them have not had the time."""
    NO_APPLICANTS = "no_applicants"
    """cannot_tell: nobody is known to have applied through this ad."""
    NONE_REACHED = "none_reached"
    """cannot_tell: nobody of any ad has reached the stage in a week that was watched to its end."""
    NOTHING_TO_COMPARE = "nothing_to_compare"
    """cannot_tell: no other ad has applicants of the same kind to compare with."""


class BroughtCode(StrEnum):
    """What is known of whom a placement brought. The first two stand beside a number, the others beside none."""

    MORE = "more"
    """More people applied than would have without it."""
    NOT_SEEN = "not_seen"
    """That more applied cannot be seen: the interval says how many it may have been."""
    NOT_RECORDED = "not_recorded"
    """Too few whole weeks are on record."""
    NOT_STARTED = "not_started"
    """It has not run yet, or not in the weeks asked for."""
    NEVER_WITHOUT = "never_without"
    """It ran in every week on record, or nearly."""
    NOT_APART = "not_apart"
    """It could be told from the season, but ran together with others."""
    TOO_SHORT = "too_short"
    """More weeks with it would be needed."""
    TOO_FEW_WITHOUT = "too_few_without"
    """More weeks without it would be needed."""
    TOO_FEW_PEOPLE = "too_few_people"
    """So few apply in a week that a year of it would not tell."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A verdict's reason with the numbers a sentence about it needs; null where the code has no such number.

    applicants   traced applicants of the ad
    observed     advances counted in the comparison: in wholly observed weeks and beside other ads' applicants
    expected     the advances there would have been had they gone as far as those of the other ads
    probability  the posterior probability the verdict rests on
    threshold    what that probability had to reach
    """

    code: ReasonCode
    applicants: int
    observed: int | None = None
    expected: float | None = None
    probability: float | None = None
    threshold: float | None = None
