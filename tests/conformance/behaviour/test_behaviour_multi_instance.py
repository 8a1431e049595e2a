"""Multi-instance activities, parallel and sequential, of every kind of activity."""

from __future__ import annotations

import pytest

from tests.unit.engine.diagrams import (
    boundary,
    call,
    element,
    error,
    error_event,
    flows,
    job,
    mappings,
    message,
    message_event,
    process,
    repeated,
    script,
    start,
    sub_process,
    timer,
    user,
    xor,
)

EACH = {"inputCollection": "=items", "inputElement": "item", "outputCollection": "results", "outputElement": "=result"}


def many(activity: str, condition: str | None = None, *, sequential: bool = False, **loop: str) -> str:
    each = repeated(activity, condition, sequential=sequential, **(loop or EACH))
    return process("p", start(), each, user("b"), flows("start -> a -> b"))


@pytest.mark.parametrize("sequential", [False, True])
def test_one_instance_for_each_item(play, sequential) -> None:
    """All at once, or one after the other; each sees its item and loopCounter, which start at 1."""
    play.deploy(many(job("a"), sequential=sequential))
    run = play.start(items=["x", "y", "z"])
    assert len(play.take_jobs()) == (1 if sequential else 3)
    for number, item in enumerate("xyz", 1):
        seen = run.work("a", result=item * 2)["variables"]
        assert (seen["item"], seen["loopCounter"]) == (item, number)
    assert run.tasks == ["b"]
    assert run.variables == {"items": ["x", "y", "z"], "results": ["xx", "yy", "zz"]}


def test_outputs_stand_in_the_order_of_the_items(play) -> None:
    """Whatever the order of completion; an instance without a result gives null, not what another one returned."""
    play.deploy(many(user("a")))
    run = play.start(items=[1, 2, 3])
    run.complete("a", nth=2, result="third").complete("a", nth=0, result="first").complete("a")
    assert run.variables["results"] == ["first", None, "third"]
    assert "result" not in run.variables


def test_the_output_collection_is_seen_outside_only_at_the_end(play) -> None:
    """It is local to the body and is propagated when the body completes."""
    play.deploy(many(user("a")))
    run = play.start(items=[1, 2]).complete("a", result=1)
    assert "results" not in run.variables
    assert run.complete("a", result=2).variables["results"] == [1, 2]


@pytest.mark.parametrize("sequential", [False, True])
def test_an_empty_collection_is_skipped(play, sequential) -> None:
    """The body completes at once, the output collection is empty."""
    play.deploy(many(user("a"), sequential=sequential))
    run = play.start(items=[])
    assert (run.tasks, run.variables) == (["b"], {"items": [], "results": []})


@pytest.mark.parametrize("items", [None, 7, "abc", {"a": 1}])
def test_a_collection_that_is_no_list_is_an_incident(play, items) -> None:
    """Incident EXTRACT_VALUE_ERROR; resolving reads the collection again."""
    play.deploy(many(user("a")))
    run = play.start(items=items)
    assert run.incidents == [("a", "EXTRACT_VALUE_ERROR")]
    assert run.resolve(items=[1]).tasks == ["a"]


def test_completion_condition_ends_the_others(play) -> None:
    """Evaluated whenever an instance completes; the rest is terminated, their outputs stay null."""
    play.deploy(many(user("a"), "=numberOfCompletedInstances >= 2"))
    run = play.start(items=[1, 2, 3, 4]).complete("a", nth=3, result="d").complete("a", nth=0, result="a")
    assert run.tasks == ["b"]
    assert run.variables["results"] == ["a", None, None, "d"]
    assert run.passed("a", "TERMINATED") == 2


def test_completion_condition_sees_the_result_and_the_numbers(play) -> None:
    """It sees the instance's variables and the numbers of instances, active, completed and terminated ones."""
    condition = '=result = "no" or numberOfActiveInstances + numberOfCompletedInstances != numberOfInstances'
    play.deploy(many(user("a"), condition))
    run = play.start(items=[1, 2, 3]).complete("a", result="yes")
    assert run.tasks == ["a", "a"]
    assert run.complete("a", result="no").tasks == ["b"]


def test_completion_condition_of_a_sequential_activity(play) -> None:
    """No further instance begins once it holds."""
    play.deploy(many(user("a"), '=result = "stop"', sequential=True))
    run = play.start(items=[1, 2, 3]).complete("a", result="go")
    assert run.tasks == ["a"]
    assert run.complete("a", result="stop").tasks == ["b"]
    assert run.variables["results"] == ["go", "stop", None]


