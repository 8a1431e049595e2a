"""`muster token`: personal tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

from server.access import SYSTEM
from server.commands.installation import data_dir_option, opened
from server.commands.scopes import describe_scopes, read_scopes, token_scope_options
from server.config import read_config
from server.service import identity, tokens


@click.group()
def token() -> None:
    """Make and end personal tokens."""


@token.command("add")
@click.argument("user_name", metavar="USER")
@token_scope_options
@click.option("--days", type=click.IntRange(1, 732), default=365, show_default=True, help="how long it is valid")
@click.option("--label", default="", help="what it is for")
@data_dir_option
def add_token(
    user_name: str,
    days: int,
    label: str,
    data_dir: str | None,
    **given: Any,  # noqa: ANN401 - the scopes' options
) -> None:
    """Make a token for a person and print it, once; without scopes it may do all that the person may."""
    limited = read_scopes(**given) if any(given.values()) else None
    life = timedelta(days=days)
    with opened(read_config(data_dir=data_dir)) as context:
        click.echo(identity.add_token(context, SYSTEM, user_name, name=label, life=life, scopes=limited))


@token.command("list")
@click.argument("user_name", metavar="USER")
@data_dir_option
def list_tokens(user_name: str, data_dir: str | None) -> None:
    """List a person's tokens: id, end, last use, what they are limited to."""
    with opened(read_config(data_dir=data_dir)) as context:
        for one in tokens.list_tokens(context, SYSTEM, user_name):
            scopes = "everything" if one.scopes is None else describe_scopes(one.scopes, of_token=True)
            used = "never" if one.last_used_at is None else one.last_used_at.isoformat()
            ends = "never" if one.expires_at is None else one.expires_at.isoformat()
            click.echo(f"{one.token_id}  {one.name or '-'}  until {ends}  last used {used}  {scopes}")


@token.command("revoke")
@click.argument("token_id", metavar="ID")
@data_dir_option
def revoke_token(token_id: str, data_dir: str | None) -> None:
    """End a token at once."""
    with opened(read_config(data_dir=data_dir)) as context:
        tokens.revoke_token(context, SYSTEM, token_id)
    click.echo(f"revoked {token_id}")
