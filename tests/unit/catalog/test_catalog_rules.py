"""Every rule of the catalog as data: a small diagram, and the finding with element, message and path."""

from __future__ import annotations

import pytest

from server.catalog.elements import DOCUMENTATION, FLOW_NODES, REFUSED
from server.catalog.model import FlowNode, JobWork, UserWork, event_of, work_of
from tests.unit.catalog.judging import assert_rows, judge, line, with_element
from tests.unit.engine.diagrams import (
    ad_hoc,
    boundary,
    call,
    catch,
    diagram,
    element,
    end,
    error,
    error_event,
    event_sub_process,
    extension,
    flows,
    job,
    link_catch,
    link_throw,
    mappings,
    message,
    message_event,
    process,
    script,
    signal,
    signal_event,
    start,
    sub_process,
    throw,
    timer,
    user,
    xor,
    zeebe,
)

REFUSED_NODES = sorted(n for n in REFUSED if not n.endswith(("EventDefinition", "LoopCharacteristics")))
REFUSED_EVENTS = sorted(n for n in REFUSED if n.endswith("EventDefinition"))
REFUSED_LOOPS = sorted(n for n in REFUSED if n.endswith("LoopCharacteristics"))
MESSAGE = message("m", "go", "=case")


@pytest.mark.parametrize("tag", REFUSED_NODES)
def test_refused_elements_are_named(tag) -> None:
    shown = diagram(process("p", start(), element(tag, "x"), flows("start -> end"), end()))
    assert_rows(judge(shown), [("x", REFUSED[tag].remark, "d.bpmn/p/x")])


@pytest.mark.parametrize("tag", REFUSED_NODES)
def test_refused_elements_are_named_inside_a_sub_process(tag) -> None:
    shown = line(sub_process("x", start("s"), element(tag, "y")))
    assert_rows(judge(shown), [("y", f"{tag} is not executed", "d.bpmn/p/x/y")])


@pytest.mark.parametrize("tag", REFUSED_LOOPS)
@pytest.mark.parametrize("host", ["userTask", "subProcess", "task"])
def test_refused_loops_are_named_at_their_host(tag, host) -> None:
    inside = extension(zeebe("userTask")) if host == "userTask" else start("s") if host == "subProcess" else ""
    shown = with_element(host, f"{inside}<bpmn:{tag}/>")
    assert_rows(judge(shown), [("x", REFUSED[tag].remark, f"d.bpmn/p/x/{tag}")])


@pytest.mark.parametrize("kind", REFUSED_EVENTS)
@pytest.mark.parametrize("tag", ["intermediateCatchEvent", "intermediateThrowEvent"])
def test_refused_events_are_named(kind, tag) -> None:
    shown = with_element(tag, f"<bpmn:{kind}/>")
    rows = [("x", REFUSED[kind].remark, f"d.bpmn/p/x/{kind}")]
    assert_rows(judge(shown), rows)


@pytest.mark.parametrize("tag", sorted(DOCUMENTATION))
def test_documentation_is_skipped_in_a_process_and_in_a_task(tag) -> None:
    shown = element(tag, "z") if tag != "extensionElements" else ""
    assert judge(diagram(process("p", shown, start(), element("task", "x", shown), flows("start -> x")))) == []


def test_the_table_of_elements_has_every_element_once() -> None:
    names = [*FLOW_NODES, *REFUSED, *DOCUMENTATION]
    assert len(names) == len(set(names))


TIMED = timer("timeDuration", "PT1H")


def beside(*parts: str, **conditions: str) -> bytes:
    """Return start → x, a user task, with more parts beside it."""
    return diagram(
        error("e", "E"), MESSAGE, process("p", start(), user("x"), *parts, flows("start -> x", **conditions))
    )


