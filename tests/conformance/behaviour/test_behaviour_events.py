"""Start, intermediate and end events; event sub-processes; messages, signals and links between instances."""

from __future__ import annotations

import pytest

from tests.unit.engine.diagrams import (
    boundary,
    call,
    catch,
    element,
    end,
    error,
    error_end,
    error_event,
    escalation,
    escalation_event,
    event_sub_process,
    extension,
    flows,
    job,
    link_catch,
    link_throw,
    mappings,
    message,
    message_event,
    parallel,
    process,
    signal,
    signal_event,
    start,
    sub_process,
    terminate_end,
    throw,
    timer,
    user,
    zeebe,
)

MESSAGE = message("m", "go", "=case")
BEGIN = message("b", "begin")


def test_timer_message_and_signal_catch_events_in_a_row(play) -> None:
    """Each waits for its own event and lets the token go on."""
    play.deploy(MESSAGE, signal("s", "alarm"), process(
        "p", start(), catch("t", timer("timeDuration", '="PT" + string(n) + "M"')), catch("c", message_event("m")),
        catch("g", signal_event("s")), user("a"), flows("start -> t -> c -> g -> a")))  # fmt: skip
    run = play.start(case=7, n=30)
    play.publish("go", "7")
    play.broadcast("alarm")
    assert run.active == ["t"]
    play.wait(minutes=30)
    assert run.active == ["c"]
    play.publish("go", "7", got=1)
    assert run.active == ["g"]
    play.broadcast("alarm", heard=2)
    assert run.tasks == ["a"]
    assert run.variables == {"case": 7, "n": 30, "got": 1, "heard": 2}


def test_a_message_waits_for_its_receiver_as_long_as_it_lives(play) -> None:
    """Buffering: a subscription that opens within the time to live gets the message, later ones do not."""
    play.deploy(MESSAGE, process("p", start(), user("a"), catch("c", message_event("m")), user("b"),
                                 flows("start -> a -> c -> b")))  # fmt: skip
    run, late = play.start(case=7), play.start(case=8)
    play.publish("go", "7", minutes=10)
    play.publish("go", "8", minutes=10)
    assert run.complete("a").tasks == ["b"]
    play.wait(minutes=11)
    assert late.complete("a").active == ["c"]


def test_a_message_reaches_one_instance_of_a_process(play) -> None:
    """Message cardinality: once per process, even if several instances wait for the same name and key."""
    play.deploy(MESSAGE, process("p", start(), catch("c", message_event("m")), user("b"), flows("start -> c -> b")),
                process("q", start(), catch("d", message_event("m")), user("e"), flows("start -> d -> e")))  # fmt: skip
    runs = [play.start(case=7), play.start(case=7)]
    other = play.start("q", case=7)
    play.publish("go", "7")
    assert sorted(run.tasks for run in runs) == [[], ["b"]]
    assert other.tasks == ["e"]
    play.publish("go", "7")
    assert sorted(run.tasks for run in runs) == [["b"], ["b"]]


def test_a_correlation_key_that_is_null_is_an_incident(play) -> None:
    """Incident EXTRACT_VALUE_ERROR; a text or a number is needed."""
    play.deploy(MESSAGE, process("p", start(), catch("c", message_event("m")), user("b"), flows("start -> c -> b")))
    run = play.start(case=None)
    assert run.incidents == [("c", "EXTRACT_VALUE_ERROR")]
    run.resolve(case="x")
    play.publish("go", "x")
    assert run.tasks == ["b"]


def test_message_start_event(play) -> None:
    """Each message starts an instance with its variables; with a key, one instance at a time."""
    play.deploy(BEGIN, process("p", start("start", message_event("b")), user("a"), flows("start -> a")))
    play.publish("begin", x=1)
    play.publish("begin", x=2)
    assert [run.variables for run in play.runs()] == [{"x": 1}, {"x": 2}]
    play.publish("begin", "k")
    play.publish("begin", "k")
    runs = play.runs()
    assert len(runs) == 3
    assert runs[-1].complete("a").ended
    play.publish("begin", "k")
    assert len(play.runs()) == 4


