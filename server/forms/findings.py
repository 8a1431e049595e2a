"""The deployment check of a form: everything that would make it surprise the people who fill it in."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from server.errors import InvalidArgument
from server.feel import BUILTINS
from server.forms.components import Component, walk_components
from server.forms.expressions import SPECIAL_NAMES, Test, is_expression, parse_expression, parse_test
from server.forms.field_types import FIELD_TYPES
from server.forms.json_values import read_mapping, to_decimal
from server.forms.moments import NO_FUTURE
from server.forms.ordering import find_cycle
from server.forms.patterns import PatternError, compile_pattern
from server.forms.places import find_claims
from server.forms.privacy import PRIVACY_KINDS
from server.forms.schema import parse_components, read_schema, split_path
from server.forms.templates import find_expressions
from server.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from server.forms.expressions import Expression

_EXPRESSIONS: Final = (
    "label", "description", "text", "content", "source", "alt", "url", "title", "valuesExpression", "dataSource",
    "columnsExpression", "expression", "multiple", "accept", "appearance.prefixAdorner", "appearance.suffixAdorner",
    "validate.min", "validate.max", "validate.minLength", "validate.maxLength",
)  # fmt: skip
_TEMPLATES: Final = frozenset((*_EXPRESSIONS[:8], "appearance.prefixAdorner", "appearance.suffixAdorner"))
_TESTS: Final = ("conditional.hide", "readonly")
_NAME: Final = re.compile(r"[^\W\d][\w-]*")
_RESERVED: Final = frozenset({"__proto__", "constructor", "prototype"}) | SPECIAL_NAMES
_HTML: Final = re.compile(r"<[a-zA-Z!/][^<>]*>")
_VALIDATION_KINDS: Final = ("", "custom", "phone", "email")


@dataclass(frozen=True, slots=True)
class _Place:
    """A component of the schema and where it stands."""

    spec: Mapping[str, object]
    element_id: str
    path: str

    def report(self, message: str, severity: str = "error") -> Finding:
        return Finding(self.element_id, message, self.path, severity)


def check_form(schema: Mapping[str, object] | str | bytes, path: str) -> tuple[Finding, ...]:
    """Return what is wrong with a form-js schema; `path` is where it comes from, e.g. `forms/report.form`.

    Errors make a deployment fail; warnings name what works, but hardly as the author means it.
    """
    try:
        read = read_schema(schema)
    except InvalidArgument as error:
        return (Finding("", error.message, path),)
    form_id = str(read.get("id") or "")
    findings: list[Finding] = []
    if not form_id:
        findings.append(Finding("", 'The form has no "id": user tasks refer to it by that.', path))
    places = list(_walk_places(read.get("components"), f"{path}/{form_id}"))
    for place in places:
        findings.extend(_check_component(place))
    findings.extend(_check_identifiers(places))
    components = parse_components(read)
    findings.extend(Finding(claim.element_id, claim.message, f"{path}/{form_id}") for claim in find_claims(components))
    findings.extend(_check_computed(components, f"{path}/{form_id}"))
    return tuple(findings)


def _walk_places(components: object, path: str) -> Iterator[_Place]:
    for index, spec in enumerate(components if isinstance(components, list) else []):
        if not isinstance(spec, dict):
            yield _Place({}, "", f"{path}/components/{index}")
            continue
        name = str(spec.get("id") or spec.get("key") or spec.get("path") or index)
        place = _Place(spec, name, f"{path}/{name}")
        yield place
        yield from _walk_places(spec.get("components"), place.path)


def _check_component(place: _Place) -> Iterator[Finding]:
    spec = place.spec
    field_type = FIELD_TYPES.get(str(spec.get("type")))
    if field_type is None:
        known = ", ".join(sorted(FIELD_TYPES))
        yield place.report(f"Unknown component type {json.dumps(spec.get('type'))}; known are {known}.")
        return
    if field_type.keyed or field_type.container:
        name, needed = "key" if field_type.keyed else "path", field_type.keyed or field_type.repeats
        yield from _check_name(place, name, needed=needed)
    yield from _check_expressions(place)
    yield from _check_rules(place)
    if field_type.choice:
        yield from _check_options(place)
    if field_type.name == "text" and _HTML.search(str(spec.get("text") or "")):
        yield place.report(
            "HTML in a text component is shown as text: write Markdown, or use an html component.", "warning"
        )
    if field_type.name == "expression" and not is_expression(spec.get("expression")):
        yield place.report('An expression component needs an "expression" that begins with "=".')
    if spec.get("components") and not field_type.container:
        yield place.report(f"A {field_type.name} cannot hold components.")
    properties = read_mapping(spec.get("properties"))
    future = properties.get(NO_FUTURE)
    if future is not None and (future != "true" or field_type.name != "datetime"):
        yield place.report(f'Expected {NO_FUTURE} "true" at a datetime field, found {json.dumps(future)}.')
    privacy = properties.get("privacy")
    if privacy is not None and (privacy not in PRIVACY_KINDS or not field_type.keyed):
        yield place.report(f"Expected a field with privacy {' or '.join(PRIVACY_KINDS)}, found {json.dumps(privacy)}.")


def _check_name(place: _Place, name: str, *, needed: bool) -> Iterator[Finding]:
    key = place.spec.get(name)
    if key in (None, ""):
        if needed:
            yield place.report(f'The component has no "{name}": nothing could be submitted for it.')
        return
    parts = split_path(key)
    if not parts:
        yield place.report(f"Expected names joined by dots as {name}, found {json.dumps(key, ensure_ascii=False)}.")
    for part in parts:
        if part in _RESERVED:
            yield place.report(f'The name "{part}" is reserved: choose another {name}.')
        elif not _NAME.fullmatch(part):
            yield place.report(
                f'"{part}" is no usable name: expected letters, digits, "_" and "-", not beginning with a digit.'
            )
    if parts and parts[0] in BUILTINS:
        yield place.report(
            f'The name "{parts[0]}" hides the FEEL function of that name: better choose another {name}.',
            "warning",
        )


def _check_expressions(place: _Place) -> Iterator[Finding]:
    for name in _EXPRESSIONS:
        text = _read_property(place.spec, name)
        if isinstance(text, str) and is_expression(text):
            yield from _report_error(place, name, parse_expression(text))
        elif isinstance(text, str) and name in _TEMPLATES:
            for expression in find_expressions(text):
                yield from _report_error(place, name, expression)
    for name in _TESTS:
        text = _read_property(place.spec, name)
        if isinstance(text, str) and is_expression(text):
            yield from _report_error(place, name, parse_test(text))
    hide = _read_property(place.spec, "conditional.hide")
    if hide not in (None, "") and not is_expression(hide):
        yield place.report('Expected a FEEL expression that begins with "=" as conditional.hide: this hides nothing.')


def _report_error(place: _Place, name: str, expression: Expression | Test) -> Iterator[Finding]:
    if expression.error:
        yield place.report(f"{name} does not compile: {expression.error}")


def _read_property(spec: Mapping[str, object], name: str) -> object:
    outer, _, inner = name.partition(".")
    value = spec.get(outer)
    return read_mapping(value).get(inner) if inner else value


def _check_rules(place: _Place) -> Iterator[Finding]:
    validate = place.spec.get("validate")
    if validate is not None and not isinstance(validate, dict):
        yield place.report('Expected an object as "validate".')
    rules = read_mapping(validate)
    pattern = rules.get("pattern")
    if pattern not in (None, ""):
        try:
            compile_pattern(str(pattern))
        except PatternError as error:
            yield place.report(
                f"validate.pattern does not compile: {error}. Look-around and back references are not available (RE2)."
            )
    limits = [(f"validate.{name}", rules.get(name)) for name in ("min", "max", "minLength", "maxLength")]
    limits += [(name, place.spec.get(name)) for name in ("decimalDigits", "increment")]
    for name, limit in limits:
        if limit is not None and not is_expression(limit) and to_decimal(limit) is None:
            yield place.report(f"Expected a number as {name}, found {json.dumps(limit, ensure_ascii=False)}.")
    if rules.get("validationType", "") not in _VALIDATION_KINDS:
        yield place.report("Expected phone, email or custom as validate.validationType.", "warning")


def _check_options(place: _Place) -> Iterator[Finding]:
    values, variable, expression = (place.spec.get(name) for name in ("values", "valuesKey", "valuesExpression"))
    sources = [source for source in (values, variable, expression) if source not in (None, "")]
    if not sources or sources == [[]]:
        yield place.report("Expected options: values, valuesKey or valuesExpression.")
    if len(sources) > 1:
        yield place.report(
            "Several sources of options: valuesKey counts before values, values before valuesExpression.", "warning"
        )
    if expression not in (None, "") and not is_expression(expression):
        yield place.report('Expected a FEEL expression that begins with "=" as valuesExpression.')
    seen: set[str] = set()
    for entry in values if isinstance(values, list) else []:
        value = json.dumps(entry.get("value") if isinstance(entry, dict) else entry, sort_keys=True, ensure_ascii=False)
        if value in seen:
            yield place.report(f"The option {value} is there twice.")
        seen.add(value)


def _check_identifiers(places: list[_Place]) -> Iterator[Finding]:
    seen: set[str] = set()
    for place in places:
        identifier = place.spec.get("id")
        if identifier in (None, ""):
            continue
        if str(identifier) in seen:
            yield place.report(f'The id "{identifier}" is there twice.')
        seen.add(str(identifier))


def _check_computed(components: tuple[Component, ...], path: str) -> Iterator[Finding]:
    cycle = find_cycle(components)
    if cycle:
        keys = " → ".join(".".join(component.path) for component in cycle)
        yield Finding(cycle[0].id, f"Computed fields read each other in a circle: {keys}.", f"{path}/{cycle[0].id}")
    for component in walk_components(components):
        expression = component.expression
        if expression and expression.compiled and component.path[0] in expression.compiled.names:
            yield Finding(component.id, "The computed field reads itself.", f"{path}/{component.id}", "warning")
