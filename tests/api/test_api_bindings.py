"""What a diagram binds to its own deployment: found by one look, and the very version of that deployment."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import start as start_instance
from load.three_step.counting import count_statements

from server.store import db
from tests.unit.engine.diagrams import diagram, end, flows, process, start, user, zeebe

if TYPE_CHECKING:
    from api_callers import Caller, Installation

BOUND = diagram(
    process(
        "bound",
        start(),
        user("fill", zeebe("formDefinition", formId="sheet", bindingType="deployment")),
        end(),
        flows("start -> fill -> end"),
    )
)


def form(label: str) -> bytes:
    field = {"type": "textfield", "key": "note", "label": label, "id": "Field_note"}
    return json.dumps({"id": "sheet", "type": "default", "schemaVersion": 18, "components": [field]}).encode()


def deploy(admin: Caller, **files: bytes) -> dict[str, Any]:
    resources = [(io.BytesIO(content), name.replace("_", ".")) for name, content in files.items()]
    data = {"resources": resources}
    answer = admin.send("POST", "/v2/deployments", data=data, content_type="multipart/form-data")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def open_form_key(admin: Caller, instance_key: str) -> str:
    query = {"filter": {"processInstanceKey": instance_key}}
    (task,) = admin.post("/v2/user-tasks/search", query).get_json()["items"]
    key: str = task["formKey"]
    return key


def test_the_version_of_the_deployment_is_bound_also_when_its_content_is_deployed_again_later(
    muster: Installation,
) -> None:
    admin = muster.admin
    first = deploy(admin, sheet_form=form("one"), bound_bpmn=BOUND)
    deploy(admin, sheet_form=form("two"))
    deploy(admin, sheet_form=form("one"))
    key = start_instance(admin, "bound")
    assert open_form_key(admin, key) == first["deployments"][1]["form"]["formKey"]


@pytest.mark.parametrize("forgotten", [False, True])
def test_no_other_file_is_read_to_find_a_bound_form(quick: Installation, *, forgotten: bool) -> None:
    admin = quick.admin
    deployed = deploy(admin, sheet_form=form("one"), bound_bpmn=BOUND)
    if forgotten:  # a deployment of an earlier server
        with quick.context.store.transaction() as tx:
            tx._connection.execute(db.metadata.tables["deployment_definition"].delete())
    with count_statements(quick.app) as count:
        key = start_instance(admin, "bound")
    files = [statement for statement in count.statements if "FROM resource" in statement]
    assert len(files) == (4 if forgotten else 1), files
    assert open_form_key(admin, key) == deployed["deployments"][1]["form"]["formKey"]
