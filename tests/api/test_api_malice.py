"""What is sent to hurt: bombs of XML, archives and numbers, and lines that were never logged."""

from __future__ import annotations

import io
import itertools
import json
import logging
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import DIAGRAMS, check_problem, find_task

from server.api.bodies import DEEPEST

if TYPE_CHECKING:
    from api_callers import Installation
    from werkzeug.test import TestResponse

LETTERS = "abcdefghij"
LAUGHS = "".join(f'<!ENTITY {outer} "{10 * f"&{inner};"}">' for inner, outer in itertools.pairwise(LETTERS))
BOMB = f'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">{LAUGHS}]>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
BODY = (DIAGRAMS / "two_units.bpmn").read_text(encoding="utf-8").partition("?>")[2]
FILE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def deploy(muster: Installation, text: str, name: str = "x.bpmn") -> TestResponse:
    files = {"resources": [(io.BytesIO(text.encode()), name)]}
    return muster.admin.send("POST", "/v2/deployments", data=files, content_type="multipart/form-data")


@pytest.mark.parametrize("name", ["x.bpmn", "x.dmn"])
@pytest.mark.parametrize("head", [BOMB, OUTSIDE], ids=["a billion laughs", "a file of the server"])
def test_entities_of_xml_are_never_resolved(quick: Installation, head: str, name: str) -> None:
    body = BODY.replace('name="上报事项"', 'name="&a;"').replace('name="First"', 'name="&j;"')
    assert "&a;" in body
    answer = deploy(quick, head + body, name)
    problem = check_problem(answer, 400)
    assert "root:" not in json.dumps(problem)
    assert "lollol" not in json.dumps(problem)
    assert quick.admin.post("/v2/process-definitions/search", {}).get_json()["items"] == []


def test_an_archive_that_unpacks_to_a_thousand_times_its_size_is_not_unpacked(quick: Installation) -> None:
    """A document is an archive; the server looks at its list of names and lets it lie."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f'<Types><Override ContentType="{FILE}.main+xml"/></Types>')
        archive.writestr("word/document.xml", b"\0" * 200_000_000)
    packed.seek(0)
    assert len(packed.getvalue()) < 300_000
    data = {"file": (packed, "bomb.docx")}
    answer = quick.admin.send("POST", "/api/attachments", data=data, content_type="multipart/form-data")
    assert answer.status_code in {201, 422}


NUMBERS: dict[str, tuple[bytes, int]] = {
    "a number of a million digits": (b"1" * 1_000_000, 400),
    "an exponent beyond every double": (b"1e999999", 400),
    "deep objects": (b'{"a":' * (DEEPEST + 5) + b"1" + b"}" * (DEEPEST + 5), 400),
    "very deep lists": (b"[" * 100_000 + b"]" * 100_000, 400),
    "a number that is only large": (b"9" * 300, 200),
    "a small exponent": (b"1e-400", 200),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_numbers_and_depths_in_variables(quick: Installation, case: str) -> None:
    quick.admin.deploy("two_units.bpmn")
    value, status = NUMBERS[case]
    body = '{"processDefinitionId": "上报", "variables": {"x": '.encode() + value + b"}}"
    answer = quick.admin.send("POST", "/v2/process-instances", data=body, content_type="application/json")
    assert answer.status_code == status, answer.get_data(as_text=True)[:300]
    assert len(answer.data) < 5_000


def test_nobody_writes_lines_into_the_log(quick: Installation, caplog: pytest.LogCaptureFixture) -> None:
    """What a caller sends is in the log, if at all, with its line breaks written out."""
    caplog.set_level(logging.DEBUG)
    forged = "x\r\n2026-03-01 ERROR server.access admin signed in"
    quick.admin.deploy("two_units.bpmn")
    start = {"processDefinitionId": "上报", "variables": {"remark": forged}, "businessId": forged}
    quick.person("lin").post("/v2/process-instances", start)
    task = f"/v2/user-tasks/{find_task(quick.person('lin'))['userTaskKey']}"
    quick.admin.post(f"{task}/assignment", {"assignee": forged})
    quick.admin.post("/v2/messages/publication", {"name": forged, "correlationKey": forged, "timeToLive": 60_000})
    quick.admin.post("/v2/signals/broadcast", {"signalName": forged})
    quick.nobody.post("/login", {"username": forged, "password": forged})
    quick.nobody.get(f"/{forged}")
    quick.admin.get("/api/audit", query_string={"actor": forged})
    lines = [line for record in caplog.records for line in record.getMessage().splitlines()]
    assert [line for line in lines if line.startswith("2026-03-01 ERROR")] == []


def test_header_values_cannot_be_broken_out_of(quick: Installation) -> None:
    forged = "a\r\nSet-Cookie: x=1"
    answers: list[Any] = [
        quick.admin.get("/api/lists/issues/rows", query_string={"format": "csv", "status": forged}),
        quick.admin.get(f"/api/lists/{forged}/rows?format=csv"),
        quick.nobody.post("/login", {"username": "lin", "password": "x", "next": f"/{forged}"}),
    ]
    assert not [answer for answer in answers if "x=1" in str(answer.headers.getlist("Set-Cookie"))]
