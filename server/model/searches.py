"""Searches and their pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
Other = TypeVar("Other")


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter of a search: `operator` is one of eq neq exists in notIn like gt gte lt lte."""

    name: str
    operator: str
    value: object


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort key of a search."""

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A search: all conditions hold, and at least one of `any_of` when it is not empty.

    `after` and `before` are opaque cursors of an earlier page; `offset` counts items.
    """

    conditions: tuple[Condition, ...] = ()
    any_of: tuple[tuple[Condition, ...], ...] = ()
    sort: tuple[Sort, ...] = ()
    limit: int = 100
    offset: int = 0
    after: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a search; totals are exact up to 10,000 and capped beyond."""

    items: tuple[Item, ...]
    total: int
    has_more_total: bool = False
    start_cursor: str | None = None
    end_cursor: str | None = None

    def holding(self, items: tuple[Other, ...]) -> Page[Other]:
        """Return the same page with other items, one for each."""
        return Page(items, self.total, self.has_more_total, self.start_cursor, self.end_cursor)