def test_several_start_events(play) -> None:
    """A process may have one none start event beside others; each begins its own path."""
    play.deploy(BEGIN, signal("s", "alarm"), process(
        "p", start(), user("a"), start("by_message", message_event("b")), user("c"),
        start("by_signal", signal_event("s")), user("d"), flows("start -> a", "by_message -> c", "by_signal -> d"))
    )  # fmt: skip
    assert play.start().tasks == ["a"]
    play.publish("begin")
    play.broadcast("alarm", x=1)
    assert [run.tasks for run in play.runs()] == [["a"], ["c"], ["d"]]
    assert play.runs()[2].variables == {"x": 1}


def test_a_signal_reaches_everybody_who_waits(play) -> None:
    """One broadcast: every catch event in every instance and every signal start event."""
    play.deploy(signal("s", "alarm"),
                process("p", start(), catch("c", signal_event("s")), user("a"), flows("start -> c -> a")),
                process("q", start("start", signal_event("s")), user("b"), flows("start -> b")))  # fmt: skip
    runs = [play.start() for _ in range(3)]
    play.broadcast("other")
    assert [run.tasks for run in runs] == [[], [], []]
    play.broadcast("alarm")
    assert [run.tasks for run in (*runs, *play.runs("q"))] == [["a"], ["a"], ["a"], ["b"]]


@pytest.mark.parametrize("last", [False, True])
def test_a_thrown_signal_reaches_other_instances(play, last) -> None:
    """Intermediate throw and end events broadcast; inputs are the variables that go with the signal."""
    inside = extension(mappings({"x": "=n + 1"})) + signal_event("s")
    thrower = (end("t", inside) if last else throw("t", inside)), flows("start -> a -> t")
    play.deploy(signal("s", "alarm"), process("p", start(), user("a"), *thrower),
                process("q", start(), catch("c", signal_event("s")), user("b"), flows("start -> c -> b")))  # fmt: skip
    waiting, run = play.start("q"), play.start(n=4)
    run.complete("a")
    play.wait(minutes=0)
    assert run.ended
    assert (waiting.tasks, waiting.variables) == (["b"], {"x": 5})


def test_timer_start_events(play) -> None:
    """R3/PT1H starts three instances, a date one; a newer version takes the timers over."""
    play.deploy(process("p", start("start", timer("timeCycle", "R3/PT1H")), user("a"), flows("start -> a")),
                process("q", start("start", timer("timeDate", "2026-03-01T10:00:00Z")), user("a"), flows("start -> a"))
    )  # fmt: skip
    play.wait(hours=1)
    assert (len(play.runs()), len(play.runs("q"))) == (1, 0)
    play.wait(hours=9)
    assert (len(play.runs()), len(play.runs("q"))) == (3, 1)
    assert play.runs()[2].complete("a").ended


def test_a_newer_version_takes_over_the_timers(play) -> None:
    """Scheduled timers of the previous version are cancelled."""
    play.deploy(process("p", start("start", timer("timeCycle", "R/PT1H")), user("a"), flows("start -> a")))
    play.wait(hours=2)
    play.deploy(process("p", start(), user("a"), flows("start -> a")))
    play.wait(hours=5)
    assert len(play.runs()) == 2


def test_terminate_end_event_ends_its_process(play) -> None:
    """All other tokens are terminated; the instance is completed."""
    play.deploy(process("p", start(), parallel("f"), user("a"), user("b"), terminate_end("stop"),
                        flows("start -> f -> a -> stop", "f -> b")))  # fmt: skip
    run = play.start().complete("a")
    assert (run.state, run.tasks, run.passed("b", "TERMINATED")) == ("COMPLETED", [], 1)


