"""Who may do what: one table of actions and the relations to a record that allow them. Pure.

An actor stands in relations to a record (assignee of a task, member of its candidate groups, lead of its unit …).
`ALLOWED` lists for every action the relations that allow it; any one is enough, and what is not listed is refused.
The `may_…` functions find the relations and look them up, nothing more. Source: architecture.md, "Who may do what".

Groups are opaque strings to the engine; here `role@unit` is read for one purpose: a person with a role that ends in
`lead` or `head` leads that unit and may hand its tasks to others. A client may do nothing until it is given a scope;
the scope `*` stands for every process or every job type. A person's token may be limited to scopes, too: `GRANTED_BY`
says which of them an action needs; they only ever take away.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from server.actors import SYSTEM, Actor, Scopes, StandIn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from server.model import ProcessDefinition, ProcessInstance, UserTask

__all__ = ["SYSTEM", "Actor", "Scopes", "StandIn"]

EVERYTHING = "*"
LEADING = frozenset({"lead", "head"})
"""Last words of roles that lead their unit: `street_lead` a street, `dept_head` a department."""


class Relation(StrEnum):
    """How an actor stands to a record, or what the actor is."""

    SYSTEM = "system"
    ADMIN = "administrator"
    PERSON = "person"
    ONESELF = "the person whom it is about"
    ASSIGNEE = "assignee"
    CANDIDATE = "candidate"
    CANDIDATE_OF_UNCLAIMED = "candidate of an unclaimed task"
    LEAD = "lead of the unit that the task, or the absent person, belongs to"
    SUBSTITUTE = "substitute of the assignee or of a candidate"
    SUBSTITUTE_IN_TURN = "substitute of the assignee, or of a candidate of an unclaimed task"
    INVOLVED = "involved in the instance"
    STREET_LEAD = "lead of a street that the instance concerns"
    SENDER = "sender of an attachment that is not used yet"
    VIEWER = "who may see the instance that an attachment belongs to"
    STARTER = "client that may start the process"
    ANY_STARTER = "client that may start some process"
    WORKER = "client that may work on the job type"
    READER = "client that may read"
    DEPLOYER = "client that may deploy"


class Action(StrEnum):
    """What can be done to a record."""

    SEE_TASK = "see a user task"
    CLAIM_TASK = "take an unclaimed user task, or give back one's own"
    ASSIGN_TASK = "hand a user task to another person, or take it from one"
    UPDATE_TASK = "change dates, priority and candidates of a user task"
    COMPLETE_TASK = "complete a user task"
    SEE_INSTANCE = "see a process instance and its variables"
    SEE_ALL_INSTANCES = "see every process instance"
    SEE_ALL_TASKS = "see every user task"
    SEE_DEFINITION = "see a process definition"
    START = "start a process instance"
    DEPLOY = "deploy resources"
    OPERATE = "resolve incidents, cancel, modify, migrate instances"
    SEE_INCIDENTS = "see incidents"
    WORK_JOB = "activate, complete and fail jobs"
    PUBLISH = "publish and correlate messages, broadcast signals"
    READ_LISTS = "read the lists"
    KEEP_CALENDAR = "change the working-day calendar"
    MANAGE_IDENTITY = "add and change users, clients, tokens and units"
    ARRANGE_ABSENCE = "say who stands in for a person, and when"
    MANAGE_CREDENTIALS = "see, add and revoke tokens, end sessions, change the password"
    UPLOAD = "upload an attachment"
    DOWNLOAD = "download an attachment"
    REVEAL = "reveal who reported, or how to reach them"


class Grant(StrEnum):
    """A scope that a person's token may be limited to."""

    READ = "read what the person may see"
    TASKS = "see, take and complete the person's tasks"
    START = "start processes of these ids"
    JOBS = "work on jobs of these types"
    DEPLOY = "deploy"


_OPERATORS = frozenset({Relation.SYSTEM, Relation.ADMIN})
_OBSERVERS = _OPERATORS | {Relation.READER}

