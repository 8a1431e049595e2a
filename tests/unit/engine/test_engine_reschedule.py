"""Waiting timers that are evaluated once more: which of them move, from when they count, and what never happens."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.engine import finish
from tests.unit.engine.diagrams import (
    boundary,
    catch,
    diagram,
    event_gateway,
    event_sub_process,
    flows,
    mappings,
    message,
    message_event,
    parallel,
    process,
    repeated,
    start,
    sub_process,
    timer,
    user,
)
from tests.unit.engine.world import BEGINNING

HOUR = timedelta(hours=1)


def due(run) -> dict[str, timedelta]:
    """Return when each timer is due, since the beginning."""
    return {one.place.element_id: one.due_at - BEGINNING for one in run.timers.values()}


def everywhere() -> bytes:
    """A timer of every position, each due after `=wait` of its own scope."""
    inside = sub_process("sub", start("s"), user("c"), boundary("deep", "c", timer("timeDuration", "=wait")),
                         flows("s -> c", "deep -> c"), extras=mappings({"wait": "=inner"}))  # fmt: skip
    handling = event_sub_process("es", timer("timeDuration", "=wait"), user("h"), flows("es_start -> h"))
    return diagram(
        message("m", "answer", "=1"),
        process(
            "p", start(), parallel("fork"), user("a"), boundary("late", "a", timer("timeDuration", "=wait")),
            catch("pause", timer("timeDuration", "=wait")), event_gateway("g"),
            catch("first", timer("timeDuration", "=wait")), catch("answer", message_event("m")), inside, handling,
            user("end"),
            flows("start -> fork -> a -> end", "fork -> pause -> end", "fork -> g -> first -> end",
                  "g -> answer -> end", "fork -> sub -> end", "late -> end"),
        ),
    )  # fmt: skip


def test_every_timer_moves_and_counts_from_when_it_began_to_wait(world) -> None:
    run = world(everywhere()).start(wait="PT10H", inner="PT20H")
    keys, tokens = set(run.timers), len(run.history)
    assert set(due(run)) == {"late", "pause", "first", "deep", "es"}
    run.now += HOUR
    run.write(run.root_key, wait="PT5H")
    told = run.reschedule()
    assert due(run) == {"late": 5 * HOUR, "pause": 5 * HOUR, "first": 5 * HOUR, "es": 5 * HOUR, "deep": 20 * HOUR}
    assert set(run.timers) == keys, "rows are moved, never made anew"
    assert run.history[tokens:] == [("p", "EDITED")], "nothing else happens"
    assert [one.timer.key for one in told] == sorted(keys)
    assert {one.timer.place.element_id: one.due_at - one.timer.due_at for one in told if one.due_at != one.timer.due_at}
    assert {one.problem for one in told} == {None}
    assert run.result.timers_moved
    assert not run.result.timers_created
    assert run.reschedule()
    assert not run.result.timers_moved, "what is due as before is not touched"


def test_moved_timers_fire_at_their_new_time_once(world) -> None:
    run = world(everywhere()).start(wait="PT10H", inner="PT20H")
    run.write(run.root_key, wait="PT30H").reschedule()
    run.wait(hours=19)
    assert "pause" not in run.passed("COMPLETED")
    run.wait(hours=2)
    assert "deep" in run.passed("COMPLETED"), "the one of the inner scope has not moved"
    run.wait(hours=20)
    assert [one for one in run.passed("COMPLETED") if one.startswith(("late", "first", "pause", "es"))]


def alone(kind: str, text: str) -> bytes:
    return diagram(process("p", start(), catch("t", timer(kind, text)), user("a"), flows("start -> t -> a")))


def test_dates_move(world) -> None:
    run = world(alone("timeDate", "=deadline")).start(deadline="2026-03-02T10:00:00+08:00")
    run.write(run.root_key, deadline="2026-03-03T09:00:00+08:00").reschedule()
    assert due(run) == {"t": 24 * HOUR}
    run.wait(hours=23)
    assert run.open == []
    run.wait(hours=1)
    assert run.open == ["a"]


def test_a_date_brought_forward_into_the_past_fires_at_once(world) -> None:
    run = world(alone("timeDate", "=deadline")).start(deadline="2027-01-01").wait(hours=5)
    run.write(run.root_key, deadline="2026-03-02T09:30:00+08:00").reschedule()
    run.wait(seconds=0)
    assert run.open == ["a"]


def test_what_gives_no_time_any_more_keeps_the_old_one_and_says_why(world) -> None:
    run = world(alone("timeDuration", "=wait")).start(wait="PT10H")
    for value in ("soon", None, 7, "P9999Y"):
        (told,) = run.write(run.root_key, wait=value).reschedule()
        assert told.problem.startswith("timeDuration: expected a")
        assert (told.due_at, due(run)) == (told.timer.due_at, {"t": 10 * HOUR})
        assert not run.result.timers_moved
        assert not run.incidents
    run.wait(hours=10)
    assert run.open == ["a"], "a timer is never lost"


def cyclic() -> bytes:
    return diagram(
        process("p", start(), user("a"), boundary("again", "a", timer("timeCycle", "=rhythm"), interrupting=False),
                user("c"), flows("start -> a", "again -> c"))
    )  # fmt: skip


def test_a_cycle_counts_from_its_last_time(world) -> None:
    run = world(cyclic()).start(rhythm="R3/PT10H").wait(hours=12)
    assert (run.open, due(run)) == (["a", "c"], {"again": 20 * HOUR})
    run.write(run.root_key, rhythm="R3/PT4H").reschedule()
    assert due(run) == {"again": 14 * HOUR}
    run.wait(hours=100)
    assert (run.open, run.timers) == (["a", "c", "c", "c"], {}), "as often as it says, the moved time included"


def test_a_cycle_moved_before_its_first_time(world) -> None:
    run = world(cyclic()).start(rhythm="R/PT10H").wait(hours=3)
    run.write(run.root_key, rhythm="R/PT5H").reschedule()
    assert due(run) == {"again": 5 * HOUR}
    run.wait(hours=2)
    assert due(run) == {"again": 10 * HOUR}
    run.write(run.root_key, rhythm="R/PT1M").reschedule()
    assert due(run) == {"again": 5 * HOUR + timedelta(minutes=1)}


def test_each_instance_of_a_multi_instance_sees_its_own_item(world) -> None:
    shown = diagram(
        process(
            "p", start(),
            repeated(
                sub_process("s", start("i"), catch("t", timer("timeDuration", "=duration(wait) + duration(shift)")),
                            user("b"), flows("i -> t -> b")),
                inputCollection="=waits", inputElement="wait",
            ),
            flows("start -> s"),
        )
    )  # fmt: skip
    run = world(shown).start(waits=["PT1H", "PT2H", "PT3H"], shift="PT0S")
    run.write(run.root_key, shift="PT10H").reschedule()
    assert sorted(one.due_at - BEGINNING for one in run.timers.values()) == [11 * HOUR, 12 * HOUR, 13 * HOUR]


def test_a_timer_that_is_gone_is_not_told(world) -> None:
    run = world(alone("timeDuration", "=wait")).start(wait="PT1H")
    gone = dict(run.timers)
    run.wait(hours=1)
    run.timers.update(gone)
    assert run.reschedule() == ()


@pytest.mark.parametrize(("kind", "text", "moves"), [("timeDuration", "=wait", False), ("timeDate", "=date", True)])
def test_a_timer_of_an_older_server_stays_where_its_beginning_is_not_known(world, kind, text, moves) -> None:
    run = world(alone(kind, text)).start(wait="PT1H", date="2026-03-09T09:00:00+08:00")
    (token,) = [one for one in run.execution.tokens.values() if "timer" in one.internal_data]
    token.internal_data.pop("since", None)
    run.state = finish(run.execution).state
    (told,) = run.write(run.root_key, wait="PT5H", date="2026-03-10T09:00:00+08:00").reschedule()
    assert (told.due_at != told.timer.due_at) is moves
    assert (told.problem is None) is moves
