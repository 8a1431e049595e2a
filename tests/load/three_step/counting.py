"""Counts the SQL statements and commits of an application in this process, request by request."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import event

from server.store import db

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

_BRACKETS = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)", re.IGNORECASE)
_AUTHENTICATION = re.compile(r"\b(FROM|UPDATE) (token|user_account|membership|client)\b")


@dataclass(slots=True)
class Count:
    """What happened while it was counted.

    `statements` without BEGIN, COMMIT and those that find out who asks, which are in `authentication`; a statement
    that the driver executes for many rows counts once.
    """

    statements: list[str] = field(default_factory=list)
    authentication: list[str] = field(default_factory=list)
    commits: int = 0

    def add(self, statement: str) -> None:
        """Take a statement down."""
        if _AUTHENTICATION.search(statement):
            self.authentication.append(statement)
        elif not _BRACKETS.match(statement):
            self.statements.append(statement)


@contextmanager
def count_statements(app: Flask) -> Iterator[Count]:
    """Count on the engine of the application while the body runs."""
    count = Count()

    def executed(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        count.add(statement)

    def committed(_connection: object) -> None:
        count.commits += 1

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", executed)
    event.listen(engine, "commit", committed)
    try:
        yield count
    finally:
        event.remove(engine, "before_cursor_execute", executed)
        event.remove(engine, "commit", committed)
