"""Who stands in for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, or_, select

from server.model import Substitution
from server.store.connected import Connected, Writing
from server.store.tables.identity import membership, substitution

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row

_c = substitution.c


def _to_record(row: Row[Any]) -> Substitution:
    return Substitution(
        key=row.key,
        absent=row.absent,
        substitute=row.substitute,
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        groups=None if row.groups is None else tuple(row.groups),
    )


class SubstitutionReads(Connected):
    """Reads substitutions."""

    def substitution(self, key: int) -> Substitution | None:
        """Find by key."""
        row = self._row(select(substitution).where(_c.key == key))
        return None if row is None else _to_record(row)

    def substitutions(self, person: str | None = None) -> tuple[Substitution, ...]:
        """Return all of them, or those that name a person on either side, by their beginning."""
        found = select(substitution).order_by(_c.begins_at, _c.key)
        if person is not None:
            found = found.where(or_(_c.absent == person, _c.substitute == person))
        return tuple(_to_record(row) for row in self._rows(found))

    def groups_looked_after(self, substitute: str, now: datetime) -> tuple[tuple[Substitution, frozenset[str]], ...]:
        """Return for whom a person stands in now, with the groups of each absent person."""
        rows = self._rows(
            select(substitution, membership.c.group_name)
            .join(membership, membership.c.user_name == _c.absent, isouter=True)
            .where(_c.substitute == substitute, _c.begins_at <= now, _c.ends_at > now)
            .order_by(_c.key)
        )
        found: dict[int, tuple[Substitution, set[str]]] = {}
        for row in rows:
            _, groups = found.setdefault(row.key, (_to_record(row), set()))
            if row.group_name is not None:
                groups.add(row.group_name)
        return tuple((one, frozenset(groups)) for one, groups in found.values())


class SubstitutionWrites(Writing):
    """Writes substitutions."""

    def add_substitution(self, record: Substitution) -> None:
        """Add a substitution."""
        self._write(
            insert(substitution),
            {
                "key": record.key,
                "absent": record.absent,
                "substitute": record.substitute,
                "groups": record.groups,
                "begins_at": record.begins_at,
                "ends_at": record.ends_at,
            },
        )

    def remove_substitution(self, key: int) -> None:
        """End a substitution."""
        self._write(delete(substitution).where(_c.key == key))

    def remove_substitutions_of(self, person: str) -> None:
        """End every substitution that names a person."""
        self._write(delete(substitution).where(or_(_c.absent == person, _c.substitute == person)))

    def remove_ended_substitutions(self, now: datetime) -> None:
        """Remove what is over."""
        self._write(delete(substitution).where(_c.ends_at <= now))
