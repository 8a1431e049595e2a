from __future__ import annotations

import pytest

from server.engine.specs.multi_instance import marker_of
from tests.unit.engine.diagrams import (
    boundary,
    call,
    diagram,
    end,
    error,
    error_event,
    flows,
    job,
    mappings,
    process,
    repeated,
    script,
    start,
    sub_process,
    timer,
    user,
    xor,
    zeebe,
)

EACH = {"inputCollection": "=people", "inputElement": "who", "outputCollection": "answers", "outputElement": "=answer"}


def voting(
    activity: str | None = None, condition: str | None = None, *, sequential: bool = False, **loop: str
) -> bytes:
    asked = repeated(activity or user("ask", assignee="=who"), condition, sequential=sequential, **(loop or EACH))
    return diagram(
        error("e", "BROKEN"),
        process(
            "p", start(), asked, user("after"), boundary("late", "ask", timer("timeDuration", "PT1H")), user("remind"),
            boundary("failed", "ask", error_event("e")), user("repair"),
            flows("start -> ask -> after", "late -> remind", "failed -> repair"),
        ),
    )  # fmt: skip


def answer(run, who, **variables):
    (task,) = [task for task in run.tasks.values() if task.assignee == who]
    others = {key: task for key, task in run.tasks.items() if task.assignee != who}
    run.tasks = {task.key: task} | others
    return run.complete("ask", **variables)


def test_parallel_instances_collect_their_outputs_in_the_order_of_the_items(world):
    run = world(voting()).start(people=["ann", "bob", "cid"])
    assert sorted(task.assignee for task in run.tasks.values()) == ["ann", "bob", "cid"]
    answer(run, "cid", answer=3)
    answer(run, "ann", answer=1)
    assert "answers" not in run.variables
    answer(run, "bob", answer=2)
    assert run.open == ["after"]
    assert run.variables["answers"] == [1, 2, 3]
    assert "who" not in run.variables
    assert {scope for scope, _ in run.rows} == {run.root_key}


def test_sequential_instances_come_one_after_the_other(world):
    run = world(voting(sequential=True)).start(people=["ann", None, "cid"])
    for number, who in enumerate(["ann", None, "cid"]):
        assert [task.assignee for task in run.tasks.values()] == [who]
        run.complete("ask", answer=number)
    assert run.variables["answers"] == [0, 1, 2]
    assert run.open == ["after"]


def test_the_completion_condition_sees_counts_and_what_was_collected(world):
    enough = "=count(answers[item = true]) >= 2"
    run = world(voting(None, enough)).start(people=["a", "b", "c", "d", "e"])
    answer(run, "b", answer=True)
    answer(run, "d", answer=False)
    assert len(run.tasks) == 3
    answer(run, "e", answer=True)
    assert run.open == ["after"]
    assert run.variables["answers"] == [None, True, None, False, True]
    assert run.passed("CANCELED").count("ask") == 2
    half = "=numberOfCompletedInstances / numberOfInstances >= 0.5"
    half = world(voting(None, half)).start(people=["a", "b", "c", "d"])
    answer(half, "a", answer=1)
    answer(half, "b", answer=1)
    assert half.open == ["after"]


def test_no_items_pass_at_once(world):
    run = world(voting()).start(people=[])
    assert run.open == ["after"]
    assert run.variables["answers"] == []


@pytest.mark.parametrize(
    ("people", "kind"), [("ann", "EXTRACT_VALUE_ERROR"), (list(range(1001)), "MESSAGE_SIZE_EXCEEDED")]
)
def test_what_is_no_usable_collection_is_an_incident(world, people, kind):
    run = world(voting()).start(people=people)
    (incident,) = run.incidents.values()
    assert incident.type == kind
    run.resolve(people=["ann"])
    assert run.open == ["ask"]


def test_an_output_that_fails_stops_one_instance_only(world):
    run = world(voting(**{**EACH, "outputElement": "=upper case(answer.text)"})).start(people=["ann", "bob"])
    answer(run, "bob")
    (incident,) = run.incidents.values()
    assert [task.assignee for task in run.tasks.values()] == ["ann"]
    run.write(incident.place.element_instance_key, answer={"text": "late"}).fix("ask")
    answer(run, "ann", answer={"text": "yes"})
    assert run.variables["answers"] == ["YES", "LATE"]
    assert run.open == ["after"]
    assert incident.place.element_id == "ask"


@pytest.mark.parametrize("element", ["=answer", "=answer.text"])
def test_an_instance_without_a_result_gives_null_and_keeps_its_own(world, element):
    run = world(voting(**{**EACH, "outputElement": element})).start(people=["ann", "bob", "cid"])
    answer(run, "cid")
    answer(run, "ann", answer={"text": "yes"})
    answer(run, "bob")
    found = run.variables["answers"]
    assert found == ([{"text": "yes"}, None, None] if element == "=answer" else ["yes", None, None])
    assert "answer" not in run.variables


def test_outputs_of_an_instance_feed_its_output_element(world):
    task = user("ask", mappings(None, {"answer": "=said", "last": "=said"}), assignee="=who")
    run = world(voting(task)).start(people=["ann", "bob"])
    answer(run, "bob", said=2)
    answer(run, "ann", said=1)
    assert run.variables == {"people": ["ann", "bob"], "answers": [1, 2], "last": 1}


def test_the_result_of_an_instance_is_seen_by_its_output_element(world):
    task = user("ask", mappings(None, {"last": "=said"}), assignee="=who")
    run = world(voting(task, **{**EACH, "outputElement": "=said * 10"})).start(people=["ann", "bob"])
    answer(run, "bob", said=2)
    answer(run, "ann", said=1)
    assert run.variables["answers"] == [10, 20]


