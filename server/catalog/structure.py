"""Rules on how the nodes of one process or sub-process stand together."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from server.catalog.ad_hoc import check_ad_hoc
from server.catalog.model import EventKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.catalog.model import FlowNode, SubProcess

    Find = Callable[[str, str, str], None]

HOSTS = frozenset(
    {
        "task",
        "manualTask",
        "userTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "scriptTask",
        "businessRuleTask",
        "callActivity",
        "subProcess",
        "adHocSubProcess",
    }
)
ESCALATING = frozenset({"subProcess", "adHocSubProcess", "callActivity"})
CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway"})
AWAITED = frozenset({EventKind.TIMER, EventKind.MESSAGE, EventKind.SIGNAL})
THROWN = frozenset({EventKind.ERROR, EventKind.ESCALATION})


class Body(StrEnum):
    """What kind of body the nodes stand in; each starts in its own way."""

    PROCESS = "process"
    SUB_PROCESS = "sub-process"
    EVENT_SUB_PROCESS = "event sub-process"
    AD_HOC = "ad-hoc sub-process"


def check_structure(body: SubProcess, path: str, find: Find, kind: Body) -> None:
    """Report what stands in the wrong place, one finding a node."""
    if kind is Body.AD_HOC:
        check_ad_hoc(body, path, find)
    else:
        _check_starts(body, path, find, kind)
    for node in body.nodes.values():
        where = f"{path}/{node.id}"
        _check_flows(node, where, find)
        _check_conditions(node, where, find)
        if node.type == "boundaryEvent":
            _check_boundary(node, body, where, find)
        elif node.type == "eventBasedGateway":
            _check_event_gateway(node, body, where, find)
        elif node.type == "eventSubProcess":
            _check_event_sub_process(node, where, find)
    _check_catchers(body, path, find)
    roots = body.activatable() if kind is Body.AD_HOC else body.start_events()
    for node in _unreachable(body, roots) if roots else ():  # without any root that is the one mistake
        find(node.id, "no path from a start event reaches this element", f"{path}/{node.id}")


def _check_event_sub_process(node: FlowNode, where: str, find: Find) -> None:
    if node.incoming or node.outgoing or node.boundary or node.multi_instance is not None:
        find(node.id, "an event sub-process has no flows, boundary events or marker: its start triggers it", where)
    if node.event is not None and node.event.kind is EventKind.ERROR and not node.interrupting:
        find(node.id, "an error always interrupts its process or sub-process", where)


def _check_starts(body: SubProcess, path: str, find: Find, kind: Body) -> None:
    starts = body.start_events()
    plain = [node for node in starts if node.event is not None and node.event.kind is EventKind.NONE]
    if not starts:
        find(body.id, "expected a start event, found none", path)
    if len(plain) > 1:
        find(plain[1].id, "expected at most one start event without a trigger, found several", f"{path}/{plain[1].id}")
    if kind is Body.EVENT_SUB_PROCESS and len(starts) > 1:
        find(starts[1].id, "expected one start event in an event sub-process, found several", f"{path}/{starts[1].id}")
    if kind is Body.SUB_PROCESS:
        for node in starts:
            if node not in plain:
                find(node.id, "a sub-process starts with a start event without a trigger", f"{path}/{node.id}")


def _check_catchers(body: SubProcess, path: str, find: Find) -> None:
    """Report events that catch the same thing at the same place: which of them would come is nowhere said."""
    caught: set[tuple[str | None, EventKind, str | None]] = set()
    for node in body.nodes.values():
        if node.event is None or node.type not in {"startEvent", "boundaryEvent", "eventSubProcess"}:
            continue
        kind, name = node.event.kind, node.event.message_name or node.event.signal_name
        what = node.event.error_code or node.event.escalation_code or (None if name is None else name.text)
        if kind in THROWN or what is not None:
            place = (node.attached_to or node.type, kind, what)
            if place in caught:
                find(
                    node.id, f"another {node.type} here catches the {kind} {what or 'of any code'}", f"{path}/{node.id}"
                )
            caught.add(place)


def _check_flows(node: FlowNode, where: str, find: Find) -> None:
    if node.type in {"startEvent", "boundaryEvent"} and node.incoming:
        find(node.id, f"a {node.type} has no incoming flow", where)
    if node.type == "endEvent" and node.outgoing:
        find(node.id, "an end event has no outgoing flow", where)
    if node.default_flow is not None and node.default_flow not in {flow.id for flow in node.outgoing}:
        find(node.id, f"the default flow {node.default_flow!r} does not leave this element", where)


def _check_conditions(node: FlowNode, where: str, find: Find) -> None:
    for flow in node.outgoing:
        if node.type not in CHOOSING:
            if flow.condition is not None:
                message = f"a condition stands only behind an exclusive or inclusive gateway, found behind {node.id}"
                find(flow.id, message, where)
        elif flow.condition is not None and flow.id == node.default_flow:
            find(flow.id, "a default flow has no condition: it is taken when no condition holds", where)
        elif flow.condition is None and flow.id != node.default_flow and len(node.outgoing) > 1:
            find(flow.id, "expected a condition, or mark this flow as the default of its gateway", where)
    if node.default_flow is not None and node.type not in CHOOSING:
        find(node.id, "a default flow stands only behind an exclusive or inclusive gateway", where)


def _check_event_gateway(node: FlowNode, body: SubProcess, where: str, find: Find) -> None:
    """Check that every way begins with an event of its own (BPMN 2.0.2 §10.6.6)."""
    if len(node.outgoing) < 2:
        find(node.id, "expected at least two ways behind an event-based gateway", where)
    for flow in node.outgoing:
        target = body.nodes.get(flow.target)
        if target is None:
            continue
        waits = target.type == "receiveTask" or (
            target.type == "intermediateCatchEvent" and target.event is not None and target.event.kind in AWAITED
        )
        if not waits:
            find(flow.id, f"a way behind an event-based gateway begins with an event, found {target.id}", where)
        elif len(target.incoming) > 1:
            find(target.id, "an event behind an event-based gateway has no other incoming flow", where)
        elif target.boundary or target.inputs or target.multi_instance is not None:
            find(target.id, "an event behind an event-based gateway has no inputs, marker or boundary events", where)


def _check_boundary(node: FlowNode, body: SubProcess, where: str, find: Find) -> None:
    host = body.nodes.get(node.attached_to or "")
    if host is None:
        find(node.id, f"a boundary event sits on an activity of the same process, found {node.attached_to!r}", where)
    elif host.type not in HOSTS:
        find(node.id, f"a boundary event sits on an activity, found a {host.type}", where)
    elif node.event is not None and node.event.kind is EventKind.ESCALATION and host.type not in ESCALATING:
        find(node.id, f"an escalation comes out of a sub-process or called process, found a {host.type}", where)
    if node.event is not None and node.event.kind is EventKind.ERROR and not node.interrupting:
        find(node.id, "an error always interrupts its activity", where)


def _unreachable(body: SubProcess, roots: tuple[FlowNode, ...]) -> list[FlowNode]:
    reached: set[str] = set()
    waiting = [*(node.id for node in roots), *(n.id for n in body.nodes.values() if n.type == "eventSubProcess")]
    while waiting:
        node = body.nodes.get(waiting.pop())
        if node is not None and node.id not in reached:
            reached.add(node.id)
            waiting.extend(flow.target for flow in node.outgoing)
            waiting.extend(node.boundary)
    return [node for node in body.nodes.values() if node.id not in reached]
