"""Bytes of an instance's state: JSON, compressed, marked with the version of its format.

The first byte is the format version, the second says how numbers were written: `o` fits orjson's 64 bits,
`j` holds integers beyond them.
"""

from __future__ import annotations

import json

import orjson
import zstandard

from server.errors import MusterError

FORMAT = 1
_LEVEL = 3
_LARGEST = 64 * 1024 * 1024


class StateUnreadable(MusterError):
    """The stored state of an instance cannot be read."""


def encode(document: dict[str, object]) -> bytes:
    """Return the bytes of a state document."""
    try:
        text, mark = orjson.dumps(document), b"o"
    except TypeError:
        text, mark = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(), b"j"
    return bytes([FORMAT]) + mark + zstandard.ZstdCompressor(level=_LEVEL).compress(text)


def decode(blob: bytes) -> dict[str, object]:
    """Return the state document of `blob`; raises `StateUnreadable` for a format this server does not know."""
    if len(blob) < 2 or blob[0] != FORMAT:
        found = blob[0] if blob else "nothing"
        raise StateUnreadable(f"expected state of format {FORMAT}, found {found}; was it written by a newer server?")
    text = zstandard.ZstdDecompressor().decompress(blob[2:], max_output_size=_LARGEST)
    document: dict[str, object] = orjson.loads(text) if blob[1:2] == b"o" else json.loads(text)
    return document
