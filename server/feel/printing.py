"""Values as texts: what ``string(…)`` gives."""

from __future__ import annotations

from decimal import Decimal

from .numbers import format_number
from .values import FeelValue, Function, Range


def format_value(value: FeelValue) -> str:
    """Return a value as FEEL writes it; a string at the top stays as it is, within lists it has quotes."""
    return value if isinstance(value, str) else _format(value)


def _format(value: FeelValue) -> str:  # noqa: PLR0911 - one line a kind
    if value is None:
        return "null"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format_number(value)
    if isinstance(value, list):
        return f"[{', '.join(_format(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_key(name)}: {_format(item)}' for name, item in value.items())}}}"
    if isinstance(value, Range):
        return _format_range(value)
    if isinstance(value, Function):
        return value.name or f"function({', '.join(value.parameters)})"
    return str(value)


def _format_range(value: Range) -> str:
    if value.low is None:
        return f"{'<=' if value.high_closed else '<'} {_format(value.high)}"
    if value.high is None:
        return f"{'>=' if value.low_closed else '>'} {_format(value.low)}"
    opening, closing = "[" if value.low_closed else "(", "]" if value.high_closed else ")"
    return f"{opening}{_format(value.low)}..{_format(value.high)}{closing}"


def _key(name: str) -> str:
    return quote(name) if any(character in '"{}:,\\' for character in name) else name


def quote(text: str) -> str:
    """Return a text as a string literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'
