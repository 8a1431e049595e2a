from __future__ import annotations

from datetime import UTC, datetime

import pytest

from server.errors import Conflict, InvalidArgument
from server.model import FormDefinition
from tests.unit.engine.diagrams import (
    diagram,
    element,
    end,
    extension,
    flows,
    job,
    mappings,
    process,
    script,
    start,
    user,
    zeebe,
)


def one_task(*extras: str, **assignment: str) -> bytes:
    return diagram(process("p", start(), user("a", *extras, **assignment), end(), flows("start -> a -> end")))


def test_user_task_carries_what_the_diagram_says(world) -> None:
    shown = one_task(
        zeebe("taskSchedule", dueDate='=now() + duration("P1D")', followUpDate="2026-03-03T09:00:00"),
        zeebe("priorityDefinition", priority="=10 + 20"),
        zeebe("taskHeaders", zeebe("header", key="hint", value="look twice")),
        assignee="=who",
        candidateGroups='=["desk@" + street, "lead@" + street]',
        candidateUsers="ann, bob",
    )  # fmt: skip
    run = world(shown).start(who="cid", street="jinxiu")
    (task,) = run.tasks.values()
    assert (task.name, task.assignee, task.priority) == ("A", "cid", 30)
    assert task.candidate_groups == ("desk@jinxiu", "lead@jinxiu")
    assert task.candidate_users == ("ann", "bob")
    assert task.due_date == datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
    assert task.follow_up_date == datetime(2026, 3, 3, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
    assert task.custom_headers == {"hint": "look twice"}


def test_one_text_is_a_list_of_one_group(world) -> None:
    run = world(one_task(candidateGroups='="desk@" + street')).start(street="jinxiu")
    (task,) = run.tasks.values()
    assert task.candidate_groups == ("desk@jinxiu",)


@pytest.mark.parametrize(
    ("extra", "assignment", "repair"),
    [
        ("", {"assignee": "=nobody.name"}, {"nobody": {"name": "ann"}}),
        ("", {"candidateGroups": "=groups"}, {"groups": ["desk"]}),
        (zeebe("taskSchedule", dueDate="=due"), {}, {"due": "2026-03-05T09:00:00+08:00"}),
        (zeebe("priorityDefinition", priority="=prio"), {}, {"prio": 7}),
    ],
)
def test_a_failing_assignment_is_an_incident_that_variables_repair(world, extra, assignment, repair) -> None:
    run = world(one_task(extra, **assignment)).start(due="soon", prio=1000, groups=3)
    assert run.open == []
    (incident,) = run.incidents.values()
    assert incident.type == "EXTRACT_VALUE_ERROR"
    assert run.active
    run.resolve(**repair)
    assert run.open == ["a"]
    assert run.passed("ENTERED").count("a") == 1


def test_resolving_without_a_repair_opens_a_new_incident(world) -> None:
    run = world(one_task(assignee="=nobody.name")).start()
    (first,) = run.incidents
    run.resolve()
    (second,) = run.incidents
    assert first != second


def test_missing_form_is_an_incident_until_it_is_deployed(world) -> None:
    run = world(one_task(zeebe("formDefinition", formId="f")))
    run.start()
    (incident,) = run.incidents.values()
    assert (incident.type, "'f'" in incident.message) == ("FORM_NOT_FOUND", True)
    run.deployed.forms["f"] = FormDefinition(77, "f", 1, "f.form", "h", 1, "{}")
    run.resolve()
    (task,) = run.tasks.values()
    assert task.form_key == 77


def test_completing_twice_is_a_conflict(world) -> None:
    two = diagram(process("p", start(), user("a"), user("b"), flows("start -> a -> b")))
    run = world(two).start()
    (task,) = run.tasks.values()
    run.complete("a")
    run.tasks[task.key] = task
    with pytest.raises(Conflict, match="has ended"):
        run.complete("a")


def test_variables_that_no_database_can_hold_are_refused_before_anything_changes(world) -> None:
    run = world(one_task()).start()
    for bad in ({"x": float("nan")}, {"x": "a\x00b"}, {"x": "\ud800"}, {"x": 10**1001}, {"x": object()}):
        with pytest.raises(InvalidArgument):
            run.complete("a", **bad)
    assert run.open == ["a"]
    run.complete("a", x=10**30, y=0.5, z=3.0)
    assert run.variables == {"x": 10**30, "y": 0.5, "z": 3}


JOB = diagram(process("p", start(), job("j", "mail", retries="2"), user("a"), flows("start -> j -> a")))


def test_job_waits_for_its_worker(world) -> None:
    run = world(JOB).start(to="ann")
    (offered,) = run.jobs.values()
    assert (offered.type, offered.retries, offered.state) == ("mail", 2, "CREATED")
    run.finish_job("j", sent=True)
    assert run.open == ["a"]
    assert run.variables == {"to": "ann", "sent": True}


def test_job_without_retries_is_an_incident_and_resolving_makes_a_new_job(world) -> None:
    run = world(JOB).start()
    run.give_up("j", "mail server down")
    (incident,) = run.incidents.values()
    assert (incident.type, incident.message) == ("JOB_NO_RETRIES", "mail server down")
    assert incident.job_key in run.jobs
    run.resolve()
    assert run.open == ["j"]
    run.finish_job("j")
    assert run.open == ["a"]
    assert not run.incidents


def test_script_writes_its_result(world) -> None:
    run = world(
        diagram(process("p", start(), script("s", "={sum: n + 1}", "r"), user("a"), flows("start -> s -> a")))
    ).start(n=2)
    assert run.variables == {"n": 2, "r": {"sum": 3}}


def test_decision_writes_its_result_and_failing_is_an_incident(world) -> None:
    def ruled(decision):
        rule = element(
            "businessRuleTask", "d", extension(zeebe("calledDecision", decisionId=decision, resultVariable="r"))
        )
        return diagram(process("p", start(), rule, user("a"), flows("start -> d -> a")))

    assert world(ruled("double")).start(n=4).variables["r"] == {"result": 8}
    run = world(ruled("=which")).start(n=4, which="other")
    (incident,) = run.incidents.values()
    assert incident.type == "DECISION_EVALUATION_ERROR"
    run.resolve(which="double")
    assert run.variables["r"] == {"result": 8}


def test_tasks_that_nobody_works_on_pass_at_once(world) -> None:
    passing = diagram(
        process("p", start(), element("task", "t"), element("manualTask", "m"), end(), flows("start -> t -> m -> end"))
    )
    run = world(passing).start()
    assert not run.active
    assert run.passed() == ["start", "t", "m", "end"]


def test_cancelling_closes_everything(world) -> None:
    both = diagram(process("p", start(), user("a"), job("j"), flows("start -> a", "start -> j")))
    run = world(both).start()
    run.cancel()
    assert (run.active, run.open, run.ended) == (False, [], {run.root_key: "TERMINATED"})
    assert sorted(run.passed("CANCELED")) == ["a", "j"]


class TestMappings:
    def test_inputs_are_local_and_each_sees_the_ones_before(self, world) -> None:
        mapped = diagram(
            process(
                "p", start(),
                job("j", "mail", mappings({"to": "=person.name", "text": '="Hi " + to', "plain": "word"})),
                user("a"), flows("start -> j -> a"),
            )
        )  # fmt: skip
        run = world(mapped).start(person={"name": "Ann"})
        assert {name: value for (scope, name), value in run.rows.items() if scope != run.root_key} == {
            "to": "Ann", "text": "Hi Ann", "plain": "word"
        }  # fmt: skip
        run.finish_job("j", text="changed", fresh=1)
        assert run.variables == {"person": {"name": "Ann"}, "fresh": 1}, "what was local stays local"
        assert {scope for scope, _ in run.rows} == {run.root_key}

    def test_outputs_decide_what_leaves(self, world) -> None:
        mapped = diagram(
            process(
                "p", start(),
                user("t", mappings({"limit": "=10"}, {"order.total": "=sum + limit", "seen": "=true"})),
                user("a"), flows("start -> t -> a"),
            )
        )  # fmt: skip
        run = world(mapped).start(order={"id": 7})
        run.complete("t", sum=5, secret="x")
        assert run.variables == {"order": {"id": 7, "total": 15}, "seen": True}

    def test_a_failing_input_is_an_incident_before_the_work(self, world) -> None:
        mapped = diagram(process("p", start(), job("j", "mail", mappings({"to": "=person.name"})), flows("start -> j")))
        run = world(mapped).start()
        (incident,) = run.incidents.values()
        assert (incident.type, incident.expression) == ("IO_MAPPING_ERROR", "person.name")
        assert not run.jobs
        run.resolve(person={"name": "Ann"})
        assert run.open == ["j"]

    def test_a_failing_output_keeps_what_the_person_sent(self, world) -> None:
        mapped = diagram(
            process(
                "p", start(), user("t", mappings(None, {"sum": "=a + missing.x"})), user("a"), flows("start -> t -> a")
            )
        )
        run = world(mapped).start()
        run.complete("t", a=1)
        assert run.open == []
        (incident,) = run.incidents.values()
        assert (incident.type, incident.place.element_id) == ("IO_MAPPING_ERROR", "t")
        run.resolve(missing={"x": 2})
        assert run.variables["sum"] == 3
        assert run.open == ["a"]
