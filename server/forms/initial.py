"""The values a form starts with: the process's variables, then defaults, then each type's empty value.

A variable that does not fit its field reads as empty, as in form-js: it was not sent by anyone who could correct it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.forms.choices import Options, keep_offered, read_options
from server.forms.field_types import get_empty_value
from server.forms.json_values import MISSING, read_path, write_path
from server.forms.limits import MAX_ROWS
from server.forms.values import ValueRefused, convert_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.feel import Environment
    from server.forms.components import Component


def build_initial(
    fields: tuple[Component, ...],
    known: Mapping[str, object],
    variables: Mapping[str, object],
    environment: Environment,
) -> dict[str, object]:
    """Return the values of one scope, all of its fields filled in.

    `known` holds what the server knows of this scope (the variables, or one row of a list); everything else in it is
    kept, because expressions may read it. Nothing of it is changed. `variables` feed options of `valuesKey`.
    """
    initial = dict(known)
    for field in fields:
        value = read_path(known, field.path)
        if field.type.repeats:
            value = _build_rows(field, value, variables, environment)
        elif value is MISSING:
            value = _get_default(field, variables, environment)
        elif field.type.name == "datetime" and field.may_be_locked:
            # A picker writes its value anew only where it can be changed.
            value = None if fit_value(field, value, variables, environment) is None else value
        else:
            value = fit_value(field, value, variables, environment)
        write_path(initial, field.path, value)
    return initial


def _get_default(field: Component, variables: Mapping[str, object], environment: Environment) -> object:
    if "defaultValue" not in field.spec:
        return get_empty_value(field.type)
    default = field.spec["defaultValue"]
    # What may be locked or chooses from options is fitted only once it is shown, as in form-js.
    return default if field.may_be_locked or field.type.choice else fit_value(field, default, variables, environment)


def _build_rows(
    field: Component, value: object, variables: Mapping[str, object], environment: Environment
) -> list[object]:
    if not isinstance(value, list):
        repetitions = field.spec.get("defaultRepetitions", 1)
        value = [None] * (min(repetitions, MAX_ROWS) if isinstance(repetitions, int) else 1)
    return [build_initial(field.fields, row if isinstance(row, dict) else {}, variables, environment) for row in value]


def fit_value(field: Component, value: object, variables: Mapping[str, object], environment: Environment) -> object:
    """Return what the field shows for a variable: the value itself, or the empty value when it does not fit."""
    name = field.type.name
    if name in {"expression", "filepicker"}:
        return value
    if name == "checkbox":
        return value is True
    try:
        fitted = convert_value(field, value, environment, "en")
    except ValueRefused:
        return get_empty_value(field.type)
    options = find_known_options(field, variables)
    return fitted if options is None else keep_offered(fitted, field.type.choice, options)


def find_known_options(field: Component, variables: Mapping[str, object]) -> Options | None:
    """Return the options that do not have to be computed; None for computed ones and for fields without options."""
    source = field.options
    if source is None or source.expression is not None:
        return None
    return source.fixed if source.variable is None else read_options(variables.get(source.variable))