ALLOWED: Mapping[Action, frozenset[Relation]] = {
    Action.SEE_TASK: _OBSERVERS | {Relation.ASSIGNEE, Relation.CANDIDATE, Relation.LEAD, Relation.SUBSTITUTE},
    Action.CLAIM_TASK: _OPERATORS
    | {Relation.ASSIGNEE, Relation.CANDIDATE_OF_UNCLAIMED, Relation.LEAD, Relation.SUBSTITUTE_IN_TURN},
    Action.ASSIGN_TASK: _OPERATORS | {Relation.LEAD},
    Action.UPDATE_TASK: _OPERATORS | {Relation.LEAD},
    Action.COMPLETE_TASK: _OPERATORS
    | {Relation.ASSIGNEE, Relation.CANDIDATE_OF_UNCLAIMED, Relation.SUBSTITUTE_IN_TURN},
    Action.SEE_INSTANCE: _OBSERVERS | {Relation.INVOLVED},
    Action.SEE_ALL_INSTANCES: _OBSERVERS,
    Action.SEE_ALL_TASKS: _OBSERVERS,
    Action.SEE_DEFINITION: _OBSERVERS | {Relation.PERSON, Relation.STARTER, Relation.DEPLOYER},
    Action.START: _OPERATORS | {Relation.PERSON, Relation.STARTER},
    Action.DEPLOY: _OPERATORS | {Relation.DEPLOYER},
    Action.OPERATE: _OPERATORS,
    Action.SEE_INCIDENTS: _OBSERVERS,
    Action.WORK_JOB: _OPERATORS | {Relation.WORKER},
    Action.PUBLISH: _OPERATORS | {Relation.ANY_STARTER},
    Action.READ_LISTS: _OBSERVERS | {Relation.PERSON},
    Action.KEEP_CALENDAR: _OPERATORS,
    Action.MANAGE_IDENTITY: _OPERATORS,
    Action.MANAGE_CREDENTIALS: _OPERATORS | {Relation.ONESELF},
    Action.ARRANGE_ABSENCE: _OPERATORS | {Relation.ONESELF, Relation.LEAD},
    Action.UPLOAD: _OPERATORS | {Relation.PERSON, Relation.ANY_STARTER},
    Action.DOWNLOAD: frozenset({Relation.SENDER, Relation.VIEWER}),
    Action.REVEAL: frozenset({Relation.ADMIN, Relation.STREET_LEAD}),
}

GRANTED_BY: Mapping[Action, frozenset[Grant]] = {
    Action.SEE_TASK: frozenset({Grant.READ, Grant.TASKS}),
    Action.CLAIM_TASK: frozenset({Grant.TASKS}),
    Action.ASSIGN_TASK: frozenset({Grant.TASKS}),
    Action.UPDATE_TASK: frozenset({Grant.TASKS}),
    Action.COMPLETE_TASK: frozenset({Grant.TASKS}),
    Action.SEE_INSTANCE: frozenset({Grant.READ, Grant.START}),
    Action.SEE_ALL_INSTANCES: frozenset({Grant.READ}),
    Action.SEE_ALL_TASKS: frozenset({Grant.READ}),
    Action.SEE_DEFINITION: frozenset({Grant.READ, Grant.START, Grant.DEPLOY}),
    Action.START: frozenset({Grant.START}),
    Action.DEPLOY: frozenset({Grant.DEPLOY}),
    Action.OPERATE: frozenset(),
    Action.SEE_INCIDENTS: frozenset({Grant.READ}),
    Action.WORK_JOB: frozenset({Grant.JOBS}),
    Action.PUBLISH: frozenset({Grant.START}),
    Action.READ_LISTS: frozenset({Grant.READ}),
    Action.KEEP_CALENDAR: frozenset(),
    Action.MANAGE_IDENTITY: frozenset(),
    Action.MANAGE_CREDENTIALS: frozenset(),
    Action.ARRANGE_ABSENCE: frozenset(),
    Action.UPLOAD: frozenset({Grant.START, Grant.TASKS}),
    Action.DOWNLOAD: frozenset({Grant.READ, Grant.TASKS}),
    Action.REVEAL: frozenset(),
}
"""For every action the scopes of a person's token any of which it needs; without any, no limited token will do."""


def may_see_task(actor: Actor, task: UserTask) -> bool:
    """Tell whether the actor may know of the task; otherwise it is 404."""
    return _allows(actor, Action.SEE_TASK, _task_relations(actor, task))


def may_claim(actor: Actor, task: UserTask) -> bool:
    """Tell whether the actor may take the task as it is now, or give it back when it is their own."""
    return _allows(actor, Action.CLAIM_TASK, _task_relations(actor, task))


def may_assign(actor: Actor, task: UserTask, assignee: str | None) -> bool:
    """Tell whether the actor may make `assignee` (None: nobody) the one who holds the task.

    Taking an unclaimed task oneself is a claim; everything that concerns another person needs the lead of the task's
    unit or an administrator, also taking over what another person holds, unless one stands in for that person.
    """
    own = {actor.name, None}
    if assignee in own and task.assignee in own | {one.name for one in actor.stands_in_for}:
        return may_claim(actor, task)
    return _allows(actor, Action.ASSIGN_TASK, _task_relations(actor, task))


def may_update_task(actor: Actor, task: UserTask) -> bool:
    """Tell whether the actor may change due date, follow-up date, priority and candidates of the task."""
    return _allows(actor, Action.UPDATE_TASK, _task_relations(actor, task))


