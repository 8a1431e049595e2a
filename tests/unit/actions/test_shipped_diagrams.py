import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

import server.actions
from server.actions import ACTIONS, RESERVED_PREFIXES

ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
ROOT = Path(__file__).parents[3]
TEMPLATES = Path(server.actions.__file__).parent / "templates"


def action_tasks() -> Iterator[tuple[str, etree._Element]]:
    for path in sorted(ROOT.glob("processes/*/*.bpmn")):
        tree = etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True))
        for task in tree.iter("{*}serviceTask"):
            definition = task.find(f".//{ZEEBE}taskDefinition")
            if definition is not None and str(definition.get("type")).startswith(RESERVED_PREFIXES):
                yield str(task.get("id")), task


TASKS = dict(action_tasks())


def test_shipped_processes_use_actions_that_exist_and_all_with_rows() -> None:
    used = {task.find(f".//{ZEEBE}taskDefinition").get("type") for task in TASKS.values()}
    assert used <= set(ACTIONS)
    assert {"case.number", "list.add", "list.update"} <= used


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_has_its_template(name: str) -> None:
    template = json.loads((TEMPLATES / f"{name}.json").read_text("utf-8"))
    assert template["properties"][0]["value"] == name


@pytest.mark.parametrize("name", TASKS)
def test_task_is_what_its_template_describes(name: str) -> None:
    task = TASKS[name]
    job_type = task.find(f".//{ZEEBE}taskDefinition").get("type")
    template = json.loads((TEMPLATES / f"{job_type}.json").read_text("utf-8"))
    assert task.get(f"{ZEEBE}modelerTemplate") == template["id"]
    assert task.get(f"{ZEEBE}modelerTemplateVersion") == str(template["version"])
    offered = [entry for entry in template["properties"] if entry["binding"]["type"] == "zeebe:input"]
    given = {entry.get("target") for entry in task.iter(f"{ZEEBE}input")}
    assert given <= {entry["binding"]["name"] for entry in offered}
    assert given >= {entry["binding"]["name"] for entry in offered if not entry.get("optional")}
