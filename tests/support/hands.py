"""Two ways of using a page: with a mouse, and with keys alone. A walk that is written once is done with either."""

from pathlib import Path
from typing import Protocol

from playwright.sync_api import Locator, Page

MOST_TABS = 300
STEP = """(target) => {
    const one = document.activeElement;
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    const shown = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    const here = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    const nowhere = one === document.body || one.id === "content";
    return {reached: one === target, seen: nowhere || (shown && here), at: one.outerHTML.slice(0, 300),
            skips: one.hash === "#content" && Boolean(target.closest("#content")),
            stays: nowhere || ["date", "time", "month"].includes(one.type)};
}"""
"""Where the focus is: whether that is the target, whether it shows and lies in the window. A date or a time has parts,
each of which it stays on for a while."""


class Hands(Protocol):
    """What somebody does on a page."""

    def follow(self, target: Locator) -> None:
        """Open a link, press a button, unfold a summary."""

    def choose(self, target: Locator, option: str) -> None:
        """Choose an option of a select by its text."""

    def fill(self, target: Locator, text: str) -> None:
        """Write into a field; a date as `2026-06-01`."""

    def tick(self, target: Locator) -> None:
        """Tick a box."""

    def paste(self, target: Locator, text: str) -> None:
        """Paste what was copied elsewhere into a field of several lines."""

    def bring(self, target: Locator, file: Path) -> None:
        """Choose a file of one's own."""


class Mouse:
    """Points and clicks."""

    def follow(self, target: Locator) -> None:
        target.click()

    def choose(self, target: Locator, option: str) -> None:
        target.select_option(label=option)

    def fill(self, target: Locator, text: str) -> None:
        target.fill(text)

    def tick(self, target: Locator) -> None:
        target.check()

    def paste(self, target: Locator, text: str) -> None:
        target.fill(text)

    def bring(self, target: Locator, file: Path) -> None:
        with target.page.expect_file_chooser() as chooser:
            target.click()
        chooser.value.set_files(file)


class Keys:
    """Goes on with Tab from where the focus is, past the menu where the target lies below it, and uses Enter, Space,
    arrows and letters; looks at each step whether the focus is seen and moves on."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def follow(self, target: Locator) -> None:
        self._reach(target)
        self._page.keyboard.press("Enter")

    def choose(self, target: Locator, option: str) -> None:
        self._reach(target)
        options: list[str] = target.evaluate("(one) => [...one.options].map((option) => option.text)")
        self._page.keyboard.press("Home")
        for _press in range(options.index(option)):
            self._page.keyboard.press("ArrowDown")
        assert target.evaluate("(one) => one.selectedOptions[0].text") == option

    def fill(self, target: Locator, text: str) -> None:
        self._reach(target)
        if target.get_attribute("type") == "date":
            self._fill_date(target, text)
        else:
            self._page.keyboard.press("Control+A")
            self._page.keyboard.type(text)

    def tick(self, target: Locator) -> None:
        self._reach(target)
        self._page.keyboard.press("Space")
        assert target.is_checked()

    def paste(self, target: Locator, text: str) -> None:
        self._reach(target)
        self._page.keyboard.press("Control+A")
        self._page.keyboard.insert_text(text)

    def bring(self, target: Locator, file: Path) -> None:
        with self._page.expect_file_chooser() as chooser:
            self._reach(target)
            self._page.keyboard.press("Enter")
        chooser.value.set_files(file)

    def _fill_date(self, target: Locator, text: str) -> None:
        """Day, month and year in the order in which this browser asks for them."""
        year, month, day = text.split("-")
        for parts in ((month, day, year), (day, month, year)):
            self._page.keyboard.type("".join(parts))
            if target.input_value() == text:
                return
            self._page.keyboard.press("ArrowLeft")
            self._page.keyboard.press("ArrowLeft")
        raise AssertionError(f"{text} cannot be typed; there stands {target.input_value()!r}")

    def _reach(self, target: Locator) -> None:
        target.wait_for()
        self._page.wait_for_load_state()  # a target may be there before the style that shows the focus
        handle, before = target.element_handle(), ""
        for _press in range(MOST_TABS):
            self._page.keyboard.press("Tab")
            step = self._page.evaluate(STEP, handle)
            assert step["seen"], f"the focus is not seen on {step['at']}"
            if step["reached"]:
                return
            if step["skips"]:
                self._page.keyboard.press("Enter")
            assert step["stays"] or step["at"] != before, f"the focus stays on {before}"
            before = step["at"]
        raise AssertionError(f"{target} is not reached with {MOST_TABS} presses of Tab")
