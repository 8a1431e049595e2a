"""The options by which clients and tokens are given scopes."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import click

from server.access import EVERYTHING, Scopes

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from server import model

_COMMON = (
    click.option("--start", "start", multiple=True, metavar="PROCESS", help="may start this process; * for all"),
    click.option("--jobs", "jobs", multiple=True, metavar="TYPE", help="may work on jobs of this type; * for all"),
    click.option("--read", is_flag=True, help="may read"),
    click.option("--deploy", is_flag=True, help="may deploy"),
)
_OF_CLIENTS = (
    click.option(
        "--tasks",
        "tasks",
        multiple=True,
        metavar="PROCESS",
        help="may see, hand out and complete the user tasks of this process; * for all",
    ),
    click.option(
        "--operate",
        "operate",
        multiple=True,
        metavar="PROCESS",
        help="may see and mend the instances of this process, and resolve their incidents; * for all",
    ),
)


def client_scope_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of clients to a command."""
    for option in reversed((*_COMMON, *_OF_CLIENTS)):
        command = option(command)
    return command


def token_scope_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of personal tokens to a command."""
    for option in reversed(_COMMON):
        command = option(command)
    return click.option("--tasks", is_flag=True, help="may see, take and complete the person's tasks")(command)


def read_scopes(**given: Any) -> Scopes:  # noqa: ANN401 - names and flags, by the options' names
    """Return what the options say; a token's flag for tasks stands for those of every process."""
    if given.get("tasks") is True:
        given["tasks"] = (EVERYTHING,)
    return Scopes(
        start=frozenset(given["start"]),
        jobs=frozenset(given["jobs"]),
        read=given["read"],
        deploy=given["deploy"],
        tasks=frozenset(given["tasks"] or ()),
        operate=frozenset(given.get("operate", ())),
    )


def describe_scopes(scopes: model.Scopes, *, of_token: bool = False) -> str:
    """Write scopes as the options that give them."""
    parts = []
    for name in (field.name for field in fields(scopes)):
        value = bool(scopes.tasks) if of_token and name == "tasks" else getattr(scopes, name)
        parts += [f"--{name}"] if value is True else [f"--{name} {one}" for one in value or ()]
    return " ".join(parts) or "nothing"
