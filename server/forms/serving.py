"""A schema for programs that do not know the functions of the server: options that need them are put in as values.

What else is computed stays as it is: every form-js computes it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from server.forms.choices import read_options
from server.forms.components import walk_components
from server.forms.expressions import parse_expression

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from server.feel import Environment
    from server.forms.form import Form


def calls_any(form: Form, functions: Collection[str]) -> bool:
    """Return whether the options of some field need one of these functions."""
    expressions = (one.options.expression for one in walk_components(form.components) if one.options is not None)
    return any(one is not None and not one.names.isdisjoint(functions) for one in expressions)


def put_options_in(schema: str, form: Form, variables: Mapping[str, object], environment: Environment) -> str:
    """Return the schema with `values` in place of a `valuesExpression` that calls functions of the environment.

    A field that can still be changed counts as null: options that depend on it are those for any answer, and the judge
    refuses what does not fit together.
    """
    changing = {field.path[0] for field in form.fields if not field.is_fixed}
    known = {name: value for name, value in variables.items() if name not in changing}
    content = json.loads(schema)
    _put_in(content, known, environment)
    return json.dumps(content, ensure_ascii=False, indent=2)


def _put_in(spec: dict[str, object], known: Mapping[str, object], environment: Environment) -> None:
    text = spec.get("valuesExpression")
    if isinstance(text, str) and text and spec.get("values") is None and not spec.get("valuesKey"):
        expression = parse_expression(text)
        if not expression.names.isdisjoint(environment.functions):
            options = read_options(expression.evaluate(known, environment))
            del spec["valuesExpression"]
            spec["values"] = [{"label": one.label, "value": one.value} for one in options.entries]
    components = spec.get("components")
    for component in components if isinstance(components, list) else []:
        if isinstance(component, dict):
            _put_in(component, known, environment)
