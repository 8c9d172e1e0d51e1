"""Reading records one by one, whatever the vendor: a broken one costs only itself and leaves a counted reason."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError

from app.errors import Drifted
from app.i18n import _
from app.intake.connectors.page import Page, Unusable

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


def _storable(value: Any) -> Any:
    """A text without what no database takes: NUL and halves of surrogate pairs."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.replace("\x00", "").encode(errors="ignore").decode() if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_storable)]
Ref = Annotated[str, BeforeValidator(_storable), Field(min_length=1, max_length=80)]


def read_record(shape: type[M], raw: object) -> M:
    """One record, or Unusable with the first field that is missing or unreadable."""
    try:
        return shape.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"] if part not in ("attributes", "relationships"))
        what = "missing" if first["type"] == "missing" else "unreadable"
        raise Unusable(f"{what}: {place or 'record'}") from None


_INSTANT = TypeAdapter(AwareDatetime)


def find_instant(raw: object, name: str) -> dt.datetime | None:
    """One instant of a record that cannot be read as a whole, where it can."""
    try:
        return _INSTANT.validate_python(raw[name] if isinstance(raw, dict) else None)
    except (KeyError, ValidationError):
        return None


@dataclass(slots=True)
class Read:
    """What a page gave: the records that could be read, and the others as they came, each with why it could not."""

    records: list[Any] = field(default_factory=list)
    broken: list[tuple[Any, str]] = field(default_factory=list)

    @property
    def skipped(self) -> Counter[str]:
        """How many could not be read, by why."""
        return Counter(why for _raw, why in self.broken)

    def require_most(self, vendor: str) -> None:
        """Refuse a page of which most cannot be read: not the records are broken then, but our reading."""
        if self.skipped.total() > len(self.records):
            raise Drifted(
                _(
                    "Most records of a page could not be read (%(reason)s): %(vendor)s changed them.",
                    reason=self.skipped.most_common(1)[0][0],
                    vendor=vendor,
                )
            )


def read_all(raws: Iterable[Any], read: Callable[[Any], T]) -> Read:
    """Read the records one by one."""
    result = Read()
    for raw in raws:
        try:
            result.records.append(read(raw))
        except Unusable as error:
            result.broken.append((raw, error.reason))
    return result


def checked(vendor: str, page: Page, *reads: Read) -> Iterator[Page]:
    """The page, and then the end of the run if most of what it is made of could not be read: what was good is
    kept, and the cursor stays so that the rest is read once we know how."""
    try:
        for read in reads:
            read.require_most(vendor)
    except Drifted:
        yield Page(stream=page.stream, read=page.read, seen=page.seen, skipped=page.skipped)
        raise
    yield page
