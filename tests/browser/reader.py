"""Somebody in front of a browser, and what must hold on whatever page they look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from web.javascript import install_packages

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response

FOLDER = Path(__file__).parent
SCREENS = {
    "desk": {"viewport": {"width": 1280, "height": 800}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 3,
        "is_mobile": True,
        "has_touch": True,
    },
}
ZOOMED = {"desk": 640, "phone": 320}
"""Width in CSS pixels: a desk at 200 %, and the narrowest that WCAG asks for (1.4.10)."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
REFUSED = "Failed to load resource: the server responded with a status of "


@dataclass
class Reader:
    """A page in a browser of its own; `complaints` is what the browser said that it must not say."""

    page: Page
    context: BrowserContext
    url: str
    screen: str = "desk"
    scripts: bool = True
    complaints: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        self.page.on("requestfailed", lambda asked: self._lose(asked.url, asked.failure or ""))

    def expect_refusal(self, *statuses: int) -> None:
        """Let answers with these statuses pass, of which the browser complains."""
        self.expected.update(statuses)

    def go(self, path: str) -> Response | None:
        """Open a page."""
        return self.page.goto(f"{self.url}{path}")

    def sign_in(self, person: str, password: str) -> None:
        """Sign in through the page."""
        self.page.locator("#username").fill(person)
        self.page.locator("#password").fill(password)
        self.page.locator("form[action='/sign-in'] button.primary").click()

    def check_page(self, *, picture: str = "") -> None:
        """Fail on barriers (WCAG 2.2 AA), on horizontal scrolling when enlarged, and on what the browser complains of.

        `picture` names a screenshot, kept where `--pictures` says.
        """
        barriers = self._find_barriers() if self.scripts else []  # the search is a script: it would never end
        assert not barriers, barriers
        width = self.page.viewport_size or {}
        self.page.set_viewport_size({"width": ZOOMED[self.screen], "height": 800})
        across = self.page.evaluate("[document.scrollingElement.scrollWidth, document.scrollingElement.clientWidth]")
        self.page.set_viewport_size(width)
        assert across[0] <= across[1], f"{self.page.url} scrolls sideways at {ZOOMED[self.screen]} CSS pixels"
        if picture and PICTURES:
            # with the caret hidden, it would put a style into the page, which the policy forbids
            path = PICTURES[0] / f"{picture}-{self.screen}.png"
            self.page.screenshot(path=path, full_page=True, caret="initial")
        self.check_silence()

    def check_silence(self) -> None:
        """Fail on what the browser complained of: errors of scripts, of the policy for contents, of loading."""
        assert self.complaints == [], "\n".join(self.complaints)

    def _find_barriers(self) -> list[str]:
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate((FOLDER / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
        found: dict[str, Any] = self.page.evaluate(
            "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})", RULES
        )
        return [
            f"{one['id']}: {one['help']}: {node['html'][:160]} {node['failureSummary'][:200]}"
            for one in found["violations"]
            for node in one["nodes"]
        ]

    def _hear(self, message: ConsoleMessage) -> None:
        text = message.text
        if message.type not in {"error", "warning"}:
            return
        if text.startswith(REFUSED) and int(text.removeprefix(REFUSED)[:3]) in self.expected:
            return
        self.complaints.append(f"{message.type}: {text} ({self.page.url})")

    def _lose(self, url: str, why: str) -> None:
        if "ERR_ABORTED" not in why:  # what a page still loads when one leaves it
            self.complaints.append(f"not loaded: {url}: {why}")


PICTURES: list[Path] = []
"""Where screenshots go, when they are asked for."""


def install_axe() -> None:
    """Install axe-core as its lock says; raises `JavaScriptMissing`."""
    install_packages(FOLDER)


__all__ = ["PICTURES", "SCREENS", "Reader", "expect", "install_axe"]