def may_complete_task(actor: Actor, task: UserTask) -> bool:
    """Tell whether the actor may complete the task as it is now: their own, or an unclaimed one of their groups.

    An actor who may see the task but not complete it because another person holds it gets 409, not 404.
    """
    return _allows(actor, Action.COMPLETE_TASK, _task_relations(actor, task))


def may_see_instance(actor: Actor, instance: ProcessInstance, *, involved: bool) -> bool:
    """Tell whether the actor may know of the instance; `involved`: started it, or has or had one of its tasks."""
    del instance  # no rule looks at it yet; callers hand it over so that such a rule reaches every door at once
    relations = _own_relations(actor)
    if involved and (actor.kind == "user" or actor.scopes.start):
        relations.add(Relation.INVOLVED)
    return _allows(actor, Action.SEE_INSTANCE, relations)


def may_see_all_instances(actor: Actor) -> bool:
    """Tell whether a search over instances, variables and incidents needs no restriction to what concerns the actor."""
    return _allows(actor, Action.SEE_ALL_INSTANCES, _own_relations(actor))


def may_see_all_tasks(actor: Actor) -> bool:
    """Tell whether a search over user tasks needs no restriction to the actor's own, groups and units."""
    return _allows(actor, Action.SEE_ALL_TASKS, _own_relations(actor))


def may_see_definition(actor: Actor, process_id: str) -> bool:
    """Tell whether the actor may see the versions, diagram and start form of a process."""
    return _allows(
        actor, Action.SEE_DEFINITION, _own_relations(actor) | _starter_relation(actor, process_id), process_id
    )


def may_start(actor: Actor, definition: ProcessDefinition) -> bool:
    """Tell whether the actor may start an instance of the process: every person, and clients with that scope."""
    process_id = definition.process_id
    return _allows(actor, Action.START, _own_relations(actor) | _starter_relation(actor, process_id), process_id)


def may_deploy(actor: Actor) -> bool:
    """Tell whether the actor may deploy resources."""
    return _allows(actor, Action.DEPLOY, _own_relations(actor))


def may_operate(actor: Actor) -> bool:
    """Tell whether the actor may resolve incidents and cancel process instances."""
    return _allows(actor, Action.OPERATE, _own_relations(actor))


def may_see_incidents(actor: Actor) -> bool:
    """Tell whether the actor may read incidents; their messages may quote variables."""
    return _allows(actor, Action.SEE_INCIDENTS, _own_relations(actor))


def may_work_job(actor: Actor, job_type: str) -> bool:
    """Tell whether the actor may activate, complete, fail and change jobs of a type."""
    works = actor.kind == "client" and bool(actor.scopes.jobs & {job_type, EVERYTHING})
    relations = _own_relations(actor) | ({Relation.WORKER} if works else set())
    return _allows(actor, Action.WORK_JOB, relations, job_type)


def may_publish(actor: Actor) -> bool:
    """Tell whether the actor may publish and correlate messages and broadcast signals."""
    return _allows(actor, Action.PUBLISH, _own_relations(actor))


def may_read_lists(actor: Actor) -> bool:
    """Tell whether the actor may read the rows of the lists."""
    return _allows(actor, Action.READ_LISTS, _own_relations(actor))


def may_keep_calendar(actor: Actor) -> bool:
    """Tell whether the actor may change which days are worked."""
    return _allows(actor, Action.KEEP_CALENDAR, _own_relations(actor))


def may_manage_identity(actor: Actor) -> bool:
    """Tell whether the actor may add and change users, clients, tokens and units."""
    return _allows(actor, Action.MANAGE_IDENTITY, _own_relations(actor))


def may_manage_credentials(actor: Actor, owner: str) -> bool:
    """Tell whether the actor may see and end the tokens and sessions of a person, add tokens and set the password."""
    oneself = {Relation.ONESELF} if actor.kind == "user" and actor.name == owner else set()
    return _allows(actor, Action.MANAGE_CREDENTIALS, _own_relations(actor) | oneself)


def may_arrange_absence(actor: Actor, absent: str, groups: Iterable[str]) -> bool:
    """Tell whether the actor may say who stands in for a person with these groups."""
    relations = _own_relations(actor)
    if actor.kind == "user" and actor.name == absent:
        relations.add(Relation.ONESELF)
    if not find_led_units(actor.groups).isdisjoint(find_units(groups)):
        relations.add(Relation.LEAD)
    return _allows(actor, Action.ARRANGE_ABSENCE, relations)


def find_absent(actor: Actor, task: UserTask) -> str | None:
    """Return for whom the actor acts on a task; None where they act for themselves."""
    own = actor.kind == "system" or task.assignee == actor.name or _is_candidate(actor, task)
    standing = () if own else (one for one in actor.stands_in_for if _stands_in(one, task))
    return next((one.name for one in standing), None)


