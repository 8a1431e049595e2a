"""What expressions may give where the diagram needs a text, a key, a truth or names."""

from __future__ import annotations

import pytest

from server.catalog.model import Event, EventKind, FlowNode, Process, SequenceFlow, SubProcess
from server.engine import ErrorThrown, Execution, Start, build_process, commands
from server.model import ProcessDefinition
from tests.unit.engine.diagrams import (
    catch,
    diagram,
    flows,
    job,
    message,
    message_event,
    parallel,
    process,
    script,
    start,
    terminate_end,
    user,
    xor,
)
from tests.unit.engine.world import BEGINNING, SHANGHAI, Deployed


@pytest.mark.parametrize("n", ["many", 1, None, [True]])
def test_a_condition_is_true_or_false(world, n) -> None:
    shown = diagram(process("p", start(), xor("x"), user("a"), flows("start -> x -> a", x_a="=n")))
    run = world(shown).start(n=n)
    (incident,) = run.incidents.values()
    assert incident.message.startswith("expected the condition to be true or false, found")
    run.resolve(n=True)
    assert run.open == ["a"]


@pytest.mark.parametrize(("key", "text"), [("K-1", "K-1"), (7, "7"), (0.5, "0.5"), (2**70, str(2**70))])
def test_correlation_keys_are_texts_or_numbers(world, key, text) -> None:
    shown = diagram(
        message("m", "go", "=k"), process("p", start(), catch("c", message_event("m")), flows("start -> c"))
    )
    (subscription,) = world(shown).start(k=key).subscriptions.values()
    assert (subscription.message_name, subscription.correlation_key) == ("go", text)


@pytest.mark.parametrize("key", [None, "", True, [], {}])
def test_correlation_keys_that_are_none(world, key) -> None:
    shown = diagram(
        message("m", "go", "=k"), process("p", start(), catch("c", message_event("m")), flows("start -> c"))
    )
    (incident,) = world(shown).start(k=key).incidents.values()
    assert incident.message.startswith("correlation key: expected a text or a number, found")
    assert incident.expression == "k"


@pytest.mark.parametrize(
    ("groups", "names"),
    [("=null", ()), ("=[]", ()), ("a, b ,,a", ("a", "b")), ('=" a "', ("a",)), ('=["a", "", "a"]', ("a",)), ("", ())],
)
def test_candidate_groups(world, groups, names) -> None:
    run = world(diagram(process("p", start(), user("a", candidateGroups=groups), flows("start -> a")))).start()
    assert [task.candidate_groups for task in run.tasks.values()] == [names]


@pytest.mark.parametrize("groups", ["=7", "=[1]", '={a: "b"}', '=["a", null]'])
def test_candidate_groups_that_are_none(world, groups) -> None:
    run = world(diagram(process("p", start(), user("a", candidateGroups=groups), flows("start -> a")))).start()
    (incident,) = run.incidents.values()
    assert incident.message.startswith("candidateGroups: expected a list of texts, found")


def test_a_result_that_no_variable_can_hold_is_an_incident(world) -> None:
    shown = diagram(process("p", start(), script("s", "=[n, n]", "r"), user("a"), flows("start -> s -> a")))
    deep: object = 1
    for _ in range(100):
        deep = [deep]
    run = world(shown).start(n=deep)
    (incident,) = run.incidents.values()
    assert (incident.type, incident.expression) == ("EXTRACT_VALUE_ERROR", "[n, n]")
    assert "deeper than 100" in incident.message
    run.resolve(n=1)
    assert run.variables["r"] == [1, 1]


def test_long_values_are_cut_in_messages(world) -> None:
    run = world(diagram(process("p", start(), user("a", assignee="=x"), flows("start -> a")))).start(x=["违建"] * 500)
    (incident,) = run.incidents.values()
    assert len(incident.message) < 200
    assert incident.message.endswith("...")


def test_an_error_without_a_catcher_says_why_it_was_thrown(world) -> None:
    run = world(diagram(process("p", start(), job("j"), flows("start -> j")))).start()
    execution = run._open()
    commands.throw_job_error(execution, run.instance_of("j"), ErrorThrown("E", "the printer burns"))
    (incident,) = execution.changes.incidents.values()
    assert incident.message == (
        "expected a boundary event that catches the error 'E', found none: the printer burns"
    )  # fmt: skip


def test_what_is_still_on_its_way_goes_with_its_process(world) -> None:
    shown = diagram(
        process("p", start(), parallel("f"), terminate_end("stop"), xor("x"), xor("y"), xor("z"), user("a"),
                flows("start -> f -> stop", "f -> x -> y -> z -> a"))
    )  # fmt: skip
    run = world(shown).start()
    assert not run.active
    assert "a" not in run.passed("ENTERED")
    assert set(run.passed("CANCELED")) <= {"x", "y", "z"}


@pytest.mark.parametrize("kind", [EventKind.TIMER, EventKind.MESSAGE])
def test_a_definition_that_the_catalog_never_judged_is_a_mistake_of_the_server(kind) -> None:
    flow = SequenceFlow("f", "s", "c")
    nodes = {
        "s": FlowNode("s", "startEvent", event=Event(), outgoing=(flow,)),
        "c": FlowNode("c", "intermediateCatchEvent", event=Event(kind), incoming=("f",)),
    }
    record = ProcessDefinition(1, "p", 1, None, None, "p.bpmn", "h", 1)
    executable = build_process(record, Process("p", None, None, SubProcess("p", nodes)))
    execution = Execution(Deployed(), iter(range(100)), BEGINNING, SHANGHAI)
    with pytest.raises(TypeError, match="expected a value at c"):
        commands.start(execution, executable, Start({}))
