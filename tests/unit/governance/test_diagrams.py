"""Shipped diagrams can be read: everything is drawn, nothing lies upon anything else."""

from collections.abc import Mapping
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


def read(path: Path) -> Drawing:
    root = etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
    process = root.find("{*}process")
    nodes = {
        element.get("id"): element
        for element in process.iter(f"{BPMN}*")
        if etree.QName(element).localname.endswith(("Event", "Task", "Gateway", "Activity", "subProcess"))
    }
    shapes, labels = {}, {}
    for shape in root.iter("{*}BPMNShape"):
        shapes[shape.get("bpmnElement")] = box(shape.find("{*}Bounds"))
        label = shape.find("{*}BPMNLabel/{*}Bounds")
        if label is not None:
            labels[shape.get("bpmnElement")] = box(label)
    edges = {
        edge.get("bpmnElement"): [(float(p.get("x")), float(p.get("y"))) for p in edge.findall("{*}waypoint")]
        for edge in root.iter("{*}BPMNEdge")
    }
    return Drawing(
        shapes=shapes,
        labels=labels,
        edges=edges,
        flows={f.get("id"): (f.get("sourceRef"), f.get("targetRef")) for f in process.iter("{*}sequenceFlow")},
        nodes=frozenset(nodes),
        frames=frozenset(name for name, node in nodes.items() if etree.QName(node).localname == "subProcess"),
        attached=frozenset(name for name, node in nodes.items() if node.get("attachedToRef") is not None),
    )


def overlap(one: Box, two: Box) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]


def hull(start: tuple[float, float], end: tuple[float, float]) -> Box:
    (x1, y1), (x2, y2) = start, end
    return min(x1, x2) - 0.1, min(y1, y2) - 0.1, max(x1, x2) + 0.1, max(y1, y2) + 0.1


@pytest.fixture(params=DIAGRAMS, ids=lambda path: path.stem)
def drawing(request: pytest.FixtureRequest) -> Drawing:
    return read(request.param)


def test_everything_is_drawn(drawing: Drawing) -> None:
    assert drawing.nodes == set(drawing.shapes)
    assert set(drawing.flows) == set(drawing.edges)


def test_shapes_do_not_overlap(drawing: Drawing) -> None:
    solid = {name: at for name, at in drawing.shapes.items() if name not in drawing.frames | drawing.attached}
    assert [pair for pair in combinations(solid, 2) if overlap(solid[pair[0]], solid[pair[1]])] == []


def test_flows_are_straight_and_keep_clear_of_shapes(drawing: Drawing) -> None:
    crossed = []
    for flow, points in drawing.edges.items():
        for start, end in pairwise(points):
            assert start[0] == end[0] or start[1] == end[1], flow
            others = set(drawing.shapes) - set(drawing.flows[flow]) - drawing.frames - drawing.attached
            crossed += [(flow, name) for name in others if overlap(hull(start, end), drawing.shapes[name])]
    assert crossed == []


def test_flows_begin_and_end_at_their_shapes(drawing: Drawing) -> None:
    for flow, (source, target) in drawing.flows.items():
        points = drawing.edges[flow]
        assert overlap(hull(points[0], points[0]), drawing.shapes[source]), flow
        assert overlap(hull(points[-1], points[-1]), drawing.shapes[target]), flow


def test_labels_keep_clear_of_flows(drawing: Drawing) -> None:
    hit = [
        (name, flow)
        for name, label in drawing.labels.items()
        for flow, points in drawing.edges.items()
        for start, end in pairwise(points)
        if overlap(hull(start, end), label)
    ]
    assert hit == []
