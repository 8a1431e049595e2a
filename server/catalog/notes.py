"""What a diagram leaves unsaid and the server supplies: for the author to know, never in the way of a deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.catalog.model import EventKind
from server.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.catalog.model import FlowNode, Process, SubProcess

GATEWAYS = frozenset({"exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway"})
ENDING = frozenset({"endEvent", "eventSubProcess"})


def find_notes(process: Process, file: str) -> Iterator[Finding]:
    """Yield a note for each element of a process that is executed as something that was not drawn."""
    yield from _in_body(process.body, f"{file}/{process.id}")


def _in_body(body: SubProcess, path: str) -> Iterator[Finding]:
    for node in body.nodes.values():
        where = f"{path}/{node.id}"
        yield from (Finding(node.id, message, where, "note") for message in _of_node(node))
        if node.sub_process is not None:
            yield from _in_body(node.sub_process, where)


def _of_node(node: FlowNode) -> Iterator[str]:
    kind = EventKind.NONE if node.event is None else node.event.kind
    if node.type == "intermediateThrowEvent" and kind is EventKind.LINK:
        yield f"executed as a flow to {', '.join(flow.target for flow in node.outgoing)}"
    elif len(node.outgoing) > 1 and node.type not in GATEWAYS:
        yield f"executed as with a parallel gateway behind it: {len(node.outgoing)} flows leave it, all are taken"
    elif not node.outgoing and node.type not in ENDING:
        yield "executed as with an end event behind it: no flow leaves it"
    if node.type == "task":
        yield "passes at once, nobody is asked: a task without a type"