def is_within_limits(actor: Actor, action: Action, subject: str = EVERYTHING) -> bool:
    """Tell whether the scopes that the actor's token is limited to allow an action at all.

    `subject` is the process or job type that it is about; `*`: whichever.
    """
    limits = actor.limits
    if limits is None:
        return True
    given = {
        Grant.READ: limits.read,
        Grant.TASKS: limits.tasks,
        Grant.START: _covers(limits.start, subject),
        Grant.JOBS: _covers(limits.jobs, subject),
        Grant.DEPLOY: limits.deploy,
    }
    return any(given[grant] for grant in GRANTED_BY[action])


def may_upload(actor: Actor) -> bool:
    """Tell whether the actor may upload attachments: every person, and clients that may start some process."""
    return _allows(actor, Action.UPLOAD, _own_relations(actor))


def may_download(*, is_sender: bool, sees_instance: bool) -> bool:
    """Tell whether an attachment may be downloaded: until it is used by its sender, then by who sees the instance.

    `is_sender` holds for unused attachments only, `sees_instance` for used ones only.
    """
    relations = {Relation.SENDER: is_sender, Relation.VIEWER: sees_instance}
    return not ALLOWED[Action.DOWNLOAD].isdisjoint(relation for relation, has in relations.items() if has)


def may_reveal(actor: Actor, streets: Iterable[str]) -> bool:
    """Tell whether the actor may open a vault entry of an instance that concerns these streets.

    People only – no program, and not the server itself – who are administrators or lead one of the streets
    (domain rule: a reporter is reached through the street; departments never see who reported).
    """
    if actor.kind != "user":
        return False
    relations = _own_relations(actor)
    if not find_led_units(actor.groups).isdisjoint(streets):
        relations.add(Relation.STREET_LEAD)
    return _allows(actor, Action.REVEAL, relations)


def find_led_units(groups: Iterable[str]) -> frozenset[str]:
    """Return the units that a holder of these groups leads: those of a role such as `street_lead` or `dept_head`."""
    pairs = (group.partition("@") for group in groups)
    return frozenset(unit for role, _, unit in pairs if unit and role.rpartition("_")[2] in LEADING)


def find_units(groups: Iterable[str]) -> frozenset[str]:
    """Return the units of groups such as `desk@jinxiu`."""
    return frozenset(unit for _, _, unit in (group.partition("@") for group in groups) if unit)


def _allows(actor: Actor, action: Action, relations: Iterable[Relation], subject: str = EVERYTHING) -> bool:
    return not ALLOWED[action].isdisjoint(relations) and is_within_limits(actor, action, subject)


def _covers(names: frozenset[str], subject: str) -> bool:
    """Tell whether names cover a subject; for any subject (`*`) one name is enough."""
    return bool(names) if subject == EVERYTHING else bool(names & {subject, EVERYTHING})


def _own_relations(actor: Actor) -> set[Relation]:
    """Return what the actor is, whatever the record."""
    if actor.kind == "system":
        return {Relation.SYSTEM}
    relations = {Relation.ADMIN} if actor.admin else set()
    if actor.kind == "user":
        return relations | {Relation.PERSON}
    given = {
        Relation.READER: actor.scopes.read,
        Relation.DEPLOYER: actor.scopes.deploy,
        Relation.ANY_STARTER: bool(actor.scopes.start),
    }
    return relations | {relation for relation, has in given.items() if has}


def _starter_relation(actor: Actor, process_id: str) -> set[Relation]:
    starts = actor.kind == "client" and bool(actor.scopes.start & {process_id, EVERYTHING})
    return {Relation.STARTER} if starts else set()


def _task_relations(actor: Actor, task: UserTask) -> set[Relation]:
    relations = _own_relations(actor)
    if actor.kind == "system":
        return relations
    if task.assignee == actor.name:
        relations.add(Relation.ASSIGNEE)
    if _is_candidate(actor, task):
        relations.add(Relation.CANDIDATE)
        if task.assignee is None:
            relations.add(Relation.CANDIDATE_OF_UNCLAIMED)
    if find_led_units(actor.groups) & find_units(task.candidate_groups):
        relations.add(Relation.LEAD)
    for one in actor.stands_in_for:
        if _stands_in(one, task):
            relations.add(Relation.SUBSTITUTE)
            if task.assignee in (None, one.name):
                relations.add(Relation.SUBSTITUTE_IN_TURN)
    return relations


def _is_candidate(actor: Actor, task: UserTask) -> bool:
    return actor.name in task.candidate_users or not actor.groups.isdisjoint(task.candidate_groups)


def _stands_in(one: StandIn, task: UserTask) -> bool:
    """Tell whether the task is the absent person's, and among what their substitute looks after."""
    if not one.groups.isdisjoint(task.candidate_groups):
        return True
    return one.wholly and (task.assignee == one.name or one.name in task.candidate_users)
