"""Conversions between texts, numbers and JSON (DMN 1.5 §10.3.4.1)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from server.feel.errors import BudgetExceeded, FeelError, Refused
from server.feel.json_values import from_json as values_from_json
from server.feel.json_values import to_json as values_to_json
from server.feel.numbers import parse_number
from server.feel.printing import format_value
from server.feel.values import FeelValue, Range

from .registry import builtin, builtin_of_run

if TYPE_CHECKING:
    from decimal import Decimal

    from server.feel.run import Run

_SEPARATORS: Final = (" ", ",", ".", None)


@builtin_of_run("string", "from: any")
def string(run: Run, value: FeelValue) -> str | None:
    """Return a value as text."""
    if value is None:
        return None
    text = value if isinstance(value, str) else format_value(value, run.take)
    run.take_characters(len(text))
    return text


@builtin("number", "from: string")
def number(text: str) -> Decimal:
    """Read a number with a decimal point."""
    return _read_number(text, None, None)


@builtin("number", "from: string", "grouping separator: string|null", "decimal separator?: string|null")
def number_with_separators(text: str, grouping: str | None, point: str | None = None) -> Decimal:
    """Read a number; the grouping separator is a blank, comma or point, the decimal separator a comma or point."""
    if grouping not in _SEPARATORS:
        raise Refused("the grouping separator should be a blank, comma or point")
    if point not in {",", ".", None} or (point is not None and point == grouping):
        raise Refused("the decimal separator should be a comma or point, and another than the grouping separator")
    return _read_number(text, grouping, point)


def _read_number(text: str, grouping: str | None, point: str | None) -> Decimal:
    plain = text.replace(grouping, "") if grouping else text
    if point == ",":
        if "." in plain:
            raise Refused(f'"{text[:40]}" is no number')
        plain = plain.replace(",", ".")
    if not plain.isascii() or "_" in plain or plain != plain.strip():
        raise Refused(f'"{text[:40]}" is no number')
    return parse_number(plain)


@builtin("from json", "value: string")
def from_json(text: str) -> Any:  # noqa: ANN401 - any value
    """Read a value from JSON."""
    try:
        return values_from_json(json.loads(text, parse_float=parse_number, parse_int=parse_number))
    except (ValueError, RecursionError, FeelError):
        raise Refused("the text is no JSON") from None


@builtin_of_run("to json", "value: any")
def to_json(run: Run, value: FeelValue) -> str:
    """Return a value as JSON."""
    if isinstance(value, Range):
        raise Refused("a range has no form in JSON")
    try:
        text = json.dumps(values_to_json(value, run.take), ensure_ascii=False, separators=(",", ":"))
    except BudgetExceeded:
        raise
    except FeelError as error:
        raise Refused(str(error)) from None
    run.take_characters(len(text))
    return text
