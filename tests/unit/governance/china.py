"""The shipped calendar, read once, and moments in its zone."""

from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from server.governance.calendar import WorkingCalendar
from server.governance.calendar_file import parse_calendar, published_years

SHANGHAI = ZoneInfo("Asia/Shanghai")
FILE = Path(__file__).parents[3] / "organisation" / "calendar.csv"


@cache
def china() -> WorkingCalendar:
    days, findings = parse_calendar(FILE.read_text(encoding="utf-8"))
    assert not findings
    return WorkingCalendar(SHANGHAI, {day.day: day for day in days}, published_years(days))


def at(text: str) -> datetime:
    """Read `2026-02-13 17:00` as a time in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
