"""Resources: read as they were deployed, and deleted so that nothing begins with them any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import access
from server.engine import StartPlan
from server.errors import Forbidden, NotFound
from server.model import AuditEntry, ResourceKind
from server.service.definitions import DefinitionReader
from server.service.deployments import start_subscriptions
from server.service.feel_functions import feel_functions
from server.service.transactions import retried_once

if TYPE_CHECKING:
    from server.access import Actor
    from server.model import DeployedResource, ProcessDefinition
    from server.service.context import Context
    from server.store import Reading, Transaction


def get_resource(context: Context, actor: Actor, key: int) -> DeployedResource:
    """Return a deployed process definition, form or DMN file by its key; raises `NotFound`."""
    with context.store.reading() as reading:
        return _find(reading, actor, key)


def get_content(context: Context, actor: Actor, key: int) -> tuple[DeployedResource, bytes]:
    """Return a resource with its file, byte for byte; raises `NotFound`."""
    with context.store.reading() as reading:
        record = _find(reading, actor, key)
        content = reading.resource(record.deployment_key, record.resource_name)
    if content is None:
        raise NotFound(f"the file {record.resource_name} of deployment {record.deployment_key} is not stored")
    return record, content


def _find(reading: Reading, actor: Actor, key: int) -> DeployedResource:
    record = reading.deployed_resource(key)
    subject = record.resource_id if record is not None and record.kind is ResourceKind.PROCESS else ""
    if record is None or record.deleted or not access.may_see_definition(actor, subject):
        raise NotFound(f"there is no resource with key {key}")
    return record


@retried_once
def delete_resource(context: Context, actor: Actor, key: int) -> None:
    """Delete a process definition, a form, or a DMN file with all its decisions. Raises `NotFound` and `Forbidden`.

    Running instances go on to their end, as in Camunda 8.9; what a deployed diagram binds to its own deployment stays.
    The version before becomes the latest one, its start events with it; numbers of versions are never used again.
    """
    now = context.now()
    with context.store.transaction() as tx:
        record = _find(tx, actor, key)
        if not access.may_deploy(actor):
            raise Forbidden("only administrators and clients with the scope to deploy delete resources")
        latest = tx.latest_process_definition(record.resource_id) if record.kind is ResourceKind.PROCESS else None
        tx.delete_resource(record.kind, key, now)
        if latest is not None and latest.key == key:
            _begin_with(context, tx, record.resource_id, tx.latest_process_definition(record.resource_id))
        tx.add_audit([AuditEntry(now, actor.name, "DELETE", "RESOURCE", str(key))])


def _begin_with(context: Context, tx: Transaction, process_id: str, definition: ProcessDefinition | None) -> None:
    """Let the start events of the version that is now the latest take effect; dates that have passed do not return."""
    if definition is None:
        tx.replace_start_subscriptions(process_id, ())
        tx.replace_start_signals(process_id, ())
        tx.replace_start_timers(process_id, ())
        return
    process = DefinitionReader(context.definitions, tx).process(definition.key).process
    plan = StartPlan(context.now(), context.config.timezone, feel_functions(context, tx))
    place = f"{definition.resource_name}/{process_id}"
    tx.replace_start_subscriptions(process_id, start_subscriptions(process, definition.key))
    tx.replace_start_signals(process_id, plan.signals(process, definition.key, place))
    timers = plan.first_timers(process, definition.key, place)
    tx.replace_start_timers(process_id, [one for one in timers if one.due_at > context.now() or one.cycle is not None])
