"""Search bodies → `model.Query`: filters (`api.filters`), `$or`, sort, page. Everything malformed is 400.

A search is declared by its filters and sort keys: `search_schema("UserTask", {"state": choice(…), …}, ["name", …])`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from server.api.fields import Key, Moment, Tenant, make_schema, to_model_name, to_wire_name
from server.api.filters import (
    EQUALITY,
    ORDER,
    TEXT,
    Choice,
    ChoiceFilter,
    Filter,
    FixedFilter,
    Flag,
    NullableFilter,
    TagFilter,
    VariableFilter,
)
from server.api.responses import parse_cursor
from server.errors import InvalidArgument
from server.model import Query, Sort

if TYPE_CHECKING:
    from collections.abc import Collection

    from server.api.fields import Reading
    from server.model import Condition

__all__ = [
    "EQUALITY", "Choice", "Filter", "PagePartSchema", "TagFilter", "VariableFilter", "choice", "filter_schema", "fixed",
    "fixed_flag", "fixed_number", "flag", "key", "moment", "nullable", "number", "search_schema", "take_flag", "text",
]  # fmt: skip

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 10_000
LARGEST_OFFSET = 2**31 - 1
MOST_ALTERNATIVES = 100


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


def filter_schema(name: str, filters: Mapping[str, Reading]) -> type[Schema]:
    """Return the schema of the filters of a search, by their name on the wire; loads to conditions and alternatives."""
    known = {**filters, "tenantId": Filter(Tenant(), ("$eq", "$in"))}
    alternative = type(f"{name}Alternative", (_AlternativeSchema,), dict(known))
    any_of = fields.List(fields.Nested(alternative), data_key="$or", validate=validate.Length(1, MOST_ALTERNATIVES))
    return type(f"{name}Filter", (_WholeFilterSchema,), {**known, "any_of": any_of})


def search_schema(
    name: str,
    filters: Mapping[str, Reading] | type[Schema],
    sorts: Collection[str] | Mapping[str, str | None],
) -> Schema:
    """Return the schema of one search's body.

    `filters` go by their name on the wire, or are a `filter_schema`; `sorts` are the names to sort by (a mapping gives
    their inner names, None where all records are the same). Loading gives a `Query`.
    """
    whole = filters if isinstance(filters, type) else filter_schema(name, filters)
    inner = dict(sorts) if isinstance(sorts, Mapping) else {sort: to_model_name(sort) for sort in sorts}
    inner = {"tenantId": None, **inner}
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
    return ChoiceFilter(Choice((*names, *foreign)), TEXT, foreign, name)


def fixed(value: str | None, names: Collection[str] = ()) -> Filter:
    """Return a filter over text, or over names, that is the same for every record here."""
    return FixedFilter(Choice(names) if names else fields.String(), TEXT, value)


def fixed_number(value: int) -> Filter:
    """Return a filter over whole numbers that is the same for every record here."""
    return FixedFilter(fields.Integer(strict=True), ORDER, value)


def fixed_flag(value: bool | None) -> Filter:  # noqa: FBT001 - the value, not a way to behave
    """Return a filter over true and false that is the same, or unknown, for every record here."""
    return FixedFilter(Flag(), ("$eq", "$neq"), value)


def nullable(wrapped: Filter) -> Filter:
    """Return the filter as one that may be null, which asks for nothing."""
    return NullableFilter(wrapped)


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
