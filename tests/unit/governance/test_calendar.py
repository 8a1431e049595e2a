"""Working days and working time, measured against the days that the State Council announced."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.governance.calendar import BeyondCalendar, WorkingCalendar
from server.model import CalendarDay
from tests.unit.governance.china import SHANGHAI, at, china

HOUR = timedelta(hours=1)
MINUTES = 700 * 24 * 60
moments = st.integers(0, MINUTES).map(lambda minutes: at("2025-01-01 00:00") + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-09-29 10:00", "2026-10-14 18:00"),
        ("2026-02-12 10:00", "2026-02-28 18:00"),
        ("2026-09-17 10:00", "2026-09-28 18:00"),
    ],
)
def test_seven_working_days_count_holidays_and_make_up_days(start, due):
    assert china().add_working_days(at(start), 7) == at(due)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-02-13 17:00", 56, "2026-03-02 17:00"),
        ("2026-09-29 17:30", 56, "2026-10-14 17:30"),
        ("2026-11-23 11:00", 2, "2026-11-23 14:00"),
        ("2026-11-23 11:00", 1, "2026-11-23 12:00"),
        ("2026-11-23 09:00", 8, "2026-11-23 18:00"),
        ("2026-11-21 10:00", 1, "2026-11-23 10:00"),
        ("2026-11-23 20:00", 1, "2026-11-24 10:00"),
        ("2026-11-23 08:00", 1, "2026-11-23 10:00"),
        ("2026-11-23 12:30", 5, "2026-11-23 18:00"),
    ],
)
def test_working_time_skips_lunch_nights_and_rest_days(start, hours, due):
    assert china().add_working_time(at(start), hours * HOUR) == at(due)


def test_a_make_up_saturday_is_worked_and_a_holiday_monday_is_not():
    assert china().is_working_day(date(2026, 2, 28))
    assert not china().is_working_day(date(2026, 2, 16))
    assert not china().is_working_day(date(2026, 11, 22))


def test_receipt_after_closing_or_on_a_rest_day_makes_the_next_working_day_the_first():
    assert china().add_working_days(at("2026-11-20 19:30"), 1) == at("2026-11-23 18:00")
    assert china().add_working_days(at("2026-11-22 10:00"), 1) == at("2026-11-23 18:00")
    assert china().add_working_days(at("2026-11-20 17:59"), 1) == at("2026-11-23 18:00")


def test_the_same_day_is_the_next_working_day_when_the_office_is_closed():
    assert china().add_working_days(at("2026-11-20 09:00"), 0) == at("2026-11-20 18:00")
    assert china().add_working_days(at("2026-11-20 18:00"), 0) == at("2026-11-23 18:00")


def test_natural_days_that_end_on_a_rest_day_end_on_the_next_working_day():
    assert china().add_natural_days(at("2026-09-25 10:00"), 7) == at("2026-10-08 18:00")
    assert china().add_natural_days(at("2026-11-20 10:00"), 7) == at("2026-11-27 10:00")


def test_the_zone_of_the_calendar_decides_not_that_of_the_moment():
    start = at("2026-11-20 17:00").astimezone(UTC)
    assert china().add_working_time(start, 2 * HOUR) == at("2026-11-23 10:00")


def test_working_days_between_two_moments():
    assert china().count_working_days(at("2026-09-29 10:00"), at("2026-10-14 09:00")) == 7
    assert china().count_working_days(at("2026-11-20 10:00"), at("2026-11-22 23:00")) == 0
    assert china().count_working_days(at("2026-11-23 10:00"), at("2026-11-20 10:00")) == 0
    assert china().count_working_days(at("2025-12-31 10:00"), at("2026-01-05 10:00")) == 2


def test_a_span_through_a_year_that_is_not_announced_is_provisional():
    assert china().is_provisional(at("2026-11-22 10:00"), at("2027-01-04 10:00"))
    assert not china().is_provisional(at("2026-11-22 10:00"), at("2026-12-31 10:00"))


def test_estimated_holidays_are_not_worked():
    assert china().add_working_days(at("2026-12-28 10:00"), 7) == at("2027-01-07 18:00")


@given(moments, st.integers(0, 400 * 3600))
def test_what_is_added_is_what_lies_between(start, seconds):
    amount = timedelta(seconds=seconds)
    assert china().working_between(start, china().add_working_time(start, amount)) == amount


@given(moments, moments, moments)
def test_working_time_adds_up(one, two, three):
    first, second, third = sorted((one, two, three))
    calendar = china()
    whole = calendar.working_between(first, third)
    assert whole == calendar.working_between(first, second) + calendar.working_between(second, third)


@given(moments, st.integers(1, 300))
def test_counting_days_undoes_adding_them(start, amount):
    assert china().count_working_days(start, china().add_working_days(start, amount)) == amount


def test_agrees_with_a_walk_over_the_days():
    calendar, day, worked = china(), date(2026, 1, 1), 0
    while day < date(2027, 1, 1):
        day += timedelta(days=1)
        worked += calendar.is_working_day(day)
        end = datetime.combine(day, time(12), SHANGHAI)
        assert calendar.count_working_days(at("2026-01-01 08:00"), end) == worked


def test_a_day_of_the_organisation_overrides_the_week():
    closed = WorkingCalendar(
        SHANGHAI, {date(2026, 11, 23): CalendarDay(date(2026, 11, 23), working=False, name="台风")}
    )
    assert closed.add_working_days(at("2026-11-20 10:00"), 1) == at("2026-11-24 18:00")


@pytest.mark.parametrize("hours", [(), ((time(12), time(9)),), ((time(9), time(13)), (time(12), time(18)))])
def test_opening_hours_must_be_in_order(hours):
    with pytest.raises(ValueError, match="opening hours in order"):
        WorkingCalendar(SHANGHAI, hours=hours)


def test_a_deadline_beyond_the_calendar_is_an_error_of_its_own():
    with pytest.raises(BeyondCalendar):
        china().add_working_days(at("2026-11-20 10:00"), 10**9)
    with pytest.raises(BeyondCalendar):
        china().add_natural_days(at("2026-11-20 10:00"), 10**9)
