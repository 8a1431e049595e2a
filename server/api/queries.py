"""Search bodies → `model.Query`: filters (literal or `{$eq, …}`), `$or`, sort, page. Everything malformed is 400.

A search is declared by its filters and sort keys: `search_schema("UserTask", {"state": choice(…), …}, ["name", …])`.
Inside, names are spelled with underscores (`processInstanceKey` → `process_instance_key`).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from server.api.fields import Key, Moment, Reading, Tenant, make_schema, to_model_name, to_wire_name
from server.api.responses import parse_cursor
from server.errors import InvalidArgument
from server.model import Condition, Query, Sort

if TYPE_CHECKING:
    from collections.abc import Collection

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 10_000
LARGEST_OFFSET = 2**31 - 1
MOST_VALUES = 1_000
MOST_ALTERNATIVES = 100
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


class _NullableFilter(Filter):
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


class _ChoiceFilter(Filter):
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


class _FixedFilter(Filter):
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
            return Filter(fields.String(), TEXT, f"variable.{item['name']}").read(item["value"], "value")
        except ValidationError as error:
            raise ValidationError({"value": error.messages}) from error


class PagePartSchema(Schema):
    """Which part of the result: `from` counts items, `after` and `before` are cursors of an earlier answer."""

    limit = fields.Integer(strict=True, validate=validate.Range(1, LARGEST_LIMIT), load_default=DEFAULT_LIMIT)
    offset = fields.Integer(strict=True, data_key="from", validate=validate.Range(0, LARGEST_OFFSET), load_default=0)
    after = fields.String(validate=validate.Length(max=2048), allow_none=True)
    before = fields.String(validate=validate.Length(max=2048), allow_none=True)

    @validates_schema
    def check_one_way(self, data: dict[str, object], **_: object) -> None:
        """Refuse more than one of the three ways to say where the page starts."""
        if sum(bool(data.get(way)) for way in ("offset", "after", "before")) > 1:
            raise ValidationError("expected at most one of from, after and before")


class _ConditionsSchema(Schema):
    """Filters side by side; loads to the tuple of their conditions."""

    @post_load
    def collect(self, data: dict[str, tuple[Condition, ...]], **_: object) -> tuple[Condition, ...]:
        return tuple(c for name, found in data.items() if name != "tenantId" for c in found)


class _AlternativeSchema(_ConditionsSchema):
    @validates_schema
    def check_not_empty(self, data: dict[str, object], **_: object) -> None:
        if not data:
            raise ValidationError("expected at least one filter")


class _WholeFilterSchema(Schema):
    """Filters and alternatives; loads to both as a pair."""

    @post_load
    def collect(self, data: dict[str, Any], **_: object) -> tuple[tuple[Condition, ...], tuple[object, ...]]:
        any_of = tuple(data.pop("any_of", ()))
        return tuple(c for name, found in data.items() if name != "tenantId" for c in found), any_of


class _SortSchema(Schema):
    inner: Mapping[str, str | None] = {}
    order = Choice(("ASC", "DESC"), load_default="ASC")

    @post_load
    def make_sort(self, data: dict[str, str], **_: object) -> Sort | None:
        """Return None for what is the same for every record."""
        name = self.inner[data["field"]]
        return None if name is None else Sort(name, descending=data["order"] == "DESC")


class _SearchSchema(Schema):
    """The body of a search; loads to a `Query`."""

    page = fields.Nested(PagePartSchema, allow_none=True)

    @post_load
    def make_query(self, data: dict[str, Any], **_: object) -> Query:
        conditions, any_of = data.get("filter") or ((), ())
        page = data.get("page") or {}
        return Query(
            conditions=conditions,
            any_of=any_of,
            sort=tuple(sort for sort in data.get("sort") or () if sort is not None),
            limit=page.get("limit", DEFAULT_LIMIT),
            offset=page.get("offset", 0),
            after=parse_cursor(page.get("after")),
            before=parse_cursor(page.get("before")),
        )


def search_schema(
    name: str, filters: Mapping[str, Reading], sorts: Collection[str] | Mapping[str, str | None]
) -> Schema:
    """Return the schema of one search's body.

    `filters` go by their name on the wire, `sorts` are the names to sort by (a mapping gives their inner names, None
    where all records are the same).
    Loading gives a `Query`.
    """
    known = {**filters, "tenantId": Filter(Tenant(), ("$eq", "$in"))}
    alternative = type(f"{name}Alternative", (_AlternativeSchema,), dict(known))
    any_of = fields.List(fields.Nested(alternative), data_key="$or", validate=validate.Length(1, MOST_ALTERNATIVES))
    whole = type(f"{name}Filter", (_WholeFilterSchema,), {**known, "any_of": any_of})
    inner = sorts if isinstance(sorts, Mapping) else {sort: to_model_name(sort) for sort in sorts}
    sort = type(f"{name}Sort", (_SortSchema,), {"field": Choice(tuple(inner), required=True), "inner": inner})
    parts: dict[str, object] = {
        "filter": fields.Nested(whole, allow_none=True),
        "sort": fields.List(fields.Nested(sort), allow_none=True, validate=validate.Length(max=10)),
    }
    return make_schema(f"{name}Search", _SearchSchema, parts)


def text(name: str | None = None) -> Filter:
    """Return a filter over text; `name` is the inner name where it differs."""
    return Filter(fields.String(), TEXT, name)


def key(name: str | None = None) -> Filter:
    """Return a filter over keys; `name` is the inner name where it differs: the searched record's own key is `key`."""
    return Filter(Key(), EQUALITY, name)


