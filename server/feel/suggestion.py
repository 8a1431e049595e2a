"""“Did you mean …?” for names."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_NAMES: Final = 500
_LONGEST_NAME: Final = 60


def suggest_name(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that looks most like this one, if any does."""
    if len(name) > _LONGEST_NAME:
        return None
    names = [other for other in islice(known, _MOST_NAMES) if len(other) <= _LONGEST_NAME]
    folded = {other.casefold(): other for other in reversed(names)}
    cutoff = 0.5 if len(name) == 2 else 0.6  # one of two Chinese characters is half the name
    close = get_close_matches(name.casefold(), folded, n=1, cutoff=cutoff)
    return folded[close[0]] if close else None
