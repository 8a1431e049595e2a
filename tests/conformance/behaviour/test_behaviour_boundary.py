"""Boundary events of every kind, interrupting and not."""

from __future__ import annotations

import pytest

from tests.unit.engine.diagrams import (
    boundary,
    call,
    element,
    end,
    error,
    error_end,
    error_event,
    escalation,
    escalation_event,
    extension,
    flows,
    job,
    mappings,
    message,
    message_event,
    process,
    signal,
    signal_event,
    start,
    sub_process,
    throw,
    timer,
    user,
)

MESSAGE = message("m", "go", "=case")
PATHS = flows("start -> a -> b", "on -> c")


def watched(event: str, *, interrupting: bool = True, host: str | None = None) -> tuple[str, ...]:
    on = boundary("on", "a", event, interrupting=interrupting)
    return (
        MESSAGE,
        signal("s", "alarm"),
        error("e", "LATE"),
        process("p", start(), host or user("a"), user("b"), on, user("c"), PATHS),
    )


def test_interrupting_timer_takes_the_task_away(play) -> None:
    """An interrupting boundary event terminates its activity; the other way is not taken."""
    play.deploy(*watched(timer("timeDuration", "PT1H")))
    run = play.start()
    play.wait(minutes=59)
    assert run.tasks == ["a"]
    play.wait(minutes=1)
    assert run.tasks == ["c"]
    assert (run.passed("a", "TERMINATED"), run.passed("on")) == (1, 1)
    assert run.complete("c").ended


def test_a_completed_activity_takes_its_boundary_events_with_it(play) -> None:
    """Subscriptions of an activity are closed when it is left."""
    play.deploy(*watched(timer("timeDuration", "PT1H")))
    run = play.start().complete("a")
    play.wait(hours=3)
    assert run.tasks == ["b"]


def test_non_interrupting_timer_fires_once(play) -> None:
    """A duration fires once, beside the activity, which goes on."""
    play.deploy(*watched(timer("timeDuration", "PT1H"), interrupting=False))
    run = play.start()
    play.wait(hours=5)
    assert run.tasks == ["a", "c"]
    assert run.complete("a").tasks == ["b", "c"]
    assert run.complete("b").state == "ACTIVE"
    assert run.complete("c").ended


def test_non_interrupting_cycle_fires_so_many_times(play) -> None:
    """R3/PT1H: every hour, three times."""
    play.deploy(*watched(timer("timeCycle", "R3/PT1H"), interrupting=False))
    run = play.start()
    play.wait(hours=2)
    assert run.tasks == ["a", "c", "c"]
    play.wait(hours=9)
    assert run.tasks == ["a", "c", "c", "c"]


def test_a_cycle_without_a_number_fires_until_the_activity_is_left(play) -> None:
    """R/PT1H repeats until it is cancelled."""
    play.deploy(*watched(timer("timeCycle", "R/PT1H"), interrupting=False))
    run = play.start()
    play.wait(hours=7)
    run.complete("a")
    play.wait(hours=7)
    assert run.tasks == ["b"] + ["c"] * 7


@pytest.mark.parametrize("text", ['="R2/" + period', "=cycle(2, duration(period))"])
def test_a_cycle_by_expression(play, text) -> None:
    """The text of a cycle may be computed; FEEL's cycle() makes one, too."""
    play.deploy(*watched(timer("timeCycle", text), interrupting=False))
    run = play.start(period="PT1H")
    play.wait(hours=5)
    assert run.tasks == ["a", "c", "c"]


def test_a_date_and_a_date_that_has_passed(play) -> None:
    """A time date fires at its moment; in the past it fires at once."""
    play.deploy(*watched(timer("timeDate", "=due")))
    late, early = play.start(due="2026-03-01T09:00:00Z"), play.start(due="2020-01-01T00:00:00Z")
    play.wait(minutes=1)
    assert (early.tasks, late.tasks) == (["c"], ["a"])
    play.wait(hours=1)
    assert late.tasks == ["c"]


@pytest.mark.parametrize("text", ["PT0S", "-PT5M", "=duration(d)"])
def test_no_time_fires_at_once(play, text) -> None:
    """A duration of zero or below fires immediately."""
    play.deploy(*watched(timer("timeDuration", text)))
    run = play.start(d="PT0S")
    play.wait(minutes=0)
    assert run.tasks == ["c"]


