"""A Chromium, the served example district, and readers in front of it. `--pictures DIR` keeps screenshots."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from chromium import FLAGS, find_chromium
from district import District
from playwright.sync_api import sync_playwright
from reader import PICTURES, SCREENS, Reader, install_axe

from web.javascript import JavaScriptMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext

PATIENCE_MILLISECONDS = 15_000


@pytest.fixture(scope="module")
def browser(pytestconfig: pytest.Config) -> Iterator[Browser]:
    """Give a running Chromium; while it runs, no other test of this process could run an event loop of its own."""
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium is installed: the pages were not tried in a browser")
    try:
        install_axe()
    except JavaScriptMissing as missing:
        pytest.skip(f"axe-core for the browser tests: {missing}")
    pictures = pytestconfig.getoption("--pictures")
    if pictures:
        Path(pictures).mkdir(parents=True, exist_ok=True)
        PICTURES[:] = [Path(pictures)]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(FLAGS), chromium_sandbox=False)
        yield running
        running.close()


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> District:
    """Give the example district after its first start, which takes much longer than the others."""
    with District(tmp_path_factory.mktemp("furnished")) as served:
        pass
    return served


@pytest.fixture(scope="module")
def district(furnished: District, tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    """Give the example district, served; each module has one of its own, so that none finds what others left."""
    home = tmp_path_factory.mktemp("district") / "data"
    shutil.copytree(furnished.home, home)
    with District(home, password=furnished.password, admin_password=furnished.admin_password) as served:
        yield served


@pytest.fixture
def read(browser: Browser, district: District) -> Iterator[Callable[..., Reader]]:
    """Give a function that sits somebody (or nobody) in front of a browser; what it complains of fails the test."""
    opened: list[tuple[Reader, BrowserContext]] = []

    def sit(
        person: str | None = None, *, screen: str = "desk", scripts: bool = True, language: str = "zh-CN"
    ) -> Reader:
        settings: dict[str, Any] = {**SCREENS[screen], "locale": language, "java_script_enabled": scripts}
        context = browser.new_context(base_url=district.url, **settings)
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        reader = Reader(context.new_page(), context, district.url, screen, bool(scripts))
        opened.append((reader, context))
        if person is not None:
            sign_in(context, district, person)
        return reader

    yield sit
    for reader, context in opened:
        context.close()
        reader.check_silence()


SESSIONS: dict[tuple[str, str], list[Any]] = {}
"""Cookies of people who have signed in before: a password takes a fifth of a second."""


def sign_in(context: BrowserContext, district: District, person: str) -> None:
    """Sign a browser in, by the page's own door."""
    known = SESSIONS.get((district.url, person))
    if known is None:
        form = {"username": person, "password": district.password_of(person)}
        answer = context.request.post("/login", data=form)
        assert answer.ok, answer.text()
        SESSIONS[district.url, person] = context.cookies()
    else:
        context.add_cookies(known)
