"""Canonical JSON text: keys sorted, no spaces, integers of any size and decimals written digit by digit."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import orjson

_LONG_NUMBER = re.compile(r"\d{19}")
_LARGEST = 2**64
_SMALLEST = -(2**63)


def dump(value: object) -> str:
    """Write a JSON value. Mappings, lists, tuples, texts, numbers, booleans and None are JSON values."""
    try:
        return orjson.dumps(value, default=_widen, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:
        # orjson refuses integers beyond 64 bits before it asks `default`, so they are replaced first.
        return orjson.dumps(_with_fragments(value), default=_widen, option=orjson.OPT_SORT_KEYS).decode()


def load(text: str) -> object:
    """Read JSON text; integers keep every digit."""
    # orjson reads integers beyond 64 bits as floats.
    return json.loads(text) if _LONG_NUMBER.search(text) else orjson.loads(text)


def canonical(text: str) -> str:
    """Return the canonical form of JSON text; a text that is no JSON is returned as it is."""
    try:
        return dump(load(text))
    except ValueError:
        return text


def _widen(value: object) -> object:
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    if isinstance(value, (set, frozenset)) or not hasattr(value, "items"):
        raise TypeError(f"expected a JSON value, found {type(value).__name__}")
    return dict(value.items())


def _with_fragments(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and not _SMALLEST <= value < _LARGEST:
        return orjson.Fragment(str(value))
    if isinstance(value, (list, tuple)):
        return [_with_fragments(item) for item in value]
    if hasattr(value, "items"):
        return {name: _with_fragments(item) for name, item in value.items()}
    return value
