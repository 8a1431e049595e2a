"""Films lose what a phone noted in them: the boxes of an MP4 file that hold notes (place, device, owner) are blanked.

Nothing is moved, because the film's own tables point to places in the file (ISO/IEC 14496-12, 4.2 and 8.10).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.service.refusals import refuse_file

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOTES = frozenset({b"udta", b"meta", b"uuid"})
_CONTAINERS = frozenset({b"moov", b"trak", b"moof", b"traf"})
_HEAD = 8
_LONG_HEAD = 16
_DEEPEST = 6
_MOST_BOXES = 50_000


def blank_notes(content: bytes, locale: str) -> bytes:
    """Return the film with its notes overwritten; raises `SubmissionInvalid` when its boxes do not fit together."""
    film = bytearray(content)
    for count, (start, head, end) in enumerate(_walk(film, 0, len(film), locale)):
        if count > _MOST_BOXES:
            raise refuse_file("damaged", locale, found="video/mp4")
        film[start + 4 : start + 8] = b"free"
        film[start + head : end] = bytes(end - start - head)
    return bytes(film)


def _walk(film: bytearray, start: int, end: int, locale: str, depth: int = 0) -> Iterator[tuple[int, int, int]]:
    """Yield place, length of the head and end of every box that holds notes."""
    while start < end:
        head, size = _HEAD, int.from_bytes(film[start : start + 4], "big")
        kind = bytes(film[start + 4 : start + 8])
        if size == 1:
            head, size = _LONG_HEAD, int.from_bytes(film[start + 8 : start + 16], "big")
        elif size == 0:
            size = end - start
        if size < head or start + size > end:
            raise refuse_file("damaged", locale, found="video/mp4")
        if kind in _NOTES:
            yield start, head, start + size
        elif kind in _CONTAINERS and depth < _DEEPEST:
            yield from _walk(film, start + head, start + size, locale, depth + 1)
        start += size
