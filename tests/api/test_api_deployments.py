"""Deployments: together or not at all, whatever type the parts say they have."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import DIAGRAMS, check_problem
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from server.api.bodies import MOST_PARTS, TEXT_PART_LIMIT, UPLOAD_LIMIT

if TYPE_CHECKING:
    from api_callers import Installation

PATH = "/v2/deployments"
BROKEN = b"""<?xml version="1.0"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x">
  <process id="broken" isExecutable="true">
    <startEvent id="start"/><sequenceFlow id="f" sourceRef="start" targetRef="manual"/>
    <complexGateway id="manual"/>
  </process>
</definitions>"""
ENTITY = b"""<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><definitions>&e;</definitions>"""


def upload(*files: tuple[str, bytes], **fields: object) -> dict[str, Any]:
    parts = [(io.BytesIO(content), name, "application/octet-stream") for name, content in files]
    return {"data": {"resources": parts, **fields}, "content_type": "multipart/form-data"}


def read(name: str) -> tuple[str, bytes]:
    return name, (DIAGRAMS / name).read_bytes()


def test_the_same_content_keeps_its_version_and_new_content_gets_one(muster: Installation) -> None:
    first = muster.admin.post(PATH, **upload(read("errand.bpmn"), read("check.form"))).get_json()
    again = muster.admin.post(PATH, **upload(read("errand.bpmn"), read("check.form"), tenantId="<default>")).get_json()
    assert first["deployments"] == again["deployments"]
    assert first["deploymentKey"] != again["deploymentKey"]
    name, content = read("errand.bpmn")
    changed = (name, content.replace(b'name="Errand"', b'name="Errand again"'))
    newer = muster.admin.post(PATH, **upload(changed, read("check.form"))).get_json()
    assert newer["deployments"][0]["processDefinition"]["processDefinitionVersion"] == 2
    assert newer["deployments"][1]["form"]["version"] == 1
    definition_key = newer["deployments"][0]["processDefinition"]["processDefinitionKey"]
    search = "/v2/process-definitions/search"
    latest = muster.admin.post(search, {"filter": {"isLatestVersion": True}}).get_json()["items"]
    assert [one["processDefinitionKey"] for one in latest] == [definition_key]
    assert muster.admin.post(search).get_json()["page"]["totalItems"] == 2
    xml = muster.admin.get(f"/v2/process-definitions/{definition_key}/xml")
    assert (xml.mimetype, xml.data) == ("text/xml", changed[1])
    assert muster.admin.get(f"/v2/process-definitions/{definition_key}").get_json()["name"] == "Errand again"
    assert muster.admin.get(f"/v2/process-definitions/{definition_key}/form").status_code == 204


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([("broken.bpmn", BROKEN)], ["manual"]),
        ([("entity.bpmn", ENTITY)], []),
        ([("not.bpmn", b"<definitions")], []),
        ([("empty.bpmn", b"")], []),
        ([("bad.form", b"{")], []),
        ([("x.exe", b"MZ")], []),
        ([("same.form", b"{}"), ("same.form", b"{}")], []),
        ([("", b"x")], []),
    ],
)
def test_what_cannot_be_deployed_gets_400_and_nothing_is_deployed(
    quick: Installation, files: list[tuple[str, bytes]], words: list[str]
) -> None:
    body = check_problem(quick.admin.post(PATH, **upload(read("two_units.bpmn"), *files)), 400, "INVALID_ARGUMENT")
    assert "passwd" not in str(body)
    for word in words:
        assert word in body["detail"], "the Modeler shows the detail: it names the elements"
        assert any(word in error["message"] for error in body["errors"])
    assert quick.admin.post("/v2/process-definitions/search").get_json()["page"]["totalItems"] == 0


NAMELESS = b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n"


def test_malformed_multipart_gets_400(quick: Installation) -> None:
    for options in (
        {"data": {}, "content_type": "multipart/form-data"},
        {"data": {"file": (io.BytesIO(b"x"), "x.bpmn")}, "content_type": "multipart/form-data"},
        {"data": {"resources": "text without a file name"}, "content_type": "multipart/form-data"},
        {"data": b"--x\r\nnonsense", "content_type": "multipart/form-data; boundary=x"},
        {"data": b"nonsense", "content_type": "multipart/form-data"},
        {"data": NAMELESS, "content_type": "multipart/form-data; boundary=x"},
        upload(read("two_units.bpmn"), tenantId="other"),
    ):
        check_problem(quick.admin.post(PATH, **options), 400, "INVALID_ARGUMENT")


def test_too_much_gets_413(quick: Installation) -> None:
    half = b" " * (UPLOAD_LIMIT // 2)
    files = [("resources", FileStorage(io.BytesIO(half), name)) for name in ("a.bpmn", "b.bpmn")]
    for parts in (files, [("x", "y")] * (MOST_PARTS + 1), [("tenantId", "x" * (TEXT_PART_LIMIT + 1))]):
        boundary, raw = encode_multipart(MultiDict(parts))
        response = quick.admin.post(PATH, data=raw, content_type=f"multipart/form-data; boundary={boundary}")
        check_problem(response, 413, "PAYLOAD_TOO_LARGE")


def test_only_administrators_and_clients_with_the_scope_deploy(quick: Installation) -> None:
    quick.client("deployer", deploy=True).deploy("two_units.bpmn")
    for caller in (quick.person("lin"), quick.client("reader", read=True), quick.client("nothing")):
        check_problem(caller.deploy("two_units.bpmn"), 403, "FORBIDDEN")
