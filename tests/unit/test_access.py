"""The permission table as data: for every actor, record and action, allowed or not. What is not listed is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from server import access
from server.access import SYSTEM, Action, Actor, Grant, Relation, Scopes, StandIn
from server.model import InstanceState, Place, ProcessDefinition, ProcessInstance, UserTask, UserTaskState

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ALL = frozenset({"*"})
ACTORS = {
    "system": SYSTEM,
    "admin": Actor("root", admin=True),
    "desk": Actor("lin", groups=frozenset({"desk@north"})),
    "colleague": Actor("he", groups=frozenset({"desk@north", "checker@south"})),
    "lead": Actor("zhao", groups=frozenset({"street_lead@north"})),
    "plain lead": Actor("qian", groups=frozenset({"lead@north"})),
    "lead elsewhere": Actor("feng", groups=frozenset({"street_lead@south"})),
    "leader": Actor("du", groups=frozenset({"leader@north"})),
    "named": Actor("wu"),
    "stranger": Actor("bai", groups=frozenset({"desk@south"})),
    "bare role": Actor("sun", groups=frozenset({"street_lead"})),
    "client without scopes": Actor("nothing", kind="client"),
    "reading client": Actor("reader", kind="client", scopes=Scopes(read=True)),
    "deploying client": Actor("deployer", kind="client", scopes=Scopes(deploy=True)),
    "starting client": Actor("starter", kind="client", scopes=Scopes(start=frozenset({"report"}))),
    "starting everything": Actor("starter2", kind="client", scopes=Scopes(start=frozenset({"*"}))),
    "working client": Actor("worker", kind="client", scopes=Scopes(jobs=frozenset({"fetch"}))),
    "working everything": Actor("worker2", kind="client", scopes=Scopes(jobs=frozenset({"*"}))),
    "task client": Actor("tasker", kind="client", scopes=Scopes(tasks=frozenset({"report"}))),
    "task client of all": Actor("tasker2", kind="client", scopes=Scopes(tasks=frozenset({"*"}))),
    "task client elsewhere": Actor("tasker3", kind="client", scopes=Scopes(tasks=frozenset({"other"}))),
    "operating client": Actor("operator", kind="client", scopes=Scopes(operate=frozenset({"report"}))),
    "operating everything": Actor("operator2", kind="client", scopes=Scopes(operate=frozenset({"*"}))),
    "operating elsewhere": Actor("operator3", kind="client", scopes=Scopes(operate=frozenset({"other"}))),
    "admin client": Actor("machine", kind="client", admin=True),
    "substitute": Actor("gu", stands_in_for=(StandIn("lin", frozenset({"desk@north"}), wholly=True),)),
    "substitute for a role": Actor("xia", stands_in_for=(StandIn("lin", frozenset({"desk@north"}), wholly=False),)),
    "substitute in person": Actor("ren", stands_in_for=(StandIn("lin", frozenset(), wholly=True),)),
    "substitute elsewhere": Actor("tao", stands_in_for=(StandIn("yu", frozenset({"desk@south"}), wholly=True),)),
    "substitute of a lead": Actor(
        "mo", stands_in_for=(StandIn("zhao", frozenset({"street_lead@north"}), wholly=True),)
    ),
    "user with scopes": Actor("tian", scopes=Scopes(ALL, ALL, read=True, deploy=True, tasks=ALL, operate=ALL)),
}
OPERATORS = {"system", "admin", "admin client"}
OBSERVERS = OPERATORS | {"reading client"}
PEOPLE = {name for name, actor in ACTORS.items() if actor.kind == "user"}
LEADS = {"lead", "plain lead"}


def make_task(assignee: str | None = None) -> UserTask:
    place = Place("check", 2, 1, 1, 9, "report")
    return UserTask(
        key=3,
        place=place,
        name="Check",
        state=UserTaskState.CREATED,
        creation_date=NOW,
        assignee=assignee,
        candidate_groups=("desk@north", "expert"),
        candidate_users=("wu",),
    )


TASKS = {"unclaimed": make_task(), "held by lin": make_task("lin")}
CANDIDATES = {"desk", "colleague", "named"}
TASK_CLIENTS = {"task client", "task client of all"}
OPERATING = {"operating client", "operating everything"}
IN_GROUP = {"substitute", "substitute for a role"}
SUBSTITUTES = IN_GROUP | {"substitute in person"}
TASK_TABLE = {
    # (function, task): who is allowed
    ("may_see_task", "unclaimed"): OBSERVERS | CANDIDATES | LEADS | IN_GROUP | TASK_CLIENTS,
    ("may_see_task", "held by lin"): OBSERVERS | CANDIDATES | LEADS | SUBSTITUTES | TASK_CLIENTS,
    ("may_claim", "unclaimed"): OPERATORS | CANDIDATES | LEADS | IN_GROUP | TASK_CLIENTS,
    ("may_claim", "held by lin"): OPERATORS | {"desk"} | LEADS | SUBSTITUTES | TASK_CLIENTS,
    ("may_complete_task", "unclaimed"): OPERATORS | CANDIDATES | IN_GROUP | TASK_CLIENTS,
    ("may_complete_task", "held by lin"): OPERATORS | {"desk"} | SUBSTITUTES | TASK_CLIENTS,
    ("may_update_task", "unclaimed"): OPERATORS | LEADS,
    ("may_update_task", "held by lin"): OPERATORS | LEADS,
}
ASSIGN_TABLE = {
    # (task, assignee; `self` is the actor): who is allowed
    ("unclaimed", "self"): OPERATORS | CANDIDATES | LEADS | IN_GROUP | TASK_CLIENTS,
    ("unclaimed", "yu"): OPERATORS | LEADS | TASK_CLIENTS,
    ("held by lin", "self"): OPERATORS | {"desk"} | LEADS | SUBSTITUTES | TASK_CLIENTS,
    ("held by lin", "yu"): OPERATORS | LEADS | TASK_CLIENTS,
    ("held by lin", None): OPERATORS | {"desk"} | LEADS | SUBSTITUTES | TASK_CLIENTS,
    ("unclaimed", None): OPERATORS | CANDIDATES | LEADS | IN_GROUP | TASK_CLIENTS,
}
DEFINITION = ProcessDefinition(9, "report", 1, None, None, "report.bpmn", "", 8)
INSTANCE = ProcessInstance(1, 1, 9, "report", 1, InstanceState.ACTIVE, NOW)
STARTERS = {"starting client", "starting everything"}
OTHER_TABLE = {
    "may_deploy": (access.may_deploy, OPERATORS | {"deploying client"}),
    "may_operate": (lambda a: access.may_operate(a, "report"), OPERATORS | OPERATING),
    "may_administer": (access.may_administer, OPERATORS),
    "may_see_all_batches": (access.may_see_all_batches, OBSERVERS),
    "may_see_batch_of_a_client": (lambda a: access.may_see_batch(a, "operator"), OBSERVERS | {"operating client"}),
    "may_steer_batch_of_a_client": (lambda a: access.may_steer_batch(a, "operator"), OPERATORS | {"operating client"}),
    "may_see_incidents": (lambda a: access.may_see_incidents(a, "report"), OBSERVERS | OPERATING),
    "may_see_all_instances": (access.may_see_all_instances, OBSERVERS),
    "may_see_all_tasks": (access.may_see_all_tasks, OBSERVERS),
    "may_publish": (access.may_publish, OPERATORS | STARTERS),
    "may_read_lists": (access.may_read_lists, OBSERVERS | PEOPLE),
    "may_see_cases": (access.may_see_cases, OBSERVERS | PEOPLE),
    "may_keep_meeting_plans": (access.may_keep_meeting_plans, OPERATORS),
    "may_see_meeting": (access.may_see_meeting, OBSERVERS),
    "may_upload": (access.may_upload, OPERATORS | PEOPLE | STARTERS),
    "may_ask_reveal": (
        lambda a: access.may_ask_reveal(a, {"north"}, sees_instance=True),
        {"admin", "desk", "colleague", "leader"} | LEADS,
    ),
    "may_ask_reveal_of_what_they_do_not_see": (
        lambda a: access.may_ask_reveal(a, {"north"}, sees_instance=False),
        {"admin"} | LEADS,
    ),
    "may_ask_reveal_of_no_street": (lambda a: access.may_ask_reveal(a, set(), sees_instance=True), {"admin"}),
    "may_decide_reveal": (lambda a: access.may_decide_reveal(a, "lin", {"north"}, other_leads=True), LEADS),
    "may_decide_reveal_of_the_lead": (
        lambda a: access.may_decide_reveal(a, "zhao", {"north"}, other_leads=True),
        {"plain lead"},
    ),
    "may_decide_reveal_without_leads": (
        lambda a: access.may_decide_reveal(a, "lin", set(), other_leads=False),
        {"admin"},
    ),
    "may_decide_reveal_of_the_administrator": (
        lambda a: access.may_decide_reveal(a, "root", set(), other_leads=False),
        set(),
    ),
    "may_reveal": (lambda a: access.may_reveal(a, "lin", approved=True), {"desk"}),
    "may_reveal_before": (lambda a: access.may_reveal(a, "lin", approved=False), set()),
    "may_keep_retention": (access.may_keep_retention, OPERATORS),
    "may_read_notifications": (access.may_read_notifications, PEOPLE),
    "may_set_notification_preferences_of_lin": (
        lambda a: access.may_set_notification_preferences(a, "lin"),
        OPERATORS | {"desk"},
    ),
    "may_set_notification_preferences_of_a_client": (
        lambda a: access.may_set_notification_preferences(a, "starter"),
        OPERATORS,
    ),
    "may_keep_calendar": (access.may_keep_calendar, OPERATORS),
    "may_see_audit": (access.may_see_audit, OPERATORS),
    "may_manage_identity": (access.may_manage_identity, OPERATORS),
    "may_manage_credentials_of_lin": (lambda a: access.may_manage_credentials(a, "lin"), OPERATORS | {"desk"}),
    "may_arrange_absence_of_lin": (
        lambda a: access.may_arrange_absence(a, "lin", ["desk@north"]),
        OPERATORS | {"desk"} | LEADS,
    ),
    "may_arrange_absence_of_nobody_in_a_unit": (lambda a: access.may_arrange_absence(a, "yu", []), OPERATORS),
    "may_manage_credentials_of_a_client": (lambda a: access.may_manage_credentials(a, "starter"), OPERATORS),
    "may_start": (lambda a: access.may_start(a, DEFINITION), OPERATORS | PEOPLE | STARTERS),
    "may_see_definition": (
        lambda a: access.may_see_definition(a, "report"),
        OBSERVERS | PEOPLE | STARTERS | OPERATING | {"deploying client"},
    ),
    "may_see_other_definition": (
        lambda a: access.may_see_definition(a, "other"),
        OBSERVERS | PEOPLE | {"starting everything", "deploying client", "operating everything", "operating elsewhere"},
    ),
    "may_work_job": (
        lambda a: access.may_work_job(a, "fetch"),
        OPERATORS | {"working client", "working everything"},
    ),
    "may_work_other_job": (lambda a: access.may_work_job(a, "other"), OPERATORS | {"working everything"}),
    "may_see_instance": (lambda a: access.may_see_instance(a, INSTANCE, involved=False), OBSERVERS | OPERATING),
    "may_see_instance_when_involved": (
        lambda a: access.may_see_instance(a, INSTANCE, involved=True),
        OBSERVERS | PEOPLE | STARTERS | OPERATING,
    ),
}


@pytest.mark.parametrize("name", ACTORS)
@pytest.mark.parametrize(("function", "task"), TASK_TABLE)
def test_what_an_actor_may_do_to_a_task(function: str, task: str, name: str) -> None:
    allowed = getattr(access, function)(ACTORS[name], TASKS[task])
    assert allowed == (name in TASK_TABLE[function, task])


@pytest.mark.parametrize("name", ACTORS)
@pytest.mark.parametrize(("task", "assignee"), ASSIGN_TABLE)
def test_to_whom_an_actor_may_give_a_task(task: str, assignee: str | None, name: str) -> None:
    actor = ACTORS[name]
    allowed = access.may_assign(actor, TASKS[task], actor.name if assignee == "self" else assignee)
    assert allowed == (name in ASSIGN_TABLE[task, assignee])


@pytest.mark.parametrize("name", ACTORS)
@pytest.mark.parametrize("row", OTHER_TABLE)
def test_what_else_an_actor_may_do(row: str, name: str) -> None:
    function, allowed = OTHER_TABLE[row]
    assert function(ACTORS[name]) == (name in allowed)


OBSERVED_TABLE = {
    # (action, actors): of which processes they see everything; None: of all
    (Action.SEE_TASK, "reading client"): None,
    (Action.SEE_TASK, "task client"): {"report"},
    (Action.SEE_TASK, "task client of all"): None,
    (Action.SEE_TASK, "operating everything"): set(),
    (Action.SEE_TASK, "user with scopes"): set(),
    (Action.SEE_INSTANCE, "admin"): None,
    (Action.SEE_INSTANCE, "operating client"): {"report"},
    (Action.SEE_INSTANCE, "operating everything"): None,
    (Action.SEE_INSTANCE, "task client of all"): set(),
    (Action.SEE_INSTANCE, "user with scopes"): set(),
}


OPERATED_TABLE = {"admin": None, "operating everything": None, "operating client": {"report"}, "desk": set()}


@pytest.mark.parametrize("name", OPERATED_TABLE)
def test_which_processes_are_operated(name: str) -> None:
    assert access.find_operated(ACTORS[name]) == OPERATED_TABLE[name]


@pytest.mark.parametrize(("action", "name"), OBSERVED_TABLE)
def test_of_which_processes_everything_is_seen(action: Action, name: str) -> None:
    assert access.find_observed(ACTORS[name], action) == OBSERVED_TABLE[action, name]


@pytest.mark.parametrize(("is_sender", "sees_instance"), [(False, False), (True, False), (False, True)])
def test_who_may_download(is_sender: bool, sees_instance: bool) -> None:  # noqa: FBT001 - a table of two
    assert access.may_download(is_sender=is_sender, sees_instance=sees_instance) == (is_sender or sees_instance)


def test_every_action_and_relation_of_the_table_is_used() -> None:
    assert set(access.ALLOWED) == set(Action)
    assert set(access.GRANTED_BY) == set(Action)
    assert set().union(*access.GRANTED_BY.values()) == set(Grant)
    assert set().union(*access.ALLOWED.values()) == set(Relation)


LIMITS = {
    "none": Scopes(),
    "read": Scopes(read=True),
    "tasks": Scopes(tasks=frozenset({"*"})),
    "start": Scopes(start=frozenset({"report"})),
    "start any": Scopes(start=frozenset({"*"})),
    "jobs": Scopes(jobs=frozenset({"fetch"})),
    "jobs any": Scopes(jobs=frozenset({"*"})),
    "deploy": Scopes(deploy=True),
}
LIMITED_TABLE = {
    # what an administrator may do with a token that is limited to …
    "may_see_task": (lambda a: access.may_see_task(a, TASKS["unclaimed"]), {"read", "tasks"}),
    "may_claim": (lambda a: access.may_claim(a, TASKS["unclaimed"]), {"tasks"}),
    "may_assign": (lambda a: access.may_assign(a, TASKS["held by lin"], "yu"), {"tasks"}),
    "may_update_task": (lambda a: access.may_update_task(a, TASKS["unclaimed"]), {"tasks"}),
    "may_complete_task": (lambda a: access.may_complete_task(a, TASKS["unclaimed"]), {"tasks"}),
    "may_see_all_tasks": (access.may_see_all_tasks, {"read"}),
    "may_see_all_instances": (access.may_see_all_instances, {"read"}),
    "may_see_instance": (
        lambda a: access.may_see_instance(a, INSTANCE, involved=True),
        {"read", "start", "start any"},
    ),
    "may_start": (lambda a: access.may_start(a, DEFINITION), {"start", "start any"}),
    "may_see_definition": (
        lambda a: access.may_see_definition(a, "report"),
        {"read", "deploy", "start", "start any"},
    ),
    "may_see_other_definition": (
        lambda a: access.may_see_definition(a, "other"),
        {"read", "deploy", "start any"},
    ),
    "may_deploy": (access.may_deploy, {"deploy"}),
    "may_operate": (lambda a: access.may_operate(a, "report"), set()),
    "may_administer": (access.may_administer, set()),
    "may_see_batch": (lambda a: access.may_see_batch(a, "root"), {"read"}),
    "may_steer_batch": (lambda a: access.may_steer_batch(a, "root"), set()),
    "may_see_incidents": (lambda a: access.may_see_incidents(a, "report"), {"read"}),
    "may_work_job": (lambda a: access.may_work_job(a, "fetch"), {"jobs", "jobs any"}),
    "may_work_other_job": (lambda a: access.may_work_job(a, "other"), {"jobs any"}),
    "may_publish": (access.may_publish, {"start", "start any"}),
    "may_read_lists": (access.may_read_lists, {"read"}),
    "may_see_cases": (access.may_see_cases, {"read"}),
    "may_upload": (access.may_upload, {"start", "start any", "tasks"}),
    "may_see_audit": (access.may_see_audit, OPERATORS),
    "may_manage_identity": (access.may_manage_identity, set()),
    "may_manage_credentials": (lambda a: access.may_manage_credentials(a, "root"), set()),
    "may_ask_reveal": (lambda a: access.may_ask_reveal(a, {"north"}, sees_instance=True), set()),
    "may_decide_reveal": (lambda a: access.may_decide_reveal(a, "lin", {"north"}, other_leads=False), set()),
    "may_reveal": (lambda a: access.may_reveal(a, a.name, approved=True), set()),
    "may_keep_retention": (access.may_keep_retention, set()),
    "may_arrange_absence": (lambda a: access.may_arrange_absence(a, "root", []), set()),
}


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("row", LIMITED_TABLE)
def test_a_limited_token_only_takes_away(row: str, limits: str) -> None:
    function, allowed = LIMITED_TABLE[row]
    assert function(Actor("root", admin=True)), "without limits an administrator may do all of this"
    assert function(Actor("root", admin=True, limits=LIMITS[limits])) == (limits in allowed)


@pytest.mark.parametrize("limits", LIMITS)
def test_scopes_of_a_token_give_nothing(limits: str) -> None:
    stranger = Actor("bai", limits=LIMITS[limits])
    assert not access.may_deploy(stranger)
    assert not access.may_work_job(stranger, "fetch")
    assert not access.may_see_all_tasks(stranger)
    assert not access.may_see_task(stranger, TASKS["unclaimed"])


@pytest.mark.parametrize(
    ("groups", "units"),
    [
        (["street_lead@north", "lead@south", "dept_head@works"], {"north", "south", "works"}),
        (["leader@north", "street_lead", "@north", "lead@", "mislead@north", "ahead@north"], set()),
        ([], set()),
    ],
)
def test_which_units_are_led(groups: list[str], units: set[str]) -> None:
    assert access.find_led_units(groups) == units


@pytest.mark.parametrize(
    ("name", "task", "absent"),
    [
        ("substitute", "unclaimed", "lin"),
        ("substitute", "held by lin", "lin"),
        ("substitute in person", "held by lin", "lin"),
        ("substitute in person", "unclaimed", None),
        ("substitute elsewhere", "held by lin", None),
        ("desk", "held by lin", None),
        ("system", "held by lin", None),
    ],
)
def test_for_whom_an_actor_acts(name: str, task: str, absent: str | None) -> None:
    assert access.find_absent(ACTORS[name], TASKS[task]) == absent


def test_who_may_act_for_themselves_does_so() -> None:
    colleague = Actor("he", groups=frozenset({"desk@north"}), stands_in_for=ACTORS["substitute"].stands_in_for)
    assert access.find_absent(colleague, TASKS["unclaimed"]) is None


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("desk", {"north", "district", "city"}),
        ("colleague", {"north", "south", "district", "city"}),
        ("substitute", {"north", "district", "city"}),
        ("named", set()),
        ("admin", set()),
        ("reading client", set()),
    ],
)
def test_about_which_units_no_case_is_seen(name: str, hidden: set[str]) -> None:
    parents = {"north": "district", "south": "district", "district": "city", "city": None, "grid": "north"}
    assert access.find_hidden_units(ACTORS[name], parents) == hidden
