"""The fields of a search and how one condition on a field becomes SQL.

An absent value equals nothing but None: `neq` and `notIn` match it, `gt` and `like` never do. `like` knows `*` (any
characters) and `?` (one character), a backslash takes the next character literally, and upper and lower case differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Column, false, literal, not_, or_, select, true

from server.errors import InvalidArgument

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement, Select

    from server.model import Condition


class Kind(Enum):
    """What values a field has."""

    KEY = "a key (digits)"
    TEXT = "a text"
    NUMBER = "an integer"
    INSTANT = "a time with its zone"
    FLAG = "true or false"
    WORD = "one of its words"


class Field(Protocol):
    """Something that a condition can speak about."""

    def compare(self, condition: Condition, dialect: str) -> ColumnElement[bool]:
        """Return the condition as SQL."""


@dataclass(frozen=True, slots=True)
class PlainField:
    """A column of the searched table, or a label of what is computed. `words` are the values of a WORD field."""

    column: ColumnElement[Any]
    kind: Kind
    words: type[StrEnum] | None = None

    def compare(self, condition: Condition, dialect: str) -> ColumnElement[bool]:
        """Return the condition as SQL; raises InvalidArgument for operators and values that do not fit."""
        operator = condition.operator
        if operator == "exists":
            exists = _read_flag(condition)
            return self.column.is_not(None) if exists else self.column.is_(None)
        if operator == "like":
            return self._like(condition, dialect)
        if operator in _LISTS:
            return _LISTS[operator](self.column, [self._read(condition, value) for value in _read_list(condition)])
        if operator in _COMPARISONS:
            if condition.value is None and operator in {"eq", "neq"}:
                return self.column.is_(None) if operator == "eq" else self.column.is_not(None)
            return _COMPARISONS[operator](self.column, self._read(condition, condition.value))
        known = ", ".join([*_COMPARISONS, *_LISTS, "like", "exists"])
        raise InvalidArgument(f"Expected an operator ({known}) for {condition.name!r}, found {operator!r}.")

    def _read(self, condition: Condition, value: object) -> ColumnElement[Any]:
        if self.kind is Kind.WORD:
            # Written into the statement (it is one of ours), so that the indexes of open rows are found.
            return literal(_read_word(condition, value, self.words), self.column.type, literal_execute=True)
        found = _READERS[self.kind](value)
        if found is None:
            raise InvalidArgument(f"Expected {self.kind.value} for {condition.name!r}, found {value!r}.")
        return literal(found, self.column.type)

    def _like(self, condition: Condition, dialect: str) -> ColumnElement[bool]:
        if self.kind not in {Kind.TEXT, Kind.WORD} or not isinstance(condition.value, str):
            raise InvalidArgument(f"Expected 'like' with a pattern for a text, found it for {condition.name!r}.")
        return match_pattern(self.column, condition.value, dialect)


@dataclass(frozen=True, slots=True)
class RelatedField:
    """Values that a row has any number of, kept in a table beside it.

    `key` is the column of the searched table, `owner` the one that refers to it, `value` holds the values, and
    `restriction` names those meant.
    """

    key: ColumnElement[Any]
    owner: ColumnElement[Any]
    value: PlainField
    restriction: ColumnElement[bool] | None = None

    def compare(self, condition: Condition, dialect: str) -> ColumnElement[bool]:
        """Return the condition as SQL: at least one value fits; for `neq` and `notIn`, no value is one of those."""
        owners: Select[Any] = select(self.owner)
        if self.restriction is not None:
            owners = owners.where(self.restriction)
        operator = condition.operator
        if operator == "exists":
            return self.key.in_(owners) if _read_flag(condition) else self.key.not_in(owners)
        if operator in _OPPOSITES:
            positive = type(condition)(condition.name, _OPPOSITES[operator], condition.value)
            return self.key.not_in(owners.where(self.value.compare(positive, dialect)))
        return self.key.in_(owners.where(self.value.compare(condition, dialect)))


@dataclass(frozen=True, slots=True)
class FlagField:
    """A condition that a row fulfils or not."""

    fulfilled: ColumnElement[bool]

    def compare(self, condition: Condition, dialect: str) -> ColumnElement[bool]:
        """Return the condition as SQL; only `eq` and `neq` make sense."""
        del dialect
        if condition.operator not in {"eq", "neq"}:
            raise InvalidArgument(f"Expected eq or neq for {condition.name!r}, found {condition.operator!r}.")
        wanted = _read_flag(condition) == (condition.operator == "eq")
        return self.fulfilled if wanted else not_(self.fulfilled)


def match_pattern(column: ColumnElement[Any], pattern: str, dialect: str) -> ColumnElement[bool]:
    """Match a text against a pattern with `*`, `?` and backslash; upper and lower case differ."""
    if dialect == "sqlite":  # its LIKE does not tell upper from lower case, its GLOB does
        return column.op("GLOB", is_comparison=True)(_translate(pattern, "*", "?", _quote_glob))
    return column.like(_translate(pattern, "%", "_", _quote_like), escape="\\")


def _translate(pattern: str, many: str, one: str, quote: Callable[[str], str]) -> str:
    parts: list[str] = []
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            parts.append(quote(next(characters, "\\")))
        else:
            parts.append({"*": many, "?": one}.get(character) or quote(character))
    return "".join(parts)


def _quote_glob(character: str) -> str:
    return f"[{character}]" if character in "*?[" else character


def _quote_like(character: str) -> str:
    return f"\\{character}" if character in "%_\\" else character


def _in(column: ColumnElement[Any], values: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    return column.in_(values) if values else false()


def _not_in(column: ColumnElement[Any], values: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    return or_(column.not_in(values), column.is_(None)) if values else true()


_COMPARISONS: dict[str, Callable[[ColumnElement[Any], ColumnElement[Any]], ColumnElement[bool]]] = {
    "eq": lambda column, value: column == value,
    "neq": lambda column, value: or_(column != value, column.is_(None)),
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
}
_LISTS = {"in": _in, "notIn": _not_in}
_OPPOSITES = {"neq": "eq", "notIn": "in"}


def _read_flag(condition: Condition) -> bool:
    if not isinstance(condition.value, bool):
        raise InvalidArgument(f"Expected true or false for {condition.name!r}, found {condition.value!r}.")
    return condition.value


def _read_list(condition: Condition) -> Sequence[object]:
    if not isinstance(condition.value, (list, tuple, set, frozenset)):
        raise InvalidArgument(f"Expected a list for {condition.name!r}, found {condition.value!r}.")
    return list(condition.value)


def _read_word(condition: Condition, value: object, words: type[StrEnum] | None) -> str:
    known = [str(word) for word in words or ()]
    if not isinstance(value, str) or value.upper() not in known:
        raise InvalidArgument(f"Expected {' or '.join(known)} for {condition.name!r}, found {value!r}.")
    return value.upper()


def _read_key(value: object) -> int | None:
    if isinstance(value, str) and value.removeprefix("-").isdecimal() and value.isascii() and len(value) <= 25:
        return int(value)
    return _read_integer(value)


def _read_integer(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63 else None


def _read_text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _read_instant(value: object) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, datetime) and value.tzinfo is not None else None


def _read_boolean(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


_READERS: dict[Kind, Callable[[object], object]] = {
    Kind.KEY: _read_key,
    Kind.NUMBER: _read_integer,
    Kind.TEXT: _read_text,
    Kind.INSTANT: _read_instant,
    Kind.FLAG: _read_boolean,
}


def key_field(column: Column[Any]) -> PlainField:
    """Search by a key."""
    return PlainField(column, Kind.KEY)


def text_field(column: Column[Any]) -> PlainField:
    """Search by a text."""
    return PlainField(column, Kind.TEXT)


def number_field(column: Column[Any]) -> PlainField:
    """Search by an integer."""
    return PlainField(column, Kind.NUMBER)


def instant_field(column: Column[Any]) -> PlainField:
    """Search by a moment."""
    return PlainField(column, Kind.INSTANT)


def word_field(column: Column[Any], words: type[StrEnum]) -> PlainField:
    """Search by one of our own words, in upper or lower case."""
    return PlainField(column, Kind.WORD, words)
