"""Modification: an operator moves the tokens of a running instance where the diagram would not have led them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from server import access
from server.engine.modification import modify
from server.engine.returns import find_returns, return_to
from server.errors import Conflict, Forbidden, NotFound
from server.service.process_instances import find_visible_instance, may_see, open_instance
from server.service.scopes import read_execution
from server.service.transactions import retried_once

if TYPE_CHECKING:
    from server.access import Actor
    from server.model import ElementInstance, Modification, ModificationResult, VariableInstruction
    from server.service.context import Context
    from server.service.steps import Step
    from server.store import Reading, Transaction


@dataclass(frozen=True, slots=True)
class ReturnTarget:
    """An earlier element that a token may go back to, with the name that its diagram gives it."""

    element_id: str
    name: str | None


@retried_once
def modify_process_instance(context: Context, actor: Actor, key: int, wanted: Modification) -> None:
    """Activate, move and terminate elements of a root or called instance; all of it happens or nothing.

    What is opened runs on as after any step; in an instance that stands still it waits for the resumption. Raises
    `NotFound`, `Forbidden`, `InvalidArgument` and `Conflict`.
    """
    with context.store.transaction() as tx:
        modify_within(context, tx, actor, key, wanted)


def modify_within(context: Context, tx: Transaction, actor: Actor, key: int, wanted: Modification) -> None:
    """Modify an instance in a transaction that does more; raises likewise."""
    instance = find_visible_instance(tx, actor, key)
    if not access.may_operate(actor, instance.process_id):
        raise Forbidden("only administrators, and clients with that scope, modify process instances")
    step = open_instance(context, tx, actor, instance.root_key)
    step.note("MODIFY", "PROCESS_INSTANCE", key)
    _note(step, modify(step.execution, key, _protect(step, wanted)))
    step.save()


def list_return_targets(context: Context, actor: Actor, element_instance_key: int) -> tuple[ReturnTarget, ...]:
    """Return the user tasks to which the token of an active element instance may go back, the oldest first.

    Source of the rule: `engine.returns`. Raises `NotFound`, `Forbidden`, and `Conflict` when it is not active.
    """
    with context.store.reading() as reading:
        place = _find(reading, actor, element_instance_key).place
        execution = read_execution(context, reading, place.root_key)
        if execution is None:
            raise Conflict(f"expected the element instance {element_instance_key} to be active, but it has ended")
        visited = reading.completed_elements(place.process_instance_key)
        found = find_returns(execution, element_instance_key, visited)
        nodes = execution.definitions.process(place.process_definition_key).nodes
        return tuple(ReturnTarget(element_id, nodes[element_id].name) for element_id in found)


@retried_once
def return_element_instance(context: Context, actor: Actor, element_instance_key: int, element_id: str) -> None:
    """Send the token of an active element instance back to an earlier activity of the same scope.

    Raises `NotFound`, `Forbidden`, and `Conflict` with the reason why it may not go back there.
    """
    with context.store.transaction() as tx:
        return_within(context, tx, actor, element_instance_key, element_id)


def return_within(context: Context, tx: Transaction, actor: Actor, element_instance_key: int, element_id: str) -> None:
    """Send a token back in a transaction that does more; raises likewise."""
    place = _find(tx, actor, element_instance_key).place
    step = open_instance(context, tx, actor, place.root_key)
    visited = tx.completed_elements(place.process_instance_key)
    step.note("RETURN", "ELEMENT_INSTANCE", element_instance_key)
    _note(step, return_to(step.execution, element_instance_key, element_id, visited))
    step.save()


def _find(reading: Reading, actor: Actor, key: int) -> ElementInstance:
    found = reading.element_instance(key)
    instance = None if found is None else reading.process_instance(found.place.process_instance_key)
    if found is None or instance is None or not may_see(reading, actor, instance):
        raise NotFound(f"there is no element instance with key {key}")
    if not access.may_operate(actor, instance.process_id):
        raise Forbidden("only administrators, and clients with that scope, return element instances")
    return found


def _note(step: Step, result: ModificationResult) -> None:
    """Add a line to the audit log for each element that was asked for, and for each that this has ended."""
    for element_id in result.activated:
        step.note("ACTIVATE", "ELEMENT", element_id)
    for key in result.terminated:
        step.note("TERMINATE", "ELEMENT_INSTANCE", key)


def _protect(step: Step, wanted: Modification) -> Modification:
    """Take private values out of everything that the instructions write."""

    def protect(instructions: tuple[VariableInstruction, ...]) -> tuple[VariableInstruction, ...]:
        return tuple(replace(one, variables=step.protect_everywhere(one.variables)) for one in instructions)

    return replace(
        wanted,
        activate=tuple(replace(one, variables=protect(one.variables)) for one in wanted.activate),
        move=tuple(replace(one, variables=protect(one.variables)) for one in wanted.move),
    )
