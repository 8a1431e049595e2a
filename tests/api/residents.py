"""A city where residents report, for the tests of what becomes of their names; and the public door of a district."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import zstandard
from api_callers import Caller, find_task
from sqlalchemy import select

from server.access import SYSTEM
from server.model import Query, Unit
from server.service import identity
from server.store import db

if TYPE_CHECKING:
    from api_callers import Installation
    from werkzeug.test import TestResponse

NAME, PHONE, OTHER_PHONE = "Zhang Meiling-Marked", "13800138777", "13900139666"
REASON = "the department asks when she is at home"
FRAME = b"\x28\xb5\x2f\xfd"
FILES = ("petition.bpmn", "petition_report.form", "petition_desk.form")


@dataclass
class City:
    """An installation with a street, a community below it, a department, and their leads."""

    muster: Installation
    answers: list[bytes] = field(default_factory=list)

    def start(self, **more: object) -> str:
        given = {"matter": "noise", "reporter": {"name": NAME, "street": "Long"}, "reporter_phone": PHONE, **more}
        body = {"processDefinitionId": "petition", "variables": given}
        answer = self.hear(self.muster.person("lin").post("/v2/process-instances", body))
        key: str = answer.get_json()["processInstanceKey"]
        return key

    def hear(self, answer: TestResponse) -> TestResponse:
        self.answers.append(answer.data)
        assert answer.status_code < 300, answer.get_json()
        return answer

    def variables(self, key: str) -> dict[str, Any]:
        wanted = {"filter": {"processInstanceKey": key}}
        found = self.hear(self.muster.admin.post("/v2/variables/search", wanted)).get_json()["items"]
        return {one["name"]: json.loads(one["value"]) for one in found}

    def ask(self, name: str, key: str, reason: str = REASON) -> TestResponse:
        body = {"purpose": "REPLY", "reason": reason}
        return self.muster.person(name).post(f"/api/vault/{key}/reveal-requests", body)

    def reveal(self, name: str, key: str, reason: str = REASON) -> TestResponse:
        """Ask, have a lead of the street approve, and open; the first refusal is the answer."""
        asked = self.ask(name, key, reason)
        if asked.status_code != 201:
            return asked
        path = f"/api/vault/reveal-requests/{asked.get_json()['requestKey']}"
        second = self.muster.person("far" if name == "street" else "street")
        assert second.post(f"{path}/approval").status_code == 200
        return self.muster.person(name).post(f"{path}/reveal")

    def complete(self, name: str, instance: str, **variables: object) -> TestResponse:
        person = self.muster.person(name)
        task = find_task(person, processInstanceKey=instance)["userTaskKey"]
        return person.post(f"/v2/user-tasks/{task}/completion", {"variables": variables})


def open_city(muster: Installation) -> City:
    """Return a city with people of every kind."""
    assert muster.admin.deploy(*FILES).status_code == 200
    with muster.context.store.transaction() as tx:
        tx.put_units(
            [
                Unit("minghu", "明湖区", "district"),
                Unit("jinxiu", "锦绣街道", "street", "minghu"),
                Unit("wanghe", "望河街道", "street", "minghu"),
                Unit("north", "北社区", "community", "jinxiu"),
                Unit("south", "城管", "department", "minghu"),
            ]
        )
    people = {
        "street": ("street_lead@jinxiu", "desk@north"),
        "other_street": ("street_lead@wanghe", "desk@north"),
        "department": ("dept_head@south", "desk@north"),
        "far": ("street_lead@jinxiu",),  # has nothing to do with the case, but for leading its street
    }
    for name, groups in people.items():
        identity.add_user(muster.context, SYSTEM, name, None, groups=groups)
    return City(muster)


def audit(muster: Installation) -> list[tuple[str, str, str, str]]:
    with muster.context.store.reading() as reading:
        found = reading.search_audit(Query(limit=1000)).items
    return [(one.actor, one.operation, one.entity_key, one.result) for one in found]


REPORT = {
    "matter": "三号楼楼道堆放旧家具，我叫李建国，电话13812345678",
    "category": "neighbour",
    "place": "锦程社区 3 号楼",
    "street": "jinxiu",
    "community": "jincheng",
    "contact_pref": "web",
    "privacy_notice_ack": True,
}


def resident(district: Installation) -> Caller:
    return Caller(district.app)


def report(district: Installation, **changes: object) -> dict[str, Any]:
    headers = changes.pop("headers", {})
    body = {"variables": {**REPORT, **changes}}
    answer = resident(district).post("/api/public/reports", body, headers=headers)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return dict(answer.json)


def track(district: Installation, receipt: dict[str, Any], below: str = "", body: object = None) -> TestResponse:
    path, headers = f"/api/public/reports/{receipt['caseNo']}{below}", {"X-Tracking-Secret": receipt["secret"]}
    method = "GET" if body is None else "POST"
    options = {} if body is None else {"json": body}
    return resident(district).send(method, path, headers=headers, **options)


def read_everything(muster: Installation) -> dict[str, str]:
    """Return the content of every table as text, blobs unpacked."""
    with muster.context.store._engine.connect() as connection:
        return {
            table.name: "\n".join(readable(value) for row in connection.execute(select(table)) for value in row)
            for table in db.metadata.sorted_tables
        }


def readable(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        raw = bytes(value)
        start = raw.find(FRAME)
        if start >= 0:
            raw += zstandard.ZstdDecompressor().decompressobj().decompress(raw[start:])
        return raw.decode("latin-1")
    return str(value)
