"""Reads a form-js schema (`*.form`) into components.

Reading is lenient: what a careful author would not write is left out, as a browser leaves it out, and named by the
deployment check (`findings.py`). Only what is no form-js schema at all raises.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.errors import InvalidArgument
from server.forms.choices import parse_option_source
from server.forms.components import Component, flatten_components
from server.forms.expressions import is_expression, parse_expression, parse_test
from server.forms.field_types import FIELD_TYPES, UNKNOWN_TYPE
from server.forms.json_values import read_mapping
from server.forms.limits import MAX_COMPONENTS, MAX_NESTING, MAX_SCHEMA_BYTES
from server.forms.rules import parse_rules

if TYPE_CHECKING:
    from server.forms.expressions import Expression, Test


@dataclass(frozen=True, slots=True)
class _Around:
    """What a component inherits from the groups around it, within its scope."""

    path: tuple[str, ...] = ()
    hide: tuple[Test, ...] = ()
    readonly: tuple[Test, ...] = ()
    locked: bool = False


def read_schema(schema: Mapping[str, object] | str | bytes) -> Mapping[str, object]:
    """Return the schema as an object.

    Raises:
        InvalidArgument: it is no JSON, no form-js schema, or larger than any form.

    """
    if isinstance(schema, (str, bytes)):
        if len(schema) > MAX_SCHEMA_BYTES:
            raise InvalidArgument(f"Expected a form of at most {MAX_SCHEMA_BYTES} bytes, found {len(schema)}.")
        try:
            schema = json.loads(schema)
        except (ValueError, RecursionError) as error:
            raise InvalidArgument(f"Expected a form-js schema, found text that is not JSON: {error}.") from error
    if not isinstance(schema, Mapping) or schema.get("type", "default") != "default":
        raise InvalidArgument('Expected a form-js schema: a JSON object with "type": "default".')
    if not isinstance(schema.get("components"), list):
        raise InvalidArgument('Expected a form-js schema: a JSON object with a list "components".')
    if _count_components(schema["components"], 0) > MAX_COMPONENTS:
        raise InvalidArgument(f"Expected at most {MAX_COMPONENTS} components, found more.")
    return schema


def parse_components(schema: Mapping[str, object]) -> tuple[Component, ...]:
    """Parse the components of a schema that `read_schema` accepted."""
    return _parse_children(schema.get("components"), _Around())


def split_path(path: object) -> tuple[str, ...]:
    """Return the names of a dotted key or path; nothing when one of them is empty or it is no text."""
    if not isinstance(path, str):
        return ()
    names = tuple(path.split("."))
    return names if all(names) else ()


def _count_components(components: object, depth: int) -> int:
    if not isinstance(components, list):
        return 0
    if depth > MAX_NESTING:
        raise InvalidArgument(f"Expected groups and lists nested at most {MAX_NESTING} deep.")
    inner = (entry.get("components") for entry in components if isinstance(entry, dict))
    return len(components) + sum(_count_components(entry, depth + 1) for entry in inner)


def _parse_children(components: object, around: _Around) -> tuple[Component, ...]:
    entries = components if isinstance(components, list) else []
    return tuple(_parse_component(entry, around) for entry in entries if isinstance(entry, dict))


def _parse_component(spec: Mapping[str, object], around: _Around) -> Component:
    field_type = FIELD_TYPES.get(str(spec.get("type")), UNKNOWN_TYPE)
    own_path = split_path(spec.get("key" if field_type.keyed else "path"))
    if not own_path and (field_type.keyed or field_type.repeats):
        # Without a key nothing can be submitted; form-js makes up a random one.
        field_type = UNKNOWN_TYPE
    hide, readonly = around.hide + _parse_hide(spec), around.readonly + _parse_readonly(spec)
    locked = around.locked or (bool(spec.get("readonly")) and not is_expression(spec.get("readonly")))
    disabled = bool(spec.get("disabled"))
    inner = _Around(around.path + own_path, hide, readonly, locked or disabled)
    if field_type.repeats:
        inner = _Around(locked=locked or disabled)
    children = _parse_children(spec.get("components"), inner) if field_type.container else ()
    return Component(
        id=str(spec.get("id") or ".".join(around.path + own_path)),
        type=field_type,
        spec=spec,
        path=around.path + own_path,
        hide=hide,
        readonly=readonly,
        locked=locked,
        disabled=disabled,
        rules=parse_rules(spec) if field_type.keyed else None,
        options=parse_option_source(spec) if field_type.choice else None,
        expression=_parse_computed(spec) if field_type.name == "expression" else None,
        children=children,
        fields=flatten_components(children),
    )


def _parse_computed(spec: Mapping[str, object]) -> Expression:
    expression = spec.get("expression")
    return parse_expression(expression if isinstance(expression, str) and is_expression(expression) else "=null")


def _parse_hide(spec: Mapping[str, object]) -> tuple[Test, ...]:
    hide = read_mapping(spec.get("conditional")).get("hide")
    return (parse_test(hide),) if isinstance(hide, str) and is_expression(hide) else ()


def _parse_readonly(spec: Mapping[str, object]) -> tuple[Test, ...]:
    readonly = spec.get("readonly")
    return (parse_test(readonly),) if isinstance(readonly, str) and is_expression(readonly) else ()
