"""Dates and times: read from ISO texts, written in the organisation's zone as form-js writes them."""

from __future__ import annotations

from typing import Any

import pytest
from form_examples import check, check_one, component, form, messages, pointers


@pytest.mark.parametrize(
    ("properties", "sent", "written"),
    [
        ({}, "2026-05-01", "2026-05-01"),
        ({"subtype": "date"}, "2024-02-29", "2024-02-29"),
        ({"subtype": "time"}, "09:30", "09:30"),
        ({"subtype": "time"}, "9:30:59", "09:30"),
        ({"subtype": "time", "timeInterval": 15}, "09:37", "09:37"),
        ({"subtype": "time"}, "01:30Z", "09:30"),
        ({"subtype": "time"}, "22:15-03:30", "09:45"),
        ({"subtype": "time", "timeSerializingFormat": "utc_offset"}, "09:30", "09:30+08:00"),
        ({"subtype": "time", "timeSerializingFormat": "utc_normalized"}, "07:30", "23:30Z"),
        ({"subtype": "datetime"}, "2026-05-01T09:30", "2026-05-01T09:30"),
        ({"subtype": "datetime"}, "2026-05-01T09:30:15.250+08:00", "2026-05-01T09:30"),
        ({"subtype": "datetime"}, "2026-12-31T23:30+01:00", "2027-01-01T06:30"),
        ({"subtype": "datetime"}, "2026-05-01T09:30+09", "2026-05-01T08:30"),
        (
            {"subtype": "datetime", "timeSerializingFormat": "utc_offset"},
            "2026-05-01T01:30Z",
            "2026-05-01T09:30+08:00",
        ),
        (
            {"subtype": "datetime", "timeSerializingFormat": "utc_normalized"},
            "2026-05-01T07:30",
            "2026-04-30T23:30Z",
        ),
    ],
)
def test_moments_are_written_anew(properties: dict[str, Any], sent: str, written: str) -> None:
    submission = check_one("datetime", sent, **properties)
    assert submission.problems == ()
    assert submission.data == {"v": written}


@pytest.mark.parametrize(
    ("subtype", "sent"),
    [
        ("date", "2026-02-30"),
        ("date", "2026-5-1"),
        ("date", "20260501"),
        ("date", "2026-05-01T09:30"),
        ("date", 20260501),
        ("date", "x" * 50),
        ("time", "24:00"),
        ("time", "10:60"),
        ("time", "soon"),
        ("time", "10:30+99:00"),
        ("datetime", "2026-05-01"),
        ("datetime", "2026-05-01T25:00"),
        ("datetime", "2026-13-01T10:00"),
        ("datetime", "9999-12-31T23:30-10:00"),
        ("nonsense", "2026-05-01"),
    ],
)
def test_other_moments_are_refused(subtype: str, sent: object) -> None:
    submission = check_one("datetime", sent, subtype=subtype)
    assert pointers(submission) == ["/v"]
    assert "Expected a" in messages(submission)[0]


def test_past_days_are_refused_where_the_form_says_so() -> None:
    example = form(component("datetime", "d", disallowPassedDates=True))
    assert check(example, {"d": "2026-05-02"}).problems == ()
    assert messages(check(example, {"d": "2026-05-01"})) == ["Expected a date that is not before today (2026-05-02)."]
    assert check(example, {"d": None}).problems == ()


def test_a_past_day_that_the_process_has_is_kept() -> None:
    example = form(component("datetime", "d", disallowPassedDates=True))
    assert check(example, {"d": "2020-01-01"}, {"d": "2020-01-01"}).problems == ()
    assert check(example, {}, {"d": "2020-01-01"}).data == {"d": "2020-01-01"}


@pytest.mark.parametrize(("subtype", "clock"), [("date", ""), ("datetime", "T09:30")])
def test_days_to_come_are_refused_where_the_form_says_so(subtype: str, clock: str) -> None:
    example = form(component("datetime", "d", subtype=subtype, properties={"disallowFutureDates": "true"}))
    assert check(example, {"d": f"2026-05-02{clock}"}).problems == ()
    assert messages(check(example, {"d": f"2026-05-03{clock}"})) == [
        "Expected a date that is not after today (2026-05-02)."
    ]
    assert check(example, {}, {"d": f"2030-01-01{clock}"}).problems == ()
    assert check(form(component("datetime", "d", subtype=subtype)), {"d": f"2026-05-03{clock}"}).problems == ()


def test_times_have_neither_past_nor_future() -> None:
    properties = {"disallowFutureDates": "true"}
    example = form(component("datetime", "d", subtype="time", disallowPassedDates=True, properties=properties))
    assert check(example, {"d": "00:15"}).problems == ()
