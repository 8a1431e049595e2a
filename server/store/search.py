"""Runs a `model.Query` on one table: filter, total, stable order, and pages by cursor or offset.

The order is the same on both databases: an absent value counts as larger than every other (last when ascending, first
when descending), texts are compared byte by byte, and the key breaks ties.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import (
    Column,
    Label,
    Table,
    and_,
    asc,
    desc,
    false,
    func,
    literal,
    literal_column,
    nulls_first,
    nulls_last,
    or_,
    select,
)

from server.errors import InvalidArgument
from server.model import Condition, Page, Query, Sort
from server.store import cursors
from server.store.filters import PlainField

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from server.store.filters import Field

Item = TypeVar("Item")
LARGEST_TOTAL = 10_000
LARGEST_LIMIT = 10_000
KEY = "key"


@dataclass(frozen=True, slots=True)
class _Order:
    """One column of the order that is really used."""

    name: str
    field: PlainField
    descending: bool


@dataclass(frozen=True)
class Searchable(Generic[Item]):
    """A table that can be searched: the whitelist of its field names and how a row becomes a record.

    `fields` must have `key`, the primary key.
    """

    noun: str
    table: Table
    fields: Mapping[str, Field]
    to_record: Callable[[Row[Any]], Item]

    def search(
        self,
        connection: Connection,
        query: Query,
        restrictions: Sequence[ColumnElement[bool]] = (),
        values: Mapping[str, object] | None = None,
    ) -> Page[Item]:
        """Return one page of the rows that match the query and every restriction; `values` are their parameters'.

        Raises InvalidArgument for unknown fields, operators and malformed values or cursors.
        """
        _check_paging(query)
        matching = [*restrictions, *self._filter(query, connection.dialect.name)]
        order = self._order(query.sort)
        rows = self._page(connection, query, matching, order, values)
        whole = query.offset == 0 and query.after is None and query.before is None and len(rows) < query.limit
        total = len(rows) if whole else self._count(connection, matching, values)
        signature = self._signature(order)
        return Page(
            items=tuple(self.to_record(row) for row in rows),
            total=min(total, LARGEST_TOTAL),
            has_more_total=total > LARGEST_TOTAL,
            start_cursor=self._cursor(signature, order, rows[0]) if rows else None,
            end_cursor=self._cursor(signature, order, rows[-1]) if rows else None,
        )

    def select(self, connection: Connection, query: Query, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
        """Return a statement for columns of all rows that match the filters of a query; its page does not count."""
        return select(*columns).where(*self._filter(query, connection.dialect.name))

    def _filter(self, query: Query, dialect: str) -> list[ColumnElement[bool]]:
        matching = self.compare(query.conditions, dialect)
        if query.any_of:
            groups = [and_(*self.compare(group, dialect)) for group in query.any_of if group]
            matching.append(or_(false(), *groups))
        return matching

    def compare(self, conditions: Sequence[Condition], dialect: str) -> list[ColumnElement[bool]]:
        """Return conditions that have to hold side by side as SQL."""
        return [self._field(one.name).compare(one, dialect) for one in conditions]

    def _field(self, name: str) -> Field:
        field = self.fields.get(name)
        if field is None:
            known = ", ".join(sorted(self.fields))
            raise InvalidArgument(f"Expected a field of {self.noun} ({known}), found {name!r}.")
        return field

    def _order(self, sort: Sequence[Sort]) -> list[_Order]:
        order: list[_Order] = []
        for one in (*sort, Sort(KEY)):
            if any(earlier.name == one.name for earlier in order):
                continue
            field = self._field(one.name)
            if not isinstance(field, PlainField):
                raise InvalidArgument(f"Expected a field of {self.noun} that can be sorted by, found {one.name!r}.")
            order.append(_Order(one.name, field, one.descending))
            if one.name == KEY:
                break  # nothing can tie any more
        return order

    def _page(
        self,
        connection: Connection,
        query: Query,
        matching: Sequence[ColumnElement[bool]],
        order: Sequence[_Order],
        values: Mapping[str, object] | None,
    ) -> list[Row[Any]]:
        backwards = query.before is not None
        computed = [one.field.column for one in order if isinstance(one.field.column, Label)]
        statement = select(self.table, *computed).where(*matching).limit(query.limit)
        statement = statement.order_by(*(_sort_expression(one, backwards=backwards) for one in order))
        cursor = query.before if backwards else query.after
        if cursor is not None:
            at = cursors.decode(cursor, self._signature(order), [one.field.kind for one in order])
            statement = statement.where(_beyond(order, at, backwards=backwards))
        if query.offset:
            statement = statement.offset(query.offset)
        rows = list(connection.execute(statement, values).all())
        return rows[::-1] if backwards else rows

    def _count(
        self,
        connection: Connection,
        matching: Sequence[ColumnElement[bool]],
        values: Mapping[str, object] | None,
    ) -> int:
        some: Select[Any] = select(literal_column("1").label("one")).select_from(self.table).where(*matching)
        count: int = connection.execute(
            select(func.count()).select_from(some.limit(LARGEST_TOTAL + 1).subquery()), values
        ).scalar_one()
        return count

    def _signature(self, order: Sequence[_Order]) -> str:
        return self.noun + ":" + ",".join(one.name + ("-" if one.descending else "+") for one in order)

    def _cursor(self, signature: str, order: Sequence[_Order], row: Row[Any]) -> str:
        return cursors.encode(signature, [row._mapping[one.field.column] for one in order])  # noqa: SLF001 – public API


def _check_paging(query: Query) -> None:
    if not 0 <= query.limit <= LARGEST_LIMIT:
        raise InvalidArgument(f"Expected a limit from 0 to {LARGEST_LIMIT}, found {query.limit}.")
    if not 0 <= query.offset < 2**63:
        raise InvalidArgument(f"Expected an offset of 0 or more, found {query.offset}.")
    if query.after is not None and query.before is not None:
        raise InvalidArgument("Expected a page after one cursor or before one, found both.")


def _sort_expression(one: _Order, *, backwards: bool) -> ColumnElement[Any]:
    descending = one.descending != backwards
    expression: ColumnElement[Any] = desc(one.field.column) if descending else asc(one.field.column)
    column: ColumnElement[Any] = one.field.column
    if isinstance(column, Column) and not column.nullable:  # what is computed may be absent
        return expression
    placed: ColumnElement[Any] = nulls_first(expression) if descending else nulls_last(expression)
    return placed


def _beyond(order: Sequence[_Order], values: Sequence[object], *, backwards: bool) -> ColumnElement[bool]:
    """Say that a row comes after the one with these values: equal so far, and then beyond in one column."""
    choices: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for one, value in zip(order, values, strict=True):
        column = one.field.column
        choices.append(and_(*equal, _after(column, value, descending=one.descending != backwards)))
        equal.append(column.is_(None) if value is None else column == literal(value, column.type))
    return or_(*choices)


def _after(column: ColumnElement[Any], value: object, *, descending: bool) -> ColumnElement[bool]:
    if descending:
        return column.is_not(None) if value is None else column < literal(value, column.type)
    return false() if value is None else or_(column > literal(value, column.type), column.is_(None))
