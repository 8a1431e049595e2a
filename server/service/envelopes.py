"""Envelope encryption: every value has a key of its own, and the master key seals only these keys.

AES-256-GCM throughout (NIST SP 800-38D), a fresh nonce each. What a value belongs to is authenticated with it, so that
nobody can put one sealed value in another's place. Changing the master key re-seals the small keys, never the values.
"""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.errors import Unavailable
from server.model import Sealed

if TYPE_CHECKING:
    from collections.abc import Sequence

KEY_BITS = 256
KEY_BYTES = 32
ID_BYTES = 8
NONCE = 12


class Keyring:
    """Master keys: the first one seals, all of them open."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = {_derive(key, b"id", ID_BYTES).hex(): _derive(key, b"wrap", KEY_BYTES) for key in keys}
        self.current = next(iter(self._keys))

    def seal(self, content: bytes, about: bytes) -> Sealed:
        """Encrypt bytes; `about` says what they belong to and has to be said again to open them."""
        key = AESGCM.generate_key(KEY_BITS)
        return Sealed(self.current, self._wrap(key, about), _encrypt(key, content, about))

    def open(self, sealed: Sealed, about: bytes) -> bytes:
        """Decrypt; raises `Unavailable` when the master key is not among these, or the bytes were changed."""
        try:
            return _decrypt(self._unwrap(sealed, about), sealed.content, about)
        except InvalidTag as error:
            raise Unavailable("The vault entry cannot be opened: what is stored is not what was sealed.") from error

    def rewrap(self, sealed: Sealed, about: bytes) -> Sealed:
        """Put the value's key under the current master key; raises `Unavailable` as `open` does."""
        try:
            key = self._unwrap(sealed, about)
        except InvalidTag as error:
            raise Unavailable("The vault entry cannot be opened: what is stored is not what was sealed.") from error
        return Sealed(self.current, self._wrap(key, about), sealed.content)

    def _wrap(self, key: bytes, about: bytes) -> bytes:
        return _encrypt(self._keys[self.current], key, about)

    def _unwrap(self, sealed: Sealed, about: bytes) -> bytes:
        master = self._keys.get(sealed.key_id)
        if master is None:
            raise Unavailable(
                f"The vault entry is sealed under the key {sealed.key_id}, which this server does not have: "
                "add it to MUSTER_VAULT_KEY, or restart after a rotation."
            )
        return _decrypt(master, sealed.wrapped_key, about)


@lru_cache(maxsize=64)
def _derive(key: bytes, purpose: bytes, length: int) -> bytes:
    """Return key material for one purpose out of a key as people keep it (HKDF, RFC 5869)."""
    return HKDF(SHA256(), length, salt=None, info=b"muster vault " + purpose).derive(key)


def _encrypt(key: bytes, content: bytes, about: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, about)


def _decrypt(key: bytes, content: bytes, about: bytes) -> bytes:
    return AESGCM(key).decrypt(content[:NONCE], content[NONCE:], about)
