"""The render model: what a form shows at one moment, for HTML macros and JSON clients alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from server.forms.expressions import is_expression, parse_expression
from server.forms.field_types import UNKNOWN_TYPE
from server.forms.json_values import canonicalise_number, read_mapping, to_decimal, write_pointer
from server.forms.moments import parse_format
from server.forms.templates import render_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.feel import Environment
    from server.forms.choices import Option
    from server.forms.components import Component
    from server.forms.filling import Instance, Scope
    from server.forms.survey import Context, Survey

_TEXTS: Final = ("text", "content", "alt", "source", "url", "title", "accept")
_PLAIN: Final = (
    "action", "height", "rowCount", "decimalDigits", "serializeToString", "use24h", "timeInterval", "dateLabel",
    "timeLabel", "disallowPassedDates", "timeSerializingFormat", "searchable", "showOutline", "verticalAlignment",
    "allowAddRemove", "computeOn",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RenderedComponent:
    """One component as it is shown now; `dataclasses.asdict` gives the JSON that clients read.

    `pointer` is where a field's value lies in what is submitted, `key` the same as a dotted name; both are empty for
    components without a value. Hidden components have `visible` false and carry no value, options or children.
    `attributes` hold what belongs to one type only: `text`, `subtype`, `min`, `max`, `pattern`, `columns`, `data` ….
    `rows` are those of a dynamic list, each with its components; `children` those of a group.
    """

    id: str
    type: str
    key: str = ""
    pointer: str = ""
    label: str = ""
    description: str = ""
    value: object = None
    options: tuple[Option, ...] = ()
    required: bool = False
    readonly: bool = False
    disabled: bool = False
    visible: bool = True
    layout: Mapping[str, object] = field(default_factory=dict)
    attributes: Mapping[str, object] = field(default_factory=dict)
    children: tuple[RenderedComponent, ...] = ()
    rows: tuple[tuple[RenderedComponent, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Renderer:
    """Renders the components of one filling."""

    survey: Survey
    variables: Mapping[str, object]
    environment: Environment

    def render(self, components: tuple[Component, ...], scope: Scope) -> tuple[RenderedComponent, ...]:
        """Return the components of one scope."""
        places = {instance.component: instance for instance in scope.instances}
        return tuple(
            self._render_one(component, places, scope) for component in components if component.type is not UNKNOWN_TYPE
        )

    def _render_one(self, component: Component, places: dict[Component, Instance], scope: Scope) -> RenderedComponent:
        kind, spec = component.type.name, component.spec
        layout = read_mapping(spec.get("layout"))
        context = self.survey.get_context(scope)
        if any(test.holds(context, self.environment) for test in component.hide):
            return RenderedComponent(component.id, kind, visible=False, layout=layout)
        instance = places.get(component)
        label, description = (
            render_text(text, context, self.environment) for text in (component.label, spec.get("description"))
        )
        attributes = self._read_attributes(component, context)
        if instance is None:
            children = tuple(self._render_one(child, places, scope) for child in component.children)
            return RenderedComponent(
                component.id, kind, label=label, description=description, layout=layout, attributes=attributes,
                children=children,
            )  # fmt: skip
        return RenderedComponent(
            component.id,
            kind,
            ".".join(component.path),
            write_pointer(instance.pointer),
            label,
            description,
            # What could not be taken is shown again as it was sent, so that it can be corrected.
            instance.sent if instance.problems else instance.value,
            self._list_options(instance),
            required=component.rules is not None and component.rules.required,
            readonly=self.survey.is_readonly(instance),
            disabled=component.disabled,
            layout=layout,
            attributes=attributes,
            rows=tuple(self.render(component.children, row) for row in instance.rows),
        )

    def _list_options(self, instance: Instance) -> tuple[Option, ...]:
        return self.survey.find_options(instance, self.variables).entries

    def _read_attributes(self, component: Component, context: Context) -> dict[str, object]:
        spec = component.spec
        attributes: dict[str, object] = {name: spec[name] for name in _PLAIN if name in spec}
        attributes |= {name: render_text(spec[name], context, self.environment) for name in _TEXTS if name in spec}
        if "shortcut" in (properties := read_mapping(spec.get("properties"))):
            attributes["shortcut"] = properties["shortcut"]
        appearance = read_mapping(spec.get("appearance"))
        for name in ("prefixAdorner", "suffixAdorner"):
            if appearance.get(name):
                attributes[name] = render_text(appearance[name], context, self.environment)
        if component.type.name == "datetime":
            attributes["subtype"] = parse_format(spec).subtype
        elif component.type.name == "table":
            attributes |= self._read_table(spec, context)
        elif component.type.name == "filepicker":
            attributes["multiple"] = self._evaluate(spec.get("multiple"), context) is True
        return attributes | self._read_limits(component, context)

    def _read_limits(self, component: Component, context: Context) -> dict[str, object]:
        rules = component.rules
        if rules is None:
            return {}
        limits: dict[str, object] = {}
        bounds = {
            "min": rules.minimum,
            "max": rules.maximum,
            "minLength": rules.min_length,
            "maxLength": rules.max_length,
        }
        for name, bound in bounds.items():
            value = to_decimal(self._evaluate(bound if not hasattr(bound, "text") else bound.text, context))
            if value is not None:
                limits[name] = canonicalise_number(value)
        if rules.increment is not None:
            limits["increment"] = canonicalise_number(rules.increment)
        if rules.pattern is not None:
            limits["pattern"] = rules.pattern_text
        if rules.kind:
            limits["validationType"] = rules.kind
        return limits

    def _read_table(self, spec: Mapping[str, object], context: Context) -> dict[str, object]:
        data = self._evaluate(spec.get("dataSource"), context)
        computed = self._evaluate(spec.get("columnsExpression"), context)
        columns = computed if isinstance(computed, list) and computed else spec.get("columns")
        usable = [
            {"key": str(column["key"]), "label": str(column.get("label") or column["key"])}
            for column in (columns if isinstance(columns, list) else [])
            if isinstance(column, dict) and column.get("key")
        ]
        return {
            "columns": usable,
            "data": [row for row in data if isinstance(row, dict)] if isinstance(data, list) else [],
        }

    def _evaluate(self, value: object, context: Context) -> object:
        if isinstance(value, str) and is_expression(value):
            return parse_expression(value).evaluate(context, self.environment)
        return value
