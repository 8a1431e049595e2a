"""The options by which clients and tokens are given scopes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server.access import Scopes

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from server import model

_OPTIONS = (
    click.option("--start", "start", multiple=True, metavar="PROCESS", help="may start this process; * for all"),
    click.option("--jobs", "jobs", multiple=True, metavar="TYPE", help="may work on jobs of this type; * for all"),
    click.option("--read", is_flag=True, help="may read"),
    click.option("--deploy", is_flag=True, help="may deploy"),
)


def scope_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read_scopes(
    start: tuple[str, ...], jobs: tuple[str, ...], *, read: bool, deploy: bool, tasks: bool = False
) -> Scopes:
    """Return what the options say."""
    return Scopes(frozenset(start), frozenset(jobs), read=read, deploy=deploy, tasks=tasks)


def describe_scopes(scopes: model.Scopes) -> str:
    """Write scopes as the options that give them."""
    parts = [*(f"--start {name}" for name in scopes.start), *(f"--jobs {name}" for name in scopes.jobs)]
    flags = {"--read": scopes.read, "--deploy": scopes.deploy, "--tasks": scopes.tasks}
    return " ".join([*parts, *(flag for flag, given in flags.items() if given)]) or "nothing"
