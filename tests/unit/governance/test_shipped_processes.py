"""What is shipped fits together: forms, scenarios and matters name units, people and groups of the organisation."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from lxml import etree

from server.governance.organisation import Organisation, parse_organisation
from server.scenario import read_scenarios
from server.scenario.suite import find_scenario_files

ROOT = Path(__file__).parents[3]
FORMS = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(ROOT.glob("forms/*.form"))}
SCENARIOS = find_scenario_files([ROOT / "processes"])
IDENTITY = re.compile(r"name|phone|mobile|address|id_?card", re.IGNORECASE)


@pytest.fixture(scope="module")
def district() -> Organisation:
    return parse_organisation({p.name: p.read_text("utf-8") for p in (ROOT / "organisation").glob("*.yaml")})[0]


def steps_of(steps: list[dict[str, object]]) -> Iterator[dict[str, object]]:
    for step in steps:
        if "do" in step:
            yield from steps_of(step["do"])  # type: ignore[arg-type]
        yield step


def matters() -> list[dict[str, object]]:
    content = yaml.safe_load((ROOT / "examples/matters.yaml").read_text("utf-8"))
    return list(content["matters"])


@pytest.mark.parametrize("form_id", FORMS)
def test_form_is_called_like_its_file_and_asks_for_identities_only_into_the_vault(form_id: str) -> None:
    form = FORMS[form_id]
    assert (form["id"], form["schemaVersion"], form["executionPlatform"]) == (form_id, 18, "Camunda Cloud")
    asked = [one for one in form["components"] if IDENTITY.search(one.get("key", ""))]
    assert [
        one["key"] for one in asked if one.get("properties", {}).get("privacy") not in {"identity", "contact"}
    ] == []


def test_every_form_is_used() -> None:
    diagrams = "".join(path.read_text("utf-8") for path in ROOT.glob("processes/*/*.bpmn"))
    assert set(re.findall(r'formId="(\w+)"', diagrams)) == set(FORMS)


def test_forms_name_no_unit(district: Organisation) -> None:
    """Whoever brings an organisation of their own changes no form."""
    named = {
        form_id: set(re.findall(r'"(\w+)"', json.dumps(form))) & district.units.keys()
        for form_id, form in FORMS.items()
    }
    assert {form_id: units for form_id, units in named.items() if units} == {}


def test_routing_names_departments_only(district: Organisation) -> None:
    table = (ROOT / "processes/three_list_issue/category_routing.dmn").read_text("utf-8")
    named = re.findall(r'_lead_unit">\s*<text>"(\w+)"', table)
    assert named
    assert [unit for unit in named if district.units[unit].kind != "department"] == []


@pytest.mark.parametrize("matter", matters(), ids=lambda matter: str(matter["id"]))
def test_matter_is_played_by_people_of_the_organisation(district: Organisation, matter: dict[str, object]) -> None:
    steps = list(steps_of(matter["steps"]))  # type: ignore[arg-type]
    acting = [step.get("as") for step in steps if "start" in step or "complete" in step]
    assert [name for name in acting if name not in district.people] == []
    assert "ended" in steps[-1] or steps[-1]["list"]["problem"] == [{"status": "closed"}]  # type: ignore[index]


def test_matters_show_what_the_demo_promises() -> None:
    shown = {tag for matter in matters() for tag in matter["shows"]}  # type: ignore[attr-defined]
    assert shown >= {"overdue", "reopened", "department", "community", "refused", "emergency"}
    assert len(matters()) >= 12


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: str(path.relative_to(ROOT)))
def test_scenarios_name_groups_that_somebody_holds(district: Organisation, path: Path) -> None:
    named = set(re.findall(r"\b[a-z_]+@\w+", path.read_text("utf-8")))
    assert [group for group in named if not district.members(group)] == []


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: str(path.relative_to(ROOT)))
def test_scenario_files_hold_texts_where_dates_are_meant(path: Path) -> None:
    steps = [step for scenario in read_scenarios(path) for step in scenario.steps]
    assert json.dumps([step.content for step in steps])  # dates of YAML cannot be written as JSON


INPUTS = "{*}extensionElements/{*}ioMapping/{*}input"
LOOP = "{*}multiInstanceLoopCharacteristics"


def find_shared_results(scope: etree._Element, own: frozenset[str]) -> Iterator[str]:
    """Give what decisions and scripts write beyond the instance of a parallel activity that they stand in."""
    for element in scope.iterfind("{*}*"):
        kept = {one.get("target") for one in element.iterfind("{*}extensionElements/{*}ioMapping/{*}output")}
        results = {one.get("resultVariable") for one in element.iterfind("{*}extensionElements/*[@resultVariable]")}
        yield from (f"{element.get('id')}: {name}" for name in (set() if kept else results) - own)
        if element.tag.endswith("}subProcess"):
            yield from find_shared_results(element, own | {one.get("target") for one in element.iterfind(INPUTS)})


@pytest.mark.parametrize("path", sorted(ROOT.glob("processes/*/*.bpmn")), ids=lambda path: path.stem)
def test_what_one_of_several_at_once_finds_out_is_its_own(path: Path) -> None:
    """A result that several instances write to one variable is the last one's for all of them."""
    for activity in etree.parse(path).iterfind(".//{*}subProcess"):
        loop = activity.find(LOOP)
        if loop is not None and loop.get("isSequential") != "true":
            own = frozenset(str(one.get("target")) for one in activity.iterfind(INPUTS))
            assert list(find_shared_results(activity, own)) == [], activity.get("id")
