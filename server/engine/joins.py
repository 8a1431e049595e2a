"""Inclusive joins: a token leaves when no other token of its scope can still arrive (BPMN 2.0.2 §13.4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from server.catalog.model import FlowNode, SubProcess
    from server.engine.execution import Execution
    from server.engine.tokens import Container, Token

Reach = dict[str, dict[str, frozenset[str]]]
"""Inclusive join to node to the incoming flows of the join that a token at the node can come by."""


def find_reach(body: SubProcess) -> Reach:
    """Tell for each inclusive join of a body from where its incoming flows can be reached, not passing through it."""
    joins = (n for n in body.nodes.values() if n.type == "inclusiveGateway" and len(n.incoming) > 1)
    return {join.id: _reach_of(join, body.nodes) for join in joins}


def _reach_of(join: FlowNode, nodes: Mapping[str, FlowNode]) -> dict[str, frozenset[str]]:
    before: dict[str, list[str]] = {}
    flows = {flow.id: flow for node in nodes.values() for flow in node.outgoing}
    for flow in flows.values():
        before.setdefault(flow.target, []).append(flow.source)
    reach: dict[str, set[str]] = {}
    for flow_id in join.incoming:
        waiting = [flows[flow_id].source]
        while waiting:
            node_id = waiting.pop()
            found = reach.setdefault(node_id, set())
            if flow_id in found or node_id == join.id:
                continue
            found.add(flow_id)
            waiting.extend(before.get(node_id, ()))
            waiting.extend(host for host in (nodes[node_id].attached_to,) if host is not None)
    return {node_id: frozenset(found) for node_id, found in reach.items()}


def find_ready_join(execution: Execution) -> Token | None:
    """Return a token at an inclusive join that may leave; the tokens that it is joined with are taken away."""
    for container in list(execution.containers.values()):
        for join_id, reach in container.executable.reach_in(container.spec.name).items():
            waiting = _waiting_at(container, join_id)
            if waiting and not _is_awaited(container, waiting, join_id, reach):
                return _merge(container, waiting)
    return None


def _waiting_at(container: Container, join_id: str) -> dict[str, Token]:
    """Return the first token on each incoming flow."""
    arrived: dict[str, Token] = {}
    for token in container.live_tokens():
        if token.task_spec.name == join_id and token.has_state(TaskState.WAITING):
            arrived.setdefault(token.internal_data["flow"], token)
    return arrived


def _is_awaited(
    container: Container, arrived: Mapping[str, Token], join_id: str, reach: Mapping[str, frozenset[str]]
) -> bool:
    """Whether some other token can still come by a flow on which none has arrived."""
    return any(
        reach.get(token.task_spec.name, frozenset()) - arrived.keys()
        for token in container.live_tokens()
        if token.task_spec.name != join_id and "host" not in token.internal_data
    )


def _merge(container: Container, arrived: Mapping[str, Token]) -> Token:
    first, *others = _in_order(arrived.values())
    for token in others:
        container.remove(token)
    first.internal_data["joined"] = True
    first._set_state(TaskState.FUTURE)  # noqa: SLF001 - SpiffWorkflow's own way
    return first


def _in_order(tokens: Iterable[Token]) -> list[Token]:
    return sorted(tokens, key=lambda token: token.key)
