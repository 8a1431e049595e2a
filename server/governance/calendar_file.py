"""The calendar as a CSV file: one row for every day that differs from the plain week.

Columns `date` (ISO 8601), `kind` (work, rest), `name`, `status` (official, provisional). A year counts as published
when it has an official row: the announcement of a year names all of its holidays at once.
"""

from __future__ import annotations

import csv
from datetime import date
from typing import TYPE_CHECKING

from server.model import CalendarDay, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COLUMNS = ("date", "kind", "name", "status")
KINDS = {"work": True, "rest": False}
STATUSES = {"official": True, "provisional": False}


def parse_calendar(text: str) -> tuple[tuple[CalendarDay, ...], tuple[Finding, ...]]:
    """Return the days of a calendar file in order, and what is wrong with it; with any finding there are no days."""
    lines = csv.reader(text.removeprefix("\ufeff").splitlines())
    header = tuple(next(lines, ()))
    if header != COLUMNS:
        found = ",".join(header) or "nothing"
        return (), (Finding("line 1", f"expected the columns {','.join(COLUMNS)}, found {found}", "calendar"),)
    findings: list[Finding] = []
    days: dict[date, CalendarDay] = {}
    for number, row in enumerate(lines, start=2):
        if not row:
            continue
        day = _parse_row(row, f"line {number}", findings)
        if day is not None and days.setdefault(day.day, day) is not day:
            findings.append(Finding(f"line {number}", f"expected every day once, found {day.day} again", "date"))
    _check_years(days.values(), findings)
    return (() if findings else tuple(days[day] for day in sorted(days))), tuple(findings)


def published_years(days: Iterable[CalendarDay]) -> frozenset[int]:
    """Return the years whose holidays have been announced."""
    return frozenset(day.day.year for day in days if day.official)


def write_calendar(days: Iterable[CalendarDay]) -> str:
    """Return days as a file, in order of time."""
    rows = [",".join(COLUMNS)]
    for day in sorted(days, key=lambda day: day.day):
        kind, status = ("work" if day.working else "rest"), ("official" if day.official else "provisional")
        rows.append(f"{day.day},{kind},{day.name},{status}")
    return "\n".join(rows) + "\n"


def _parse_row(row: list[str], line: str, findings: list[Finding]) -> CalendarDay | None:
    if len(row) != len(COLUMNS):
        findings.append(Finding(line, f"expected {len(COLUMNS)} values, found {len(row)}", "calendar"))
        return None
    day, kind, name, status = (value.strip() for value in row)
    before = len(findings)
    try:
        parsed = date.fromisoformat(day)
    except ValueError:
        findings.append(Finding(line, f"expected a date such as 2026-10-01, found {day!r}", "date"))
        parsed = date.min
    _check_word(kind, KINDS, line, "kind", findings)
    _check_word(status, STATUSES, line, "status", findings)
    if "," in name or "\n" in name:
        findings.append(Finding(line, f"expected a name without commas, found {name!r}", "name"))
    return CalendarDay(parsed, KINDS[kind], name, STATUSES[status]) if len(findings) == before else None


def _check_word(word: str, known: Mapping[str, bool], line: str, column: str, findings: list[Finding]) -> None:
    if word not in known:
        findings.append(Finding(line, f"expected one of {', '.join(known)}, found {word!r}", column))


def _check_years(days: Iterable[CalendarDay], findings: list[Finding]) -> None:
    """Refuse years of which half is announced and half estimated: their deadlines would look firmer than they are."""
    official: dict[int, set[bool]] = {}
    for day in days:
        official.setdefault(day.day.year, set()).add(day.official)
    findings += [
        Finding(str(year), "expected all days of a year to be official or all provisional, found both", "status")
        for year, kinds in sorted(official.items())
        if len(kinds) > 1
    ]
