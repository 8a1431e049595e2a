"""CSV that spreadsheet programs open without running anything: formula injection is neutralised."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel reads UTF-8 as the local code page, and Chinese becomes noise."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return CSV (RFC 4180, with a byte order mark). A text that a spreadsheet would run gets a `'` in front."""
    file = io.StringIO()
    file.write(BYTE_ORDER_MARK)
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([_neutralise(name) for name in header])
    writer.writerows([_neutralise(value) for value in row] for row in rows)
    return file.getvalue()


def _neutralise(value: object) -> object:
    """Leave numbers as they are; a text that begins like a formula becomes one that does not (OWASP)."""
    if value is None:
        return ""
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value
