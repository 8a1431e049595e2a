"""Values as texts: what ``string(…)`` gives."""

from __future__ import annotations

from decimal import Decimal

from .budget import CHARACTERS_PER_STEP, Allowance, Spend
from .numbers import format_number
from .values import FeelValue, Function, Range


def format_value(value: FeelValue, spend: Spend | None = None) -> str:
    """Return a value as FEEL writes it; a string at the top stays as it is, within lists it has quotes.

    :param spend: takes the steps for the items of lists and contexts
    """
    return value if isinstance(value, str) else _format(value, spend or Allowance())


def _format(value: FeelValue, spend: Spend) -> str:
    if isinstance(value, str):
        spend(len(value) // CHARACTERS_PER_STEP)
        return quote(value)
    if isinstance(value, list):
        spend(2 * len(value) + 1)
        return f"[{', '.join(_format(item, spend) for item in value)}]"
    if isinstance(value, dict):
        spend(2 * len(value) + 1)
        return f"{{{', '.join(f'{_key(name)}: {_format(item, spend)}' for name, item in value.items())}}}"
    if isinstance(value, Range):
        return _format_range(value, spend)
    return _format_scalar(value)


def _format_scalar(value: FeelValue) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format_number(value)
    if isinstance(value, Function):
        return value.name or f"function({', '.join(value.parameters)})"
    return str(value)


def _format_range(value: Range, spend: Spend) -> str:
    if value.low is None:
        return f"{'<=' if value.high_closed else '<'} {_format(value.high, spend)}"
    if value.high is None:
        return f"{'>=' if value.low_closed else '>'} {_format(value.low, spend)}"
    opening, closing = "[" if value.low_closed else "(", "]" if value.high_closed else ")"
    return f"{opening}{_format(value.low, spend)}..{_format(value.high, spend)}{closing}"


def _key(name: str) -> str:
    return quote(name) if any(character in '"{}:,\\' for character in name) else name


def quote(text: str) -> str:
    """Return a text as a string literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'
