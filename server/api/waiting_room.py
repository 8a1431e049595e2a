"""Requests that wait for something to happen: few at a time, and between looks they hold nothing but their thread."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from flask import current_app

from server.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

Found = TypeVar("Found")
WAITING_ROOM = "muster-waiting-room"
LOOK_EVERY_MS = 250
_never = threading.Event()


def open_waiting_room(app: Flask, threads: int) -> None:
    """Let at most a third of the request threads wait, so that people are served."""
    app.extensions[WAITING_ROOM] = threading.BoundedSemaphore(max(1, threads // 3))


@contextmanager
def take_place() -> Iterator[None]:
    """Have a place to wait at while the body runs; raises `Unavailable` at once when all are taken."""
    places: threading.BoundedSemaphore = current_app.extensions[WAITING_ROOM]
    if not places.acquire(blocking=False):
        raise Unavailable("Too many requests wait already: ask again in a moment.")
    try:
        yield
    finally:
        places.release()


def look_again(look: Callable[[], Found | None], wait_ms: int) -> Found | None:
    """Look every moment until something is found; None when the time is over. Each look has its own transaction."""
    for _ in range(wait_ms // LOOK_EVERY_MS):
        _never.wait(LOOK_EVERY_MS / 1000)
        found = look()
        if found is not None:
            return found
    return None
