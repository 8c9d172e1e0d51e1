"""A form that says what one thing is, as a text for each field: how it is read, laid over what stands now, and shown
again with what somebody else has said meanwhile."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.web.pages.administering import Form, only
from app.web.pages.meanwhile import merge_texts, require_agreed

_BARE = re.compile(r"[\w-]+(\.[\w-]+)+(:\d+)?([/?#].*)?")
"""An address as people say it: it begins with its host."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a form by their kind: with one text, several that are chosen, and ticked or not."""

    single: tuple[str, ...]
    several: tuple[str, ...] = ()
    ticked: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.single, *self.several, *self.ticked)

    def empty(self) -> dict[str, str]:
        """No field says anything."""
        return dict.fromkeys(self.names, "")

    def read(self, sent: Form) -> dict[str, str]:
        """What a form says, a text for each field; of several that are chosen a line each."""
        texts = {name: only(sent, name).replace("\r\n", "\n") for name in self.single}
        texts |= {name: "\n".join(sorted(sent.get(name, []))) for name in self.several}
        return texts | {name: "yes" if name in sent else "" for name in self.ticked}

    def agree(self, now: Mapping[str, str], sent: Form) -> dict[str, str]:
        """What is to stand after the form. Raises Stale where somebody else has said something different."""
        return {**now, **require_agreed(merge_texts(now, sent, self.read(sent)))}

    def show(self, now: Mapping[str, str], sent: Form) -> dict[str, Any]:
        """What a form shows: what was written into one that was refused, beside what somebody else has said
        meanwhile."""
        merged = merge_texts(now, sent, self.read(sent)) if sent else None
        theirs = {name: now[name].replace("\n", ", ") or "–" for name in (merged.clashes if merged else ())}
        return {
            "texts": {**now, **(merged.changes if merged else {})},
            "theirs": dict.fromkeys(now, "") | theirs,
            "was": json.dumps(dict(now), ensure_ascii=False),
        }


def complete_address(text: str) -> str:
    """An address that somebody wrote without `https://`, with it; any other text as it is."""
    return f"https://{text}" if _BARE.fullmatch(text) else text


def list_lines(text: str) -> list[str]:
    """Several that are chosen, as a field's text holds them."""
    return text.split("\n") if text else []
