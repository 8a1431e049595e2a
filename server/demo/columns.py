"""Text in columns: Chinese characters take two places of a terminal."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LINE = 116
"""Places of a line."""
STOPS = "，。；：、）｜ "
_PIECES = re.compile(r"[!-~]+|.")


def measure(text: str) -> int:
    """Return how many places a text takes."""
    return sum(_places(character) for character in text)


def _places(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, places: int) -> str:
    """Fill a text up with blanks."""
    return text + " " * (places - measure(text))


def cut(text: str, places: int) -> str:
    """Shorten a text to so many places."""
    if measure(text) <= places:
        return text
    kept = ""
    for character in text:
        if measure(kept + character) > places - 1:
            break
        kept += character
    return f"{kept}…"


def wrap(text: str, places: int) -> list[str]:
    """Break a text into lines: between any two Chinese characters, but neither inside numbers nor before a stop."""
    lines = [""]
    for piece in _PIECES.findall(text):
        if measure(lines[-1] + piece) > places and lines[-1] and piece not in STOPS:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


def draw_table(headings: Sequence[str], rows: Sequence[Sequence[str]], widest: Sequence[int]) -> list[str]:
    """Return the lines of a table; `widest` is the limit of each column. Columns without any text are left out."""
    used = [column for column in range(len(headings)) if any(row[column] for row in rows)]
    cells = [[cut(row[column], widest[column]) for column in used] for row in [headings, *rows]]
    widths = [max(measure(row[column]) for row in cells) for column in range(len(used))]
    lines = ["  ".join(pad(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return [lines[0], "─" * sum(widths, 2 * (len(widths) - 1)), *lines[1:]]
