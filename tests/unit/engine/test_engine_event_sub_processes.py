from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.engine.diagrams import (
    boundary,
    call,
    diagram,
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
    mappings,
    message,
    message_event,
    process,
    start,
    sub_process,
    timer,
    user,
)

NAMES = message("m", "stop", "=case"), error("e", "BROKEN"), escalation("l", "LATE")


def beside(trigger: str, *, interrupting: bool = True, inside: str = "") -> bytes:
    handling = event_sub_process("es", trigger, user("handle"), flows("es_start -> handle"), interrupting=interrupting)
    return diagram(
        *NAMES, process("p", start(), user("a"), inside or user("b"), handling, flows("start -> a", "start -> b"))
    )


def test_one_that_interrupts_ends_everything_beside_it(world):
    run = world(beside(message_event("m"))).start(case=1)
    assert (run.open, len(run.subscriptions)) == (["a", "b"], 1)
    run.send("stop", "1", why="rain")
    assert (run.open, run.subscriptions) == (["handle"], {})
    assert sorted(run.passed("CANCELED")) == ["a", "b"]
    assert run.variables == {"case": 1, "why": "rain"}
    assert run.passed("ENTERED")[-3:] == ["es", "es_start", "handle"]
    run.complete("handle")
    assert not run.active


def test_one_that_does_not_interrupt_comes_again_and_again(world):
    run = world(beside(message_event("m"), interrupting=False)).start(case=1)
    run.send("stop", "1").send("stop", "1")
    assert run.open == ["a", "b", "handle", "handle"]
    run.complete("a").complete("b").complete("handle")
    assert run.active
    run.complete("handle")
    assert (run.active, run.subscriptions) == (False, {})


def test_listening_does_not_keep_a_process_alive(world):
    run = world(beside(timer("timeDuration", "PT1H"))).start(case=1)
    assert len(run.timers) == 1
    run.complete("a").complete("b")
    assert (run.active, run.timers) == (False, {})
    assert "es" not in run.passed("ENTERED")


def test_timers_once_and_in_a_cycle(world):
    run = world(beside(timer("timeDuration", "PT1H"), interrupting=False)).start().wait(hours=5)
    assert (run.open, run.timers) == (["a", "b", "handle"], {})
    run = world(beside(timer("timeCycle", "R2/PT1H"), interrupting=False)).start().wait(hours=5)
    assert (run.open, run.timers) == (["a", "b", "handle", "handle"], {})
    run = world(beside(timer("timeCycle", "R/PT1H"), interrupting=False)).start()
    run.now += timedelta(hours=50)
    run.wait(seconds=0)
    assert run.open == ["a", "b", "handle"]
    assert len(run.timers) == 1


def test_a_listener_that_cannot_be_armed_is_an_incident_and_armed_on_retry(world):
    run = world(beside(message_event("m"))).start()
    (incident,) = run.incidents.values()
    assert incident.place.element_id == "es"
    assert run.open == ["a", "b"]
    run.resolve(case=5)
    run.send("stop", "5")
    assert run.open == ["handle"]


def test_an_error_is_caught_beside_where_it_was_thrown(world):
    inside = sub_process("b", start("s"), user("c"), error_end("boom", "e"), flows("s -> c -> boom"))
    run = world(beside(error_event("e"), inside=inside)).start()
    assert run.open == ["a", "c"]
    run.complete("c")
    assert run.open == ["handle"]
    assert {"a", "b", "boom"} <= set(run.passed("CANCELED"))


def test_an_error_inside_is_not_caught_by_the_one_that_throws_it(world):
    again = event_sub_process("es", error_event("e"), user("handle"), error_end("worse", "e"),
                              flows("es_start -> handle -> worse"))  # fmt: skip
    inside = sub_process("sub", start("s"), error_end("boom", "e"), again, flows("s -> boom"))
    around = diagram(
        *NAMES,
        process("p", start(), inside, boundary("failed", "sub", error_event()), user("repair"),
                flows("start -> sub", "failed -> repair")),
    )  # fmt: skip
    run = world(around).start()
    assert run.open == ["handle"]
    run.complete("handle")
    assert run.open == ["repair"]


