"""Joins: when a token at an inclusive one leaves (BPMN 2.0.2 §13.4.3), and whether one at a parallel one ever can."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

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


def find_blocked(container: Container, gone: Collection[int], placed: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return the parallel joins of a container where tokens wait for flows by which none can come any more.

    Asked of the container as it would be without the tokens of the keys `gone` and with new ones at the nodes `placed`.
    The result maps the id of each such gateway to the flows it misses.
    """
    body = container.executable.bodies.get(container.spec.name)
    if body is None:
        return {}
    left = [token for token in container.live_tokens() if token.key not in gone and "host" not in token.internal_data]
    blocked: dict[str, frozenset[str]] = {}
    for join in body.nodes.values():
        if join.type != "parallelGateway" or len(join.incoming) < 2:
            continue
        missing = _missing(join, left, placed.count(join.id))
        if missing:
            at = {token.node.id for token in left}.union(placed) - {join.id}
            if join.id in placed:
                at.update(flow.target for flow in join.outgoing)
            reach = _reach_of(join, body.nodes)
            missing = missing.difference(*(reach.get(node_id, ()) for node_id in at))
        if missing:
            blocked[join.id] = missing
    return blocked


def _missing(join: FlowNode, left: Iterable[Token], activated: int) -> frozenset[str]:
    """Return the flows on which a parallel join waits for a token; none when it waits for nothing at all."""
    arrived = Counter(token.internal_data.get("flow", "") for token in left if is_waiting_at(token, join.id))
    for _ in range(activated):
        arrived -= Counter(dict.fromkeys(arrived, 1))
    return frozenset(join.incoming).difference(arrived) if arrived else frozenset()


def is_waiting_at(token: Token, join_id: str) -> bool:
    """Whether a token waits at a join for others."""
    waits: bool = token.task_spec.name == join_id and token.has_state(TaskState.WAITING)
    return waits


def take_arrived(container: Container, join_id: str) -> None:
    """Take one token of each flow away from a join, as it does when it goes on."""
    arrived: dict[str, Token] = {}
    for token in container.live_tokens():
        if is_waiting_at(token, join_id):
            arrived.setdefault(token.internal_data.get("flow", ""), token)
    for token in arrived.values():
        container.remove(token)


def _in_order(tokens: Iterable[Token]) -> list[Token]:
    return sorted(tokens, key=lambda token: token.key)
