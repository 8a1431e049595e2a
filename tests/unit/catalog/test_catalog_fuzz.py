"""Mutated diagrams, decisions and forms: reading ends in definitions and findings, never in a traceback."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from server.catalog import read_resources
from server.catalog.elements import ELEMENTS
from server.engine import build_process
from server.model import (
    Incident,
    Job,
    MessageSubscription,
    ProcessDefinition,
    SignalSubscription,
    Timer,
    UserTask,
)
from tests.unit.catalog.test_resources import RULES
from tests.unit.engine.diagrams import (
    ad_hoc,
    boundary,
    call,
    catch,
    diagram,
    end,
    error,
    error_event,
    escalation,
    escalation_event,
    event_gateway,
    event_sub_process,
    flows,
    inclusive,
    job,
    link_catch,
    link_throw,
    mappings,
    message,
    message_event,
    parallel,
    process,
    repeated,
    script,
    signal,
    signal_event,
    start,
    sub_process,
    throw,
    timer,
    user,
    xor,
    zeebe,
)
from tests.unit.engine.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    Choose = Callable[[list], object]

SOON = timer("timeDuration", "PT1H")
WHOLE = diagram(
    message("m", "go", "=case"), error("e", "E"), signal("sig", "all"), escalation("esc", "X"),
    process(
        "p", start(), start("at", timer("timeDate", "2030-01-01T00:00:00Z")), start("on", signal_event("sig")),
        xor("x", "x_a"),
        user("a", mappings({"i": "=1"}, {"o.p": "=i"}), zeebe("taskSchedule", dueDate="=d")),
        job("b", "mail"), script("s", "=1 + 1", "r"), call("c", "p"), boundary("t", "a", timer("timeDuration", "PT1H")),
        boundary("u", "b", error_event("e")), boundary("v", "b", message_event("m"), interrupting=False),
        sub_process(
            "y", start("y1"), user("y2"), throw("y3", escalation_event("esc")), parallel("y4"), catch("y5", SOON),
            inclusive("y6", "y6_y7"), end("y7", '<bpmn:terminateEventDefinition id="td"/>'),
            event_sub_process("y8", message_event("m"), user("y9"), flows("y8_start -> y9"), interrupting=False),
            flows("y1 -> y4 -> y2 -> y3 -> y6 -> y7", "y4 -> y5 -> y6"),
        ),
        boundary("w", "y", escalation_event("esc"), interrupting=False),
        repeated(user("z"), "=numberOfCompletedInstances > 1", inputCollection="=[1, 2, 3]", inputElement="n",
                 outputCollection="all", outputElement="=n"),
        repeated(job("z1"), sequential=True, inputCollection="=[1, 2]"),
        ad_hoc("h", user("h1"), job("h2"), user("h3"), flows("h2 -> h3"), condition="=n > 1",
               activeElementsCollection='=["h1", "h2"]', outputCollection="all", outputElement="=n"),
        event_gateway("g"), catch("g1", SOON), catch("g2", signal_event("sig")), link_throw("l", "L"),
        link_catch("k", "L"), end("f", signal_event("sig")),
        flows("start -> x -> a -> s -> z -> z1 -> h -> g -> g1 -> l", "x -> b -> c -> y", "t -> s", "g -> g2 -> f",
              "at -> s", "on -> s", "k -> y", x_b="=n > 1"),
    ),
)  # fmt: skip
MOST_STEPS = 20
SETTINGS = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
TEXTS = st.one_of(
    st.sampled_from(["", " ", "=",
        "=1 +", "=a.b[", "0", "1", "true", "false", "R0/P", "x", "p", "${x}", "a.b", "𝒳", "=" * 99]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
)  # fmt: skip


def test_the_diagram_that_is_mutated_is_valid_and_runs() -> None:
    assert judge("d.bpmn", WHOLE)
    play(WHOLE, lambda rows: rows[-1])


def play(content: bytes, choose: Choose) -> None:
    """Start an accepted process everywhere it starts and work on what is open: it waits or ends, nothing is raised."""
    deployed = World(content).deployed.by_key[1]
    for node in deployed.process.body.start_events():
        world = World(content).start(at=node.id, n=2, case=1, d=None)
        for _ in range(MOST_STEPS):
            waiting = [*world.tasks.values(), *world.jobs.values(), *world.timers.values(), *world.incidents.values(),
                       *world.subscriptions.values(), *world.signal_subscriptions.values()]  # fmt: skip
            assert bool(waiting) or not world.active or any_token(world), "an instance that nothing can move is stuck"
            if not waiting:
                break
            step(world, choose(waiting))


def any_token(world: World) -> bool:
    """Whether tokens stand where others may never come: at a join, or around elements that an operator lets begin."""
    standing = [token.node.type for token in world.execution.tokens.values() if not token.is_gone]
    return any(found.endswith(("Gateway", "adHocSubProcess")) for found in standing)


def step(world: World, row: object) -> None:
    """Do what an open row asks for."""
    stopped = {one.place.element_instance_key for one in world.incidents.values()}
    place = row.place.element_id
    match row:
        case Incident():
            world.fix(place)
        case _ if row.place.element_instance_key in stopped:
            return
        case UserTask():
            world.complete(place)
        case Job():
            world.finish_job(place)
        case Timer():
            world.fire(place)
        case MessageSubscription():
            world.send(row.message_name, row.correlation_key)
        case SignalSubscription():
            world.signal(row.signal_name)


def judge(name: str, content: bytes) -> bool:
    catalog = read_resources([(name, content)])
    for finding in catalog.findings:
        assert finding.message
        assert finding.path.startswith(name)
    if catalog.findings:
        return False
    for file in catalog.processes:  # what is accepted can be built
        record = ProcessDefinition(1, file.process.id, 1, None, None, name, file.content_hash, 1)
        build_process(record, file.process)
    return bool(catalog.processes)


def mutate(data: st.DataObject) -> bytes:
    """Return the diagram with a few of its elements and attributes changed."""
    root = etree.fromstring(WHOLE)
    for _ in range(data.draw(st.integers(1, 4))):
        elements = list(root.iter())
        target = elements[data.draw(st.integers(1, len(elements) - 1))] if len(elements) > 1 else root
        match data.draw(
            st.sampled_from(["attribute", "drop", "remove", "copy", "move", "rename", "text", "point", "swap"])
        ):
            case "attribute" if target.attrib:
                target.set(data.draw(st.sampled_from(sorted(target.attrib))), data.draw(TEXTS))
            case "drop" if target.attrib:
                del target.attrib[data.draw(st.sampled_from(sorted(target.attrib)))]
            case "remove" if target is not root:
                target.getparent().remove(target)
            case "copy":
                target.append(etree.fromstring(etree.tostring(data.draw(st.sampled_from(elements)))))
            case "move" if target is not root and target.getparent() is not root:
                root.append(target)
            case "rename":
                name = data.draw(st.sampled_from([*sorted(ELEMENTS), "process", "message", "sequenceFlow", "odd"]))
                target.tag = f"{{{etree.QName(target).namespace}}}{name}"
            case "text":
                target.text = data.draw(TEXTS)
            case "point" if refs := sorted(name for name in target.attrib if name.endswith("Ref")):
                ids = sorted({element.get("id", "") for element in elements})
                target.set(data.draw(st.sampled_from(refs)), data.draw(st.sampled_from(ids)))
            case "swap" if len(target) > 1:
                target.append(target[data.draw(st.integers(0, len(target) - 1))])
    return etree.tostring(root)


def judge_and_play(data: st.DataObject) -> None:
    content = mutate(data)
    if judge("d.bpmn", content):
        play(content, lambda rows: rows[data.draw(st.integers(0, len(rows) - 1))])


@SETTINGS
@given(st.data())
def test_diagrams_with_mutated_elements(data: st.DataObject) -> None:
    judge_and_play(data)


@pytest.mark.slow
@settings(SETTINGS, max_examples=8000)
@given(st.data())
def test_very_many_diagrams_with_mutated_elements(data: st.DataObject) -> None:
    judge_and_play(data)


@SETTINGS
@given(st.sampled_from([("d.bpmn", WHOLE), ("d.dmn", RULES.encode())]), st.data())
def test_files_with_mutated_bytes(file: tuple[str, bytes], data: st.DataObject) -> None:
    name, content = file
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content)))
        content = content[:at] + data.draw(st.binary(max_size=4)) + content[at + data.draw(st.integers(0, 8)) :]
    judge(name, content)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["id", "type", "components", "versionTag", "key", "label", "values", "conditional", "validate", "path"]
)


@SETTINGS
@given(
    st.dictionaries(NAMES, JSON, max_size=5),
    st.lists(
        st.dictionaries(NAMES, JSON | st.sampled_from(["textfield", "group", "dynamiclist", "=x"]), max_size=6),
        max_size=3,
    ),
)
def test_forms_of_anything(form: dict[str, object], components: list[dict[str, object]]) -> None:
    judge("f.form", json.dumps({"id": "f", **form}).encode())
    judge("f.form", json.dumps({"components": components, **form, "id": "f"}).encode())


@SETTINGS
@given(st.binary(max_size=200), st.sampled_from(["d.bpmn", "d.dmn", "f.form", "x"]))
def test_bytes_of_anything(content: bytes, name: str) -> None:
    judge(name, content)
