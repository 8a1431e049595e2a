from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.engine.diagrams import (
    boundary,
    catch,
    diagram,
    element,
    end,
    error,
    error_end,
    error_event,
    event_sub_process,
    flows,
    job,
    mappings,
    message,
    message_event,
    parallel,
    process,
    start,
    sub_process,
    terminate_end,
    timer,
    user,
)
from tests.unit.engine.world import BEGINNING


def waiting(kind: str, text: str) -> bytes:
    return diagram(process("p", start(), catch("t", timer(kind, text)), user("a"), flows("start -> t -> a")))


@pytest.mark.parametrize(
    ("kind", "text", "after"),
    [
        ("timeDuration", "PT72H", timedelta(hours=72)),
        ("timeDuration", '=duration("P1DT2H")', timedelta(days=1, hours=2)),
        ("timeDuration", "=wait", timedelta(minutes=5)),
        ("timeDuration", "P1M", timedelta(days=31)),
        ("timeDate", "2026-03-02T10:00:00+08:00", timedelta(hours=1)),
        ("timeDate", "2026-03-02T10:00:00", timedelta(hours=1)),
        ("timeDate", '=now() + duration("PT1S")', timedelta(seconds=1)),
    ],
)  # fmt: skip
def test_timer_is_due_when_the_diagram_says(world, kind, text, after) -> None:
    run = world(waiting(kind, text)).start(wait="PT5M")
    (due,) = run.timers.values()
    assert due.due_at == BEGINNING + after
    assert run.open == []
    run.wait(seconds=after.total_seconds())
    assert run.open == ["a"]
    assert not run.timers


def test_a_timer_without_a_usable_time_is_an_incident(world) -> None:
    run = world(waiting("timeDuration", "=wait")).start(wait="soon")
    (incident,) = run.incidents.values()
    assert "PT72H" in incident.message
    run.resolve(wait="PT1S").wait(seconds=1)
    assert run.open == ["a"]


def watched(event: str, *, interrupting: bool = True, host: str | None = None) -> bytes:
    return diagram(
        message("m", "recall", "=case"), error("e", "LATE"),
        process(
            "p", start(), host or user("a"), user("b"), user("c"),
            boundary("watch", "a", event, interrupting=interrupting), flows("start -> a -> b", "watch -> c"),
        ),
    )  # fmt: skip


def test_interrupting_timer_cancels_its_task(world) -> None:
    run = world(watched(timer("timeDuration", "PT1H"))).start(case=1).wait(hours=1)
    assert run.open == ["c"]
    assert run.passed("CANCELED") == ["a"]


def test_timer_goes_with_its_task(world) -> None:
    run = world(watched(timer("timeDuration", "PT1H"))).start(case=1).complete("a")
    assert not run.timers
    assert run.open == ["b"]
    assert ("watch", "ENTERED") not in run.history


def test_non_interrupting_timer_leaves_its_task(world) -> None:
    run = world(watched(timer("timeDuration", "PT1H"), interrupting=False)).start(case=1).wait(hours=5)
    assert run.open == ["a", "c"]
    assert not run.timers
    run.complete("a").complete("b").complete("c")
    assert not run.active


def test_cycle_repeats_as_often_as_it_says(world) -> None:
    run = world(watched(timer("timeCycle", "R3/PT1H"), interrupting=False)).start(case=1).wait(hours=10)
    assert run.open == ["a", "c", "c", "c"]
    assert not run.timers


def test_cycle_that_fell_behind_does_not_storm(world) -> None:
    run = world(watched(timer("timeCycle", "R/PT1H"), interrupting=False)).start(case=1)
    run.now += timedelta(hours=100)  # nobody was there
    run.wait(seconds=0)
    assert run.open == ["a", "c"]
    (due,) = run.timers.values()
    assert due.due_at == run.now + timedelta(hours=1)


def test_non_interrupting_message_is_caught_again_and_again(world) -> None:
    run = world(watched(message_event("m"), interrupting=False)).start(case="K-1")
    run.send("recall", "K-1", reason="x").send("recall", "K-1", reason="y")
    assert run.open == ["a", "c", "c"]
    assert run.variables["reason"] == "y"
    run.complete("a")
    assert not run.subscriptions


def test_interrupting_message(world) -> None:
    run = world(watched(message_event("m"))).start(case=7).send("recall", "7")
    assert run.open == ["c"]
    assert not run.subscriptions


def test_error_of_a_job_is_caught_by_its_code(world) -> None:
    run = world(watched(error_event("e"), host=job("a"))).start().throw("a", "LATE", why="rain")
    assert run.open == ["c"]
    assert run.variables == {}, "only outputs of the event take the variables of an error further"


def test_the_code_of_a_thrown_error_may_be_an_expression(world) -> None:
    thrown = diagram(
        error("e", "LATE"), error("f", "=which"),
        process("p", start(), sub_process("sub", start("s"), error_end("boom", "f"), flows("s -> boom")),
                boundary("late", "sub", error_event("e")), user("c"), flows("start -> sub", "late -> c")),
    )  # fmt: skip
    assert world(thrown).start(which="LATE").open == ["c"]
    run = world(thrown).start(which=None)
    assert run.stopped == [("boom", "EXTRACT_VALUE_ERROR")]
    run.resolve(which="LATE")
    assert run.open == ["c"]


