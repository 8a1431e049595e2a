"""Quarters, in a zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from server.governance.quarters import list_quarters

SHANGHAI = ZoneInfo("Asia/Shanghai")


def quarters(since, until):
    found = list_quarters(datetime.fromisoformat(since), datetime.fromisoformat(until), SHANGHAI)
    return [(first.date().isoformat(), after.date().isoformat()) for first, after in found]


def test_only_whole_quarters_are_listed_by_the_days_of_the_zone():
    assert quarters("2026-01-01T00:00:00+08:00", "2026-07-01T00:00:00+08:00") == [
        ("2026-01-01", "2026-04-01"),
        ("2026-04-01", "2026-07-01"),
    ]
    assert quarters("2025-12-31T16:00:00+00:00", "2026-03-31T16:00:00+00:00") == [("2026-01-01", "2026-04-01")]
    assert quarters("2026-01-01T00:00:01+08:00", "2026-06-30T23:59:59+08:00") == []
    first, _ = next(iter(list_quarters(datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC), SHANGHAI)))
    assert first.isoformat() == "2026-01-01T00:00:00+08:00"
