"""`muster instance`: running process instances, many at once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from server.access import SYSTEM
from server.commands.installation import data_dir_option, opened
from server.config import read_config
from server.model import MappingInstruction
from server.service import migration
from server.service.migration import MigrationRequest

if TYPE_CHECKING:
    from server.service.migration import Outcome

MANY_INSTANCES = 50
"""From so many instances on, a migration shows on a terminal how far it is."""


@click.group()
def instance() -> None:
    """Look after running process instances."""


@instance.command("migrate")
@click.argument("process_id", metavar="PROCESS")
@click.option("--from", "old", type=int, required=True, metavar="VERSION", help="move the instances of this version")
@click.option("--to", "new", type=int, required=True, metavar="VERSION", help="to this version")
@click.option("--to-process", metavar="PROCESS", help="of this process, when it is another one")
@click.option(
    "--map",
    "mapped",
    metavar="OLD=NEW",
    multiple=True,
    help="where an element goes whose id has changed; repeat for more; equal ids follow",
)
@click.option("--dry-run", is_flag=True, help="change nothing, say what would move and what could not")
@data_dir_option
def migrate_instances(
    process_id: str,
    old: int,
    new: int,
    to_process: str | None,
    mapped: tuple[str, ...],
    data_dir: str | None,
    *,
    dry_run: bool,
) -> None:
    """Move every running instance of a version to another one, each by itself; exit code 1 if one cannot."""
    instructions = tuple(_read_mapping(text) for text in mapped)
    with opened(read_config(data_dir=data_dir)) as context:
        source = migration.find_version(context, process_id, old)
        target = migration.find_version(context, to_process or process_id, new)
        keys = migration.find_running_instances(context, source.key)
        request = MigrationRequest(target.key, instructions, same_ids=True)
        hidden = len(keys) < MANY_INSTANCES or not sys.stderr.isatty()
        stayed = 0
        with click.progressbar(keys, label="migrating", file=sys.stderr, hidden=hidden) as shown:
            for outcome in migration.migrate_instances(context, SYSTEM, shown, request, dry_run=dry_run):
                _tell(outcome, dry_run=dry_run)
                stayed += bool(outcome.problems)
    verb = "can move" if dry_run else "moved"
    click.echo(f"{len(keys) - stayed} of {len(keys)} instances {verb}, {stayed} cannot")
    sys.exit(1 if stayed else 0)


def _tell(outcome: Outcome, *, dry_run: bool) -> None:
    if not outcome.problems:
        click.echo(f"{outcome.key}: {'can move' if dry_run else 'moved'}")
        return
    click.echo(f"{outcome.key}: cannot move")
    for problem in outcome.problems:
        click.echo(f"  {problem}")


def _read_mapping(text: str) -> MappingInstruction:
    old, equals, new = text.partition("=")
    if not (old and equals and new):
        raise click.BadParameter(f"expected two element ids with = between them, found {text!r}", param_hint="--map")
    return MappingInstruction(old, new)
