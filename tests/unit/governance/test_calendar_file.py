"""The calendar file: what it says, and what is wrong with it."""

from datetime import date

import pytest

from server.governance.calendar_file import parse_calendar, published_years, write_calendar
from server.model import CalendarDay
from tests.unit.governance.china import FILE

HEADER = "date,kind,name,status\n"


def test_the_shipped_file_is_read_and_written_back():
    text = FILE.read_text(encoding="utf-8")
    days, findings = parse_calendar(text)
    assert not findings
    assert published_years(days) == frozenset(range(2018, 2027))
    assert CalendarDay(date(2026, 2, 28), working=True, name="春节调休上班") in days
    assert CalendarDay(date(2027, 2, 6), working=False, name="春节", official=False) in days
    assert write_calendar(days) == text


def test_a_byte_order_mark_and_empty_lines_do_no_harm():
    days, findings = parse_calendar("\ufeff" + HEADER + "\n2026-10-10,work,调休,official\n")
    assert (days, findings) == ((CalendarDay(date(2026, 10, 10), working=True, name="调休"),), ())


@pytest.mark.parametrize(
    ("rows", "where", "message"),
    [
        ("2026-13-01,work,x,official", "line 2", "expected a date"),
        ("2026-10-01,holiday,x,official", "line 2", "expected one of work, rest"),
        ("2026-10-01,rest,x,sure", "line 2", "expected one of official, provisional"),
        ("2026-10-01,rest,x", "line 2", "expected 4 values, found 3"),
        ("2026-10-01,rest,x,official\n2026-10-01,work,x,official", "line 3", "expected every day once"),
        ("2026-10-01,rest,x,official\n2026-10-02,rest,x,provisional", "2026", "all official or all provisional"),
        ('2026-10-01,rest,"x,y",official', "line 2", "without commas"),
    ],
)
def test_every_mistake_is_named_with_its_line(rows, where, message):
    days, findings = parse_calendar(HEADER + rows)
    assert days == ()
    assert [finding.element_id for finding in findings] == [where]
    assert message.split()[0] in findings[0].message


@pytest.mark.parametrize("text", ["", "day;kind\n", "date,kind,name\n"])
def test_a_file_with_other_columns_is_refused(text):
    days, findings = parse_calendar(text)
    assert days == ()
    assert "expected the columns date,kind,name,status" in findings[0].message
