"""Times in diagrams: what is understood, what is refused, and where the calendar ends."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from server.engine.expressions import Interval, parse_interval
from tests.unit.engine.diagrams import catch, diagram, flows, process, start, timer, user, zeebe
from tests.unit.engine.world import BEGINNING


def due_of(world, kind: str, value: object, now: str | None = None) -> str:
    shown = diagram(process("p", start(), catch("t", timer(kind, "=x")), user("a"), flows("start -> t -> a")))
    run = world(shown)
    if now is not None:
        run.now = datetime.fromisoformat(now).astimezone(UTC)
    run.start(x=value)
    if run.incidents:
        (incident,) = run.incidents.values()
        return incident.message
    (due,) = run.timers.values()
    return due.due_at.isoformat()


@pytest.mark.parametrize(
    ("now", "duration", "due"),
    [
        ("2026-01-31T10:00:00+08:00", "P1M", "2026-02-28T02:00:00+00:00"),
        ("2028-01-31T10:00:00+08:00", "P1M", "2028-02-29T02:00:00+00:00"),
        ("2028-02-29T10:00:00+08:00", "P1Y", "2029-02-28T02:00:00+00:00"),
        ("2026-03-01T00:30:00+08:00", "P1M", "2026-03-31T16:30:00+00:00"),  # 1 April in Shanghai
        ("2026-12-31T10:00:00+08:00", "P2M", "2027-02-28T02:00:00+00:00"),
        ("2026-03-31T10:00:00+08:00", "-P1M", "2026-02-28T02:00:00+00:00"),
        ("2026-03-02T09:00:00+08:00", "P1Y2M3DT4H5M6.789S", "2027-05-05T05:05:06.789000+00:00"),
        ("2026-03-02T09:00:00+08:00", "P2W", "2026-03-16T01:00:00+00:00"),
        ("2026-03-02T09:00:00+08:00", "PT0S", "2026-03-02T01:00:00+00:00"),
        ("2026-03-02T09:00:00+08:00", "-PT1H", "2026-03-02T00:00:00+00:00"),
        ("2026-03-02T09:00:00+08:00", "PT0.0009S", "2026-03-02T01:00:00+00:00"),
    ],
)
def test_durations(world, now, duration, due) -> None:
    assert due_of(world, "timeDuration", duration, now) == due


@pytest.mark.parametrize(
    "value",
    ["P", "PT", "P1", "1H", "PT1H30", "P1H", "soon", "", 3, True, None, [], {"a": 1}, "P" + "9" * 400 + "Y",
     "PT" + "9" * 30 + "H", "P1.5D"],
)  # fmt: skip
def test_durations_that_are_none(world, value) -> None:
    assert due_of(world, "timeDuration", value).startswith("timeDuration: expected a duration such as PT72H, found")


@pytest.mark.parametrize("value", ["P9999Y", "P9999999D", "P8000Y", "-P9999Y", "-P999999D"])
def test_durations_beyond_the_calendar(world, value) -> None:
    assert (
        due_of(world, "timeDuration", value)
        == "timeDuration: expected a time within the calendar's years 1 to 9999, found none"
    )


@pytest.mark.parametrize(
    ("value", "due"),
    [
        ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00+00:00"),
        ("2026-03-02", "2026-03-01T16:00:00+00:00"),
        ("2026-03-02T09:00", "2026-03-02T01:00:00+00:00"),
        ("2026-03-02T09:00:00.123456+08:00", "2026-03-02T01:00:00.123000+00:00"),
        ("2026-03-02T09:00:00@Europe/Berlin", "2026-03-02T08:00:00+00:00"),
        ("2026-03-02T09:00:00+01:00[Europe/Berlin]", "2026-03-02T08:00:00+00:00"),
        ("2026-03-02T09:00:00[America/Toronto]", "2026-03-02T14:00:00+00:00"),
        ("2026-03-02@America/Toronto", "2026-03-02T05:00:00+00:00"),
    ],
)
def test_dates(world, value, due) -> None:
    assert due_of(world, "timeDate", value) == due


@pytest.mark.parametrize(
    "value",
    ["tomorrow", "2026-03-02 09:00", "2026-02-30", "2026-03-02T25:00:00", "20260302", "2026-W10-1", "09:00:00", "", 7,
     False, [],
     "2026-03-02T09:00:00@Nowhere/Else", "2026-03-02T09:00:00@Asia", "2026-03-02T09:00:00@../etc/passwd",
     "2026-03-02T09:00:00@/etc/passwd", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
     "2026-03-02T09:00:00[x"],
)  # fmt: skip
def test_dates_that_are_none(world, value) -> None:
    assert due_of(world, "timeDate", value).startswith("timeDate: expected a date and time such as")


def test_no_date_is_an_incident(world) -> None:
    assert due_of(world, "timeDate", None).startswith("timeDate: expected a time within the calendar")


def test_the_past_fires_at_once(world) -> None:
    shown = diagram(process("p", start(), catch("t", timer("timeDate", "2020-01-01T00:00:00Z")), user("a"),
                            flows("start -> t -> a")))  # fmt: skip
    run = world(shown).start().wait(seconds=0)
    assert (run.open, run.now) == (["a"], BEGINNING)


def test_a_day_is_24_hours_even_where_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    before = datetime(2026, 3, 28, 11, tzinfo=UTC)  # clocks go forward that night
    day, month = parse_interval("P1D"), parse_interval("P1M")
    assert day is not None
    assert month is not None
    assert day.after(before, berlin) == datetime(2026, 3, 29, 11, tzinfo=UTC)
    assert month.after(before, berlin) == datetime(2026, 4, 28, 10, tzinfo=UTC), "a month keeps the time on the wall"


def test_intervals_of_no_time_are_empty() -> None:
    for text, empty in {"PT0S": True, "-P1D": True, "PT1S": False, "P1M": False}.items():
        interval = parse_interval(text)
        assert isinstance(interval, Interval)
        assert interval.is_empty is empty
    assert parse_interval(7) is None


@pytest.mark.parametrize("due", [7, "soon", ["2026-03-02"]])
def test_due_dates_that_are_none(world, due) -> None:
    task = user("a", zeebe("taskSchedule", dueDate="=x"))
    run = world(diagram(process("p", start(), task, flows("start -> a")))).start(x=due)
    (incident,) = run.incidents.values()
    assert incident.message.startswith("dueDate: expected a date and time such as")
    run.resolve(x=None)
    assert [task.due_date for task in run.tasks.values()] == [None]