def number(name: str | None = None) -> Filter:
    """Return a filter over whole numbers of 32 bits."""
    return Filter(fields.Integer(strict=True, validate=validate.Range(-(2**31), 2**31 - 1)), ORDER, name)


def moment(name: str | None = None) -> Filter:
    """Return a filter over points in time."""
    return Filter(Moment(), ORDER, name)


def flag(name: str | None = None) -> Filter:
    """Return a filter over true and false."""
    return Filter(Flag(), ("$eq", "$neq"), name)


def choice(names: Collection[str], foreign: Collection[str] = (), name: str | None = None) -> Filter:
    """Return a filter over a fixed set of names, in any case; `foreign` are names of Camunda that never occur here."""
    return _ChoiceFilter(Choice((*names, *foreign)), TEXT, foreign, name)


def fixed(value: str | None, names: Collection[str] = ()) -> Filter:
    """Return a filter over text, or over names, that is the same for every record here."""
    return _FixedFilter(Choice(names) if names else fields.String(), TEXT, value)


def fixed_number(value: int) -> Filter:
    """Return a filter over whole numbers that is the same for every record here."""
    return _FixedFilter(fields.Integer(strict=True), ORDER, value)


def fixed_flag(value: bool | None) -> Filter:  # noqa: FBT001 - the value, not a way to behave
    """Return a filter over true and false that is the same, or unknown, for every record here."""
    return _FixedFilter(Flag(), ("$eq", "$neq"), value)


def nullable(wrapped: Filter) -> Filter:
    """Return the filter as one that may be null, which asks for nothing."""
    return _NullableFilter(wrapped)


def take_flag(query: Query, name: str) -> tuple[bool | None, Query]:
    """Return what the query says about a yes-or-no question that is no field of the record, and the query without it.

    Raises `InvalidArgument` when the question stands among alternatives or is asked in any other way than `= true`.
    """
    asked = [condition for condition in query.conditions if condition.name == name]
    among = any(condition.name == name for alternative in query.any_of for condition in alternative)
    if among or any(condition.operator != "eq" for condition in asked):
        raise InvalidArgument(f"{to_wire_name(name)}: expected true or false, outside of $or")
    rest = tuple(condition for condition in query.conditions if condition.name != name)
    return (bool(asked[-1].value) if asked else None), replace(query, conditions=rest)


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