def test_terminate_end_event_ends_its_sub_process_or_called_process_only(play) -> None:
    """Terminate ends the scope that it stands in; what is around goes on."""
    inside = start("s"), user("x"), user("y"), terminate_end("stop"), flows("s -> x -> stop", "s -> y")
    play.deploy(process("p", start(), sub_process("sub", *inside), call("c", "child"), user("b"),
                        flows("start -> sub -> c -> b")),
                process("child", start(), user("v"), user("w"), terminate_end("stop"),
                        flows("start -> v -> stop", "start -> w")))  # fmt: skip
    run = play.start()
    assert run.tasks == ["x", "y"]
    assert run.complete("x").tasks == ["v", "w"]
    assert run.complete("v").tasks == ["b"]
    assert run.complete("b").ended


def test_link_events(play) -> None:
    """A link throw event goes on at the catch event of its name; several throws may share one catch."""
    play.deploy(process("p", start(), parallel("f"), link_throw("t1", "there"), link_throw("t2", "there"),
                        link_catch("c", "there"), user("a"), flows("start -> f -> t1", "f -> t2", "c -> a"))
    )  # fmt: skip
    assert play.start().tasks == ["a", "a"]


def test_message_throw_and_end_events_are_jobs(play) -> None:
    """Camunda 8: a job worker publishes the message; the diagram goes on when the job is completed."""
    send = extension(zeebe("taskDefinition", type="work")) + message_event("m")
    play.deploy(MESSAGE, process("p", start(), throw("t", send), end("e", send), flows("start -> t -> e")))
    run = play.start()
    run.work("t", sent=True)
    assert (run.variables, run.active) == ({"sent": True}, ["e"])
    run.work("e")
    assert run.ended


# -- event sub-processes ---------------------------------------------------------------------------------------------


def listening(trigger: str, *, interrupting: bool = True, body: str | None = None) -> tuple[str, ...]:
    es = event_sub_process("es", trigger, user("h"), end("eh"), flows("es_start -> h -> eh"), interrupting=interrupting)
    return (
        MESSAGE,
        signal("s", "alarm"),
        error("e", "LATE"),
        escalation("up", "UP"),
        process("p", start(), body or user("a"), user("b"), es, flows("start -> a -> b")),
    )


@pytest.mark.parametrize("kind", ["timer", "message", "signal"])
def test_event_sub_process_that_interrupts(play, kind) -> None:
    """Everything else in the scope is terminated; the scope completes with the event sub-process."""
    play.deploy(*listening({"timer": timer("timeDuration", "PT1H"), "message": message_event("m"),
                            "signal": signal_event("s")}[kind]))  # fmt: skip
    run = play.start(case=7)
    play.publish("go", "7")
    play.broadcast("alarm")
    play.wait(hours=1)
    assert run.tasks == ["h"]
    assert run.passed("a", "TERMINATED") == 1
    play.publish("go", "7")
    assert run.complete("h").ended


def test_event_sub_process_that_does_not_interrupt_runs_again_and_again(play) -> None:
    """It can be triggered many times; its scope waits for all of its instances."""
    play.deploy(*listening(message_event("m"), interrupting=False))
    run = play.start(case=7)
    play.publish("go", "7")
    play.publish("go", "7")
    assert run.tasks == ["a", "h", "h"]
    run.complete("a", "b")
    assert run.state == "ACTIVE"
    play.publish("go", "7")
    assert run.tasks == ["h", "h", "h"]
    run.complete("h", "h", "h")
    assert run.ended


def test_event_sub_process_with_a_cycle(play) -> None:
    """R2/PT1H triggers twice."""
    play.deploy(*listening(timer("timeCycle", "R2/PT1H"), interrupting=False))
    run = play.start()
    play.wait(hours=9)
    assert run.tasks == ["a", "h", "h"]


def test_an_interrupting_one_ends_the_instances_of_others(play) -> None:
    """Also instances of event sub-processes that did not interrupt are terminated."""
    quiet = event_sub_process("q", message_event("m"), user("x"), flows("q_start -> x"), interrupting=False)
    loud = event_sub_process("l", signal_event("s"), user("y"), flows("l_start -> y"))
    play.deploy(MESSAGE, signal("s", "alarm"), process("p", start(), user("a"), quiet, loud, flows("start -> a")))
    run = play.start(case=7)
    play.publish("go", "7")
    assert run.tasks == ["a", "x"]
    play.broadcast("alarm")
    assert run.tasks == ["y"]
    play.publish("go", "7")
    assert run.tasks == ["y"]


