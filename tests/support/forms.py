"""Forms as a browser would send them: what each field of a page holds before anybody has touched it."""

from html.parser import HTMLParser

Fields = dict[str, list[str]]


class _Reader(HTMLParser):
    """Gathers the fields of every form by the path that it is sent to."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, Fields]] = []
        self._field = self._options = ""
        self._text: list[str] | None = None
        self._first = False  # an option outside a select is a suggestion alone

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given.get("action", "").partition("?")[0], {}))
        elif tag == "input" and given.get("type") not in ("submit", "button"):
            if given.get("type") != "checkbox" or "checked" in given:
                self._add(given.get("name", ""), given.get("value", ""))
        elif tag in ("select", "textarea"):
            self._field, self._options, self._text = given.get("name", ""), "", [] if tag == "textarea" else None
            self._first = True
        elif tag == "option" and (self._first or "selected" in given):
            self._options, self._first = given.get("value", ""), False

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._add(self._field, self._options)
        elif tag == "textarea":
            self._add(self._field, "".join(self._text or ()).removeprefix("\n"))
            self._text = None

    def _add(self, name: str, value: str) -> None:
        if name and self.forms:
            self.forms[-1][1].setdefault(name, []).append(value)


def read_forms(page: str, path: str) -> list[Fields]:
    """The forms of a page that are sent to this path."""
    reader = _Reader()
    reader.feed(page)
    return [fields for action, fields in reader.forms if action == path]


def read_form(page: str, path: str) -> Fields:
    """The one form of a page that is sent to this path."""
    (fields,) = read_forms(page, path)
    return fields
