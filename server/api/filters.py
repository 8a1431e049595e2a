"""The filters of searches: a literal, or operators that all have to hold, become conditions. What is malformed is 400.

Inside, names are spelled with underscores (`processInstanceKey` → `process_instance_key`).
"""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields

from server.api.fields import Reading, to_model_name
from server.model import Condition

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

MOST_VALUES = 1_000
EQUALITY = ("$eq", "$neq", "$exists", "$in", "$notIn")
TEXT = (*EQUALITY, "$like")
ORDER = (*EQUALITY, "$gt", "$gte", "$lt", "$lte")


class Filter(Reading):
    """One filter: a literal, or an object of operators that all have to hold. Loads to a tuple of conditions."""

    def __init__(self, operand: fields.Field[Any], operators: Collection[str], name: str | None = None) -> None:
        self.operand = operand
        self.operators = operators
        self.model_name = name
        super().__init__(metadata=_document_filter(operand, operators))

    def read(self, value: object, name: str) -> tuple[Condition, ...]:
        """Return the conditions."""
        name = self.model_name or to_model_name(name)
        if not isinstance(value, dict):
            return (Condition(name, "eq", self.operand.deserialize(value)),)
        unknown = {
            operator: [f"expected one of {', '.join(self.operators)}"] for operator in value.keys() - self.operators
        }
        if unknown or not value:
            raise ValidationError(unknown or f"expected one of {', '.join(self.operators)}")
        return tuple(Condition(name, operator[1:], self._read_at(operator, given)) for operator, given in value.items())

    def _read_at(self, operator: str, given: object) -> object:
        try:
            return self._read_operand(operator, given)
        except ValidationError as error:
            raise ValidationError({operator: error.messages}) from error

    def _read_operand(self, operator: str, given: object) -> object:
        if operator == "$exists":
            return read_flag(given)
        if operator in {"$in", "$notIn"}:
            if not isinstance(given, list) or not 1 <= len(given) <= MOST_VALUES:
                raise ValidationError(f"expected an array of 1 to {MOST_VALUES} values")
            return tuple(self.operand.deserialize(item) for item in given)
        if operator == "$like":
            if not isinstance(given, str):
                raise ValidationError("expected a text in which * stands for any text and ? for one character")
            return given
        return self.operand.deserialize(given)


class NullableFilter(Filter):
    """A filter that clients also send as null, when they do not filter."""

    def __init__(self, wrapped: Filter) -> None:
        super().__init__(wrapped.operand, wrapped.operators, wrapped.model_name)
        self.wrapped = wrapped
        self.allow_none = True
        self.metadata = {"oneOf": [*wrapped.metadata["oneOf"], {"type": "null"}]}

    def deserialize(self, value: object, *arguments: Any, **options: Any) -> tuple[Condition, ...]:  # noqa: ANN401 - handed on
        """Return no condition for null."""
        found: tuple[Condition, ...] = () if value is None else self.wrapped.deserialize(value, *arguments, **options)
        return found


class Choice(Reading):
    """One of a fixed set of names, in any case."""

    def __init__(self, names: Collection[str], **arguments: Any) -> None:  # noqa: ANN401 - handed on to marshmallow
        self.names = {name.lower(): name for name in names}
        super().__init__(metadata={"type": "string", "enum": list(names)}, **arguments)

    def read(self, value: object, name: str) -> str:
        """Return the name as it is declared."""
        del name
        if not isinstance(value, str) or value.lower() not in self.names:
            raise ValidationError(f"expected one of {', '.join(self.names.values())}, found {value!r:.60}")
        return self.names[value.lower()]


class ChoiceFilter(Filter):
    """A filter over names, some of which never occur here: they are accepted, and match nothing."""

    def __init__(
        self, operand: fields.Field[Any], operators: Collection[str], foreign: Collection[str], name: str | None
    ) -> None:
        super().__init__(operand, operators, name)
        self.foreign = frozenset(foreign)

    def read(self, value: object, name: str) -> tuple[Condition, ...]:
        """Return the conditions, without the names that never occur."""
        return tuple(self._drop_foreign(condition) for condition in super().read(value, name))

    def _drop_foreign(self, condition: Condition) -> Condition:
        wanted, operator = condition.value, condition.operator
        if isinstance(wanted, tuple):
            return Condition(condition.name, operator, tuple(one for one in wanted if one not in self.foreign))
        if wanted in self.foreign and operator in {"eq", "neq"}:
            return Condition(condition.name, {"eq": "in", "neq": "notIn"}[operator], ())
        return condition


