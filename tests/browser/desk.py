"""Somebody at a desk who does tasks on their pages, and forms that are filled in by the names of their inputs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reader import expect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from district import District
    from playwright.sync_api import Page
    from reader import Reader


@dataclass
class Desk:
    """Somebody at a desk who does tasks on their page, one after the other."""

    reader: Reader
    district: District
    person: str

    def do(self, element: str, answers: Mapping[str, Any]) -> None:
        """Open the task of an element, fill in its form and send it."""
        key, page = self.open(element), self.reader.page
        fill(page, answers)
        page.locator("button[name=go][value=list]").click()
        expect(page.locator("#problems")).to_have_count(0)
        page.wait_for_url(lambda url: f"/tasks/{key}" not in url)

    def open(self, element: str) -> str:
        """Open the task of an element, and return its key."""
        key = self.district.await_task(self.person, element)
        self.reader.go(f"/tasks/{key}")
        return key

    def can(self, element: str) -> bool:
        """Tell whether such a task is open for them."""
        body = {"filter": {"state": "CREATED", "elementId": element}}
        return bool(self.district.ask(self.person, "POST", "/v2/user-tasks/search", body)["items"])


def fill(page: Page, answers: Mapping[str, Any]) -> None:
    """Fill in a form by the names of its inputs."""
    for pointer, value in flatten(answers):
        if pointer.endswith("/"):  # a row of a list
            add = page.locator(f'button[value="add:{pointer.rpartition("/")[0].rpartition("/")[0]}"]')
            if page.locator(f'[name^="row:{pointer[:-1]}"]').count() == 0:
                add.click()
            continue
        field = page.locator(f'#form [name$=":{pointer}"]:not([type=hidden])')
        kind = field.first.evaluate("one => one.localName == 'select' ? 'select' : one.type")
        if kind == "select":
            field.select_option([json.dumps(one) for one in (value if isinstance(value, list) else [value])])
        elif kind == "radio":
            page.locator(f"#form [name='one:{pointer}'][value='{json.dumps(value)}']").check()
        elif kind == "checkbox":
            field.set_checked(bool(value))
        else:
            field.fill(str(value))


def flatten(answers: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Give every value with its place; a row of a list is announced by a place that ends in a slash."""
    for name, value in answers.items():
        here = f"{pointer}/{name}"
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for number, row in enumerate(value):
                yield f"{here}/{number}/", None
                yield from flatten(row, f"{here}/{number}")
        else:
            yield here, value
