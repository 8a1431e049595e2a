"""Cursors: the opaque mark of a row within one order, base64url of its sort values."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import TYPE_CHECKING

import orjson

from server.errors import InvalidArgument
from server.store.columns import EPOCH, LARGEST_KEY, MILLISECOND, to_milliseconds
from server.store.filters import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

_TEXTS = {Kind.TEXT, Kind.WORD}


def encode(signature: str, values: Sequence[object]) -> str:
    """Return the cursor of a row with these sort values in the order that `signature` names."""
    plain = [to_milliseconds(value) if isinstance(value, datetime) else value for value in values]
    return urlsafe_b64encode(orjson.dumps([signature, *plain])).decode().rstrip("=")


def decode(cursor: str, signature: str, kinds: Sequence[Kind]) -> list[object]:
    """Return the sort values of a cursor.

    Raises InvalidArgument when it is malformed or was made for another search or order.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = orjson.loads(urlsafe_b64decode(padded.encode("ascii")))
    except ValueError as malformed:
        raise InvalidArgument("Expected a cursor of an earlier page, found something else.") from malformed
    if not isinstance(found, list) or len(found) != len(kinds) + 1 or found[0] != signature:
        raise InvalidArgument("Expected a cursor of the same search in the same order, found another one.")
    return [_value(value, kind) for value, kind in zip(found[1:], kinds, strict=True)]


def _value(value: object, kind: Kind) -> object:
    if value is None:
        return None
    if kind is Kind.FLAG or kind in _TEXTS:
        fits = isinstance(value, bool if kind is Kind.FLAG else str)
    else:
        fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_KEY
    if not fits:
        raise InvalidArgument("Expected a cursor of an earlier page, found one with other values.")
    return _to_instant(value) if kind is Kind.INSTANT and isinstance(value, int) else value


def _to_instant(milliseconds: int) -> datetime:
    try:
        return EPOCH + MILLISECOND * milliseconds
    except OverflowError as out_of_time:
        raise InvalidArgument("Expected a cursor of an earlier page, found one out of time.") from out_of_time
