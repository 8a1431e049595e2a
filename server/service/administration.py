"""What every change of people and programs shares: who may make it, and its line in the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import access
from server.errors import Forbidden
from server.model import AuditEntry

if TYPE_CHECKING:
    from server.access import Actor
    from server.service.context import Context
    from server.store import Transaction


def require_management(actor: Actor) -> None:
    """Raise `Forbidden` unless the actor may change people and programs."""
    if not access.may_manage_identity(actor):
        raise Forbidden("Only administrators may change users, clients and tokens of others.")


def require_owner(actor: Actor, name: str) -> None:
    """Raise `Forbidden` unless the actor is this person or may change people."""
    if not access.may_manage_credentials(actor, name):
        raise Forbidden("Only the person and administrators may do this, and no token that is limited to scopes.")


def note_change(context: Context, tx: Transaction, actor: Actor, operation: str, entity_type: str, key: str) -> None:
    """Add the line of a change to the audit log."""
    tx.add_audit([AuditEntry(context.now(), actor.name, operation, entity_type, key)])
