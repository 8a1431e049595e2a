"""The table of rights: for every action the relations to a record that allow it. Pure.

Any one relation is enough, and what is not listed is refused. `access` finds the relations and looks them up here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    HOLDER = "assignee, or their substitute"
    OWNER = "who has delegated the task, or their substitute in everything"
    CO_SIGNER = "whose signature the task waits for or has, or their substitute in everything"
    COPIED = "who got a copy of the task or the instance, or their substitute in everything"
    COMPLETER = "who completed the task"
    INITIATOR = "who started the instance"
    INITIATOR_IN_TIME = "who started the instance, as long as no task of it is completed"
    LEAD_OF_INITIATOR = "lead of a unit of the person who started the instance"
    AUTHOR = "author of the comment"
    CREATOR = "who has begun the batch operation"
    INVOLVED = "involved in the instance"
    STREET_STAFF = "person of a street that the instance concerns, who may see the instance or leads the street"
    STREET_LEAD = "lead of a street that the instance concerns, and not who asked"
    ADMIN_FOR_LEAD = "administrator, and not who asked, where no street that the instance concerns has another lead"
    APPROVED_ASKER = "who asked to see a vault entry, while the approval of a second person holds"
    COMMITTEE_MEMBER = "chair, deputy, secretary or member of the committee, or who stands in for a member"
    ABOVE_COMMITTEE = "lead of the street that the committee belongs to, or the district's office"
    SENDER = "sender of an attachment that is not used yet"
    VIEWER = "who may see the instance that an attachment belongs to"
    STARTER = "client that may start the process"
    ANY_STARTER = "client that may start some process"
    WORKER = "client that may work on the job type"
    TASK_CLIENT = "client that may work on the user tasks of the process"
    OPERATOR = "client that may operate the process"
    READER = "client that may read"
    DEPLOYER = "client that may deploy"


class Action(StrEnum):
    """What can be done to a record."""

    SEE_TASK = "see a user task"
    CLAIM_TASK = "take an unclaimed user task, or give back one's own"
    ASSIGN_TASK = "hand a user task to another person, or take it from one"
    UPDATE_TASK = "change dates, priority and candidates of a user task"
    COMPLETE_TASK = "complete a user task"
    TRANSFER_TASK = "give a user task to another person or group for good (转办)"
    DELEGATE_TASK = "have another person do a user task and get it back (委派)"
    HAND_BACK_TASK = "hand a delegated user task back to who delegated it, or take it back"
    RETURN_TASK = "send the work back to an earlier user task (退回)"
    WITHDRAW_TASK = "take a completed user task back while nobody has begun the next one (撤回)"
    CHANGE_CO_SIGNERS = "add and remove co-signers of a user task (加签, 减签)"
    SIGN_TASK = "sign a user task (会签, 或签)"
    COPY_TASK = "send copies of a user task (抄送)"
    COPY_INSTANCE = "send copies of a process instance (抄送)"
    REMIND_TASK = "remind who has a user task to do (催办)"
    REMIND_INSTANCE = "remind everybody who has to do something in a process instance (催办)"
    VOID_INSTANCE = "end a process instance for a reason (作废)"
    COMMENT_TASK = "comment on a user task"
    COMMENT_INSTANCE = "comment on a process instance"
    EDIT_COMMENT = "change the text of a comment"
    DELETE_COMMENT = "delete a comment"
    READ_EARLIER_COMMENTS = "read texts of comments that were replaced or deleted"
    SEE_INSTANCE = "see a process instance and its variables"
    SEE_ALL_INSTANCES = "see every process instance"
    SEE_ALL_TASKS = "see every user task"
    SEE_DEFINITION = "see a process definition"
    START = "start a process instance"
    DEPLOY = "deploy resources"
    OPERATE = "resolve incidents, cancel, suspend, modify, migrate instances of a process, write their variables"
    SEE_BATCH = "see a batch operation and what came of its items"
    STEER_BATCH = "suspend, resume and cancel a batch operation"
    ADMINISTER = "see and retry deliveries and signals, keep webhooks"
    SEE_INCIDENTS = "see incidents of a process"
    WORK_JOB = "activate, complete and fail jobs"
    PUBLISH = "publish and correlate messages, broadcast signals"
    READ_LISTS = "read the lists"
    SEE_CASES = "see cases, unless they are about one's own unit"
    KEEP_MEETING_PLANS = "add and change meeting plans"
    SEE_MEETING = "see a meeting with its attendance, votes and minutes"
    KEEP_CALENDAR = "change the working-day calendar"
    MANAGE_IDENTITY = "add and change users, clients, tokens and units"
    ARRANGE_ABSENCE = "say who stands in for a person, and when"
    MANAGE_CREDENTIALS = "see, add and revoke tokens, end sessions, change the password"
    READ_NOTIFICATIONS = "read one's own notifications"
    SET_PREFERENCES = "say how a person is told of what happens"
    UPLOAD = "upload an attachment"
    DOWNLOAD = "download an attachment"
    SEE_AUDIT = "read the audit log"
    ASK_REVEAL = "ask to see who reported, or how to reach them"
    DECIDE_REVEAL = "approve or refuse that somebody sees who reported, or how to reach them"
    REVEAL = "see who reported, or how to reach them"
    KEEP_RETENTION = "say how long what is kept, and see what was erased"


class Grant(StrEnum):
    """A scope that a person's token may be limited to."""

    READ = "read what the person may see"
    TASKS = "see, take and complete the person's tasks"
    START = "start processes of these ids"
    JOBS = "work on jobs of these types"
    DEPLOY = "deploy"


