"""What long work says of itself, stored as what was meant: each reader reads it in their own language."""

import json
from typing import Any

from sqlalchemy import Dialect, String, TypeDecorator

from app.i18n import Said, say

_MEANT = '{"said": '


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
