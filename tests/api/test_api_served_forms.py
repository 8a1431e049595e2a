"""Forms over the API hold the units of the organisation as plain options, and the server takes exactly those."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from api_callers import check_problem, find_task, start

from server.access import SYSTEM
from server.service import identity

if TYPE_CHECKING:
    from api_callers import Caller, Installation

REPORT = {
    "matter": "楼道堆放旧家具",
    "category": "neighbour",
    "place": "锦程社区 3 号楼",
    "street": "jinxiu",
    "community": "jincheng",
    "channel": "web",
    "contact_pref": "web",
    "privacy_notice_ack": True,
}


def served_fields(caller: Caller, path: str) -> dict[str, Any]:
    components = json.loads(caller.get(path).get_json()["schema"])["components"]
    return {component["key"]: component for component in components if "key" in component}


def values_of(field: dict[str, Any]) -> set[str]:
    return {option["value"] for option in field["values"]}


def test_start_forms_and_task_forms_offer_the_units_there_are(shipped: Installation) -> None:
    search = {"filter": {"processDefinitionId": "three_list_issue"}}
    found = shipped.admin.post("/v2/process-definitions/search", search)
    key = found.get_json()["items"][0]["processDefinitionKey"]
    fields = served_fields(shipped.admin, f"/v2/process-definitions/{key}/form")
    assert {"jinxiu", "wanghe"} <= values_of(fields["street"])
    assert {"jincheng", "hepan"} <= values_of(fields["community"])
    instance = start(shipped.admin, "three_list_issue", REPORT)
    task = find_task(shipped.admin, processInstanceKey=instance)["userTaskKey"]
    community = served_fields(shipped.admin, f"/v2/user-tasks/{task}/form")["community"]
    assert "jincheng" in values_of(community)
    assert "hepan" not in values_of(community)
    described = shipped.admin.get(f"/api/user-tasks/{task}/form.schema.json").get_json()["properties"]["community"]
    assert set(described["enum"]) == values_of(community)


def test_a_community_of_another_street_is_refused(shipped: Installation) -> None:
    variables = {**REPORT, "community": "hepan"}
    body = {"processDefinitionId": "three_list_issue", "variables": variables}
    problem = check_problem(shipped.admin.post("/v2/process-instances", body), 422)
    assert [error["pointer"] for error in problem["errors"]] == ["/community"]


def test_a_renamed_unit_is_offered_by_its_new_name(shipped: Installation) -> None:
    with shipped.context.store.transaction() as tx:
        street = tx.unit("jinxiu")
        assert street is not None
        tx.put_units([type(street)(street.unit_id, "新锦绣街道", street.kind, street.parent_id)])
    search = {"filter": {"processDefinitionId": "three_list_issue"}}
    found = shipped.admin.post("/v2/process-definitions/search", search)
    key = found.get_json()["items"][0]["processDefinitionKey"]
    offered = served_fields(shipped.admin, f"/v2/process-definitions/{key}/form")["street"]["values"]
    assert {"label": "新锦绣街道", "value": "jinxiu"} in offered


def test_forms_offer_who_holds_a_role_and_can_sign_in(shipped: Installation) -> None:
    groups = ["dept_head@chengguan"]
    for name in ("present", "gone"):
        identity.add_user(shipped.context, SYSTEM, name, None, groups=groups)
    identity.disable_user(shipped.context, SYSTEM, "gone")
    search = {"filter": {"processDefinitionId": "document_countersign"}}
    found = shipped.admin.post("/v2/process-definitions/search", search).get_json()["items"][0]
    offered = served_fields(shipped.admin, f"/v2/process-definitions/{found['processDefinitionKey']}/form")["signers"]
    assert "present" in values_of(offered)
    assert "gone" not in values_of(offered)
