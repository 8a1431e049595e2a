"""`Idempotency-Key`: the same request twice does one thing, whoever dies in between."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import check_problem, find_task
from sqlalchemy import event
from test_api_messages import BEGUN, CAUGHT, OTHER

from server.service import messages
from server.store import db
from server.worker import Worker

if TYPE_CHECKING:
    from api_callers import Caller, Installation
    from werkzeug.test import TestResponse

START, PUBLISH, CORRELATE = "/v2/process-instances", "/v2/messages/publication", "/v2/messages/correlation"
KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
BODY: dict[str, Any] = {"processDefinitionId": "上报", "variables": {"remark": "x"}}
TABLE = db.metadata.tables["idempotent_request"]


@pytest.fixture
def town(muster: Installation) -> Installation:
    assert muster.admin.deploy("two_units.bpmn").status_code == 200
    assert muster.admin.deploy_diagrams(CAUGHT, OTHER).status_code == 200
    return muster


def instances(town: Installation, process_id: str = "上报") -> int:
    query = {"filter": {"processDefinitionId": process_id}}
    total: int = town.admin.post("/v2/process-instances/search", query).get_json()["page"]["totalItems"]
    return total


def kept(town: Installation) -> int:
    with town.context.store._engine.connect() as connection:
        return len(connection.execute(TABLE.select()).all())


def start(caller: Caller, body: dict[str, Any] = BODY, **headers: str) -> TestResponse:
    return caller.post(START, body, headers={**KEY, **headers})


def test_a_start_is_done_once_and_answered_alike(town: Installation) -> None:
    lin = town.person("lin")
    first, again = (start(lin, **{"Muster-Return": "next-tasks"}).get_json() for _ in range(2))
    assert first == again
    assert len(first["userTasks"]) == 1
    quoted = start(lin, **{"Idempotency-Key": f'"{KEY["Idempotency-Key"]}"'})
    assert quoted.get_json()["processInstanceKey"] == first["processInstanceKey"], "as RFC 8941 writes a string"
    text = '{ "variables": {"remark": "x"},\n "processDefinitionId": "上报"}'.encode()
    spaced = lin.send("POST", START, data=text, content_type="application/json", headers=KEY)
    assert spaced.get_json()["processInstanceKey"] == first["processInstanceKey"], "the same, written otherwise"
    assert instances(town) == 1


def test_the_key_stands_for_one_request_of_one_person(town: Installation) -> None:
    lin = town.person("lin")
    first = start(lin).get_json()["processInstanceKey"]
    check_problem(start(lin, {**BODY, "variables": {"remark": "y"}}), 422)
    check_problem(lin.post(START + "?x=1", BODY, headers=KEY), 422)
    assert instances(town) == 1
    other = start(town.person("he")).get_json()["processInstanceKey"]
    assert other != first, "keys of others are not known"
    assert lin.post(START, BODY, headers={"Idempotency-Key": "another"}).get_json()["processInstanceKey"] != first
    assert instances(town) == 3


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "with space", '""', "naïve"])
def test_unusable_keys(town: Installation, key: str) -> None:
    check_problem(start(town.person("lin"), **{"Idempotency-Key": key}), 400)
    assert instances(town) == 0


def test_what_was_refused_leaves_the_key_free(town: Installation) -> None:
    lin = town.person("lin")
    check_problem(start(lin, {"processDefinitionId": "nothing"}), 404)
    assert kept(town) == 0
    assert start(lin).status_code == 200


def test_a_key_is_forgotten_after_a_day(town: Installation) -> None:
    lin = town.person("lin")
    first = start(lin).get_json()["processInstanceKey"]
    town.clock.advance(hours=23, minutes=59)
    assert start(lin).get_json()["processInstanceKey"] == first
    town.clock.advance(minutes=2)
    second = start(lin).get_json()["processInstanceKey"]
    assert second != first
    town.clock.advance(hours=25)
    Worker(town.context).run_due()
    assert kept(town) == 0


def test_a_commit_that_fails_takes_the_key_along(town: Installation) -> None:
    lin, engine = town.person("lin"), town.context.store._engine
    failures: list[object] = []

    def fail(connection: object) -> None:
        if not failures:
            failures.append(connection)
            raise OSError("power cut")

    event.listen(engine, "commit", fail)
    answer = start(lin)
    event.remove(engine, "commit", fail)
    assert answer.status_code in {500, 503}
    assert (kept(town), instances(town)) == (0, 0)
    assert start(lin).status_code == 200
    assert instances(town) == 1


def test_many_at_once_start_one(town: Installation) -> None:
    lin = town.person("lin")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: start(lin), range(16)))
    done = [answer for answer in answers if answer.status_code == 200]
    assert len({answer.get_json()["processInstanceKey"] for answer in done}) == 1
    assert all(answer.status_code in {200, 409} for answer in answers)
    assert all(answer.headers["Retry-After"] for answer in answers if answer.status_code == 409)
    assert instances(town) == 1


def test_a_completion_is_done_once(town: Installation) -> None:
    lin = town.person("lin")
    start(lin)
    path = f"/v2/user-tasks/{find_task(lin)['userTaskKey']}/completion"
    headers = {**KEY, "Muster-Return": "next-tasks"}
    check_problem(lin.post(path, {"variables": {"remark": "seen"}}, headers=headers), 422)
    headers["Idempotency-Key"] = "completing"
    first, again = (lin.post(path, {"variables": {"remark": "seen"}}, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.get_json() == again.get_json()
    check_problem(lin.post(path, {"variables": {"remark": "other"}}, headers=headers), 422)
    check_problem(lin.post(path, {"variables": {"remark": "seen"}}), 409)


@pytest.mark.parametrize("live", [0, 60_000])
def test_a_message_is_published_once(town: Installation, live: int) -> None:
    admin = town.admin
    for _ in range(2):
        admin.post(START, {"processDefinitionId": "caught", "variables": {"case": 7}})
    body = {"name": "news", "correlationKey": "7", "timeToLive": live}
    first, again = (admin.post(PUBLISH, body, headers=KEY).get_json() for _ in range(2))
    assert first == again
    page = admin.post("/v2/user-tasks/search", {"filter": {"state": "CREATED", "elementId": "b"}}).get_json()
    assert page["page"]["totalItems"] == 1, "the second instance still waits"


def test_a_correlation_is_done_once(town: Installation) -> None:
    admin = town.admin
    body = {"name": "news", "correlationKey": "7"}
    check_problem(admin.post(CORRELATE, body, headers=KEY), 404)
    assert kept(town) == 0, "it came to nothing, so it may be sent again"
    for _ in range(2):
        admin.post(START, {"processDefinitionId": "caught", "variables": {"case": 7}})
    first, again = (admin.post(CORRELATE, body, headers=KEY).get_json() for _ in range(2))
    assert first == again
    assert admin.post(CORRELATE, body).get_json()["processInstanceKey"] != first["processInstanceKey"]


def test_a_publication_whose_server_died_is_taken_up_after_a_minute(
    town: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = town.admin
    for process_id in ("caught", "other"):
        admin.post(START, {"processDefinitionId": process_id, "variables": {"case": 7}})
    delivered = messages._correlate
    body = {"name": "news", "correlationKey": "7"}

    def die_after_the_first(*given: Any) -> bool:
        delivered(*given)
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(messages, "_correlate", die_after_the_first)
        with pytest.raises(SystemExit):
            admin.post(PUBLISH, body, headers=KEY)
    busy = admin.post(PUBLISH, body, headers=KEY)
    check_problem(busy, 409)
    assert busy.headers["Retry-After"]
    town.clock.advance(seconds=61)
    first, again = (admin.post(PUBLISH, body, headers=KEY) for _ in range(2))
    assert first.get_json() == again.get_json()
    query = {"filter": {"state": "CREATED"}}
    found = admin.post("/v2/user-tasks/search", query).get_json()["items"]
    assert sorted(task["elementId"] for task in found) == ["b", "o"], "each once"


def test_starts_by_message_are_done_once(town: Installation) -> None:
    town.admin.deploy_diagrams(BEGUN)
    body = {"name": "news", "correlationKey": "", "variables": {}}
    for _ in range(3):
        assert town.admin.post(PUBLISH, body, headers=KEY).status_code == 200
    assert instances(town, "begun") == 1
