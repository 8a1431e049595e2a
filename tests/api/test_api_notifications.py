"""What people are told: each event once, in the way they chose, and nothing of what residents entered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from api_callers import check_problem, start

from server.courier import Courier
from server.model import MailServer
from tests.unit.engine.diagrams import diagram, flows, job, mappings, process, user
from tests.unit.engine.diagrams import start as start_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from api_callers import Caller, Installation

ASSIGNMENT = '<zeebe:assignmentDefinition candidateGroups="desk@north" />'
MAIL_SERVER = MailServer("127.0.0.1", 1, "none", "muster@district.example")


def errand(assignment: str = ASSIGNMENT, schedule: str = "") -> bytes:
    return diagram(process("errand", start_event(), user("do", assignment, schedule), flows("start -> do"))).replace(
        b'<bpmn:process id="errand"', '<bpmn:process id="errand" name="跑腿 &amp; more"'.encode(), 1
    )


def listed(caller: Caller, query: str = "") -> list[dict[str, Any]]:
    answer = caller.get(f"/api/notifications{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: list[dict[str, Any]] = answer.get_json()["items"]
    return found


def told(caller: Caller) -> list[str]:
    return [one["type"] for one in listed(caller)]


def prefer(caller: Caller, **wishes: object) -> None:
    answer = caller.send("PUT", "/api/notification-preferences", json=wishes)
    assert answer.status_code == 204, answer.get_data(as_text=True)


def deliveries(muster: Installation, **filters: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = muster.admin.post("/api/deliveries/search", {"filter": filters}).get_json()["items"]
    return found


def open_task(caller: Caller) -> str:
    (task,) = caller.post("/v2/user-tasks/search", {"filter": {"state": "CREATED"}}).get_json()["items"]
    key: str = task["userTaskKey"]
    return key


def test_a_new_task_is_told_once_to_everybody_who_may_do_it(muster: Installation) -> None:
    muster.admin.deploy_diagrams(errand())
    key = start(muster.admin, "errand", {"case_no": "JX-2026-000001", "resident": "王大妈 13800138000"})
    for _ in range(3):
        Courier(muster.context).run_due()
    (notice,) = listed(muster.person("lin"))
    assert (notice["type"], notice["caseNumber"], notice["processInstanceKey"]) == (
        "TASK_CREATED",
        "JX-2026-000001",
        key,
    )
    assert told(muster.person("he")) == ["TASK_CREATED"]
    assert told(muster.person("wu")) == []
    assert "138" not in str(notice)
    assert "王" not in str(notice)


def test_what_is_no_case_number_is_not_told(quick: Installation) -> None:
    quick.admin.deploy_diagrams(errand())
    start(quick.admin, "errand", {"case_no": "王大妈"})
    Courier(quick.context).run_due()
    assert listed(quick.person("lin"))[0]["caseNumber"] is None


def test_a_task_that_nobody_can_do_is_told_to_administrators(quick: Installation) -> None:
    quick.admin.deploy_diagrams(errand('<zeebe:assignmentDefinition candidateGroups="desk@moon" />'))
    start(quick.person("lin"), "errand")
    Courier(quick.context).run_due()
    assert told(quick.admin) == ["TASK_UNSTAFFED"]


def test_urgency_is_told_once_each_and_anew_when_the_date_moves(muster: Installation) -> None:
    schedule = '<zeebe:taskSchedule dueDate="2026-03-11T08:00:00Z" />'
    muster.admin.deploy_diagrams(errand(schedule=schedule))
    start(muster.admin, "errand")
    courier, lin = Courier(muster.context), muster.person("lin")
    courier.run_due()
    muster.clock.advance(days=8, hours=23)
    courier.run_due()
    assert told(lin) == ["TASK_CREATED"], "due soon is at most a day before"
    muster.clock.advance(hours=2)
    courier.run_due()
    courier.run_due()
    assert told(lin) == ["TASK_DUE_SOON", "TASK_CREATED"]
    muster.clock.advance(days=2)
    courier.run_due()
    courier.run_due()
    assert told(lin) == ["TASK_OVERDUE", "TASK_DUE_SOON", "TASK_CREATED"]
    moved = muster.admin.send(
        "PATCH", f"/v2/user-tasks/{open_task(lin)}", json={"changeset": {"dueDate": "2026-03-20T08:00:00Z"}}
    )
    assert moved.status_code == 204
    courier.run_due()
    assert len(told(lin)) == 3
    muster.clock.advance(days=30)
    courier.run_due()
    assert told(lin)[0] == "TASK_OVERDUE"
    assert len(told(lin)) == 4


def test_who_is_given_a_task_and_whose_case_is_closed_are_told(muster: Installation) -> None:
    muster.admin.deploy_diagrams(errand())
    start(muster.person("wu"), "errand")
    zhao = muster.person("zhao")
    given = muster.admin.post(f"/v2/user-tasks/{open_task(muster.person('lin'))}/assignment", {"assignee": "lin"})
    assert given.status_code == 204
    courier, lin = Courier(muster.context), muster.person("lin")
    courier.run_due()
    assert "TASK_ASSIGNED" in told(lin)
    assert lin.post(f"/v2/user-tasks/{open_task(lin)}/completion", {}).status_code == 204
    courier.run_due()
    courier.run_due()
    assert told(muster.person("wu")) == ["CASE_CLOSED"]
    assert told(lin).count("CASE_CLOSED") == 1
    assert told(zhao) == []


def test_notifications_are_counted_paged_and_read(quick: Installation) -> None:
    quick.admin.deploy_diagrams(errand())
    for _ in range(3):
        start(quick.admin, "errand")
    Courier(quick.context).run_due()
    lin, he = quick.person("lin"), quick.person("he")
    first = lin.get("/api/notifications?limit=2").get_json()
    assert len(first["items"]) == 2
    rest = lin.get(f"/api/notifications?limit=2&before={first['next']}").get_json()
    assert len(rest["items"]) == 1
    assert rest["next"] is None
    assert lin.get("/api/notifications/count").get_json() == {"total": 3, "unread": 3}
    read = {"keys": [first["items"][0]["notificationKey"]]}
    assert he.post("/api/notifications/read", read).get_json() == {"marked": 0}, "of another person"
    assert lin.post("/api/notifications/read", read).get_json() == {"marked": 1}
    assert lin.post("/api/notifications/read", read).get_json() == {"marked": 0}
    assert len(listed(lin, "?unread=true")) == 2
    assert lin.post("/api/notifications/read", {}).get_json() == {"marked": 2}
    assert lin.get("/api/notifications/count").get_json() == {"total": 3, "unread": 0}
    assert he.get("/api/notifications/count").get_json() == {"total": 3, "unread": 3}


@pytest.mark.parametrize(
    ("wishes", "mails", "shown"),
    [
        ({"email": "lin@x.example"}, 1, 1),
        ({"email": None}, 0, 1),
        ({"email": "lin@x.example", "ways": {"TASK_CREATED": ["APP"]}}, 0, 1),
        ({"email": "lin@x.example", "ways": {"TASK_CREATED": ["MAIL"]}}, 1, 0),
        ({"email": "lin@x.example", "ways": {"TASK_CREATED": []}}, 0, 0),
        ({"email": "lin@x.example", "digest": "DAILY"}, 0, 1),
    ],
)
def test_people_choose_how_they_are_told(
    install: Callable[..., Installation], database_url: str, wishes: dict[str, object], mails: int, shown: int
) -> None:
    muster = install(database_url, mail_server=MAIL_SERVER)
    prefer(muster.person("lin"), **wishes)
    muster.admin.deploy_diagrams(errand())
    start(muster.admin, "errand")
    Courier(muster.context)._announce()
    assert len(deliveries(muster, recipient="lin")) == mails
    assert len(listed(muster.person("lin"))) == shown


def test_quiet_hours_put_mail_off_until_their_end(install: Callable[..., Installation], sqlite_url: str) -> None:
    muster = install(sqlite_url, mail_server=MAIL_SERVER)
    prefer(muster.person("lin"), email="lin@x.example", quietFrom="15:30", quietUntil="07:00")
    prefer(muster.person("he"), email="he@x.example", quietFrom="01:00", quietUntil="07:00")
    muster.admin.deploy_diagrams(errand())
    start(muster.admin, "errand")  # at 16:00 in Shanghai
    Courier(muster.context)._announce()
    due = {one["recipient"]: one["dueDate"] for one in deliveries(muster)}
    assert due == {"lin": "2026-03-01T23:00:00.000Z", "he": "2026-03-01T08:00:00.000Z"}


@pytest.mark.parametrize(("digest", "days"), [("DAILY", 1), ("WEEKLY", 1)], ids=["daily", "weekly"])
def test_a_digest_gathers_and_is_sent_once(
    install: Callable[..., Installation], database_url: str, digest: str, days: int
) -> None:
    muster = install(database_url, mail_server=MAIL_SERVER)  # 1 March 2026 is a Sunday
    prefer(muster.person("lin"), email="lin@x.example", digest=digest, language="en")
    muster.admin.deploy_diagrams(errand())
    for _ in range(2):
        start(muster.admin, "errand")
    Courier(muster.context).run_due()
    assert deliveries(muster) == []
    muster.clock.advance(days=days)  # Monday, 16:00 in Shanghai
    for _ in range(2):
        Courier(muster.context)._keep_up()
    (mail,) = deliveries(muster)
    with muster.context.store.reading() as reading:
        found = reading.delivery(int(mail["deliveryKey"]))
    assert found is not None
    assert found.content["subject"] == "2 notifications"
    assert str(found.content["html"]).count("跑腿 &amp; more") == 2
    muster.clock.advance(days=days)
    Courier(muster.context)._keep_up()
    assert len(deliveries(muster)) == 1


def test_preferences_are_ones_own_and_administrators(quick: Installation) -> None:
    lin, path = quick.person("lin"), "/api/users/lin/notification-preferences"
    assert lin.get(path).get_json()["digest"] == "IMMEDIATELY"
    assert (
        quick.admin.send(
            "PUT", path, json={"email": "lin@x.example", "quietFrom": "22:00", "quietUntil": "06:30"}
        ).status_code
        == 204
    )
    assert lin.get("/api/notification-preferences").get_json()["quietUntil"] == "06:30"
    check_problem(quick.person("he").get(path), 404, "NOT_FOUND")
    check_problem(quick.person("he").send("PUT", path, json={}), 404, "NOT_FOUND")
    check_problem(quick.admin.get("/api/users/nobody/notification-preferences"), 404, "NOT_FOUND")


@pytest.mark.parametrize(
    "wishes",
    [
        {"email": "lin"},
        {"email": "lin@x.example\r\nBcc: a@b.example"},
        {"email": "a@b.example, c@d.example"},
        {"email": 7},
        {"language": "fr"},
        {"digest": "HOURLY"},
        {"quietFrom": "22:00"},
        {"quietFrom": "25:00", "quietUntil": "06:00"},
        {"ways": {"TASK_CREATED": ["FAX"]}},
        {"ways": {"BIRTHDAY": ["APP"]}},
        {"ways": []},
        {"phone": "1"},
    ],
)
def test_unusable_preferences_change_nothing(quick: Installation, wishes: dict[str, object]) -> None:
    lin = quick.person("lin")
    prefer(lin, email="lin@x.example")
    check_problem(lin.send("PUT", "/api/notification-preferences", json=wishes), 400, "INVALID_ARGUMENT")
    assert lin.get("/api/notification-preferences").get_json()["email"] == "lin@x.example"


def test_what_leaves_the_house_is_for_administrators(quick: Installation) -> None:
    lin, reader = quick.person("lin"), quick.client("reader", read=True)
    for caller in (lin, reader):
        check_problem(caller.post("/api/deliveries/search", {}), 403, "FORBIDDEN")
        check_problem(caller.post("/api/deliveries/1/retry", {}), 403, "FORBIDDEN")
        check_problem(caller.get("/api/webhooks"), 403, "FORBIDDEN")
        check_problem(caller.post("/api/webhooks", {"name": "a", "url": "https://a.example"}), 403, "FORBIDDEN")
    check_problem(reader.get("/api/notifications"), 403, "FORBIDDEN")
    check_problem(reader.get("/api/notifications/count"), 403, "FORBIDDEN")
    check_problem(quick.admin.post("/api/deliveries/1/retry", {}), 404, "NOT_FOUND")


@pytest.mark.parametrize(
    "hook",
    [
        {"name": "A B", "url": "https://a.example"},
        {"name": "a", "url": "ftp://a.example"},
        {"name": "a", "url": "https://"},
        {"name": "a", "url": "https://u:p@a.example"},
        {"name": "a", "url": "https://a.example/#x"},
        {"name": "a", "url": "https://a.example:99999/"},
        {"name": "a", "url": "https://a.example/\r\nX: 1"},
        {"name": "a", "url": "https://a.example", "events": ["BIRTHDAY"]},
        {"name": "a"},
    ],
)
def test_unusable_webhooks_are_refused(quick: Installation, hook: dict[str, object]) -> None:
    check_problem(quick.admin.post("/api/webhooks", hook), 400, "INVALID_ARGUMENT")
    assert quick.admin.get("/api/webhooks").get_json() == {"items": []}


def test_a_webhook_shows_its_secret_once(muster: Installation) -> None:
    hook = {"name": "oa", "url": "https://oa.example/hook", "events": ["CASE_CLOSED"]}
    made = muster.admin.post("/api/webhooks", hook).get_json()
    assert made["secret"].startswith("whsec_")
    (shown,) = muster.admin.get("/api/webhooks").get_json()["items"]
    assert shown == {name: value for name, value in made.items() if name != "secret"}
    check_problem(muster.admin.post("/api/webhooks", hook), 409, "ALREADY_EXISTS")
    assert muster.admin.send("DELETE", "/api/webhooks/oa").status_code == 204
    check_problem(muster.admin.send("DELETE", "/api/webhooks/oa"), 404, "NOT_FOUND")


def test_a_diagram_tells_a_person_and_a_group(muster: Installation) -> None:
    headers = '<zeebe:taskHeaders><zeebe:header key="subject" value="请于今日核实" /></zeebe:taskHeaders>'
    telling = diagram(
        process(
            "telling", start_event(),
            job("one", "notify.person", mappings({"person": '="wu"'}), headers),
            job("all", "notify.group", mappings({"group": '="desk@north"'})),
            user("after"), flows("start -> one -> all -> after"),
        )
    )  # fmt: skip
    muster.admin.deploy_diagrams(telling)
    start(muster.admin, "telling")
    Courier(muster.context).run_due()
    (notice,) = listed(muster.person("wu"))
    assert (notice["type"], notice["subject"]) == ("MESSAGE", "请于今日核实")
    assert told(muster.person("lin")) == told(muster.person("he")) == ["MESSAGE"]
    assert "MESSAGE" not in told(muster.admin)


def test_telling_nobody_is_an_incident(quick: Installation) -> None:
    telling = diagram(
        process("telling", start_event(), job("one", "notify.person", mappings({"person": '="ghost"'})), user("after"),
                flows("start -> one -> after"))
    )  # fmt: skip
    quick.admin.deploy_diagrams(telling)
    start(quick.admin, "telling")
    (incident,) = quick.admin.post("/v2/incidents/search", {"filter": {"state": "ACTIVE"}}).get_json()["items"]
    assert "ghost" in incident["errorMessage"]


def test_who_is_mentioned_copied_reminded_and_handed_a_task_is_told(muster: Installation) -> None:
    muster.admin.deploy_diagrams(errand())
    start(muster.person("wu"), "errand")
    lin, he, zhao = (muster.person(name) for name in ("lin", "he", "zhao"))
    courier, key = Courier(muster.context), open_task(lin)
    courier.run_due()
    said = lin.post(f"/api/user-tasks/{key}/comments", {"text": "@he please look"})
    assert said.status_code in {200, 201}, said.get_data(as_text=True)
    courier.run_due()
    assert told(he) == ["MENTIONED", "TASK_CREATED"]
    assert told(lin) == ["TASK_CREATED"], "who did it is not told"
    reminded = zhao.post(f"/api/user-tasks/{key}/reminder", {"reason": "residents are waiting"})
    assert reminded.status_code == 204, reminded.get_data(as_text=True)
    courier.run_due()
    assert told(lin)[0] == told(he)[0] == "REMINDED"
    assert lin.post(f"/v2/user-tasks/{key}/assignment", {"assignee": "lin"}).status_code == 204
    given = lin.post(f"/api/user-tasks/{key}/transfer", {"assignee": "he", "reason": "yours"})
    assert given.status_code == 204, given.get_data(as_text=True)
    courier.run_due()
    assert told(lin)[0] == "REMINDED"
    assert told(he)[0] == "TASK_ASSIGNED"
