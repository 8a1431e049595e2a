"""When timer start events start: at deployment, and from one start to the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.catalog import read_resources
from server.engine import StartPlan
from server.errors import DefinitionInvalid
from server.model import StartTimer
from tests.unit.engine.diagrams import diagram, flows, process, start, timer, user
from tests.unit.engine.world import BEGINNING, SHANGHAI

PLAN = StartPlan(BEGINNING, SHANGHAI)
HOUR = timedelta(hours=1)


def first(kind: str, text: str, plan: StartPlan = PLAN) -> tuple[StartTimer, ...]:
    shown = diagram(process("p", start("s", timer(kind, text)), user("a"), flows("s -> a")))
    (file,) = read_resources([("d.bpmn", shown)]).processes
    return plan.first_timers(file.process, 7, "d.bpmn/p")


@pytest.mark.parametrize(
    ("kind", "text", "due", "cycle", "repetitions"),
    [
        ("timeDate", "2026-03-03T09:00:00+08:00", "2026-03-03T01:00:00", None, 1),
        ("timeDate", "2026-03-03T09:00:00", "2026-03-03T01:00:00", None, 1),  # the organisation's zone
        ("timeDate", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00", None, 1),
        ("timeDate", '=now() + duration("P1D")', "2026-03-03T01:00:00", None, 1),
        ("timeDuration", "P1M", "2026-04-02T01:00:00", None, 1),
        ("timeCycle", "R3/PT1H", "2026-03-02T02:00:00", "R3/PT1H", 3),
        ("timeCycle", "R/P14D", "2026-03-16T01:00:00", "R/P14D", None),
        ("timeCycle", '="R2/PT" + string(1 + 1) + "H"', "2026-03-02T03:00:00", "R2/PT2H", 2),
    ],
)  # fmt: skip
def test_the_first_start(kind: str, text: str, due: str, cycle: str | None, repetitions: int | None) -> None:
    moment = datetime.fromisoformat(due).replace(tzinfo=UTC)
    assert first(kind, text) == (StartTimer("p", "s", 7, moment, cycle, repetitions),)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("timeDate", "=unknown"),
        ("timeDate", "=null"),
        ("timeDuration", "=5"),
        ("timeDuration", "P9000Y"),
        ("timeCycle", '="R0/PT1H"'),
        ("timeCycle", "R/P9000Y"),
        ("timeCycle", "R/PT0.0001S"),  # shorter than the millisecond that is kept: it would start for ever
    ],
)
def test_what_gives_no_time_is_a_finding_at_deployment(kind: str, text: str) -> None:
    with pytest.raises(DefinitionInvalid) as refused:
        first(kind, text)
    (finding,) = refused.value.findings
    assert (finding.element_id, finding.path) == ("s", f"d.bpmn/p/s/{kind}")
    assert finding.message.endswith("(at deployment)")
    assert "expected a" in finding.message or "no variable" in finding.message


def test_a_process_without_timer_start_events_has_none() -> None:
    (file,) = read_resources([("d.bpmn", diagram(process("p", start(), user("a"), flows("start -> a"))))]).processes
    assert PLAN.first_timers(file.process, 7, "d.bpmn/p") == ()


def test_a_cycle_counts_down_and_ends() -> None:
    (waiting,) = first("timeCycle", "R2/PT1H")
    at_once = StartPlan(BEGINNING + HOUR, SHANGHAI)
    last = at_once.next_timer(waiting)
    assert last == replace(waiting, due_at=BEGINNING + 2 * HOUR, repetitions=1)
    assert StartPlan(BEGINNING + 2 * HOUR, SHANGHAI).next_timer(last) is None


def test_a_cycle_without_end_goes_on_and_keeps_its_rhythm_when_a_start_is_a_little_late() -> None:
    (waiting,) = first("timeCycle", "R/PT1H")
    late = StartPlan(BEGINNING + 1.5 * HOUR, SHANGHAI)
    assert late.next_timer(waiting) == replace(waiting, due_at=BEGINNING + 2 * HOUR)


def test_a_cycle_that_fell_behind_skips_what_passed() -> None:
    (waiting,) = first("timeCycle", "R9/PT1H")
    late = StartPlan(BEGINNING + 100 * HOUR, SHANGHAI)
    assert late.next_timer(waiting) == replace(waiting, due_at=BEGINNING + 101 * HOUR, repetitions=8)


def test_dates_and_durations_start_once_and_a_cycle_ends_with_the_calendar() -> None:
    assert PLAN.next_timer(StartTimer("p", "s", 7, BEGINNING)) is None
    end = StartTimer("p", "s", 7, datetime(9999, 12, 31, tzinfo=UTC), "R/P1Y", None)
    assert StartPlan(end.due_at, SHANGHAI).next_timer(end) is None
