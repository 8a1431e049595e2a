"""Mutated diagrams, decisions and forms: reading ends in definitions and findings, never in a traceback."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from server.catalog import read_resources
from server.catalog.elements import ELEMENTS
from server.engine import build_process
from server.model import ProcessDefinition
from tests.unit.catalog.test_resources import RULES
from tests.unit.engine.diagrams import (
    boundary,
    call,
    diagram,
    error,
    error_event,
    flows,
    job,
    mappings,
    message,
    message_event,
    process,
    script,
    start,
    sub_process,
    timer,
    user,
    xor,
    zeebe,
)

WHOLE = diagram(
    message("m", "go", "=case"), error("e", "E"),
    process(
        "p", start(), xor("x", "x_a"),
        user("a", mappings({"i": "=1"}, {"o.p": "=i"}), zeebe("taskSchedule", dueDate="=d")),
        job("b", "mail"), script("s", "=1 + 1", "r"), call("c", "q"), boundary("t", "a", timer("timeDuration", "PT1H")),
        boundary("u", "b", error_event("e")), boundary("v", "b", message_event("m"), interrupting=False),
        sub_process("y", start("y1"), user("y2"), flows("y1 -> y2")),
        flows("start -> x -> a -> s", "x -> b -> c -> y", "t -> s", x_b="=n > 1"),
    ),
)  # fmt: skip
SETTINGS = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
TEXTS = st.one_of(
    st.sampled_from(["", " ", "=",
        "=1 +", "=a.b[", "0", "1", "true", "false", "R0/P", "x", "p", "${x}", "a.b", "𝒳", "=" * 99]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
)  # fmt: skip


def test_the_diagram_that_is_mutated_is_valid() -> None:
    assert read_resources([("d.bpmn", WHOLE)]).findings == ()


def judge(name: str, content: bytes) -> None:
    catalog = read_resources([(name, content)])
    for finding in catalog.findings:
        assert finding.message
        assert finding.path.startswith(name)
    if catalog.findings:
        return
    for file in catalog.processes:  # what is accepted can be built
        record = ProcessDefinition(1, file.process.id, 1, None, None, name, file.content_hash, 1)
        build_process(record, file.process)


@SETTINGS
@given(st.data())
def test_diagrams_with_mutated_elements(data: st.DataObject) -> None:
    root = etree.fromstring(WHOLE)
    for _ in range(data.draw(st.integers(1, 4))):
        elements = list(root.iter())
        target = elements[data.draw(st.integers(1, len(elements) - 1))] if len(elements) > 1 else root
        match data.draw(st.sampled_from(["attribute", "drop", "remove", "copy", "move", "rename", "text"])):
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
    judge("d.bpmn", etree.tostring(root))


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
