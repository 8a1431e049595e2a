"""Processes made ready to run, and what a step may ask about other deployed resources."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

from server.engine.joins import find_reach
from server.engine.specs import spec_class
from server.engine.specs.ad_hoc import inner_instance
from server.engine.specs.multi_instance import EACH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.catalog.model import FlowNode, Process, Reference, SubProcess
    from server.engine.joins import Reach
    from server.feel import Environment
    from server.model import Decided, FormDefinition, ProcessDefinition


@dataclass(frozen=True, slots=True)
class ExecutableProcess:
    """A deployed process with SpiffWorkflow's specs for it and each of its sub-processes, by id.

    The specs are shared by all instances and threads; nothing changes them after `build_process`.
    """

    definition: ProcessDefinition
    process: Process
    bodies: Mapping[str, SubProcess]
    specs: Mapping[str, BpmnProcessSpec]
    nodes: Mapping[str, FlowNode]
    reach: Mapping[str, Reach]

    def reach_in(self, body_id: str) -> Reach:
        """Return from where the inclusive joins of a body can be reached."""
        return self.reach.get(body_id, {})

    @property
    def spec(self) -> BpmnProcessSpec:
        """The specs of the process itself."""
        return self.specs[self.process.id]


class Definitions(Protocol):
    """What a step asks about deployed resources. Called on entry to an element, never at parsing."""

    def process(self, key: int) -> ExecutableProcess:
        """Return the process with this definition key."""

    def find_process(self, reference: Reference, process_id: str, deployment_key: int) -> ExecutableProcess | None:
        """Return the process that a call activity of `deployment_key` means, or None."""

    def find_form(self, reference: Reference, form_id: str, deployment_key: int) -> FormDefinition | None:
        """Return the form that a user task of `deployment_key` means, or None."""

    def decide(
        self,
        reference: Reference,
        decision_id: str,
        deployment_key: int,
        view: Mapping[str, object],
        environment: Environment,
    ) -> Decided:
        """Return what a decision answers, or why it cannot; raises `TokenStopped` when it is unknown."""


def build_process(definition: ProcessDefinition, process: Process) -> ExecutableProcess:
    """Build SpiffWorkflow's specs for a process that the catalog found to be executed exactly."""
    bodies: dict[str, SubProcess] = {}
    nodes: dict[str, FlowNode] = {}
    waiting = [process.body]
    while waiting:
        body = waiting.pop()
        bodies[body.id] = body
        nodes.update(body.nodes)
        waiting.extend(node.sub_process for node in body.nodes.values() if node.sub_process is not None)
    specs = {body.id: _build_body(body) for body in bodies.values()}
    specs |= {spec.name: spec for spec in (_build_each(node) for node in nodes.values() if node.multi_instance)}
    inner = [inner_instance(node) for node in nodes.values() if node.ad_hoc is not None]
    specs |= {node.id: _build_one(node.id, node) for node in inner}
    nodes.update({node.id: node for node in inner})
    reach = {body.id: found for body in bodies.values() if (found := find_reach(body))}
    return ExecutableProcess(definition, process, bodies, specs, nodes, reach)


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc] # SpiffWorkflow is untyped
    """SpiffWorkflow's specs of one body. Its own `Start` and `End` are not listed: diagrams use those ids, too."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self.task_specs.clear()


def _build_each(node: FlowNode) -> BpmnProcessSpec:
    """Build the specs in which the instances of a multi-instance activity run: the activity alone."""
    one = replace(node, multi_instance=None, boundary=(), incoming=(), outgoing=())
    return _build_one(f"{node.id}{EACH}", one)


def _build_one(name: str, node: FlowNode) -> BpmnProcessSpec:
    spec = ProcessSpec(name)
    spec_class(node)(spec, node.id, node=node)
    return spec


def _build_body(body: SubProcess) -> BpmnProcessSpec:
    spec = ProcessSpec(body.id)
    for node in body.nodes.values():
        spec_class(node)(spec, node.id, node=node)
    for node in body.nodes.values():
        for flow in node.outgoing:
            spec.task_specs[node.id].connect(spec.task_specs[flow.target])
    return spec
