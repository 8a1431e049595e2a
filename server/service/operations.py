"""What operators do to one running instance, each with the reason that they give for it.

The reason stands among the hand-offs of the instance, where everybody reads it who sees the instance, and is erased
with it. Of the line of the audit log that says so it is the payload: its hash shows that the reason is the one given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.errors import InvalidArgument, NotFound
from server.model import (
    AncestorRule,
    AuditEntry,
    HandOff,
    HandOffKind,
    Modification,
    MoveInstruction,
    Selection,
)
from server.service.audit_chain import hash_payload, make_salt
from server.service.migration import MigrationRequest, migrate_within
from server.service.modification import modify_within, return_within
from server.service.process_instances import cancel_within
from server.service.suspension import resume_within, suspend_within
from server.service.transactions import retried_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.access import Actor
    from server.service.context import Context
    from server.store import Transaction

LONGEST_REASON = 2000


def suspend_instance(context: Context, actor: Actor, key: int, reason: str) -> None:
    """Let a root instance stand still; raises as `suspend_process_instance`, and `InvalidArgument` without a reason."""
    _operate(context, actor, key, HandOffKind.SUSPENSION, reason, lambda tx: suspend_within(context, tx, actor, key))


def resume_instance(context: Context, actor: Actor, key: int, reason: str) -> None:
    """Let a suspended root instance go on; raises likewise."""
    _operate(context, actor, key, HandOffKind.RESUMPTION, reason, lambda tx: resume_within(context, tx, actor, key))


def cancel_instance(context: Context, actor: Actor, key: int, reason: str) -> None:
    """Cancel a root instance with everything in it; raises likewise."""
    _operate(context, actor, key, HandOffKind.CANCELLATION, reason, lambda tx: cancel_within(context, tx, actor, key))


def migrate_instance(context: Context, actor: Actor, key: int, request: MigrationRequest, reason: str) -> None:
    """Move an instance to another definition; raises likewise, with a problem for each thing that cannot move."""
    _operate(
        context, actor, key, HandOffKind.MIGRATION, reason, lambda tx: migrate_within(context, tx, actor, key, request)
    )


def return_token(context: Context, actor: Actor, element_instance_key: int, element_id: str, reason: str) -> None:
    """Send the token of an active element instance back to an earlier activity; raises likewise."""
    place = _find_place(context, element_instance_key)
    _operate(
        context,
        actor,
        place,
        HandOffKind.MOVE,
        reason,
        lambda tx: return_within(context, tx, actor, element_instance_key, element_id),
        element_id,
    )


def move_token(context: Context, actor: Actor, element_instance_key: int, element_id: str, reason: str) -> None:
    """Move the token of an active element instance to any element, whatever the diagram says; raises likewise."""
    key = _find_place(context, element_instance_key)
    source = Selection(element_instance_key=element_instance_key)
    wanted = Modification(move=(MoveInstruction(source, element_id, AncestorRule.INFERRED),))
    _operate(
        context,
        actor,
        key,
        HandOffKind.MOVE,
        reason,
        lambda tx: modify_within(context, tx, actor, key, wanted),
        element_id,
    )


def _find_place(context: Context, element_instance_key: int) -> int:
    """Return the key of the process instance that an element instance belongs to; who may know is asked later."""
    with context.store.glancing() as reading:
        found = reading.element_instance(element_instance_key)
    if found is None:
        raise NotFound(f"there is no element instance with key {element_instance_key}")
    return found.place.process_instance_key


@retried_once
def _operate(
    context: Context,
    actor: Actor,
    key: int,
    kind: HandOffKind,
    reason: str,
    act: Callable[[Transaction], None],
    element_id: str | None = None,
) -> None:
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise InvalidArgument(f"expected a reason of up to {LONGEST_REASON} characters, found {len(reason)}")
    with context.store.transaction() as tx:
        act(tx)
        instance = tx.process_instance(key)
        if instance is None:
            raise NotFound(f"there is no process instance with key {key}")
        now, root, salt = context.now(), instance.root_key, make_salt()
        line = HandOff(next(tx.keys), kind, root, key, None, actor.name, now, reason, element_id=element_id)
        tx.add_hand_off(line)
        digest = hash_payload({"reason": reason}, salt)
        entry = AuditEntry(
            now, actor.name, "EXPLAIN", "HAND_OFF", str(line.key), root, payload_hash=digest, payload_salt=salt
        )
        tx.add_audit([entry])
