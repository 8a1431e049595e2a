"""Whether a result is the wanted one, as the TCK's own runners compare them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from server.feel.comparison import equals

_TOLERANCE: Final = Decimal("1e-8")


def agrees(got: Any, wanted: Any) -> bool:
    if isinstance(wanted, Decimal) and isinstance(got, Decimal):
        return _numbers_agree(got, wanted)
    if isinstance(wanted, list) and isinstance(got, list):
        return len(got) == len(wanted) and all(agrees(one, other) for one, other in zip(got, wanted, strict=True))
    if isinstance(wanted, dict) and isinstance(got, dict):
        return all(agrees(got.get(name), value) for name, value in wanted.items())
    return equals(got, wanted) is True


def _numbers_agree(got: Decimal, wanted: Decimal) -> bool:
    """The TCK's runners look at eight digits: not all engines compute with 34."""
    return abs(got - wanted) < _TOLERANCE
