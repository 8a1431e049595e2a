"""Values: between JSON and FEEL, on the calendar, in zones, as text."""

from __future__ import annotations

import threading
from collections import namedtuple
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from server.feel import (
    Date,
    FeelError,
    Function,
    compile_expression,
    compile_unary_tests,
    format_value,
    from_json,
    to_json,
)
from server.feel.errors import Refused
from server.feel.run import Run
from server.feel.temporal.date import date_of_days
from server.feel.values import type_name

if TYPE_CHECKING:
    from collections.abc import Mapping

Pair = namedtuple("Pair", "a b")  # noqa: PYI024 - a tuple with fields, as callers may have them


def test_json_becomes_feel() -> None:
    assert from_json({"a": [1, 1.1, "x", True, None]}) == {"a": [Decimal(1), Decimal("1.1"), "x", True, None]}
    assert from_json((1, 2)) == [1, 2]
    assert from_json(MappingProxyType({"a": (1,)})) == {"a": [1]}
    assert from_json({1: True}) == {"1": True}
    assert from_json(10**40 + 1) == Decimal("1E+40")
    assert from_json([float("inf"), float("nan"), 0.1]) == [None, None, Decimal("0.1")]
    assert from_json(type("Text", (str,), {})("x")) == "x"
    assert from_json(type("Number", (int,), {})(3)) == 3
    assert from_json([10**7000]) == [None]


def test_pythons_dates_become_feels() -> None:
    shanghai = datetime(2026, 1, 31, 10, 30, 0, 500, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert str(from_json(shanghai)) == "2026-01-31T10:30:00.0005@Asia/Shanghai"
    assert str(from_json(datetime(2026, 1, 31, tzinfo=ZoneInfo("UTC")))) == "2026-01-31T00:00:00Z"
    assert str(from_json(datetime(2026, 1, 31, tzinfo=timezone(timedelta(hours=-3))))) == "2026-01-31T00:00:00-03:00"
    assert str(from_json(datetime(2026, 1, 31))) == "2026-01-31T00:00:00"  # noqa: DTZ001 - no zone is the point
    assert str(from_json(date(2026, 1, 31))) == "2026-01-31"
    assert str(from_json(time(10, 30))) == "10:30:00"
    assert str(from_json(timedelta(days=1, seconds=2, microseconds=3))) == "P1DT2.000003S"


@pytest.mark.parametrize("value", [object(), Pair(1, 2), b"bytes", {1}])
def test_what_has_no_place_in_feel_is_said(value: object) -> None:
    with pytest.raises(FeelError, match="has no place in FEEL"):
        from_json(value)
    warnings = compile_expression("a").evaluate({"a": value}).warnings
    assert "has no place in FEEL" in warnings[0].message


def test_values_nested_without_end_are_refused() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(FeelError, match="200 levels"):
        from_json(endless)


def test_feel_becomes_json() -> None:
    value = compile_expression('{a: [1, 1.5, "x", true, null], b: @"2026-01-31T10:00:00Z", c: 1e60}').evaluate({}).value
    assert to_json(value) == {"a": [1, 1.5, "x", True, None], "b": "2026-01-31T10:00:00Z", "c": 1e60}
    assert type(to_json(Decimal("2.0"))) is int


@pytest.mark.parametrize("text", ["[1..2]", "function(x) x"])
def test_ranges_and_functions_have_no_json(text: str) -> None:
    with pytest.raises(FeelError, match="cannot be stored"):
        to_json(compile_expression(text).evaluate({}).value)


def test_the_calendar_agrees_with_pythons() -> None:
    for days in range(-200_000, 200_000, 997):
        wanted = date(1970, 1, 1) + timedelta(days=days)
        found = date_of_days(days)
        assert str(found) == wanted.isoformat()
        assert found.days == days
        assert (found.weekday, found.week_of_year) == (wanted.isoweekday(), wanted.isocalendar().week)
        assert found.day_of_year == wanted.timetuple().tm_yday


def test_years_beyond_pythons_have_zones_too() -> None:
    text = 'date and time("{}-07-01T10:00:00@Europe/Paris").time offset'
    for year in ("12026", "-2026", "9999", "0001"):
        assert str(compile_expression(text.format(year)).evaluate({}).value) == "PT2H"


def test_a_range_and_a_type_have_names() -> None:
    bounds = compile_expression("[1..2)").evaluate({}).value
    assert str(bounds) == "[1..2)"
    assert str(compile_expression("(< 2)").evaluate({}).value) == "(..2)"
    assert type_name(object()) == "unknown value"
    assert type_name(compile_expression("abs").evaluate({}).value) == "function"
    assert str(Date(2026, 1, 31)) == "2026-01-31"


def test_values_print_in_one_line() -> None:
    assert format_value("a\tb\n") == "a\tb\n"
    assert format_value(["a\tb\r\n"]) == '["a\\tb\\r\\n"]'


def test_a_function_of_ones_own_needs_an_invocation() -> None:
    own = Function("own", ("a",))
    with pytest.raises(NotImplementedError):
        own.invoke(Run({}, None, {}), [])
    with pytest.raises(Refused, match='no parameter "b"'):
        own.invoke_named(Run({}, None, {}), {"b": 1})


def test_numbers_that_are_none_end_as_null() -> None:
    value, warnings = compile_expression("a > 1").evaluate({"a": Decimal("NaN")})
    assert value is None
    assert warnings[0].message == "A number is too large, or none at all"


def test_one_expression_serves_many_threads() -> None:
    expression = compile_expression("for i in 1..20 return if i > n then missing else i * n + partial-sum")
    tests = compile_unary_tests("[n..n + 5], ? = 0")
    mismatches: list[object] = []
    gate = threading.Barrier(8)

    def work(number: int) -> None:
        gate.wait()
        context: Mapping[str, object] = {"n": number, "partial-sum": number}
        wanted = [i * number + number if i <= number else None for i in range(1, 21)]
        for _ in range(200):
            result = expression.evaluate(context)
            passed = tests.evaluate(number + 5, context).value
            if result.value != wanted or len(result.warnings) != 1 or passed is not True:
                mismatches.append(result)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert mismatches == []


def test_the_environment_is_utc_aware_of_its_zone() -> None:
    moment = datetime(2026, 1, 31, 23, 0, tzinfo=UTC)
    from server.feel import Environment  # noqa: PLC0415 - read beside its use

    environment = Environment(moment, ZoneInfo("Asia/Shanghai"))
    assert str(compile_expression("today()").evaluate({}, environment).value) == "2026-02-01"
    first, second = (compile_expression("uuid()").evaluate({}, environment).value for _ in range(2))
    assert first != second


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ('date and time("2026-07-01T09:00:00@Europe/Berlin")', "2026-07-01T09:00:00+02:00"),
        ('date and time("2026-01-01T09:00:00@Europe/Berlin")', "2026-01-01T09:00:00+01:00"),
        ('date and time("2026-01-01T09:00:00+05:30")', "2026-01-01T09:00:00+05:30"),
        ('date and time("2026-01-01T09:00:00Z")', "2026-01-01T09:00:00Z"),
        ('date and time("2026-01-01T09:00:00")', "2026-01-01T09:00:00"),
    ],
)
def test_moments_are_stored_so_that_every_program_reads_them(text: str, stored: str) -> None:
    assert to_json(compile_expression(text).evaluate({}).value) == stored
