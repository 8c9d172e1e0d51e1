"""What long work says of itself, stored as what was meant: each reader reads it in their own language."""

import json
from typing import Any

from sqlalchemy import JSON, Dialect, String, TypeDecorator

from app.i18n import Said, is_meant, say

_MEANT = ('{"said": ', '{"joined": ')


class SaidText(TypeDecorator[str]):
    """A text of at most so many characters. One that knows what was meant by it is stored as that, where there is
    room; any other as it stands, as all were before."""

    impl = String
    cache_ok = True

    def __init__(self, longest: int) -> None:
        super().__init__(longest)
        self.longest = longest

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        meant = json.dumps(value.meant, ensure_ascii=False) if isinstance(value, Said) else None
        return meant if meant is not None and len(meant) <= self.longest else value and str(value)[: self.longest]

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        if value is None or not value.startswith(_MEANT):
            return None if value is None else str(value)
        try:
            return say(json.loads(value))
        except (KeyError, TypeError, ValueError):
            return str(value)


class SaidResult(TypeDecorator[dict[str, Any]]):
    """What work gives back by names; of a text that knows what was meant by it, that is stored."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> dict[str, Any] | None:
        return value and {name: one.meant if isinstance(one, Said) else one for name, one in value.items()}

    def process_result_value(self, value: Any, dialect: Dialect) -> dict[str, Any] | None:
        return value and {name: say(one) if is_meant(one) else one for name, one in value.items()}
