"""Hands out keys: positive 63-bit integers from blocks that a table keeps count of.

No key is handed out twice: not by two threads, not by two processes, not after a rollback. A block is normally taken
in a short transaction of its own before a writing transaction begins. When it runs dry inside one:

- on PostgreSQL, a connection of its own takes the next block and commits at once;
- SQLite has one writer, and that is the open transaction: the next block is taken on its connection, what is left of
  it is shared only after the commit, and after a rollback the count is moved past it.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from sqlalchemy import NullPool, bindparam, case, create_engine
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from server.store.connections import WRITES, prepare_engine
from server.store.tables.records import key_block

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

FIRST_KEY = 2251799813685249
"""Where Camunda 8 starts on its first partition; keys look familiar and are never small numbers."""
BLOCK_SIZE = 10_000
_NAME = "key"


class Keys:
    """The store of keys that all threads of a process share; iterating it hands them out."""

    def __init__(self, engine: Engine, block_size: int = BLOCK_SIZE) -> None:
        self._engine = engine
        self._block_size = block_size
        self._low_water = max(1, block_size // 10)
        self._lock = threading.Lock()
        self._refill_lock = threading.Lock()
        self._spans: deque[tuple[int, int]] = deque()
        self._left = 0
        self._floor = FIRST_KEY

    def __iter__(self) -> Iterator[int]:
        """Keys never end."""
        return self

    def __next__(self) -> int:
        """Hand out one key; takes a new block in a transaction of its own where necessary."""
        while True:
            key = self.take()
            if key is not None:
                return key
            self.reserve()

    def take(self) -> int | None:
        """Hand out one key of those at hand, or None when none is left."""
        with self._lock:
            if not self._spans:
                return None
            first, end = self._spans.popleft()
            if first + 1 < end:
                self._spans.appendleft((first + 1, end))
            self._left -= 1
            return first

    def reserve(self) -> None:
        """Take a block in a short transaction of its own when few keys are left. Call it outside transactions."""
        if self._left >= self._low_water:
            return
        with self._refill_lock:
            if self._left < self._low_water:
                with self._engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
                    span = self.take_block(connection)
                self.give(span)

    def give(self, span: tuple[int, int]) -> None:
        """Add keys from `span[0]` up to, but without, `span[1]`."""
        if span[0] < span[1]:
            with self._lock:
                self._spans.append(span)
                self._left += span[1] - span[0]

    def take_block(self, connection: Connection) -> tuple[int, int]:
        """Count one block as taken on this connection; whether it stays taken is decided by its commit."""
        insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
        end = key_block.c.next_key + self._block_size
        past_floor = self._floor + self._block_size
        counted = (
            insert(key_block)
            .values(name=_NAME, next_key=past_floor)
            .on_conflict_do_update(
                index_elements=[key_block.c.name],
                set_={"next_key": case((key_block.c.next_key < self._floor, past_floor), else_=end)},
            )
        )
        taken_until: int = connection.execute(counted.returning(key_block.c.next_key)).scalar_one()
        return taken_until - self._block_size, taken_until

    def take_block_apart(self) -> tuple[int, int]:
        """Count one block as taken and commit, on a connection outside the pool: inside a transaction of PostgreSQL."""
        engine = create_engine(self._engine.url, poolclass=NullPool)
        prepare_engine(engine)
        with engine.begin() as connection:
            return self.take_block(connection)

    def burn(self, end: int) -> None:
        """Never hand out keys below `end` again, whatever the table says."""
        with self._lock:
            self._floor = max(self._floor, end)

    def move_past(self, connection: Connection, end: int) -> None:
        """Move the table's count to `end` where it is lower."""
        connection.execute(_MOVE, {"end": end})


_MOVE = (
    key_block.update()
    .where(key_block.c.name == _NAME, key_block.c.next_key < bindparam("end"))
    .values(next_key=bindparam("end"))
)


class TransactionKeys:
    """The keys of one writing transaction."""

    def __init__(self, shared: Keys, connection: Connection) -> None:
        self._shared = shared
        self._connection = connection
        self._own: tuple[int, int] | None = None
        self._taken_here = 0

    def __iter__(self) -> Iterator[int]:
        """Keys never end."""
        return self

    def __next__(self) -> int:
        """Hand out one key."""
        if self._own is None:
            key = self._shared.take()
            if key is not None:
                return key
            self._refill()
        assert self._own is not None  # noqa: S101 – `_refill` has just set it
        first, end = self._own
        self._own = (first + 1, end) if first + 1 < end else None
        return first

    def _refill(self) -> None:
        if self._connection.dialect.name == "sqlite":
            self._own = self._shared.take_block(self._connection)
            self._taken_here = self._own[1]
        else:
            self._own = self._shared.take_block_apart()

    def savepoint_undone(self) -> None:
        """Count the block as taken again: going back to the savepoint may have forgotten it."""
        if self._taken_here:
            self._shared.move_past(self._connection, self._taken_here)

    def burn(self) -> None:
        """Before the rollback: nobody in this process may take the same block from the table again."""
        if self._taken_here:
            self._shared.burn(self._taken_here)

    def settle(self, *, committed: bool) -> None:
        """After the end of the transaction: share the rest, or move the table's count past what was used."""
        if self._taken_here and not committed:
            with self._connection.begin():
                self._shared.move_past(self._connection, self._taken_here)
        elif self._own is not None:
            self._shared.give(self._own)
        self._own = None