def test_a_timer_that_is_no_time_is_an_incident(play) -> None:
    """Incident EXTRACT_VALUE_ERROR at the activity; resolving tries again."""
    play.deploy(*watched(timer("timeDuration", "=d")))
    run = play.start(d="soon")
    assert run.incidents == [("a", "EXTRACT_VALUE_ERROR")]
    assert run.resolve(d="PT1H").tasks == ["a"]
    play.wait(hours=1)
    assert run.tasks == ["c"]


def test_interrupting_message(play) -> None:
    """The message is correlated by name and key; its variables go to the process."""
    play.deploy(*watched(message_event("m")))
    run, other = play.start(case="7"), play.start(case="8")
    play.publish("go", "7", why="rain")
    assert (run.tasks, other.tasks) == (["c"], ["a"])
    assert run.variables["why"] == "rain"


def test_non_interrupting_message_comes_again(play) -> None:
    """The subscription stays open as long as the activity."""
    play.deploy(*watched(message_event("m"), interrupting=False))
    run = play.start(case=7)
    for n in range(3):
        play.publish("go", "7", n=n)
    assert run.tasks == ["a", "c", "c", "c"]
    run.complete("a")
    play.publish("go", "7")
    assert run.tasks == ["b", "c", "c", "c"]
    assert run.variables["n"] == 2


@pytest.mark.parametrize(("interrupting", "left"), [(True, ["c"]), (False, ["a", "c", "c"])])
def test_signal(play, interrupting, left) -> None:
    """Signals reach boundary events, of those that do not interrupt every time."""
    play.deploy(*watched(signal_event("s"), interrupting=interrupting))
    run = play.start()
    play.broadcast("alarm")
    play.broadcast("alarm")
    assert run.tasks == left


def test_error_by_its_code(play) -> None:
    """The error of a job is caught by the boundary event for its code, and the job is over."""
    play.deploy(*watched(error_event("e"), host=job("a")))
    run = play.start().throw("a", "LATE")
    assert run.tasks == ["c"]
    assert run.passed("a", "TERMINATED") == 1


def test_error_of_another_code_is_an_incident(play) -> None:
    """Incident UNHANDLED_ERROR_EVENT; resolving offers the job again."""
    play.deploy(*watched(error_event("e"), host=job("a")))
    run = play.start().throw("a", "OTHER")
    assert run.incidents == [("a", "UNHANDLED_ERROR_EVENT")]
    assert run.active == ["a"]
    run.resolve()
    run.work("a")
    assert run.tasks == ["b"]


def test_error_of_every_code_and_the_one_for_its_code(play) -> None:
    """A catch event without a code catches all; one with the code comes first."""
    play.deploy(error("e", "LATE"), process(
        "p", start(), job("a"), user("b"), boundary("any", "a", error_event()), user("c"),
        boundary("late", "a", error_event("e")), user("d"), flows("start -> a -> b", "any -> c", "late -> d"))
    )  # fmt: skip
    assert play.start().throw("a", "LATE").tasks == ["d"]
    assert play.start().throw("a", "WHATEVER").tasks == ["c"]


def test_variables_of_an_error_stay_at_its_event_without_an_output(play) -> None:
    """Error variables are merged into the catch event; an output mapping there takes them to the process."""
    play.deploy(*watched(error_event("e"), host=job("a")))
    assert play.start().throw("a", "LATE", why="rain").variables == {}
    play.deploy(*watched(extension(mappings(None, {"reason": "=why"})) + error_event("e"), host=job("a")))
    assert play.start().throw("a", "LATE", why="rain").variables == {"reason": "rain"}


def test_error_end_event_is_caught_by_an_outer_scope(play) -> None:
    """An error that the nearest scope does not catch goes to the one around it."""
    inner = sub_process("inner", start("s2"), error_end("boom", "e"), flows("s2 -> boom"))
    outer = sub_process("a", start("s1"), inner, boundary("no", "inner", error_event("f")), user("wrong"),
                        flows("s1 -> inner", "no -> wrong"))  # fmt: skip
    play.deploy(error("f", "OTHER"), *watched(error_event("e"), host=outer))
    run = play.start()
    assert run.tasks == ["c"]
    assert (run.passed("a", "TERMINATED"), run.passed("inner", "TERMINATED")) == (1, 1)


def test_error_end_event_that_nobody_catches_is_an_incident(play) -> None:
    """Incident UNHANDLED_ERROR_EVENT at the end event."""
    play.deploy(error("e", "LATE"), process("p", start(), error_end("boom", "e"), flows("start -> boom")))
    assert play.start().incidents == [("boom", "UNHANDLED_ERROR_EVENT")]


