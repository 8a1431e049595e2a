"""Private fields that a diagram or a form would copy: one finding each, with element and path, and none too many."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from server.catalog import read_resources
from server.catalog.resources import Surroundings
from tests.unit.engine.diagrams import (
    diagram,
    element,
    end,
    extension,
    flows,
    job,
    mappings,
    message,
    message_event,
    process,
    script,
    start,
    sub_process,
    user,
    zeebe,
)

if TYPE_CHECKING:
    from server.model import Finding

Component = dict[str, object]
NAME: Component = {"type": "textfield", "id": "n", "key": "reporter.name", "properties": {"privacy": "identity"}}
PHONE: Component = {"type": "textfield", "id": "t", "key": "phone", "properties": {"privacy": "contact"}}
WITNESSES: Component = {"type": "dynamiclist", "id": "w", "path": "people", "components": [dict(PHONE, id="wt")]}
PRIVATE = (NAME, PHONE, WITNESSES)


def form(form_id: str, *components: Component) -> tuple[str, bytes]:
    return f"{form_id}.form", json.dumps({"type": "default", "id": form_id, "components": components}).encode()


def judge(part: str, *files: tuple[str, bytes], top: str = "", deployed: dict[str, str] | None = None) -> list[Finding]:
    """Judge a process: start, a task with the form `report`, a part `x`, end."""
    task = user("u", zeebe("formDefinition", formId="report"))
    content = diagram(top, process("p", start(), task, part, end(), flows("start -> u -> x -> end")))
    existing = deployed or {}
    surroundings = Surroundings(forms=existing.keys(), form_schema=existing.get)
    return list(read_resources([("d.bpmn", content), *files], surroundings).findings)


def rows(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.element_id, finding.path) for finding in findings]


COPIES = {
    "input": (job("x", "t", mappings({"to": "=phone"})), "input[to]"),
    "input by way of a function": (job("x", "t", mappings({"to": '=concatenate([phone], ["x"])'})), "input[to]"),
    "output": (job("x", "t", mappings({}, {"to": "=phone"})), "output[to]"),
    "output into itself": (job("x", "t", mappings({}, {"phone.to": "=phone"})), "output[phone.to]"),
    "script": (script("x", '="tel " + phone', "text"), "script"),
    "a member": (script("x", "=reporter.name", "text"), "script"),
    "the object around it": (script("x", "=reporter", "text"), "script"),
    "the object, computed": (script("x", '=get value(reporter, "name")', "text"), "script"),
    "the list around it": (script("x", "=people", "text"), "script"),
    "one of the list": (script("x", "=people[1].phone", "text"), "script"),
}  # fmt: skip


@pytest.mark.parametrize("case", COPIES)
def test_copies_are_found(case: str) -> None:
    part, where = COPIES[case]
    found = judge(part, form("report", *PRIVATE))
    assert rows(found) == [("x", f"d.bpmn/p/x/{where}")]
    assert "identity vault" in found[0].message
    assert found[0].severity == "error"


HARMLESS = {
    "another variable": job("x", "t", mappings({"to": "=matter"})),
    "a static text": job("x", "t", mappings({"to": "phone"})),
    "the same name within": job("x", "t", mappings({"phone": "=phone"})),
    "another member of the object": script("x", "=reporter.street", "text"),
    "a longer member": script("x", "=reporter.name_of_street", "text"),
    "a member of something else": script("x", "=office.phone", "text"),
    "a longer name": script("x", "=phone_of_office", "text"),
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_copies_nothing_is_left_alone(case: str) -> None:
    assert judge(HARMLESS[case], form("report", *PRIVATE)) == []


def test_without_private_fields_everything_may_be_copied() -> None:
    plain = {"type": "textfield", "id": "t", "key": "phone"}
    assert judge(COPIES["input"][0], form("report", plain)) == []


def test_a_correlation_key_is_a_copy() -> None:
    event = element("intermediateCatchEvent", "x", message_event("m"))
    found = judge(event, form("report", PHONE), top=message("m", "go", "=phone"))
    assert rows(found) == [("x", "d.bpmn/p/x/correlationKey")]


def test_an_output_collection_is_a_copy() -> None:
    loop = zeebe("loopCharacteristics", inputCollection="=[1]", outputCollection="all", outputElement="=phone")
    several = element("multiInstanceLoopCharacteristics", "several", extension(loop))
    worked = extension(zeebe("script", expression="=1", resultVariable="one"))
    part = element("scriptTask", "x", worked + several)
    found = judge(part, form("report", PHONE))
    assert rows(found) == [("x", "d.bpmn/p/x/loopCharacteristics/outputElement")]


def test_copies_inside_sub_processes_are_found() -> None:
    inside = sub_process("x", start("y1"), script("y2", "=phone", "to"), flows("y1 -> y2"))
    assert rows(judge(inside, form("report", PHONE))) == [("y2", "d.bpmn/p/x/y2/script")]


def test_a_form_that_is_deployed_already_counts() -> None:
    part = COPIES["input"][0]
    assert len(judge(part, deployed={"report": form("report", PHONE)[1].decode()})) == 1
    assert judge(part, deployed={"report": "{}"}) == [], "what is no form is told when it is deployed"


COMPUTED = {
    "a computed field": {"type": "expression", "id": "c", "key": "copy", "expression": "=phone"},
    "computed options": {"type": "select", "id": "c", "key": "copy", "valuesExpression": "=[phone]"},
}


@pytest.mark.parametrize("case", COMPUTED)
def test_a_form_that_computes_with_a_private_field_is_refused(case: str) -> None:
    found = judge(element("task", "x"), form("report", PHONE, COMPUTED[case]))
    name = "expression" if case == "a computed field" else "valuesExpression"
    assert rows(found) == [("c", f"d.bpmn/p/form[report]/c/{name}")]


def test_a_computed_field_of_a_row_is_found() -> None:
    computed = {"type": "expression", "id": "c", "key": "copy", "expression": "=this.phone"}
    rows_of_list = dict(WITNESSES, components=[dict(PHONE, id="wt"), computed])
    found = judge(element("task", "x"), form("report", rows_of_list))
    assert rows(found) == [("c", "d.bpmn/p/form[report]/c/expression")]


def test_a_field_is_private_in_all_forms_of_a_process_or_in_none() -> None:
    other = user("x", zeebe("formDefinition", formId="desk"))
    plain = {"type": "textfield", "id": "plain", "key": "phone"}
    found = judge(other, form("report", PHONE), form("desk", plain))
    assert rows(found) == [("plain", "d.bpmn/p/form[desk]/plain/properties")]
    assert judge(other, form("report", PHONE), form("desk", PHONE)) == []
