"""Turns what drivers raise into the errors of the server, at the statement that failed."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import event

from server.errors import AlreadyExists, Contended, InvalidArgument, MusterError, Unavailable

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.engine import ExceptionContext

# serialization_failure, deadlock_detected, lock_not_available
_CONTENTION_STATES = {"40001", "40P01", "55P03"}
_CONTENTION_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_UNIQUE_STATE = "23505"
_UNIQUE_CODES = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
_PRIMARY_CODE = 0xFF  # the low byte of an extended SQLite result code

CONTENDED = "Somebody else is changing this just now: expected to get its lock in time, try again."
UNREACHABLE = "The database does not answer: try again in a moment."


def translate_failures(engine: Engine) -> None:
    """Make every statement of this engine raise the errors of `server.errors`.

    Lost locks, deadlocks and serialisation failures become Contended, a second row with a unique name AlreadyExists,
    values that no column can hold InvalidArgument, and a database that cannot be reached or written Unavailable.
    """
    if not event.contains(engine, "handle_error", _translate):
        event.listen(engine, "handle_error", _translate, retval=True)


def _translate(context: ExceptionContext) -> MusterError | None:
    return translate_failure(context.original_exception, lost_connection=context.is_disconnect)


def translate_failure(failure: BaseException, *, lost_connection: bool = False) -> MusterError | None:
    """Return the error that stands for a driver's exception, or None where there is no word for it."""
    if isinstance(failure, MusterError):
        return failure
    if isinstance(failure, UnicodeEncodeError):
        return InvalidArgument("Expected text in Unicode, found half a surrogate pair.")
    if isinstance(failure, sqlite3.Error):
        return _translate_sqlite(failure)
    if isinstance(failure, psycopg.Error):
        return _translate_postgresql(failure, lost_connection=lost_connection)
    return None


def _translate_sqlite(failure: sqlite3.Error) -> MusterError | None:
    code = getattr(failure, "sqlite_errorcode", None)
    if code is None:
        return None
    if code & _PRIMARY_CODE in _CONTENTION_CODES:
        return Contended(CONTENDED)
    if code in _UNIQUE_CODES:
        return AlreadyExists(str(failure))
    if isinstance(failure, sqlite3.OperationalError) and code & _PRIMARY_CODE != sqlite3.SQLITE_ERROR:
        return Unavailable(UNREACHABLE)  # disk full, file gone, read-only, input/output error
    return None


def _translate_postgresql(failure: psycopg.Error, *, lost_connection: bool) -> MusterError | None:
    state = failure.sqlstate
    if state in _CONTENTION_STATES:
        return Contended(CONTENDED)
    if state == _UNIQUE_STATE:
        return AlreadyExists(failure.diag.message_detail or str(failure))
    if lost_connection or (state is None and isinstance(failure, psycopg.OperationalError)):
        return Unavailable(UNREACHABLE)
    if state is not None and state[:2] in {"08", "53", "57"}:  # connection, resources, operator intervention
        return Unavailable(UNREACHABLE)
    if isinstance(failure, psycopg.DataError):
        return InvalidArgument("Expected a text without NUL characters and numbers that fit their columns.")
    return None
