"""Co-signers of a task (加签, 减签): whose agreement it waits for before it can be completed.

A task that the diagram draws for each of several people (会签, 或签 as a multi-instance activity) gets or loses an
instance instead: there the completion condition of the diagram says when it is enough.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from server import access
from server.access import Action
from server.engine.modification import modify
from server.errors import Conflict, Forbidden, NotFound
from server.governance.co_signing import find_turn
from server.model import (
    ActivateInstruction,
    Condition,
    CoSigner,
    EventKind,
    HandOffKind,
    Modification,
    Query,
    Selection,
    SigningRule,
    Stage,
    UserTaskState,
    VariableInstruction,
)
from server.service.announcements import tell_of_task
from server.service.colleagues import require_colleague
from server.service.definitions import DefinitionReader
from server.service.hand_offs import note_hand_off, require_hand
from server.service.process_instances import open_instance
from server.service.transactions import retried_once
from server.service.user_tasks import open_user_task

if TYPE_CHECKING:
    from server.access import Actor
    from server.catalog.model import MultiInstance
    from server.model import UserTask
    from server.service.context import Context
    from server.service.steps import Step
    from server.store import Transaction

MOST_CO_SIGNERS = 50


@dataclass(frozen=True, slots=True)
class CoSignerRequest:
    """Who shall sign, before or after the holder, each of them or one of them."""

    names: tuple[str, ...]
    stage: Stage = Stage.BEFORE
    rule: SigningRule = SigningRule.ALL


@retried_once
def add_co_signers(context: Context, actor: Actor, key: int, request: CoSignerRequest, reason: str) -> None:
    """Let a task wait for the agreement of further people. Raises `InvalidArgument`, `Forbidden`, `Conflict`."""
    names = tuple(dict.fromkeys(request.names))
    with context.store.transaction() as tx:
        task = open_user_task(tx, actor, key)
        require_hand(actor, Action.CHANGE_CO_SIGNERS, task)
        for name in names:
            require_colleague(context, tx, name)
        marker = _find_marker(context, tx, task)
        if marker is not None:
            _add_instances(open_instance(context, tx, actor, task.place.root_key), task, names, marker)
        else:
            tx.replace_user_task(task, replace(task, co_signers=_extend(task, names, request)))
            tell_of_task(context, tx, actor, EventKind.TASK_ASSIGNED, task, names)
        note_hand_off(context, tx, actor, task, HandOffKind.CO_SIGNER_ADDITION, reason, recipients=names)


@retried_once
def remove_co_signer(context: Context, actor: Actor, key: int, name: str, reason: str) -> None:
    """No longer wait for the agreement of a person who has not given it. Raises `NotFound`, `Forbidden`, `Conflict`."""
    with context.store.transaction() as tx:
        task = open_user_task(tx, actor, key)
        require_hand(actor, Action.CHANGE_CO_SIGNERS, task)
        if _find_marker(context, tx, task) is not None:
            _remove_instance(open_instance(context, tx, actor, task.place.root_key), tx, task, name)
        else:
            found = [one for one in task.co_signers if one.name == name and one.stage is not Stage.HOLDER]
            if not found:
                raise NotFound(f"{name!r:.80} is no co-signer of the user task {key}")
            if any(one.agrees for one in found):
                raise Conflict(f"expected a co-signer who has not agreed yet, but {name} has")
            kept = tuple(one for one in task.co_signers if one not in found)
            tx.replace_user_task(task, replace(task, co_signers=kept))
        note_hand_off(context, tx, actor, task, HandOffKind.CO_SIGNER_REMOVAL, reason, recipients=(name,))


@retried_once
def sign_user_task(context: Context, actor: Actor, key: int, *, agrees: bool, opinion: str) -> None:
    """Sign a task: as a co-signer whose turn it is, or as the holder before those who sign after them.

    Whoever does not agree keeps the task from being completed, until they sign once more or are no longer asked.
    Raises `Forbidden`, and `Conflict` when it is not their turn.
    """
    with context.store.transaction() as tx:
        task = open_user_task(tx, actor, key)
        if not access.may_hand_on(actor, Action.SIGN_TASK, task):
            raise Forbidden("only co-signers and who holds the task sign it")
        holder = task.assignee if access.holds_task(actor, task) else None
        turn = find_turn(task.co_signers, access.find_own_names(actor), holder)
        if turn is None:
            raise Conflict("expected that it is your turn to sign, but you have signed, or others sign before you")
        if turn.stage is Stage.HOLDER and not agrees:
            raise Conflict("expected the holder to agree: who does not returns the task, or leaves it as it is")
        signed = replace(
            turn,
            agrees=agrees,
            opinion=opinion,
            signed_at=context.now(),
            signed_by=None if turn.name == actor.name else actor.name,
        )
        others = tuple(signed if one is turn else one for one in task.co_signers)
        kept = (*others, signed) if turn.stage is Stage.HOLDER else others
        tx.replace_user_task(task, replace(task, co_signers=kept))
        note_hand_off(context, tx, actor, task, HandOffKind.SIGNATURE, opinion, recipients=(turn.name,))


def _find_marker(context: Context, tx: Transaction, task: UserTask) -> MultiInstance | None:
    executable = DefinitionReader(context.definitions, tx).process(task.place.process_definition_key)
    return executable.nodes[task.place.element_id].multi_instance


def _extend(task: UserTask, names: tuple[str, ...], request: CoSignerRequest) -> tuple[CoSigner, ...]:
    known = {one.name for one in task.co_signers if one.stage is not Stage.HOLDER} | {task.assignee}
    for name in names:
        if name in known:
            raise Conflict(f"expected somebody who neither holds nor signs the task, but {name} does")
    added = (CoSigner(name, request.stage, request.rule) for name in names)
    extended = (*task.co_signers, *added)
    if len(extended) > MOST_CO_SIGNERS:
        raise Conflict(f"expected at most {MOST_CO_SIGNERS} co-signers, found {len(extended)}")
    return extended


def _add_instances(step: Step, task: UserTask, names: tuple[str, ...], marker: MultiInstance) -> None:
    """Begin the multi-instance activity for further people: its items must be names of people."""
    place = task.place
    item = marker.input_element
    if item is None or not isinstance(step.visible_variables(place.element_instance_key).get(item), str):
        raise Conflict(
            f"expected the items of {place.element_id!r} to be names of people, found others: an operator adds to them "
            "by a modification"
        )
    body = step.execution.tokens[place.element_instance_key].workflow.key
    further = tuple(
        ActivateInstruction(place.element_id, body, (VariableInstruction({item: name}, place.element_id),))
        for name in names
    )
    modify(step.execution, place.process_instance_key, Modification(activate=further))
    opened = [one for one in step.save().user_tasks_created if one.place.element_id == place.element_id]
    for name in names if not marker.is_sequential else ():
        if not any(name == one.assignee or name in one.candidate_users for one in opened):
            raise Conflict(f"expected {place.element_id!r} to fall to its item, but its diagram gives it to others")


def _remove_instance(step: Step, tx: Transaction, task: UserTask, name: str) -> None:
    place = task.place
    waiting = (
        Condition("process_instance_key", "eq", place.process_instance_key),
        Condition("element_id", "eq", place.element_id),
        Condition("state", "eq", UserTaskState.CREATED),
    )
    body = step.execution.tokens[place.element_instance_key].workflow
    beside = [
        one
        for one in tx.search_user_tasks(Query(waiting, limit=1000)).items
        if step.execution.tokens[one.place.element_instance_key].workflow is body
    ]
    theirs = [one for one in beside if name == one.assignee or name in one.candidate_users]
    if not theirs:
        raise NotFound(f"{name!r:.80} has no open instance of {place.element_id!r}")
    if len(theirs) == len(beside):
        raise Conflict("expected somebody else who still has to sign, but nobody would be left")
    gone = tuple(Selection(one.place.element_instance_key) for one in theirs)
    modify(step.execution, place.process_instance_key, Modification(terminate=gone))
    step.save()
