"""Templates of activities that are no actions: what Modeler offers for 办理, 升级, 派单 and 联席会议 is executed."""

from __future__ import annotations

import json
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest

import server.actions
from server.catalog import read_resources

ROOT = Path(__file__).parents[3]
FOLDER = Path(server.actions.__file__).parent / "templates" / "activities"
TEMPLATES = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}


def apply(template: dict[str, object]) -> str:
    """Give the diagram that Modeler makes of a template with its own values."""
    extensions: dict[str, dict[str, str]] = {}
    mappings, message = [], ""
    for entry in template["properties"]:  # type: ignore[attr-defined]
        binding, value = entry["binding"], entry.get("value", "")
        kind = binding["type"]
        if kind == "zeebe:input":
            mappings.append(f"<zeebe:input source={quoteattr(value)} target={quoteattr(binding['name'])}/>")
        elif kind == "zeebe:output":
            mappings.append(f"<zeebe:output source={quoteattr(binding['source'])} target={quoteattr(value)}/>")
        elif kind == "bpmn:Message#property":
            message = f'<bpmn:message id="m" name={quoteattr(value)}>@</bpmn:message>'
        elif kind == "bpmn:Message#zeebe:subscription#property":
            key = f"<zeebe:subscription correlationKey={quoteattr(value)}/>"
            message = message.replace("@", f"<bpmn:extensionElements>{key}</bpmn:extensionElements>")
        elif value or kind == "zeebe:userTask":
            extensions.setdefault(kind, {})
            if "property" in binding:
                extensions[kind][binding["property"]] = value
    inside = "".join(
        f"<{kind} {' '.join(f'{name}={quoteattr(value)}' for name, value in values.items())}/>"
        for kind, values in extensions.items()
    )
    if mappings:
        inside += f"<zeebe:ioMapping>{''.join(mappings)}</zeebe:ioMapping>"
    kind = template["elementType"]["value"].removeprefix("bpmn:")  # type: ignore[index]
    tag = kind[0].lower() + kind[1:]
    reference = ' messageRef="m"' if message else ""
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
        ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="urn:test">'
        f'{message}<bpmn:process id="p" isExecutable="true"><bpmn:startEvent id="s"/><bpmn:{tag} id="a"{reference}>'
        f"<bpmn:extensionElements>{inside}</bpmn:extensionElements></bpmn:{tag}>"
        '<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="a"/></bpmn:process></bpmn:definitions>'
    )


def test_the_activities_that_people_ask_for_are_offered() -> None:
    names = {name: template["name"].split(" ")[0] for name, template in TEMPLATES.items()}
    assert names == {"await_meeting": "联席会议", "escalate": "升级", "handle": "办理", "order": "派单"}


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_a_template_makes_is_executed(name: str) -> None:
    assert TEMPLATES[name]["id"] == f"muster.activity.{name}"
    forms = [(path.name, path.read_bytes()) for path in sorted((ROOT / "forms").glob("*.form"))]
    catalog = read_resources([("p.bpmn", apply(TEMPLATES[name]).encode()), *forms])
    assert catalog.errors == ()
    assert [one.process.id for one in catalog.processes] == ["p"]


def test_the_order_asks_for_what_the_process_needs() -> None:
    read = (ROOT / "processes" / "department_order" / "README.md").read_text("utf-8")
    needed = read[read.index("**In**, needed:") : read.index("| in, may be left out")]
    inputs = [one["id"] for one in TEMPLATES["order"]["properties"] if one["binding"]["type"] == "zeebe:input"]
    assert [one for one in inputs if f"`{one}`" not in needed] == []
    assert needed.count("`") // 2 == len(inputs) + len(("U1", "U4"))
