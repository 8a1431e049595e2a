"""Reading a BPMN file into processes, with one finding for every element that would not be executed exactly."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from server.catalog.elements import DOCUMENTATION, FLOW_NODES, REFUSED, STRUCTURE
from server.catalog.events import read_event
from server.catalog.extensions import Extensions, read_extensions
from server.catalog.markup import BPMN, MODELER, local_name, namespace, parse_xml
from server.catalog.model import (
    CallWork,
    DecisionWork,
    FlowNode,
    Process,
    Reference,
    SequenceFlow,
    SubProcess,
    UserWork,
    Value,
    Work,
)
from server.catalog.structure import check_structure
from server.model import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.etree import _Element

MOST_NODES = 5000
LOGIC = frozenset({"scriptTask", "businessRuleTask"})
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})


@dataclass(frozen=True, slots=True)
class Diagram:
    """The executable processes of one BPMN file and what is wrong with it."""

    name: str
    processes: tuple[Process, ...]
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class DiagramReader:
    """Walks one file; collects findings instead of stopping at the first."""

    name: str
    root: _Element
    findings: list[Finding] = field(default_factory=list)
    references: list[tuple[str, Reference]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def find(self, element_id: str, message: str, path: str) -> None:
        """Note a finding."""
        self.findings.append(Finding(element_id, message, path))

    def read(self) -> Diagram:
        """Read every executable process of the file."""
        if local_name(self.root) != "definitions" or namespace(self.root) != BPMN:
            self.find("", f"expected a BPMN file, found the root element {local_name(self.root)}", self.name)
            return Diagram(self.name, (), tuple(self.findings))
        platform = self.root.get(f"{{{MODELER}}}executionPlatform", "Camunda Cloud")
        if platform != "Camunda Cloud":
            self.find("", f"expected a diagram for Camunda Cloud (Camunda 8), found {platform}", self.name)
        elements = [e for e in self.root if local_name(e) == "process" and e.get("isExecutable") == "true"]
        if not elements:
            self.find("", 'no process is marked executable (isExecutable="true")', self.name)
        processes = tuple(self._process(element) for element in elements)
        return Diagram(self.name, processes, tuple(self.findings))

    def _process(self, element: _Element) -> Process:
        process_id = element.get("id") or ""
        path = f"{self.name}/{process_id}"
        self.references = []
        extensions = self._extensions(element, process_id, path)
        tag = extensions.elements.get("versionTag")
        body = self._body(element, process_id, path)
        check_structure(body, path, self.find, is_process=True)
        forms = tuple(ref for kind, ref in self.references if kind == "form")
        start_form = next((n.work.form for n in body.start_events() if isinstance(n.work, UserWork)), None)
        return Process(
            id=process_id,
            name=element.get("name"),
            version_tag=None if tag is None else tag.get("value"),
            body=_without_start_work(body),
            start_form=start_form,
            forms=forms,
            decisions=tuple(ref for kind, ref in self.references if kind == "decision"),
            calls=tuple(ref for kind, ref in self.references if kind == "process"),
        )

    def _extensions(self, element: _Element, element_id: str, path: str) -> Extensions:
        return read_extensions(element, element_id, path, self.findings)

    def _body(self, element: _Element, container_id: str, path: str) -> SubProcess:
        nodes: dict[str, FlowNode] = {}
        flows: list[SequenceFlow] = []
        for child in element:
            name, element_id = local_name(child), child.get("id") or ""
            if namespace(child) != BPMN:
                continue
            if name in FLOW_NODES:
                if self._is_new(element_id, name, path):
                    nodes[element_id] = self._node(child, f"{path}/{element_id}")
            elif name == "sequenceFlow":
                if self._is_new(element_id, name, path):
                    flows.append(self._flow(child, f"{path}/{element_id}"))
            elif name in REFUSED:
                self.find(element_id, f"{name} is not executed: {REFUSED[name].remark}", f"{path}/{element_id}")
            elif name not in DOCUMENTATION and name not in STRUCTURE:
                self.find(element_id, f"{name} is not known to this server", f"{path}/{element_id}")
        if len(self.seen) > MOST_NODES:
            self.find(container_id, f"more than {MOST_NODES} elements; split the process by call activities", path)
        return SubProcess(container_id, self._connect(nodes, flows, path))

    def _is_new(self, element_id: str, name: str, path: str) -> bool:
        if not element_id:
            self.find("", f"a {name} has no id", path)
            return False
        if element_id in self.seen:
            self.find(element_id, "the id is used twice", f"{path}/{element_id}")
            return False
        self.seen.add(element_id)
        return True

    def _flow(self, element: _Element, path: str) -> SequenceFlow:
        extensions = self._extensions(element, element.get("id") or "", path)
        condition = None
        for child in element:
            if local_name(child) == "conditionExpression":
                if child.get("language", "feel").lower().rstrip("/").split("/")[-1] != "feel":
                    extensions.find(f"expected FEEL as language, found {child.get('language')}", "conditionExpression")
                condition = extensions.value(child.text, "conditionExpression")
                if condition is not None and condition.expression is None:
                    extensions.find("expected a FEEL expression with a leading =", "conditionExpression")
        ids = element.get("id") or "", element.get("sourceRef") or "", element.get("targetRef") or ""
        return SequenceFlow(*ids, condition)

    def _connect(self, nodes: dict[str, FlowNode], flows: list[SequenceFlow], path: str) -> dict[str, FlowNode]:
        outgoing: dict[str, list[SequenceFlow]] = {}
        incoming: dict[str, list[str]] = {}
        boundary: dict[str, list[str]] = {}
        for flow in flows:
            for end in (flow.source, flow.target):
                if end not in nodes:
                    self.find(
                        flow.id, f"the flow ends at {end!r}, which is not in the same process", f"{path}/{flow.id}"
                    )
            outgoing.setdefault(flow.source, []).append(flow)
            incoming.setdefault(flow.target, []).append(flow.id)
        for node in nodes.values():
            if node.attached_to is not None:
                boundary.setdefault(node.attached_to, []).append(node.id)
        return {
            node.id: replace(
                node,
                outgoing=tuple(outgoing.get(node.id, ())),
                incoming=tuple(incoming.get(node.id, ())),
                boundary=tuple(boundary.get(node.id, ())),
            )
            for node in nodes.values()
        }

    def _node(self, element: _Element, path: str) -> FlowNode:
        node_type, node_id = local_name(element), element.get("id") or ""
        extensions = self._extensions(element, node_id, path)
        self._check_children(element, node_id, path)
        work = self._work(node_type, element, extensions)
        event = None
        if node_type in EVENTS or node_type == "receiveTask":
            event = read_event(element, self.root, extensions)
        inside = None
        if node_type == "subProcess":
            if element.get("triggeredByEvent") == "true":
                extensions.find("event sub-processes are not executed; use boundary events")
            inside = self._body(element, node_id, path)
            check_structure(inside, path, self.find, is_process=False)
        return FlowNode(
            id=node_id,
            type=node_type,
            name=element.get("name"),
            default_flow=element.get("default"),
            event=event,
            attached_to=element.get("attachedToRef"),
            interrupting=element.get("cancelActivity", "true") != "false",
            work=work,
            inputs=extensions.mappings("input"),
            outputs=extensions.mappings("output"),
            headers=extensions.headers(),
            sub_process=inside,
        )

    def _check_children(self, element: _Element, node_id: str, path: str) -> None:
        for child in element:
            name = local_name(child)
            if namespace(child) == BPMN and name in REFUSED and not name.endswith("EventDefinition"):
                if local_name(element) != "subProcess" or name.endswith("LoopCharacteristics"):
                    self.find(node_id, f"{name} is not executed: {REFUSED[name].remark}", f"{path}/{name}")
            elif name == "script" and namespace(child) == BPMN:
                self.find(node_id, "scripts of other languages are not executed; write zeebe:script with FEEL", path)
        if element.get("isForCompensation") == "true":
            self.find(node_id, "compensation is not executed: draw the undoing as a path of its own", path)
        for attribute in ("startQuantity", "completionQuantity"):
            if element.get(attribute, "1") != "1":
                self.find(node_id, f"{attribute} other than 1 is not executed", path)
        if element.get("instantiate") == "true":
            self.find(
                node_id, "a receive task that starts the process is not executed: use a message start event", path
            )

    def _work(self, node_type: str, element: _Element, extensions: Extensions) -> Work | None:
        found = extensions.elements
        work: Work | None = None
        if node_type == "userTask":
            if "userTask" not in found:
                extensions.find("expected zeebe:userTask; user tasks worked by job workers are not executed")
            work = extensions.user_work()
        elif node_type == "startEvent" and "formDefinition" in found:
            work = extensions.user_work()
        elif node_type in {"serviceTask", "sendTask"} or _throws_message(node_type, element):
            work = self._needed(extensions, "taskDefinition", extensions.job_work)
        elif node_type in LOGIC:
            work = self._logic(node_type, extensions)
        elif node_type == "callActivity":
            work = self._needed(extensions, "calledElement", extensions.call_work)
        self._remember(work)
        return work

    def _logic(self, node_type: str, extensions: Extensions) -> Work | None:
        if "taskDefinition" in extensions.elements:
            return extensions.job_work()
        if node_type == "scriptTask":
            return self._needed(extensions, "script", extensions.script_work)
        return self._needed(extensions, "calledDecision", extensions.decision_work)

    def _needed(self, extensions: Extensions, element: str, read: Callable[[], Work]) -> Work | None:
        if element in extensions.elements:
            return read()
        extensions.find(f"expected zeebe:{element}, found none")
        return None

    def _remember(self, work: Work | None) -> None:
        if isinstance(work, UserWork) and work.form is not None:
            self.references.append(("form", work.form))
        elif isinstance(work, DecisionWork):
            self.references.append(("decision", work.decision))
        elif isinstance(work, CallWork):
            self.references.append(("process", work.process))


def _throws_message(node_type: str, element: _Element) -> bool:
    return node_type in {"endEvent", "intermediateThrowEvent"} and any(
        local_name(child) == "messageEventDefinition" for child in element
    )


def _without_start_work(body: SubProcess) -> SubProcess:
    """Drop the start form from the start event: it is the process's, not work of a token."""
    nodes = {n.id: replace(n, work=None) if n.type == "startEvent" else n for n in body.nodes.values()}
    return SubProcess(body.id, nodes)


def read_diagram(name: str, content: bytes) -> Diagram:
    """Read one BPMN file.

    Raises `InvalidArgument` or `PayloadTooLarge` when it cannot be read as XML at all; everything else wrong with
    it is in the findings. A `Value` never holds an expression that does not compile.
    """
    return DiagramReader(name, parse_xml(name, content)).read()


__all__ = ["Diagram", "Value", "read_diagram"]
