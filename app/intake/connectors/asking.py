"""Asking a vendor, whichever it is: what each refusal calls for, in words that say what to do."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from app.errors import Diverted, Drifted, Refused, TryLater, VendorError
from app.i18n import _, fill
from app.intake.connectors.page import Answer, Client

M = TypeVar("M", bound=BaseModel)

LONGEST_DETAIL = 200

Refusal: TypeAlias = tuple[type[VendorError], Callable[[], str]]
NOT_UNDERSTOOD: Refusal = (Drifted, lambda: _("%(vendor)s no longer understands the question: %(detail)s"))
_OTHER: Refusal = (Refused, lambda: _("%(vendor)s answers %(status)s: %(detail)s"))


@dataclass(frozen=True, slots=True)
class Asking:
    """How one vendor is asked. `refusals` says what each status calls for; 429 and 5xx are not among them, for
    the client tries those again and then says TryLater. `reason` finds in a body why it refuses."""

    vendor: str
    refusals: Mapping[int, Refusal]
    reason: Callable[[Any], Any]

    def get(self, client: Client, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """The vendor's answer, be it a refusal."""
        try:
            return client.get(path, params)
        except TryLater as error:
            text = _(
                "%(vendor)s does not answer at the moment (%(detail)s). The next run goes on.",
                vendor=self.vendor,
                detail=error,
            )
            raise TryLater(text, error.after_seconds) from error
        except Drifted as error:
            raise Drifted(self._unknown_form(error)) from error
        except Diverted as error:
            raise self._diverted(error.status, str(error)) from error

    def accept(self, answer: Answer, scope: str = "") -> Answer:
        """The answer, if it is none of the refusals; `scope` is the right that the question needs."""
        if 200 <= answer.status < 300:
            return answer
        if 300 <= answer.status < 400:
            raise self._diverted(answer.status, answer.headers.get("location", ""))
        kind, text = self.refusals.get(answer.status, _OTHER)
        said = {"vendor": self.vendor, "status": answer.status, "detail": self._detail(answer.json), "scope": scope}
        raise kind(fill(text(), said))

    def _diverted(self, status: int, location: str) -> Refused:
        """What is wrong where another address is named: it is not followed, for the key would go along."""
        return Refused(
            _(
                "%(vendor)s answers %(status)s and sends Kutsu on to %(where)s, where it does not go: the key would go "
                "along. Most often a proxy or firewall stands in between: ask whoever runs this server. If the account "
                "has moved to another region, choose that; if the vendor has moved, update Kutsu.",
                vendor=self.vendor,
                status=status,
                where=urlsplit(location).netloc[:LONGEST_DETAIL] or _("another address"),
            )
        )

    def _detail(self, body: Any) -> str:
        try:
            return str(self.reason(body))[:LONGEST_DETAIL]
        except (TypeError, KeyError, IndexError, AttributeError):
            return _("without a reason.")

    def read(self, shape: type[M], body: Any) -> M:
        """A body in the shape we know."""
        try:
            return shape.model_validate(body)
        except ValidationError as error:
            place = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
            raise Drifted(self._unknown_form(place or "no object")) from None

    def _unknown_form(self, detail: object) -> str:
        return _("%(vendor)s answers in a form we do not know: %(detail)s.", vendor=self.vendor, detail=detail)

    def circle(self) -> Drifted:
        """What is wrong with pages that have no end."""
        return Drifted(
            _("%(vendor)s leads in a circle: a page names as its next one that was read before.", vendor=self.vendor)
        )


def read_clock(headers: Mapping[str, str]) -> dt.datetime | None:
    """What time it was at the vendor when it answered, if it says so."""
    try:
        return parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return None
