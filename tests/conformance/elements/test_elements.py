"""Every row of the table of elements does in three modes what it says, or is refused with its reason."""

from __future__ import annotations

from functools import partial

import pytest

from server.catalog import read_resources
from server.catalog.elements import DOCUMENTATION, ELEMENTS, EVENTS, FLOW_NODES, MARKERS, REFUSED
from server.catalog.events import ALLOWED, EVENT_START
from server.catalog.resources import Surroundings
from tests.unit.engine.diagrams import catch, diagram, element, end, extension, flows, process, start, user, zeebe
from tests.unit.engine.world import World

from .cases import CASES
from .restless import RestlessWorld

MODES = [partial(World, reload=False), partial(World, reload=True), RestlessWorld]
AT_PROCESS = (
    "laneSet textAnnotation association group dataObject dataObjectReference dataStoreReference documentation "
    "extensionElements property ioSpecification auditing monitoring resourceRole"
)
PLACES = dict.fromkeys(AT_PROCESS.split(), "process") | {
    "category": "definitions",
    "dataStore": "definitions",
    "collaboration": "definitions",
    "participant": "collaboration",
    "messageFlow": "collaboration",
    "dataInput": "ioSpecification",
    "dataOutput": "ioSpecification",
    "inputSet": "ioSpecification",
    "outputSet": "ioSpecification",
}
"""Where documentation stands that does not stand in an activity."""


def words() -> list[str]:
    """Return what must have a case: each executed row and, of events, each kind that is allowed there."""
    kinds = [f"{place} {kind}" for place in (*EVENTS, EVENT_START) for kind in ALLOWED[place]]
    return [name for name in (*FLOW_NODES, *MARKERS) if name not in EVENTS] + kinds


def test_every_row_has_a_test() -> None:
    assert sorted(CASES) == sorted(words())
    assert set(ELEMENTS) == {*FLOW_NODES, *MARKERS, *REFUSED, *DOCUMENTATION}


@pytest.mark.parametrize("name", CASES)
def test_an_executed_row_has_one_history_in_all_modes(name) -> None:
    case, runs = CASES[name], []
    for mode in MODES:
        run = mode(case.diagram)
        case.play(run)
        assert tuple(run.open) == case.open
        wanted = list(case.passed)
        assert [passed for passed in run.passed() if passed in wanted] == wanted
        assert run.active is bool(case.open)
        runs.append((run.history, run.variables, run.stopped, run.ended))
    assert runs[0] == runs[1] == runs[2]
    assert not runs[0][2]


def documented(name: str) -> bytes:
    inner = element(name, "doc")
    place = PLACES.get(name, "activity")
    outside = inner if place == "definitions" else ""
    if place == "collaboration":
        outside = element("collaboration", "c", inner)
    within = inner if place == "process" else ""
    if place == "ioSpecification":
        within = element("ioSpecification", "io", inner)
    task = user("a", inside=inner if place == "activity" else "")
    return diagram(outside, process("p", within, start(), task, end(), flows("start -> a -> end")))


@pytest.mark.parametrize("name", DOCUMENTATION)
def test_documentation_changes_nothing(name) -> None:
    plain = World(diagram(process("p", start(), user("a"), end(), flows("start -> a -> end")))).start().complete("a")
    for mode in MODES:
        assert mode(documented(name)).start().complete("a").history == plain.history


def refused(name: str) -> bytes:
    if name.endswith("EventDefinition"):
        node = catch("bad", f"<bpmn:{name}/>")
    elif name.endswith("LoopCharacteristics"):
        node = element("serviceTask", "bad", extension(zeebe("taskDefinition", type="work")) + f"<bpmn:{name}/>")
    else:
        node = element(name, "bad")
    return diagram(process("p", start(), node, flows("start -> bad")))


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_row_is_named_with_its_reason(name) -> None:
    catalog = read_resources([("d.bpmn", refused(name))], Surroundings(forms=set(), decisions=set()))
    said = [finding.message for finding in catalog.findings if finding.element_id == "bad"]
    assert said == [f"{name} is not executed: {REFUSED[name].remark}"]
