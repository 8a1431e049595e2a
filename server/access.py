"""Who may do what: finds the relations of an actor to a record, and looks them up in the table of `rights`. Pure.

An actor stands in relations to a record (assignee of a task, member of its candidate groups, lead of its unit …).
The `may_…` functions find the relations and look them up, nothing more. Source: architecture.md, "Who may do what".

Groups are opaque strings to the engine; here `role@unit` is read for one purpose: a person with a role that ends in
`lead` or `head` leads that unit and may hand its tasks to others. A client may do nothing until it is given a scope;
the scope `*` stands for every process or every job type. A person's token may be limited to scopes, too: `GRANTED_BY`
says which of them an action needs; they only ever take away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.actors import (
    ANYBODY,
    SYSTEM,
    Actor,
    Scopes,
    StandIn,
    find_led_units,
    find_own_names,
    find_units,
    find_units_over,
)
from server.rights import ALLOWED, GRANTED_BY, Action, Grant, Relation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from server.model import ProcessDefinition, ProcessInstance, UserTask

__all__ = ["ALLOWED", "ANYBODY", "GRANTED_BY", "SYSTEM", "Action", "Actor", "Grant", "Relation", "Scopes", "StandIn"]
__all__ += ["find_led_units", "find_own_names", "find_units"]

EVERYTHING = "*"


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


def may_hand_on(actor: Actor, action: Action, task: UserTask, *, started: bool = False) -> bool:
    """Tell whether the actor may do this with an open task: hand it on, sign, copy, remind, comment.

    `started`: the actor has started its instance.
    """
    relations = _task_relations(actor, task) | ({Relation.INITIATOR} if started else set())
    return _allows(actor, action, relations)


def holds_task(actor: Actor, task: UserTask) -> bool:
    """Tell whether the actor is the assignee of the task, or does the assignee's work."""
    return Relation.HOLDER in _task_relations(actor, task)


def may_withdraw(actor: Actor, completer: str | None) -> bool:
    """Tell whether the actor may take back a task that `completer` has completed."""
    completed = actor.kind == "user" and completer == actor.name
    return _allows(actor, Action.WITHDRAW_TASK, {Relation.COMPLETER} if completed else set())


def may_handle_instance(
    actor: Actor,
    action: Action,
    instance: ProcessInstance,
    *,
    starter_groups: Iterable[str] = (),
    copied: bool = False,
    begun: bool = True,
) -> bool:
    """Tell whether the actor may remind, copy or void an instance that they may see.

    `starter_groups` are those of who started it, `copied` tells whether the actor got a copy, `begun` whether one of
    its tasks is completed.
    """
    relations = _own_relations(actor)
    if actor.kind != "system" and instance.started_by == actor.name:
        relations |= {Relation.INITIATOR} if begun else {Relation.INITIATOR, Relation.INITIATOR_IN_TIME}
    if find_led_units(actor.groups) & find_units(starter_groups):
        relations.add(Relation.LEAD_OF_INITIATOR)
    if copied:
        relations.add(Relation.COPIED)
    return _allows(actor, action, relations)


def may_comment_instance(actor: Actor) -> bool:
    """Tell whether the actor may comment on an instance that they may see: every person, no program that only reads."""
    involved = {Relation.INVOLVED} if actor.kind == "user" else set()
    return _allows(actor, Action.COMMENT_INSTANCE, _own_relations(actor) | involved)


def may_change_comment(actor: Actor, action: Action, author: str) -> bool:
    """Tell whether the actor may edit or delete a comment, or read what it said before."""
    own = {Relation.AUTHOR} if actor.kind != "system" and actor.name == author else set()
    return _allows(actor, action, _own_relations(actor) | own)


def may_see_instance(actor: Actor, instance: ProcessInstance, *, involved: bool) -> bool:
    """Tell whether the actor may know of the instance; `involved`: started it, or has or had one of its tasks."""
    relations = _own_relations(actor) | _operator_relation(actor, instance.process_id)
    if involved and (actor.kind == "user" or actor.scopes.start):
        relations.add(Relation.INVOLVED)
    return _allows(actor, Action.SEE_INSTANCE, relations)


def may_see_all_instances(actor: Actor) -> bool:
    """Tell whether a search over instances, variables and incidents needs no restriction to what concerns the actor."""
    return _allows(actor, Action.SEE_ALL_INSTANCES, _own_relations(actor))


