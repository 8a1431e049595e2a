"""Context functions (DMN 1.5 §10.3.4.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.feel.errors import Refused

from .registry import builtin

if TYPE_CHECKING:
    from server.feel.values import FeelValue


@builtin("get value", "m: context", "key: string")
def get_value(context: dict[str, Any], key: str) -> Any:  # noqa: ANN401
    """Return the value of an entry; null when there is none."""
    return context.get(key)


@builtin("get value", "context: context", "keys: list")
def get_value_at(context: dict[str, Any], keys: list[Any]) -> Any:  # noqa: ANN401
    """Return the value at the end of a path of keys; null when there is none."""
    value: Any = context
    for key in keys:
        value = value.get(key) if isinstance(value, dict) and isinstance(key, str) else None
    return value if keys else None


@builtin("get entries", "m: context")
def get_entries(context: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a list of contexts with the entries' ``key`` and ``value``."""
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context", "entries: list")
def make_context(entries: list[Any]) -> dict[str, Any]:
    """Make a context from a list of contexts with ``key`` and ``value``."""
    context: dict[str, Any] = {}
    for entry in entries:
        if not isinstance(entry, dict) or "value" not in entry or not isinstance(entry.get("key"), str):
            raise Refused('each entry should be a context with a text as "key" and a "value"')
        if entry["key"] in context:
            raise Refused(f'there are two entries for the key "{entry["key"]}"')
        context[entry["key"]] = entry["value"]
    return context


@builtin("context put", "context: context", "key: string", "value: any")
def context_put(context: dict[str, Any], key: str, value: FeelValue) -> dict[str, Any]:
    """Return the context with an entry added or replaced."""
    return {**context, key: value}


@builtin("context put", "context: context", "keys: list", "value: any")
def context_put_at(context: dict[str, Any], keys: list[Any], value: FeelValue) -> dict[str, Any]:
    """Return the context with an entry added or replaced at the end of a path of keys."""
    if not keys or not all(isinstance(key, str) for key in keys):
        raise Refused('"keys" should be a list of texts')
    return _put(context, keys, value)


def _put(context: Any, keys: list[str], value: FeelValue) -> dict[str, Any]:  # noqa: ANN401
    inner = context if isinstance(context, dict) else {}
    first, *rest = keys
    return {**inner, first: _put(inner.get(first), rest, value) if rest else value}


@builtin("context merge", "*contexts: list")
def context_merge(*contexts: list[Any]) -> dict[str, Any]:
    """Return a context with the entries of all contexts; later ones win."""
    merged: dict[str, Any] = {}
    for context in (context for contexts_of_one in contexts for context in contexts_of_one):
        if not isinstance(context, dict):
            raise Refused("all items should be contexts")
        merged |= context
    return merged
