"""Judges whether what is open in a process instance can go on in another process definition.

Source of the rules: Camunda 8, "process instance migration", validation and limitations. Nothing is changed here; each
thing that cannot move is a finding of its own, so that one look tells everything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from server.catalog.model import CallWork, DecisionWork, JobWork, ScriptWork, UserWork, event_of
from server.engine.events import waits
from server.engine.migration_mappings import is_event
from server.engine.specs.ad_hoc import INNER, AdHocContainer
from server.engine.specs.multi_instance import EachContainer
from server.model import MigrationFinding, MigrationPlan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.catalog.model import FlowNode, SequenceFlow, SubProcess
    from server.engine.definitions import ExecutableProcess
    from server.engine.execution import Execution
    from server.engine.migration_mappings import Mappings
    from server.engine.tokens import Container, Token

MOST_ADVISED = 5
JOINS = frozenset({"parallelGateway", "inclusiveGateway"})
_DOERS: dict[type, str] = {
    UserWork: "people",
    JobWork: "a job",
    ScriptWork: "an expression",
    DecisionWork: "a decision",
    CallWork: "a called process",
}


@dataclass(slots=True)
class Moves:
    """What applying a plan does: tokens to elements, tokens that end, and events of the target that open."""

    elements: dict[int, str] = field(default_factory=dict)
    flows: dict[int, str] = field(default_factory=dict)
    closed: list[Token] = field(default_factory=list)
    boundary_events: list[tuple[Token, FlowNode]] = field(default_factory=list)
    events_behind: list[tuple[Token, SequenceFlow]] = field(default_factory=list)
    event_sub_processes: list[tuple[Container, FlowNode]] = field(default_factory=list)


class Planner:
    """Goes through everything that is open in one process instance, outer containers first."""

    def __init__(self, execution: Execution, outer: Container, target: ExecutableProcess, mappings: Mappings) -> None:
        self.containers = [c for c in execution.containers.values() if c.instance_key == outer.key]
        self.outer = outer
        self.source = outer.executable
        self.target = target
        self.mappings = mappings
        self.moves = Moves()
        self.findings: list[MigrationFinding] = []

    def plan(self) -> MigrationPlan:
        """Return the plan; `moves` says what it does."""
        for container in self.containers:
            body = self._target_body(container)
            tokens = list(container.live_tokens())
            for token in tokens:
                if not _is_waiting_event(token):
                    self._judge(token, body)
            self._judge_joins(tokens)
            self._judge_event_sub_processes(container, tokens, body)
        return MigrationPlan(self.outer.key, self.target.definition.key, self.mappings.used(), tuple(self.findings))

    def _refuse(
        self, token: Token | None, element_id: str, reason: str, advice: str, source: str | None = None
    ) -> None:
        key = None if token is None else token.key
        to_blame = source if source in self.mappings.given else None
        self.findings.append(MigrationFinding(element_id, key, reason, advice, to_blame))

    # -- elements --------------------------------------------------------------------------------------------------

    def _target_body(self, container: Container) -> SubProcess | None:
        """Return the body of the target in which the tokens of a container will stand.

        None for the instances of a multi-instance activity or ad-hoc sub-process, and where the holder cannot move.
        """
        if container is self.outer:
            return self.target.process.body
        owner = container.owner
        if owner is None or isinstance(container, EachContainer | AdHocContainer):
            return None
        moved = self.target.nodes.get(self.moves.elements.get(owner.key, ""))
        return None if moved is None else moved.sub_process

    def _judge(self, token: Token, body: SubProcess | None) -> None:
        node = self.source.nodes[token.node.id]
        if isinstance(token.workflow, AdHocContainer):
            self._follow_owner(token, token.workflow)
            return
        target_id = self.mappings.take(node.id)
        if target_id is None:
            self._refuse(token, node.id, *self._unmapped(node, body))
            return
        target = self.target.nodes.get(target_id)
        refusal = _differs(node, target, target_id) or self._elsewhere(target, body)
        if refusal is not None or target is None:
            self._refuse(token, node.id, *(refusal or ("", "")), node.id)
            return
        self.moves.elements[token.key] = target_id
        if is_armed(token) and not isinstance(token.workflow, EachContainer):
            self._judge_boundary_events(token, target)
        if node.type == "eventBasedGateway" and "incident" not in token.internal_data:
            self._judge_events_behind(token, target)

    def _follow_owner(self, inner: Token, container: AdHocContainer) -> None:
        """Let an inner instance of an ad-hoc sub-process move with it, or stay with it."""
        moved = self.moves.elements.get(container.owner.key)
        if moved is not None:
            self.moves.elements[inner.key] = f"{moved}{INNER}"

    def _unmapped(self, node: FlowNode, body: SubProcess | None) -> tuple[str, str]:
        reason = f"expected a mapping instruction for the active {node.type} {node.id!r}, found none"
        same = self.target.nodes.get(node.id)
        if same is None:
            fitting = () if body is None else [one.id for one in body.nodes.values() if not _differs(node, one, one.id)]
            which = " or ".join(map(repr, fitting[:MOST_ADVISED])) or f"a {node.type} of the target"
            return reason, f"map it to {which}, or complete it first"
        refusal = _differs(node, same, same.id)
        return (reason, f"map it to {same.id!r}") if refusal is None else (f"{reason}; {refusal[0]}", refusal[1])

    def _elsewhere(self, target: FlowNode | None, body: SubProcess | None) -> tuple[str, str] | None:
        """Tell of an element that stands in another sub-process of the target."""
        if target is None or body is None or target.id in body.nodes:
            return None
        found = next(other for other in self.target.bodies.values() if target.id in other.nodes)
        return (
            f"expected {target.id!r} to stand in {self._name(body)}, found it in {self._name(found)}",
            "map it to an element of the same scope; a migration moves nothing into a sub-process or out of one",
        )

    def _name(self, body: SubProcess) -> str:
        return "the process" if body.id == self.target.process.id else f"the sub-process {body.id!r}"

    # -- joins -----------------------------------------------------------------------------------------------------

    def _judge_joins(self, tokens: Iterable[Token]) -> None:
        gateways: dict[str, str] = {}
        taken: dict[tuple[str, str], str] = {}
        for token in tokens:
            target_id = self.moves.elements.get(token.key)
            if target_id is None or not _waits_at_join(token):
                continue
            node, target, flow = token.node, self.target.nodes[target_id], token.internal_data["flow"]
            other = gateways.setdefault(target_id, node.id)
            moved = self.mappings.take(flow) or flow
            if other != node.id:
                reason = f"tokens wait at {other!r} and at {node.id!r}, and both are mapped to {target_id!r}"
                self._refuse(token, node.id, reason, "map them to different gateways", node.id)
            elif len(target.incoming) < len(node.incoming):
                reason = (
                    f"expected {target_id!r} to have at least the {len(node.incoming)} incoming flows of {node.id!r}, "
                    f"found {len(target.incoming)}"
                )
                self._refuse(token, node.id, reason, "wait until the gateway is left, then migrate", node.id)
            elif moved not in target.incoming:
                reason = f"the flow {flow!r} was taken into {node.id!r}, and {moved!r} does not lead into {target_id!r}"
                advice = f"map {flow!r} to one of {', '.join(map(repr, target.incoming))}"
                self._refuse(token, node.id, reason, advice, flow)
            elif taken.setdefault((target_id, moved), flow) != flow:
                reason = f"the flows {taken[target_id, moved]!r} and {flow!r} are both mapped to {moved!r}"
                self._refuse(token, node.id, reason, "map each to a flow of its own", flow)
            else:
                self.moves.flows[token.key] = moved

    # -- events ----------------------------------------------------------------------------------------------------

    def _judge_boundary_events(self, host: Token, target: FlowNode) -> None:
        waiting = {t.node.id: t for t in host.workflow.live_tokens() if t.internal_data.get("host") == host.key}
        opened = [self.target.nodes[node_id] for node_id in target.boundary]
        for source_id in host.node.boundary:
            token = waiting.get(source_id)
            target_id = self._map_event(token, self.source.nodes[source_id], source_id)
            if target_id is not None and target_id not in target.boundary:
                reason = (
                    f"expected {source_id!r} to stay attached to {host.node.id!r}, that is {target.id!r} in the target"
                )
                advice = f"map it to one of the boundary events of {target.id!r}, or leave it out to close it"
                self._refuse(token, source_id, reason, advice, source_id)
            else:
                self._move_event(token, target_id)
        new = (node for node in opened if waits(node) and not self.mappings.leads_to(node.id))
        self.moves.boundary_events += [(host, node) for node in new]

    def _judge_events_behind(self, gateway: Token, target: FlowNode) -> None:
        flows = {flow.target: flow for flow in target.outgoing}
        for token in gateway.workflow.live_tokens():
            if token.internal_data.get("gateway") != gateway.key:
                continue
            source_id = token.node.id
            target_id = self._map_event(token, self.source.nodes[source_id], source_id)
            if target_id is not None and target_id not in flows:
                reason = (
                    f"expected {source_id!r} to stay behind {gateway.node.id!r}, that is {target.id!r} in the target"
                )
                advice = f"map it to one of the events behind {target.id!r}, or leave it out to close it"
                self._refuse(token, source_id, reason, advice, source_id)
                continue
            self._move_event(token, target_id)
            if target_id is not None:
                self.moves.flows[token.key] = flows[target_id].id
        new = (flow for flow in target.outgoing if not self.mappings.leads_to(flow.target))
        self.moves.events_behind += [(gateway, flow) for flow in new]

    def _judge_event_sub_processes(self, container: Container, tokens: list[Token], body: SubProcess | None) -> None:
        """Judge the start events of event sub-processes; those of the target open unless one has interrupted."""
        if body is None:
            return
        listening = {t.node.id: t for t in tokens if "listener" in t.internal_data}
        there = (node for node in body.nodes.values() if node.type == "eventSubProcess")
        starts = {self.target.bodies[node.id].start_events()[0].id: node for node in there}
        for node in container.event_sub_processes():
            token = listening.get(node.id)
            source_id = self.source.bodies[node.id].start_events()[0].id
            target_id = self._map_event(token, self.source.nodes[source_id], source_id)
            if target_id is not None and target_id not in starts:
                reason = f"expected the start event {source_id!r} to be mapped to one of an event sub-process beside it"
                advice = f"map it to one of {', '.join(map(repr, starts)) or 'none'}, or leave it out to close it"
                self._refuse(token, source_id, reason, advice, source_id)
            else:
                self._move_event(token, None if target_id is None else starts[target_id].id)
        if not any(_has_interrupted(token) for token in tokens):
            new = (n for start_id, n in starts.items() if waits(n) and not self.mappings.leads_to(start_id))
            self.moves.event_sub_processes += [(container, node) for node in new]

    def _map_event(self, token: Token | None, node: FlowNode, source_id: str) -> str | None:
        """Return where an event is mapped to, if it is and may be."""
        target_id = self.mappings.take(source_id)
        if target_id is None:
            return None
        refusal = _differs(node, self.target.nodes.get(target_id), target_id)
        rival = self.mappings.rival(source_id)
        if refusal is None and rival is not None:
            refusal = (
                f"{rival!r} and {source_id!r} are both mapped to {target_id!r}",
                "map each event to one of its own",
            )
        if refusal is not None:
            self._refuse(token, source_id, *refusal, source_id)
            return None
        return target_id

    def _move_event(self, token: Token | None, target_id: str | None) -> None:
        if token is None:
            return
        if target_id is None:
            self.moves.closed.append(token)
        else:
            self.moves.elements[token.key] = target_id


def is_armed(token: Token) -> bool:
    """Whether the boundary events of a token wait: one that stopped on its way in has none yet."""
    _, phase = token.internal_data.get("incident", (0, ""))
    return bool(phase != "activate")


def _is_waiting_event(token: Token) -> bool:
    return not {"host", "gateway", "listener"}.isdisjoint(token.internal_data)


def _waits_at_join(token: Token) -> bool:
    node, data = token.node, token.internal_data
    waits_or_failed = bool(token.has_state(TaskState.WAITING | TaskState.ERROR))
    return node.type in JOINS and len(node.incoming) > 1 and waits_or_failed and "joined" not in data


def _has_interrupted(token: Token) -> bool:
    return token.node.type == "eventSubProcess" and "listener" not in token.internal_data and token.node.interrupting


def _differs(node: FlowNode, target: FlowNode | None, target_id: str) -> tuple[str, str] | None:
    """Tell what makes an element another kind of thing in the target."""
    if target is None:
        return (
            f"expected {target_id!r} to be a {node.type}, found something no token stands at",
            f"map it to a {node.type}",
        )
    if target.type != node.type:
        return f"expected {target_id!r} to be a {node.type}, found a {target.type}", f"map it to a {node.type}"
    if is_event(node) and event_of(target).kind is not event_of(node).kind:
        kind = event_of(node).kind
        found = f"expected {target_id!r} to be a {kind} event, found one of kind {event_of(target).kind}"
        return found, f"map it to a {kind} event"
    if type(node.work) is not type(target.work):
        reason = f"expected {target_id!r} to be done by {_doer(node)}, found that {_doer(target)} does it"
        return reason, "map it to an element with the same implementation"
    if _repetition(node) != _repetition(target):
        reason = f"expected {target_id!r} to be {_repetition(node)}, found {_repetition(target)}"
        return reason, "map it to an activity with the same multi-instance marker"
    return None


def _doer(node: FlowNode) -> str:
    return "nobody" if node.work is None else _DOERS[type(node.work)]


def _repetition(node: FlowNode) -> str:
    if node.multi_instance is None:
        return "without a multi-instance marker"
    return f"a {'sequential' if node.multi_instance.is_sequential else 'parallel'} multi-instance activity"