def test_an_error_for_its_code_is_caught_before_one_for_every_code_of_the_same_scope(world) -> None:
    inside = event_sub_process("any", error_event(), user("wrong"), flows("any_start -> wrong"))
    both = diagram(
        error("e", "LATE"),
        process("p", start(), sub_process("sub", start("s"), error_end("boom", "e"), inside, flows("s -> boom")),
                boundary("late", "sub", error_event("e")), user("right"), flows("start -> sub", "late -> right")),
    )  # fmt: skip
    assert world(both).start().open == ["right"]


def test_error_without_a_catcher_is_an_incident(world) -> None:
    run = world(watched(error_event("e"), host=job("a"))).start().throw("a", "OTHER")
    (incident,) = run.incidents.values()
    assert (incident.type, "OTHER" in incident.message) == ("UNHANDLED_ERROR_EVENT", True)
    assert run.open == []
    run.resolve()
    assert run.open == ["a"], "resolving offers the job again"


def test_error_end_is_caught_around_its_sub_process_by_the_nearest_that_fits(world) -> None:
    nested = diagram(
        error("e", "LATE"), error("f", "LOST"),
        process(
            "p", start(),
            sub_process("outer",
                start("s1"),
                sub_process("inner", start("s2"), user("a"), error_end("boom", "e"), flows("s2 -> a -> boom")),
                boundary("lost", "inner", error_event("f")), user("wrong"),
                user("beside"),
                flows("s1 -> inner", "s1 -> beside", "lost -> wrong")),
            boundary("late", "outer", error_event("e")), user("right"),
            flows("start -> outer", "late -> right"),
        ),
    )  # fmt: skip
    run = world(nested).start()
    assert run.open == ["a", "beside"]
    run.complete("a")
    assert run.open == ["right"]
    assert {"outer", "inner", "beside"} <= set(run.passed("CANCELED"))
    assert run.passed("CANCELED").count("boom") == 1


def test_error_end_without_a_catcher_stops_there(world) -> None:
    lost = diagram(error("e", "LATE"), process("p", start(), error_end("boom", "e"), flows("start -> boom")))
    run = world(lost).start()
    (incident,) = run.incidents.values()
    assert (incident.type, incident.place.element_id) == ("UNHANDLED_ERROR_EVENT", "boom")
    assert run.active
    run.resolve()
    assert len(run.incidents) == 1


def test_terminate_end_ends_its_scope_only(world) -> None:
    inside = diagram(
        process(
            "p", start(),
            sub_process("sub", start("s"), user("a"), user("b"), terminate_end("stop"),
                        flows("s -> a -> stop", "s -> b")),
            user("after"), user("beside"), flows("start -> sub -> after", "start -> beside"),
        )
    )  # fmt: skip
    run = world(inside).start().complete("a")
    assert run.open == ["after", "beside"]
    assert "b" in run.passed("CANCELED")


def test_message_catch_and_receive_task(world) -> None:
    receiving = diagram(
        message("m", "answer", "=case"),
        process("p", start(), catch("c", message_event("m")), element("receiveTask", "r", messageRef="m"), user("a"),
                flows("start -> c -> r -> a")),
    )  # fmt: skip
    run = world(receiving).start(case="K-1")
    run.send("answer", "K-1", first=1).send("answer", "K-1", second=2)
    assert run.open == ["a"]
    assert run.variables == {"case": "K-1", "first": 1, "second": 2}


def test_message_start_event_starts_where_it_is_asked(world) -> None:
    two = diagram(
        message("m", "reported"),
        process("p", start("by_form"), start("by_message", message_event("m")), user("a"), user("b"),
                flows("by_form -> a", "by_message -> b")),
    )  # fmt: skip
    assert world(two).start().open == ["a"]
    assert world(two).start(at="by_message").open == ["b"]


def test_boundary_events_hold_the_result_of_their_outputs(world) -> None:
    # a correlation key that cannot be told stops the activity before its work begins
    run = world(watched(message_event("m"))).start()
    (incident,) = run.incidents.values()
    assert incident.place.element_id == "a"
    assert run.open == []
    assert not run.subscriptions
    run.resolve(case="K-2")
    assert run.open == ["a"]
    assert len(run.subscriptions) == 1


def test_parallel_branches_do_not_share_what_they_change(world) -> None:
    forked = diagram(
        process("p", start(), parallel("f"), user("a", mappings(None, {"doc.left": "=1"})),
                user("b", mappings(None, {"doc.right": "=2"})), parallel("j"), end(),
                flows("start -> f -> a -> j -> end", "f -> b -> j")),
    )  # fmt: skip
    run = world(forked).start(doc={"base": 0}).complete("a").complete("b")
    assert run.variables["doc"] == {"base": 0, "left": 1, "right": 2}


def test_the_correlation_key_of_a_boundary_message_is_not_an_input_of_its_activity(world):
    # Camunda 8 tells the key around the activity, name and time inside it
    host = user("a", mappings({"case": '="inside"', "hours": "=2"}))
    run = world(watched(message_event("m"), host=host)).start(case="outside")
    (waiting_for,) = run.subscriptions.values()
    assert waiting_for.correlation_key == "outside"
    run = world(watched(timer("timeDuration", '=duration("PT" + string(hours) + "H")'), host=host)).start(case=1)
    (due,) = run.timers.values()
    assert due.due_at == BEGINNING + timedelta(hours=2)
