"""Variables: scopes, propagation, inputs and outputs; what goes into called processes and comes back."""

from __future__ import annotations

import pytest

from tests.unit.engine.diagrams import (
    call,
    catch,
    end,
    flows,
    job,
    mappings,
    message,
    message_event,
    parallel,
    process,
    script,
    start,
    sub_process,
    user,
)

CHILD = process("child", start(), user("x"), flows("start -> x"))


def test_results_without_outputs_go_to_the_process(play) -> None:
    """Variable propagation: updated where they exist, new ones are created at the process instance."""
    sub = sub_process("sub", start("s"), job("a"), flows("s -> a"), extras=mappings({"mine": "=0"}))
    play.deploy(process("p", start(), sub, user("b"), flows("start -> sub -> b")))
    run = play.start(known=1)
    run.work("a", known=2, mine=3, new=4)
    assert run.variables == {"known": 2, "new": 4}


def test_inputs_are_local(play) -> None:
    """Inputs create variables in the scope of the element, which end with it; each sees the ones before."""
    play.deploy(process("p", start(), job("a", "work", mappings({"x": "=n * 2", "y": "=x + 1", "deep.in": "=n"})),
                        user("b"), flows("start -> a -> b")))  # fmt: skip
    run = play.start(n=5)
    assert run.work("a")["variables"] == {"n": 5, "x": 10, "y": 11, "deep": {"in": 5}}
    assert run.variables == {"n": 5}


def test_outputs_take_only_what_they_name(play) -> None:
    """With outputs, only their targets are propagated; a nested target merges into what is there."""
    play.deploy(process("p", start(), job("a", "work", mappings(None, {"order.total": "=sum", "ok": "=sum > 1"})),
                        user("b"), flows("start -> a -> b")))  # fmt: skip
    run = play.start(order={"id": 7})
    run.work("a", sum=3, other="x")
    assert run.variables == {"order": {"id": 7, "total": 3}, "ok": True}


def test_outputs_see_inputs_and_each_other(play) -> None:
    """Mappings are applied in the order of the diagram."""
    task = user("a", mappings({"local": "=n + 1"}, {"first": "=local", "second": "=first + 1"}))
    play.deploy(process("p", start(), task, user("b"), flows("start -> a -> b")))
    assert play.start(n=1).complete("a").variables == {"n": 1, "first": 2, "second": 3}


def test_a_result_of_the_name_of_an_input_stays_local(play) -> None:
    """Propagation ends at the first scope that has the variable: the element's own."""
    play.deploy(process("p", start(), job("a", "work", mappings({"n": "=0"})), user("b"), flows("start -> a -> b")))
    run = play.start(n=1)
    run.work("a", n=9, m=2)
    assert run.variables == {"n": 1, "m": 2}


def test_an_input_that_fails_is_an_incident(play) -> None:
    """Incident IO_MAPPING_ERROR at the element, which has not begun; resolving tries again."""
    play.deploy(
        process("p", start(), user("a", mappings({"x": '=assert(n, n > 1, "too small")'})), flows("start -> a"))
    )
    run = play.start(n=1)
    assert run.incidents == [("a", "IO_MAPPING_ERROR")]
    assert run.tasks == []
    assert run.resolve(n=2).tasks == ["a"]


def test_an_output_that_fails_keeps_the_result(play) -> None:
    """Incident IO_MAPPING_ERROR; what the worker returned is not lost."""
    play.deploy(process("p", start(), job("a", "work", mappings(None, {"x": "=assert(got + n, n > 1)"})), user("b"),
                        flows("start -> a -> b")))  # fmt: skip
    run = play.start(n=1)
    run.work("a", got=10)
    assert run.incidents == [("a", "IO_MAPPING_ERROR")]
    assert run.resolve(n=2).variables == {"n": 2, "x": 12}
    assert run.tasks == ["b"]


def test_branches_share_the_variables_of_their_scope(play) -> None:
    """Concurrent branches of one scope see each other's writes."""
    play.deploy(process("p", start(), parallel("f"), user("a"), user("b"), script("s", "=n + 1", "n"), parallel("j"),
                        end(), flows("start -> f -> a -> s -> j -> end", "f -> b -> j")))  # fmt: skip
    run = play.start(n=1).complete("b", n=10).complete("a")
    assert run.variables == {"n": 11}


def test_message_variables_go_through_outputs(play) -> None:
    """Outputs of a catch event decide what of a message is kept."""
    play.deploy(message("m", "go", "=case"), process(
        "p", start(), catch("c", message_event("m"), mappings(None, {"got": "=x"})), user("a"),
        flows("start -> c -> a")))  # fmt: skip
    run = play.start(case="7")
    play.publish("go", "7", x=1, y=2)
    assert run.variables == {"case": "7", "got": 1}


# -- called processes ------------------------------------------------------------------------------------------------


