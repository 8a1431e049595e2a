"""Column types that give the same values back on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, Text, false, literal
from sqlalchemy.types import TypeDecorator

from server.errors import InvalidArgument
from server.store import json_text

if TYPE_CHECKING:
    from sqlalchemy import BindParameter
    from sqlalchemy.engine import Dialect

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
LARGEST_KEY = 2**63 - 1
NO_KEY = -1
"""Keys are positive, so this one matches no row."""

# On SQLite only `INTEGER PRIMARY KEY` is the row id itself; PostgreSQL's INTEGER is too small for keys.
_SIGNED_64 = BigInteger().with_variant(Integer(), "sqlite")


class Key(TypeDecorator[int]):
    """A positive 63-bit key. A number outside that range belongs to nothing, so it is sought as `NO_KEY`."""

    impl = _SIGNED_64
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """Keep drivers from failing on numbers that no column can hold."""
        del dialect
        return value if value is None or -1 <= value <= LARGEST_KEY else NO_KEY


class Instant(TypeDecorator[datetime]):
    """An aware datetime in UTC, kept as whole milliseconds since 1970 (finer parts are cut off)."""

    impl = _SIGNED_64
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Refuse naive datetimes: their zone would be a guess."""
        del dialect
        return None if value is None else to_milliseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Give an aware datetime in UTC."""
        del dialect
        return None if value is None else from_milliseconds(value)


class Json(TypeDecorator[Any]):
    """A JSON value as its canonical text (see `json_text`)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str:
        """Write; None becomes JSON's `null`."""
        del dialect
        return json_text.dump(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:
        """Read."""
        del dialect
        return None if value is None else json_text.load(value)


class PlainText(TypeDecorator[str]):
    """A text that is compared byte by byte, on PostgreSQL too whatever the server's locale.

    So both databases sort alike, and a search by prefix can use an index.
    """

    impl = Text().with_variant(Text(collation="C"), "postgresql")
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Refuse what PostgreSQL cannot keep; raises InvalidArgument."""
        del dialect
        if value is not None and "\0" in value:
            raise InvalidArgument("Expected a text without NUL characters, found one with.")
        return value


def to_milliseconds(moment: datetime) -> int:
    """Turn an aware datetime into whole milliseconds since 1970, rounding down."""
    return (moment - EPOCH) // MILLISECOND


def from_milliseconds(since: int) -> datetime:
    """Turn whole milliseconds since 1970 into a datetime in UTC."""
    return EPOCH + timedelta(milliseconds=since)


def key(name: str, *, nullable: bool = False) -> Column[int]:
    """Declare a column that refers to a key."""
    return Column(name, Key(), nullable=nullable)


def primary_key(name: str = "key") -> Column[int]:
    """Declare the key of a table; it is always given, never counted up by the database."""
    return Column(name, Key(), primary_key=True, autoincrement=False)


def text(name: str, *, nullable: bool = False, primary: bool = False) -> Column[str]:
    """Declare a text that is compared byte by byte."""
    return Column(name, PlainText(), nullable=nullable, primary_key=primary)


def instant(name: str, *, nullable: bool = False) -> Column[datetime]:
    """Declare a moment."""
    return Column(name, Instant(), nullable=nullable)


def json(name: str, *, nullable: bool = False) -> Column[Any]:
    """Declare a JSON value."""
    return Column(name, Json(), nullable=nullable)


def blob(name: str) -> Column[bytes]:
    """Declare bytes."""
    return Column(name, LargeBinary(), nullable=False)


def sealed_columns() -> list[Column[Any]]:
    """Declare the columns of `model.Sealed`; null: nothing is sealed."""
    return [
        text("key_id", nullable=True),
        Column("wrapped_key", LargeBinary(), nullable=True),
        Column("content", LargeBinary(), nullable=True),
    ]


def suspended() -> Column[bool]:
    """Declare whether the root instance of a row is suspended; such rows are not picked."""
    return Column("suspended", Boolean, nullable=False, server_default=false())


def place_columns() -> list[Column[Any]]:
    """Declare the columns of `model.Place`."""
    return [
        text("element_id"),
        key("element_instance_key"),
        key("process_instance_key"),
        key("root_key"),
        key("process_definition_key"),
        text("process_id"),
    ]


def literally(constant: StrEnum | int) -> BindParameter[Any]:
    """Write one of our own constants into the statement itself: only so does SQLite use an index of some rows."""
    value = constant.value if isinstance(constant, StrEnum) else constant
    return literal(value, literal_execute=True)
