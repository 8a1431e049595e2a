"""`muster client`: programs that use the API."""

from __future__ import annotations

from typing import Any

import click

from server.access import SYSTEM
from server.commands.installation import data_dir_option, opened
from server.commands.scopes import client_scope_options, describe_scopes, read_scopes
from server.config import read_config
from server.service import clients, identity


@click.group()
def client() -> None:
    """Add and change programs that use the API."""


@client.command("add")
@click.argument("name")
@client_scope_options
@data_dir_option
def add_client(
    name: str,
    data_dir: str | None,
    **given: Any,  # noqa: ANN401 - the scopes' options
) -> None:
    """Add a client and print its id and secret; without options it may do nothing."""
    scopes = read_scopes(**given)
    with opened(read_config(data_dir=data_dir)) as context:
        client_id, secret = identity.add_client(context, SYSTEM, name, scopes=scopes)
    click.echo(f"client id: {client_id}\nclient secret: {secret}  (shown once)")


@client.command("list")
@data_dir_option
def list_clients(data_dir: str | None) -> None:
    """List clients with what they may do."""
    with opened(read_config(data_dir=data_dir)) as context:
        for one in clients.list_clients(context, SYSTEM):
            revoked = "  (revoked)" if one.disabled else ""
            click.echo(f"{one.client_id}  {describe_scopes(one.scopes)}{revoked}")


@client.command("scopes")
@click.argument("name")
@client_scope_options
@data_dir_option
def change_scopes(
    name: str,
    data_dir: str | None,
    **given: Any,  # noqa: ANN401 - the scopes' options
) -> None:
    """Let a client do exactly what the options say; without options nothing."""
    scopes = read_scopes(**given)
    with opened(read_config(data_dir=data_dir)) as context:
        clients.change_scopes(context, SYSTEM, name, scopes)
    click.echo(f"changed what {name} may do")


@client.command("rotate")
@click.argument("name")
@data_dir_option
def rotate_secret(name: str, data_dir: str | None) -> None:
    """Give a client another secret and print it; the old one and its tokens end at once."""
    with opened(read_config(data_dir=data_dir)) as context:
        secret = clients.rotate_secret(context, SYSTEM, name)
    click.echo(f"client secret: {secret}  (shown once)")


@client.command("revoke")
@click.argument("name")
@data_dir_option
def revoke_client(name: str, data_dir: str | None) -> None:
    """Let a client in no more."""
    with opened(read_config(data_dir=data_dir)) as context:
        clients.revoke_client(context, SYSTEM, name)
    click.echo(f"revoked {name}")
