"""Programs that sign in with id and secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from server.errors import NotFound
from server.model import Client, Scopes
from server.store.connected import Connected, Writing
from server.store.tables.identity import client

if TYPE_CHECKING:
    from sqlalchemy import Row

_c = client.c


def _to_record(row: Row[Any]) -> Client:
    return Client(
        client_id=row.client_id,
        name=row.name,
        secret_hash=row.secret_hash,
        created_at=row.created_at,
        scopes=_to_scopes(row.scopes),
        admin=bool(row.admin),
        disabled=bool(row.disabled),
    )


def _to_scopes(values: dict[str, Any]) -> Scopes:
    return Scopes(
        start=tuple(values["start"]), jobs=tuple(values["jobs"]), read=values["read"], deploy=values["deploy"]
    )


class ClientReads(Connected):
    """Reads programs."""

    def client(self, client_id: str) -> Client | None:
        """Find by id."""
        row = self._row(select(client).where(_c.client_id == client_id))
        return None if row is None else _to_record(row)

    def clients(self) -> tuple[Client, ...]:
        """Return all of them, by id."""
        return tuple(_to_record(row) for row in self._rows(select(client).order_by(_c.client_id)))


class ClientWrites(Writing):
    """Writes programs."""

    def add_client(self, record: Client) -> None:
        """Add a program; raises AlreadyExists."""
        scopes = record.scopes
        self._write(
            insert(client),
            {
                "client_id": record.client_id,
                "name": record.name,
                "secret_hash": record.secret_hash,
                "admin": record.admin,
                "scopes": {
                    "start": scopes.start,
                    "jobs": scopes.jobs,
                    "read": scopes.read,
                    "deploy": scopes.deploy,
                },
                "disabled": record.disabled,
                "created_at": record.created_at,
            },
        )

    def disable_client(self, client_id: str, *, disabled: bool = True) -> None:
        """Keep a program from signing in, or let it again; raises NotFound."""
        if not self._write(update(client).where(_c.client_id == client_id).values(disabled=disabled)):
            raise NotFound(f"There is no client {client_id!r}.")
