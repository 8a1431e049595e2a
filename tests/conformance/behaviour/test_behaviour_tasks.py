"""Tasks of every kind: jobs, people, scripts, decisions, messages, and those that pass."""

from __future__ import annotations

import pytest

from tests.unit.engine.diagrams import (
    element,
    end,
    error,
    extension,
    flows,
    job,
    mappings,
    message,
    process,
    script,
    start,
    user,
    zeebe,
)

DMN = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
  <decision id="fee" name="fee"><decisionTable id="t" hitPolicy="%s">
    <input id="i"><inputExpression id="e" typeRef="number"><text>age</text></inputExpression></input>
    <output id="o1" name="price" typeRef="number"/>%s
    %s
  </decisionTable></decision>
</definitions>"""


def table(policy: str, *rules: tuple[str, ...], second: bool = False) -> bytes:
    rows = ""
    for number, (test, *outputs) in enumerate(rules):
        entries = "".join(
            f'<outputEntry id="r{number}{n}"><text>{o}</text></outputEntry>' for n, o in enumerate(outputs)
        )
        rows += f'<rule id="r{number}"><inputEntry id="in{number}"><text>{test}</text></inputEntry>{entries}</rule>'
    other = '<output id="o2" name="name" typeRef="string"/>' if second else ""
    return DMN % (policy.encode(), other.encode(), rows.encode())


def lines(task: str) -> str:
    return process("p", start(), task, user("b"), flows("start -> a -> b"))


def rule(extras: str = "", result: str = "fee") -> str:
    called = zeebe("calledDecision", decisionId="fee", resultVariable=result)
    return element("businessRuleTask", "a", extension(called, extras))


@pytest.mark.parametrize(
    ("policy", "rules", "second", "expected"),
    [
        ("UNIQUE", [("&lt; 18", "5"), ("&gt;= 18", "10")], False, 10),
        ("FIRST", [("&gt; 1", "1"), ("-", "2")], False, 1),
        ("COLLECT", [("&gt; 1", "1"), ("-", "2")], False, [1, 2]),
        ('COLLECT" aggregation="SUM', [("&gt; 1", "1"), ("-", "2")], False, 3),
        ("RULE ORDER", [("-", "2"), ("&gt; 1", "1")], False, [2, 1]),
        ("UNIQUE", [("&lt; 18", "5", '"child"'), ("&gt;= 18", "10", '"adult"')], True, {"price": 10, "name": "adult"}),
        (
            "COLLECT",
            [("-", "5", '"x"'), ("-", "6", '"y"')],
            True,
            [{"price": 5, "name": "x"}, {"price": 6, "name": "y"}],
        ),
        ("UNIQUE", [("&lt; 18", "5")], False, None),
    ],
)
def test_business_rule_task(play, policy, rules, second, expected) -> None:
    """The decision's output in the form of its hit policy: a value, a context, a list, or null without a match."""
    play.deploy(lines(rule()), d__dmn=table(policy, *rules, second=second))
    run = play.start(age=30)
    assert (run.tasks, run.variables) == (["b"], {"age": 30, "fee": expected})


def test_business_rule_task_with_outputs(play) -> None:
    """With an output, the result variable stays local."""
    play.deploy(
        lines(rule(mappings({"age": "=person.age"}, {"cost": "=fee * 2"}))), d__dmn=table("FIRST", ("&gt; 1", "5"))
    )
    assert play.start(person={"age": 30}).variables == {"person": {"age": 30}, "cost": 10}


def test_business_rule_task_that_cannot_be_evaluated(play) -> None:
    """A violated hit policy is an incident; changed variables and a resolution go on."""
    play.deploy(lines(rule()), d__dmn=table("UNIQUE", ("&gt; 1", "5"), ("&gt; 2", "6")))
    run = play.start(age=30)
    assert run.incidents == [("a", "DECISION_EVALUATION_ERROR")]
    assert run.resolve(age=2).tasks == ["b"]


def test_business_rule_and_script_task_as_jobs(play) -> None:
    """With a task definition they are worked on by a job worker."""
    for tag in ("businessRuleTask", "scriptTask", "sendTask"):
        play.deploy(lines(element(tag, "a", extension(zeebe("taskDefinition", type="work")))))
        run = play.start()
        run.work("a", got=tag)
        assert run.variables == {"got": tag}


def test_script_task(play) -> None:
    """The value of the expression goes to the result variable, through outputs where there are some."""
    play.deploy(lines(script("a", "={sum: n + 1, list: [n, null]}", "r")))
    assert play.start(n=1).variables == {"n": 1, "r": {"sum": 2, "list": [1, None]}}
    play.deploy(lines(script("a", "=n + 1", "r", mappings(None, {"out": "=r * 2"}))))
    assert play.start(n=1).variables == {"n": 1, "out": 4}


