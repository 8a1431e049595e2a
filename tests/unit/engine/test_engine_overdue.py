"""Timers that fell behind: in due order, each once, and a cycle never storms. The rules, over many made-up outages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.engine.diagrams import boundary, catch, diagram, flows, parallel, process, start, timer, user
from tests.unit.engine.world import BEGINNING, World


def beside(cycle: str) -> bytes:
    return diagram(
        process("p", start(), user("a"), boundary("again", "a", timer("timeCycle", cycle), interrupting=False),
                user("c"), flows("start -> a", "again -> c"))
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 6) | st.none(),
    st.integers(1, 90),
    st.lists(st.tuples(st.booleans(), st.integers(0, 400)), max_size=12),
)
def test_a_cycle_after_outages(times: int | None, minutes: int, outages: list[tuple[bool, int]]) -> None:
    """Within an outage nobody fires; at its end what is due fires once, and the next time lies in the future."""
    run = World(beside(f"R{'' if times is None else times}/PT{minutes}M")).start()
    fired = 0
    for away, pause in outages:
        behind = [one for one in run.timers.values() if one.due_at <= run.now + timedelta(minutes=pause)]
        if away:
            run.now += timedelta(minutes=pause)
            run.wait(seconds=0)
            assert run.open.count("c") == fired + len(behind), "once for everything that was missed"
        else:
            run.wait(minutes=pause)
        fired = run.open.count("c")
        assert times is None or fired <= times
        assert len(run.timers) == (0 if times is not None and fired == times else 1)
        assert all(one.due_at > run.now for one in run.timers.values())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 50), min_size=2, max_size=8))
def test_overdue_timers_fire_in_due_order_each_once(hours: list[int]) -> None:
    names = [f"t{number}" for number in range(len(hours))]
    events = [catch(name, timer("timeDuration", f"PT{hour}H")) for name, hour in zip(names, hours, strict=True)]
    ways = [f"fork -> {name} -> end_{name}" for name in names]
    shown = diagram(
        process("p", start(), parallel("fork"), *events, *(user(f"end_{name}") for name in names),
                flows("start -> fork", *ways))
    )  # fmt: skip
    run = World(shown).start()
    run.now = BEGINNING + timedelta(hours=100)
    run.wait(seconds=0)
    passed = [name for name in run.passed("COMPLETED") if name in names]
    assert passed == sorted(names, key=lambda name: (hours[names.index(name)], names.index(name)))
    assert not run.timers


def test_a_cycle_of_less_than_a_millisecond_is_an_incident_not_a_storm(world) -> None:
    run = world(beside("R/PT0.0001S")).start()
    (incident,) = run.incidents.values()
    assert "a millisecond or more" in incident.message
    assert not run.timers


@pytest.mark.parametrize("late", [0, 1, 59])
def test_a_cycle_that_is_a_little_late_keeps_its_rhythm(world, late) -> None:
    run = world(beside("R/PT1H")).start()
    run.now += timedelta(hours=1, minutes=late)
    run.wait(seconds=0)
    (waiting,) = run.timers.values()
    assert waiting.due_at == BEGINNING + timedelta(hours=2)
