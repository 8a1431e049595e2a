"""Programs that sign in with id and secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from server.errors import NotFound
from server.model import Client
from server.store.connected import Connected, Values, Writing
from server.store.scopes import scope_values, to_scopes
from server.store.tables.identity import client

if TYPE_CHECKING:
    from sqlalchemy import Row

    from server.model import Scopes

_c = client.c


def _to_record(row: Row[Any]) -> Client:
    return Client(
        client_id=row.client_id,
        name=row.name,
        secret_hash=row.secret_hash,
        created_at=row.created_at,
        scopes=to_scopes(row.scopes),
        admin=bool(row.admin),
        disabled=bool(row.disabled),
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
        self._write(
            insert(client),
            {
                "client_id": record.client_id,
                "name": record.name,
                "secret_hash": record.secret_hash,
                "admin": record.admin,
                "scopes": scope_values(record.scopes),
                "disabled": record.disabled,
                "created_at": record.created_at,
            },
        )

    def disable_client(self, client_id: str, *, disabled: bool = True) -> None:
        """Keep a program from signing in, or let it again; raises NotFound."""
        self._change_client(client_id, {"disabled": disabled})

    def set_client_secret(self, client_id: str, secret_hash: str) -> None:
        """Give a program another secret, and let it in; raises NotFound."""
        self._change_client(client_id, {"secret_hash": secret_hash, "disabled": False})

    def set_client_scopes(self, client_id: str, scopes: Scopes) -> None:
        """Let a program do exactly this; raises NotFound."""
        self._change_client(client_id, {"scopes": scope_values(scopes)})

    def _change_client(self, client_id: str, changes: Values) -> None:
        if not self._write(update(client).where(_c.client_id == client_id).values(changes)):
            raise NotFound(f"There is no client {client_id!r}.")