def test_service_task_hands_out_its_job(play) -> None:
    """Type and retries may be expressions; headers and visible variables come along."""
    headers = zeebe("taskHeaders", zeebe("header", key="method", value="GET"))
    play.deploy(lines(job("a", '="work-" + kind', headers, retries="=tries")))
    run = play.start(kind="x", tries=7)
    taken = run.work("a", type_="work-x", ok=True)
    assert (taken["type"], taken["retries"], taken["customHeaders"]) == ("work-x", 7, {"method": "GET"})
    assert (taken["processInstanceKey"], taken["elementId"], taken["kind"]) == (run.key, "a", "BPMN_ELEMENT")
    assert run.variables["ok"] is True


def test_a_failed_job_is_tried_again_until_its_retries_are_gone(play) -> None:
    """A failure with retries left offers the job again; without, incident JOB_NO_RETRIES."""
    play.deploy(lines(job("a")))
    run = play.start()
    assert run.fail("a", retries=1)["retries"] == 3
    assert run.fail("a", retries=0)["retries"] == 1
    assert run.incidents == [("a", "JOB_NO_RETRIES")]
    assert play.take_jobs() == []
    run.resolve()
    run.work("a")
    assert run.tasks == ["b"]


def test_a_job_whose_worker_died_is_offered_again(play) -> None:
    """After its deadline a job goes to the next worker; the first one's work still counts if it comes first."""
    play.deploy(lines(job("a")))
    run = play.start()
    (first,) = play.take_jobs()
    assert play.take_jobs() == []
    play.wait(hours=25)
    (again,) = play.take_jobs()
    assert again["jobKey"] == first["jobKey"]
    run.work("a")
    play.call(f"/jobs/{first['jobKey']}/completion", status=409)
    assert run.tasks == ["b"]


def test_user_task_with_everything(play) -> None:
    """Assignee, candidates, dates and priority by expression; the name and headers of the diagram."""
    task = user("a", zeebe("taskSchedule", dueDate="=due", followUpDate="2026-04-01T09:00:00Z"),
                zeebe("priorityDefinition", priority="=p"), assignee="=who", candidateGroups='=["g1", "g2"]',
                candidateUsers="u1, u2")  # fmt: skip
    play.deploy(lines(task))
    (found,) = play.start(due="2026-03-05T12:00:00+08:00", p=80, who="lin").open_tasks
    assert (found["assignee"], found["candidateGroups"], found["candidateUsers"]) == ("lin", ["g1", "g2"], ["u1", "u2"])
    assert (found["dueDate"], found["followUpDate"]) == ("2026-03-05T04:00:00.000Z", "2026-04-01T09:00:00.000Z")
    assert (found["priority"], found["name"], found["state"]) == (80, "A", "CREATED")


def test_a_user_task_is_completed_once(play) -> None:
    """The second completion is refused and changes nothing."""
    play.deploy(lines(user("a")))
    run = play.start()
    key = run.open_tasks[0]["userTaskKey"]
    run.complete("a", x=1)
    play.call(f"/user-tasks/{key}/completion", {"variables": {"x": 2}}, status=409)
    assert (run.tasks, run.variables) == (["b"], {"x": 1})


def test_an_assignment_that_is_no_text_is_an_incident(play) -> None:
    """Incident EXTRACT_VALUE_ERROR; there is no task until it is resolved."""
    play.deploy(lines(user("a", candidateGroups="=groups")))
    run = play.start(groups=7)
    assert (run.incidents, run.tasks) == ([("a", "EXTRACT_VALUE_ERROR")], [])
    assert run.resolve(groups=["x"]).tasks == ["a"]


def test_receive_task(play) -> None:
    """Waits for a message like a catch event."""
    play.deploy(message("m", "go", "=case"), lines(element("receiveTask", "a", messageRef="m")))
    run = play.start(case=7)
    play.publish("go", "7", x=1)
    assert (run.tasks, run.variables) == (["b"], {"case": 7, "x": 1})


@pytest.mark.parametrize("tag", ["task", "manualTask"])
def test_tasks_that_pass(play, tag) -> None:
    """The engine does not work on manual and undefined tasks; their mappings are applied."""
    play.deploy(lines(element(tag, "a", extension(mappings({"y": "=x + 1"}, {"z": "=y + 1"})))))
    run = play.start(x=1)
    assert (run.tasks, run.variables, run.passed("a")) == (["b"], {"x": 1, "z": 3}, 1)


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        ([element("complexGateway", "a")], "complexGateway"),
        ([element("transaction", "a", start("s"))], "transaction"),
        ([element("serviceTask", "a")], "zeebe:taskDefinition"),
        ([element("intermediateCatchEvent", "a", "<bpmn:conditionalEventDefinition/>")], "conditionalEventDefinition"),
        ([end("a", "<bpmn:compensateEventDefinition/>")], "compensateEventDefinition"),
        ([user("a", inside="<bpmn:standardLoopCharacteristics/>")], "standardLoopCharacteristics"),
    ],
)
def test_what_is_not_executed_is_refused_by_name(play, parts, named) -> None:
    """A deployment with it fails, says which element and why, and changes nothing."""
    detail = play.refuse(error("e", "E"), process("p", start(), *parts, flows("start -> a")))
    assert "a: " in detail
    assert named in detail
    play.call("/process-instances", {"processDefinitionId": "p"}, status=404)
