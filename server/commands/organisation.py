"""`muster absence` and `muster organisation`: who stands in, and the organisation files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from server.access import SYSTEM
from server.commands.installation import data_dir_option, opened
from server.config import read_config
from server.errors import DefinitionInvalid
from server.governance.organisation import parse_organisation
from server.service import absences, organisation

DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"])


@click.group()
def absence() -> None:
    """Say who stands in for whom."""


@absence.command("add")
@click.argument("absent")
@click.argument("substitute")
@click.option("--from", "begins_at", type=DAY, required=True, help="first day, or a time, in MUSTER_TIMEZONE")
@click.option("--until", "ends_at", type=DAY, required=True, help="when it is over; a day counts from its beginning")
@click.option("--group", "groups", multiple=True, metavar="ROLE@UNIT", help="only this role; repeat for more")
@data_dir_option
def add_substitution(
    absent: str, substitute: str, begins_at: datetime, ends_at: datetime, groups: tuple[str, ...], data_dir: str | None
) -> None:
    """Let SUBSTITUTE see, take and complete what falls to ABSENT."""
    config = read_config(data_dir=data_dir)
    first, last = (one.replace(tzinfo=config.timezone).astimezone(UTC) for one in (begins_at, ends_at))
    with opened(config) as context:
        made = absences.add_substitution(context, SYSTEM, absent, substitute, (first, last), groups or None)
    click.echo(f"{made.key}: {substitute} stands in for {absent}")


@absence.command("list")
@data_dir_option
def list_substitutions(data_dir: str | None) -> None:
    """List who stands in for whom."""
    with opened(read_config(data_dir=data_dir)) as context:
        for one in absences.list_substitutions(context, SYSTEM):
            groups = "everything" if one.groups is None else ", ".join(one.groups)
            period = f"{one.begins_at.isoformat()} – {one.ends_at.isoformat()}"
            click.echo(f"{one.key}: {one.substitute} for {one.absent}, {period}, {groups}")


@absence.command("end")
@click.argument("key", type=int)
@data_dir_option
def end_substitution(key: int, data_dir: str | None) -> None:
    """End a substitution at once."""
    with opened(read_config(data_dir=data_dir)) as context:
        absences.end_substitution(context, SYSTEM, key)
    click.echo(f"ended {key}")


@click.group("organisation")
def organisation_commands() -> None:
    """Bring the organisation files in."""


@organisation_commands.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="only show what differs")
@data_dir_option
def import_organisation(folder: Path, data_dir: str | None, *, dry_run: bool) -> None:
    """Make units, people and their roles what the files in FOLDER say; what only the database has stays."""
    texts = {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.yaml"))}
    wanted, findings = parse_organisation(texts)
    if findings:
        raise DefinitionInvalid(findings)
    bring = organisation.compare_with_files if dry_run else organisation.import_organisation
    with opened(read_config(data_dir=data_dir)) as context:
        changes = bring(context, SYSTEM, wanted)
    for change in changes:
        click.echo(f"{change.sign} {change.kind} {change.name}: {change.detail}")
    if not changes:
        click.echo("no differences")