def escalating(interrupting: bool, *, at_end: bool = False, catcher: str | None = None) -> bytes:  # noqa: FBT001
    name = "endEvent" if at_end else "intermediateThrowEvent"
    throw = element(name, "throw", escalation_event("l"))
    path = "s -> c -> throw" if at_end else "s -> c -> throw -> d"
    inside = sub_process("sub", start("s"), user("c"), throw, "" if at_end else user("d"), flows(path))
    caught = (
        catcher if catcher is not None else boundary("late", "sub", escalation_event("l"), interrupting=interrupting)
    )
    return diagram(
        *NAMES, process("p", start(), inside, caught, user("chief"), user("after"),
                        flows("start -> sub -> after", *(["late -> chief"] if catcher is None else []))),
    )  # fmt: skip


@pytest.mark.parametrize(("interrupting", "left"), [(True, ["chief"]), (False, ["chief", "d"])])
def test_an_escalation_is_told_outward(world, interrupting, left):
    run = world(escalating(interrupting)).start().complete("c")
    assert run.open == left
    assert ("sub" in run.passed("CANCELED")) is interrupting


def test_an_escalation_at_the_end(world):
    run = world(escalating(interrupting=False, at_end=True)).start().complete("c")
    assert run.open == ["after", "chief"]


def test_an_escalation_that_nobody_catches_passes(world):
    deaf = escalating(interrupting=True, catcher=user("nobody") + flows("nobody -> chief")).replace(
        b'"start" targetRef="sub"', b'"start" targetRef="sub"'
    )
    deaf = deaf.replace(b"</bpmn:process>", flows("start -> nobody").encode() + b"</bpmn:process>")
    run = world(deaf).start().complete("c")
    assert "d" in run.open


def test_an_escalation_crosses_a_call_and_meets_an_event_sub_process(world):
    throw = element("intermediateThrowEvent", "throw", escalation_event("l"))
    child = process("child", start("s"), throw, user("d"), flows("s -> throw -> d"))
    handling = event_sub_process("es", escalation_event("l"), user("chief"), flows("es_start -> chief"),
                                 interrupting=False)  # fmt: skip
    run = world(
        diagram(*NAMES, process("p", start(), call("c", "child"), handling, flows("start -> c")), child)
    ).start()
    assert run.open == ["chief", "d"]
    run.complete("d").complete("chief")
    assert not run.active


def test_sub_processes_listen_only_while_they_run(world):
    handling = event_sub_process("es", timer("timeDuration", "PT1H"), user("handle"), flows("es_start -> handle"))
    inside = sub_process("sub", start("s"), user("c"), end("e"), handling, flows("s -> c -> e"))
    around = diagram(
        *NAMES, process("p", start(), user("a"), inside, user("after"), flows("start -> a -> sub -> after"))
    )
    run = world(around).start()
    assert not run.timers
    run.complete("a")
    assert len(run.timers) == 1
    run.wait(hours=1)
    assert run.open == ["handle"]
    run.complete("handle")
    assert run.open == ["after"], "the sub-process completes with its event sub-process"


def with_payload(trigger: str, extras: str = "", inputs: str = "") -> bytes:
    begin = element("startEvent", "es_start", extension(extras) + trigger if extras else trigger, isInterrupting="true")
    around = extension(inputs) if inputs else ""
    handling = element("subProcess", "es", around + begin + user("handle") + flows("es_start -> handle"),
                       triggeredByEvent="true")  # fmt: skip
    inside = sub_process("sub", start("s"), job("b"), handling, flows("s -> b"), extras=mappings({"near": "=0"}))
    return diagram(*NAMES, process("p", start(), inside, user("after"), flows("start -> sub -> after")))


@pytest.mark.parametrize("kind", ["message", "error"])
def test_what_the_event_brings_goes_upward_like_every_result(world, kind):
    """Camunda 8: the start event's variables are merged from the event sub-process upward, to the process at last."""
    trigger = message_event("m") if kind == "message" else error_event("e")

    def happen(run):
        return run.send("stop", "1", near=5, new=6) if kind == "message" else run.throw("b", "BROKEN", near=5, new=6)

    run = happen(world(with_payload(trigger)).start(case=1))
    assert run.variables == {"case": 1, "new": 6}
    assert [value for (scope, name), value in run.rows.items() if name == "near" and scope != run.root_key] == [5]
    run = happen(world(with_payload(trigger, mappings(outputs={"told": "=new + near"}))).start(case=1))
    assert run.variables == {"case": 1, "told": 11}, "with an output mapping only what that gives"


def test_inputs_of_an_event_sub_process_keep_what_they_name_inside(world):
    run = world(with_payload(message_event("m"), inputs=mappings({"new": "=0"}))).start(case=1)
    run.send("stop", "1", new=6)
    assert run.variables == {"case": 1}
    run.complete("handle")
    assert run.open == ["after"]
