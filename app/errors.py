"""What can go wrong, as a tree; knows nothing of HTTP.

KutsuError
├── Missing          the thing asked for is not there
├── Invalid          what was given breaks a rule; each problem names its field and the remedy
├── Conflict         what was given is right but stands against what is stored
│   ├── Stale        somebody else changed the row first
│   ├── Taken        another row is called so already
│   └── Frozen       the row may no longer change in this way
├── Denied           who asks may not
├── NotReady         the installation lacks something (a migration, a key, a package)
├── Busy             it cannot be done now and may the next time; nothing was stored
└── VendorError      another system did not do what its protocol says
    ├── Refused      it will refuse again until a person acts
    │   ├── Unadmitted   it does not take our credentials
    │   ├── Unpermitted  our credentials do not open this
    │   ├── Diverted     it sends us to another address, where Kutsu does not go
    │   └── Uncallable   its address is one that Kutsu does not call
    ├── TryLater     it may answer the next time
    └── Drifted      its answer no longer has the shape we know
"""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One rule that was broken: where, what, and what to do about it. It `rests_on` further fields where it may be gone
    once one of these is another."""

    field: str
    message: str
    rests_on: tuple[str, ...] = dataclasses.field(default=(), kw_only=True)

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class KutsuError(Exception):
    """The root of everything Kutsu raises on purpose; its text is meant for a person."""

    def __str__(self) -> str:
        # As it was given: such a text may know how it is said in other languages.
        said = self.args[0] if len(self.args) == 1 else None
        return said if isinstance(said, str) else super().__str__()


class Missing(KutsuError):
    """The thing asked for is not there, or not for the one who asks."""


class Invalid(KutsuError):
    """What was given breaks one rule or several, and nothing of it was stored."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


class Conflict(KutsuError):
    """What was given stands against what is stored."""


class Stale(Conflict):
    """The row was changed by somebody else after it was read."""


class Taken(Conflict):
    """Another row is called so already: which, by its table and key, and in which field."""

    def __init__(self, message: str, table: str, key: str, field: str) -> None:
        self.table, self.key, self.field = table, key, field
        super().__init__(message)


class Frozen(Conflict):
    """The row has gone live and may no longer change in this way."""


def raise_together(conflicts: Iterable[Conflict]) -> None:
    """Raise all that stands against something in one, as what the first of them is."""
    if told := list(conflicts):
        raise type(told[0])(" ".join(map(str, told)))


class Denied(KutsuError):
    """Who asks may not do this."""


class NotReady(KutsuError):
    """The installation lacks something that a person can put right; the text says how."""


class Busy(KutsuError):
    """It cannot be done at this moment, and may be asked for again; nobody has to put anything right."""


class VendorError(KutsuError):
    """Another system did not do what its protocol says."""


class Refused(VendorError):
    """The other system will refuse again until a person acts."""


class Unadmitted(Refused):
    """The other system does not take our credentials."""


class Unpermitted(Refused):
    """The other system takes our credentials, but they lack the right to this."""


class Diverted(Refused):
    """The other system sends us to another address; the message is that address, as it came."""

    def __init__(self, status: int, location: str) -> None:
        self.status = status
        super().__init__(location)


class Uncallable(Refused):
    """The other system's address is one that we do not call, whatever key goes with it."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__(f"{address!r} must begin with https:// and keep the usual port")


class TryLater(VendorError):
    """The other system may answer the next time."""

    def __init__(self, message: str, after_seconds: float | None = None) -> None:
        self.after_seconds = after_seconds
        super().__init__(message)


class Drifted(VendorError):
    """The other system's answer no longer has the shape we know."""
