"""Shipped diagrams can be read: everything is drawn, nothing lies upon anything else.

A sub-process that is drawn closed has a plane of its own, which is judged like a diagram.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ROOT = Path(__file__).parents[3]
DIAGRAMS = sorted(ROOT.glob("processes/*/*.bpmn"))
Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass
class Drawing:
    shapes: Mapping[str, Box]
    labels: Mapping[str, Box]
    edges: Mapping[str, list[tuple[float, float]]]
    flows: Mapping[str, tuple[str, str]]
    nodes: frozenset[str]
    frames: frozenset[str]
    attached: frozenset[str]


def box(element: etree._Element) -> Box:
    left, top = float(element.get("x")), float(element.get("y"))
    return left, top, left + float(element.get("width")), top + float(element.get("height"))


def parse(path: Path) -> etree._Element:
    return etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()


def is_drawn(element: etree._Element) -> bool:
    return etree.QName(element).localname.endswith(("Event", "Task", "task", "Gateway", "Activity", "ubProcess"))


def nodes_on(container: etree._Element, closed: frozenset[str]) -> Iterator[etree._Element]:
    """Give the nodes that belong on the plane of a process or sub-process: all but those inside closed ones."""
    for element in container.iterchildren(f"{BPMN}*"):
        if is_drawn(element):
            yield element
            if element.get("id") not in closed:
                yield from nodes_on(element, closed)


def read(path: Path) -> list[Drawing]:
    root = parse(path)
    process = root.find("{*}process")
    closed = frozenset(s.get("bpmnElement") for s in root.iter("{*}BPMNShape") if s.get("isExpanded") == "false")
    closed &= {element.get("id") for element in process.iter(f"{BPMN}subProcess", f"{BPMN}adHocSubProcess")}
    planes = {plane.get("bpmnElement"): plane for plane in root.iter("{*}BPMNPlane")}
    main = next((planes[c.get("id")] for c in root.iter("{*}collaboration")), planes.get(process.get("id")))
    inside = [
        (element, planes[element.get("id")]) for element in process.iter(f"{BPMN}*") if element.get("id") in closed
    ]
    return [drawing_of(container, plane, closed) for container, plane in [(process, main), *inside]]


def drawing_of(container: etree._Element, plane: etree._Element, closed: frozenset[str]) -> Drawing:
    nodes = {element.get("id"): element for element in nodes_on(container, closed)}
    frames = {i for i, node in nodes.items() if etree.QName(node).localname.endswith("ubProcess") and i not in closed}
    flows = [f for c in [container, *(nodes[i] for i in frames)] for f in c.iterchildren("{*}sequenceFlow")]
    shapes, labels = {}, {}
    for shape in plane.iter("{*}BPMNShape"):
        if shape.get("isHorizontal") is not None:  # pools and lanes lie below everything
            continue
        shapes[shape.get("bpmnElement")] = box(shape.find("{*}Bounds"))
        label = shape.find("{*}BPMNLabel/{*}Bounds")
        if label is not None:
            labels[shape.get("bpmnElement")] = box(label)
    edges = {
        edge.get("bpmnElement"): [(float(p.get("x")), float(p.get("y"))) for p in edge.findall("{*}waypoint")]
        for edge in plane.iter("{*}BPMNEdge")
    }
    return Drawing(
        shapes=shapes,
        labels=labels,
        edges=edges,
        flows={f.get("id"): (f.get("sourceRef"), f.get("targetRef")) for f in flows},
        nodes=frozenset(nodes),
        frames=frozenset(frames),
        attached=frozenset(name for name, node in nodes.items() if node.get("attachedToRef") is not None),
    )


def overlap(one: Box, two: Box) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]


def hull(start: tuple[float, float], end: tuple[float, float]) -> Box:
    (x1, y1), (x2, y2) = start, end
    return min(x1, x2) - 0.1, min(y1, y2) - 0.1, max(x1, x2) + 0.1, max(y1, y2) + 0.1


@pytest.fixture(params=DIAGRAMS, ids=lambda path: path.stem)
def drawings(request: pytest.FixtureRequest) -> list[Drawing]:
    return read(request.param)


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_lanes_hold_every_element_once(path: Path) -> None:
    process = parse(path).find("{*}process")
    lanes = process.findall("{*}laneSet/{*}lane")
    named = [reference.text for lane in lanes for reference in lane.findall("{*}flowNodeRef")]
    assert not lanes or sorted(named) == sorted(e.get("id") for e in process.iterchildren(f"{BPMN}*") if is_drawn(e))


def test_everything_is_drawn(drawings: list[Drawing]) -> None:
    for drawing in drawings:
        assert drawing.nodes == set(drawing.shapes)
        assert set(drawing.flows) == set(drawing.edges)


def test_shapes_do_not_overlap(drawings: list[Drawing]) -> None:
    for drawing in drawings:
        solid = {name: at for name, at in drawing.shapes.items() if name not in drawing.frames | drawing.attached}
        assert [pair for pair in combinations(solid, 2) if overlap(solid[pair[0]], solid[pair[1]])] == []


def test_flows_are_straight_and_keep_clear_of_shapes(drawings: list[Drawing]) -> None:
    crossed = []
    for drawing in drawings:
        for flow, points in drawing.edges.items():
            others = set(drawing.shapes) - set(drawing.flows[flow]) - drawing.frames - drawing.attached
            for start, end in pairwise(points):
                assert start[0] == end[0] or start[1] == end[1], flow
                crossed += [(flow, name) for name in others if overlap(hull(start, end), drawing.shapes[name])]
    assert crossed == []


def test_flows_begin_and_end_at_their_shapes(drawings: list[Drawing]) -> None:
    for drawing in drawings:
        for flow, (source, target) in drawing.flows.items():
            points = drawing.edges[flow]
            assert overlap(hull(points[0], points[0]), drawing.shapes[source]), flow
            assert overlap(hull(points[-1], points[-1]), drawing.shapes[target]), flow


def test_labels_keep_clear_of_flows(drawings: list[Drawing]) -> None:
    hit = [
        (name, flow)
        for drawing in drawings
        for name, label in drawing.labels.items()
        for flow, points in drawing.edges.items()
        for start, end in pairwise(points)
        if overlap(hull(start, end), label)
    ]
    assert hit == []
