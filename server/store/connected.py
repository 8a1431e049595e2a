"""What the rows of every noun share: the connection they are read and written on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Executable, Row

Values = dict[str, Any]
"""Column names to what is written there."""


class Connected:
    """Something that reads on one open connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._connection.dialect.name

    def _row(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Row[Any] | None:
        return self._connection.execute(statement, values).first()

    def _rows(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        return self._connection.execute(statement, values).all()


class Writing(Connected):
    """Something that also writes, within a transaction that somebody else commits."""

    keys: Iterator[int]

    def _write(self, statement: Executable, values: Mapping[str, Any] | None = None) -> int:
        """Execute once and return the number of rows that an update or delete touched (inserts do not tell)."""
        return self._connection.execute(statement, values).rowcount

    def _write_each(self, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute for each of the rows in one call of the driver; without rows, not at all."""
        if rows:
            self._connection.execute(statement, rows)