def find_observed(actor: Actor, within: Action) -> frozenset[str] | None:
    """Return the ids of the processes of which the actor sees everything that such a search finds; None: of all.

    `within` is `Action.SEE_TASK` for user tasks, `Action.SEE_INSTANCE` for instances and what is in them. Whoever sees
    nothing in that way, like every person, gets an empty set.
    """
    everything = {Action.SEE_TASK: may_see_all_tasks, Action.SEE_INSTANCE: may_see_all_instances}
    if everything[within](actor):
        return None
    if actor.kind != "client":
        return frozenset()
    given = actor.scopes.tasks if within is Action.SEE_TASK else actor.scopes.operate
    return None if EVERYTHING in given else given


def may_see_all_tasks(actor: Actor) -> bool:
    """Tell whether a search over user tasks needs no restriction to the actor's own, groups and units."""
    return _allows(actor, Action.SEE_ALL_TASKS, _own_relations(actor))


def may_see_definition(actor: Actor, process_id: str) -> bool:
    """Tell whether the actor may see the versions, diagram and start form of a process."""
    relations = _own_relations(actor) | _starter_relation(actor, process_id) | _operator_relation(actor, process_id)
    return _allows(actor, Action.SEE_DEFINITION, relations, process_id)


def may_start(actor: Actor, definition: ProcessDefinition) -> bool:
    """Tell whether the actor may start an instance of the process: every person, and clients with that scope."""
    process_id = definition.process_id
    return _allows(actor, Action.START, _own_relations(actor) | _starter_relation(actor, process_id), process_id)


def may_deploy(actor: Actor) -> bool:
    """Tell whether the actor may deploy resources."""
    return _allows(actor, Action.DEPLOY, _own_relations(actor))


def may_operate(actor: Actor, process_id: str) -> bool:
    """Tell whether the actor may resolve incidents of a process, and cancel, suspend, change and move its instances."""
    return _allows(actor, Action.OPERATE, _own_relations(actor) | _operator_relation(actor, process_id))


def find_operated(actor: Actor) -> frozenset[str] | None:
    """Return the ids of the processes that the actor may operate; None: all."""
    if _allows(actor, Action.OPERATE, _own_relations(actor)):
        return None
    given = actor.scopes.operate if actor.kind == "client" else frozenset()
    return None if EVERYTHING in given else given


def may_see_batch(actor: Actor, creator: str) -> bool:
    """Tell whether the actor may see a batch operation that the actor of this name has begun."""
    return _allows(actor, Action.SEE_BATCH, _own_relations(actor) | _creator_relation(actor, creator))


def may_see_all_batches(actor: Actor) -> bool:
    """Tell whether a search over batch operations needs no restriction to those that the actor has begun."""
    return _allows(actor, Action.SEE_BATCH, _own_relations(actor))


def may_steer_batch(actor: Actor, creator: str) -> bool:
    """Tell whether the actor may suspend, resume and cancel a batch operation."""
    return _allows(actor, Action.STEER_BATCH, _own_relations(actor) | _creator_relation(actor, creator))


def may_administer(actor: Actor) -> bool:
    """Tell whether the actor may see and mend what belongs to no process: deliveries, signals, webhooks."""
    return _allows(actor, Action.ADMINISTER, _own_relations(actor))


def may_see_incidents(actor: Actor, process_id: str) -> bool:
    """Tell whether the actor may read incidents of a process; their messages may quote variables."""
    return _allows(actor, Action.SEE_INCIDENTS, _own_relations(actor) | _operator_relation(actor, process_id))


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


def may_see_cases(actor: Actor) -> bool:
    """Tell whether the actor may see cases, but for those of which `find_hidden_units` names the unit."""
    return _allows(actor, Action.SEE_CASES, _own_relations(actor))


def find_hidden_units(actor: Actor, parents: Mapping[str, str | None]) -> frozenset[str]:
    """Return the units about which the actor sees no case: their own, and those above them in the tree.

    The unit that a report is about never sees it, nor do its people through units below it (domain.md §9.2, rule 4).
    Whoever may see every instance is not hidden anything. `parents` maps units to the unit above.
    """
    if may_see_all_instances(actor):
        return frozenset()
    return find_units_over(actor, parents)


def may_keep_calendar(actor: Actor) -> bool:
    """Tell whether the actor may change which days are worked."""
    return _allows(actor, Action.KEEP_CALENDAR, _own_relations(actor))


def may_keep_meeting_plans(actor: Actor) -> bool:
    """Tell whether the actor may say how committees meet."""
    return _allows(actor, Action.KEEP_MEETING_PLANS, _own_relations(actor))


def may_see_meeting(actor: Actor, relations: Iterable[Relation] = ()) -> bool:
    """Tell whether the actor may see a meeting, standing to its committee as `relations` say."""
    return _allows(actor, Action.SEE_MEETING, _own_relations(actor) | set(relations))


