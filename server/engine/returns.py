"""Going back to an earlier element of the same scope (退回): from where, to where, and when not.

A token goes back from the element where it waits to one that the process instance has completed before, in the same
process or sub-process instance. It must go back alone: everything that has become of the earlier element must stand
where the token stands, so that what comes after it runs once again and no more. Therefore

- an element is earlier when flows, or events at its boundary, lead from it to where the token waits;
- a split in between (parallel, inclusive, or several flows out of an activity or event) must be closed again in
  between, by one gateway that all its branches reach and nothing else does; else sibling branches would remain;
- a parallel join in between must close such a split, else it would wait for branches that do not come again;
- no other token may stand where the earlier element leads to: on branches that events which do not interrupt have
  opened, or at a join. An operator may modify the instance first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.catalog.structure import HOSTS
from server.engine.modification import modify
from server.engine.modification_plan import is_instance
from server.errors import Conflict
from server.model import AncestorRule, Modification, MoveInstruction, Selection

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from server.catalog.model import FlowNode
    from server.engine.execution import Execution
    from server.engine.tokens import Token
    from server.model import ModificationResult

TASKS = frozenset({"userTask"})
CHOICES = frozenset({"exclusiveGateway", "eventBasedGateway"})
"""Gateways that send one token along one of their flows."""
MERGING = frozenset({"parallelGateway", "inclusiveGateway"})


def find_returns(
    execution: Execution, element_instance_key: int, visited: Sequence[str], types: Collection[str] = TASKS
) -> tuple[str, ...]:
    """Return the ids of the elements to which a waiting token may go back, in the order of `visited`.

    `visited` are the ids of the elements that the process instance has completed; `types` are BPMN element types.
    Raises `Conflict` when no token waits there.
    """
    token = _waiting(execution, element_instance_key)
    way = _Ways(token)
    return tuple(
        element_id
        for element_id in dict.fromkeys(visited)
        if element_id in way.nodes and way.nodes[element_id].type in types and way.find_obstacle(element_id) is None
    )


def return_to(
    execution: Execution, element_instance_key: int, element_id: str, visited: Collection[str]
) -> ModificationResult:
    """Send a waiting token back to an earlier activity; its element is cancelled, the earlier one entered again.

    Raises `Conflict` with the reason why it may not go back there; then nothing has changed.
    """
    token = _waiting(execution, element_instance_key)
    way = _Ways(token)
    where = f"expected an element to which {token.node.id!r} can be returned, found {element_id!r}"
    if element_id not in way.nodes or way.nodes[element_id].type not in HOSTS:
        raise Conflict(f"{where}, which is no activity of the same process or sub-process instance")
    if element_id not in visited:
        raise Conflict(f"{where}, which this process instance has not completed")
    if (obstacle := way.find_obstacle(element_id)) is not None:
        raise Conflict(f"{where}: {obstacle}")
    back = MoveInstruction(Selection(token.key), element_id, AncestorRule.SOURCE_PARENT)
    return modify(execution, token.workflow.instance_key, Modification(move=(back,)))


def _waiting(execution: Execution, key: int) -> Token:
    token = execution.tokens.get(key)
    if token is None or not token.internal_data.get("entered") or not is_instance(token):
        raise Conflict(f"expected the element instance {key} to be active, but it has ended or never was")
    return token


@dataclass(frozen=True, slots=True)
class _Region:
    """What stands between a split and the join that closes it; `inside` has neither."""

    join: str
    inside: frozenset[str]


class _Ways:
    """The ways through the body in which a token waits, flows and events at boundaries alike."""

    def __init__(self, token: Token) -> None:
        self.token = token
        body = token.workflow.executable.bodies.get(token.workflow.spec.name)
        self.nodes: Mapping[str, FlowNode] = {} if body is None else body.nodes
        self.after = {node.id: _flows(node) + list(node.boundary) for node in self.nodes.values()}
        self.main = {node.id: _flows(node) + self._exceptions(node) for node in self.nodes.values()}
        self.before: dict[str, list[str]] = {}
        for source, targets in self.after.items():
            for target in targets:
                self.before.setdefault(target, []).append(source)
        self.beginnings = [node_id for node_id in self.nodes if node_id not in self.before]

    def _exceptions(self, node: FlowNode) -> list[str]:
        return [event for event in node.boundary if self.nodes[event].interrupting]

    def find_obstacle(self, element_id: str) -> str | None:
        """Return why the token may not go back to an element, or None when it may."""
        here = self.token.node.id
        if element_id == here:
            return "that is where it is"
        between = _reach(self.after, [element_id], here) & _reach(self.before, [here], element_id)
        if not between:
            return f"no way leads from {element_id!r} to {here!r}"
        return self._find_open_split(element_id, between) or self._find_other_token(element_id)

    def _find_open_split(self, element_id: str, between: set[str]) -> str | None:
        here = self.token.node.id
        closing: set[str] = set()
        for node_id in sorted(between - {here}):
            if not self._splits(node_id):
                continue
            region = self._close(node_id, between)
            if region is None or region.inside & {here, element_id}:
                return f"the branches of {node_id!r} lie between, and one of them would remain or begin twice"
            closing.add(region.join)
        for node_id in sorted(between - closing - {here}):
            node = self.nodes[node_id]
            if node.type == "parallelGateway" and len(node.incoming) > 1:
                return f"the join {node_id!r} lies between, and would wait for branches that do not come again"
        return None

    def _splits(self, node_id: str) -> bool:
        node = self.nodes[node_id]
        return len(node.outgoing) > 1 and node.type not in CHOICES

    def _close(self, split: str, between: set[str]) -> _Region | None:
        """Return the region of a split: its branches all reach one join, and nothing else reaches into them.

        What events that do not interrupt have opened is left to `_find_other_token`: it may have ended long ago.
        """
        without_split = _reach(self.main, self.beginnings, split) - {split}
        for join in sorted(between - {split}):
            node = self.nodes[join]
            if node.type not in MERGING or len(node.incoming) < 2:
                continue
            inside = _reach(self.main, self.main[split], join) - {join}
            ends = any(not self.main[node_id] for node_id in inside)
            if not ends and split not in inside and not without_split & (inside | {join}):
                return _Region(join, frozenset(inside))
        return None

    def _find_other_token(self, element_id: str) -> str | None:
        """Name another token that has come from the earlier element, or would be doubled by going back there."""
        here = self.token.node
        beside = [node_id for node_id in here.boundary if not self.nodes[node_id].interrupting]
        led_to = _reach(self.after, [element_id], here.id) | _reach(self.after, beside, here.id)
        for other in self.token.workflow.live_tokens():
            if other is not self.token and is_instance(other) and other.node.id in led_to:
                return f"another token stands at {other.node.id!r}, on a way that begins there"
        return None


def _flows(node: FlowNode) -> list[str]:
    return [flow.target for flow in node.outgoing]


def _reach(edges: Mapping[str, Sequence[str]], begin: Iterable[str], end: str) -> set[str]:
    """Return everything reached along the edges, the beginnings included, not going on from `end`."""
    found: set[str] = set()
    waiting = list(begin)
    while waiting:
        node_id = waiting.pop()
        if node_id not in found:
            found.add(node_id)
            if node_id != end:
                waiting.extend(edges.get(node_id, ()))
    return found
