"""One round of mending: where some fields are faulty, what the others break is found out beside, of which nothing is
kept."""

from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.errors import Conflict, Denied, Invalid, Problem, Taken
from app.planning.nouns import Unfound
from app.planning.problem import field_of, read_sound

M = TypeVar("M", bound=BaseModel)
R = TypeVar("R")


def store_read(
    session: Session,
    schema: type[M],
    given: Mapping[str, Any],
    store: Callable[[M], R],
    unfound: Sequence[Unfound] = (),
    kept: Mapping[str, Any] | None = None,
) -> R:
    """What comes of storing what is given in the form of a schema, where what it names is found; `kept` is what the row
    says that it changes. Raises Invalid with every problem that can be found, and none that only follows from
    another."""
    said, faulty, problems = read_sound(schema, given, kept)
    faulty |= {one.into for one in unfound}
    problems = [one.problem() for one in unfound] + problems
    if said is not None and not faulty:
        return store(said)
    if said is not None:
        problems += try_sound(session, said, faulty, store)
    raise Invalid(problems)


def try_sound(session: Session, said: M, faulty: Set[str], store: Callable[[M], object]) -> list[Problem]:
    """What would be wrong besides with what the sound fields say."""
    found = _try(session, said, store)
    return [one for one in found if faulty.isdisjoint({field_of(one.field), *one.rests_on})]


def _try(session: Session, said: M, store: Callable[[M], object]) -> Sequence[Problem]:
    with session.begin_nested() as trial:
        try:
            store(said)
        except Invalid as error:
            return error.problems
        except Taken as error:
            return [Problem(error.field, str(error))]
        except (Conflict, Denied):  # of which nobody knows whether they rest on what was left out
            return ()
        finally:
            trial.rollback()
    return ()
