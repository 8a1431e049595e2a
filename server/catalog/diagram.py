"""Reading a BPMN file into processes, with one finding for every element that would not be executed exactly."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from server.catalog.ad_hoc import AD_HOC, read_ad_hoc
from server.catalog.contents import CONTAINING, check_contents, check_language
from server.catalog.elements import DOCUMENTATION, EVENTS, FLOW_NODES, MARKERS, REFUSED
from server.catalog.events import Named, read_event
from server.catalog.extensions import Extensions, read_extensions
from server.catalog.formats import describe_root
from server.catalog.links import join_links
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
    Work,
)
from server.catalog.repetition import read_multi_instance
from server.catalog.structure import Body, check_structure
from server.catalog.work import read_work, thrown_kind
from server.model import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lxml.etree import _Element

MOST_NODES = 5000
LONGEST_ID = 255
ID = re.compile(r"[^\W\d][\w.\-]*")  # the part of XML's NCName that people write
LINKS = frozenset({"incoming", "outgoing"})
PICTURES = frozenset(
    {
        "collaboration",
        "choreography",
        "globalChoreographyTask",
        "conversation",
        "globalConversation",
        "globalTask",
        "globalUserTask",
        "globalManualTask",
        "globalScriptTask",
        "globalBusinessRuleTask",
    }
)
"""What a BPMN file may draw instead of a process; none of it is executed."""


class Standing(StrEnum):
    """What a file is, before anything in it is judged."""

    EXECUTABLE = "executable"
    PICTURE = "picture"  # BPMN in which no process is marked executable
    OTHER = "other"  # XML, but not of the kind that its name tells
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Diagram:
    """The executable processes of one BPMN file and what is wrong with it; `names` are those of elements by id."""

    name: str
    processes: tuple[Process, ...]
    findings: tuple[Finding, ...]
    standing: Standing = Standing.EXECUTABLE
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class DiagramReader:
    """Walks one file; collects findings instead of stopping at the first."""

    name: str
    root: _Element
    as_executable: bool = False
    findings: list[Finding] = field(default_factory=list)
    references: list[tuple[str, Reference]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    named: Named = field(default_factory=dict)

    def find(self, element_id: str, message: str, path: str) -> None:
        """Note a finding."""
        self.findings.append(Finding(element_id, message, path))

    def read(self) -> Diagram:
        """Read every executable process of the file."""
        if local_name(self.root) != "definitions" or namespace(self.root) != BPMN:
            self.find("", f"expected a BPMN file, found {describe_root(self.root)}", self.name)
            return Diagram(self.name, (), tuple(self.findings), Standing.OTHER)
        platform = self.root.get(f"{{{MODELER}}}executionPlatform", "Camunda Cloud")
        if platform != "Camunda Cloud":
            self.find("", f"expected a diagram for Camunda Cloud (Camunda 8), found {platform}", self.name)
        self.named = {(local_name(element), element.get("id", "")): element for element in self.root}
        elements = [e for e in self.root if local_name(e) == "process" and namespace(e) == BPMN]
        marked = [element for element in elements if self._is_executable(element)]
        if not marked:
            self._find_no_executable(elements)
        processes = tuple(self._process(element) for element in (elements if self.as_executable else marked))
        names = {e.get("id", ""): name for e in self.root.iter(f"{{{BPMN}}}*") if (name := e.get("name"))}
        standing = Standing.EXECUTABLE if marked else Standing.PICTURE
        return Diagram(self.name, processes, tuple(self.findings), standing, names)

    def _find_no_executable(self, elements: Sequence[_Element]) -> None:
        message = 'no process is marked executable: set isExecutable="true" at the one that shall run'
        if not elements:
            kinds = sorted({local_name(e) for e in self.root if namespace(e) == BPMN and local_name(e) in PICTURES})
            message = f"expected a process, found {', '.join(kinds) or 'none'}"
        self.find("", message, self.name)

    def _is_executable(self, element: _Element) -> bool:
        process_id = element.get("id") or ""
        extensions = Extensions(process_id, f"{self.name}/{process_id}", {}, self.findings)
        return extensions.flag(element, "isExecutable", default=False)

    def _process(self, element: _Element) -> Process:
        process_id = element.get("id") or ""
        path = f"{self.name}/{process_id}"
        self._is_new(process_id, "process", self.name)
        self.references = []
        extensions = self._extensions(element, process_id, "process", path)
        tag = extensions.elements.get("versionTag")
        body = self._body(element, process_id, path)
        check_structure(body, path, self.find, Body.PROCESS)
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

    def _extensions(self, element: _Element, element_id: str, place: str, path: str) -> Extensions:
        return read_extensions(element, element_id, place, path, self.findings)

    def _body(self, element: _Element, container_id: str, path: str) -> SubProcess:
        nodes: dict[str, FlowNode] = {}
        flows: list[SequenceFlow] = []
        for child in element:
            name, element_id = local_name(child), child.get("id") or ""
            if namespace(child) == BPMN and name in FLOW_NODES:
                if self._is_new(element_id, name, path):
                    nodes[element_id] = self._node(child, f"{path}/{element_id}")
            elif namespace(child) == BPMN and name == "sequenceFlow":
                if self._is_new(element_id, name, path):
                    flows.append(self._flow(child, f"{path}/{element_id}"))
            else:
                self._judge_other(child, name, element_id or container_id, f"{path}/{element_id or name}")
        if len(self.seen) > MOST_NODES:
            self.find(container_id, f"more than {MOST_NODES} elements; split the process by call activities", path)
        return SubProcess(container_id, self._connect(nodes, flows, path))

    def _judge_other(self, child: _Element, name: str, element_id: str, path: str) -> None:
        if namespace(child) != BPMN:
            self.find(element_id, f"{name} is no BPMN element (its namespace is {namespace(child) or 'missing'})", path)
        elif name in REFUSED:
            self.refused.add(element_id)
            self.find(element_id, f"{name} is not executed: {REFUSED[name].remark}", path)
        elif name not in DOCUMENTATION and name not in LINKS and name not in MARKERS and not _is_condition(child):
            self.find(element_id, f"{name} is not known to this server", path)

    def _is_new(self, element_id: str, name: str, path: str) -> bool:
        if not element_id:
            self.find("", f"a {name} has no id", path)
            return False
        if len(element_id) > LONGEST_ID or ID.fullmatch(element_id) is None:
            self.find(element_id, f"expected letters, digits, _ - . and at most {LONGEST_ID} of them as id", path)
        if element_id in self.seen:
            self.find(element_id, "the id is used twice", f"{path}/{element_id}")
            return False
        self.seen.add(element_id)
        return True

    def _flow(self, element: _Element, path: str) -> SequenceFlow:
        extensions = self._extensions(element, element.get("id") or "", "sequenceFlow", path)
        condition = None
        for child in element:
            if local_name(child) == "conditionExpression":
                check_language(child, "language", extensions)
                condition = extensions.value(child.text, "conditionExpression")
                if condition is not None and condition.expression is None:
                    extensions.find(
                        f"expected a FEEL expression with a leading =, found {condition.text!r}", "conditionExpression"
                    )
        ids = element.get("id") or "", element.get("sourceRef") or "", element.get("targetRef") or ""
        return SequenceFlow(*ids, condition)

    def _connect(self, nodes: dict[str, FlowNode], flows: list[SequenceFlow], path: str) -> dict[str, FlowNode]:
        outgoing: dict[str, list[SequenceFlow]] = {}
        incoming: dict[str, list[str]] = {}
        boundary: dict[str, list[str]] = {}
        for flow in flows:
            for end in (flow.source, flow.target):
                if end not in nodes and end not in self.refused:
                    self.find(
                        flow.id, f"the flow ends at {end!r}, which is not in the same process", f"{path}/{flow.id}"
                    )
            outgoing.setdefault(flow.source, []).append(flow)
            incoming.setdefault(flow.target, []).append(flow.id)
        for flow in join_links(nodes, path, self.find):
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
        thrown = thrown_kind(element)
        place = node_type if thrown is None else f"{thrown} {node_type}"
        extensions = self._extensions(element, node_id, place, path)
        check_contents(element, extensions)
        work = read_work(node_type, element, extensions)
        self._remember(work)
        event = None
        if node_type in EVENTS or node_type == "receiveTask":
            event = read_event(element, self.named, extensions)
        interrupting, inside = extensions.flag(element, "cancelActivity", default=True), None
        if node_type in CONTAINING:
            inside = self._body(element, node_id, path)
            by_event = extensions.flag(element, "triggeredByEvent", default=False)
            kind = Body.EVENT_SUB_PROCESS if by_event else Body.SUB_PROCESS
            check_structure(inside, path, self.find, Body.AD_HOC if node_type == AD_HOC else kind)
            if by_event and inside.start_events():
                node_type, start = "eventSubProcess", inside.start_events()[0]
                event, interrupting = start.event, start.interrupting
        elif node_type == "startEvent":
            interrupting = extensions.flag(element, "isInterrupting", default=True)
        return FlowNode(
            id=node_id,
            type=node_type,
            name=element.get("name"),
            default_flow=element.get("default"),
            event=event,
            attached_to=element.get("attachedToRef"),
            interrupting=interrupting,
            work=work,
            inputs=extensions.mappings("input"),
            outputs=extensions.mappings("output"),
            headers=extensions.headers(),
            sub_process=inside,
            multi_instance=read_multi_instance(element, extensions),
            ad_hoc=read_ad_hoc(element, extensions),
        )

    def _remember(self, work: Work | None) -> None:
        if isinstance(work, UserWork) and work.form is not None:
            self.references.append(("form", work.form))
        elif isinstance(work, DecisionWork):
            self.references.append(("decision", work.decision))
        elif isinstance(work, CallWork):
            self.references.append(("process", work.process))


def _is_condition(element: _Element) -> bool:
    """Whether this is the completion condition of the ad-hoc sub-process around it."""
    around = element.getparent()
    return local_name(element) == "completionCondition" and around is not None and local_name(around) == AD_HOC


def _without_start_work(body: SubProcess) -> SubProcess:
    """Drop the start form from the start event: it is the process's, not work of a token."""
    nodes = {n.id: replace(n, work=None) if n.type == "startEvent" else n for n in body.nodes.values()}
    return SubProcess(body.id, nodes)


def read_diagram(name: str, content: bytes, *, as_executable: bool = False) -> Diagram:
    """Read one BPMN file; `as_executable` reads processes that are not marked executable, too.

    Raises `InvalidArgument` or `PayloadTooLarge` when it cannot be read as XML at all; everything else wrong with
    it is in the findings. A `Value` never holds an expression that does not compile.
    """
    return DiagramReader(name, parse_xml(name, content), as_executable).read()


__all__ = ["Diagram", "Standing", "read_diagram"]
