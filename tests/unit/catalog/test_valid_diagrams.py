"""Diagrams in which everything is executed: none has a finding."""

from __future__ import annotations

import pytest

from tests.unit.catalog.judging import judge, line
from tests.unit.engine.diagrams import (
    ad_hoc,
    boundary,
    call,
    catch,
    diagram,
    element,
    end,
    error,
    error_end,
    error_event,
    extension,
    flows,
    job,
    mappings,
    message,
    message_event,
    parallel,
    process,
    script,
    signal,
    signal_event,
    start,
    sub_process,
    terminate_end,
    throw,
    timer,
    user,
    xor,
    zeebe,
)

MESSAGE = message("m", "go", "=case")

VALID = {
    "tasks that pass": line(element("task", "x")),
    "manual task": line(element("manualTask", "x")),
    "user task": line(user("x", zeebe("formDefinition", formId="f"), zeebe("priorityDefinition", priority="7"))),
    "user task with headers": line(user("x", zeebe("taskHeaders", zeebe("header", key="a", value="b")))),
    "service task": line(job("x", "mail")),
    "action": line(job("x", "list.add")),
    "job of an unknown type": line(job("x", "=kind")),
    "send task": line(element("sendTask", "x", extension(zeebe("taskDefinition", type="mail")))),
    "script task": line(script("x", "=1", "r")),
    "script task as a job": line(element("scriptTask", "x", extension(zeebe("taskDefinition", type="py")))),
    "decision": line(
        element("businessRuleTask", "x", extension(zeebe("calledDecision", decisionId="d", resultVariable="r")))
    ),
    "decision as a job": line(element("businessRuleTask", "x", extension(zeebe("taskDefinition", type="rule")))),
    "call": line(call("x", "other", propagateAllChildVariables="0")),
    "call by expression": line(call("x", "=which")),
    "timer": line(catch("x", timer("timeDate", "2026-01-31T09:00:00+08:00"))),
    "timer by expression": line(catch("x", timer("timeDuration", "=wait"))),
    "message": line(catch("x", message_event("m")), MESSAGE),
    "receive task": line(element("receiveTask", "x", messageRef="m"), MESSAGE),
    "qualified reference": line(element("receiveTask", "x", messageRef="d:m"), MESSAGE),
    "message end": diagram(
        MESSAGE,
        process("p", start(), end("x", extension(zeebe("taskDefinition", type="t")) + message_event("m")),
                flows("start -> x")),
    ),
    "message throw": line(
        element("intermediateThrowEvent", "x", extension(zeebe("taskDefinition", type="t")) + message_event("m")),
        MESSAGE,
    ),
    "none throw with outputs": line(element("intermediateThrowEvent", "x", extension(mappings(None, {"a": "=1"})))),
    "mappings": line(user("x", mappings({"a": "=1", "b": "word"}, {"o.p.q": "=a"}))),
    "error": diagram(
        error("e", "E"),
        process("p", start(), job("x"), boundary("b", "x", error_event("e")), boundary("c", "x", error_event()),
                error_end("y", "e"), flows("start -> x", "b -> y")),
    ),
    "cycle": diagram(
        process("p", start(), user("x"), boundary("b", "x", timer("timeCycle", "R3/PT24H"), interrupting=False),
                flows("start -> x")),
    ),
    "message start": diagram(
        message("m", "go"), message("n", "stop"),
        process("p", start(), start("s", message_event("m")), start("t", message_event("n")), user("x"),
                flows("start -> x", "s -> x", "t -> x")),
    ),
    "signals": diagram(
        signal("s", "alarm"), signal("t", '="all " + "clear"'),
        process("p", start("start", signal_event("s")), start("go", signal_event("t")), user("x"),
                element("eventBasedGateway", "g"),
                boundary("b", "x", signal_event("s")), boundary("c", "x", signal_event("t"), interrupting=False),
                catch("d", signal_event("t")), catch("w", timer("timeDuration", "PT1H")),
                throw("y", signal_event("s"), mappings({"a": "=1"}, {"b": "=2"})),
                end("e", extension(mappings({"a": "=1"})) + signal_event("t")),
                flows("start -> x -> g -> d -> y -> e", "go -> x", "g -> w -> y", "b -> y", "c -> e")),
    ),
    "timer starts": diagram(
        process("p", start("s", timer("timeDate", "2026-01-31T09:00:00+08:00")),
                start("t", timer("timeDuration", "PT1H")), start("u", timer("timeCycle", "R/P14D")),
                start("v", timer("timeCycle", '="R3/PT" + "1H"')), user("x"),
                flows("s -> x", "t -> x", "u -> x", "v -> x")),
    ),
    "gateways": diagram(
        process("p", start(), xor("x", "x_b"), user("a"), user("b"), parallel("y"),
                flows("start -> x -> a -> y", "x -> b -> y", x_a="=n = 1")),
    ),
    "one flow behind an exclusive gateway": line(xor("x")),
    "sub-process": line(sub_process("x", start("s"), user("a"), terminate_end("t"), flows("s -> a -> t"))),
    "flags in digits": diagram(
        element("process", "p", start() + user("x") + flows("start -> x") +
                element("boundaryEvent", "b", timer("timeCycle", "R/PT1H"), attachedToRef="x", cancelActivity="0"),
                isExecutable="1"),
    ),
    "a second process that is a picture": diagram(process("p", start()), element("process", "q", element("task", "x"))),
    "ad-hoc sub-process": line(
        ad_hoc("x", user("a"), user("b"), element("task", "c"), flows("b -> c"), condition="=done",
               activeElementsCollection="=[]", outputCollection="all", outputElement="=1"),
    ),
    "plain ad-hoc sub-process": line(ad_hoc("x", user("a"))),
    "start form": diagram(process("p", start("s", extension(zeebe("formDefinition", formId="f"))))),
    "version tag and properties": diagram(
        process("p", extension(zeebe("versionTag", value="v1"), zeebe("properties", zeebe("property", name="a"))),
                start("s", extension(zeebe("properties", zeebe("property", name="a", value="b"))))),
    ),
    "design time": diagram(
        process("p", start(), element("task", "x", extension(zeebe("modelerTemplate"), "<o:x xmlns:o='urn:o'/>"),
                                      **{"zeebe:modelerTemplate": "t", "zeebe:modelerTemplateVersion": "1"}),
                flows("start -> x")),
    ),
    "names in Chinese": line(user("办理"), id_="办理"),
    "comments and instructions": diagram("<!-- c --><?pi x?>", process("p", "<!-- c -->", start())),
}  # fmt: skip


@pytest.mark.parametrize("name", VALID)
def test_valid_diagrams_have_no_findings(name) -> None:
    assert judge(VALID[name]) == []
