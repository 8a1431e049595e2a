"""Bytes of an instance's state: JSON, compressed, marked with the version of its format.

The first byte is the format version, the second says how numbers were written: `o` fits orjson's 64 bits,
`j` holds integers beyond them.
"""

from __future__ import annotations

import json

import orjson
import zstandard

from server.errors import MusterError, PayloadTooLarge

FORMAT = 1
_LEVEL = 3
LARGEST_DOCUMENT = 64 * 1024 * 1024
"""Bytes of a state before compression."""


class StateUnreadable(MusterError):
    """The stored state of an instance cannot be read."""


def encode(document: dict[str, object]) -> bytes:
    """Return the bytes of a state document; raises `PayloadTooLarge` for one that could not be read again."""
    try:
        text, mark = orjson.dumps(document), b"o"
    except TypeError:
        text, mark = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(), b"j"
    if len(text) > LARGEST_DOCUMENT:
        raise PayloadTooLarge(f"expected the state to need at most {LARGEST_DOCUMENT} bytes, found {len(text)}")
    return bytes([FORMAT]) + mark + zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(text)


def decode(blob: bytes) -> dict[str, object]:
    """Return the state document of `blob`; raises `StateUnreadable` for what this server cannot read."""
    if len(blob) < 2 or blob[0] != FORMAT:
        found = blob[0] if blob else "nothing"
        raise StateUnreadable(f"expected state of format {FORMAT}, found {found}; was it written by a newer server?")
    try:
        size = zstandard.frame_content_size(blob[2:])
        if not 0 <= size <= LARGEST_DOCUMENT:
            raise StateUnreadable(f"expected a state of at most {LARGEST_DOCUMENT} bytes, found {size}")
        text = zstandard.ZstdDecompressor().decompress(blob[2:])
        document: object = orjson.loads(text) if blob[1:2] == b"o" else json.loads(text)
    except (zstandard.ZstdError, ValueError) as error:
        raise StateUnreadable(f"expected compressed JSON, found: {error}") from error
    if not isinstance(document, dict):
        raise StateUnreadable(f"expected a document, found {type(document).__name__}")
    return document
