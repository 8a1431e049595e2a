"""How often something may be tried, counted for all processes together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, case, delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from server.store.connected import Connected, Writing
from server.store.tables.identity import rate_limit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.model import Spending

_c = rate_limit.c
_GIVE_BACK = (
    update(rate_limit)
    .where(_c.bucket == bindparam("wanted"))
    .values(spent_until=_c.spent_until - bindparam("interval"))
)


class RateLimitReads(Connected):
    """Reads limits."""

    def spent_until(self, bucket: str) -> int:
        """Return the moment (milliseconds since 1970) at which nothing of a limit is used up any more."""
        row = self._row(select(_c.spent_until).where(_c.bucket == bucket))
        return 0 if row is None else int(row.spent_until)


class RateLimitWrites(Writing):
    """Counts tries."""

    def spend(self, one: Spending, now: int) -> bool:
        """Count a try at `now` (milliseconds since 1970), or tell that there is none left.

        One statement looks and counts, so that however many try at once, no more than allowed get through.
        """
        upsert = (sqlite_insert if self.dialect == "sqlite" else postgresql_insert)(rate_limit)
        later = case((_c.spent_until > now, _c.spent_until), else_=now) + one.interval_ms
        counted = upsert.values(bucket=one.bucket, spent_until=now + one.interval_ms).on_conflict_do_update(
            index_elements=[_c.bucket],
            set_={"spent_until": later},
            where=_c.spent_until <= now + one.interval_ms * (one.burst - 1),
        )
        return self._row(counted.returning(_c.spent_until)) is not None

    def give_back(self, spendings: Sequence[Spending]) -> None:
        """Take back tries that turned out to be no abuse."""
        self._write_each(_GIVE_BACK, [{"wanted": one.bucket, "interval": one.interval_ms} for one in spendings])

    def remove_unused_limits(self, now: int) -> None:
        """Remove the rows that say nothing any more."""
        self._write(delete(rate_limit).where(_c.spent_until <= now))
