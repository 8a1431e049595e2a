"""Link events: a pair is a flow that nobody drew (BPMN 2.0.2 §10.5.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.catalog.model import EventKind, SequenceFlow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from server.catalog.model import FlowNode

    Find = Callable[[str, str, str], None]


def join_links(nodes: Mapping[str, FlowNode], path: str, find: Find) -> Iterator[SequenceFlow]:
    """Yield a flow from each throwing link to the catching link of its name; report what does not fit together."""
    catching: dict[str, FlowNode] = {}
    for node in _links(nodes, "intermediateCatchEvent"):
        name = node.event.link_name if node.event is not None and node.event.link_name else ""
        if name in catching:
            find(node.id, f"another link event here catches {name!r}", f"{path}/{node.id}")
        catching[name] = node
    for node in _links(nodes, "intermediateThrowEvent"):
        name = node.event.link_name if node.event is not None and node.event.link_name else ""
        if name in catching:
            yield SequenceFlow(f"{node.id}.link", node.id, catching[name].id)
        else:
            find(
                node.id, f"expected a catching link event {name!r} in the same process, found none", f"{path}/{node.id}"
            )


def _links(nodes: Mapping[str, FlowNode], node_type: str) -> Iterator[FlowNode]:
    for node in nodes.values():
        if node.type == node_type and node.event is not None and node.event.kind is EventKind.LINK:
            yield node
