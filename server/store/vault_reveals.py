"""Requests to see entries of the identity vault: who asked, who decided, and whether the entry was opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, or_, select, update

from server.model import RevealPurpose, RevealState, VaultReveal
from server.store.connected import Connected, Writing
from server.store.envelopes import sealed_values, to_sealed
from server.store.tables.identity import membership, user_account
from server.store.tables.vault import vault_reveal

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Row

    from server.model import Sealed

_c = vault_reveal.c
_DIRECT = (
    *("key", "entry_key", "root_key", "actor", "at", "unit_kind"),
    *("lapses_at", "decided_by", "decided_at", "opened_at"),
)


def _to_record(row: Row[Any]) -> VaultReveal:
    return VaultReveal(
        **{name: getattr(row, name) for name in _DIRECT},
        state=RevealState(row.state),
        purpose=None if row.purpose is None else RevealPurpose(row.purpose),
        sealed=to_sealed(row),
    )


class VaultRevealReads(Connected):
    """Reads who asked for entries."""

    def vault_reveal(self, key: int) -> VaultReveal | None:
        """Find by key."""
        row = self._row(select(vault_reveal).where(_c.key == key))
        return None if row is None else _to_record(row)

    def vault_reveals(self, entry_key: int) -> tuple[VaultReveal, ...]:
        """Return who asked for an entry, oldest first."""
        rows = self._rows(select(vault_reveal).where(_c.entry_key == entry_key).order_by(_c.key))
        return tuple(_to_record(row) for row in rows)

    def opened_reveals_of_root(self, root_key: int) -> tuple[VaultReveal, ...]:
        """Return the requests by which entries of a root instance were opened, oldest first."""
        opened = (_c.root_key == root_key, _c.opened_at.is_not(None))
        return tuple(_to_record(row) for row in self._rows(select(vault_reveal).where(*opened).order_by(_c.opened_at)))

    def pending_reveals(self, actor: str, now: datetime, limit: int) -> tuple[VaultReveal, ...]:
        """Return what waits to be decided, and what this person asked for, newest first."""
        waiting = (_c.state == RevealState.WAITING.value) & (_c.lapses_at > now)
        asked = (_c.actor == actor) & (_c.state != RevealState.FORBIDDEN.value)
        statement = select(vault_reveal).where(or_(waiting, asked)).order_by(_c.key.desc()).limit(limit)
        return tuple(_to_record(row) for row in self._rows(statement))

    def vault_reveals_under_other_keys(self, key_id: str, after: int, limit: int) -> tuple[VaultReveal, ...]:
        """Return reasons with a key above `after` that another master key wraps, by key."""
        found = (_c.key_id != key_id, _c.key > after)
        rows = self._rows(select(vault_reveal).where(*found).order_by(_c.key).limit(limit))
        return tuple(_to_record(row) for row in rows)

    def groups_at(self, units: Collection[str]) -> dict[str, frozenset[str]]:
        """Return the people who are not disabled and have roles at these units, with these roles' groups."""
        found: dict[str, set[str]] = {}
        if units:
            at = or_(*(membership.c.group_name.endswith(f"@{one}", autoescape=True) for one in sorted(units)))
            joined = select(membership.c.user_name, membership.c.group_name).join(
                user_account, user_account.c.name == membership.c.user_name
            )
            for row in self._rows(joined.where(at, user_account.c.disabled.is_(False))):
                found.setdefault(row.user_name, set()).add(row.group_name)
        return {name: frozenset(groups) for name, groups in found.items()}


class VaultRevealWrites(Writing):
    """Writes who asked for entries."""

    def add_vault_reveal(self, record: VaultReveal) -> None:
        """Add a request."""
        direct = {name: getattr(record, name) for name in _DIRECT}
        purpose = None if record.purpose is None else record.purpose.value
        values = direct | {"state": record.state.value, "purpose": purpose} | sealed_values(record.sealed)
        self._write(insert(vault_reveal).values(**values))

    def decide_vault_reveal(
        self, key: int, state: RevealState, decided_by: str, now: datetime, lapses_at: datetime
    ) -> bool:
        """Decide a request that waits; tells whether it still did."""
        decided = {"state": state.value, "decided_by": decided_by, "decided_at": now, "lapses_at": lapses_at}
        waiting = (_c.key == key, _c.state == RevealState.WAITING.value, _c.lapses_at > now)
        return bool(self._write(update(vault_reveal).where(*waiting).values(**decided)))

    def mark_vault_reveal_opened(self, key: int, now: datetime) -> None:
        """Note when an entry was first opened by a request."""
        self._write(update(vault_reveal).where(_c.key == key, _c.opened_at.is_(None)).values(opened_at=now))

    def rewrap_vault_reveal(self, key: int, sealed: Sealed) -> None:
        """Put a reason's key under another master key."""
        self._write(update(vault_reveal).where(_c.key == key).values(**sealed_values(sealed)))
