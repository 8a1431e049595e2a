"""Passwords, secrets and signed tokens: making them, and checking them at the same cost whoever asks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from server.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")

CONCURRENT_HASHES = 2
"""One hash takes 64 MiB and about 130 ms of one core: more at once would only take memory from everybody else."""
HASH_PATIENCE_SECONDS = 20
VERIFIED_FOR = timedelta(seconds=60)
MOST_VERIFIED = 10_000
PERSONAL_TOKEN_PREFIX = "mst_"  # noqa: S105 - how a token begins, for secret scanners; no secret
CLIENT_TOKEN_PREFIX = "mso_"  # noqa: S105 - as above

_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)
_HASH_OF_NOBODY = "$argon2id$v=19$m=65536,t=3,p=1$bm9ib2R5J3Mgc2FsdCE$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
"""Verified in place of a hash that does not exist; no password is known to fit it."""
_turns = threading.BoundedSemaphore(CONCURRENT_HASHES)


class VerifiedPairs:
    """Name and password pairs that were verified in the last minute, so that Basic does not cost a hash a request.

    Kept under a keyed hash with a key of this process, and tied to the stored password hash: a new password ends it.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._pairs: dict[bytes, tuple[str, datetime]] = {}

    def holds(self, name: str, password: str, stored: str, now: datetime) -> bool:
        """Tell whether the pair was verified against this very stored hash less than a minute ago."""
        found = self._pairs.get(self._digest(name, password))
        return found is not None and found[0] == stored and timedelta() <= now - found[1] < VERIFIED_FOR

    def add(self, name: str, password: str, stored: str, now: datetime) -> None:
        """Remember a verified pair."""
        if len(self._pairs) >= MOST_VERIFIED:
            self._pairs.clear()
        self._pairs[self._digest(name, password)] = (stored, now)

    def _digest(self, name: str, password: str) -> bytes:
        return hmac.digest(self._key, f"{name}\x00{password}".encode("utf-8", "surrogatepass"), "sha256")


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password. Raises `Unavailable` when too many hashes wait."""
    return _in_turn(lambda: _HASHER.hash(password))


def verify_password(stored: str | None, password: str) -> bool:
    """Tell whether the password fits the stored hash; None costs the same and fits nothing."""

    def verify() -> bool:
        try:
            return _HASHER.verify(stored or _HASH_OF_NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False

    return _in_turn(verify) and stored is not None


def make_secret(prefix: str = "") -> str:
    """Return a secret of 256 random bits."""
    return prefix + secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """Return the SHA-256 of a secret that we made, hexadecimal: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def matches_secret(stored: str, secret: str) -> bool:
    """Tell whether the secret is the one whose SHA-256 is stored, in constant time."""
    return hmac.compare_digest(stored, hash_secret(secret))


def sign_client_token(key: bytes, client_id: str, secret_hash: str, expires_at: datetime) -> str:
    """Return a token for a client: who, until when and for which secret, signed with the server's key.

    It has the three parts of a JSON Web Token, because Camunda's clients read there when to ask for the next one.
    """
    claims = {"sub": client_id, "exp": int(expires_at.timestamp()), "ver": secret_hash[:16]}
    signed = f"{CLIENT_TOKEN_PREFIX}{_TOKEN_HEADER}.{_encode(json.dumps(claims).encode())}"
    return f"{signed}.{_encode(_signature(key, signed))}"


def read_client_token(key: bytes, token: str, now: datetime) -> tuple[str, str] | None:
    """Return the client's id and the beginning of its secret's hash, or None for a token not ours or expired."""
    signed, _, signature = token.rpartition(".")
    expected = _encode(_signature(key, signed)).encode()
    if not hmac.compare_digest(expected, signature.encode("utf-8", "replace")):
        return None
    claims = json.loads(base64.urlsafe_b64decode(signed.partition(".")[2] + "=="))  # ours: the signature says so
    if datetime.fromtimestamp(claims["exp"], UTC) <= now:
        return None
    return claims["sub"], claims["ver"]


def _in_turn(work: Callable[[], Result]) -> Result:
    if not _turns.acquire(timeout=HASH_PATIENCE_SECONDS):
        raise Unavailable("Too many people are signing in at once: try again in a moment.")
    try:
        return work()
    finally:
        _turns.release()


def _signature(key: bytes, signed: str) -> bytes:
    return hmac.digest(key, b"muster client token\x00" + signed.encode("utf-8", "replace"), "sha256")


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


_TOKEN_HEADER = _encode(b'{"typ":"JWT","alg":"HS256"}')