def test_error_out_of_a_called_process(play) -> None:
    """An error goes from a called process to the call activity; the called instance is terminated."""
    play.deploy(*watched(error_event("e"), host=call("a", "child")),
                process("child", start("s"), user("x"), error_end("boom", "e"), flows("s -> x -> boom")))  # fmt: skip
    run = play.start()
    assert run.tasks == ["x"]
    assert run.complete("x").tasks == ["c"]
    assert [child.state for child in play.runs("child")] == ["TERMINATED"]


def escalating(*, interrupting: bool, code: str | None = "up") -> tuple[str, ...]:
    inside = sub_process("sub", start("s"), throw("t", escalation_event("up")), user("a"), flows("s -> t -> a"))
    return escalation("up", "UP"), escalation("no", "NO"), process(
        "p", start(), inside, boundary("on", "sub", escalation_event(code), interrupting=interrupting), user("c"),
        user("b"), flows("start -> sub -> b", "on -> c"))  # fmt: skip


@pytest.mark.parametrize("code", ["up", None])
@pytest.mark.parametrize(("interrupting", "left"), [(True, ["c"]), (False, ["a", "c"])])
def test_escalation(play, interrupting, left, code) -> None:
    """Caught by its code or by an event for every code; the thrower goes on unless it is interrupted."""
    play.deploy(*escalating(interrupting=interrupting, code=code))
    assert play.start().tasks == left


def test_escalation_that_nobody_catches_changes_nothing(play) -> None:
    """Unlike an error: no incident, the process goes on."""
    play.deploy(*escalating(interrupting=True, code="no"))
    run = play.start()
    assert (run.tasks, run.incidents) == (["a"], [])


def test_escalation_end_event_out_of_a_called_process(play) -> None:
    """An escalation end event completes; a catch event at the call activity that does not interrupt goes beside."""
    play.deploy(escalation("up", "UP"), process(
        "p", start(), call("a", "child"), boundary("on", "a", escalation_event("up"), interrupting=False), user("c"),
        user("b"), flows("start -> a -> b", "on -> c")),
        process("child", start("s"), end("e", escalation_event("up")), flows("s -> e")))  # fmt: skip
    assert play.start().tasks == ["b", "c"]


def test_boundary_event_at_a_sub_process_takes_everything_inside(play) -> None:
    """All that is active inside is terminated."""
    inside = sub_process("a", start("s"), user("x"), call("y", "child"), flows("s -> x", "s -> y"))
    play.deploy(
        *watched(timer("timeDuration", "PT1H"), host=inside), process("child", start(), user("z"), flows("start -> z"))
    )
    run = play.start()
    assert run.tasks == ["x", "z"]
    play.wait(hours=1)
    assert run.tasks == ["c"]
    assert run.passed("z", "TERMINATED") == 1


def test_boundary_timer_of_a_service_task_ends_its_job(play) -> None:
    """The job of a terminated task cannot be completed any more (here 409, as for one that is completed)."""
    play.deploy(*watched(timer("timeDuration", "PT1H"), host=job("a")))
    run = play.start()
    (taken,) = play.take_jobs()
    play.wait(hours=1)
    assert run.tasks == ["c"]
    play.call(f"/jobs/{taken['jobKey']}/completion", status=409)


def test_boundary_event_at_a_receive_task_and_at_a_task_that_passes(play) -> None:
    """Every activity may have boundary events; one that passes at once does not give them time."""
    play.deploy(*watched(timer("timeDuration", "PT1H"), host=element("receiveTask", "a", messageRef="m")))
    run = play.start(case=7)
    play.wait(hours=1)
    assert run.tasks == ["c"]
    play.deploy(*watched(timer("timeDuration", "PT1H"), host=element("manualTask", "a")))
    assert play.start().tasks == ["b"]


def test_a_boundary_event_without_a_way_out_just_ends(play) -> None:
    """An implicit end: the token of the event is consumed."""
    play.deploy(
        process("p", start(), user("a"), boundary("on", "a", timer("timeDuration", "PT1H")), flows("start -> a"))
    )
    run = play.start()
    play.wait(hours=1)
    assert run.ended


def test_boundary_expressions_see_the_inputs_of_the_activity(play) -> None:
    """A timer is evaluated in the scope of its activity."""
    play.deploy(
        *watched(timer("timeDuration", "=limit"), host=user("a", mappings({"limit": '="PT" + string(h) + "H"'})))
    )
    run = play.start(h=2)
    play.wait(hours=1)
    assert run.tasks == ["a"]
    play.wait(hours=1)
    assert run.tasks == ["c"]
