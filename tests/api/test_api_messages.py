"""Messages over the API, as Camunda correlates them: each process once, buffered in order, one active start a key."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import check_problem
from api_callers import start as start_instance

from server.access import Actor
from server.service import messages
from server.service.message_starts import due_message_starts, start_next
from server.worker import Worker
from tests.unit.engine.diagrams import (
    boundary,
    catch,
    diagram,
    element,
    event_sub_process,
    extension,
    flows,
    message,
    message_event,
    parallel,
    process,
    repeated,
    start,
    timer,
    zeebe,
)

if TYPE_CHECKING:
    from api_callers import Caller, Installation

PUBLISH, CORRELATE = "/v2/messages/publication", "/v2/messages/correlation"
NEWS = message("m", "news", "=case")
MINUTE = 60_000


ADMIN = Actor("admin", admin=True)
WAITING_NEWS = messages.Publication("news", "7", timedelta(minutes=9))


def user(id_: str) -> str:
    return element("userTask", id_, extension(zeebe("userTask")))


def told(process_id: str, *parts: str) -> bytes:
    return diagram(NEWS, process(process_id, *parts))


def receive(id_: str) -> str:
    return element("receiveTask", id_, messageRef="m")


BEGUN = told("begun", start("go", message_event("m")), user("a"), flows("go -> a"))
CAUGHT = told("caught", start(), catch("c", message_event("m")), user("b"), flows("start -> c -> b"))
OTHER = told("other", start(), catch("c", message_event("m")), user("o"), flows("start -> c -> o"))
LATER = told("later", start(), user("w"), catch("c", message_event("m")), user("b"), flows("start -> w -> c -> b"))
TWICE = told(
    "twice", start(), parallel("f"), catch("c", message_event("m")), user("b"), catch("d", message_event("m")),
    user("e"), flows("start -> f -> c -> b", "f -> d -> e"),
)  # fmt: skip
AGAIN = told(
    "again", start(), user("w"), boundary("n", "w", message_event("m"), interrupting=False), user("x"),
    flows("start -> w", "n -> x"),
)  # fmt: skip
EACH = diagram(
    message("m", "news", "=item"),
    process("each", start(), repeated(receive("r"), inputCollection="=items", inputElement="item"), user("done"),
            flows("start -> r -> done")),
)  # fmt: skip
STOPPING = told(
    "stopping", start(), user("w"), event_sub_process("es", message_event("m"), user("h"), flows("es_start -> h")),
    flows("start -> w"),
)  # fmt: skip
ASIDE = told(
    "aside", start(), user("w"),
    event_sub_process("es", message_event("m"), user("h"), flows("es_start -> h"), interrupting=False),
    flows("start -> w"),
)  # fmt: skip
BOTH = told(
    "both", start("go", message_event("m")), catch("c", message_event("m")), user("b"), flows("go -> c -> b"),
)  # fmt: skip
PAUSED = told(
    "paused", start("go", message_event("m")), catch("t", timer("timeDuration", "PT1H")), flows("go -> t"),
)  # fmt: skip
MODELS = {
    "begun": BEGUN, "caught": CAUGHT, "other": OTHER, "later": LATER, "twice": TWICE, "again": AGAIN, "each": EACH,
    "stopping": STOPPING, "aside": ASIDE, "both": BOTH, "paused": PAUSED,
}  # fmt: skip


def deploy(muster: Installation, *names: str) -> Caller:
    files = [(io.BytesIO(MODELS[name]), f"{name}.bpmn") for name in names]
    data = {"resources": files}
    answer = muster.admin.send("POST", "/v2/deployments", data=data, content_type="multipart/form-data")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return muster.admin


def publish(caller: Caller, key: str = "7", live: int = 0, **more: object) -> int:
    answer = caller.post(PUBLISH, {"name": "news", "correlationKey": key, "timeToLive": live, **more})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return int(answer.get_json()["messageKey"])


def open_tasks(caller: Caller) -> list[str]:
    page: dict[str, Any] = caller.post("/v2/user-tasks/search", {"filter": {"state": "CREATED"}}).get_json()
    return sorted(task["elementId"] for task in page["items"])


def complete(caller: Caller, element_id: str) -> None:
    query = {"filter": {"state": "CREATED", "elementId": element_id}}
    task = caller.post("/v2/user-tasks/search", query).get_json()["items"][0]
    assert caller.post(f"/v2/user-tasks/{task['userTaskKey']}/completion", {}).status_code == 204


def values(caller: Caller, name: str) -> list[str]:
    query = {"filter": {"name": name}, "sort": [{"field": "variableKey"}]}
    return [one["value"] for one in caller.post("/v2/variables/search", query).get_json()["items"]]


def active(caller: Caller, process_id: str) -> int:
    query = {"filter": {"processDefinitionId": process_id, "state": "ACTIVE"}}
    total: int = caller.post("/v2/process-instances/search", query).get_json()["page"]["totalItems"]
    return total


def test_buffered_messages_start_the_next_instance_one_at_a_time_in_order(muster: Installation) -> None:
    admin = deploy(muster, "begun")
    for number in range(3):
        publish(admin, live=MINUTE * 60, variables={"number": number})
        muster.clock.advance(seconds=1)
    worker = Worker(muster.context)
    assert (worker.run_due(), active(admin, "begun")) == (0, 1)
    for number in range(3):
        assert values(admin, "number")[-1] == str(number)
        complete(admin, "a")
        assert worker.run_due() == (1 if number < 2 else 0)
        assert active(admin, "begun") == (1 if number < 2 else 0)
    assert len(values(admin, "number")) == 3


def test_what_expires_meanwhile_starts_nothing(muster: Installation) -> None:
    admin = deploy(muster, "begun")
    publish(admin, live=MINUTE)
    publish(admin, live=MINUTE)
    publish(admin, key="8")
    publish(admin, key="8")
    assert active(admin, "begun") == 2
    muster.clock.advance(minutes=2)
    complete(admin, "a")
    complete(admin, "a")
    assert Worker(muster.context).run_due() == 0
    assert active(admin, "begun") == 0


def test_a_cancelled_instance_makes_room_too_and_an_empty_key_never_waits(muster: Installation) -> None:
    admin = deploy(muster, "begun")
    publish(admin, live=MINUTE)
    publish(admin, live=MINUTE)
    (one,) = admin.post("/v2/process-instances/search", {"filter": {"state": "ACTIVE"}}).get_json()["items"]
    admin.post(f"/v2/process-instances/{one['processInstanceKey']}/cancellation")
    assert Worker(muster.context).run_due() == 1
    assert active(admin, "begun") == 1
    publish(admin, key="", live=MINUTE)
    publish(admin, key="", live=MINUTE)
    publish(admin, key="")
    assert active(admin, "begun") == 4


def test_an_instance_that_ends_by_a_timer_makes_room(muster: Installation) -> None:
    admin = deploy(muster, "paused")
    for _ in range(3):
        publish(admin, live=MINUTE * 1000)
    worker = Worker(muster.context)
    for started in (2, 3, 3):
        muster.clock.advance(hours=1)
        worker.run_due()
        found = admin.post("/v2/process-instances/search", {}).get_json()["page"]["totalItems"]
        assert found == started


def test_publishing_meets_an_ending_instance_and_nothing_is_lost(muster: Installation) -> None:
    admin = deploy(muster, "begun")
    publish(admin, live=MINUTE)
    worker = Worker(muster.context)
    for _ in range(6):
        with ThreadPoolExecutor(3) as pool:
            pool.submit(messages.publish_message, muster.context, ADMIN, WAITING_NEWS)
            pool.submit(complete, admin, "a")
            starts = due_message_starts(muster.context, 9)
            list(pool.map(lambda one: start_next(muster.context, one), starts))
        worker.run_due()
        assert active(admin, "begun") == 1
    complete(admin, "a")
    assert (worker.run_due(), active(admin, "begun")) == (0, 0)
    found = admin.post("/v2/process-instances/search", {}).get_json()["page"]["totalItems"]
    assert found == 7, "every message has started an instance"


def test_several_messages_at_once_start_one_instance(muster: Installation) -> None:
    admin = deploy(muster, "begun")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: messages.publish_message(muster.context, ADMIN, WAITING_NEWS), range(4)))
    assert active(admin, "begun") == 1
    for left in (1, 1, 1, 0):
        complete(admin, "a")
        Worker(muster.context).run_due()
        assert active(admin, "begun") == left


def test_a_message_reaches_every_process_once(muster: Installation) -> None:
    admin = deploy(muster, "begun", "caught", "other", "both")
    for process_id in ("caught", "caught", "other"):
        start_instance(admin, process_id, {"case": 7})
    publish(admin, variables={"case": 7})
    assert open_tasks(admin) == ["a", "b", "o"]
    assert active(admin, "both") == 1, "started by it, and not caught in the same breath"
    publish(admin)
    assert open_tasks(admin) == ["a", "b", "b", "b", "o"], "who waits comes before a start; the second one its turn"
    assert active(admin, "both") == 1


def test_a_message_id_is_known_for_the_time_to_live(muster: Installation) -> None:
    admin = deploy(muster, "caught")
    start_instance(admin, "caught", {"case": 7})
    start_instance(admin, "caught", {"case": 7})
    body = {"name": "news", "correlationKey": "7", "timeToLive": MINUTE, "messageId": "one"}
    assert admin.post(PUBLISH, body).status_code == 200
    assert open_tasks(admin) == ["b"]
    check_problem(admin.post(PUBLISH, body), 409, "ALREADY_EXISTS")
    check_problem(admin.post(PUBLISH, {**body, "timeToLive": 0}), 409, "ALREADY_EXISTS")
    assert open_tasks(admin) == ["b"], "received, and still known"
    assert admin.post(PUBLISH, {**body, "correlationKey": "8"}).status_code == 200
    muster.clock.advance(minutes=1)
    assert admin.post(PUBLISH, body).status_code == 200
    assert open_tasks(admin) == ["b", "b"]


def test_without_time_to_live_nothing_is_kept(muster: Installation) -> None:
    admin = deploy(muster, "caught")
    publish(admin, messageId="x")
    publish(admin, messageId="x")
    start_instance(admin, "caught", {"case": 7})
    assert open_tasks(admin) == []


def test_the_buffer_is_emptied_by_the_clock(muster: Installation) -> None:
    admin = deploy(muster, "caught")
    publish(admin, live=MINUTE)
    muster.clock.advance(seconds=60)
    start_instance(admin, "caught", {"case": 7})
    assert open_tasks(admin) == []
    publish(admin, live=MINUTE)
    assert open_tasks(admin) == ["b"]


def test_buffered_messages_reach_who_waits_later_each_one(muster: Installation) -> None:
    admin = deploy(muster, "caught", "other", "later", "twice")
    publish(admin, live=MINUTE, variables={"n": 1})
    publish(admin, live=MINUTE, variables={"n": 2})
    start_instance(admin, "later", {"case": 7})
    complete(admin, "w")
    assert (open_tasks(admin), values(admin, "n")) == (["b"], ["1"]), "opened and delivered in one step"
    for _ in range(3):
        start_instance(admin, "caught", {"case": 7})
    start_instance(admin, "other", {"case": 7})
    assert open_tasks(admin) == ["b", "b", "b", "o"], "the third of a process finds nothing left"
    start_instance(admin, "twice", {"case": 7})
    assert open_tasks(admin) == ["b", "b", "b", "b", "e", "o"]


def test_two_subscriptions_of_one_instance_take_a_message_each(muster: Installation) -> None:
    admin = deploy(muster, "twice")
    start_instance(admin, "twice", {"case": 7})
    publish(admin)
    assert len(open_tasks(admin)) == 1
    publish(admin)
    assert open_tasks(admin) == ["b", "e"]


def test_one_of_several_instances_with_the_same_key(muster: Installation) -> None:
    admin = deploy(muster, "caught")
    first, second = (start_instance(admin, "caught", {"case": 7}) for _ in range(2))
    start_instance(admin, "caught", {"case": 8})
    reached = [admin.post(CORRELATE, {"name": "news", "correlationKey": "7"}).get_json() for _ in range(2)]
    assert [one["processInstanceKey"] for one in reached] == [first, second]
    check_problem(admin.post(CORRELATE, {"name": "news", "correlationKey": "7"}), 404, "NOT_FOUND")


def test_a_boundary_event_that_does_not_interrupt_takes_every_message(muster: Installation) -> None:
    admin = deploy(muster, "again")
    publish(admin, live=MINUTE)
    publish(admin, live=MINUTE)
    start_instance(admin, "again", {"case": 7})
    assert open_tasks(admin) == ["w", "x", "x"]
    publish(admin)
    publish(admin, live=MINUTE)
    assert open_tasks(admin) == ["w", "x", "x", "x", "x"]


def test_a_receive_task_of_a_multi_instance_has_keys_of_its_own(muster: Installation) -> None:
    admin = deploy(muster, "each")
    start_instance(admin, "each", {"items": ["x", "y"]})
    publish(admin, key="y")
    check_problem(admin.post(CORRELATE, {"name": "news", "correlationKey": "y"}), 404)
    assert open_tasks(admin) == []
    publish(admin, key="x")
    assert open_tasks(admin) == ["done"]


@pytest.mark.parametrize(
    ("process_id", "once", "twice"), [("stopping", ["h"], ["h"]), ("aside", ["h", "w"], ["h", "h", "w"])]
)
def test_event_sub_processes(quick: Installation, process_id: str, once: list[str], twice: list[str]) -> None:
    admin = deploy(quick, process_id)
    start_instance(admin, process_id, {"case": 7})
    publish(admin, variables={"why": 1})
    assert (open_tasks(admin), values(admin, "why")) == (once, ["1"])
    publish(admin)
    assert open_tasks(admin) == twice


def test_correlating_says_who_took_it_or_why_nobody_did(muster: Installation) -> None:
    admin = deploy(muster, "begun")
    body = {"name": "news", "correlationKey": "7"}
    answer = admin.post(CORRELATE, body)
    assert answer.status_code == 200
    (one,) = admin.post("/v2/process-instances/search", {}).get_json()["items"]
    assert answer.get_json()["processInstanceKey"] == one["processInstanceKey"]
    problem = check_problem(admin.post(CORRELATE, body), 404, "NOT_FOUND")
    assert "'begun'" in problem["detail"]
    assert "is active" in problem["detail"]
    publish(admin, live=MINUTE)
    complete(admin, "a")
    check_problem(admin.post(CORRELATE, body), 404)
    assert Worker(muster.context).run_due() == 1, "who was there first starts first"


def test_a_newer_version_takes_over_what_waits(muster: Installation) -> None:
    admin = deploy(muster, "begun")
    publish(admin, live=MINUTE)
    publish(admin, live=MINUTE)
    MODELS["newer"] = BEGUN.replace(b'"a"', b'"newer"').replace(b"go_a", b"go_newer")
    deploy(muster, "newer")
    complete(admin, "a")
    assert Worker(muster.context).run_due() == 1
    assert open_tasks(admin) == ["newer"]


def test_a_version_without_the_message_ends_the_queue(muster: Installation, caplog: pytest.LogCaptureFixture) -> None:
    admin = deploy(muster, "begun")
    publish(admin, live=MINUTE)
    publish(admin, live=MINUTE)
    MODELS["silent"] = told("begun", start(), user("z"), flows("start -> z"))
    deploy(muster, "silent")
    complete(admin, "a")
    Worker(muster.context).run_due()
    assert active(admin, "begun") == 0
    assert "does not begin with this message" in caplog.text


def test_what_a_dying_server_accepted_is_delivered_by_another(
    muster: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = deploy(muster, "caught", "begun")
    start_instance(admin, "caught", {"case": 7})

    def die(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(messages, "_deliver_buffered", die)
        with pytest.raises(SystemExit):
            messages.publish_message(muster.context, ADMIN, WAITING_NEWS)
    assert open_tasks(admin) == []
    Worker(muster.context).run_due()
    assert open_tasks(admin) == ["a", "b"]


def test_what_nobody_may_publish(muster: Installation) -> None:
    admin = deploy(muster, "caught")
    for body in (
        {"name": "news", "timeToLive": -1},
        {"name": "news", "timeToLive": "1"},
        {"name": ""},
        {"name": "news", "messageId": ""},
        {"name": "news", "correlationKey": None},
    ):
        check_problem(admin.post(PUBLISH, body), 400, "INVALID_ARGUMENT")
    check_problem(muster.person("lin").post(CORRELATE, {"name": "news"}), 403)
    check_problem(muster.nobody.post(PUBLISH, {"name": "news"}), 401)
