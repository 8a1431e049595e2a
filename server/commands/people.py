"""`muster user`: people."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from server.access import SYSTEM
from server.commands.installation import data_dir_option, opened
from server.config import read_config
from server.service import claimed_groups, departures, identity, passwords


@click.group()
def user() -> None:
    """Add and change people."""


@user.command("add")
@click.argument("name")
@click.option("--admin", is_flag=True, help="may deploy, resolve incidents and manage people")
@click.option("--group", "groups", multiple=True, metavar="ROLE@UNIT", help="a role at a unit; repeat for more")
@click.option("--password-stdin", is_flag=True, required=True, help="read the password from the first line of stdin")
@data_dir_option
def add_user(name: str, groups: tuple[str, ...], data_dir: str | None, *, admin: bool, password_stdin: bool) -> None:
    """Add a person."""
    del password_stdin  # required, so that nobody types a password where the shell remembers it
    with opened(read_config(data_dir=data_dir)) as context:
        identity.add_user(context, SYSTEM, name, _read_password(), admin=admin, groups=groups)
    click.echo(f"added {name}")


def _read_password() -> str:
    return sys.stdin.readline().rstrip("\n")


@user.command("disable")
@click.argument("name")
@data_dir_option
def disable_user(name: str, data_dir: str | None) -> None:
    """Let a person in no more."""
    with opened(read_config(data_dir=data_dir)) as context:
        identity.disable_user(context, SYSTEM, name)
    click.echo(f"disabled {name}")


@user.command("passwd")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="read the password from stdin instead of asking")
@data_dir_option
def set_password(name: str, data_dir: str | None, *, password_stdin: bool) -> None:
    """Give a person a new password."""
    password = _read_password() if password_stdin else click.prompt("new password", hide_input=True)
    with opened(read_config(data_dir=data_dir)) as context:
        identity.change_password(context, SYSTEM, name, password)
    click.echo(f"changed the password of {name}")


@user.command("leave")
@click.argument("name")
@click.option("--on", "at", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="when, in MUSTER_TIMEZONE; now")
@data_dir_option
def leave(name: str, at: datetime | None, data_dir: str | None) -> None:
    """Let a person leave: sign-in and roles end, their tasks go back to the groups; records keep the name."""
    config = read_config(data_dir=data_dir)
    moment = None if at is None else at.replace(tzinfo=config.timezone).astimezone(UTC)
    with opened(config) as context:
        returned = departures.leave(context, SYSTEM, name, moment)
    click.echo(f"{name} leaves; {returned} tasks went back to their groups")


@user.command("enable")
@click.argument("name")
@data_dir_option
def enable_user(name: str, data_dir: str | None) -> None:
    """Let a person in again; whoever had left needs roles and a password anew."""
    with opened(read_config(data_dir=data_dir)) as context:
        identity.disable_user(context, SYSTEM, name, disabled=False)
    click.echo(f"enabled {name}")


@user.command("reset")
@click.argument("name")
@click.option("--revoke-tokens", is_flag=True, help="end the person's tokens, too, when the reset is used")
@data_dir_option
def make_reset(name: str, data_dir: str | None, *, revoke_tokens: bool) -> None:
    """Print a link by which a person sets a new password, once, within a day."""
    with opened(read_config(data_dir=data_dir)) as context:
        made = passwords.make_reset(context, SYSTEM, name, ends_tokens=revoke_tokens)
    click.echo(f"{made.link}\n(shown once; until {made.expires_at.isoformat()})")


@user.command("link")
@click.argument("name")
@click.argument("subject")
@data_dir_option
def link_person(name: str, subject: str, data_dir: str | None) -> None:
    """Let a subject of the OpenID Connect provider sign in as this person."""
    with opened(read_config(data_dir=data_dir)) as context:
        claimed_groups.link_person(context, SYSTEM, name, subject)
    click.echo(f"{subject} signs in as {name}")


@click.group()
def claim() -> None:
    """Say what the groups of the OpenID Connect provider are called here."""


@claim.command("list")
@data_dir_option
def list_claimed_groups(data_dir: str | None) -> None:
    """List them."""
    with opened(read_config(data_dir=data_dir)) as context:
        for name, group in claimed_groups.list_claimed_groups(context, SYSTEM):
            click.echo(f"{name} → {group}")


@claim.command("add")
@click.argument("name", metavar="CLAIM")
@click.argument("group", metavar="ROLE@UNIT")
@data_dir_option
def add_claimed_group(name: str, group: str, data_dir: str | None) -> None:
    """Let members of a group of the provider have a role here; `administrators` makes administrators."""
    with opened(read_config(data_dir=data_dir)) as context:
        claimed_groups.add_claimed_group(context, SYSTEM, name, group)
    click.echo(f"{name} → {group}, from each person's next sign-in")


@claim.command("remove")
@click.argument("name", metavar="CLAIM")
@click.argument("group", metavar="ROLE@UNIT")
@data_dir_option
def remove_claimed_group(name: str, group: str, data_dir: str | None) -> None:
    """Take that back."""
    with opened(read_config(data_dir=data_dir)) as context:
        claimed_groups.remove_claimed_group(context, SYSTEM, name, group)
    click.echo(f"removed {name} → {group}")