def may_see_audit(actor: Actor) -> bool:
    """Tell whether the actor may read the audit log."""
    return _allows(actor, Action.SEE_AUDIT, _own_relations(actor))


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


def may_read_notifications(actor: Actor) -> bool:
    """Tell whether the actor has notifications of their own: people, not programs."""
    return _allows(actor, Action.READ_NOTIFICATIONS, _own_relations(actor))


def may_set_notification_preferences(actor: Actor, name: str) -> bool:
    """Tell whether the actor may see and change how a person is told: their own, or anybody's as an administrator."""
    oneself = {Relation.ONESELF} if actor.kind == "user" and actor.name == name else set()
    return _allows(actor, Action.SET_PREFERENCES, _own_relations(actor) | oneself)


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
        Grant.TASKS: bool(limits.tasks),
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


def may_ask_reveal(actor: Actor, streets: Iterable[str], *, sees_instance: bool) -> bool:
    """Tell whether the actor may ask to see a vault entry of an instance that concerns these streets.

    People only – no program, and not the server itself – who are administrators or have a role at one of the streets
    (domain rule: a reporter is reached through the street; departments never see who reported).
    """
    if actor.kind != "user":
        return False
    relations = _own_relations(actor)
    known = find_units(actor.groups) if sees_instance else find_led_units(actor.groups)
    if not known.isdisjoint(streets):
        relations.add(Relation.STREET_STAFF)
    return _allows(actor, Action.ASK_REVEAL, relations)


def may_decide_reveal(actor: Actor, asker: str, streets: Iterable[str], *, other_leads: bool) -> bool:
    """Tell whether the actor is the second person who may let `asker` see a vault entry, or refuse it.

    A lead of one of the streets that the instance concerns; an administrator where there is no lead but the asker
    (`other_leads` is false). Never the asker, and never a program.
    """
    if actor.kind != "user" or actor.name == asker:
        return False
    leads = not find_led_units(actor.groups).isdisjoint(streets)
    relations = {Relation.STREET_LEAD: leads, Relation.ADMIN_FOR_LEAD: actor.admin and not other_leads}
    return _allows(actor, Action.DECIDE_REVEAL, [relation for relation, has in relations.items() if has])


def may_reveal(actor: Actor, asker: str, *, approved: bool) -> bool:
    """Tell whether the actor may open a vault entry: who asked for it, while the second person's approval holds."""
    own = actor.kind == "user" and actor.name == asker and approved
    return _allows(actor, Action.REVEAL, [Relation.APPROVED_ASKER] if own else [])


def may_keep_retention(actor: Actor) -> bool:
    """Tell whether the actor may say how long what is kept, and see what was erased."""
    return _allows(actor, Action.KEEP_RETENTION, _own_relations(actor))


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


def _creator_relation(actor: Actor, creator: str) -> set[Relation]:
    return {Relation.CREATOR} if actor.kind != "system" and actor.name == creator else set()


def _operator_relation(actor: Actor, process_id: str) -> set[Relation]:
    operates = actor.kind == "client" and _covers(actor.scopes.operate, process_id)
    return {Relation.OPERATOR} if operates else set()


def _task_relations(actor: Actor, task: UserTask) -> set[Relation]:
    relations = _own_relations(actor)
    if actor.kind == "system":
        return relations
    if actor.kind == "client" and actor.scopes.tasks & {task.place.process_id, EVERYTHING}:
        relations.add(Relation.TASK_CLIENT)
    if task.assignee == actor.name:
        relations |= {Relation.ASSIGNEE, Relation.HOLDER}
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
            if task.assignee == one.name:
                relations.add(Relation.HOLDER)
    return relations | _reader_relations(actor, task)


def _reader_relations(actor: Actor, task: UserTask) -> set[Relation]:
    people = find_own_names(actor)
    found = {
        Relation.OWNER: task.owner in people,
        Relation.CO_SIGNER: any(one.name in people for one in task.co_signers),
        Relation.COPIED: not people.isdisjoint(task.copied_to),
    }
    return {relation for relation, has in found.items() if has}


def _is_candidate(actor: Actor, task: UserTask) -> bool:
    return actor.name in task.candidate_users or not actor.groups.isdisjoint(task.candidate_groups)


def _stands_in(one: StandIn, task: UserTask) -> bool:
    """Tell whether the task is the absent person's, and among what their substitute looks after."""
    if not one.groups.isdisjoint(task.candidate_groups):
        return True
    return one.wholly and (task.assignee == one.name or one.name in task.candidate_users)
