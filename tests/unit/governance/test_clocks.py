"""Clocks: the cases that other systems got wrong (domain.md §8.5), and laws that hold for random ones."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.governance.calendar import WorkingCalendar
from server.governance.clocks import (
    ClockRefused,
    change_budget,
    consumed_time,
    derive_due,
    extend_clock,
    find_reminder,
    pause_clock,
    recalculate,
    resume_clock,
    start_clock,
    stop_clock,
)
from server.model import Audience, Budget, CalendarDay, Pause, TimeUnit
from tests.unit.governance.china import SHANGHAI, at, china

HOUR = timedelta(hours=1)
MINUTES = 150 * 24 * 60
WEEK = Budget(7, TimeUnit.DAY)


def workdays(amount):
    return Budget(amount, TimeUnit.WORKDAY)


def workhours(amount):
    return Budget(amount, TimeUnit.WORKHOUR)


def started(text, budget, **options):
    return start_clock(at(text), budget, china(), **options)


def paused(clock, start, end=None, cap=None):
    clock = pause_clock(clock, "waiting_resident", at(start), cap or workdays(5), china())
    return clock if end is None else resume_clock(clock, at(end), china())


@pytest.mark.parametrize(
    ("budget", "due"),
    [
        (Budget(10, TimeUnit.MINUTE), "2026-11-20 17:40"),
        (Budget(24, TimeUnit.HOUR), "2026-11-21 17:30"),
        (Budget(7, TimeUnit.DAY), "2026-11-27 17:30"),
        (Budget(1, TimeUnit.DAY), "2026-11-23 18:00"),
        (Budget(1, TimeUnit.WORKHOUR), "2026-11-23 09:30"),
        (Budget(3, TimeUnit.WORKDAY), "2026-11-25 18:00"),
    ],
)
def test_a_clock_is_due_by_its_unit(budget, due):
    assert started("2026-11-20 17:30", budget).due_at == at(due)


def test_a_pause_over_a_weekend_adds_nothing():
    clock = started("2026-11-18 10:00", workhours(24))
    assert paused(clock, "2026-11-20 18:00", "2026-11-23 09:00").due_at == clock.due_at
    day_clock = started("2026-11-18 10:00", workdays(3))
    assert paused(day_clock, "2026-11-20 18:00", "2026-11-23 09:00").due_at == day_clock.due_at


def test_another_urgency_keeps_the_pauses_and_the_time_used():
    clock = paused(started("2026-11-16 09:00", workhours(40)), "2026-11-17 09:00", "2026-11-18 09:00")
    changed = change_budget(clock, workhours(16), china())
    assert changed.due_at == at("2026-11-18 18:00")
    assert consumed_time(changed, at("2026-11-18 18:00"), china()) == 16 * HOUR


def test_another_urgency_while_paused_keeps_the_pause():
    clock = paused(started("2026-11-16 09:00", workhours(40)), "2026-11-17 09:00")
    changed = change_budget(clock, workhours(16), china())
    assert changed.paused_at(at("2026-11-17 12:00")) is not None
    assert resume_clock(changed, at("2026-11-18 09:00"), china()).due_at == at("2026-11-18 18:00")


def test_nothing_is_overdue_while_paused():
    clock = started("2026-11-16 09:00", workhours(16))
    clock = paused(clock, "2026-11-17 17:00", cap=workdays(5))
    assert not clock.is_overdue(at("2026-11-24 17:00"))
    assert clock.due_at > clock.pauses[-1].until


def test_a_pause_that_nobody_ends_ends_at_its_cap():
    clock = paused(started("2026-11-16 09:00", workhours(16)), "2026-11-17 17:00", cap=workdays(5))
    assert clock.paused_at(at("2026-11-24 18:01")) is None
    assert clock.due_at == at("2026-11-25 10:00")
    with pytest.raises(ClockRefused, match="not paused"):
        resume_clock(clock, at("2026-11-25 09:30"), china())


def test_a_pause_after_the_time_is_up_changes_nothing():
    clock = started("2026-11-16 09:00", workhours(8))
    late = replace(clock, pauses=(Pause("x", at("2026-11-17 09:00"), at("2026-11-18 09:00")),))
    assert derive_due(late, china()).due_at == clock.due_at
    with pytest.raises(ClockRefused, match="time is up"):
        pause_clock(clock, "x", at("2026-11-17 09:00"), workdays(1), china())


def test_a_reminder_lies_in_business_time():
    clock = started("2026-11-20 10:00", workdays(1))
    reminder = find_reminder(clock, 80, china())
    assert china().working_between(reminder, clock.due_at) > timedelta(0)
    assert reminder == at("2026-11-23 15:00")
    hours = started("2026-11-20 17:00", workhours(4))
    assert find_reminder(hours, 50, china()) == at("2026-11-23 10:00")
    assert find_reminder(started("2026-11-20 12:00", Budget(10, TimeUnit.HOUR)), 50, china()) == at("2026-11-20 17:00")


def test_a_reminder_moves_with_the_pauses_before_it_only():
    clock = started("2026-11-16 09:00", workhours(32))
    assert find_reminder(paused(clock, "2026-11-16 13:00", "2026-11-17 13:00"), 50, china()) == at("2026-11-18 18:00")
    assert find_reminder(paused(clock, "2026-11-18 09:00", "2026-11-19 09:00"), 50, china()) == at("2026-11-17 18:00")


def test_two_pauses_in_a_row_do_not_count_double():
    clock = started("2026-11-16 09:00", workhours(40))
    twice = paused(paused(clock, "2026-11-17 09:00", "2026-11-17 12:00"), "2026-11-17 12:00", "2026-11-17 18:00")
    assert twice.due_at == paused(clock, "2026-11-17 09:00", "2026-11-17 18:00").due_at == at("2026-11-23 18:00")


def test_resuming_exactly_at_closing_time():
    clock = paused(started("2026-11-16 09:00", workhours(16)), "2026-11-16 17:00", "2026-11-16 18:00")
    assert clock.due_at == at("2026-11-18 10:00")


def test_a_day_of_make_up_work_counts():
    assert started("2026-02-27 10:00", workdays(1)).due_at == at("2026-02-28 18:00")


def test_lunch_is_not_worked():
    assert started("2026-11-23 11:30", workhours(1)).due_at == at("2026-11-23 13:30")
    assert consumed_time(started("2026-11-23 11:30", workhours(4)), at("2026-11-23 13:30"), china()) == HOUR


def test_due_at_closing_time_is_not_overdue_until_after_it():
    clock = started("2026-11-23 09:00", workhours(8))
    assert clock.due_at == at("2026-11-23 18:00")
    assert not clock.is_overdue(at("2026-11-23 18:00"))
    assert clock.is_overdue(at("2026-11-23 18:01"))


def test_a_clock_into_a_year_not_yet_announced_is_provisional_until_it_is():
    unit = started("2026-12-28 10:00", workdays(7))
    resident = started("2026-12-28 10:00", workdays(7), audience=Audience.RESIDENT)
    assert unit.provisional
    assert unit.due_at == resident.promised_at == at("2027-01-07 18:00")
    make_up = {
        date(2027, 1, 2): CalendarDay(date(2027, 1, 2), working=True),
        date(2027, 1, 1): CalendarDay(date(2027, 1, 1), working=False),
    }
    announced = WorkingCalendar(SHANGHAI, {**china().days, **make_up}, china().published | {2027})
    assert recalculate(unit, announced).due_at == unit.due_at, "a unit is not given less time"
    assert not recalculate(unit, announced).provisional
    told = recalculate(resident, announced)
    assert (told.due_at, told.promised_at) == (at("2027-01-06 18:00"), resident.promised_at)


def test_a_year_announced_with_more_rest_gives_a_unit_more_time_and_keeps_the_promise():
    rest = {date(2027, 1, day): CalendarDay(date(2027, 1, day), working=False) for day in (1, 4)}
    announced = WorkingCalendar(SHANGHAI, {**china().days, **rest}, china().published | {2027})
    resident = recalculate(started("2026-12-28 10:00", workdays(7), audience=Audience.RESIDENT), announced)
    assert (resident.due_at, resident.promised_at) == (at("2027-01-08 18:00"), at("2027-01-07 18:00"))


def test_clock_time_is_never_provisional():
    assert not started("2026-12-31 23:00", Budget(24, TimeUnit.HOUR)).provisional


def test_extensions_come_before_the_end_once_and_not_longer_than_the_budget():
    clock = started("2026-11-16 09:00", workdays(3))
    extended = extend_clock(clock, 3, at("2026-11-18 09:00"), china())
    assert extended.due_at == at("2026-11-24 18:00")
    with pytest.raises(ClockRefused, match="as often as allowed"):
        extend_clock(extended, 1, at("2026-11-18 10:00"), china())
    with pytest.raises(ClockRefused, match="expected 1 to 3, found 4"):
        extend_clock(clock, 4, at("2026-11-18 09:00"), china())
    with pytest.raises(ClockRefused, match="before the time is up"):
        extend_clock(clock, 1, at("2026-11-19 18:00"), china())


def test_urgent_clocks_are_not_paused():
    clock = started("2026-11-16 09:00", Budget(10, TimeUnit.MINUTE), pausable=False)
    with pytest.raises(ClockRefused, match="cannot be paused"):
        pause_clock(clock, "x", at("2026-11-16 09:01"), workdays(1), china())


def test_a_paused_clock_is_not_paused_again():
    clock = paused(started("2026-11-16 09:00", WEEK), "2026-11-17 09:00")
    with pytest.raises(ClockRefused, match="paused already"):
        paused(clock, "2026-11-17 10:00")


def test_an_ended_clock_stays_as_it_is():
    clock = stop_clock(paused(started("2026-11-16 09:00", WEEK), "2026-11-17 09:00"), at("2026-11-18 09:00"))
    assert clock.pauses[-1].ended_at == clock.ended_at == at("2026-11-18 09:00")
    assert not clock.is_overdue(at("2027-11-18 09:00"))
    for change in (
        lambda: stop_clock(clock, at("2026-11-19 09:00")),
        lambda: resume_clock(clock, at("2026-11-19 09:00"), china()),
        lambda: extend_clock(clock, 1, at("2026-11-19 09:00"), china()),
        lambda: change_budget(clock, WEEK, china()),
        lambda: paused(clock, "2026-11-19 09:00"),
    ):
        with pytest.raises(ClockRefused, match="has ended"):
            change()


def test_a_budget_is_positive():
    with pytest.raises(ValueError, match="positive amount"):
        Budget(0, TimeUnit.DAY)


moments = st.integers(0, MINUTES).map(lambda minutes: at("2026-01-01 00:00") + timedelta(minutes=minutes))
spans = st.lists(st.tuples(st.integers(1, 200), st.integers(1, 100)), max_size=5)


def play(start, budget, gaps):
    """Start a clock and pause it again and again: each gap is (hours that it runs, hours that it is paused)."""
    clock, now = start_clock(start, budget, china()), start
    for runs, waits in gaps:
        now += runs * HOUR
        if clock.due_at <= now:
            break
        clock = pause_clock(clock, "x", now, workdays(30), china())
        assert not clock.is_overdue(now + waits * HOUR)
        now += waits * HOUR
        clock = resume_clock(clock, now, china())
    return clock


@given(moments, st.integers(1, 100), spans)
def test_the_time_worked_outside_the_pauses_is_the_budget(start, hours, gaps):
    clock = play(start, workhours(hours), gaps)
    assert consumed_time(clock, clock.due_at, china()) == hours * HOUR


@given(moments, st.sampled_from(TimeUnit), st.integers(1, 20), spans)
def test_the_due_moment_does_not_depend_on_the_way_it_was_reached(start, unit, amount, gaps):
    clock = play(start, Budget(amount, unit), gaps)
    assert derive_due(clock, china()) == clock
    assert recalculate(clock, china()) == clock


@given(moments, st.sampled_from(TimeUnit), st.integers(1, 20), spans)
def test_a_pause_never_makes_a_clock_due_earlier_and_reminders_come_in_order(start, unit, amount, gaps):
    clock = play(start, Budget(amount, unit), gaps)
    assert clock.due_at >= start_clock(start, Budget(amount, unit), china()).due_at
    half, most = find_reminder(clock, 50, china()), find_reminder(clock, 80, china())
    assert start <= half <= most <= clock.due_at


def test_ten_thousand_random_clocks_break_no_law():
    draw = random.Random(2026)  # noqa: S311 - reproducible, nothing secret
    other = WorkingCalendar(SHANGHAI, {**china().days, date(2026, 3, 9): CalendarDay(date(2026, 3, 9), working=False)})
    for _ in range(10_000):
        budget = Budget(draw.randint(1, 30), draw.choice(list(TimeUnit)))
        start = at("2026-01-01 00:00") + timedelta(minutes=draw.randint(0, 150 * 24 * 60))
        clock = play(start, budget, [(draw.randint(1, 90), draw.randint(1, 90)) for _ in range(draw.randint(0, 4))])
        assert derive_due(clock, china()) == clock
        assert recalculate(clock, other).due_at >= clock.due_at
        assert consumed_time(clock, clock.due_at, china()) >= timedelta(0)
        assert all(clock.due_at >= pause.end for pause in clock.pauses)