def test_the_loop_counter_counts_from_one(world):
    each = {"inputCollection": "=[10, 20, 30]", "inputElement": "x", "outputCollection": "got",
            "outputElement": "=loopCounter * 100 + x"}  # fmt: skip
    run = world(voting(script("ask", "=x", "y"), **each)).start()
    assert run.variables["got"] == [110, 220, 330]


def test_boundary_events_belong_to_the_whole(world):
    run = world(voting()).start(people=["ann", "bob"])
    assert len(run.timers) == 1
    answer(run, "ann")
    run.wait(hours=1)
    assert run.open == ["remind"]
    assert not run.timers


def test_an_error_of_one_instance_ends_all(world):
    run = world(voting(job("ask"))).start(people=["ann", "bob", "cid"])
    run.throw("ask", "BROKEN", why="rain")
    assert run.open == ["repair"]
    assert not run.jobs


def test_a_loop_around_it_begins_anew(world):
    looped = diagram(
        process(
            "p", start(), xor("again"), repeated(user("ask", assignee="=who"), **EACH), user("check"),
            xor("more", "more_end"), end(),
            flows("start -> again -> ask -> check -> more -> end", "more -> again", more_again="=go"),
        )
    )  # fmt: skip
    run = world(looped).start(people=["a", "b"])
    for round_ in range(3):
        answer(run, "a", answer=round_)
        answer(run, "b", answer=round_ + 10)
        assert run.variables["answers"] == [round_, round_ + 10]
        run.complete("check", go=round_ < 2)
    assert not run.active


def test_sub_processes_and_calls_for_each_item(world):
    inner = sub_process("ask", start("s"), user("a", assignee="=who"), user("b"), end("e"), flows("s -> a -> b -> e"))
    run = world(voting(inner, None, **{**EACH, "outputElement": '=who + "!"'})).start(people=["ann", "bob"])
    assert run.open == ["a", "a"]
    run.complete("a").complete("b").complete("a").complete("b")
    assert run.variables["answers"] == ["ann!", "bob!"]

    child = process("child", start("cs"), user("work"), end("ce"), flows("cs -> work -> ce"))
    called = call(
        "ask", "child", mappings({"name": "=who"}, {"answer": "=result"}), propagateAllParentVariables="false"
    )
    parent = voting(called).replace(b"</bpmn:definitions>", child.encode() + b"</bpmn:definitions>")
    run = world(parent).start(people=["ann", "bob", "cid"])
    names = sorted(value for (_, name), value in run.rows.items() if name == "name" and value)
    assert names[:1] == ["ann"]
    for number in range(3):
        run.complete("work", result=number)
    assert run.open == ["after"]
    assert run.variables["answers"] == [0, 1, 2]
    assert set(run.ended.values()) == {"COMPLETED"}


def test_inputs_of_each_see_their_item(world):
    mapped = user("ask", mappings({"text": '="Dear " + who'}, {"answer": '=text + ": " + said'}))
    run = world(voting(mapped)).start(people=["ann", "bob"])
    run.complete("ask", said="yes").complete("ask", said="no")
    assert run.variables["answers"] == ["Dear ann: yes", "Dear bob: no"]


def test_cancelling_ends_all(world):
    run = world(voting()).start(people=["a", "b", "c"])
    run.cancel()
    assert (run.tasks, run.timers, run.active) == ({}, {}, False)


def test_priority_headers_and_history_name_body_and_instances(world):
    run = world(voting(user("ask", zeebe("priorityDefinition", priority="=loopCounter * 10")))).start(people=["a", "b"])
    assert sorted(task.priority for task in run.tasks.values()) == [10, 20]
    assert run.passed("ENTERED").count("ask") == 3


@pytest.mark.parametrize("spoiled", [7, [], None, {"a": 1}])
def test_a_task_that_writes_over_the_outputs_stops_until_they_are_written_again(world, spoiled):
    run = world(voting()).start(people=["ann", "bob"])
    body = next(scope for scope, name in run.rows if name == "answers")
    answer(run, "ann", answer=1, answers=spoiled)
    (incident,) = run.incidents.values()
    assert (incident.place.element_id, f"element instance {body}" in incident.message) == ("ask", True)
    run.write(body, local=True, answers=[None, None]).fix("ask")
    answer(run, "bob", answer=2)
    assert run.variables["answers"] == [1, 2]


def test_outputs_are_put_out_once_when_collecting_them_fails(world):
    asked = user("ask", mappings(None, {"answer": "=raw + 1"}), assignee="=who")
    run = world(voting(asked, **{**EACH, "outputElement": "=answer + extra.n"})).start(people=["ann"])
    run.complete("ask", raw=1)
    assert (run.stopped, run.variables["answer"]) == ([("ask", "EXTRACT_VALUE_ERROR")], 2)
    run.resolve(extra={"n": 5})
    assert run.variables["answers"] == [7]
    assert run.open == ["after"]


def test_nothing_is_collected_where_nothing_is_asked_for(world):
    run = world(voting(user("ask"), inputCollection="=people")).start(people=["ann"])
    assert run.local(run.instance_of("ask")) == {"loopCounter": 1}
    run.complete("ask", answer=1)
    assert run.variables == {"people": ["ann"], "answer": 1}


def test_a_marker_that_the_catalog_never_judged_is_a_mistake_of_the_server(world):
    run = world(voting()).start(people=["ann"])
    body = next(t for t in run.execution.tokens.values() if t.node.type == "multiInstanceBody")
    assert marker_of(body).input_element == "who"
    inside = next(t for t in run.execution.tokens.values() if t.node.type == "userTask")
    with pytest.raises(TypeError, match="expected a multi-instance activity at ask"):
        marker_of(inside)
