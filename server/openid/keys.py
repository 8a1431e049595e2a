"""The provider's public keys, fetched when they are needed and kept for a while."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry

from server.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from joserfc.jwk import Key

KEPT_FOR = timedelta(hours=1)
FETCHED_EVERY = timedelta(minutes=1)
"""How often an unknown key id may make the server fetch: forged ids must not make it ask without end."""
RETRIED_EVERY = timedelta(seconds=10)
USABLE_FOR = timedelta(hours=24)
"""How long known keys count while the provider does not answer."""
SIGNING_TYPES = frozenset({"RSA", "EC", "OKP"})
MOST_KEYS = 100


class Keys:
    """Finds keys by their id; `fetch` returns the provider's key set (RFC 7517) and raises `Unavailable`."""

    def __init__(self, fetch: Callable[[datetime], dict[str, Any]]) -> None:
        self._fetch = fetch
        self._lock = threading.Lock()
        self._keys: tuple[tuple[str | None, Key], ...] = ()
        self._fetched_at: datetime | None = None
        self._tried_at: datetime | None = None

    def find(self, key_id: str | None, now: datetime) -> tuple[Key, ...]:
        """Return the keys with this id, or all where the token names none; none for an unknown id.

        Raises `Unavailable` when no keys are known and the provider does not answer.
        """
        if self._is_older(self._fetched_at, KEPT_FOR, now):
            self._refresh(now, RETRIED_EVERY)
        found = self._named(key_id)
        if not found and self._is_older(self._fetched_at, FETCHED_EVERY, now):
            self._refresh(now, FETCHED_EVERY)
            found = self._named(key_id)
        return found

    def _refresh(self, now: datetime, every: timedelta) -> None:
        """Fetch unless that was tried a moment ago; known keys go on counting for a day when it fails."""
        with self._lock:
            if self._is_older(self._tried_at, every, now):
                self._tried_at = now
                try:
                    self._keys = _read_keys(self._fetch(now))
                    self._fetched_at = now
                except Unavailable:
                    if self._is_older(self._fetched_at, USABLE_FOR, now):
                        raise
            elif self._is_older(self._fetched_at, USABLE_FOR, now):
                raise Unavailable("The identity provider does not answer: try again in a moment.")

    def _named(self, key_id: str | None) -> tuple[Key, ...]:
        return tuple(key for name, key in self._keys if key_id is None or name == key_id)

    @staticmethod
    def _is_older(moment: datetime | None, age: timedelta, now: datetime) -> bool:
        return moment is None or now - moment >= age


def _read_keys(key_set: dict[str, Any]) -> tuple[tuple[str | None, Key], ...]:
    """Return the keys that sign; others, and those that cannot be read, are left out."""
    found = []
    listed = key_set.get("keys")
    for one in (listed if isinstance(listed, list) else [])[:MOST_KEYS]:
        if not isinstance(one, dict) or one.get("kty") not in SIGNING_TYPES or one.get("use", "sig") != "sig":
            continue
        try:
            found.append((one.get("kid"), JWKRegistry.import_key(one)))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return tuple(found)