def calling(*extras: str, **attributes: str) -> str:
    return process("p", start(), call("c", "child", *extras, **attributes), user("b"), flows("start -> c -> b"))


def test_a_called_process_gets_and_gives_back_everything(play) -> None:
    """By default all variables go in, and all of the called process come back."""
    play.deploy(calling(), CHILD)
    run = play.start(n=1)
    (child,) = play.runs("child")
    assert child.variables == {"n": 1}
    assert run.complete("x", n=2, new=3).variables == {"n": 2, "new": 3}
    assert (run.tasks, child.state) == (["b"], "COMPLETED")


def test_only_inputs_go_in(play) -> None:
    """propagateAllParentVariables=false: the called process gets the local variables of its call activity only."""
    play.deploy(calling(mappings({"x": "=n * 2"}), propagateAllParentVariables="false"), CHILD)
    play.start(n=1)
    assert play.runs("child")[0].variables == {"x": 2}


def test_nothing_comes_back(play) -> None:
    """propagateAllChildVariables=false without outputs: nothing is merged."""
    play.deploy(calling(propagateAllChildVariables="false"), CHILD)
    assert play.start(n=1).complete("x", n=2, new=3).variables == {"n": 1}


def test_only_outputs_come_back(play) -> None:
    """Outputs see the variables of the called process, whatever is propagated."""
    play.deploy(calling(mappings(None, {"got": "=new + 1"}), propagateAllChildVariables="false"), CHILD)
    assert play.start(n=1).complete("x", n=2, new=3).variables == {"n": 1, "got": 4}


def test_the_process_is_chosen_by_expression_when_the_token_arrives(play) -> None:
    """A process that is not deployed: incident CALLED_ELEMENT_ERROR; deploy it, resolve, and it is called."""
    play.deploy(process("p", start(), call("c", '="ch" + rest'), user("b"), flows("start -> c -> b")))
    run = play.start(rest="ild")
    assert run.incidents == [("c", "CALLED_ELEMENT_ERROR")]
    play.deploy(CHILD)
    assert run.resolve().tasks == ["x"]


def test_the_newest_version_is_called(play) -> None:
    """bindingType latest: the newest version at the moment of the call."""
    play.deploy(calling(), CHILD)
    first = play.start()
    play.deploy(process("child", start(), user("y"), flows("start -> y")))
    assert (first.tasks, play.start().tasks) == (["x"], ["y"])


def test_the_version_of_the_same_deployment_is_called(play) -> None:
    """bindingType deployment: the version that was deployed together with the caller."""
    play.deploy(calling(bindingType="deployment"), CHILD)
    play.deploy(process("child", start(), user("y"), flows("start -> y")))
    assert play.start().tasks == ["x"]


def test_the_version_with_a_tag_is_called(play) -> None:
    """bindingType versionTag: the newest version with that tag."""
    tag = '<bpmn:extensionElements><zeebe:versionTag value="{}"/></bpmn:extensionElements>'
    play.deploy(process("child", tag.format("one"), start(), user("x"), flows("start -> x")))
    play.deploy(process("child", tag.format("two"), start(), user("y"), flows("start -> y")))
    play.deploy(calling(bindingType="versionTag", versionTag="one"))
    assert play.start().tasks == ["x"]


def test_recursion_ends_by_its_condition_or_in_an_incident(play) -> None:
    """A process may call itself; without an end it stops at a stated depth instead of running for ever."""
    play.deploy(process("p", start(), call("c", "p"), flows("start -> c")))
    run = play.start()
    assert [element for element, _ in run.incidents] == ["c"]
    assert run.cancel().state == "TERMINATED"


def test_running_instances_keep_their_version(play) -> None:
    """A new version is for new instances; an old one can still be started by its number."""
    play.deploy(process("p", start(), user("a"), user("b"), flows("start -> a -> b")))
    old = play.start()
    play.deploy(process("p", start(), user("c"), flows("start -> c")))
    assert old.complete("a").tasks == ["b"]
    assert play.start().tasks == ["c"]
    body = {"processDefinitionId": "p", "processDefinitionVersion": 1}
    assert play.call("/process-instances", body)["processDefinitionVersion"] == 1


def test_the_same_content_is_the_same_version(play) -> None:
    """Deploying again what is deployed makes no new version."""
    versions = [play.deploy(CHILD)["deployments"][0]["processDefinition"] for _ in range(2)]
    assert [version["processDefinitionVersion"] for version in versions] == [1, 1]


@pytest.mark.parametrize("value", [None, True, 0, -1.5, 12345678901234567890, "", "报到", [], [1, [None]], {"a": {}}])
def test_values_come_back_as_they_were(play, value) -> None:
    """Variables are JSON values."""
    play.deploy(process("p", start(), script("s", "=v", "w"), user("a"), flows("start -> s -> a")))
    assert play.start(v=value).variables == {"v": value, "w": value}
