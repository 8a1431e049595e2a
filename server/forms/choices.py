"""The options of radio, select, checklist and tag list: fixed, from a variable, or computed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from server.forms.expressions import Expression, parse_expression
from server.forms.json_values import ValueTooDeep, freeze_value, write_number
from server.forms.messages import format_message, shorten_text

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Option:
    """One option: what people read and what is submitted."""

    label: str
    value: object


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one field at one moment; `keys` are their values in comparable form."""

    entries: tuple[Option, ...]
    keys: frozenset[Hashable]

    def offers(self, value: object) -> bool:
        """Return whether a value, not nested too deeply, is one of the options; `true` is not option `1`."""
        return freeze_value(value) in self.keys

    def list_labels(self, limit: int = 10) -> str:
        """Return the first options for a message."""
        labels = [entry.label for entry in self.entries[:limit]]
        return ", ".join(labels) + (" …" if len(self.entries) > limit else "")


NO_OPTIONS: Final = Options((), frozenset())


@dataclass(frozen=True, slots=True, eq=False)
class OptionSource:
    """Where the options of a field come from; exactly one of the three is set."""

    fixed: Options | None = None
    variable: str | None = None
    expression: Expression | None = None


def parse_option_source(spec: Mapping[str, object]) -> OptionSource:
    """Read the source of a component's options, in the order in which form-js looks for it."""
    variable, values, expression = (spec.get(name) for name in ("valuesKey", "values", "valuesExpression"))
    if isinstance(variable, str) and variable:
        return OptionSource(variable=variable)
    if values is None and isinstance(expression, str) and expression:
        return OptionSource(expression=parse_expression(expression))
    if values is None:
        # form-js gives a field without any source this one option.
        values = [{"label": "Value", "value": "value"}]
    return OptionSource(fixed=read_options(values))


def read_options(values: object) -> Options:
    """Return the usable options among the values: texts, numbers, booleans, or objects with `label` and `value`."""
    entries = tuple(_read_entries(values if isinstance(values, list) else []))
    keys = set()
    for entry in entries:
        try:
            keys.add(freeze_value(entry.value))
        except ValueTooDeep:
            continue
    return Options(entries, frozenset(keys))


def _read_entries(values: list[object]) -> Iterator[Option]:
    for value in values:
        if isinstance(value, dict):
            label, inner = value.get("label"), value.get("value")
            if isinstance(label, str) and label and (_is_plain(inner) or (isinstance(inner, (dict, list)) and inner)):
                yield Option(label, inner)
            elif not (isinstance(label, str) and label) and _is_plain(inner):
                yield Option(_write_label(inner), inner)
        elif _is_plain(value):
            yield Option(_write_label(value), value)


def _is_plain(value: object) -> bool:
    return value != "" and isinstance(value, (str, int, float, bool))


def _write_label(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return write_number(value) if isinstance(value, (int, float)) else str(value)


def describe_refusal(value: object, choice: str, options: Options, locale: str) -> str | None:
    """Say which part of a value is no option; None when all of it is, or nothing was chosen."""
    chosen = value if choice == "many" and isinstance(value, list) else [] if value is None else [value]
    refused = [entry for entry in chosen if not options.offers(entry)]
    if not refused:
        return None
    if not options.entries:
        return format_message(locale, "no_options")
    first = refused[0] if isinstance(refused[0], str) else json.dumps(refused[0], ensure_ascii=False, default=str)
    listed = shorten_text(options.list_labels(), 400)
    return format_message(locale, "option", value=shorten_text(first), options=listed)


def keep_offered(value: object, choice: str, options: Options) -> object:
    """Return the value of a field that chooses `one` or `many`, without what is not offered."""
    if choice == "many" and isinstance(value, list):
        return [entry for entry in value if options.offers(entry)]
    return value if value is None or options.offers(value) else None
