"""Incidents and elements of one instance, or of one element: with all that happens inside it and in what it called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api_callers import check_problem, start

from tests.unit.engine.diagrams import call, diagram, end, flows, parallel, process, sub_process, xor
from tests.unit.engine.diagrams import start as begin

if TYPE_CHECKING:
    from api_callers import Caller, Installation


def stopping(name: str) -> str:
    """Draw a gateway that stops at a condition that is neither true nor false."""
    paths = flows(f"{name} -> {name}_end", **{f"{name}_{name}_end": "=missing"})
    return xor(name) + end(f"{name}_end") + paths


CALLED = process("called", begin(), stopping("deep"), flows("start -> deep"))
INNER = begin("inside") + call("calling", "called") + flows("inside -> calling")
OUTER = process(
    "outer",
    begin(),
    parallel("split"),
    stopping("beside"),
    sub_process("around", INNER),
    flows("start -> split -> beside", "split -> around"),
)


def elements(caller: Caller, path: str, **filters: object) -> list[str]:
    page = caller.post(path, {"filter": filters, "sort": [{"field": "elementId"}]})
    assert page.status_code == 200, page.get_data(as_text=True)
    return [one["elementId"] for one in page.get_json()["items"]]


def test_an_instance_has_the_incidents_of_all_that_it_called(muster: Installation) -> None:
    admin = muster.admin
    admin.deploy_diagrams(diagram(CALLED), diagram(OUTER))
    key, other = start(admin, "outer"), start(admin, "outer")
    path = f"/v2/process-instances/{key}/incidents/search"
    assert elements(admin, path) == ["beside", "deep"]
    assert elements(admin, path, elementId="deep", state="ACTIVE") == ["deep"]
    found = admin.post("/v2/process-instances/search", {"filter": {"parentProcessInstanceKey": other}}).get_json()
    (called,) = found["items"]
    assert elements(admin, f"/v2/process-instances/{called['processInstanceKey']}/incidents/search") == ["deep"]


def test_an_element_has_the_incidents_of_what_is_inside_it(muster: Installation) -> None:
    admin = muster.admin
    admin.deploy_diagrams(diagram(CALLED), diagram(OUTER))
    key = start(admin, "outer")
    body = {"filter": {"processInstanceKey": key}}
    visits: dict[str, Any] = {
        one["elementId"]: one["elementInstanceKey"]
        for one in admin.post("/v2/element-instances/search", body).get_json()["items"]
    }
    expected = {"around": ["deep"], "calling": ["deep"], "beside": ["beside"], "split": []}
    for element, stopped in expected.items():
        assert elements(admin, f"/v2/element-instances/{visits[element]}/incidents/search") == stopped


def test_only_who_may_see_incidents_finds_them(quick: Installation) -> None:
    quick.admin.deploy_diagrams(diagram(CALLED))
    key = start(quick.person("wu"), "called")
    path = f"/v2/process-instances/{key}/incidents/search"
    assert elements(quick.client("reading", read=True), path) == ["deep"]
    check_problem(quick.person("wu").post(path, {}), 403)
    check_problem(quick.client("nothing").post(path, {}), 404)
    for unknown in ("/v2/process-instances/1/incidents/search", "/v2/element-instances/1/incidents/search"):
        check_problem(quick.admin.post(unknown, {}), 404)
    check_problem(quick.admin.post(path, {"filter": {"colour": "red"}}), 400)


def test_elements_are_found_by_type_and_by_what_they_are_inside_of(muster: Installation) -> None:
    admin, search = muster.admin, "/v2/element-instances/search"
    admin.deploy_diagrams(diagram(CALLED), diagram(OUTER))
    key = start(admin, "outer")
    assert elements(admin, search, processInstanceKey=key, type="SUB_PROCESS") == ["around"]
    (around,) = admin.post(search, {"filter": {"elementId": "around"}}).get_json()["items"]
    assert elements(admin, search, elementInstanceScopeKey=around["elementInstanceKey"]) == ["calling", "inside"]
    assert elements(admin, search, elementInstanceScopeKey=key) == ["around", "beside", "split", "start"]
    assert elements(admin, search, elementInstanceScopeKey="7") == []
    check_problem(admin.post(search, {"filter": {"type": "ELEPHANT"}}), 400)


def test_instances_are_found_by_what_stopped_them(muster: Installation) -> None:
    admin, search = muster.admin, "/v2/process-instances/search"
    admin.deploy_diagrams(diagram(CALLED))
    key = start(admin, "called")
    for wanted, found in (({"$like": "*missing*"}, [key]), ({"$like": "*elephant*"}, [])):
        page = admin.post(search, {"filter": {"errorMessage": wanted}}).get_json()
        assert [one["processInstanceKey"] for one in page["items"]] == found
    page = admin.post(search, {"filter": {"processDefinitionName": "elephant"}}).get_json()
    assert page["items"] == []
    page = admin.post(search, {"filter": {"processDefinitionVersionTag": {"$exists": False}}}).get_json()
    assert len(page["items"]) == 1


def test_a_filter_of_null_asks_for_nothing(quick: Installation) -> None:
    answer = quick.admin.post("/v2/jobs/search", {"filter": {"deadline": None, "isDenied": None}})
    assert answer.status_code == 200
    check_problem(quick.admin.post("/v2/jobs/search", {"filter": {"deadline": "soon"}}), 400)
    check_problem(quick.admin.post("/v2/jobs/search", {"filter": {"retries": None}}), 400)