class FixedFilter(Filter):
    """A filter over something that is the same for every record here: all of them match, or none does."""

    def __init__(self, operand: fields.Field[Any], operators: Collection[str], value: object) -> None:
        super().__init__(operand, operators)
        self.value = value

    def read(self, value: object, name: str) -> tuple[Condition, ...]:
        """Return a condition that every key fulfils, or one that none does."""
        fits = all(self._fits(condition) for condition in super().read(value, name))
        return (Condition("key", "exists", value=True) if fits else Condition("key", "in", ()),)

    def _fits(self, condition: Condition) -> bool:
        return bool(_HOLDS[condition.operator](self.value, condition.value))


def _matches(text: str, pattern: str) -> bool:
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    wild = {"*": ".*", "?": "."}
    return re.fullmatch("".join(wild.get(p) or re.escape(p[-1]) for p in parts), text, re.DOTALL) is not None


_HOLDS: Mapping[str, Callable[[Any, Any], object]] = {
    "exists": lambda found, wanted: (found is not None) == wanted,
    "eq": operator.eq,
    "neq": operator.ne,
    "in": lambda found, wanted: found in wanted,
    "notIn": lambda found, wanted: found not in wanted,
    "like": lambda found, wanted: found is not None and _matches(found, wanted),
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


class Flag(Reading):
    """True or false, and nothing that only looks like it."""

    documentation = {"type": "boolean"}  # noqa: RUF012 - a constant

    def read(self, value: object, name: str) -> bool:
        """Return the truth value."""
        del name
        return read_flag(value)


class TagFilter(Reading):
    """Tags that an instance must have, all of them."""

    documentation = {"type": "array", "items": {"type": "string"}}  # noqa: RUF012 - a constant

    def read(self, value: object, name: str) -> tuple[Condition, ...]:
        """Return a condition for each tag."""
        del name
        if not isinstance(value, list) or not value or not all(isinstance(tag, str) for tag in value):
            raise ValidationError("expected an array of texts")
        return tuple(Condition("tag", "eq", tag) for tag in value)


class VariableFilter(Reading):
    r"""Variables by name and value, all of them: `[{"name": "decision", "value": "\"handle\""}]`.

    Values are JSON text, and so are the operands of the conditions, which are called `variable.<name>`.
    """

    documentation = {  # noqa: RUF012 - a constant
        "type": "array",
        "items": {"type": "object", "required": ["name", "value"]},
    }

    def __init__(self, prefix: str = "variable") -> None:
        super().__init__()
        self.prefix = prefix

    def read(self, value: object, name: str) -> tuple[Condition, ...]:
        """Return the conditions."""
        del name
        if not isinstance(value, list) or not value:
            raise ValidationError("expected an array of objects with name and value")
        found: list[Condition] = []
        for index, item in enumerate(value):
            try:
                found += self._read_item(item)
            except ValidationError as error:
                raise ValidationError({index: error.messages}) from error
        return tuple(found)

    def _read_item(self, item: object) -> tuple[Condition, ...]:
        if not isinstance(item, dict) or set(item) != {"name", "value"} or not isinstance(item["name"], str):
            raise ValidationError("expected an object with name and value")
        try:
            return Filter(fields.String(), TEXT, f"{self.prefix}.{item['name']}").read(item["value"], "value")
        except ValidationError as error:
            raise ValidationError({"value": error.messages}) from error


def read_flag(value: object) -> bool:
    """Return the truth value; raise `ValidationError` for anything else."""
    if not isinstance(value, bool):
        raise ValidationError("expected true or false")
    return value


def _document_filter(operand: fields.Field[Any], operators: Collection[str]) -> dict[str, object]:
    literal: dict[str, object] = {"type": "string"}
    if isinstance(operand, Reading):
        literal = {name: value for name, value in operand.metadata.items() if name in {"type", "enum", "format"}}
    elif isinstance(operand, fields.Integer):
        literal = {"type": "integer"}
    shapes = {"$exists": {"type": "boolean"}, "$in": {"type": "array", "items": literal}, "$like": {"type": "string"}}
    shapes["$notIn"] = shapes["$in"]
    properties = {operator: shapes.get(operator, literal) for operator in operators}
    advanced = {"type": "object", "properties": properties, "additionalProperties": False, "minProperties": 1}
    return {"oneOf": [literal, advanced]}
