"""`muster calendar`: look after the working-day calendar."""

from __future__ import annotations

from pathlib import Path

import click

from server.access import SYSTEM
from server.commands.installation import data_dir_option, opened
from server.config import read_config
from server.service.calendar import Layer, draw_year
from server.service.calendar import import_calendar as import_days


@click.group()
def calendar() -> None:
    """Look after the working-day calendar."""


@calendar.command("show")
@click.argument("year", type=click.IntRange(1900, 2199))
@data_dir_option
def show_calendar(year: int, data_dir: str | None) -> None:
    """Print a year: holidays in brackets, make-up days with a plus."""
    with opened(read_config(data_dir=data_dir)) as context:
        click.echo("\n".join(draw_year(context, year)))


@calendar.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--own", is_flag=True, help="days that this administration decided for itself")
@click.option("--dry-run", is_flag=True, help="only tell what would change")
@data_dir_option
def import_calendar(file: Path, data_dir: str | None, *, own: bool, dry_run: bool) -> None:
    """Put the years of a CSV file (as organisation/calendar.csv) in the place of what is known about them."""
    text = file.read_text(encoding="utf-8-sig")
    with opened(read_config(data_dir=data_dir)) as context:
        change = import_days(context, SYSTEM, text, layer=Layer.OWN if own else Layer.STATE, apply=not dry_run)
    for day, (was, now) in change.days.items():
        click.echo(f"{day}: {_describe_day(working=was)} → {_describe_day(working=now)}")
    for year in change.newly_published:
        click.echo(f"{year} is announced now")
    click.echo(f"{'would change' if dry_run else 'changed'} {len(change.days)} days")


def _describe_day(*, working: bool | None) -> str:
    if working is None:
        return "as in the week"
    return "worked" if working else "rest"
