"""What requests cost the database: statements and commits, counted beneath the API on both databases.

Not counted: BEGIN and COMMIT, and the one statement that finds out who asks. A statement that the driver executes for
many rows counts once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from api_callers import Installation, start
from load.three_step.client import fill_in
from load.three_step.counting import Count, count_statements
from load.three_step.installation import GROUP, workload_files

from server.access import SYSTEM
from server.service import deployments

if TYPE_CHECKING:
    from collections.abc import Callable

    from api_callers import Caller

PLAIN_STEP = 10
LIST = 5
WIDE = 40


def fork(process_id: str, width: int) -> tuple[str, bytes]:
    """Return a diagram that opens `width` user tasks at once, each with a way of its own to the end."""
    flows = "".join(
        f'<bpmn:sequenceFlow id="to_{n}" sourceRef="fork" targetRef="task_{n}" />'
        f'<bpmn:sequenceFlow id="from_{n}" sourceRef="task_{n}" targetRef="end_{n}" />'
        for n in range(width)
    )
    tasks = "".join(
        f'<bpmn:userTask id="task_{n}" name="Task {n}"><bpmn:extensionElements><zeebe:userTask />'
        f'<zeebe:assignmentDefinition candidateGroups="desk@north" /></bpmn:extensionElements></bpmn:userTask>'
        f'<bpmn:endEvent id="end_{n}" />'
        for n in range(width)
    )
    diagram = (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="http://tests">'
        f'<bpmn:process id="{process_id}" isExecutable="true"><bpmn:startEvent id="start" />'
        '<bpmn:sequenceFlow id="begin" sourceRef="start" targetRef="fork" /><bpmn:parallelGateway id="fork" />'
        f"{tasks}{flows}</bpmn:process></bpmn:definitions>"
    )
    return f"{process_id}.bpmn", diagram.encode()


def deploy(muster: Installation, *files: tuple[str, bytes]) -> None:
    deployments.deploy(muster.context, SYSTEM, files)


def open_tasks(caller: Caller, instance_key: str) -> list[dict[str, Any]]:
    wanted = {"processInstanceKey": instance_key, "state": "CREATED"}
    items: list[dict[str, Any]] = caller.post("/v2/user-tasks/search", {"filter": wanted}).get_json()["items"]
    return items


def count_completion(muster: Installation, caller: Caller, task: dict[str, Any], **variables: object) -> Count:
    with count_statements(muster.app) as count:
        done = caller.post(f"/v2/user-tasks/{task['userTaskKey']}/completion", {"variables": variables})
    assert done.status_code == 204, done.get_data(as_text=True)
    return count


def test_a_step_of_the_workload_is_one_commit_of_few_statements(muster: Installation) -> None:
    deploy(muster, *((name, content.replace(GROUP.encode(), b"desk@north")) for name, content in workload_files()))
    lin = muster.person("lin")
    counts: dict[str, Count] = {}
    for number in (1, 2):  # the second time every definition is known
        key = start(lin, "three_step")
        while tasks := open_tasks(lin, key):
            element = tasks[0]["elementId"]
            counts[element] = count_completion(muster, lin, tasks[0], **fill_in(element, number))
    assert list(counts) == ["register", "handle", "review"]
    assert [count.commits for count in counts.values()] == [1, 1, 1]
    assert [len(count.authentication) for count in counts.values()] == [1, 1, 1]
    assert len(counts["handle"].statements) <= PLAIN_STEP, counts["handle"].statements
    assert len(counts["review"].statements) <= PLAIN_STEP, counts["review"].statements
    # `register` is not plain: a timer waited beside it and goes with it.
    assert len(counts["register"].statements) <= PLAIN_STEP + 1, counts["register"].statements


def test_a_step_costs_the_same_however_much_is_open(muster: Installation) -> None:
    deploy(muster, fork("narrow", 2), fork("wide", WIDE))
    lin = muster.person("lin")
    counts: dict[str, Count] = {}
    for process_id in ("narrow", "wide", "narrow", "wide"):  # the second time both definitions are known
        tasks = open_tasks(lin, start(lin, process_id))
        counts[process_id] = count_completion(muster, lin, tasks[0])
    assert counts["wide"].statements == counts["narrow"].statements
    assert len(counts["wide"].statements) <= PLAIN_STEP
    assert counts["wide"].commits == counts["narrow"].commits == 1


@pytest.mark.parametrize("person", ["lin", "zhao", "admin"], ids=["member", "lead", "administrator"])
def test_a_list_of_a_hundred_tasks_costs_few_statements(
    install: Callable[..., Installation], database_url: str, person: str
) -> None:
    busy = install(database_url)
    names = [f"process_{number}" for number in range(10)]
    deploy(busy, *(fork(name, 10) for name in names))
    for name in names:
        start(busy.admin, name)
    known = busy.person(person)
    known.get("/v2/authentication/me")  # the first use of a token is noted down
    restarted = install(database_url, people=())  # knows no definition yet
    caller = restarted.nobody
    caller.headers = known.headers
    with count_statements(restarted.app) as count:
        page = caller.post("/v2/user-tasks/search", {"filter": {"state": "CREATED"}, "page": {"limit": 100}}).get_json()
    assert len(page["items"]) == 100
    assert {item["processDefinitionId"] for item in page["items"]} == set(names)
    assert len(count.statements) <= LIST, count.statements
    assert count.commits == 0
