"""A form as JSON Schema (2020-12), for integrators.

What JSON Schema cannot say – conditions, limits and options that are computed, values that only the server gives – is
said in `$comment`, field by field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from server.forms.components import flatten_components
from server.forms.expressions import Expression
from server.forms.json_values import to_decimal
from server.forms.limits import MAX_CHOICES, MAX_ROWS, MAX_TEXT
from server.forms.moments import parse_format

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from server.forms.components import Component
    from server.forms.form import Form
    from server.forms.rules import Rules

JsonObject = dict[str, object]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_COMMENT: Final = (
    "Says what can be submitted, not all of what is checked: see the $comment of the fields. A field that is left out "
    "keeps the value that the process has; a required one may be left out only then. Null means empty."
)
_MOMENTS: Final = {
    "date": r"^\d{4}-\d{2}-\d{2}$",
    "time": r"^\d{1,2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:?\d{2})?$",
    "datetime": r"^\d{4}-\d{2}-\d{2}T\d{1,2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:?\d{2})?$",
}


def json_schema(form: Form) -> JsonObject:
    """Return the JSON Schema of what can be submitted for a form."""
    schema: JsonObject = {"$schema": DIALECT, "$comment": _COMMENT}
    if form.id:
        schema["title"] = form.id
    return schema | _describe_scope(flatten_components(form.components))


def _describe_scope(fields: tuple[Component, ...]) -> JsonObject:
    return _describe_object([(field.path, field) for field in fields])


def _describe_object(entries: list[tuple[tuple[str, ...], Component]]) -> JsonObject:
    properties: JsonObject = {}
    required: list[str] = []
    inner: dict[str, list[tuple[tuple[str, ...], Component]]] = {}
    for path, field in entries:
        name = path[0]
        if len(path) > 1:
            inner.setdefault(name, []).append((path[1:], field))
            continue
        properties[name] = _describe_field(field)
        if _is_required(field) and "defaultValue" not in field.spec:
            required.append(name)
    properties |= {name: _describe_object(members) for name, members in inner.items()}
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _is_required(field: Component) -> bool:
    return field.is_plain and field.rules is not None and field.rules.required


def _describe_field(field: Component) -> JsonObject:
    described: JsonObject = {}
    if field.label:
        described["title"] = field.label
    if isinstance(field.spec.get("description"), str):
        described["description"] = field.spec["description"]
    described |= _describe_value(field)
    if field.is_fixed:
        described["readOnly"] = True
    if "defaultValue" in field.spec:
        described["default"] = field.spec["defaultValue"]
    comments = list(_comment(field))
    if comments:
        described["$comment"] = " ".join(comments)
    return described


def _describe_value(field: Component) -> JsonObject:
    if field.type.repeats:
        return {"type": "array", "maxItems": MAX_ROWS, "items": _describe_scope(field.fields)}
    describe = _DESCRIBERS.get(field.type.name)
    return describe(field) if describe else {}


def _describe_checkbox(field: Component) -> JsonObject:
    required = _is_required(field)
    return {"const": True} if required else {"type": ["boolean", "null"]}


def _describe_moment(field: Component) -> JsonObject:
    subtype = parse_format(field.spec).subtype
    described: JsonObject = {"type": ["string", "null"], "pattern": _MOMENTS.get(subtype, "")}
    return described | ({"format": "date"} if subtype == "date" else {})


def _describe_text(field: Component) -> JsonObject:
    described: JsonObject = {"type": ["string", "null"], "maxLength": MAX_TEXT}
    rules = field.rules
    if rules is None:
        return described
    if _is_required(field):
        described |= {"type": "string", "minLength": 1}
    for name, bound in (("minLength", rules.min_length), ("maxLength", rules.max_length)):
        limit = to_decimal(bound)
        if limit is not None and (_is_required(field) or name == "maxLength"):
            described[name] = int(limit)
    if rules.pattern is not None and _is_required(field):
        described["pattern"] = rules.pattern_text
    if rules.kind == "email" and _is_required(field):
        described["format"] = "email"
    return described


def _describe_number(field: Component) -> JsonObject:
    if field.spec.get("serializeToString"):
        return {"type": ["string", "number", "null"]}
    rules = field.rules
    whole = rules is not None and rules.decimal_digits == 0
    required = _is_required(field)
    name = "integer" if whole else "number"
    described: JsonObject = {"type": name if required else [name, "null"]}
    for keyword, bound in (("minimum", rules.minimum), ("maximum", rules.maximum)) if rules else ():
        limit = to_decimal(bound)
        if limit is not None:
            described[keyword] = int(limit) if limit == int(limit) else float(limit)
    return described


def _describe_choice(field: Component) -> JsonObject:
    source, many = field.options, field.type.choice == "many"
    required = _is_required(field)
    allowed: JsonObject = {}
    if source is not None and source.fixed is not None:
        values = [entry.value for entry in source.fixed.entries]
        allowed = {"enum": values if many or required else [*values, None]}
    if not many:
        return allowed
    described: JsonObject = {"type": "array", "items": allowed, "maxItems": MAX_CHOICES}
    return described | ({"minItems": 1} if required else {})


_DESCRIBERS: Final[dict[str, Callable[[Component], JsonObject]]] = {
    "textfield": _describe_text,
    "textarea": _describe_text,
    "number": _describe_number,
    "checkbox": _describe_checkbox,
    "datetime": _describe_moment,
    "radio": _describe_choice,
    "select": _describe_choice,
    "checklist": _describe_choice,
    "taglist": _describe_choice,
}


def _comment(field: Component) -> Iterator[str]:
    if field.hide:
        yield f"Hidden, and then not taken, when {' or '.join(test.text[1:] for test in field.hide)}."
    if field.readonly:
        yield f"Read-only when {' or '.join(test.text[1:] for test in field.readonly)}."
    if field.expression is not None:
        yield f"Computed by the server: {field.expression.text[1:]}."
    elif field.disabled:
        yield "Disabled: never taken from what is submitted."
    elif field.is_fixed:
        yield "Read-only: the value comes from the server."
    source = field.options
    if source is not None and source.variable is not None:
        yield f"The options are those of the variable {source.variable}."
    if source is not None and source.expression is not None:
        yield f"The options are computed: {source.expression.text[1:]}."
    if field.rules is not None:
        yield from _comment_rules(field.rules, required=_is_required(field))
    if field.type.name == "filepicker":
        yield "A file reference, or a list of them."


def _comment_rules(rules: Rules, *, required: bool) -> Iterator[str]:
    bounds = {"min": rules.minimum, "max": rules.maximum, "minLength": rules.min_length, "maxLength": rules.max_length}
    for name, bound in bounds.items():
        if isinstance(bound, Expression):
            yield f"{name} is computed: {bound.text[1:]}."
    if rules.decimal_digits:
        yield f"At most {rules.decimal_digits} decimal digits."
    if rules.increment is not None:
        yield f"A multiple of {rules.increment}."
    if rules.kind in {"phone", "email"}:
        yield f"When not empty, it must be a valid {rules.kind}."
    if rules.pattern is not None and not required:
        yield f"When not empty, it must match {rules.pattern_text}."
    if rules.min_length is not None or rules.max_length is not None:
        yield "Lengths are counted in UTF-16 units, without surrounding spaces."