_OPERATORS = frozenset({Relation.SYSTEM, Relation.ADMIN})
_OBSERVERS = _OPERATORS | {Relation.READER}
_HANDS = frozenset({Relation.ASSIGNEE, Relation.CANDIDATE, Relation.LEAD, Relation.SUBSTITUTE})
"""Who may have to do with a task from the diagram, or as a lead."""
_READERS = frozenset({Relation.OWNER, Relation.CO_SIGNER, Relation.COPIED})
"""Whom others have brought in."""
_IN_CHARGE = _OPERATORS | {Relation.HOLDER, Relation.LEAD}

ALLOWED: Mapping[Action, frozenset[Relation]] = {
    Action.SEE_TASK: _OBSERVERS | _HANDS | _READERS | {Relation.TASK_CLIENT},
    Action.CLAIM_TASK: _OPERATORS
    | {
        Relation.TASK_CLIENT,
        Relation.ASSIGNEE,
        Relation.CANDIDATE_OF_UNCLAIMED,
        Relation.LEAD,
        Relation.SUBSTITUTE_IN_TURN,
    },
    Action.ASSIGN_TASK: _OPERATORS | {Relation.LEAD, Relation.TASK_CLIENT},
    Action.UPDATE_TASK: _OPERATORS | {Relation.LEAD},
    Action.COMPLETE_TASK: _OPERATORS
    | {Relation.TASK_CLIENT, Relation.ASSIGNEE, Relation.CANDIDATE_OF_UNCLAIMED, Relation.SUBSTITUTE_IN_TURN},
    Action.TRANSFER_TASK: _IN_CHARGE,
    Action.DELEGATE_TASK: _IN_CHARGE,
    Action.HAND_BACK_TASK: _IN_CHARGE | {Relation.OWNER},
    Action.RETURN_TASK: _IN_CHARGE,
    Action.WITHDRAW_TASK: frozenset({Relation.COMPLETER}),
    Action.CHANGE_CO_SIGNERS: _IN_CHARGE,
    Action.SIGN_TASK: frozenset({Relation.CO_SIGNER, Relation.HOLDER}),
    Action.COPY_TASK: _OPERATORS | _HANDS | {Relation.OWNER},
    Action.COPY_INSTANCE: _OPERATORS | {Relation.INITIATOR, Relation.LEAD_OF_INITIATOR},
    Action.REMIND_TASK: _OPERATORS | {Relation.LEAD, Relation.INITIATOR, Relation.OWNER, Relation.COPIED},
    Action.REMIND_INSTANCE: _OPERATORS | {Relation.INITIATOR, Relation.LEAD_OF_INITIATOR, Relation.COPIED},
    Action.VOID_INSTANCE: _OPERATORS | {Relation.INITIATOR_IN_TIME, Relation.LEAD_OF_INITIATOR},
    Action.COMMENT_TASK: _OPERATORS | _HANDS | _READERS,
    Action.COMMENT_INSTANCE: _OPERATORS | {Relation.INVOLVED},
    Action.EDIT_COMMENT: frozenset({Relation.AUTHOR}),
    Action.DELETE_COMMENT: frozenset({Relation.AUTHOR, Relation.ADMIN}),
    Action.READ_EARLIER_COMMENTS: frozenset({Relation.ADMIN}),
    Action.SEE_INSTANCE: _OBSERVERS | {Relation.INVOLVED, Relation.OPERATOR},
    Action.SEE_ALL_INSTANCES: _OBSERVERS,
    Action.SEE_ALL_TASKS: _OBSERVERS,
    Action.SEE_DEFINITION: _OBSERVERS | {Relation.PERSON, Relation.STARTER, Relation.OPERATOR, Relation.DEPLOYER},
    Action.START: _OPERATORS | {Relation.PERSON, Relation.STARTER},
    Action.DEPLOY: _OPERATORS | {Relation.DEPLOYER},
    Action.OPERATE: _OPERATORS | {Relation.OPERATOR},
    Action.SEE_BATCH: _OBSERVERS | {Relation.CREATOR},
    Action.STEER_BATCH: _OPERATORS | {Relation.CREATOR},
    Action.ADMINISTER: _OPERATORS,
    Action.SEE_INCIDENTS: _OBSERVERS | {Relation.OPERATOR},
    Action.WORK_JOB: _OPERATORS | {Relation.WORKER},
    Action.PUBLISH: _OPERATORS | {Relation.ANY_STARTER},
    Action.READ_LISTS: _OBSERVERS | {Relation.PERSON},
    Action.SEE_CASES: _OBSERVERS | {Relation.PERSON},
    Action.KEEP_MEETING_PLANS: _OPERATORS,
    Action.SEE_MEETING: _OBSERVERS | {Relation.COMMITTEE_MEMBER, Relation.ABOVE_COMMITTEE},
    Action.KEEP_CALENDAR: _OPERATORS,
    Action.MANAGE_IDENTITY: _OPERATORS,
    Action.MANAGE_CREDENTIALS: _OPERATORS | {Relation.ONESELF},
    Action.ARRANGE_ABSENCE: _OPERATORS | {Relation.ONESELF, Relation.LEAD},
    Action.READ_NOTIFICATIONS: frozenset({Relation.PERSON}),
    Action.SET_PREFERENCES: _OPERATORS | {Relation.ONESELF},
    Action.UPLOAD: _OPERATORS | {Relation.PERSON, Relation.ANY_STARTER},
    Action.DOWNLOAD: frozenset({Relation.SENDER, Relation.VIEWER}),
    Action.SEE_AUDIT: _OPERATORS,
    Action.ASK_REVEAL: frozenset({Relation.ADMIN, Relation.STREET_STAFF}),
    Action.DECIDE_REVEAL: frozenset({Relation.STREET_LEAD, Relation.ADMIN_FOR_LEAD}),
    Action.REVEAL: frozenset({Relation.APPROVED_ASKER}),
    Action.KEEP_RETENTION: _OPERATORS,
}

