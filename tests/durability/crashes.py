"""Deaths of a process at one of its commits: the connection is gone, before COMMIT was sent or after it was done."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from server.store import Store


@dataclass(frozen=True, slots=True)
class Death:
    """Die at this commit of an operation, counted from one; `sent` tells whether the database still gets it."""

    commit: int
    sent: bool


class Died(BaseException):
    """The process is no more; nothing in the server may catch this."""


@dataclass(slots=True)
class Life:
    """What became of the process: how many of its commits reached the database, and whether it died."""

    reached: int = 0
    dead: bool = False


@contextmanager
def dying(store: Store, death: Death | None) -> Iterator[Life]:
    """Let the process die in the body: nothing that it would still do reaches the database."""
    life, count = Life(), 0

    def commit(connection: Connection) -> None:
        nonlocal count
        use()
        count += 1
        if death is None or count != death.commit:
            life.reached += 1
            return
        driver = connection.connection.dbapi_connection
        assert driver is not None
        life.dead = True
        if death.sent:
            driver.commit()
            life.reached += 1
        else:
            driver.rollback()
        connection.invalidate()
        raise Died

    def use(*_: object) -> None:
        if life.dead:
            raise Died

    listeners = {"commit": commit, "engine_connect": use, "before_cursor_execute": use}
    for name, listener in listeners.items():
        event.listen(store._engine, name, listener)
    try:
        yield life
    finally:
        for name, listener in listeners.items():
            event.remove(store._engine, name, listener)
