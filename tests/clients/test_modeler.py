"""The requests of Camunda Modeler's Deploy and Run buttons, one after the other, as it sends them."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest
from permit_desk import FILES, PASSWORD, PERSON

if TYPE_CHECKING:
    from httpx import Response
    from permit_desk import PermitDesk

BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
BROKEN = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="file" targetNamespace="http://t">
  <bpmn:process id="broken" isExecutable="true">
    <bpmn:startEvent id="began" />
    <bpmn:sequenceFlow id="f" sourceRef="began" targetRef="work" />
    <bpmn:serviceTask id="work" name="No job type" />
  </bpmn:process>
</bpmn:definitions>"""


def parts(*files: tuple[str, bytes], tenant: str | None = "<default>") -> bytes:
    """Return a body as Modeler builds it: each file a part `resources` of the type application/octet-stream."""
    body = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="resources"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode()
        + content
        + b"\r\n"
        for name, content in files
    )
    if tenant is not None:
        body += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="tenantId"\r\n\r\n{tenant}\r\n'.encode()
    return body + f"--{BOUNDARY}--\r\n".encode()


def deploy(desk: PermitDesk, body: bytes, **headers: str) -> Response:
    return desk.send(
        "POST", "/v2/deployments", body, Content_Type=f"multipart/form-data; boundary={BOUNDARY}", **headers
    )


def run(desk: PermitDesk, **headers: str) -> None:
    """Ask for the topology, deploy, start, and follow the links that Modeler offers."""
    topology = desk.send("GET", "/v2/topology", **headers)
    assert (topology.status_code, topology.json()["gatewayVersion"], topology.json()["brokers"]) == (200, "8.9.0", [])
    body = parts(*((file.name, file.read_bytes()) for file in FILES))
    deployed = deploy(desk, body, **headers)
    assert deployed.status_code == 200, deployed.text
    (process,) = [one["processDefinition"] for one in deployed.json()["deployments"] if one["processDefinition"]]
    assert process["processDefinitionId"] == "permit"
    start = {"processDefinitionKey": process["processDefinitionKey"], "variables": {"number": "1"}}
    started = desk.send(
        "POST", "/v2/process-instances", json.dumps(start).encode(), Content_Type="application/json", **headers
    )
    assert started.status_code == 200, started.text
    assert started.json()["processDefinitionVersion"] == process["processDefinitionVersion"]


def test_deploy_and_run_without_signing_in(open_desk: PermitDesk) -> None:
    run(open_desk, Authorization="")  # so Modeler says that there are no credentials


def test_deploy_and_run_with_basic(desk: PermitDesk) -> None:
    run(desk)


def test_deploy_and_run_with_a_client_secret(desk: PermitDesk) -> None:
    form = f"grant_type=client_credentials&client_id={desk.client_id}&client_secret={desk.client_secret}&audience=any"
    kind = "application/x-www-form-urlencoded"
    got = desk.send("POST", "/oauth/token", form.encode(), Content_Type=kind, Authorization="")
    assert (got.status_code, got.json()["token_type"]) == (200, "Bearer")
    run(desk, Authorization=f"Bearer {got.json()['access_token']}")


def test_the_topology_never_asks_for_credentials(desk: PermitDesk) -> None:
    """Modeler takes a 401 there for another protocol and tells people something misleading."""
    for header in ("", "Basic", "Basic bm9ib2R5Ondyb25n", "Bearer nonsense"):
        assert desk.send("GET", "/v2/topology", Authorization=header).status_code == 200


@pytest.mark.parametrize("tenant", ["<default>", None])
def test_a_broken_diagram_comes_back_with_its_elements(open_desk: PermitDesk, tenant: str | None) -> None:
    answer = deploy(open_desk, parts(("broken.bpmn", BROKEN), tenant=tenant), Authorization="")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["title"] == "INVALID_ARGUMENT"
    assert "work" in answer.json()["detail"], answer.text
    assert "broken.bpmn" in answer.json()["detail"], answer.text


def test_a_person_who_may_not_deploy_is_told_so(desk: PermitDesk) -> None:
    basic = "Basic " + base64.b64encode(f"{PERSON}:{PASSWORD}".encode()).decode()
    answer = deploy(desk, parts(("broken.bpmn", BROKEN)), Authorization=basic)
    assert (answer.status_code, answer.json()["title"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize("path", ["/processes/2251799813685249", "/processes?process=permit&version=1&active=true"])
def test_the_links_to_operate_are_answered_clearly(desk: PermitDesk, path: str) -> None:
    answer = desk.send("GET", path)
    assert answer.status_code in {200, 302, 303, 404}, answer.text
    assert answer.status_code != 404 or answer.headers["Content-Type"] == "application/problem+json"