GRANTED_BY: Mapping[Action, frozenset[Grant]] = {
    Action.SEE_TASK: frozenset({Grant.READ, Grant.TASKS}),
    Action.CLAIM_TASK: frozenset({Grant.TASKS}),
    Action.ASSIGN_TASK: frozenset({Grant.TASKS}),
    Action.UPDATE_TASK: frozenset({Grant.TASKS}),
    Action.COMPLETE_TASK: frozenset({Grant.TASKS}),
    Action.TRANSFER_TASK: frozenset({Grant.TASKS}),
    Action.DELEGATE_TASK: frozenset({Grant.TASKS}),
    Action.HAND_BACK_TASK: frozenset({Grant.TASKS}),
    Action.RETURN_TASK: frozenset({Grant.TASKS}),
    Action.WITHDRAW_TASK: frozenset({Grant.TASKS}),
    Action.CHANGE_CO_SIGNERS: frozenset({Grant.TASKS}),
    Action.SIGN_TASK: frozenset({Grant.TASKS}),
    Action.COPY_TASK: frozenset({Grant.TASKS}),
    Action.COPY_INSTANCE: frozenset({Grant.TASKS}),
    Action.REMIND_TASK: frozenset({Grant.TASKS}),
    Action.REMIND_INSTANCE: frozenset({Grant.TASKS}),
    Action.VOID_INSTANCE: frozenset({Grant.TASKS}),
    Action.COMMENT_TASK: frozenset({Grant.TASKS}),
    Action.COMMENT_INSTANCE: frozenset({Grant.TASKS}),
    Action.EDIT_COMMENT: frozenset({Grant.TASKS}),
    Action.DELETE_COMMENT: frozenset({Grant.TASKS}),
    Action.READ_EARLIER_COMMENTS: frozenset(),
    Action.SEE_INSTANCE: frozenset({Grant.READ, Grant.START}),
    Action.SEE_ALL_INSTANCES: frozenset({Grant.READ}),
    Action.SEE_ALL_TASKS: frozenset({Grant.READ}),
    Action.SEE_DEFINITION: frozenset({Grant.READ, Grant.START, Grant.DEPLOY}),
    Action.START: frozenset({Grant.START}),
    Action.DEPLOY: frozenset({Grant.DEPLOY}),
    Action.OPERATE: frozenset(),
    Action.SEE_BATCH: frozenset({Grant.READ}),
    Action.STEER_BATCH: frozenset(),
    Action.ADMINISTER: frozenset(),
    Action.SEE_INCIDENTS: frozenset({Grant.READ}),
    Action.WORK_JOB: frozenset({Grant.JOBS}),
    Action.PUBLISH: frozenset({Grant.START}),
    Action.READ_LISTS: frozenset({Grant.READ}),
    Action.SEE_CASES: frozenset({Grant.READ}),
    Action.KEEP_MEETING_PLANS: frozenset(),
    Action.SEE_MEETING: frozenset({Grant.READ}),
    Action.KEEP_CALENDAR: frozenset(),
    Action.MANAGE_IDENTITY: frozenset(),
    Action.MANAGE_CREDENTIALS: frozenset(),
    Action.ARRANGE_ABSENCE: frozenset(),
    Action.READ_NOTIFICATIONS: frozenset({Grant.READ, Grant.TASKS}),
    Action.SET_PREFERENCES: frozenset(),
    Action.UPLOAD: frozenset({Grant.START, Grant.TASKS}),
    Action.DOWNLOAD: frozenset({Grant.READ, Grant.TASKS}),
    Action.SEE_AUDIT: frozenset(),
    Action.ASK_REVEAL: frozenset(),
    Action.DECIDE_REVEAL: frozenset(),
    Action.REVEAL: frozenset(),
    Action.KEEP_RETENTION: frozenset(),
}
"""For every action the scopes of a person's token any of which it needs; without any, no limited token will do."""
