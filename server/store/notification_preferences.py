"""How people want to be told, and which webhooks there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from server.errors import AlreadyExists
from server.model import Digest, Preferences, Sealed, Webhook
from server.store.connected import Connected, Writing
from server.store.tables.notifications import notification_preference, webhook

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Row

_c = notification_preference.c


def _to_preferences(row: Row[Any]) -> Preferences:
    return Preferences(
        user_name=row.user_name,
        email=row.email,
        language=row.language,
        digest=Digest(row.digest),
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        ways={kind: tuple(ways) for kind, ways in row.ways.items()},
    )


def _to_webhook(row: Row[Any]) -> Webhook:
    sealed = Sealed(row.key_id, bytes(row.wrapped_key), bytes(row.content))
    return Webhook(row.name, row.url, tuple(row.events), row.created_at, sealed)


class NotificationPreferenceReads(Connected):
    """Reads preferences and webhooks."""

    def preferences(self, names: Collection[str]) -> dict[str, Preferences]:
        """Return what these people have chosen; who has chosen nothing is left out."""
        if not names:
            return {}
        rows = self._rows(select(notification_preference).where(_c.user_name.in_(names)))
        return {row.user_name: _to_preferences(row) for row in rows}

    def webhook(self, name: str) -> Webhook | None:
        """Find by name."""
        row = self._row(select(webhook).where(webhook.c.name == name))
        return None if row is None else _to_webhook(row)

    def webhooks(self) -> tuple[Webhook, ...]:
        """Return all, by name."""
        return tuple(_to_webhook(row) for row in self._rows(select(webhook).order_by(webhook.c.name)))


class NotificationPreferenceWrites(Writing):
    """Writes preferences and webhooks."""

    def put_preferences(self, record: Preferences) -> None:
        """Put what a person has chosen in the place of what they chose before."""
        values = {
            "email": record.email,
            "language": record.language,
            "digest": record.digest.value,
            "quiet_from": record.quiet_from,
            "quiet_until": record.quiet_until,
            "ways": record.ways,
        }
        mine = update(notification_preference).where(_c.user_name == record.user_name)
        if not self._write(mine.values(values)):
            self._write(insert(notification_preference), {"user_name": record.user_name} | values)

    def add_webhook(self, record: Webhook) -> None:
        """Add a webhook; raises AlreadyExists."""
        if self._row(select(webhook.c.name).where(webhook.c.name == record.name)) is not None:
            raise AlreadyExists(f"There is a webhook {record.name!r} already.")
        self._write(
            insert(webhook),
            {
                "name": record.name,
                "url": record.url,
                "events": record.events,
                "created_at": record.created_at,
                "key_id": record.sealed.key_id,
                "wrapped_key": record.sealed.wrapped_key,
                "content": record.sealed.content,
            },
        )

    def rewrap_webhook(self, name: str, sealed: Sealed) -> None:
        """Put a webhook's secret under another master key."""
        wrapped = {"key_id": sealed.key_id, "wrapped_key": sealed.wrapped_key}
        self._write(update(webhook).where(webhook.c.name == name).values(wrapped))

    def remove_webhook(self, name: str) -> bool:
        """Delete a webhook; False when there is none."""
        return bool(self._write(delete(webhook).where(webhook.c.name == name)))