def test_error_event_sub_process(play) -> None:
    """It catches errors of its scope before a boundary event around would."""
    play.deploy(*listening(error_event("e"), body=job("a")))
    run = play.start().throw("a", "LATE")
    assert run.tasks == ["h"]
    assert run.complete("h").ended


def test_error_event_sub_process_inside_a_sub_process(play) -> None:
    """The sub-process ends normally after its event sub-process."""
    es = event_sub_process("es", error_event("e"), user("h"), flows("es_start -> h"))
    sub = sub_process("sub", start("s"), user("a"), error_end("boom", "e"), es, flows("s -> a -> boom"))
    play.deploy(error("e", "LATE"), process("p", start(), sub, user("b"), boundary("on", "sub", error_event("e")),
                                            user("wrong"), flows("start -> sub -> b", "on -> wrong")))  # fmt: skip
    run = play.start().complete("a")
    assert run.tasks == ["h"]
    assert run.complete("h").tasks == ["b"]


def test_error_thrown_inside_an_event_sub_process_goes_outward(play) -> None:
    """The event sub-process does not catch what it throws itself."""
    es = event_sub_process("es", error_event("e"), error_end("again", "e"), flows("es_start -> again"))
    sub = sub_process("sub", start("s"), error_end("boom", "e"), es, flows("s -> boom"))
    play.deploy(error("e", "LATE"), process("p", start(), sub, boundary("on", "sub", error_event("e")), user("c"),
                                            flows("start -> sub", "on -> c")))  # fmt: skip
    assert play.start().tasks == ["c"]


@pytest.mark.parametrize(("interrupting", "left"), [(True, ["h"]), (False, ["b", "h"])])
def test_escalation_event_sub_process(play, interrupting, left) -> None:
    """It catches escalations of its scope; the thrower goes on unless it interrupts."""
    play.deploy(*listening(escalation_event("up"), interrupting=interrupting, body=throw("a", escalation_event("up"))))
    assert play.start().tasks == left


def test_event_sub_process_listens_only_while_its_scope_is_active(play) -> None:
    """One inside a sub-process opens and closes with it."""
    es = event_sub_process("es", message_event("m"), user("h"), flows("es_start -> h"), interrupting=False)
    sub = sub_process("sub", start("s"), user("x"), es, flows("s -> x"))
    play.deploy(MESSAGE, process("p", start(), user("a"), sub, user("b"), flows("start -> a -> sub -> b")))
    run = play.start(case=7)
    play.publish("go", "7")
    run.complete("a")
    assert run.tasks == ["x"]
    play.publish("go", "7")
    assert run.complete("x").tasks == ["h"]
    assert run.complete("h").tasks == ["b"]
    play.publish("go", "7")
    assert run.tasks == ["b"]


def test_cancelling_an_instance_ends_everything(play) -> None:
    """Called processes are terminated, too."""
    play.deploy(process("p", start(), call("c", "child"), flows("start -> c")),
                process("child", start("s"), user("x"), flows("s -> x")))  # fmt: skip
    run = play.start()
    assert run.cancel().state == "TERMINATED"
    assert run.tasks == []
    assert [child.state for child in play.runs("child")] == ["TERMINATED"]


def test_a_none_throw_event_and_a_named_end_event_pass(play) -> None:
    """Events without a trigger do nothing; outputs of theirs are applied."""
    play.deploy(process("p", start(), throw("t", "", mappings(None, {"x": "=1"})),
                        element("endEvent", "e", extension(mappings(None, {"y": "=x + 1"}))), flows("start -> t -> e"))
    )  # fmt: skip
    run = play.start()
    assert (run.ended, run.variables) == (True, {"x": 1, "y": 2})
