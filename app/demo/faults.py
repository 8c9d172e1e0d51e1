"""The stand-in's switches for what goes wrong with a vendor; they may be turned while it runs."""

import enum
from dataclasses import dataclass, field


class Fault(enum.StrEnum):
    """What may come instead of the answer that was asked for."""

    TOO_MANY = "429 and a time to wait"
    BROKEN = "500"
    UNAVAILABLE = "503"
    DRIP = "an answer that trickles and never ends"
    HTML = "a web page with status 200"
    HALF = "an answer cut off in the middle"
    CIRCLE = "a page whose next page is itself"
    SILENCE = "no answer at all"
    REFUSED = "401 although the key is right"
    REDIRECT = "a redirect into the vendor's own network"


@dataclass(slots=True)
class _Planned:
    fault: Fault
    resource: str
    after: int
    times: int


@dataclass(slots=True)
class Faults:
    """`renamed` gives attributes other names; `gone` are (resource, key) that were deleted; `spoilt` are (resource,
    key, attribute) that one record alone lacks; `shrink` many applications of the next page vanish once it was
    given."""

    renamed: dict[str, str] = field(default_factory=dict)
    gone: set[tuple[str, int]] = field(default_factory=set)
    spoilt: set[tuple[str, int, str]] = field(default_factory=set)
    shrink: int = 0
    _planned: list[_Planned] = field(default_factory=list)

    def plan(self, fault: Fault, *, on: str = "job-applications", after: int = 0, times: int = 1) -> None:
        """Let a fault happen on a resource, after so many good answers, so many times."""
        self._planned.append(_Planned(fault, on, after, times))

    def clear(self) -> None:
        """Turn every switch off; what is gone stays gone."""
        self.renamed.clear()
        self.spoilt.clear()
        self._planned.clear()
        self.shrink = 0

    def take(self, resource: str) -> Fault | None:
        """The fault that is due on this request, if one is."""
        for planned in self._planned:
            if planned.resource != resource or planned.times == 0:
                continue
            if planned.after > 0:
                planned.after -= 1
                return None
            planned.times -= 1
            return planned.fault
        return None