FLOW = "d.bpmn/p/f"
HERE = "d.bpmn/p/x"
RULES: dict[str, tuple[bytes, list[tuple[str, str, str]]]] = {
    # ad-hoc sub-processes
    "nothing can begin": (line(ad_hoc("x", user("a"), user("b"), flows("a -> b -> a"))), [
        ("x", "an element without incoming flow", HERE)]),
    "a start in an ad-hoc sub-process": (line(ad_hoc("x", start("a"), user("b"), flows("a -> b"))), [
        ("a", "has no start or end events", HERE + "/a")]),
    "an end in an ad-hoc sub-process": (line(ad_hoc("x", user("a"), end("b"), flows("a -> b"))), [
        ("b", "has no start or end events", HERE + "/b")]),
    "an event sub-process in an ad-hoc one": (line(ad_hoc("x", user("a"), event_sub_process("b", TIMED))), [
        ("b", "put it around it", HERE + "/b")]),
    "links in an ad-hoc sub-process": (
        line(ad_hoc("x", link_throw("a", "L"), link_catch("b", "L"), user("c"), flows("b -> c"))), [
        ("a", "draw the flow", HERE + "/a"), ("b", "draw the flow", HERE + "/b")]),
    "a circle beside": (line(ad_hoc("x", user("a"), user("b"), flows("b -> b"))), [
        ("b", "no path from a start event", HERE + "/b")]),
    "in sequence": (line(ad_hoc("x", user("a")).replace(" id=", ' ordering="Sequential" id=', 1)), [
        ("x", "set ordering to Parallel", HERE + "/ordering")]),
    "no expressions": (line(ad_hoc("x", user("a"), condition="done", activeElementsCollection="a")), [
        ("x", "as activeElementsCollection, found 'a'", HERE + "/adHoc"),
        ("x", "a leading =, found 'done'", HERE + "/completionCondition")]),
    "worked by jobs": (line(ad_hoc("x", extension(zeebe("taskDefinition", type="t")), user("a"))), [
        ("x", "zeebe:taskDefinition is not executed at a adHocSubProcess", HERE + "/taskDefinition")]),
    # structure
    "no start": (diagram(process("p", user("x"))), [
        ("p", "expected a start event", "d.bpmn/p")]),
    "two plain starts": (diagram(process("p", start("a"), start("b"))), [
        ("b", "at most one start event without a trigger", "d.bpmn/p/b")]),
    "sub-process with a trigger": (line(sub_process("x", start("s", message_event("m"))), MESSAGE), [
        ("s", "starts with a start event without a trigger", "d.bpmn/p/x/s")]),
    "empty sub-process": (line(sub_process("x")), [("x", "expected a start event", HERE)]),
    "unreachable": (beside(user("y")), [("y", "no path from a start event", "d.bpmn/p/y")]),
    "flow into a start": (beside(flows("x -> start")), [("start", "has no incoming flow", "d.bpmn/p/start")]),
    "flow into a boundary event": (beside(boundary("b", "x", TIMED), flows("x -> b")), [
        ("b", "a boundaryEvent has no incoming flow", "d.bpmn/p/b")]),
    "flow out of an end": (beside(end("y"), flows("x -> y -> x")), [("y", "no outgoing flow", "d.bpmn/p/y")]),
    "default that is no flow of it": (line(xor("x", "nope")), [("x", "does not leave this element", HERE)]),
    "default behind a task": (
        line(element("task", "x", default="x_end")), [("x", "only behind an exclusive or inclusive gateway", HERE)]),
    "condition behind a task": (
        diagram(process("p", start(), user("x"), end(), flows("start -> x -> end", x_end="=true"))),
        [("x_end", "only behind an exclusive or inclusive gateway, found behind x", HERE)]),
    "flow without a condition": (
        diagram(process("p", start(), xor("x"), user("a"), user("b"), flows("start -> x -> a", "x -> b", x_a="=true"))),
        [("x_b", "expected a condition", HERE)]),
    "condition at the default flow": (
        diagram(process("p", start(), xor("x", "x_a"), user("a"), user("b"),
                        flows("start -> x -> a", "x -> b", x_a="=true", x_b="=true"))),
        [("x_a", "a default flow has no condition", HERE)]),
    "boundary beside nothing": (beside(boundary("b", "y", TIMED)), [
        ("b", "found 'y'", "d.bpmn/p/b"), ("b", "no path", "d.bpmn/p/b")]),
    "boundary at a gateway": (
        diagram(process("p", start(), xor("x"), boundary("b", "x", TIMED), flows("start -> x"))),
        [("b", "found a exclusiveGateway", "d.bpmn/p/b")]),
    "error that does not interrupt": (beside(boundary("b", "x", error_event("e"), interrupting=False)), [
        ("b", "always interrupts", "d.bpmn/p/b")]),
    "two catch one error": (beside(boundary("b", "x", error_event("e")), boundary("c", "x", error_event("e"))), [
        ("c", "catches the error E", "d.bpmn/p/c")]),
    "two catch every error": (beside(boundary("b", "x", error_event()), boundary("c", "x", error_event())), [
        ("c", "of any code", "d.bpmn/p/c")]),
    "two wait for one message": (beside(boundary("b", "x", message_event("m")), boundary("c", "x", message_event("m"))),
        [("c", "another boundaryEvent here catches the message go", "d.bpmn/p/c")]),
    "two start by one message": (
        diagram(MESSAGE, process("p", start("s", message_event("m")), start("t", message_event("m")))),
        [("t", "another startEvent here catches the message go", "d.bpmn/p/t")]),
    "event gateway to nowhere": (
        beside(element("eventBasedGateway", "g"), catch("c", TIMED), flows("x -> g -> c", "g -> nope")),
        [("g_nope", "'nope'", "d.bpmn/p/g_nope")]),
    "event gateway with a marked event": (
        beside(element("eventBasedGateway", "g"), catch("c", TIMED), catch("d", TIMED, mappings({"a": "=1"})),
               flows("x -> g -> c", "g -> d")),
        [("d", "no inputs, marker or boundary events", "d.bpmn/p/g")]),
    "marker with something else": (
        line(user("x").replace("</bpmn:userTask>", "<bpmn:multiInstanceLoopCharacteristics>"
             + extension(zeebe("loopCharacteristics", inputCollection="=a"))
             + "<bpmn:loopCardinality>3</bpmn:loopCardinality>"
             "</bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>")),
        [("x", "loopCardinality is not executed", HERE + "/multiInstanceLoopCharacteristics/loopCardinality")]),
    # flows and ids
    "flow to nowhere": (beside(element("sequenceFlow", "f", sourceRef="x", targetRef="nope")), [
        ("f", "'nope', which is not in the same process", FLOW)]),
    "flow from nowhere": (beside(element("sequenceFlow", "f", targetRef="x")), [("f", "''", FLOW)]),
    "flow across a border": (beside(sub_process("y", start("s"), user("z"), flows("s -> z")), flows("x -> y",
        "x -> z")),
        [("x_z", "'z', which is not in the same process", "d.bpmn/p/x_z")]),
    "id twice": (beside(user("y"), user("y"), flows("x -> y")), [("y", "the id is used twice", "d.bpmn/p/y")]),
    "id twice across a border": (beside(sub_process("y", start("s"), user("x")), flows("x -> y")), [
        ("x", "the id is used twice", "d.bpmn/p/y/x")]),
    "id of the process again": (diagram(process("p", start(), user("p"), flows("start -> q"))), [
        ("p", "used twice", "d.bpmn/p/p"), ("start_q", "'q'", "d.bpmn/p/start_q")]),
    "no id": (beside("<bpmn:task/>"), [("", "a task has no id", "d.bpmn/p")]),
    "process without id": (diagram(process("", start())), [("", "a process has no id", "d.bpmn")]),
    "flow without id": (beside('<bpmn:sequenceFlow sourceRef="x" targetRef="x"/>'), [
        ("", "a sequenceFlow has no id", "d.bpmn/p")]),
    "odd id": (line(element("task", "a b"), id_="a b"), [("a b", "as id", "d.bpmn/p"),
        ("start_a b", "as id", "d.bpmn/p"), ("a b_end", "as id", "d.bpmn/p")]),
    "long id": (diagram(process("p" * 256, start())), [("p" * 256, "at most 255", "d.bpmn")]),
    # conditions
    "condition that is no expression": (
        diagram(process("p", start(), xor("x"), end(), flows("start -> x -> end", x_end="${n}"))),
        [("x_end", "a leading =", "d.bpmn/p/x_end/conditionExpression")]),
    "condition in another language": (
        diagram(process("p", start(), xor("x"), end(), flows("start -> x -> end", x_end="=true")
                        .replace("<bpmn:conditionExpression", '<bpmn:conditionExpression language="javascript"'))),
        [("x_end", "expected FEEL as language, found javascript", "d.bpmn/p/x_end/conditionExpression")]),
    "condition that does not compile": (
        diagram(process("p", start(), xor("x"), end(), flows("start -> x -> end", x_end="=1 +"))),
        [("x_end", "does not compile", "d.bpmn/p/x_end/conditionExpression")]),
    # events
    "catch of nothing": (with_element("intermediateCatchEvent"), [
        ("x", "expected one of link, message, signal, timer", HERE)]),
    "error start": (diagram(process("p", start("x", error_event()))), [
        ("x", "expected one of message, none, signal, timer", HERE)]),
    "timer start in a sub-process": (line(sub_process("x", start("s", TIMED))), [
        ("s", "starts with a start event without a trigger", HERE + "/s")]),
    "cycle of a start that takes no time": (diagram(process("p", start("x", timer("timeCycle", "R/PT0S")))), [
        ("x", "a cycle such as R3/PT24H", HERE + "/timeCycle")]),
    "signal without a name": (line(catch("x", signal_event("s"))), [
        ("x", "expected a signal with a name", HERE + "/signal")]),
    "signal whose name does not compile": (line(catch("x", signal_event("s")), signal("s", "=1 +")), [
        ("x", "does not compile", HERE + "/signal@name")]),
    "signal twice at one task": (
        diagram(signal("s", "alarm"), process("p", start(), user("x"), boundary("b", "x", signal_event("s")),
                boundary("c", "x", signal_event("s"), interrupting=False), flows("start -> x"))),
        [("c", "another boundaryEvent here catches the signal alarm", "d.bpmn/p/c")]),
    "signal throw with a job": (
        line(throw("x", signal_event("s"), zeebe("taskDefinition", type="t")), signal("s", "a")), [
        ("x", "zeebe:taskDefinition is not executed", HERE + "/taskDefinition")]),
    "several definitions": (line(catch("x", TIMED + TIMED)), [("x", "found several", HERE)]),
    "unknown definition": (with_element("intermediateCatchEvent", "<bpmn:oddEventDefinition/>"), [
        ("x", "oddEventDefinition is not known", HERE + "/oddEventDefinition")]),
    "global definition": (with_element("intermediateThrowEvent",
        "<bpmn:eventDefinitionRef>t</bpmn:eventDefinitionRef>"),
        [("x", "eventDefinitionRef is not executed", HERE + "/eventDefinitionRef")]),
    "timer without time": (line(catch("x", "<bpmn:timerEventDefinition/>")), [
        ("x", "exactly one of timeDate", HERE + "/timerEventDefinition")]),
    "timer with an empty time": (line(catch("x", timer("timeDate", " "))),
        [("x", "expected a time", HERE + "/timeDate")]),
    "duration": (line(catch("x", timer("timeDuration", "72 h"))), [("x", "PT72H", HERE + "/timeDuration")]),
    "date": (line(catch("x", timer("timeDate", "tomorrow"))), [("x", "2026-01-31", HERE + "/timeDate")]),
    "date that is none": (line(catch("x", timer("timeDate", "2026-02-30T09:00:00Z"))), [
        ("x", "2026-01-31", HERE + "/timeDate")]),
    "time in Python": (line(catch("x", timer("timeDuration", "timedelta(hours=1)"))), [
        ("x", "PT72H", HERE + "/timeDuration")]),
    "time in another language": (
        line(catch("x", TIMED.replace("<bpmn:timeDuration", '<bpmn:timeDuration language="groovy"'))),
        [("x", "expected FEEL as language", HERE + "/timeDuration")]),
    "cycle at a catch event": (line(catch("x", timer("timeCycle", "R3/PT1H"))), [
        ("x", "a cycle repeats only", HERE + "/timeCycle")]),
    "cycle that interrupts": (beside(boundary("b", "x", timer("timeCycle", "R3/PT1H"))), [
        ("b", "a cycle repeats only", "d.bpmn/p/b/timeCycle")]),
    **{f"cycle {text}": (beside(boundary("b", "x", timer("timeCycle", text), interrupting=False)), [
        ("b", "a cycle such as R3/PT24H", "d.bpmn/p/b/timeCycle")])
       for text in ("R0/PT1H", "R3/PT0S", "R3/P0D", "R3", "0 0 9 * * *", "R1234567890/PT1H", "R3/P1H")},
    "message without name": (line(catch("x", "<bpmn:messageEventDefinition/>")), [
        ("x", "a message with a name", HERE + "/message")]),
    "message that is not there": (line(catch("x", message_event("nope"))),
        [("x", "a message with a name", HERE + "/message")]),
    "message without a key": (line(catch("x", message_event("n")), message("n", "go")), [
        ("x", "a correlation key", HERE + "/message")]),
    "name of a message start": (diagram(message("m", "=go"), process("p", start("x", message_event("m")))), [
        ("x", "a static text", HERE + "/message@name")]),
    "key that does not compile": (line(catch("x", message_event("n")), message("n", "go", "=1 +")), [
        ("x", "does not compile", HERE + "/message/subscription@correlationKey")]),
    "error end without a code": (diagram(process("p", start(), end("x", error_event()), flows("start -> x"))), [
        ("x", "an error with a code", HERE + "/error")]),
    "error that is not there": (beside(boundary("b", "x", error_event("nope"))), [
        ("b", "'nope' is not in this file", "d.bpmn/p/b/error")]),
    "caught error code by expression": (
        diagram(error("f", "=code"), process("p", start(), user("x"), boundary("b", "x", error_event("f")),
                                             flows("start -> x"))),
        [("b", "a static text", "d.bpmn/p/b/error")]),
    # work
    "user task of job workers": (with_element("userTask"), [("x", "expected zeebe:userTask", HERE)]),
    "embedded form": (line(user("x", zeebe("formDefinition", formKey="camunda-forms:bpmn:f"))), [
        ("x", "embedded forms", HERE + "/formDefinition")]),
    "service task without a type": (with_element("serviceTask"), [("x", "expected zeebe:taskDefinition", HERE)]),
    "type that is empty": (line(job("x", "")), [("x", "an attribute type", HERE + "/taskDefinition")]),
    "message end without a job": (
        diagram(MESSAGE, process("p", start(), end("x", message_event("m")), flows("start -> x"))),
        [("x", "expected zeebe:taskDefinition", HERE)]),
    "script task without a script": (with_element("scriptTask"), [("x", "expected zeebe:script", HERE)]),
    "static script": (line(script("x", "1", "r")), [("x", "found a static text", HERE + "/script@expression")]),
    "script without a result": (line(script("x", "=1", "")), [("x", "resultVariable", HERE + "/script")]),
    "script and job": (
        line(element("scriptTask", "x", extension(zeebe("script", expression="=1", resultVariable="r"),
                                                  zeebe("taskDefinition", type="t")))),
        [("x", "found both", HERE)]),
    "rule without a decision": (with_element("businessRuleTask"), [("x", "expected zeebe:calledDecision", HERE)]),
    "call of nothing": (with_element("callActivity"), [("x", "expected zeebe:calledElement", HERE)]),
    "binding": (line(call("x", "y", bindingType="newest")), [("x", "found 'newest'", HERE + "/calledElement")]),
    "binding without a tag": (line(call("x", "y", bindingType="versionTag")), [
        ("x", "needs an attribute versionTag", HERE + "/calledElement")]),
    "flag that is none": (line(call("x", "y", propagateAllChildVariables="maybe")), [
        ("x", "expected true or false", HERE + "/propagateAllChildVariables")]),
    # mappings
    "target that is no name": (line(user("x", mappings({"a b": "=1"}))),
        [("x", "found 'a b'", HERE + "/ioMapping/input[a b]")]),
    "target with a gap": (line(user("x", mappings(None, {"a..b": "=1"}))), [
        ("x", "found 'a..b'", HERE + "/ioMapping/output[a..b]")]),
    "target that is endless": (line(user("x", mappings(None, {"a" + ".b" * 128: "=1"}))), [
        ("x", "a variable name as target", HERE + "/ioMapping/output[a" + ".b" * 128 + "]")]),
    "source that is missing": (line(user("x", mappings({"a": ""}))),
        [("x", "expected a source", HERE + "/ioMapping/input[a]")]),
    "something else among mappings": (line(user("x", zeebe("ioMapping", zeebe("both", source="=1", target="a")))), [
        ("x", "both is not executed inside zeebe:ioMapping", HERE + "/ioMapping")]),
    # what stands in the wrong place
    "inputs of a start": (diagram(process("p", start("x", extension(mappings({"a": "=1"}))))), [
        ("x", "a startEvent has no inputs", HERE + "/ioMapping")]),
    "mapping at a gateway": (with_element("exclusiveGateway", extension(mappings(None, {"a": "=1"}))), [
        ("x", "not executed at a exclusiveGateway", HERE + "/ioMapping")]),
    "script at a user task": (line(user("x", zeebe("script", expression="=1", resultVariable="r"))), [
        ("x", "zeebe:script is not executed at a userTask", HERE + "/script")]),
    "assignment at a job": (line(job("x", "t", zeebe("assignmentDefinition", assignee="a"))), [
        ("x", "not executed at a serviceTask", HERE + "/assignmentDefinition")]),
    "job at a none end": (
        diagram(process("p", start(), end("x", extension(zeebe("taskDefinition", type="t"))), flows("start -> x"))),
        [("x", "not executed at a endEvent", HERE + "/taskDefinition")]),
    "subscription at a task": (line(element("task", "x", extension(zeebe("subscription", correlationKey="=1")))), [
        ("x", "not executed at a task", HERE + "/subscription")]),
    "tag at a task": (line(element("task", "x", extension(zeebe("versionTag", value="1")))), [
        ("x", "not executed at a task", HERE + "/versionTag")]),
    "extension twice": (line(script("x", "=1", "r", zeebe("script", expression="=2", resultVariable="r"))), [
        ("x", "expected zeebe:script once", HERE + "/script")]),
    "unknown extension": (line(element("task", "x", extension(zeebe("executionListeners")))), [
        ("x", "zeebe:executionListeners is not executed", HERE + "/executionListeners")]),
    "loop extension": (line(element("task", "x", extension(zeebe("loopCharacteristics")))), [
        ("x", "zeebe:loopCharacteristics is not executed", HERE + "/loopCharacteristics")]),
    "unknown attribute": (line(job("x", "t", zeebe("taskHeaders", zeebe("header", key="a", values="b")))), [
        ("x", "the attribute values of zeebe:header", HERE + "/header")]),
    "unknown attribute of the element": (line(element("task", "x", **{"zeebe:retries": "3"})), [
        ("x", "the attribute zeebe:retries", HERE)]),
    "extension of a flow": (
        diagram(process("p", start(), end("x"), element("sequenceFlow", "f", extension(zeebe("userTask")),
                                                       sourceRef="start", targetRef="x"))),
        [("f", "not executed at a sequenceFlow", FLOW + "/userTask")]),
    # contents
    "compensation": (with_element("task", isForCompensation="1"), [("x", "compensation is not executed", HERE)]),
    "several tokens": (with_element("task", startQuantity="2", completionQuantity="3"), [
        ("x", "startQuantity", HERE), ("x", "completionQuantity", HERE)]),
    "instantiating receive task": (line(element("receiveTask", "x", messageRef="m", instantiate="true"), MESSAGE), [
        ("x", "use a message start event", HERE)]),
    "parallel multiple": (line(element("intermediateCatchEvent", "x", TIMED, parallelMultiple="true")), [
        ("x", "waits for several things", HERE)]),
    "event sub-process": (line(element("subProcess", "x", start("s"), triggeredByEvent="1")), [
        ("s", "expected one of error, escalation, message, signal, timer", HERE + "/s"), ("x", "has no flows", HERE)]),
    "script format": (line(element("scriptTask", "x", extension(zeebe("script", expression="=1", resultVariable="r")),
                                   scriptFormat="python")),
        [("x", "FEEL as scriptFormat, found python", HERE + "/scriptTask")]),
    "script of another language": (
        line(element("scriptTask", "x", extension(zeebe("script", expression="=1", resultVariable="r"))
                     + "<bpmn:script>1</bpmn:script>")), [("x", "scripts of other languages", HERE + "/script")]),
    "task inside a task": (with_element("task", element("task", "y")),
        [("x", "cannot stand inside it", HERE + "/task")]),
    "unknown child": (with_element("task", "<bpmn:odd/>"), [("x", "odd is not known", HERE + "/odd")]),
    "timer inside a task": (with_element("task", TIMED), [
        ("x", "timerEventDefinition is not known", HERE + "/timerEventDefinition")]),
    "child without a namespace": (with_element("task", "<odd/>"), [("x", "its namespace is missing", HERE + "/odd")]),
    "element without a namespace": (beside('<userTask id="y"/>'), [("y", "its namespace is missing", "d.bpmn/p/y")]),
    "element of another namespace": (beside('<o:userTask xmlns:o="urn:o" id="y"/>'), [("y", "urn:o", "d.bpmn/p/y")]),
    "unknown element": (beside(element("odd", "y")), [("y", "odd is not known", "d.bpmn/p/y")]),
    "unknown element without id": (beside("<bpmn:odd/>"), [("p", "odd is not known", "d.bpmn/p/odd")]),
    # files
    "not executable": (diagram(element("process", "p", start())), [("", 'isExecutable="true"', "d.bpmn")]),
    "executable, perhaps": (diagram(element("process", "p", start(), isExecutable="yes")), [
        ("p", "expected true or false", "d.bpmn/p/isExecutable"), ("", 'isExecutable="true"', "d.bpmn")]),
    "other root": (b"<definitions/>", [("", "expected a BPMN file", "d.bpmn")]),
    "other platform": (diagram(process("p", start())).replace(b"Camunda Cloud", b"Camunda Platform"), [
        ("", "found Camunda Platform", "d.bpmn")]),
    # what lies outside the diagram
    "reserved action": (line(job("x", "clock.stop")), [("x", "expected one of the server's actions (list.add)", HERE)]),
    "reserved action inside": (line(sub_process("x", start("s"), job("y", "clock.stop"), flows("s -> y"))), [
        ("y", "'clock.stop'", "d.bpmn/p/y")]),
    "form that does not exist": (line(user("x", zeebe("formDefinition", formId="g"))), [
        ("p", "the form 'g' does not exist", "d.bpmn/p/form[g]")]),
    "form that is bound": (line(user("x", zeebe("formDefinition", formId="f", bindingType="deployment"))), [
        ("p", "bound to this deployment but is not among its files", "d.bpmn/p/form[f]")]),
    "decision that does not exist": (
        line(element("businessRuleTask", "x", extension(zeebe("calledDecision", decisionId="e", resultVariable="r")))),
        [("p", "the decision 'e' does not exist", "d.bpmn/p/decision[e]")]),
    "process that is bound": (line(call("x", "q", bindingType="deployment")), [
        ("p", "the process 'q' is bound to this deployment", "d.bpmn/p/process[q]")]),
}  # fmt: skip


@pytest.mark.parametrize("name", RULES)
def test_what_is_not_executed_is_named(name) -> None:
    content, expected = RULES[name]
    assert_rows(judge(content), expected)


def test_every_mistake_of_a_diagram_is_told_at_once() -> None:
    shown = diagram(process("p", start(), element("inclusiveGateway", "a"), element("complexGateway", "b"),
                            script("s", "=1 +", ""), flows("start -> s")))  # fmt: skip
    assert {row[0] for row in judge(shown)} == {"a", "b", "s"}
    assert len(judge(shown)) == 4


def test_a_node_tells_what_the_reader_made_sure_of() -> None:
    node = FlowNode("x", "task")
    with pytest.raises(TypeError, match="expected UserWork at x"):
        work_of(node, UserWork)
    with pytest.raises(TypeError, match="expected an event at x"):
        event_of(node)
    work = UserWork()
    assert work_of(FlowNode("x", "userTask", work=work), UserWork) is work
    with pytest.raises(TypeError, match="expected JobWork"):
        work_of(FlowNode("x", "userTask", work=work), JobWork)
