"""The calendar as expressions see it."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.feel import Environment, compile_expression, to_json
from server.service.calendar_functions import make_calendar_functions
from tests.unit.governance.china import SHANGHAI, china

PAGE = Path(__file__).parents[3] / "docs" / "calendar.md"


def evaluate(text, **variables):
    functions = make_calendar_functions(china)
    environment = Environment(datetime(2026, 9, 29, 2, 0, tzinfo=UTC), SHANGHAI, functions)
    result = compile_expression(text).evaluate(variables, environment)
    return to_json(result.value), [warning.message for warning in result.warnings]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("add working days(now(), 7)", "2026-10-14T18:00:00+08:00"),
        ("add working days(received_at, 7)", "2026-10-14T18:00:00+08:00"),
        ('add working days(date and time("2026-09-29T10:00:00"), 7)', "2026-10-14T18:00:00+08:00"),
        ('add working days(date("2026-09-29"), 7)', "2026-10-14T18:00:00+08:00"),
        ("add working days(from: received_at, days: 7)", "2026-10-14T18:00:00+08:00"),
        ("add natural days(received_at, 3)", "2026-10-08T18:00:00+08:00"),
        ("add working hours(received_at, 8)", "2026-09-30T10:00:00+08:00"),
        ('working days between(received_at, "2026-10-14T09:00:00+08:00")', 7),
        ('working hours between(received_at, "2026-09-29T11:30:00+08:00")', 1.5),
        ('is working day("2026-10-10")', True),
        ('is working day(date("2026-10-01"))', False),
        ('string(next working day(date("2026-10-01")))', "2026-10-08"),
        ("is provisional(received_at, add working days(received_at, 120))", True),
        ("if is provisional(received_at, now()) then 1 else 2", 2),
    ],
)
def test_expressions_count_working_time(text, value):
    assert evaluate(text, received_at="2026-09-29T10:00:00+08:00") == (value, [])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("add working days(now(), 1.5)", "a whole number from 0 to 100000 expected"),
        ("add working days(now(), -1)", "a whole number from 0 to 100000 expected"),
        ("add working days(now(), 100000)", "after the year 2199"),
        ('add working days("soon", 1)', "no date and time"),
        ('is working day(date("999999-01-01"))', "too far away"),
    ],
)
def test_what_cannot_be_counted_is_null_with_a_reason(text, reason):
    value, warnings = evaluate(text)
    assert value is None
    assert reason in warnings[0]


def test_the_page_says_what_the_functions_give():
    text = PAGE.read_text(encoding="utf-8")
    received = re.search(r"`received = (\".*?\")`", text)[1]
    rows = re.findall(r"^\| `([^`]+)` \|.*\| `([^`]+)` \| `([^`]+)` \|$", text, re.MULTILINE)
    assert len(rows) == len(make_calendar_functions(china))
    for _, example, result in rows:
        assert evaluate(example, received=json.loads(received)) == (json.loads(result), []), example


def test_the_calendar_is_not_read_before_it_is_needed():
    functions = make_calendar_functions(lambda: pytest.fail("read too early"))
    environment = Environment(datetime(2026, 9, 29, tzinfo=UTC), SHANGHAI, functions)
    assert to_json(compile_expression("1 + 1").evaluate({}, environment).value) == 2


@pytest.mark.parametrize(
    "joined", ["true and {} = 7", "if {} > 5 then true else false", "some n in [7] satisfies {} = n"]
)
def test_a_name_with_a_keyword_is_found_behind_words_that_join(joined):
    call = 'working days between(received_at, "2026-10-14T09:00:00+08:00")'
    assert evaluate(joined.format(call), received_at="2026-09-29T10:00:00+08:00") == (True, [])
