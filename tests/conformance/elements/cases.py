"""A small run for each element and, of events, for each kind that the table allows there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.catalog.model import EventKind
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
    escalation,
    escalation_event,
    event_gateway,
    event_sub_process,
    extension,
    flows,
    inclusive,
    job,
    link_catch,
    link_throw,
    mappings,
    message,
    message_event,
    parallel,
    process,
    repeated,
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

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.engine.world import World

NAMED = (message("m", "go", "=case"), signal("s", "alarm"), error("e", "E"), escalation("up", "UP"))
HOUR = timer("timeDuration", "PT1H")
CHILD = process("child", start("cs"), user("x"), flows("cs -> x"))
SEND = extension(zeebe("taskDefinition", type="work"))


@dataclass(frozen=True, slots=True)
class Case:
    """A diagram, what is done with it, and where that leads: ids that are open, and elements that were completed."""

    diagram: bytes
    play: Callable[[World], object]
    open: tuple[str, ...]
    passed: tuple[str, ...]


def drawn(*parts: str, more: str = "") -> bytes:
    return diagram(*NAMED, process("p", *parts), more)


def begun(world: World) -> World:
    return world.start("p", case="7", n=2)


def triggered(world: World) -> World:
    return world.start("p", at="a")


def line(node: str, *, more: str = "") -> bytes:
    """Draw `node`, which has the id `a`, between the start and a user task `b`."""
    return drawn(start(), node, user("b"), flows("start -> a -> b"), more=more)


def ending(node: str) -> bytes:
    return drawn(start(), user("b"), node, flows("start -> b -> a"))


def beside(host: str, event: str, *, interrupting: bool = False) -> bytes:
    on = boundary("a", "host", event, interrupting=interrupting)
    return drawn(start(), host, on, user("b"), flows("start -> host", "a -> b"))


def inside(trigger: str, body: str | None = None) -> bytes:
    es = event_sub_process("a", trigger, user("b"), flows("a_start -> b"))
    return drawn(start(), body or user("x"), es, flows("start -> x"))


UPWARD = sub_process("host", start("s1"), throw("up1", escalation_event("up")), user("x"), flows("s1 -> up1 -> x"))
SPLIT = "start -> f -> c -> a -> b"

CASES: dict[str, Case] = {
    f"startEvent {EventKind.NONE}": Case(line(user("a")), begun, ("a",), ("start",)),
    f"startEvent {EventKind.MESSAGE}": Case(
        drawn(start("a", message_event("m")), user("b"), flows("a -> b")), triggered, ("b",), ("a",)),
    f"startEvent {EventKind.SIGNAL}": Case(
        drawn(start("a", signal_event("s")), user("b"), flows("a -> b")), triggered, ("b",), ("a",)),
    f"startEvent {EventKind.TIMER}": Case(
        drawn(start("a", HOUR), user("b"), flows("a -> b")), triggered, ("b",), ("a",)),
    f"endEvent {EventKind.NONE}": Case(ending(end("a")), lambda w: begun(w).complete("b"), (), ("b", "a")),
    f"endEvent {EventKind.TERMINATE}": Case(
        drawn(start(), parallel("f"), user("b"), terminate_end("a"), user("c"),
              flows("start -> f -> b -> a", "f -> c")),
        lambda w: begun(w).complete("b"), (), ("b", "a")),
    f"endEvent {EventKind.ERROR}": Case(
        drawn(start(), sub_process("sub", start("s1"), error_end("a", "e"), flows("s1 -> a")),
              boundary("on", "sub", error_event("e")), user("b"), flows("start -> sub", "on -> b")),
        begun, ("b",), ("s1", "on")),
    f"endEvent {EventKind.SIGNAL}": Case(
        ending(end("a", signal_event("s"))), lambda w: begun(w).complete("b"), (), ("b", "a")),
    f"endEvent {EventKind.ESCALATION}": Case(
        ending(end("a", escalation_event("up"))), lambda w: begun(w).complete("b"), (), ("b", "a")),
    f"endEvent {EventKind.MESSAGE}": Case(
        ending(end("a", SEND + message_event("m"))), lambda w: begun(w).complete("b").finish_job("a"), (), ("b", "a")),
    f"intermediateCatchEvent {EventKind.TIMER}": Case(
        line(catch("a", HOUR)), lambda w: begun(w).wait(hours=1), ("b",), ("a",)),
    f"intermediateCatchEvent {EventKind.MESSAGE}": Case(
        line(catch("a", message_event("m"))), lambda w: begun(w).send("go", "7", x=1), ("b",), ("a",)),
    f"intermediateCatchEvent {EventKind.SIGNAL}": Case(
        line(catch("a", signal_event("s"))), lambda w: begun(w).signal("alarm"), ("b",), ("a",)),
    f"intermediateCatchEvent {EventKind.LINK}": Case(
        drawn(start(), link_throw("t", "L"), link_catch("a", "L"), user("b"), flows("start -> t", "a -> b")),
        begun, ("b",), ("t", "a")),
    f"intermediateThrowEvent {EventKind.NONE}": Case(line(throw("a", "")), begun, ("b",), ("a",)),
    f"intermediateThrowEvent {EventKind.LINK}": Case(
        drawn(start(), link_throw("a", "L"), link_catch("c", "L"), user("b"), flows("start -> a", "c -> b")),
        begun, ("b",), ("a", "c")),
    f"intermediateThrowEvent {EventKind.SIGNAL}": Case(line(throw("a", signal_event("s"))), begun, ("b",), ("a",)),
    f"intermediateThrowEvent {EventKind.ESCALATION}": Case(
        line(throw("a", escalation_event("up"))), begun, ("b",), ("a",)),
    f"intermediateThrowEvent {EventKind.MESSAGE}": Case(
        line(throw("a", SEND + message_event("m"))), lambda w: begun(w).finish_job("a"), ("b",), ("a",)),
    f"boundaryEvent {EventKind.TIMER}": Case(
        beside(user("host"), timer("timeCycle", "R2/PT1H")), lambda w: begun(w).wait(hours=3), ("b", "b", "host"),
        ("a", "a")),
    f"boundaryEvent {EventKind.MESSAGE}": Case(
        beside(user("host"), message_event("m")), lambda w: begun(w).send("go", "7").send("go", "7"),
        ("b", "b", "host"), ("a", "a")),
    f"boundaryEvent {EventKind.SIGNAL}": Case(
        beside(user("host"), signal_event("s"), interrupting=True), lambda w: begun(w).signal("alarm"),
        ("b",), ("a",)),
    f"boundaryEvent {EventKind.ERROR}": Case(
        beside(job("host"), error_event("e"), interrupting=True), lambda w: begun(w).throw("host", "E"),
        ("b",), ("a",)),
    f"boundaryEvent {EventKind.ESCALATION}": Case(beside(UPWARD, escalation_event("up")), begun, ("b", "x"), ("a",)),
    "task": Case(line(element("task", "a")), begun, ("b",), ("a",)),
    "manualTask": Case(line(element("manualTask", "a")), begun, ("b",), ("a",)),
    "userTask": Case(line(user("a", mappings({"k": "=n"}, {"n": "=k + got"}))), lambda w: begun(w).complete("a", got=1),
                     ("b",), ("a",)),
    "serviceTask": Case(line(job("a")), lambda w: begun(w).finish_job("a", got=1), ("b",), ("a",)),
    "sendTask": Case(line(element("sendTask", "a", SEND)), lambda w: begun(w).finish_job("a"), ("b",), ("a",)),
    "receiveTask": Case(
        line(element("receiveTask", "a", messageRef="m")), lambda w: begun(w).send("go", "7"), ("b",), ("a",)),
    "scriptTask": Case(line(script("a", "=n + 1", "n")), begun, ("b",), ("a",)),
    "businessRuleTask": Case(
        line(element("businessRuleTask", "a",
                     extension(zeebe("calledDecision", decisionId="double", resultVariable="twice")))),
        begun, ("b",), ("a",)),
    "callActivity": Case(line(call("a", "child"), more=CHILD), lambda w: begun(w).complete("x"), ("b",), ("x", "a")),
    "subProcess": Case(
        line(sub_process("a", start("s1"), user("x"), flows("s1 -> x"))), lambda w: begun(w).complete("x"),
        ("b",), ("s1", "x", "a")),
    f"event sub-process {EventKind.TIMER}": Case(inside(HOUR), lambda w: begun(w).wait(hours=1), ("b",), ("a_start",)),
    f"event sub-process {EventKind.MESSAGE}": Case(
        inside(message_event("m")), lambda w: begun(w).send("go", "7", x=1), ("b",), ("a_start",)),
    f"event sub-process {EventKind.SIGNAL}": Case(
        inside(signal_event("s")), lambda w: begun(w).signal("alarm"), ("b",), ("a_start",)),
    f"event sub-process {EventKind.ERROR}": Case(
        inside(error_event("e"), job("x")), lambda w: begun(w).throw("x", "E"), ("b",), ("a_start",)),
    f"event sub-process {EventKind.ESCALATION}": Case(
        inside(escalation_event("up"), throw("x", escalation_event("up"))), begun, ("b",), ("a_start",)),
    "adHocSubProcess": Case(
        line(ad_hoc("a", user("x"), user("y"), user("z"), flows("y -> z"), activeElementsCollection='=["x", "y"]')),
        lambda w: begun(w).complete("y").complete("x").complete("z"), ("b",), ("y", "x", "z", "a")),
    "exclusiveGateway": Case(
        drawn(start(), xor("a", "a_c"), user("b"), user("c"), flows("start -> a -> b", "a -> c", a_b="=n > 1")),
        begun, ("b",), ("a",)),
    "parallelGateway": Case(
        drawn(start(), parallel("f"), user("c"), user("d"), parallel("a"), user("b"), flows(SPLIT, "f -> d -> a")),
        lambda w: begun(w).complete("d").complete("c"), ("b",), ("f", "d", "c", "a")),
    "inclusiveGateway": Case(
        drawn(start(), inclusive("f", "f_d"), user("c"), user("d"), user("g"), inclusive("a"), user("b"),
              flows(SPLIT, "f -> d -> a", "f -> g -> a", f_c="=n > 1", f_g="=n > 0")),
        lambda w: begun(w).complete("g").complete("c"), ("b",), ("f", "g", "c", "a")),
    "eventBasedGateway": Case(
        drawn(start(), event_gateway("a"), catch("t", HOUR), catch("c", message_event("m")), user("b"), user("d"),
              flows("start -> a -> t -> d", "a -> c -> b")),
        lambda w: begun(w).send("go", "7"), ("b",), ("a", "c")),
    "multiInstanceLoopCharacteristics": Case(
        line(repeated(user("a"), inputCollection="=[1, 2]", outputCollection="got", outputElement="=loopCounter")),
        lambda w: begun(w).complete("a").complete("a"), ("b",), ("a", "a", "a")),
}  # fmt: skip
