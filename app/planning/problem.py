"""What a schema found wrong, said so that a person can put it right: which field, and what to write."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.errors import Invalid, Problem
from app.i18n import _

M = TypeVar("M", bound=BaseModel)


def refuse(problems: Iterable[Problem]) -> None:
    """Raise what was found wrong, if anything was."""
    if found := list(problems):
        raise Invalid(found)


def read_as(schema: type[M], given: object) -> M:
    """What was given in the form of a schema, or every problem it has."""
    try:
        return schema.model_validate(given)
    except ValidationError as error:
        raise Invalid([problem for _path, problem in explain(error.errors(include_url=False))]) from None


def read_sound(
    schema: type[M], given: Mapping[str, Any], kept: Mapping[str, Any] | None = None
) -> tuple[M | None, set[str], list[Problem]]:
    """What is given in the form of a schema without the fields that are faulty; these fields; and what is wrong with
    them. In a faulty field stands what is `kept` of it, else what the schema has for one that is needed: where it has
    nothing, there may be nothing that makes a whole."""
    faulty, problems = set[str](), list[Problem]()
    instead = {**getattr(schema, "stand_ins", {}), **(kept or {})}
    while True:
        sound = {name: value for name, value in given.items() if name not in faulty}
        try:
            said = schema.model_validate(sound | {name: instead[name] for name in faulty if name in instead})
        except ValidationError as error:
            found = [
                (path, problem) for path, problem in explain(error.errors(include_url=False))
                if (path and path[0] not in faulty) or not (path or faulty)  # of the whole only where it is whole
            ]  # fmt: skip
        else:
            return said, faulty, problems
        problems += [problem for _path, problem in found]
        fields = {str(path[0]) for path, _problem in found if path}
        if not fields:
            return None, faulty, problems
        faulty |= fields


def field_of(name: str) -> str:
    """The whole field that a part of it, `text.fi` or `claims[0]`, is in."""
    return re.split(r"[.\[]", name, maxsplit=1)[0]


def explain(errors: Sequence[Mapping[str, Any]]) -> list[tuple[tuple[int | str, ...], Problem]]:
    """Pydantic's findings as problems, each with the path to where it is."""
    found = []
    for error in errors:
        path = tuple(step for step in error["loc"] if step != "[key]")
        found.append((path, Problem(name_field(path), _message(error))))
    return found


def name_field(path: Sequence[int | str]) -> str:
    """A path as a person writes it: `worries[0].text.fi`."""
    name = ""
    for step in path:
        name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else str(step)
    return name


def _message(error: Mapping[str, Any]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind in {"literal_error", "enum"}:
        return _("Choose one of %(known)s.", known=_list_known(str(context["expected"])))
    if kind == "string_pattern_mismatch":
        return _pattern_message(str(context["pattern"]), str(error.get("input", "")))
    texts = {
        "missing": _("This is needed."),
        "extra_forbidden": _("There is no such field; take it out or mend its name."),
        "string_too_short": _("Write something here, or leave the field out if it is not needed."),
        "string_too_long": _("At most %(n)s characters.", n=context.get("max_length")),
        "too_short": _("At least %(n)s of these are needed.", n=context.get("min_length")),
        "too_long": _("At most %(n)s of these.", n=context.get("max_length")),
        "greater_than_equal": _("Give a number that is at least %(n)s.", n=context.get("ge")),
        "less_than_equal": _("Give a number that is at most %(n)s.", n=context.get("le")),
        "string_type": _("Give a text, in quotation marks."),
        "string_unicode": _("The text has characters that are not Unicode; take them out."),
        "int_type": _("Give a whole number, without quotation marks."),
        "int_parsing": _("Give a whole number."),
        "bool_type": _("Say true or false."),
        "bool_parsing": _("Say true or false."),
        "list_type": _("Give a list."),
        "dict_type": _("Give an object with one entry per key."),
        "model_type": _("Give an object with named fields."),
        "model_attributes_type": _("Give an object with named fields."),
        "uuid": _("Give an id as the API gave it, for example 01890a5d-ac96-774b-bcce-b302099a8057."),
        "date": _("Write the date as year-month-day, for example 2026-03-30."),
    }
    for family in ("uuid", "date"):
        kind = family if kind.startswith(family) else kind
    return texts.get(kind) or str(error["msg"])


def _list_known(expected: str) -> str:
    return expected.replace(" or ", ", ").replace("'", "")


def _pattern_message(pattern: str, given: str) -> str:
    if "0-9a-f" in pattern:
        return _("Give the key of a system's job as it is listed: 32 digits and letters a to f.")
    if "a-z0-9" in pattern:
        return _("Use lower-case letters a to z and digits, with single hyphens between, like no-night-duty.")
    if "{1,2}(" in pattern:
        return _("Write the rate as a number below 100 of at most two decimals, for example 25.5.")
    if "A-Z" in pattern:
        return _("Give the currency's code of three capital letters, for example EUR.")
    longest = re.search(r"\{1,(\d+)\}", pattern)
    if longest and len(given.partition(".")[0]) > int(longest[1]) and given.replace(".", "", 1).isdecimal():
        return _("That is more than an amount can be here: look whether it has a digit too many.")
    return _("Write the amount in digits with a point, for example 1900.00.")
