from __future__ import annotations

from tests.unit.engine.diagrams import (
    boundary,
    call,
    diagram,
    end,
    error,
    error_end,
    error_event,
    flows,
    mappings,
    process,
    script,
    start,
    sub_process,
    timer,
    user,
)

CALLED = process("child", start("cs"), user("work"), end("ce"), flows("cs -> work -> ce"))


def calling(*extras: str, child: str = CALLED, **attributes: str) -> bytes:
    parent = process(
        "parent", start(), call("c", attributes.pop("process_id", "child"), *extras, **attributes), user("after"),
        boundary("late", "c", timer("timeDuration", "PT1H")), user("escalate"),
        boundary("failed", "c", error_event("e")), user("repair"),
        flows("start -> c -> after", "late -> escalate", "failed -> repair"),
    )  # fmt: skip
    return diagram(error("e", "BROKEN"), parent, child)


def test_called_process_is_an_instance_of_its_own(world) -> None:
    run = world(calling()).start(n=1)
    (task,) = run.tasks.values()
    child = run.instances[task.place.process_instance_key]
    assert (child.process_id, child.parent_key, child.root_key) == ("child", run.root_key, run.root_key)
    assert task.place.root_key == run.root_key
    run.complete("work", answer=42)
    assert run.open == ["after"]
    assert run.variables == {"n": 1, "answer": 42}
    assert run.ended == {child.key: "COMPLETED"}
    assert run.rows[child.key, "answer"] == 42, "the variables of an ended instance stay to be read"


def test_only_inputs_go_in_and_only_outputs_come_out(world) -> None:
    run = world(calling(mappings({"given": "=n * 2"}, {"got": "=answer"}), propagateAllParentVariables="false")).start(
        n=4, secret="s"
    )
    (task,) = run.tasks.values()
    child = task.place.process_instance_key
    assert {name: value for (scope, name), value in run.rows.items() if scope == child} == {"given": 8}
    run.complete("work", answer=1, noise=2)
    assert run.variables == {"n": 4, "secret": "s", "got": 1}


def test_nothing_comes_out_when_propagation_is_off(world) -> None:
    run = world(calling(propagateAllChildVariables="false")).start(n=1).complete("work", answer=1)
    assert run.variables == {"n": 1}


def test_variables_of_the_child_do_not_touch_the_parent_before_it_ends(world) -> None:
    child = process("child", start("cs"), script("s", "=n + 1", "n"), user("work"), flows("cs -> s -> work"))
    run = world(calling(child=child)).start(n=1)
    assert run.variables == {"n": 1}
    run.complete("work")
    assert run.variables == {"n": 2}


def test_unknown_process_is_an_incident_and_found_on_retry(world) -> None:
    run = world(calling(process_id="=which")).start(which="nowhere")
    (incident,) = run.incidents.values()
    assert (incident.type, "nowhere" in incident.message) == ("CALLED_ELEMENT_ERROR", True)
    run.resolve(which="child")
    assert run.open == ["work"]


def test_timer_interrupts_the_called_process(world) -> None:
    run = world(calling()).start().wait(hours=1)
    assert run.open == ["escalate"]
    assert list(run.ended.values()) == ["TERMINATED"]
    assert {"work", "c"} <= set(run.passed("CANCELED"))


def test_error_end_of_the_called_process_is_caught_outside(world) -> None:
    child = process("child", start("cs"), user("work"), error_end("boom", "e"), flows("cs -> work -> boom"))
    run = world(calling(child=child)).start().complete("work")
    assert run.open == ["repair"]
    assert list(run.ended.values()) == ["TERMINATED"]
    assert not run.timers


def test_endless_recursion_of_calls_is_an_incident(world) -> None:
    loop = diagram(process("p", start(), call("again", "p"), flows("start -> again")))
    run = world(loop).start()
    (incident,) = run.incidents.values()
    assert incident.type == "MESSAGE_SIZE_EXCEEDED"
    run.cancel()
    assert not run.active
    assert set(run.ended.values()) == {"TERMINATED"}


SUB = diagram(
    process(
        "p", start(),
        sub_process("sub", start("s"), user("a"), user("b"), end("e"), flows("s -> a -> b -> e"),
                    extras=mappings({"local": "=n + 1"}, {"out": "=local * 10"})),
        user("after"), boundary("late", "sub", timer("timeDuration", "PT1H"), interrupting=False), user("remind"),
        flows("start -> sub -> after", "late -> remind"),
    )
)  # fmt: skip


def test_sub_process_has_a_scope_of_its_own(world) -> None:
    run = world(SUB).start(n=1)
    assert run.variables == {"n": 1}
    run.complete("a", local=5, n=2, fresh=3)
    assert run.variables == {"n": 2, "fresh": 3}, "known names are written where they live, new ones at the process"
    run.complete("b")
    assert run.variables == {"n": 2, "fresh": 3, "out": 50}
    assert run.open == ["after"]
    assert {scope for scope, _ in run.rows} == {run.root_key}


def test_non_interrupting_timer_beside_a_sub_process(world) -> None:
    run = world(SUB).start(n=1).wait(hours=1)
    assert run.open == ["a", "remind"]
    run.complete("a").complete("b").complete("after")
    assert run.active
    run.complete("remind")
    assert not run.active


def test_integers_beyond_64_bits_survive_in_every_scope(world) -> None:
    run = world(SUB).start(n=2**80).complete("a").complete("b")
    assert run.variables["out"] == (2**80 + 1) * 10
