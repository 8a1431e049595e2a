"""Every table of docs/feel.md that has examples is executed, and every function has one."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from server.feel import BUILTINS, Environment, compile_expression, compile_unary_tests, format_value

DOCUMENT = (Path(__file__).parents[3] / "docs" / "feel.md").read_text(encoding="utf-8")
VARIABLES = json.loads(re.search(r"```json\n(.*?)```", DOCUMENT, re.DOTALL).group(1))
ENVIRONMENT = Environment(datetime(2026, 1, 31, 2, 30, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))


def rows(width: int, heading: str) -> list[list[str]]:
    found, inside = [], False
    for line in DOCUMENT.splitlines():
        if not line.startswith("|"):
            inside = False
        elif line.startswith(heading):
            inside = True
        elif inside and not line.startswith("|---"):
            cells = re.findall(r"``\s(.+?)\s``|`([^`]*)`", line.rpartition(" |")[0])
            found.append([one or other for one, other in cells])
    assert all(len(cells) >= width for cells in found), heading
    return found


EXPRESSIONS = rows(2, "| Expression |")
CELLS = rows(3, "| Cell |")
FUNCTIONS = rows(3, "| Function |")


def shown(value: object) -> str:
    return format_value([value])[1:-1]


@pytest.mark.parametrize("cells", EXPRESSIONS + [cells[-2:] for cells in FUNCTIONS], ids=lambda cells: cells[-2])
def test_an_example_gives_what_the_page_says(cells: list[str]) -> None:
    text, result = cells[-2:]
    assert shown(compile_expression(text).evaluate(VARIABLES, ENVIRONMENT).value) == result


@pytest.mark.parametrize("cells", CELLS, ids=lambda cells: cells[0])
def test_a_cell_passes_what_the_page_says(cells: list[str]) -> None:
    text, value, passes = cells
    subject = compile_expression(value).evaluate({}).value
    assert shown(compile_unary_tests(text).evaluate(subject, VARIABLES).value) == passes


def test_every_function_has_an_example_that_calls_it() -> None:
    documented = {re.match(r"[^(]+", cell).group() for cells in FUNCTIONS for cell in cells[:-2]}
    assert documented == set(BUILTINS)
    for cells in FUNCTIONS:
        assert re.match(r"[^(]+", cells[0]).group() + "(" in cells[-2], cells
