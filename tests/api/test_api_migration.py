"""Running instances move to another definition over HTTP: by the instructions, or with a reason for each refusal."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import START, check_problem, find_task, start
from click.testing import CliRunner

from server.cli import main
from server.model import Condition, Query
from server.service import migration
from server.worker import Worker
from tests.unit.engine.diagrams import (
    boundary,
    call,
    catch,
    diagram,
    end,
    event_sub_process,
    flows,
    job,
    message,
    message_event,
    process,
    script,
    signal,
    signal_event,
    sub_process,
    timer,
    user,
)
from tests.unit.engine.diagrams import start as begin

if TYPE_CHECKING:
    from api_callers import Caller, Installation

EVERY = "everything"


def everything(suffix: str = "", *, more: str = "") -> bytes:
    """Return a process in which every kind of row is open at once."""
    a, j, w, s = f"a{suffix}", f"j{suffix}", f"w{suffix}", f"s{suffix}"
    late, told = f"late{suffix}", f"told{suffix}"
    parts = [
        begin(), user(a), boundary(late, a, timer("timeDuration", "PT4H"), interrupting=False), user("reminded"),
        job(j, "outside"), boundary(told, j, message_event("m"), interrupting=False), user("informed"),
        catch(w, signal_event("alarm")), script(f"bad{suffix}", "=1" if suffix or more else "=missing.x", "r"), end(),
        f'<bpmn:parallelGateway id="f{suffix}"/>',
        sub_process(s, begin("x"), user(f"inside{suffix}"), flows(f"x -> inside{suffix}")),
        flows(f"start -> f{suffix} -> {a}", f"f{suffix} -> {j}", f"f{suffix} -> {w}", f"f{suffix} -> {s}",
              f"f{suffix} -> bad{suffix} -> end", f"{late} -> reminded", f"{told} -> informed"),
    ]  # fmt: skip
    if more:
        parts += [user(more), flows(f"{a} -> {more}")]
    return diagram(message("m", "news", "=case"), signal("alarm", "alarm"), process(EVERY, *parts))


RENAMED = ["a", "j", "w", "s", "late", "told", "bad", "inside"]


def deployed(caller: Caller, *diagrams: bytes) -> list[str]:
    """Deploy versions one after the other and return their keys."""
    keys = []
    for one in diagrams:
        (item,) = caller.deploy_diagrams(one).get_json()["deployments"]
        keys.append(item["processDefinition"]["processDefinitionKey"])
    return keys


def begun(caller: Caller, process_id: str, first: bytes, *later: bytes, **variables: object) -> tuple[str, ...]:
    """Deploy a version, start it, deploy the later ones; return the keys of the instance and of all versions."""
    (old,) = deployed(caller, first)
    return start(caller, process_id, variables), old, *deployed(caller, *later)


def body(target: str, **mapped: str) -> dict[str, Any]:
    instructions = [{"sourceElementId": source, "targetElementId": aim} for source, aim in mapped.items()]
    return {"targetProcessDefinitionKey": target, "mappingInstructions": instructions}


def migrate(caller: Caller, key: str, target: str, **mapped: str) -> Any:
    return caller.post(f"/v2/process-instances/{key}/migration", body(target, **mapped))


def plan(caller: Caller, key: str, target: str, **mapped: str) -> dict[str, Any]:
    answer = caller.post(f"/api/process-instances/{key}/migration-plan", body(target, **mapped))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def search(caller: Caller, noun: str, **filters: object) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = caller.post(f"/v2/{noun}/search", {"filter": filters}).get_json()["items"]
    return items


def test_every_open_row_moves_and_the_work_goes_on(muster: Installation) -> None:
    admin = muster.admin
    key, _, new = begun(admin, EVERY, everything(), everything("2", more="approve"), case="K-1")
    assert migrate(admin, key, new, **{one: f"{one}2" for one in RENAMED}).status_code == 204
    instance = admin.get(f"/v2/process-instances/{key}").get_json()
    assert (instance["processDefinitionKey"], instance["processDefinitionVersion"]) == (new, 2)
    rows = {noun: search(admin, noun, processInstanceKey=key) for noun in ("user-tasks", "incidents")}
    rows["element-instances"] = search(admin, "element-instances", processInstanceKey=key, state="ACTIVE")
    elements = {noun: sorted(row["elementId"] for row in found) for noun, found in rows.items()}
    assert elements == {
        "user-tasks": ["a2", "inside2"], "incidents": ["bad2"],
        "element-instances": ["a2", "bad2", "inside2", "j2", "s2", "w2"],
    }  # fmt: skip
    assert {row["processDefinitionKey"] for found in rows.values() for row in found} == {new}
    assert {row["name"] for row in rows["user-tasks"]} == {"A2", "INSIDE2"}
    with muster.context.store.reading() as reading:
        by_instance = Query((Condition("process_instance_key", "eq", int(key)),))
        timers = reading.search_timers(by_instance).items
        subscriptions = reading.message_subscriptions_of_root(int(key))
        (job_,) = reading.search_jobs(by_instance).items
        (audited,) = reading.search_audit(Query((Condition("operation", "eq", "MIGRATE"),))).items
    assert [(one.place.element_id, one.place.process_definition_key) for one in timers] == [("late2", int(new))]
    assert [(one.place.element_id, one.message_name) for one in subscriptions] == [("told2", "news")]
    assert (job_.place.element_id, job_.place.process_definition_key, job_.type) == ("j2", int(new), "outside")
    assert (audited.actor, audited.entity_type, audited.entity_key) == ("admin", "PROCESS_INSTANCE", key)
    # the work goes on: message, signal, timer, job, incident and tasks reach the elements of the new version
    admin.post("/v2/messages/publication", {"name": "news", "correlationKey": "K-1", "timeToLive": 0})
    admin.post("/v2/signals/broadcast", {"signalName": "alarm"})
    muster.clock.advance(hours=5)
    Worker(muster.context).run_due()
    admin.post(f"/v2/incidents/{rows['incidents'][0]['incidentKey']}/resolution")
    admin.post(f"/v2/jobs/{job_.key}/completion", {})
    for name in ("a2", "inside2", "approve", "reminded", "informed"):
        task = find_task(admin, processInstanceKey=key, elementId=name)
        assert admin.post(f"/v2/user-tasks/{task['userTaskKey']}/completion", {}).status_code == 204
    assert admin.get(f"/v2/process-instances/{key}").get_json()["state"] == "COMPLETED"


def test_tokens_are_counted_where_they_are_now(quick: Installation) -> None:
    admin = quick.admin
    key, old, new = begun(admin, EVERY, everything(), everything("2"), case="K-1")
    migrate(admin, key, new, **{one: f"{one}2" for one in RENAMED})

    def counted(path: str) -> dict[str, tuple[int, int, int]]:
        method = "POST" if path.startswith("/v2/process-definitions") else "GET"
        items = admin.send(method, path).get_json()["items"]
        return {one["elementId"]: (one["active"], one["completed"], one["incidents"]) for one in items}

    of_new = counted(f"/v2/process-definitions/{new}/statistics/element-instances")
    assert of_new == {one: (1, 0, int(one == "bad2")) for one in ("a2", "bad2", "inside2", "j2", "s2", "w2")}
    of_old = counted(f"/v2/process-definitions/{old}/statistics/element-instances")
    assert of_old == {"start": (0, 1, 0), "f": (0, 1, 0), "x": (0, 1, 0)}
    of_instance = counted(f"/v2/process-instances/{key}/statistics/element-instances")
    assert of_instance == of_new | of_old


def test_a_plan_changes_nothing_and_its_instructions_are_exact(quick: Installation) -> None:
    admin = quick.admin
    key, old, new = begun(admin, EVERY, everything(), everything(more="approve"), case="K-1")
    found = plan(admin, key, new)
    assert (found["movable"], found["findings"]) == (True, [])
    assert {one["sourceElementId"] for one in found["mappingInstructions"]} == {*RENAMED}
    assert admin.get(f"/v2/process-instances/{key}").get_json()["processDefinitionKey"] == old
    assert plan(admin, key, new, a="reminded")["movable"], "another user task of the same scope"
    exact = {"targetProcessDefinitionKey": new, "mappingInstructions": found["mappingInstructions"]}
    assert admin.post(f"/v2/process-instances/{key}/migration", exact).status_code == 204
    assert admin.get(f"/v2/process-instances/{key}").get_json()["processDefinitionKey"] == new


def test_what_cannot_move_is_told_completely_and_nothing_changes(muster: Installation) -> None:
    admin = muster.admin
    simple = diagram(process("p", begin(), user("a"), flows("start -> a")))
    typed = diagram(
        process("p", begin(), job("a"), sub_process("s", begin("x"), user("b"), flows("x -> b")),
                flows("start -> a -> s"))
    )  # fmt: skip
    key, old, new = begun(admin, "p", simple, typed)
    for mapped, pointer, said in (
        ({}, "/mappingInstructions", "expected a mapping instruction for the active userTask 'a', found none"),
        ({"a": "a"}, "/mappingInstructions/0", "expected 'a' to be a userTask, found a serviceTask"),
        ({"start": "start", "a": "b"}, "/mappingInstructions/1", "expected 'b' to stand in the process"),
    ):
        problem = check_problem(migrate(admin, key, new, **mapped), 409, "INVALID_STATE")
        (error,) = problem["errors"]
        assert error["pointer"] == pointer
        assert said in error["message"]
        assert "found 1 that cannot move" in problem["detail"]
        found = plan(admin, key, new, **mapped)
        assert found["movable"] is False
        (finding,) = found["findings"]
        assert finding["elementId"] == "a"
        assert finding["advice"]
    assert admin.get(f"/v2/process-instances/{key}").get_json()["processDefinitionKey"] == old
    task = find_task(admin, processInstanceKey=key)
    assert admin.post(f"/v2/user-tasks/{task['userTaskKey']}/completion", {}).status_code == 204


@pytest.mark.parametrize(
    ("sent", "status", "pointer"),
    [
        ({}, 400, "/targetProcessDefinitionKey"),
        ({"targetProcessDefinitionKey": "x", "mappingInstructions": []}, 400, "/targetProcessDefinitionKey"),
        ({"mappingInstructions": []}, 400, "/targetProcessDefinitionKey"),
        ({"mappingInstructions": [{"sourceElementId": "a"}]}, 400, "/mappingInstructions/0/targetElementId"),
        ({"mappingInstructions": [{"sourceElementId": "", "targetElementId": "a"}]}, 400, None),
        ({"mappingInstructions": "a"}, 400, "/mappingInstructions"),
        ({"mappingInstructions": None}, 400, "/mappingInstructions"),
        ({"mappingInstructions": [], "more": 1}, 400, "/more"),
        ({"mappingInstructions": [("a", "a"), ("a", "b")]}, 400, "/mappingInstructions/1/sourceElementId"),
        ({"mappingInstructions": [("gone", "a")]}, 400, "/mappingInstructions/0/sourceElementId"),
        ({"mappingInstructions": [("a", "gone")]}, 400, "/mappingInstructions/0/targetElementId"),
        ({"targetProcessDefinitionKey": "1", "mappingInstructions": [("a", "a")]}, 404, None),
        ({"targetProcessDefinitionKey": "own", "mappingInstructions": [("a", "a")]}, 409, None),
    ],
)  # fmt: skip
def test_bad_input_is_refused(quick: Installation, sent, status, pointer) -> None:
    admin = quick.admin
    own, new = deployed(
        admin,
        diagram(process("p", begin(), user("a"), flows("start -> a"))),
        diagram(process("p", begin(), user("a"), user("b"), flows("start -> a -> b"))),
    )
    key = start(admin, "p")  # the newest version
    body_ = dict(sent)
    if pointer != "/targetProcessDefinitionKey":
        body_.setdefault("targetProcessDefinitionKey", own)
    if body_.get("targetProcessDefinitionKey") == "own":
        body_["targetProcessDefinitionKey"] = new
    if isinstance(body_.get("mappingInstructions"), list):
        body_["mappingInstructions"] = [
            {"sourceElementId": one[0], "targetElementId": one[1]} if isinstance(one, tuple) else one
            for one in body_["mappingInstructions"]
        ]
    for path in (f"/v2/process-instances/{key}/migration", f"/api/process-instances/{key}/migration-plan"):
        problem = check_problem(admin.post(path, body_), status)
        assert pointer is None or pointer in {error["pointer"] for error in problem["errors"]}
    assert admin.get(f"/v2/process-instances/{key}").get_json()["processDefinitionKey"] == new


def test_only_administrators_migrate_and_others_learn_nothing(quick: Installation) -> None:
    admin = quick.admin
    key, _, new = begun(admin, EVERY, everything(), everything(more="approve"), case="K-1")
    for caller, status in (
        (quick.person("wu"), 404), (quick.client("reading", read=True), 403), (quick.client("any", start={"*"}), 404),
        (quick.nobody, 401),
    ):  # fmt: skip
        check_problem(migrate(caller, key, new), status)
        refused = caller.post(f"/api/process-instances/{key}/migration-plan", body(new))
        check_problem(refused, status)
    check_problem(migrate(admin, "17", new), 404)
    check_problem(migrate(admin, "x", new), 400)


def test_ended_instances_do_not_move(quick: Installation) -> None:
    admin = quick.admin
    key, _, new = begun(admin, EVERY, everything(), everything(more="approve"), case="K-1")
    admin.post(f"/v2/process-instances/{key}/cancellation")
    for path in (f"/v2/process-instances/{key}/migration", f"/api/process-instances/{key}/migration-plan"):
        check_problem(admin.post(path, body(new, a="a")), 409, "INVALID_STATE")


def test_a_suspended_instance_moves_and_stays_suspended(quick: Installation) -> None:
    admin = quick.admin
    plain = diagram(process("p", begin(), user("a"), flows("start -> a")))
    timed = diagram(
        process("p", begin(), user("a"), boundary("late", "a", timer("timeDuration", "PT1H")), user("b"),
                flows("start -> a", "late -> b"))
    )  # fmt: skip
    key, _, new = begun(admin, "p", plain, timed)
    assert admin.post(f"/v2/process-instances/{key}/suspension").status_code == 204
    assert migrate(admin, key, new, a="a").status_code == 204
    quick.clock.advance(hours=2)
    Worker(quick.context).run_due()
    assert find_task(admin, processInstanceKey=key)["elementId"] == "a"
    admin.post(f"/v2/process-instances/{key}/resumption")
    Worker(quick.context).run_due()
    assert find_task(admin, processInstanceKey=key)["elementId"] == "b"


def test_a_called_instance_and_its_caller_move_apart(quick: Installation) -> None:
    admin = quick.admin

    def outer(*more: str) -> bytes:
        return diagram(process("outer", begin(), call("c", "inner"), *map(user, more),
                               flows(" -> ".join(["start", "c", *more]))))  # fmt: skip

    def inner(*more: str) -> bytes:
        return diagram(
            process("inner", begin(), user("a"), *map(user, more), flows(" -> ".join(["start", "a", *more])))
        )

    deployed(admin, inner(), outer())
    key = start(admin, "outer")
    (child,) = search(admin, "process-instances", parentProcessInstanceKey=key)
    new_inner, new_outer = deployed(admin, inner("check"), outer("after"))
    assert migrate(admin, key, new_outer, c="c").status_code == 204
    assert migrate(admin, child["processInstanceKey"], new_inner, a="a").status_code == 204
    for expected in ("a", "check", "after"):
        task = find_task(admin, elementId=expected)
        admin.post(f"/v2/user-tasks/{task['userTaskKey']}/completion", {})
    assert admin.get(f"/v2/process-instances/{key}").get_json()["state"] == "COMPLETED"


def test_a_buffered_message_reaches_an_event_that_opens(quick: Installation) -> None:
    admin = quick.admin

    def shape(*, told: bool) -> bytes:
        extra = [boundary("told", "a", message_event("m")), user("b"), flows("told -> b")] if told else []
        return diagram(message("m", "news", "=case"), process("p", begin(), user("a"), *extra, flows("start -> a")))

    (old,) = deployed(admin, shape(told=False))
    key = start(admin, "p", {"case": "K-1"})
    admin.post("/v2/messages/publication", {"name": "news", "correlationKey": "K-1", "timeToLive": 60_000})
    (new,) = deployed(admin, shape(told=True))
    assert plan(admin, key, new)["movable"]
    assert migrate(admin, key, new, a="a").status_code == 204
    assert find_task(admin, processInstanceKey=key)["elementId"] == "b"
    assert old != new


def test_only_one_instance_begins_with_a_correlation_key(quick: Installation) -> None:
    admin = quick.admin

    def messaged(process_id: str, name: str) -> bytes:
        started = f'<bpmn:messageEventDefinition messageRef="m_{process_id}"/>'
        return diagram(
            f'<bpmn:message id="m_{process_id}" name="{name}"/>',
            process(process_id, begin("start", started), user("a"), flows("start -> a")),
        )

    first, second = deployed(admin, messaged("p", "one"), messaged("q", "two"))
    for name in ("one", "two"):
        admin.post("/v2/messages/publication", {"name": name, "correlationKey": "K-1", "timeToLive": 0})
    (instance,) = search(admin, "process-instances", processDefinitionId="p")
    problem = check_problem(migrate(admin, instance["processInstanceKey"], second, a="a"), 409)
    assert "an instance of 'q' that began with a message of the correlation key 'K-1' is active" in problem["detail"]
    (rival,) = search(admin, "process-instances", processDefinitionId="q")
    admin.post(f"/v2/process-instances/{rival['processInstanceKey']}/cancellation")
    assert migrate(admin, instance["processInstanceKey"], second, a="a").status_code == 204
    assert first


def run_command(quick: Installation, *arguments: str) -> tuple[int, list[str]]:
    environment = {"MUSTER_DATABASE_URL": quick.context.config.database_url, "MUSTER_LOG_LEVEL": "ERROR"}
    done = CliRunner().invoke(main, ["instance", "migrate", *arguments], env=environment)
    return done.exit_code, done.output.splitlines()


def test_many_instances_are_moved_by_a_command_and_told_one_by_one(
    quick: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migration, "READ_AT_ONCE", 2)
    admin = quick.admin
    deployed(admin, diagram(process("p", begin(), user("a"), user("b"), flows("start -> a -> b"))))
    keys = [start(admin, "p") for _ in range(3)]
    task = find_task(admin, processInstanceKey=keys[1])
    admin.post(f"/v2/user-tasks/{task['userTaskKey']}/completion", {})
    (new,) = deployed(admin, diagram(process("p", begin(), user("a"), user("c"), flows("start -> a -> c"))))
    for _ in range(2):
        code, lines = run_command(quick, "p", "--from", "1", "--to", "2", "--dry-run")
        assert code == 1
        assert [lines[0], lines[1], lines[3]] == [
            f"{keys[0]}: can move", f"{keys[1]}: cannot move", f"{keys[2]}: can move"
        ]  # fmt: skip
        assert "expected a mapping instruction for the active userTask 'b', found none" in lines[2]
        assert lines[4] == "2 of 3 instances can move, 1 cannot"
    code, lines = run_command(quick, "p", "--from", "1", "--to", "2")
    assert (code, lines[-1]) == (1, "2 of 3 instances moved, 1 cannot")
    code, lines = run_command(quick, "p", "--from", "1", "--to", "2", "--map", "b=c")
    assert (code, lines) == (0, [f"{keys[1]}: moved", "1 of 1 instances moved, 0 cannot"])
    assert {one["processDefinitionKey"] for one in search(admin, "process-instances")} == {new}
    code, lines = run_command(quick, "p", "--from", "1", "--to", "2")
    assert (code, lines) == (0, ["0 of 0 instances moved, 0 cannot"])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["p", "--from", "1", "--to", "9"], 1, "there is no process 'p' in version 9; deploy it first"),
        (["q", "--from", "1", "--to", "1"], 1, "there is no process 'q' in version 1"),
        (["p", "--from", "1"], 2, "--to"),
        (["p", "--from", "1", "--to", "1", "--map", "a"], 2, "expected two element ids with = between them, found 'a'"),
        (["p", "--from", "1", "--to", "1"], 1, "expected another definition than the instance runs on"),
        (["p", "--from", "1", "--to", "1", "--to-process", "r"], 1, "cannot move"),
    ],
)  # fmt: skip
def test_the_command_says_what_is_wrong(quick: Installation, arguments, code, said) -> None:
    admin = quick.admin
    deployed(admin, diagram(process("p", begin(), user("a"), flows("start -> a"))))
    start(admin, "p")
    deployed(admin, diagram(process("r", begin(), user("b"), flows("start -> b"))))
    found, lines = run_command(quick, *arguments)
    assert found == code
    assert said in "\n".join(lines)


def test_an_event_sub_process_can_be_given_to_running_instances(quick: Installation) -> None:
    admin = quick.admin
    plain = diagram(process("p", begin(), user("a"), flows("start -> a")))
    handler = event_sub_process("esp", timer("timeDuration", "PT1H"), user("b"), flows("esp_start -> b"))
    key, _, new = begun(admin, "p", plain, diagram(process("p", begin(), user("a"), handler, flows("start -> a"))))
    migrate(admin, key, new, a="a")
    quick.clock.now = START + timedelta(hours=2)
    Worker(quick.context).run_due()
    assert find_task(admin, processInstanceKey=key)["elementId"] == "b"
