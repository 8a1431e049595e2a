"""Makes a failing run small: fewer actions, fewer elements, as long as it fails in the same way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .model import Body, Model, Node
    from .product import Action

MOST_TRIES = 500


def shrink(
    model: Model, actions: list[Action], fails: Callable[[Model, list[Action]], bool]
) -> tuple[Model, list[Action]]:
    """Return the smallest model and actions found that still fail."""
    tries, progress = 0, True
    while progress:
        progress = False
        for smaller in _smaller(model, actions):
            tries += 1
            if tries > MOST_TRIES:
                return model, actions
            if fails(*smaller):
                model, actions = smaller
                progress = True
                break
    return model, actions


def _smaller(model: Model, actions: list[Action]) -> Iterator[tuple[Model, list[Action]]]:
    for length in (8, 3, 1):
        for at in range(0, len(actions), length):
            yield model, actions[:at] + actions[at + length :]
    for body in model.bodies.values():
        for smaller in _smaller_bodies(body):
            yield _with(model, smaller), actions
    for at, action in enumerate(actions):
        if action.variables:
            yield model, [*actions[:at], replace(action, variables=()), *actions[at + 1 :]]


def _smaller_bodies(body: Body) -> Iterator[Body]:
    for node in body.nodes.values():
        if node.kind != "start":
            yield _without(body, node)
            if node.host == "" and body.outgoing(node.id):
                yield _bypassed(body, node)
    for flow in body.flows:
        yield replace(body, flows=tuple(f for f in body.flows if f is not flow))
    for node in body.nodes.values():
        for plainer in _plainer(node):
            yield replace(body, nodes={**body.nodes, node.id: plainer})


def _plainer(node: Node) -> Iterator[Node]:
    for at in range(len(node.inputs)):
        yield replace(node, inputs=node.inputs[:at] + node.inputs[at + 1 :])
    for at in range(len(node.outputs)):
        yield replace(node, outputs=node.outputs[:at] + node.outputs[at + 1 :])
    if node.repeat is not None:
        yield replace(node, repeat=None)
    if node.delay:
        yield replace(node, delay="")
    if node.kind in {"sub", "call", "job", "receive", "message", "timer"}:
        yield replace(node, kind="user", body="", message="", seconds=0, delay="", all_in=True, all_out=True)


def _without(body: Body, node: Node) -> Body:
    gone = {node.id} | {n.id for n in body.nodes.values() if n.host == node.id}
    flows = tuple(f for f in body.flows if f.source not in gone and f.target not in gone)
    return replace(body, nodes={key: n for key, n in body.nodes.items() if key not in gone}, flows=flows)


def _bypassed(body: Body, node: Node) -> Body:
    """Let the flows into an element lead to the one behind it."""
    target = body.outgoing(node.id)[0].target
    flows = tuple(replace(f, target=target) if f.target == node.id else f for f in body.flows)
    return _without(replace(body, flows=flows), node)


def _with(model: Model, body: Body) -> Model:
    """Put a body in, and leave out what nothing leads to any more."""
    bodies = {**model.bodies, body.id: _reachable(body)}
    used = {"p"}
    while True:
        more = {n.body for key in used for n in bodies[key].nodes.values() if n.body} - used
        if not more:
            return replace(model, bodies={key: value for key, value in bodies.items() if key in used})
        used |= more


def _reachable(body: Body) -> Body:
    reached: set[str] = set()
    waiting = [body.start.id]
    while waiting:
        at = waiting.pop()
        if at not in reached:
            reached.add(at)
            waiting += [flow.target for flow in body.outgoing(at)]
            waiting += [node.id for node in body.boundary(at)]
    flows = tuple(f for f in body.flows if f.source in reached and f.target in reached)
    left = {flow.id for flow in flows}
    nodes = {
        key: replace(node, default=node.default if node.default in left else "")
        for key, node in body.nodes.items()
        if key in reached
    }
    return replace(body, nodes=nodes, flows=flows)
