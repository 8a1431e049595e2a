"""`muster audit`: hold the audit log against its chain, and take a person's name out of it."""

from __future__ import annotations

import re
import sys

import click

from server.access import SYSTEM
from server.commands.installation import data_dir_option, opened
from server.config import read_config
from server.service import audit as audit_service

_HEAD = re.compile(r"([1-9][0-9]{0,8}):([0-9a-f]{64})")


@click.group()
def audit() -> None:
    """Look after the audit log."""


@audit.command("verify")
@click.option("--noted", metavar="NUMBER:HASH", help="the end of the chain as somebody wrote it down earlier")
@data_dir_option
def verify_audit(noted: str | None, data_dir: str | None) -> None:
    """Walk along the whole chain; exit code 1 if a line or a batch is not what was sealed."""
    head = None if noted is None else _HEAD.fullmatch(noted.strip())
    if noted is not None and head is None:
        raise click.BadParameter("expected number and hash as an earlier check printed them, such as 12:5f0c…")
    with opened(read_config(data_dir=data_dir)) as context:
        found = audit_service.verify_audit(
            context, noted=None if head is None else (int(head[1]), head[2]), progress=_show_progress
        )
    click.echo(f"{found.lines} lines in {found.batches} batches, {found.erased} erased names")
    since = "" if found.tail_since is None else f", the oldest since {found.tail_since.isoformat()}"
    click.echo(f"not sealed yet: {found.tail} lines{since}")
    if found.head is not None:
        click.echo(f"end of the chain: {found.head.number}:{found.head.hash}")
    for problem in found.problems:
        click.echo(problem, err=True)
    click.echo("the chain is whole" if not found.problems else "the chain is BROKEN", err=bool(found.problems))
    sys.exit(1 if found.problems else 0)


def _show_progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done} of {total} batches", nl=done == total, err=True)


@audit.command("erase")
@click.argument("name")
@click.confirmation_option(prompt="The name cannot be brought back. Go on?")
@data_dir_option
def erase_person(name: str, data_dir: str | None) -> None:
    """Take the name of somebody who has left out of the log and all records; lines and chain stay."""
    with opened(read_config(data_dir=data_dir)) as context:
        done = audit_service.erase_person(context, SYSTEM, name)
    click.echo(f"{name} is {done.pseudonym} now, in {done.lines} lines of the log and {done.rows} other rows")
    if done.variables:
        click.echo(
            f"{done.variables} variables of process instances still hold this text: search them by value, "
            "and change those that mean the person",
            err=True,
        )


@audit.command("seal")
@data_dir_option
def seal_audit(data_dir: str | None) -> None:
    """Seal at once what the worker would seal within a minute."""
    with opened(read_config(data_dir=data_dir)) as context:
        click.echo(f"sealed {audit_service.seal_audit(context)} lines")