@pytest.mark.parametrize("sequential", [False, True])
def test_sub_process(play, sequential) -> None:
    """Each instance has a scope of its own around all that is inside."""
    inside = sub_process("a", start("s"), user("x"), script("t", "=item * 10 + answer", "result"), flows("s -> x -> t"),
                         extras=mappings({"answer": "=0"}))  # fmt: skip
    play.deploy(many(inside, sequential=sequential))
    run = play.start(items=[1, 2]).complete("x", answer=5).complete("x", answer=6)
    assert run.variables == {"items": [1, 2], "results": [15, 26]}


@pytest.mark.parametrize("sequential", [False, True])
def test_call_activity(play, sequential) -> None:
    """Each instance calls a process; an output mapping keeps the results apart."""
    called = call("a", "child", mappings(None, {"result": "=square"}))
    play.deploy(many(called, sequential=sequential),
                process("child", start(), script("s", "=item * item", "square"), flows("start -> s")))  # fmt: skip
    run = play.start(items=[3, 4])
    assert run.variables == {"items": [3, 4], "results": [9, 16]}
    assert len(play.runs("child")) == 2


def test_receive_task_with_a_key_for_each(play) -> None:
    """The correlation key sees the item."""
    play.deploy(message("m", "go", "=item"), many(element("receiveTask", "a", messageRef="m")))
    run = play.start(items=["x", "y"])
    play.publish("go", "y", result=2)
    assert run.tasks == []
    play.publish("go", "x", result=1)
    assert (run.tasks, run.variables["results"]) == (["b"], [1, 2])


def test_boundary_events_belong_to_the_whole_body(play) -> None:
    """An interrupting event ends all instances, and no output is propagated."""
    play.deploy(process("p", start(), repeated(user("a"), **EACH), user("b"),
                        boundary("late", "a", timer("timeDuration", "PT1H")), user("c"),
                        flows("start -> a -> b", "late -> c")))  # fmt: skip
    run = play.start(items=[1, 2, 3]).complete("a", result=1)
    play.wait(hours=1)
    assert run.tasks == ["c"]
    assert run.variables == {"items": [1, 2, 3]}


def test_boundary_event_that_does_not_interrupt(play) -> None:
    """The instances are not affected."""
    play.deploy(message("m", "go", "=case"), process(
        "p", start(), repeated(user("a"), **EACH), user("b"),
        boundary("on", "a", message_event("m"), interrupting=False), user("c"), flows("start -> a -> b", "on -> c"))
    )  # fmt: skip
    run = play.start(items=[1, 2], case=7)
    play.publish("go", "7")
    assert run.tasks == ["a", "a", "c"]
    assert run.complete("a", "a").tasks == ["b", "c"]


def test_an_error_of_one_instance_ends_all(play) -> None:
    """An error is caught at the body."""
    play.deploy(error("e", "NO"), process("p", start(), repeated(job("a"), **EACH), user("b"),
                                          boundary("on", "a", error_event("e")), user("c"),
                                          flows("start -> a -> b", "on -> c")))  # fmt: skip
    run = play.start(items=[1, 2, 3]).throw("a", "NO", nth=1)
    assert (run.tasks, run.active) == (["c"], ["c"])


def test_nested(play) -> None:
    """A multi-instance activity inside a multi-instance sub-process."""
    inner = repeated(script("i", "=item * 10 + n", "got"), inputCollection="=[1, 2]", inputElement="n",
                     outputCollection="result", outputElement="=got")  # fmt: skip
    play.deploy(many(sub_process("a", start("s"), inner, flows("s -> i"))))
    assert play.start(items=[1, 2]).variables["results"] == [[11, 12], [21, 22]]


def test_in_a_loop_it_begins_anew(play) -> None:
    """Each round collects its own outputs."""
    play.deploy(process("p", start(), xor("again"), repeated(user("a"), **EACH), user("b"), xor("x", "x_done"),
                        user("done"), flows("start -> again -> a -> b -> x -> done", "x -> again", x_again="=more"))
    )  # fmt: skip
    run = play.start(items=[1, 2]).complete("a", "a", result=1)
    run.complete("b", more=True, items=[5]).complete("a", result=9)
    assert run.variables["results"] == [9]
    assert run.complete("b", more=False).tasks == ["done"]


def test_too_many_items_are_an_incident(play) -> None:
    """Ten thousand items at once end in a defined answer."""
    play.deploy(many(user("a")))
    run = play.start(items=list(range(10_000)))
    assert [at for at, _ in run.incidents] == ["a"]
    assert run.resolve(items=[1]).tasks == ["a"]
