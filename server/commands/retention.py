"""`muster retention`: erase what is kept no longer."""

from __future__ import annotations

import click

from server.access import SYSTEM
from server.commands.installation import data_dir_option, opened
from server.config import read_config
from server.service import retention as retention_service


@click.group()
def retention() -> None:
    """Erase what is kept no longer; the worker does so every night."""


@retention.command("run")
@click.option("--dry-run", is_flag=True, help="only say how much is due")
@data_dir_option
def run_retention(data_dir: str | None, *, dry_run: bool) -> None:
    """Erase everything that is due now, and print the certificate."""
    with opened(read_config(data_dir=data_dir)) as context:
        if dry_run:
            for rule, due in retention_service.count_due(context, SYSTEM):
                click.echo(f"{rule.kind}: {due} due, kept for {rule.days} days")
            return
        run = retention_service.run_now(context, SYSTEM)
    for kind, count in run.counts.items():
        click.echo(f"{kind}: {count} erased, kept for {run.days[kind]} days")
    click.echo(f"certificate: {run.key}")
