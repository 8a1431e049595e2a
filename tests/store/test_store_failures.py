"""Each of a driver's exceptions has its word, or none."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from psycopg import errors

from server.errors import AlreadyExists, Contended, InvalidArgument, MusterError, Unavailable
from server.store.failures import translate_failure


def sqlite_error(kind: type[sqlite3.Error], code: int) -> sqlite3.Error:
    failure = kind("failed")
    failure.sqlite_errorcode = code
    return failure


@pytest.mark.parametrize(
    ("failure", "word"),
    [
        (errors.SerializationFailure("x"), Contended),
        (errors.DeadlockDetected("x"), Contended),
        (errors.LockNotAvailable("x"), Contended),
        (errors.UniqueViolation("x"), AlreadyExists),
        (errors.AdminShutdown("x"), Unavailable),
        (errors.TooManyConnections("x"), Unavailable),
        (errors.DiskFull("x"), Unavailable),
        (psycopg.OperationalError("connection refused"), Unavailable),
        (errors.NumericValueOutOfRange("x"), InvalidArgument),
        (errors.UndefinedTable("x"), type(None)),
        (sqlite_error(sqlite3.OperationalError, sqlite3.SQLITE_BUSY), Contended),
        (sqlite_error(sqlite3.OperationalError, sqlite3.SQLITE_BUSY_SNAPSHOT), Contended),
        (sqlite_error(sqlite3.OperationalError, sqlite3.SQLITE_LOCKED), Contended),
        (sqlite_error(sqlite3.IntegrityError, sqlite3.SQLITE_CONSTRAINT_UNIQUE), AlreadyExists),
        (sqlite_error(sqlite3.IntegrityError, sqlite3.SQLITE_CONSTRAINT_NOTNULL), type(None)),
        (sqlite_error(sqlite3.OperationalError, sqlite3.SQLITE_FULL), Unavailable),
        (sqlite_error(sqlite3.OperationalError, sqlite3.SQLITE_READONLY), Unavailable),
        (sqlite_error(sqlite3.OperationalError, sqlite3.SQLITE_ERROR), type(None)),
        (sqlite3.ProgrammingError("closed"), type(None)),
        (Unavailable("gone"), Unavailable),
        (ValueError("x"), type(None)),
    ],
)
def test_a_failure_has_its_word(failure: BaseException, word: type[MusterError | None]) -> None:
    assert type(translate_failure(failure)) is word


def test_a_lost_connection_is_unavailable_whatever_the_driver_says() -> None:
    assert type(translate_failure(errors.UndefinedTable("x"), lost_connection=True)) is Unavailable
