"""What a page costs: statements of the database, and bytes on the way to a phone."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

import pytest
from load.many_tasks import fill
from load.three_step.counting import count_statements

from server.pages.assets import load_assets

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.api_callers import Installation
    from flask.testing import FlaskClient

MOST_STATEMENTS = 5
HEAVIEST = 30_000  # bytes, compressed, with style sheet and script
TASKS = 7_000
"""More than a few, so that the way for those who see many is taken."""


@pytest.mark.parametrize("group", ["desk@all", "desk@street"])
def test_the_inbox_takes_five_statements_and_little_weight(
    muster: Installation, sign_in: Callable[..., FlaskClient], group: str
) -> None:
    fill(muster.context.store, TASKS, muster.context.now())
    browser = sign_in("lin", group)
    browser.get("/tasks")
    with count_statements(muster.app) as count:
        page = browser.get("/tasks", headers={"Accept-Encoding": "gzip"})
    assert page.status_code == 200
    assert len(count.statements) + len(count.authentication) <= MOST_STATEMENTS
    assert page.headers["Content-Encoding"] == "gzip"
    text = gzip.decompress(page.get_data()).decode()
    assert text.count("data-row") == 50
    assert weigh(browser, text) + len(page.get_data()) <= HEAVIEST


def weigh(browser: FlaskClient, page: str) -> int:
    """Return the compressed bytes of everything that a page loads from us."""
    loaded = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert loaded
    return sum(len(browser.get(path, headers={"Accept-Encoding": "gzip"}).get_data()) for path in loaded)


@pytest.mark.skipif(
    load_assets().find_url("app.js") is None, reason="the pages' scripts are not built: pages were weighed without"
)
def test_the_script_is_among_what_is_weighed(sign_in: Callable[..., FlaskClient]) -> None:
    page = sign_in("he").get("/tasks").get_data(as_text=True)
    assert "/static/app-" in page
    assert ".js" in page
