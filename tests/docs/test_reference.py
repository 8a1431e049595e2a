"""What the product knows is in its documentation: settings, commands, errors, elements, actions."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from elements_page import PAGE, write_page

import server.errors
from server.actions import ACTIONS
from server.catalog.elements import ELEMENTS
from server.cli import main
from server.config import SETTINGS
from server.errors import MusterError

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def section(name: str, heading: str) -> str:
    """Return what stands under a heading of the second level."""
    return read(name).split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def commands(command: click.Command, path: str = "muster") -> dict[str, click.Command]:
    """Return every command that does something, by the words one types."""
    if not isinstance(command, click.Group):
        return {path: command}
    found: dict[str, click.Command] = {}
    for name, inner in command.commands.items():
        found |= commands(inner, f"{path} {name}")
    return found


def errors(base: type[MusterError] = MusterError) -> list[type[MusterError]]:
    return [base, *(found for inner in base.__subclasses__() for found in errors(inner))]


COMMANDS = commands(main)
ERRORS = [error for error in errors() if error.__module__ == server.errors.__name__]


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_has_its_row(setting: str) -> None:
    assert re.search(rf"^\| `{setting}` \|", section("operations.md", "Settings"), re.MULTILINE)


def test_no_row_names_a_setting_that_does_not_exist() -> None:
    assert set(re.findall(r"\bMUSTER_[A-Z_]*[A-Z]\b", read("operations.md"))) <= set(SETTINGS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_row_with_its_options(command: str) -> None:
    row = re.search(rf"^\| `{command}\b[^|]*\|.*$", section("operations.md", "Commands"), re.MULTILINE)
    assert row, f"docs/operations.md has no row for {command}"
    for parameter in COMMANDS[command].params:
        if isinstance(parameter, click.Option) and parameter.name != "data_dir":
            assert parameter.opts[0] in row[0], f"{command} {parameter.opts[0]}"


def test_no_row_names_a_command_that_does_not_exist() -> None:
    rows = re.findall(r"^\| `(muster [a-z ]*[a-z])", section("operations.md", "Commands"), re.MULTILINE)
    assert sorted(rows) == sorted(COMMANDS)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_every_error_has_its_row_with_status_and_title(error: type[MusterError]) -> None:
    row = re.search(rf"^\| `{error.__name__}` \|.*$", section("operations.md", "Errors"), re.MULTILINE)
    assert row, f"docs/operations.md, Errors: no row for {error.__name__}"
    assert f"| {error.status} |" in row[0] or error.__name__ == "SettingInvalid"
    assert f"`{error.title}`" in row[0] or error.__name__ == "SettingInvalid"


def test_the_page_of_elements_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == write_page(), "run `make docs`"


@pytest.mark.parametrize("element", ELEMENTS)
def test_every_element_has_its_row(element: str) -> None:
    assert f"| `{element}` |" in read("elements.md")


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_is_in_the_guide(action: str) -> None:
    assert f"`{action}`" in read("modelling.md")
